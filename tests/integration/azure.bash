# A network of its own in which Azure's names and addresses are this machine: 169.254.169.254 is one of
# lo's, /etc/hosts knows the servers and login.microsoftonline.com, and the certificate of all of them is
# vouched for by a test CA in the system's place. The program under test is the one that is shipped.
# Source it after target.bash; azure_up in setup_file, azure_down in teardown_file.

# Not here: containers may not, and a test then says so.
azure_possible() {
    if unshare -n -m ip link show >/dev/null 2>&1; then
        export AZURE_UNSHARE="-n -m" AZURE_ENTER="-n -m"
    elif unshare -r -n -m ip link show >/dev/null 2>&1; then
        export AZURE_UNSHARE="-r -n -m" AZURE_ENTER="-U -n -m --preserve-credentials"
    else
        return 1
    fi
}

needs_azure() { [ -n "${AZURE_HOLDER:-}" ] || skip "this machine does not let us make a network (unshare -n -m, ip)"; }

# certificate NAME SUBJECT-ALT-NAMES: NAME.pem and NAME.key of the test CA.
certificate() {
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$AZURE/$1.key" -out "$AZURE/$1.csr" 2>/dev/null
    openssl x509 -req -in "$AZURE/$1.csr" -CA "$AZURE/ca.pem" -CAkey "$AZURE/ca.key" -days 2 -CAcreateserial \
        -extfile <(echo "subjectAltName=$2") -out "$AZURE/$1.pem" 2>/dev/null
}

azure_files() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-ca -keyout "$AZURE/ca.key" -out "$AZURE/ca.pem" 2>/dev/null
    certificate tls DNS:login.microsoftonline.com,DNS:login.microsoftonline.us,DNS:login.partner.microsoftonline.cn
    certificate server 'DNS:*.database.windows.net,DNS:*.database.usgovcloudapi.net,DNS:*.database.chinacloudapi.cn'
    openssl genrsa -out "$AZURE/sign.key" 2048 2>/dev/null
    openssl rsa -in "$AZURE/sign.key" -pubout -out "$AZURE/sign.pub" 2>/dev/null
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=application -keyout "$AZURE/application.key" \
        -out "$AZURE/application.crt" 2>/dev/null
    cat "$AZURE/application.key" "$AZURE/application.crt" >"$AZURE/application.pem"
    openssl x509 -in "$AZURE/application.crt" -pubkey -noout >"$AZURE/application.pub"
    cat >"$AZURE/hosts" <<'EOF'
127.0.0.1 localhost
127.0.0.2 login.microsoftonline.com login.microsoftonline.us login.partner.microsoftonline.cn
127.0.0.1 srv.database.windows.net myserver.database.windows.net srv.database.usgovcloudapi.net srv.database.chinacloudapi.cn
EOF
    echo '{}' >"$AZURE/script.json"
}

# Holds the network until it is ended.
# shellcheck disable=SC2016 # the inner shell expands
azure_network() {
    # shellcheck disable=SC2086 # the options are words
    unshare $AZURE_UNSHARE sh -ec '
        ip link set lo up
        ip addr add 169.254.169.254/32 dev lo
        mount --bind "$1/hosts" /etc/hosts
        mount --bind "$1/ca.pem" /etc/ssl/certs/ca-certificates.crt
        mount -t tmpfs none /var/opt
        mkdir -p /var/opt/azcmagent/tokens
        printf the-Key-of-the-agent >/var/opt/azcmagent/tokens/agent.key
        chmod 600 /var/opt/azcmagent/tokens/agent.key
        : >"$1/network"
        exec sleep 3600' sh "$AZURE" >/dev/null 2>"$AZURE/network.err" 3>&- &
    AZURE_HOLDER=$!
    export AZURE_HOLDER
    wait_for_file "$AZURE/network" "$AZURE/network.err"
}

wait_for_file() { # FILE ERRORS
    until_so test -e "$1" || { cat "$2" >&2 && return 1; }
}

# Sets AZURE_IN, the words that bring a command into that network. They and not a function, so that $! is
# the command itself.
azure_enter() {
    # shellcheck disable=SC2206
    AZURE_IN=(nsenter -t "$AZURE_HOLDER" $AZURE_ENTER "--wd=$PWD" --)
}

azure_services() {
    "${AZURE_IN[@]}" python3 "$BATS_TEST_DIRNAME/token_service.py" "$AZURE" imds=169.254.169.254:80 \
        app-service=127.0.0.1:41056 arc=127.0.0.1:40342 authority=127.0.0.2:443 trap=127.0.0.1:3128 \
        >"$AZURE/service.out" 2>"$AZURE/service.err" 3>&- &
    AZURE_PIDS="$AZURE_PIDS $!"
    wait_for_file "$AZURE/ready" "$AZURE/service.err"
}

# azure_server NAME [serve options…]: a sandbox that plays the server on port 1433; sets AZURE_SERVER.
azure_server() {
    local name=$1
    shift
    SSISMINER_SANDBOX_PASSWORD=$SANDBOX_PASSWORD "${AZURE_IN[@]}" "$BUILD/ssisminer-sandbox" serve --port "${AZURE_PORT:-1433}" \
        --cert "$AZURE/server.pem" --key "$AZURE/server.key" --ready-file "$AZURE/$name.ready" \
        --entra required --entra-key "$AZURE/sign.pub" --log "$AZURE/$name.log" --executions 60 --days 3 "$@" \
        >"$AZURE/$name.out" 2>"$AZURE/$name.err" 3>&- &
    AZURE_SERVER=$!
    AZURE_PIDS="$AZURE_PIDS $AZURE_SERVER"
    wait_for_file "$AZURE/$name.ready" "$AZURE/$name.err"
}

azure_up() {
    azure_possible || return 0
    AZURE=$(mktemp -d "$BATS_FILE_TMPDIR/azure.XXXXXX")
    AZURE_PIDS=
    export AZURE
    azure_files
    azure_network
    azure_enter
    azure_services
    azure_server server
    export AZURE_PIDS
}

azure_down() {
    local pid
    for pid in ${AZURE_PIDS:-} ${AZURE_HOLDER:-}; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
}

# services '{"imds": ["429", "ok"]}': what they do from now on; their log begins anew.
services() {
    echo "$1" >"$AZURE/script.json"
    rm -f "$AZURE/log"
}

# asked PYTHON-EXPRESSION: evaluates it on the requests (a list of them, r) since then.
asked() {
    touch "$AZURE/log"
    python3 -c 'import json,sys; r=[json.loads(l) for l in open(sys.argv[1])]; print(eval(sys.argv[2]))' "$AZURE/log" "$1"
}
