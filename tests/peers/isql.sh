#!/usr/bin/env bash
# isql: unixODBC with FreeTDS' driver, whose parameters and metadata calls a program would use.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ask() { isql -b -v -k -d'|' "Driver=FreeTDS;Servername=peer;Database=SSISDB;UID=sa;PWD=$1;" <<<"$2" 2>&1; }
own() { ask "$PEER_PASSWORD" "$1"; }
case_of() { # NAME COMMAND…
    local name=$1 said
    shift
    if said=$("$@" 2>&1); then printf '%s\tok\t\n' "$name"; else printf '%s\tnot ok\t%s\n' "$name" "${said//[$'\n\t']/ }"; fi
}
has() { [[ $1 == *"$2"* ]] || { echo "'$2' is not in: $1" && return 1; }; }

log_in() { has "$(own 'SELECT 7 AS lucky')" 7 && has "$(ask wrong 'SELECT 1')" "Login failed for user 'sa'."; }
types() {
    local said
    said=$(own "$(tr '\n' ' ' <"$PEER_CASES")")
    has "$said" '9007199254740993|1234567890123456789012345678.0123456789|0.5|0.1' && has "$said" 'ab |Größe|日😀|long|00112233-4455-6677-8899-AABBCCDDEEFF|0102ff' &&
        has "$said" '2026-03-01|2026-03-01 10:11:12.123|2026-03-01 10:11:12.1234567|2026-03-01 10:11:12.1234567 +02:00'
}
errors() {
    has "$(own "RAISERROR(N'a peer asked for it', 16, 7)")" 'a peer asked for it' && has "$(own 'SELECT nothing FROM catalog.executions')" "Invalid column name 'nothing'."
}
prepares() { # isql prepares each statement before it runs it
    has "$(own 'SELECT COUNT(*) FROM catalog.executions')" 50
}
case_of log-in log_in
case_of types types
case_of errors errors
case_of 'prepared statements' prepares
