#!/usr/bin/env bats
# --state: what is new, goes on and is gone since the last run. On a sandbox of its own.
# shellcheck disable=SC2154 # target.bash sets ssisminer and stderr comes from run

load target

setup_file() { target_start; }
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
    [ "$(json 'len(r["gone"]) > 0 and r["new_causes"] == 0 and all(c["state"] == "recurring" for c in r["causes"])')" = True ]
    output=$(mine report --since 2d --state "$STATE" --new --format json)
    [ "$(json 'len(r["causes"]) > 0 and all(c["state"] == "new" for c in r["causes"])')" = True ]
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
    run --separate-stderr mine mine --fail-on new
    [ "$status" -eq 2 ]
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
    local kind
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
