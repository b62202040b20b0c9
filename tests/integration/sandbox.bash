# Starting and ending sandboxes, for bats files, the golden runner and benches. Source it.
# Every started process is remembered and ended by its own id.

SANDBOX_PIDS=()
SANDBOX_PASSWORD='Sandbox.1'
SANDBOX_KEEP=${BATS_FILE_TMPDIR:-${TMPDIR:-/tmp}}

# sandbox_start NAME [serve options…]: sets SANDBOX_PORT, SANDBOX_CA, SANDBOX_PID. Waits for it for
# SANDBOX_WAIT_S seconds (30).
# All sandboxes of one shell share one certificate, so that one --ca-file trusts them.
sandbox_start() {
    local name=$1 ready program=${BUILD:-build}/ssisminer-sandbox
    shift
    SANDBOX_DIR=${SANDBOX_DIR:-$(mktemp -d "$SANDBOX_KEEP/sandbox.XXXXXX")}
    if [ ! -f "$SANDBOX_DIR/cert.pem" ]; then
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
            -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' \
            -keyout "$SANDBOX_DIR/key.pem" -out "$SANDBOX_DIR/cert.pem" 2>/dev/null
    fi
    ready=$SANDBOX_DIR/$name.$RANDOM.ready
    SSISMINER_SANDBOX_PASSWORD=$SANDBOX_PASSWORD "$program" serve --port 0 \
        --cert "$SANDBOX_DIR/cert.pem" --key "$SANDBOX_DIR/key.pem" --ready-file "$ready" "$@" \
        >"$SANDBOX_DIR/$name.out" 2>"$SANDBOX_DIR/$name.err" </dev/null 3>&- &
    SANDBOX_PID=$!
    SANDBOX_PIDS+=("$SANDBOX_PID")
    for _ in $(seq $((${SANDBOX_WAIT_S:-30} * 20))); do
        [ -s "$ready" ] && break
        kill -0 "$SANDBOX_PID" 2>/dev/null || break
        sleep 0.05
    done
    if [ ! -s "$ready" ]; then
        echo "sandbox $name did not start:" >&2
        cat "$SANDBOX_DIR/$name.err" >&2
        return 1
    fi
    SANDBOX_PORT=$(sed -n 's/.*port=\([0-9]*\).*/\1/p' "$ready")
    SANDBOX_CA=$SANDBOX_DIR/cert.pem
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
