#!/usr/bin/env bats
# capture --format ndjson: what a capture holds as lines of JSON, whole or seen not to be. On sandboxes of its own, whose clock stands.
# shellcheck disable=SC2154 # target.bash sets ssisminer; output, lines, status and stderr come from run

load target

NOW=2026-11-20T12:00:00Z

setup() {
    sandbox_only "a clock that stands, and answers that break"
    plain_sandbox
    export SQLCMDPASSWORD=$SANDBOX_PASSWORD SSISMINER_NOW=$NOW LOG=$BATS_TEST_TMPDIR/log.ndjson FILE=$BATS_TEST_TMPDIR/catalog.db
}

teardown() { sandbox_stop_all; }

serve() { # NAME [options…]
    sandbox_start "$@"
    SERVER=(-S "127.0.0.1,$SANDBOX_PORT" -U sa --ca-file "$SANDBOX_CA")
}

stream() { "$ssisminer" capture "${SERVER[@]}" --format ndjson "$@"; } # [options…]

one_error() { [ "$(grep -c '^ssisminer: error:' <<<"$stderr")" -eq 1 ]; }

ends() { tail -n 1 "$1" | grep -q '^{"table":"capture_end",'; } # LOG: it is whole

# Without what is of the connection that asked.
lines_of() { grep -v '^{"table":"sys_dm_exec_sessions",' "$1" | sort; }

@test "stream: row for row the SQLite file, on each kind of server" {
    local flavor seed
    for flavor in azure sql2019 sql2012; do
        for seed in $(seeds 2); do
            serve "$flavor" --flavor "$flavor" --seed $((seed + 40)) --executions 200
            rm -f "$FILE"
            stream --since 60d --all-messages >"$LOG" 2>"$BATS_TEST_TMPDIR/told"
            "$ssisminer" capture "${SERVER[@]}" --since 60d --all-messages -o "$FILE" >"$BATS_TEST_TMPDIR/captured"
            tests/integration/compare-stream "$LOG" "$FILE"
            # What was read is told as a capture tells it.
            diff <(grep -v '^  file' "$BATS_TEST_TMPDIR/told") <(grep -v '^  file' "$BATS_TEST_TMPDIR/captured")
            # Of the file, the same stream as of its server; messages of what did not end well alone.
            "$ssisminer" capture -q --from "$FILE" --format ndjson >"$LOG.from"
            diff <(lines_of "$LOG") <(lines_of "$LOG.from")
            stream -q --since 60d >"$LOG.failed"
            rm "$FILE"
            "$ssisminer" capture "${SERVER[@]}" --since 60d -o "$FILE" >"$BATS_TEST_TMPDIR/captured"
            tests/integration/compare-stream "$LOG.failed" "$FILE"
            sandbox_stop "$SANDBOX_PID"
        done
    done
}

@test "stream: to a file by its name, for this user alone, and whole" {
    serve file --executions 60
    run --separate-stderr "$ssisminer" capture "${SERVER[@]}" -o "$LOG"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    [[ $stderr == *"  file    $LOG"* ]]
    [ "$(stat -c %a "$LOG")" = 600 ]
    ends "$LOG"
    stream -q >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err"
    [ ! -s "$BATS_TEST_TMPDIR/err" ]
    diff <(lines_of "$LOG") <(lines_of "$BATS_TEST_TMPDIR/out")
    stream -q -o - | tail -n 1 | grep -q capture_end
}

@test "stream: what it cannot do is one error that says what to do" {
    serve errors --executions 60
    local before
    stream -q -o "$LOG"
    "$ssisminer" capture "${SERVER[@]}" -o "$FILE" >"$BATS_TEST_TMPDIR/captured"
    before=$(cat "$LOG" "$FILE" | sha256sum)
    run --separate-stderr stream -o "$LOG"
    [ "$status" -eq 2 ]
    one_error
    [[ $stderr == *"a stream is not added to a file"*"name a new file"*"makes the file that grows"* ]]
    for name in "$FILE" "$BATS_TEST_TMPDIR/new.db" "$BATS_TEST_TMPDIR/new.sqlite"; do
        run --separate-stderr stream -o "$name"
        [ "$status" -eq 2 ]
        one_error
        [[ $stderr == *"end its name in .ndjson"* ]]
        run --separate-stderr env SSISMINER_FORMAT=ndjson "$ssisminer" capture "${SERVER[@]}" -o "$name"
        [ "$status" -eq 2 ]
    done
    [ "$(cat "$LOG" "$FILE" | sha256sum)" = "$before" ]
    [ ! -e "$BATS_TEST_TMPDIR/new.db" ]
    run --separate-stderr "$ssisminer" report --from "$LOG"
    [ "$status" -eq 2 ]
    one_error
    run --separate-stderr stream -o /nowhere/log.ndjson
    [ "$status" -eq 2 ]
    one_error
}

@test "stream: a reader that goes away, and a full disk, leave no line that says it is whole" {
    serve broken --executions 300 --messages-per-execution 100
    run --separate-stderr bash -c 'set -o pipefail; "$@" | head -c 100000' sh "$ssisminer" capture "${SERVER[@]}" -q --all-messages --format ndjson
    [ "$status" -eq 141 ]
    [[ $output != *capture_end* ]]
    [[ $stderr == "ssisminer: warning: the stream is not whole"* ]]
    run --separate-stderr bash -c '"$@" >/dev/full' sh "$ssisminer" capture "${SERVER[@]}" -q --all-messages --format ndjson
    [ "$status" -eq 2 ]
    one_error
    [[ $stderr == *"cannot write the stream: No space left on device"*"capture_end"* ]]
    run --separate-stderr bash -c 'trap "" XFSZ; ulimit -f 2000; exec "$@"' sh "$ssisminer" capture "${SERVER[@]}" -q --all-messages -o "$LOG"
    echo "$status $stderr"
    [ "$status" -eq 2 ]
    one_error
    [ "$(find "$BATS_TEST_TMPDIR" -name 'log.ndjson*')" = "" ]
}

@test "stream: parts that a server does not give are left out and told in it; without what is essential it ends" {
    local fault
    serve lacking --flavor sql2019 --seed 12 --executions 120 \
        --fault 'error=208@text=dm_db_partition_stats#1/every,error=208@text=sys.symmetric_keys#1/every,error=8115@text=r.data_stats_id#1/every'
    COLUMNS=200 stream --since 60d >"$LOG" 2>"$BATS_TEST_TMPDIR/told"
    grep -q '^{"table":"capture_tables",.*"table_name":"symmetric_keys","row_count":0,"left_out":".*(error 208)"}$' "$LOG"
    grep -q '^  keys of executions .*(error 208)' "$BATS_TEST_TMPDIR/told"
    "$ssisminer" capture "${SERVER[@]}" --since 60d -o "$FILE" >"$BATS_TEST_TMPDIR/captured"
    tests/integration/compare-stream "$LOG" "$FILE"
    sandbox_stop "$SANDBOX_PID"
    for fault in 'error=208@text=ORDER BY o.operation_id' 'error=229@text=r.project_lsn' 'error=207@text=r.message_source_name'; do
        serve refused --seed 13 --executions 60 --fault "$fault"
        rm -f "$LOG"
        run --separate-stderr stream
        echo "$fault: $status $stderr"
        [ "$status" -eq 4 ] || [ "$status" -eq 5 ]
        one_error
        [[ $output == '{"table":"capture_begin"'* && $output != *capture_end* ]]
        sandbox_stop "$SANDBOX_PID"
    done
    serve rights --flavor azure --seed 5 --executions 60
    run --separate-stderr "$ssisminer" capture -S "127.0.0.1,$SANDBOX_PORT" -U nobody --ca-file "$SANDBOX_CA" --format ndjson
    [ "$status" -eq 5 ]
    [[ ${lines[0]} == *'"sees_all":false'* && ${lines[-1]} == '{"table":"capture_end"'* ]]
}

# In the middle of an answer of more than is read ahead.
@test "stream: a connection that is lost is read again into a file, and told where others have read already" {
    serve lost --executions 300 --messages-per-execution 100 --fault drop@row=25000
    run --separate-stderr stream --all-messages -o "$LOG"
    echo "$status $stderr"
    [ "$status" -eq 0 ]
    [[ $stderr == *"reading again from the beginning"* ]]
    ends "$LOG"
    [ "$(grep -c '^{"table":"capture_begin",' "$LOG")" -eq 1 ]
    "$ssisminer" capture "${SERVER[@]}" --all-messages -o "$FILE" >"$BATS_TEST_TMPDIR/captured"
    tests/integration/compare-stream "$LOG" "$FILE"
    sandbox_stop "$SANDBOX_PID"
    serve again --executions 300 --messages-per-execution 100 --fault drop@row=25000
    run --separate-stderr bash -c '"$@" >"$0"' "$LOG.out" "$ssisminer" capture "${SERVER[@]}" --all-messages --format ndjson
    echo "$status $stderr"
    [ "$status" -eq 4 ]
    one_error
    [ -s "$LOG.out" ]
    run ends "$LOG.out"
    [ "$status" -ne 0 ]
}

@test "stream: anonymised as the file is, and of such a file" {
    serve anonymised --executions 150
    stream -q --all-messages --anonymise --anonymise-key "$BATS_TEST_TMPDIR/key" >"$LOG"
    "$ssisminer" capture "${SERVER[@]}" --all-messages --anonymise --anonymise-key "$BATS_TEST_TMPDIR/key" -o "$FILE" >"$BATS_TEST_TMPDIR/captured"
    tests/integration/compare-stream "$LOG" "$FILE"
    [[ $(head -n 1 "$LOG") == *'"anonymised":true,"key_id":"'* ]]
    [[ $(cat "$LOG") != *contoso* ]]
    "$ssisminer" capture -q --from "$FILE" --format ndjson >"$LOG.from"
    diff <(lines_of "$LOG") <(lines_of "$LOG.from")
}

@test "stream: a constant number of statements, and memory that does not grow with it" {
    local executions peak=()
    for executions in 40 800; do
        serve "many-$executions" --seed 3 --executions "$executions" --messages-per-execution 100 --log "$BATS_TEST_TMPDIR/asked.$executions"
        tests/bench/measure "$BATS_TEST_TMPDIR/used" "$ssisminer" capture "${SERVER[@]}" -q --all-messages --format ndjson -o "$LOG.$executions"
        peak+=("$(cut -d' ' -f3 "$BATS_TEST_TMPDIR/used")")
        sandbox_stop "$SANDBOX_PID"
    done
    echo "${peak[*]} KB, $(wc -c "$LOG".*)"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/asked.40")" -eq "$(wc -l <"$BATS_TEST_TMPDIR/asked.800")" ]
    case $BUILD in *asan) return ;; esac
    [ "$(stat -c %s "$LOG.800")" -gt 20000000 ]
    [ "${peak[1]}" -lt $((peak[0] + 20480)) ] # 8 MB are read ahead, twice
}
