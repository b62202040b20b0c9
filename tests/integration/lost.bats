#!/usr/bin/env bats
# Connections that end in the middle, in every way a connection can end: by RST, by FIN, by TLS's close_notify.
# Sandboxes only. `CUT_ROWS=1 tests/integration/cut_points reset tls cleanup` walks over every row, too.
# shellcheck disable=SC2154 # output and status come from run

bats_require_minimum_version 1.5.0
load target

setup() { sandbox_only "connections that break on demand"; }

# walk KIND plain|tls report|cleanup LEAST: all points, of which there must be at least so many.
walk() {
    plain_sandbox
    run tests/integration/cut_points "$1" "$2" "$3"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output =~ :\ ([0-9]+)\ points$ ]]
    [ "${BASH_REMATCH[1]}" -ge "$4" ]
}

# some STEP: of a cleanup's points, each such one is a cut; `make test` makes a third of them.
some() {
    if [ "${TORTURE:-}" = 1 ]; then echo "$1"; else echo $(($1 * 3)); fi
}

@test "field-C11: report connects again wherever a plain connection ends" {
    walk reset plain report 40
    walk drop plain report 40
}

@test "field-C11: report connects again wherever a TLS connection ends" {
    walk reset tls report 40
    walk close tls report 40
    walk drop tls report 40
}

@test "field-C11: report connects again wherever a strict connection ends" {
    walk reset strict report 40
    walk close strict report 40
}

@test "field-C11: cleanup -t 5 connects again wherever a plain connection ends" {
    CUT_STEP=$(some 4) walk reset plain cleanup 80
    CUT_STEP=$(some 8) CUT_FROM=2 walk drop plain cleanup 80
}

@test "field-C11: cleanup -t 5 connects again wherever a TLS connection ends" {
    CUT_STEP=$(some 8) CUT_FROM=1 walk reset tls cleanup 80
    CUT_STEP=$(some 4) CUT_FROM=2 walk close tls cleanup 80
    CUT_STEP=$(some 8) CUT_FROM=3 walk drop tls cleanup 80
}

@test "field-C11: an answer too large to be repeated is read again from the beginning" {
    local how whole
    plain_sandbox
    sandbox_start large --executions 5000 --days 20 --fault drop@row=24000
    how=(-S "127.0.0.1,$SANDBOX_PORT" -U sa --ca-file "$SANDBOX_CA" --since 60d --format json --retry 2 --retry-wait 1ms)
    export SQLCMDPASSWORD=$SANDBOX_PASSWORD
    run --separate-stderr "$ssisminer" mine "${how[@]}"
    echo "$status: $stderr"
    [ "$status" -eq 0 ]
    grep -q 'drop@row=24000 strikes' "$SANDBOX_ERR"
    # The driver sometimes has words for it, which stand between.
    [[ $stderr == *"the connection was lost"*"; reading again from the beginning"* ]]
    whole=$output
    run --separate-stderr "$ssisminer" mine "${how[@]}"
    [ "$status" -eq 0 ]
    diff <(grep -vE '"(generated|asked|server_time|clock_skew_seconds|since|until)' <<<"$whole") <(grep -vE '"(generated|asked|server_time|clock_skew_seconds|since|until)' <<<"$output")
}

# A session that writes until `let_go`, without row versions for those who read.
hold() {
    sandbox_start held --executions 20 --days 2 --reads-wait --log "$BATS_TEST_TMPDIR/held.log"
    SERVER=127.0.0.1,$SANDBOX_PORT
    printf '[held]\nhost = 127.0.0.1\nport = %s\ntds version = 7.4\n' "$SANDBOX_PORT" >"$BATS_TEST_TMPDIR/freetds.conf"
    mkfifo "$BATS_TEST_TMPDIR/words"
    FREETDSCONF=$BATS_TEST_TMPDIR/freetds.conf tsql -S held -U sa -P "$SANDBOX_PASSWORD" <"$BATS_TEST_TMPDIR/words" >/dev/null 2>&1 3>&- &
    HOLDER=$!
    exec 5>"$BATS_TEST_TMPDIR/words"
    printf 'BEGIN TRAN\nUPDATE internal.operations SET status = status WHERE operation_id > 0\nGO\nSELECT 4711\nGO\n' >&5
    until_said "$BATS_TEST_TMPDIR/held.log" 'SELECT 4711'
}
let_go() {
    printf 'ROLLBACK\nGO\n' >&5
    exec 5>&-
    wait "$HOLDER"
}

@test "field-R7: a read that meets a lock says who has it, and goes on when it is free" {
    plain_sandbox
    local reader err=$BATS_TEST_TMPDIR/err
    hold
    SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" report -S "$SERVER" -U sa --ca-file "$SANDBOX_CA" \
        --since 60d -t 2 --retry 20 --retry-wait 500ms >/dev/null 2>"$err" 3>&- 5>&- &
    reader=$!
    until_said "$err" '(lock time-out); trying again'
    let_go
    status=0
    wait "$reader" || status=$?
    stderr=$(cat "$err")
    echo "$status: $stderr"
    [ "$status" -eq 0 ]
    [[ $stderr == *"a read waits for a lock: session "*"(login 'sa'"*"holds locks"* ]]
    [[ $stderr == *"(lock time-out); trying again"* ]]
}

@test "field-R7: a lock that stays ends the read with who has it" {
    plain_sandbox
    hold
    SQLCMDPASSWORD=$SANDBOX_PASSWORD run --separate-stderr "$ssisminer" report -S "$SERVER" -U sa --ca-file "$SANDBOX_CA" \
        --since 60d -t 2 --retry 1 --retry-wait 100ms
    echo "$status: $stderr"
    [ "$status" -eq 4 ]
    [[ $stderr == *"(error 1222)"*"hint: session "*"(login 'sa'"* ]]
    # who may not see other sessions is told that
    SQLCMDPASSWORD=$SANDBOX_PASSWORD run --separate-stderr "$ssisminer" report -S "$SERVER" -U reader --ca-file "$SANDBOX_CA" \
        --since 60d -t 2 --retry 0
    let_go
    echo "$status: $stderr"
    [ "$status" -eq 4 ]
    [[ $stderr == *"(error 1222)"*"cannot be seen here"* ]]
}

# locked IDS: a server on which others hold these operations, so that whoever reads them waits in vain.
locked() {
    sandbox_start locked --executions 60 --days 2 --flavor "${FLAVOR:-azure}" --fault "error=1222@ids=$1"
    LOCKED=(-S "127.0.0.1,$SANDBOX_PORT" -U sa --ca-file "$SANDBOX_CA" --since 60d --retry 1 --retry-wait 100ms --format json)
}

@test "field-R7: a read goes around what stays locked, and says what is missing" {
    plain_sandbox
    for FLAVOR in azure sql2019 sql2012; do
        locked 1-3
        for command in report mine duplicates slow capacity; do
            SQLCMDPASSWORD=$SANDBOX_PASSWORD run --separate-stderr "$ssisminer" "$command" "${LOCKED[@]}"
            echo "$FLAVOR $command $status: $stderr"
            [ "$status" -eq 4 ]
            [[ $stderr == *"going on in smaller pieces"*"what is locked is read again in 1 s (1 of 1)"*"incomplete: operations 1 to 3 stayed locked"* ]]
            [ "$(grep -c 'is read again' <<<"$stderr")" -eq 1 ] # later statements do not wait for it once more
            [ "$(json 'sum("incomplete: operations 1 to 3 stayed locked" in w for w in r["warnings"])')" -eq 1 ]
        done
        sandbox_stop "$SANDBOX_PID"
    done
}

@test "field-R7: what was locked for a while is in the answer" {
    plain_sandbox
    locked 1-60:1500
    SQLCMDPASSWORD=$SANDBOX_PASSWORD run --separate-stderr "$ssisminer" report "${LOCKED[@]}" --retry 5 --retry-wait 500ms
    echo "$status: $stderr"
    [ "$status" -eq 0 ]
    [[ $stderr == *"going on in smaller pieces"* ]]
    late=$(json '[e["execution_id"] for e in r["executions"]]')
    SQLCMDPASSWORD=$SANDBOX_PASSWORD run --separate-stderr "$ssisminer" report "${LOCKED[@]}"
    [ "$status" -eq 0 ] && [ -z "$stderr" ]
    [ "$(json '[e["execution_id"] for e in r["executions"]]')" = "$late" ]
    sandbox_stop "$SANDBOX_PID"
    # two who are far apart, and a filter that asks for neither
    read -r first second third < <(python3 -c 'import sys; ids = sorted(eval(sys.argv[1])); print(ids[0], ids[2], ids[-1])' "$late")
    locked "$first-$first,error=1222@ids=$third-$third"
    SQLCMDPASSWORD=$SANDBOX_PASSWORD run --separate-stderr "$ssisminer" report "${LOCKED[@]}"
    [[ $stderr == *"incomplete: operations $third, $first stayed locked"* ]] || { echo "$stderr"; false; }
    [ "$(json '[e["execution_id"] for e in r["executions"] if e["execution_id"] in ('"$first, $third"')]')" = "[]" ]
    SQLCMDPASSWORD=$SANDBOX_PASSWORD run --separate-stderr "$ssisminer" report "${LOCKED[@]}" --execution "$second"
    [ "$status" -eq 0 ] && [[ $stderr != *incomplete* ]] || { echo "$status $stderr"; false; }
    [[ $stderr == *"triggered more than once is not known: others hold locks"* ]] # that looks at all of them
}
