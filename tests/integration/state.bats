#!/usr/bin/env bats
# --state: what is new, goes on and is gone since the last run. On a sandbox of its own.
# shellcheck disable=SC2154 # target.bash sets ssisminer and stderr comes from run

load target

setup_file() { target_start --executions 300; }
teardown_file() { target_stop; }

setup() {
    sandbox_only "a history that is known"
    export HOME=$BATS_TEST_TMPDIR/home STATE=$BATS_TEST_TMPDIR/state
    unset XDG_STATE_HOME
    mkdir -p "$HOME"
}

@test "state: new, recurring and gone, and the verdict" {
    run mine report --since 2d --until 1d --state "$STATE" --fail-on new
    [ "$status" -eq 0 ] # a first run has nothing to compare with
    run mine report --since 2d --state "$STATE" --fail-on new
    echo "$output"
    [ "$status" -eq 1 ]
    [[ ${lines[0]} =~ ,\ [1-9][0-9]*\ new ]]
    [[ $output == *" new, "* ]]
    run mine report --since 2d --state "$STATE" --fail-on new
    [ "$status" -eq 0 ]
    [[ ${lines[0]} == *", 0 new"* ]]
    output=$(mine report --since 1d --state "$STATE" --format json)
    [ "$(json 'len(r["gone"]) > 0 and r["new_causes"] == 0 and all(c["new"] is False for c in r["causes"])')" = True ]
    output=$(mine report --since 2d --state "$STATE" --new --format json)
    [ "$(json 'len(r["causes"]) > 0 and all(c["new"] for c in r["causes"])')" = True ]
    [ "$(json 'sum(c["executions"] for c in r["causes"]) == r["failed_executions"] == len(r["executions"])')" = True ]
    [ "$(stat -c %a "$STATE")" = 600 ]
}

@test "state: --new alone shows what the last run did not have" {
    run mine report --since 2d --state "$STATE" --new
    [[ ${lines[0]} == "Nothing new: this is the first run"* ]]
    run mine report --since 2d --state "$STATE" --new
    [[ ${lines[0]} == "Nothing new" ]]
    run --separate-stderr mine report --new
    [ "$status" -eq 2 ]
    [[ $stderr == *"--state"* ]]
    run --separate-stderr mine capacity --fail-on new
    [ "$status" -eq 2 ]
    [[ $stderr == *"'capacity' keeps no state"* ]]
}

@test "state: other filters are another question" {
    mine report --since 2d --state "$STATE" >/dev/null
    run mine report --since 2d --caller 'adf*' --state "$STATE" --fail-on new
    [ "$status" -eq 0 ]
    run mine report --since 2d --state "$STATE" --fail-on new
    [ "$status" -eq 0 ]
}

@test "state: auto is in this user's folder; without one it says so and goes on" {
    mine report --state auto >/dev/null
    [ "$(stat -c %a "$HOME/.local/state/ssisminer/state.sqlite")" = 600 ]
    run --separate-stderr env -u HOME -u XDG_STATE_HOME "$ssisminer" report $TARGET_OPTIONS --state auto
    [ "$status" -eq 0 ]
    [[ $stderr == *"neither XDG_STATE_HOME nor HOME is set: it goes on without"* ]]
    run --separate-stderr env -u HOME -u XDG_STATE_HOME "$ssisminer" report $TARGET_OPTIONS --state auto --new
    [ "$status" -eq 2 ]
}

@test "state: a foreign, newer or unreachable file is one clear error, and stays as it is" {
    local kind command
    python3 - "$BATS_TEST_TMPDIR" <<'PY'
import sqlite3, sys
for name, number in (("foreign", 7), ("newer", 1397967181)):
    db = sqlite3.connect(f"{sys.argv[1]}/{name}")
    db.execute("CREATE TABLE mine (x)")
    db.execute(f"PRAGMA application_id = {number}")
    db.execute("PRAGMA user_version = 99")
PY
    echo "my notes of many years, which are no database at all, and are not to be lost by anything" >"$BATS_TEST_TMPDIR/notes"
    for kind in foreign newer notes no/such/folder .; do
        [ ! -f "$BATS_TEST_TMPDIR/$kind" ] || cp "$BATS_TEST_TMPDIR/$kind" "$BATS_TEST_TMPDIR/before"
        run --separate-stderr mine report --state "$BATS_TEST_TMPDIR/$kind"
        echo "$kind: $stderr"
        [ "$status" -eq 2 ]
        [ "$(grep -c error: <<<"$stderr")" -eq 1 ]
        grep -q hint: <<<"$stderr" || [ "$kind" = . ]
        [ ! -f "$BATS_TEST_TMPDIR/$kind" ] || cmp "$BATS_TEST_TMPDIR/$kind" "$BATS_TEST_TMPDIR/before"
    done
    for command in mine duplicates running slow doctor; do
        run --separate-stderr mine "$command" --state "$BATS_TEST_TMPDIR/newer"
        [ "$status" -eq 2 ]
        run --separate-stderr env -u HOME -u XDG_STATE_HOME "$ssisminer" "$command" $TARGET_OPTIONS --state auto
        [ "$status" -eq 0 ]
        [[ $stderr == *"it goes on without"* ]]
    done
}

@test "state: killed at any instant, it stays whole and the next run goes on" {
    local i pid
    mine report --since 2d --state "$STATE" >/dev/null
    for i in $(seq 25); do
        # shellcheck disable=SC2086 # the options are words
        "$ssisminer" report $TARGET_OPTIONS --since 2d --state "$STATE" >/dev/null 2>&1 3>&- &
        pid=$!
        sleep "0.$(printf %03d $((i * 13 % 400)))"
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
        [ "$(python3 -c 'import sqlite3,sys; print(sqlite3.connect(sys.argv[1]).execute("PRAGMA integrity_check").fetchone()[0])' "$STATE")" = ok ]
    done
    run mine report --since 2d --state "$STATE" --fail-on new
    [ "$status" -eq 0 ]
}

@test "state: two runs at once, and the targets of a fleet, wait for each other" {
    local pids=() pid i
    for i in 1 2 3 4 5 6; do
        # shellcheck disable=SC2086 # the options are words
        "$ssisminer" report $TARGET_OPTIONS --since 2d --state "$STATE" >"$BATS_TEST_TMPDIR/out.$i" 2>"$BATS_TEST_TMPDIR/err.$i" 3>&- &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid"; done
    cat "$BATS_TEST_TMPDIR"/err.*
    [ "$(cat "$BATS_TEST_TMPDIR"/err.* | grep -c 'what is new')" -eq 0 ]
    [ "$(python3 -c 'import sqlite3,sys; print(sqlite3.connect(sys.argv[1]).execute("SELECT count(*) FROM scope").fetchone()[0])' "$STATE")" = 1 ]
}

# A row a command: its options of an early run and of a late one (the sandbox's history lies between), and where its findings are.
readonly COMMANDS='
report     | --since 2d --until 1d             | --since 2d        | causes
duplicates | --since 6d --until 5d             | --since 6d        | duplicates
mine       | --since 2d --until 47h            | --since 2d        | signatures
slow       | --since 6d --until 4d --min-runs 3 | --since 6d --min-runs 3 | slow
'

@test "state: each command that keeps one tells what is new, goes on and is gone" {
    local command early late key
    while IFS='|' read -r command early late key; do
        command=${command// /} key=${key// /}
        [ -n "$command" ] || continue
        # shellcheck disable=SC2086 # the options are words
        {
            run mine "$command" $early --state "$STATE" --fail-on new
            [ "$status" -eq 0 ] # a first run has nothing to compare with
            run mine "$command" $late --state "$STATE" --fail-on new
            echo "$command: $output"
            [ "$status" -eq 1 ]
            [[ $output == *", "[1-9]*" new"* ]]
            run mine "$command" $late --state "$STATE" --fail-on new
            [ "$status" -eq 0 ]
            [[ $output == *", 0 new"* ]]
            output=$(mine "$command" $early --state "$STATE" --format json)
            [ "$(json "len(r['gone']) > 0 and r['last_run'] is not None and not any(c['new'] for c in r['$key'])")" = True ]
            output=$(mine "$command" $late --state "$STATE" --new --format json)
            [ "$(json "len(r['$key']) > 0 and all(c['new'] and c['seen_since'] for c in r['$key'])")" = True ]
            run mine "$command" $late --state "$STATE" --new
            [[ ${lines[0]} == "Nothing new"* ]]
        }
    done <<<"$COMMANDS"
    # four commands, four questions: none was compared with another's
    [ "$(python3 -c 'import sqlite3,sys; print(sqlite3.connect(sys.argv[1]).execute("SELECT count(*) FROM scope").fetchone()[0])' "$STATE")" = 4 ]
}

@test "state: what hangs is new once, and gone when it no longer does" {
    local seed=1 flavor=sql2019 hung
    plain_sandbox
    live() { SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" running -S "127.0.0.1,$SANDBOX_PORT" -U sa --ca-file "$SANDBOX_CA" --state "$STATE" "$@"; }
    told() { TDSVER=7.4 timeout 60 tsql -H 127.0.0.1 -p "$SANDBOX_PORT" -U sa -P "$SANDBOX_PASSWORD" -D SSISDB >"$BATS_TEST_TMPDIR/told" 2>&1; }
    sandbox_start planted --flavor "$flavor" --empty
    run live --fail-on new
    [ "$status" -eq 0 ]
    tests/integration/plant-running "$seed" "$flavor" "$BATS_TEST_TMPDIR/plant.sql" "$BATS_TEST_TMPDIR/truth.json"
    told <"$BATS_TEST_TMPDIR/plant.sql"
    run live --fail-on new --new
    echo "$output"
    [ "$status" -eq 1 ]
    [[ $output != *"runs"$'\n'* ]] # what runs well is no finding
    [[ $output == *"new, hangs"* ]]
    output=$(live --format json)
    [ "$(json 'r["new_findings"] == 0 and all(o["new"] is False for o in r["live"] if o["state"] in ("hangs", "late", "silent"))')" = True ]
    [ "$(json 'all(o["new"] is None for o in r["live"] if o["state"] not in ("hangs", "late", "silent"))')" = True ]
    hung=$(json 'next(o["execution_id"] for o in r["live"] if o["state"] == "hangs")')
    printf 'UPDATE internal.operations SET status = 7, end_time = SYSDATETIMEOFFSET() WHERE operation_id = %s\ngo\n' "$hung" | told
    run live
    [[ $output == *"  gone  1 since the last run: $hung hangs: "* ]]
}

@test "state: what doctor did not check is neither new nor gone" {
    run mine doctor --skip zombies --state "$STATE"
    [ "$status" -eq 0 ]
    run mine doctor --state "$STATE" --fail-on new
    [ "$status" -eq 1 ]
    [[ $output == *"error, new  "*"zombies"* ]]
    run mine doctor --skip zombies --state "$STATE" --fail-on new
    [ "$status" -eq 0 ]
    [[ $output != *"since the last run"* ]]
    run mine doctor --state "$STATE" --new
    [[ ${lines[0]} == "Nothing new; "* ]]
}

@test "state: scan compares what was given from the root on, and what it could read" {
    ssisminer=$(realpath "$ssisminer")
    mkdir "$BATS_TEST_TMPDIR/logs"
    cd "$BATS_TEST_TMPDIR/logs"
    echo 'Error: 2026-11-30 at Load: Login timeout expired' >a.log
    run "$ssisminer" scan . --state "$STATE" --fail-on new
    [ "$status" -eq 0 ]
    echo 'Error: 2026-11-30 at Load: There is not enough space on the disk.' >b.log
    echo 'Error: 2026-11-30 at Load: the frobnicator has lost its marbles' >c.log
    run "$ssisminer" scan "$PWD" --state "$STATE" --fail-on new
    echo "$output"
    [ "$status" -eq 1 ]
    [[ ${lines[0]} == *", 2 new" ]]
    rm b.log
    output=$("$ssisminer" scan . --state "$STATE" --format json)
    [ "$(json 'len(r["gone"]) == 1 and r["new_findings"] == 0')" = True ]
    echo 'Error: 2026-11-30 at Load: There is not enough space on the disk.' >b.log
    output=$("$ssisminer" scan . --state "$STATE" --new --format json)
    [ "$(json 'len(r["causes"]) == len(r["records"]) == r["known_count"] == 1 and r["unknown_count"] == 0')" = True ]
    run --separate-stderr "$ssisminer" scan . --state "$STATE" --format ndjson
    [ "$status" -eq 2 ]
    [[ $stderr == *"hint: --format json"* ]]
}

@test "state: a login that sees less asks another question" {
    run mine report --since 2d --state "$STATE"
    [ "$status" -eq 0 ]
    # shellcheck disable=SC2086 # the options are words
    run env SQLCMDUSER=nobody "$ssisminer" report $TARGET_OPTIONS -U nobody --since 2d --state "$STATE"
    run mine report --since 2d --state "$STATE" --fail-on new
    [ "$status" -eq 0 ]
    [[ $output != *"since the last run"* ]]
}

@test "state: a capture is compared with itself, not with its server" {
    run mine capture -o "$BATS_TEST_TMPDIR/log.ssiscap"
    echo "$output"
    [ "$status" -eq 0 ]
    mine report --since 2d --until 1d --state "$STATE" >/dev/null
    run "$ssisminer" report --from "$BATS_TEST_TMPDIR/log.ssiscap" --since 2d --state "$STATE" --fail-on new
    [ "$status" -eq 0 ] # of the capture it is the first
    run "$ssisminer" report --from "$BATS_TEST_TMPDIR/log.ssiscap" --since 2d --until 1d --state "$STATE"
    [[ $output == *"since the last run: "* ]]
    run mine report --since 2d --until 1d --state "$STATE"
    [[ $output != *"since the last run: "* ]] # of the server nothing is gone
}
