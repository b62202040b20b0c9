#!/usr/bin/env bats
# Other people's TDS clients use the sandbox: that keeps it honest. Its own command line, too.
# shellcheck disable=SC2154,SC2030,SC2031 # output comes from run; what a test starts is its own

bats_require_minimum_version 1.5.0
load sandbox

setup_file() {
    BUILD=${BUILD:-build}
    sandbox_start main --seed 5 --days 3 --executions 60 --log "$BATS_FILE_TMPDIR/log"
    export PORT=$SANDBOX_PORT CA=$SANDBOX_CA LOG=$BATS_FILE_TMPDIR/log
}
teardown_file() { sandbox_stop_all; }

setup() {
    program=${BUILD:-build}/ssisminer-sandbox
    export FREETDSCONF=$BATS_TEST_TMPDIR/freetds.conf
    server_entry plain 127.0.0.1 "$PORT" off
}

# Servers of one test end with it; the main one stays.
teardown() {
    local pid
    for pid in "${OWN_PIDS[@]:-}"; do
        [ -n "$pid" ] && sandbox_stop "$pid"
    done
    true
}

own_server() { # serve options…: sets SANDBOX_PORT
    sandbox_start own --empty "$@"
    OWN_PIDS+=("$SANDBOX_PID")
}

server_entry() { # NAME HOST PORT ENCRYPTION [CA]
    {
        printf '[%s]\nhost = %s\nport = %s\ntds version = 7.4\nencryption = %s\nclient charset = UTF-8\n' "$1" "$2" "$3" "$4"
        printf 'text size = 2147483647\nconnect timeout = 60\n'
        [ -n "${5:-}" ] && printf 'ca file = %s\ncheck certificate hostname = yes\n' "$5"
        true
    } >>"$FREETDSCONF"
}

# ask SERVER SQL…: what tsql shows, prompts taken away. After the SQL it asks whether all is well.
ask() {
    local server=$1
    shift
    printf '%s\nGO\n' "$@" 'SELECT 1 AS still_here' >"$BATS_TEST_TMPDIR/sql"
    echo exit >>"$BATS_TEST_TMPDIR/sql"
    run timeout 120 tsql -S "$server" -U "${LOGIN:-sa}" -P "${PASSWORD:-$SANDBOX_PASSWORD}" \
        -D "${DATABASE:-SSISDB}" <"$BATS_TEST_TMPDIR/sql"
    output=$(sed -E 's/^([0-9]+> )+//' <<<"$output")
}

shows() { [[ $output == *"$1"* ]] || { echo "missing: $1"; echo "$output"; return 1; }; }
lacks() { [[ $output != *"$1"* ]] || { echo "there: $1"; echo "$output"; return 1; }; }

@test "sandbox: tsql reads typed values" {
    ask plain "SELECT CAST(1 AS bit) AS b, CAST(-5 AS bigint) AS n, N'Größe 日 😀' AS t, CAST(NULL AS int) AS x"
    shows $'1\t-5\tGröße 日 😀\tNULL'
    shows '(1 row affected)'
    shows still_here
}

@test "sandbox: tsql reads the catalog" {
    ask plain 'SELECT COUNT(*) AS executions FROM catalog.executions'
    shows $'executions\n60'
}

@test "sandbox: what is not understood is refused with 102" {
    ask plain 'SELECT 1 FROM catalog.executions LIMIT 5'
    shows 'Msg 102 '
    shows still_here
}

@test "sandbox: wrong password, unknown login, unknown database" {
    PASSWORD=wrong ask plain 'SELECT 1'
    shows "Msg 18456 (severity 14, state 1)"
    LOGIN=stranger ask plain 'SELECT 1'
    shows "Login failed for user 'stranger'."
    DATABASE=nowhere ask plain 'SELECT 1'
    shows 'Msg 4060 '
    run ! grep -q wrong "$LOG"
}

@test "sandbox: numbers are exact, variants keep their type, real has four bytes" {
    ask plain "SELECT CAST(9007199254740993 AS decimal(20, 0)) AS a, 99999999999999999999999999999999999999 AS b, 0.1 + 0.2 AS c, SUM(x) AS d FROM (VALUES (9007199254740993.01), (0.99)) AS t (x)"
    shows $'9007199254740993\t99999999999999999999999999999999999999\t0.3\t9007199254740994.00'
    ask plain "DECLARE @v sql_variant = CAST('2026-03-01T10:11:12' AS datetime); SELECT CONVERT(nvarchar(40), @v, 126) AS v, DATALENGTH(@v) AS n, DATALENGTH(CAST(1 AS real)) AS r"
    shows $'2026-03-01T10:11:12\t8\t4'
}

@test "sandbox: an unknown transaction rolls nothing back, and BREAK wants a loop" {
    ask plain 'BEGIN TRANSACTION one' 'ROLLBACK TRANSACTION two' 'SELECT @@TRANCOUNT AS still_open' 'ROLLBACK TRANSACTION one' 'BREAK'
    shows 'Msg 6401 '
    shows $'still_open\n1'
    shows 'Msg 135 '
}

@test "sandbox: RAISERROR 10 is of class 0, HOST_NAME the login's, TEXTSIZE heeded" {
    ask plain "RAISERROR(N'just so', 10, 3)" 'SELECT HOST_NAME() AS host' "SET TEXTSIZE 6; SELECT CAST(N'abcdef' AS nvarchar(max)) AS cut"
    shows $'(severity 0, state 3)'
    shows $'host\n'"$(hostname)"
    shows $'cut\nabc\n'
}

@test "sandbox: TDS 7.2 gets dates as text, what is older a refusal it can read" {
    local version
    sed 's/7\.4/7.2/' "$FREETDSCONF" >"$BATS_TEST_TMPDIR/72.conf"
    FREETDSCONF=$BATS_TEST_TMPDIR/72.conf ask plain "SELECT CAST('2026-03-01T10:11:12.1234567+02:00' AS datetimeoffset(7)) AS o"
    shows '2026-03-01 10:11:12.1234567 +02:00'
    for version in 7.1 7.0 5.0 4.2; do
        sed "s/7\.4/$version/" "$FREETDSCONF" >"$BATS_TEST_TMPDIR/old.conf"
        FREETDSCONF=$BATS_TEST_TMPDIR/old.conf ask plain 'SELECT 1'
        shows 'Login failed: the sandbox speaks TDS 7.2, 7.3 and 7.4 only.'
        lacks still_here
    done
}

@test "sandbox: freebcp copies every row out" {
    freebcp 'SELECT operation_id, message_type, message FROM catalog.event_messages' queryout \
        "$BATS_TEST_TMPDIR/rows" -S plain -U sa -P "$SANDBOX_PASSWORD" -D SSISDB -c -t $'\x01' -r $'\x02'
    ask plain 'SELECT COUNT(*) AS messages FROM catalog.event_messages'
    shows "messages"$'\n'"$(tr -dc '\002' <"$BATS_TEST_TMPDIR/rows" | wc -c)"$'\n'
    [ "$(tr -dc '\002' <"$BATS_TEST_TMPDIR/rows" | wc -c)" -gt 100 ]
}

@test "sandbox: isql through unixODBC" {
    run isql -b -k "Driver=FreeTDS;Servername=plain;Database=SSISDB;UID=sa;PWD=$SANDBOX_PASSWORD;" \
        <<<"SELECT TOP (3) execution_id, CAST(start_time AS datetimeoffset(7)) AS s FROM catalog.executions ORDER BY execution_id"
    shows '3 rows fetched'
    shows ' +00:00'
}

@test "sandbox: TLS with a verified certificate" {
    local host=localhost
    getent hosts localhost >/dev/null || host=127.0.0.1 # a bare root has no /etc/hosts
    server_entry verified "$host" "$PORT" require "$CA"
    server_entry by-address 127.0.0.1 "$PORT" require "$CA"
    server_entry asked "$host" "$PORT" request
    for name in verified by-address asked; do
        ask "$name" 'SELECT 7 AS lucky'
        shows $'lucky\n7'
    done
    [ "$(grep -c '"encrypted":true' "$LOG")" -ge 2 ] # "request" hides the login only
}

@test "sandbox: a certificate for another name, or of another CA, is refused" {
    local ready=$BATS_TEST_TMPDIR/ready port
    SSISMINER_SANDBOX_PASSWORD=$SANDBOX_PASSWORD "$program" serve --empty --tls-name sql.example \
        --ready-file "$ready" 2>/dev/null 3>&- &
    OWN_PIDS+=($!)
    until_so test -s "$ready"
    port=$(sed -n 's/.*port=\([0-9]*\).*/\1/p' "$ready")
    server_entry wrong-name 127.0.0.1 "$port" require "$(sed -n 's/.* ca=//p' "$ready")"
    server_entry wrong-ca 127.0.0.1 "$port" require "$CA"
    server_entry unverified 127.0.0.1 "$port" require
    ask wrong-name 'SELECT 1'
    lacks still_here
    ask wrong-ca 'SELECT 1'
    lacks still_here
    ask unverified 'SELECT 1'
    shows still_here
}

@test "sandbox: TLS off and TLS required" {
    own_server --tls off
    server_entry needs-tls 127.0.0.1 "$SANDBOX_PORT" require
    ask needs-tls 'SELECT 1'
    lacks still_here
    own_server --tls require --log "$BATS_TEST_TMPDIR/log"
    server_entry wants-none 127.0.0.1 "$SANDBOX_PORT" off
    ask wants-none 'SELECT 1'
    shows still_here # FreeTDS does as the server says
    grep -q '"encrypted":true' "$BATS_TEST_TMPDIR/log"
}

@test "sandbox: a login is routed to another server" {
    own_server --tls off --fault "route=127.0.0.1,$PORT"
    server_entry routed 127.0.0.1 "$SANDBOX_PORT" off
    ask routed 'SELECT COUNT(*) AS executions FROM catalog.executions'
    shows $'executions\n60' # the other has none
}

@test "sandbox: faults reach the client" {
    own_server --tls off --fault error=1222@text=lucky --fault drop@statement=4
    server_entry faulty 127.0.0.1 "$SANDBOX_PORT" off
    ask faulty 'SELECT 7 AS lucky' 'SELECT 8 AS luckier'
    shows 'Msg 1222 (severity 16, state 51)'
    shows $'luckier\n8'
    shows still_here
    ask faulty 'SELECT 9 AS gone'
    lacks $'gone\n9'
}

@test "sandbox: replay serves the rows asked for, plain and over TLS" {
    local query='SELECT operation_id, message_time, message_type, message FROM catalog.event_messages' name
    own_server --replay 25000
    server_entry fast 127.0.0.1 "$SANDBOX_PORT" off
    server_entry fast-tls 127.0.0.1 "$SANDBOX_PORT" require "$SANDBOX_CA"
    for name in fast fast-tls; do
        freebcp "$query" queryout "$BATS_TEST_TMPDIR/$name" -S "$name" -U sa -P "$SANDBOX_PASSWORD" -D SSISDB -c
        [ "$(wc -l <"$BATS_TEST_TMPDIR/$name")" -eq 25000 ]
    done
    cmp "$BATS_TEST_TMPDIR/fast" "$BATS_TEST_TMPDIR/fast-tls"
    [ "$(grep -c 'The request limit for the database' "$BATS_TEST_TMPDIR/fast")" -eq 250 ]
}

@test "sandbox: the record tells what clients sent, and no password" {
    ask plain "SELECT 'find me' AS x"
    grep -q '"login":"sa","kind":"batch","text":"SELECT '"'find me'"' AS x' "$LOG"
    run ! grep -q "$SANDBOX_PASSWORD" "$LOG"
    python3 -c 'import json,sys; [json.loads(line) for line in open(sys.argv[1])]' "$LOG"
}

@test "sandbox: a store outlives its server, and is not filled again" {
    own_server --store "$BATS_TEST_TMPDIR/store"
    sandbox_stop "$SANDBOX_PID"
    sandbox_start again --store "$BATS_TEST_TMPDIR/store" --executions 50
    OWN_PIDS+=("$SANDBOX_PID")
    server_entry again 127.0.0.1 "$SANDBOX_PORT" off
    ask again 'SELECT COUNT(*) AS executions FROM catalog.executions'
    shows $'executions\n0'
}

@test "sandbox: one that is started again by its name tells its own port, whatever number it drew" {
    local place
    for place in first second; do
        RANDOM=7
        own_server
        echo "$place: $SANDBOX_PORT"
        (: <>"/dev/tcp/127.0.0.1/$SANDBOX_PORT")
        sandbox_stop "$SANDBOX_PID"
    done
}

@test "sandbox: ends cleanly on SIGTERM, and with its parent" {
    own_server
    kill -TERM "$SANDBOX_PID"
    wait "$SANDBOX_PID"
    ready=$BATS_TEST_TMPDIR/ready
    mkfifo "$BATS_TEST_TMPDIR/parent"
    "$program" serve --empty --tls off --with-parent --ready-file "$ready" <"$BATS_TEST_TMPDIR/parent" 3>&- &
    exec 9>"$BATS_TEST_TMPDIR/parent"
    until_so test -s "$ready"
    exec 9>&-
    wait $!
}

@test "sandbox: says what is wrong with its command line" {
    expect_usage "unknown command 'fly'" fly
    expect_usage "unknown option '--wings'" serve --wings
    expect_usage "'dump' does not take --port" dump --port 1
    expect_usage "--port needs a value" serve --port
    expect_usage "--port: '70000' is outside 0 to 65535" serve --port 70000
    expect_usage "--flavor: 'plain' is none of azure, sql2019, sql2012" serve --flavor plain
    expect_usage "--cert and --key go together" serve --cert x
    expect_usage "unknown fault 'explode'" serve --empty --fault explode
    expect_usage "cannot write '/no/such/log'" serve --empty --log /no/such/log
    run -4 timeout 120 "$program" serve --empty --port "$PORT"
    shows "cannot listen on 127.0.0.1 port $PORT"
}

expect_usage() { # MESSAGE ARGUMENTS…
    local message=$1
    shift
    run -2 timeout 120 "$program" "$@"
    shows "ssisminer-sandbox: error: $message"
}

@test "sandbox: help, version, truth and dump" {
    run -0 "$program" help
    shows '--messages-per-execution N'
    shows 'drop@row=N'
    run -0 "$program" version
    shows 'ssisminer-sandbox '
    "$program" truth --seed 5 --days 3 --executions 60 -o "$BATS_TEST_TMPDIR/truth"
    python3 -c 'import json,sys; json.load(open(sys.argv[1]))' "$BATS_TEST_TMPDIR/truth"
    "$program" dump --tsql --seed 5 --days 3 --executions 60 -o "$BATS_TEST_TMPDIR/dump"
    grep -qx GO "$BATS_TEST_TMPDIR/dump"
}
