#!/usr/bin/env bash
# freebcp and tsql: FreeTDS' own programs (DB-Library; libtds itself).
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ask() { # PASSWORD SQL…
    local password=$1
    shift
    printf '%s\nGO\n' "$@" >"$work/sql"
    echo exit >>"$work/sql"
    tsql -o q -S peer -U sa -P "$password" -D SSISDB <"$work/sql" 2>&1 | sed -E 's/^([0-9]+> )+//'
}
own() { ask "$PEER_PASSWORD" "$@"; }
case_of() { # NAME COMMAND…
    local name=$1 said
    shift
    if said=$("$@" 2>&1); then printf '%s\tok\t\n' "$name"; else printf '%s\tnot ok\t%s\n' "$name" "${said//[$'\n\t']/ }"; fi
}
has() { [[ $1 == *"$2"* ]] || { echo "'$2' is not in: $1" && return 1; }; }

log_in() { has "$(own 'SELECT 7 AS lucky')" $'lucky\n7' && has "$(ask wrong 'SELECT 1')" "Login failed for user 'sa'."; }
types() {
    local said
    said=$(own "$(cat "$PEER_CASES")")
    has "$said" $'9007199254740993\t1234567890123456789012345678.0123456789\t0.5' && has "$said" $'ab \tGröße\t日😀\tlong'
}
errors() {
    local said
    said=$(own "RAISERROR(N'a peer asked for it', 16, 7)" "RAISERROR(N'just so', 10, 1)" 'SELECT 1 AS still_here')
    has "$said" 'Msg 50000 (severity 16, state 7)' && has "$said" 'just so' && has "$said" still_here
}
transactions() {
    has "$(own 'CREATE TABLE dbo.peer_tsql (n int NOT NULL)' 'BEGIN TRANSACTION one' 'INSERT INTO dbo.peer_tsql (n) VALUES (1)' \
        'ROLLBACK TRANSACTION two' 'ROLLBACK TRANSACTION one' 'SELECT COUNT(*) AS left_over FROM dbo.peer_tsql')" $'left_over\n0' &&
        has "$(own 'SET IMPLICIT_TRANSACTIONS ON' 'INSERT INTO dbo.peer_tsql (n) VALUES (1)' 'SELECT @@TRANCOUNT AS begun' 'ROLLBACK')" \
            $'begun\n1'
}
copies_out() {
    freebcp 'SELECT operation_id, status, CAST(object_name AS nvarchar(100)) AS name FROM catalog.operations' queryout "$work/rows" \
        -S peer -U sa -P "$PEER_PASSWORD" -D SSISDB -c -t $'\x01' -r $'\x02' >/dev/null || return
    has "$(own 'SELECT COUNT(*) AS operations FROM catalog.operations')" "operations"$'\n'"$(tr -dc '\002' <"$work/rows" | wc -c)"
}
case_of log-in log_in
case_of types types
case_of errors errors
case_of transactions transactions
case_of 'copying out' copies_out
