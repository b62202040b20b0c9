# Azure's names on this machine: a network of its own, in which they are addresses of lo. Source it after target.bash.
# The shipped binary is what runs: no switch of it is for tests.
# shellcheck disable=SC2154 # ssisminer is of target.bash, output and status come from run

# in_azure FUNCTION: runs it with `run` in such a network, in a shell of its own that has the functions and variables
# of this one. Skips where that is not allowed.
in_azure() {
    local as=(unshare -mn)
    [ "$(id -u)" -eq 0 ] || as=(unshare -rmn)
    "${as[@]}" sh -c 'ip link set lo up && mount --bind /etc/hosts /etc/hosts' 2>/dev/null || skip "no namespaces of one's own here"
    azure_certify
    # shellcheck disable=SC2016 # the inner shell's
    run "${as[@]}" env AZURE="$BATS_RUN_TMPDIR/azure" BATS_TEST_DIRNAME="$BATS_TEST_DIRNAME" bash -c '
        set -eu
        ip link set lo up
        ip addr add 169.254.169.254/32 dev lo
        mount --bind "$AZURE/hosts" /etc/hosts
        . "$BATS_TEST_DIRNAME/sandbox.bash"
        trap sandbox_stop_all EXIT
        '"$(declare -f azure_serve azure_start ask asks said unsaid "$1")"'
        '"$1"
    echo "$output"
}

# Names, and certificates for them by a CA of this run; the key that tokens are signed with.
azure_certify() {
    local dir=$BATS_RUN_TMPDIR/azure made name
    [ ! -d "$dir" ] || return 0
    made=$(mktemp -d "$BATS_RUN_TMPDIR/azure.XXXXXX")
    printf '127.0.0.1 localhost\n' >"$made/hosts"
    for name in one.database.windows.net tr7.westeurope1-a.worker.database.windows.net two.database.windows.net \
        one.database.usgovcloudapi.net evil.example; do
        printf '127.0.0.1 %s\n' "$name" >>"$made/hosts"
    done
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj '/CN=test CA' \
        -keyout "$made/ca.key" -out "$made/ca.pem" 2>/dev/null
    azure_issue "$made" azure 'DNS:*.database.windows.net,DNS:*.database.usgovcloudapi.net,DNS:*.westeurope1-a.worker.database.windows.net,DNS:evil.example'
    azure_issue "$made" other DNS:other.example
    azure_issue "$made" old 'DNS:*.database.windows.net' -1
    openssl genrsa -out "$made/entra.key" 2048 2>/dev/null
    openssl rsa -in "$made/entra.key" -pubout -out "$made/entra.pem" 2>/dev/null
    chmod -R go+rX "$made"
    mv -T "$made" "$dir" 2>/dev/null || rm -rf "$made" # another case was faster
}

azure_issue() { # FOLDER NAME SANS [DAYS]
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$2" -keyout "$1/$2.key" -out "$1/$2.csr" 2>/dev/null
    openssl x509 -req -in "$1/$2.csr" -CA "$1/ca.pem" -CAkey "$1/ca.key" -CAcreateserial -days "${4:-2}" -out "$1/$2.pem" \
        -extfile <(printf 'subjectAltName=%s\n' "$3") 2>/dev/null
}

# ---- inside ----

# azure_start NAME PORT CERTIFICATE [serve options…]
azure_start() {
    local name=$1 port=$2 certificate=$3
    shift 3
    sandbox_start "$name" --cert "$AZURE/$certificate.pem" --key "$AZURE/$certificate.key" --port "$port" \
        --executions 150 --days 5 --seed 11 "$@"
}

# What Azure SQL is: everything encrypted, tokens taken.
azure_serve() { # NAME PORT [serve options…]
    local name=$1 port=$2
    shift 2
    azure_start "$name" "$port" azure --tls require --entra required --entra-key "$AZURE/entra.pem" "$@"
}

# ask STATUS COMMAND [options…]: on one.database.windows.net; leaves what it said in $said and $out.
ask() {
    local wanted=$1 command=$2 status=0
    shift 2
    "$ssisminer" "$command" -S "${SERVER:-one.database.windows.net}" --ca-file "$AZURE/ca.pem" --retry "${RETRY:-0}" "$@" \
        >"$SANDBOX_DIR/answer" 2>"$SANDBOX_DIR/told" </dev/null || status=$?
    said=$(cat "$SANDBOX_DIR/told") out=$(cat "$SANDBOX_DIR/answer")
    echo "$command $*: $status: $said" | cut -c1-1500
    [ "$status" -eq "$wanted" ] || return 1
    [[ $said$out != *eyJ* ]] || { echo "a token was shown"; return 1; }
}

# asks: report, duplicates and a real cleanup, with the same options each.
asks() {
    ask 0 report --since 60d "$@" || return
    [[ $out == *failed* ]] || { echo "no report: $out"; return 1; }
    ask 0 duplicates --since 60d "$@" || return
    ask 0 cleanup --execute --yes --keep 3d "$@"
}

said() { [[ $said == *"$1"* ]] || { echo "missing: $1"; return 1; }; }
unsaid() { [[ $said != *"$1"* ]] || { echo "said: $1"; return 1; }; }
