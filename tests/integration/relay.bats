#!/usr/bin/env bats
# The relay, as it is shipped, on servers that have Azure's names: strict, redirects, tokens, what is refused.
# Sandboxes only: each case needs a server that is made in its own way.
# shellcheck disable=SC2154 # output and status come from run, said and out from ask

bats_require_minimum_version 1.5.0
load target
load azure_names

setup() {
    sandbox_only "the catalog of Azure"
    plain_sandbox
}

in_require() {
    export SQLCMDPASSWORD=$SANDBOX_PASSWORD
    azure_serve gateway 1433
    asks -U sa -v
    said "encrypted with TLSv1.2, certificate verified with the given CA"
}
@test "relay: report, duplicates and cleanup through require" {
    in_azure in_require
    [ "$status" -eq 0 ]
}

in_strict() {
    export SQLCMDPASSWORD=$SANDBOX_PASSWORD
    azure_serve gateway 1433 --strict only
    asks -U sa -N strict -v
    said "TDS 8.0"
    said "encrypted with TLSv1.3, certificate verified"
}
@test "relay: report, duplicates and cleanup through strict" {
    in_azure in_strict
    [ "$status" -eq 0 ]
}

# The gateway sends on to a node, which Azure may write in capitals; the node has a certificate of its own names.
in_redirect() {
    local how
    export SQLCMDPASSWORD=$SANDBOX_PASSWORD
    azure_serve gateway 1433 --fault route=TR7.westeurope1-A.worker.Database.windows.net,11007
    azure_serve node 11007 --log "$SANDBOX_DIR/log"
    for how in require strict; do
        asks -U sa -N $how -v
        said "redirected to TR7.westeurope1-A.worker.Database.windows.net,11007"
    done
    grep -q '"server":"TR7.westeurope1-A.worker.Database.windows.net"' "$SANDBOX_DIR/log"
}
@test "relay: report, duplicates and cleanup through a redirect, with FreeTDS 1.3.17 too" {
    in_azure in_redirect
    [ "$status" -eq 0 ]
}

in_redirect_with_token() {
    "$BATS_TEST_DIRNAME/make-token" "$AZURE/entra.key" filler=1500 >"$SANDBOX_KEEP/token"
    azure_serve gateway 1433 --entra optional --fault route=tr7.westeurope1-a.worker.database.windows.net,11007
    azure_serve node 11007 --log "$SANDBOX_DIR/log" --entra only
    asks --token-file "$SANDBOX_KEEP/token"
    asks --token-file "$SANDBOX_KEEP/token" -N strict
    grep -q '"token":true' "$SANDBOX_DIR/log"
    ! grep -q '"token":false' "$SANDBOX_DIR/log"
}
@test "relay: report, duplicates and cleanup with a token, through a redirect, and strict" {
    in_azure in_redirect_with_token
    [ "$status" -eq 0 ]
}

in_refused() {
    export SQLCMDPASSWORD=$SANDBOX_PASSWORD
    azure_serve out 1433 --fault route=evil.example,1500
    azure_serve evil 1500 --log "$SANDBOX_DIR/log"
    ask 3 report -U sa
    said "the redirect of the login leads out of Azure's service, to 'evil.example'"
    [ ! -s "$SANDBOX_DIR/log" ]
    azure_serve gov 1434 --fault route=one.database.usgovcloudapi.net,1500
    SERVER=one.database.windows.net,1434 ask 3 report -U sa
    said "leads out of Azure's service"
    [ ! -s "$SANDBOX_DIR/log" ]
    azure_serve wrong 1435 --fault route=two.database.windows.net,1501
    azure_start other 1501 other --tls require
    SERVER=one.database.windows.net,1435 ask 3 report -U sa
    said "the certificate of 'two.database.windows.net' is for another name"
    azure_serve loop 1436 --fault route=one.database.windows.net,1436
    SERVER=one.database.windows.net,1436 ask 3 report -U sa
    said "redirected more than 10 times"
    azure_serve port 1437 --fault route=two.database.windows.net,0
    SERVER=one.database.windows.net,1437 ask 3 report -U sa
    said "no usable port"
}
@test "relay: redirects that leave Azure, lead to a wrong certificate, or never end" {
    in_azure in_refused
    [ "$status" -eq 0 ]
}

in_encryption() {
    export SQLCMDPASSWORD=$SANDBOX_PASSWORD
    azure_start login 1433 azure --tls login --strict off --log "$SANDBOX_KEEP/log"
    ask 3 report -U sa
    said "offers to encrypt the login only"
    said "Force Encryption"
    [ ! -s "$SANDBOX_KEEP/log" ]
    ask 0 report -U sa --since 60d --relay never -v
    said "encrypted by FreeTDS, perhaps the login only: that cannot be told"
    ask 3 report -U sa -N strict -l 1
    said "does not offer strict encryption"
    azure_start newest 1434 azure --tls require --tls-version 1.3
    SERVER=one.database.windows.net,1434 ask 3 report -U sa
    said "use -N strict"
    SERVER=one.database.windows.net,1434 ask 0 report -U sa --since 60d -N strict
    azure_start plain 1435 azure --tls off
    SERVER=one.database.windows.net,1435 ask 3 report -U sa
    said "offers no encryption"
    azure_start expired 1436 old --tls require
    SERVER=one.database.windows.net,1436 ask 3 report -U sa
    said "is not trusted: it has expired"
    said "this machine's clock"
    unsaid "--ca-file"
}
@test "relay: require means the whole connection, and what a server lacks is named" {
    in_azure in_encryption
    [ "$status" -eq 0 ]
}

in_tokens() {
    local token=$SANDBOX_KEEP/token
    make() { "$BATS_TEST_DIRNAME/make-token" "$AZURE/entra.key" "$@" >"$token"; }
    azure_serve gateway 1433
    make
    azure_serve picky 1435 --entra-audience https://sql.example.net/
    SERVER=one.database.windows.net,1435 ask 3 report --token-file "$token"
    said "Incorrect or invalid token (error 18456)"
    make upn=stranger@example.net
    ask 3 report --token-file "$token"
    said "<token-identified principal>"
    make
    ask 2 report --token-file "$token" -C
    said "whose certificate is not verified"
    ask 2 report --token-file "$token" -N off
    said "not encrypted"
    ask 2 report --token-file "$token" --relay never
    said "an Entra login does not go with FreeTDS's own TLS (--relay never)"
    azure_start plain 1434 azure --tls login --entra required --entra-key "$AZURE/entra.pem" --log "$SANDBOX_DIR/log"
    SERVER=one.database.windows.net,1434 ask 3 report --token-file "$token"
    said "the login only"
    [ ! -s "$SANDBOX_DIR/log" ]
}
@test "relay: tokens that do not count, and where none is sent" {
    in_azure in_tokens
    [ "$status" -eq 0 ]
}

# The first token is turned down (it has expired since it was fetched), the second is taken.
in_refetch() {
    local dir=$SANDBOX_KEEP
    "$BATS_TEST_DIRNAME/make-token" "$AZURE/entra.key" >"$dir/good"
    "$BATS_TEST_DIRNAME/make-token" "$AZURE/entra.key" nbf=9999999999 >"$dir/bad"
    printf '#!/bin/sh\nif [ -e %s/once ]; then cat %s/good; else : >%s/once; cat %s/bad; fi\n' "$dir" "$dir" "$dir" "$dir" >"$dir/fetch"
    chmod +x "$dir/fetch"
    azure_serve gateway 1433
    ask 0 report --since 60d --token-command "$dir/fetch"
    [ -e "$dir/once" ]
}
@test "relay: a token that the server turns down is fetched anew, once" {
    in_azure in_refetch
    [ "$status" -eq 0 ]
}

in_lost() {
    "$BATS_TEST_DIRNAME/make-token" "$AZURE/entra.key" >"$SANDBOX_KEEP/token"
    azure_serve gateway 1433 --fault drop@statement=4,reset@statement=9,close@statement=14
    RETRY=5 ask 0 cleanup --execute --yes --keep 3d --token-file "$SANDBOX_KEEP/token" --retry-wait 1ms
    said "(connection lost); trying again"
    azure_serve moved 1434 --fault error=40613@login=1,error=40501@login=2
    SERVER=one.database.windows.net,1434 RETRY=5 ask 0 report --since 60d --token-file "$SANDBOX_KEEP/token" --retry-wait 1ms
    said "(database not available); trying again"
}
@test "relay: lost connections are made again, each with a token" {
    in_azure in_lost
    [ "$status" -eq 0 ]
}

# A resolver that takes questions and gives no answer.
in_mute_resolver() {
    local start=$SECONDS status=0 mute
    printf 'nameserver 169.254.169.254\n' >"$SANDBOX_KEEP/resolv.conf"
    mount --bind "$SANDBOX_KEEP/resolv.conf" /etc/resolv.conf
    rm -f "$SANDBOX_KEEP/mute"
    python3 -c 'import pathlib, socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("169.254.169.254", 53))
pathlib.Path(sys.argv[1]).touch()
time.sleep(3600)' "$SANDBOX_KEEP/mute" &
    mute=$!
    until [ -e "$SANDBOX_KEEP/mute" ]; do sleep 0.1; done
    SANDBOX_DIR=$SANDBOX_KEEP SQLCMDPASSWORD=x SERVER=nobody.example.net ask 3 report -U sa -l 2
    echo "$((SECONDS - start)) s"
    said "the name 'nobody.example.net' was still being looked up after 2 s"
    [ $((SECONDS - start)) -le 60 ]
    start=$SECONDS
    SQLCMDPASSWORD=x timeout --preserve-status -s TERM 1 "$ssisminer" report -S nobody.example.net -U sa -l 300 || status=$?
    echo "SIGTERM: $status after $((SECONDS - start)) s"
    kill "$mute"
    [ "$status" -eq 143 ]
    [ $((SECONDS - start)) -le 60 ]
}
@test "relay: a resolver that stays silent keeps nobody longer than the login may take" {
    in_azure in_mute_resolver
    [ "$status" -eq 0 ]
}

@test "relay: whatever goes wrong at whichever step of a login is told in time" {
    case $BUILD in *asan*) export RELIABILITY_SLACK=5 RELIABILITY_AT_ONCE=4 ;; *) export RELIABILITY_SLACK=2 ;; esac
    run tests/integration/relay_faults
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output =~ ^192\ cases ]]
}

@test "relay: the sandbox forgives a login no more than Azure does" {
    local key=$BATS_TEST_TMPDIR/entra.key token=$BATS_TEST_TMPDIR/token answer
    openssl genrsa -out "$key" 2048 2>/dev/null
    openssl rsa -in "$key" -pubout -out "$key.pem" 2>/dev/null
    tests/integration/make-token "$key" filler=3000 >"$token"
    for answer in required:1 optional:0; do
        sandbox_start "${answer%:*}" --executions 20 --days 2 --tls require --entra "${answer%:*}" --entra-key "$key.pem"
        run tests/integration/azure_rules "$SANDBOX_PORT" "$SANDBOX_CA" "$token" "${answer#*:}"
        echo "$output"
        [ "$status" -eq 0 ]
        [[ $output == *1..26 ]]
    done
}

@test "relay: without /proc nobody can be told apart, and nobody is let in" {
    [ "$(id -u)" -eq 0 ] || skip "only root can take /proc away"
    case $BUILD in *asan) skip "sanitizers need /proc themselves" ;; esac
    unshare -m true 2>/dev/null || skip "no mount namespaces here"
    sandbox_start mute
    # shellcheck disable=SC2016 # the inner shell's
    run env SQLCMDPASSWORD="$SANDBOX_PASSWORD" unshare -m sh -c 'mount -t tmpfs none /proc && exec "$@"' sh \
        "$ssisminer" report -S "localhost,$SANDBOX_PORT" -U sa --ca-file "$SANDBOX_CA" --retry 0
    echo "$output"
    [ "$status" -eq 3 ]
    [[ $output == *"without /proc"*"--relay never"* ]]
}
