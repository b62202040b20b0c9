# Starting and ending sandboxes, for bats files, the golden runner and benches. Source it.
# Every started process is remembered and ended by its own id.

SANDBOX_PIDS=()
SANDBOX_PASSWORD='Sandbox.1'
SANDBOX_KEEP=${BATS_FILE_TMPDIR:-${TMPDIR:-/tmp}}

# One certificate for all sandboxes of a shell, or of a run of bats, so that one --ca-file trusts them.
sandbox_certify() { # FOLDER
    [ ! -f "$1/cert.pem" ] || return 0
    local made
    made=$(mktemp -d "$1/cert.XXXXXX")
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
        -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -keyout "$made/key.pem" -out "$made/cert.pem" 2>/dev/null
    # The key first: whoever sees the certificate finds its key.
    mv "$made/key.pem" "$made/cert.pem" "$1/"
    rmdir "$made"
}

# sandbox_start NAME [serve options…]: sets SANDBOX_PORT, SANDBOX_CA, SANDBOX_PID. Waits for it for
# SANDBOX_WAIT_S seconds (180).
sandbox_start() {
    local name=$1 ready certs line='' tries program=${SANDBOX_PROGRAM:-${BUILD:-build}/ssisminer-sandbox}
    shift
    SANDBOX_DIR=${SANDBOX_DIR:-$(mktemp -d "$SANDBOX_KEEP/sandbox.XXXXXX")}
    certs=${BATS_RUN_TMPDIR:-$SANDBOX_DIR}
    sandbox_certify "$certs"
    # Of its own: one that an earlier sandbox of this name and number left would tell that one's port.
    ready=$SANDBOX_DIR/$name.$RANDOM.ready
    while [ -e "$ready" ]; do ready=$SANDBOX_DIR/$name.$RANDOM.ready; done
    SSISMINER_SANDBOX_PASSWORD=$SANDBOX_PASSWORD "$program" serve --port 0 \
        --cert "$certs/cert.pem" --key "$certs/key.pem" --ready-file "$ready" "$@" \
        >"$SANDBOX_DIR/$name.out" 2>"$SANDBOX_DIR/$name.err" </dev/null 3>&- &
    SANDBOX_PID=$!
    SANDBOX_PIDS+=("$SANDBOX_PID")
    # A pipe that nobody writes to: a pause without a process.
    [ -p "$SANDBOX_DIR/pause" ] || mkfifo "$SANDBOX_DIR/pause"
    for ((tries = ${SANDBOX_WAIT_S:-180} * 50; tries > 0; tries--)); do
        [ ! -s "$ready" ] || break
        kill -0 "$SANDBOX_PID" 2>/dev/null || break
        read -rt 0.02 <>"$SANDBOX_DIR/pause" || true
    done
    if [ ! -s "$ready" ]; then
        echo "sandbox $name did not start:" >&2
        cat "$SANDBOX_DIR/$name.err" >&2
        return 1
    fi
    read -r line <"$ready" || true
    SANDBOX_PORT=${line##*port=}
    SANDBOX_PORT=${SANDBOX_PORT%%[!0-9]*}
    SANDBOX_CA=$certs/cert.pem
    SANDBOX_ERR=$SANDBOX_DIR/$name.err
    # Not SANDBOX_DIR: a process that starts sandboxes of its own has its own folder for them.
    export SANDBOX_PORT SANDBOX_CA SANDBOX_PID SANDBOX_PASSWORD SANDBOX_ERR
}

sandbox_stop() { # PID
    kill "$1" 2>/dev/null || true # it may have ended
    wait "$1" 2>/dev/null || true
}

sandbox_stop_all() {
    local pid
    for pid in "${SANDBOX_PIDS[@]}"; do
        sandbox_stop "$pid"
    done
    SANDBOX_PIDS=()
    [ -n "${SANDBOX_DIR:-}" ] && rm -rf "$SANDBOX_DIR"
    true
}

# until_so COMMAND…: until it succeeds. For a sign of what is meant, and never for a time that should do; whoever waits for
# longer than these minutes has hung.
until_so() {
    local tries
    for ((tries = 0; tries < 3600; tries++)); do
        ! "$@" || return 0
        sleep 0.05
    done
    echo "never so: $*"
    return 1
}
until_said() { until_so grep -qsF -- "$2" "$1"; } # FILE WORDS
