#!/usr/bin/env bats
# One command on several servers (--target): what each says is there, and whose it is; what fails or is slow
# keeps no other. Sandboxes only: the servers misbehave.
# shellcheck disable=SC2154 # target.bash sets ssisminer; output, stderr and status come from run

bats_require_minimum_version 1.5.0
load target

setup_file() {
    is_live && return
    sandbox_start one --executions 60 --days 5 --seed 1
    export ONE=127.0.0.1,$SANDBOX_PORT CA=$SANDBOX_CA SQLCMDPASSWORD=$SANDBOX_PASSWORD
    sandbox_start two --executions 90 --days 5 --seed 2
    export TWO=127.0.0.1,$SANDBOX_PORT
    export MUTE_TOOK=$BATS_FILE_TMPDIR/mute
    mute_server "$MUTE_TOOK"
    export MUTE=127.0.0.1,$MUTE MUTE_PID
}
teardown_file() {
    sandbox_stop_all
    [ -z "${MUTE_PID:-}" ] || kill "$MUTE_PID"
}
# The file's sandboxes serve every test.
teardown() { true; }
setup() {
    sandbox_only "faults on demand"
    config "$(printf '%s\n' "- {name: one, server: '$ONE'}" "- {name: two, server: '$TWO'}")"
}

config() { # LINES of targets
    printf 'defaults: {user: sa, ca_file: "%s", retry: 0}\ntargets:\n%s\n' "$CA" "$(sed 's/^/  /' <<<"$1")" >"$BATS_TEST_TMPDIR/fleet.yaml"
    export SSISMINER_CONFIG=$BATS_TEST_TMPDIR/fleet.yaml
}

fleet() { # STATUS COMMAND…
    local wanted=$1 start=$SECONDS
    shift
    run --separate-stderr "$ssisminer" "$@"
    echo "status $status after $((SECONDS - start)) s: $stderr"
    [ "$status" -eq "$wanted" ]
    [ $((SECONDS - start)) -le 120 ]
}

said() { [[ $stderr == *"$1"* ]] || { echo "missing: $1"; return 1; }; }

@test "fleet: every row of every format names its target" {
    fleet 0 report --target all --since 60d --format json
    [ "$(json '[t["target"] for t in r["targets"]]')" = "['one', 'two']" ]
    [ "$(json 'r["target_count"]')" = 2 ]
    [ "$(json 'sum(t["failed_executions"] for t in r["targets"]) == r["failed_executions"] > 0')" = True ]
    [ "$(json 'sorted({row["target"] for rows in r.values() if isinstance(rows, list) for row in rows})')" = "['one', 'two']" ]
    fleet 0 report --target all --since 60d --format ndjson
    [ -z "$(tail -n +2 <<<"$output" | grep -v '"target":"\(one\|two\)"')" ]
    fleet 0 report --target all --since 60d --format csv
    [ "$(head -1 <<<"$output" | cut -d, -f1)" = target ]
    fleet 0 doctor --target all --format prometheus
    [ -z "$(grep '^ssisminer_doctor_[a-z_]*{' <<<"$output" | grep -v 'target="')" ]
    fleet 0 report --target all --since 60d --all
    [[ $output == *$'\nTargets\n'*"  one  done"*"  two  done"* ]]
    fleet 0 report --target all --since 60d -o "$BATS_TEST_TMPDIR/all.html"
    grep -q '>one<' "$BATS_TEST_TMPDIR/all.html"
}

@test "fleet: each of the reading commands takes it, and what can be summed is" {
    local command
    for command in report mine duplicates capacity slow; do
        fleet 0 "$command" --target all --since 60d --format json
        [ "$(json '[t["result"] for t in r["targets"]]')" = "['done', 'done']" ]
        [ "$(json '[k for k, v in r.items() if type(v) is int and k in r["targets"][0] and v != sum(t[k] for t in r["targets"])]')" = "[]" ]
        [ "$(json 'sum(type(v) is int and k in r["targets"][0] for k, v in r.items()) >= 2')" = True ]
        # What was asked for and the most at one time are of each, not of all together.
        [ "$(json '[k for k in ("slower_by_percent", "min_runs", "peak") if k in r]')" = "[]" ]
    done
    [ "$(json '[t["slower_by_percent"] for t in r["targets"]]')" = "[50, 50]" ]
    fleet 0 cleanup --target all --format json
    [ "$(json 'r["target_count"]')" = 2 ]
}

@test "fleet: who is mute, refuses or shows too little is told, and hides nobody" {
    config "$(printf '%s\n' "- {name: one, server: '$ONE'}" "- {name: mute, server: '$MUTE', login_timeout: 4s}" \
        "- {name: refused, server: '127.0.0.1,1'}" "- {name: nobody, server: '$TWO', user: nobody}" "- {name: two, server: '$TWO'}")"
    fleet 3 report --target all --since 60d --format json
    [ "$(json '[(t["target"], t["result"], t["exit_code"]) for t in r["targets"]]')" = \
        "[('one', 'done', 0), ('mute', 'not connected', 3), ('refused', 'not connected', 3), ('nobody', 'rights too low', 5), ('two', 'done', 0)]" ]
    [ "$(json '[bool(t["error"]) for t in r["targets"]]')" = "[False, True, True, True, False]" ]
    said "refused: '127.0.0.1,1' refused the connection"
    said "hint: refused: "
    said "of 5 targets 2 not connected, 1 rights too low"
    # On one screen: errors first, a line a target, then what matters most on each.
    fleet 3 report --target 'all,!mute' --since 60d
    echo "$output"
    [[ $(wc -l <<<"$output") -le 23 && -z $(LC_ALL=C.UTF-8 grep -E '^.{81}' <<<"$output") ]]
    [[ $output == "4 targets: 1 not connected, 1 rights too low, 2 answered"*"  refused  not connected: "*"  nobody   rights too low: "*"  one      "*" failed: "* ]]
    [[ $output == *$'\nWhy\n  one  '*"    do  "*"  target  newest  "*" more causes, "*" more failures: --all. One of them: --target nobody" ]]
    fleet 0 report --target one --since 60d # as without the others
    [[ $output != *targets* && $output == *" executions, "*" failed: "* ]]
    fleet 5 report --target 'all,!mute,!refused' --since 60d
    fleet 1 report --target one,two --since 60d --fail-on any
}

@test "fleet: cleanup goes one after the other, and each keeps what its target says" {
    config "$(printf '%s\n' "- {name: one, server: '$ONE', cleanup: {keep: 2d}}" "- {name: two, server: '$TWO', cleanup: {keep: 900d}}")"
    fleet 0 cleanup --target all --execute --yes --ledger "$BATS_TEST_TMPDIR/ledger" --format json
    python3 - "$BATS_TEST_TMPDIR/ledger" <<'EOF'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
keeps = [line["keep_seconds"] for line in lines if "keep_seconds" in line]
assert keeps == sorted(keeps) and set(keeps) == {2 * 86400, 900 * 86400}, keeps  # one, then two
EOF
    fleet 0 cleanup --target one --format json
    [ "$(json 'r["targets"][0]["result"]')" = "done" ]
}

@test "fleet: a target whose archive cannot be written deletes nothing, and the others go on" {
    sandbox_start full --executions 80 --days 20 --seed 8
    local full=$SANDBOX_PID
    config "$(printf '%s\n' "- {name: full, server: '127.0.0.1,$SANDBOX_PORT', cleanup: {keep: 3d}}" "- {name: two, server: '$TWO', cleanup: {keep: 3d}}")"
    mkdir "$BATS_TEST_TMPDIR/archive-full.db" # no file can be there
    fleet 2 cleanup --target all --execute --yes --archive "$BATS_TEST_TMPDIR/archive-{target}.db" --format json
    said "error: full: cannot read the archive '$BATS_TEST_TMPDIR/archive-full.db': it is no file"
    said "hint: full: name another file: nothing is deleted without its archive"
    [ "$(json '[(t["target"], t["result"], t["exit_code"]) for t in r["targets"]]')" = "[('full', 'refused', 2), ('two', 'done', 0)]" ]
    [ "$(json '[bool(t["error"]) for t in r["targets"]]')" = "[True, False]" ]
    [ -s "$BATS_TEST_TMPDIR/archive-two.db" ]
    # Nothing of the one went, and what was to go of the other has.
    fleet 0 cleanup --target all --format json
    [ "$(json '[t["doomed_operations"] > 0 for t in r["targets"]]')" = "[True, False]" ]
    sandbox_stop "$full"
}

@test "fleet: the exit code is the first of 2, 3, 4, 5, 1 that one of them had" {
    sandbox_start broken --executions 20 --days 3 --fault garbage@statement=2/every
    local pid=$SANDBOX_PID code leaves_out=
    config "$(printf '%s\n' "- {name: done, server: '$ONE'}" "- {name: right, server: '$TWO', user: nobody}" \
        "- {name: broken, server: '127.0.0.1,$SANDBOX_PORT'}" "- {name: gone, server: '127.0.0.1,1'}" \
        "- {name: wrong, server: '$ONE', integrated: yes, user: sa}")"
    for code in 2.wrong 3.gone 4.broken 5.right 1.done; do
        fleet "${code%.*}" report --target "all$leaves_out" --since 60d --fail-on any -q -o "$BATS_TEST_TMPDIR/out"
        leaves_out+=",!${code#*.}"
    done
    sandbox_stop "$pid"
}

ends_early() { # SERVER FACTOR
    config "$(printf '%s\n' "- {name: locked, server: '$TWO', cleanup: {keep: 2d}}" \
        "- {name: nothing, server: '$1', cleanup: {keep: 2d, sleep: 5s, time_limit: 1s}}" \
        "- {name: early, server: '$1', cleanup: {keep: 2d, sleep: $(($2 * 200))ms, time_limit: $(($2 * 2))s, batch_rows: 20}}" \
        "- {name: done, server: '$1', cleanup: {keep: 900d}}")"
}

@test "fleet: of cleanups it is the first of 7, 6, 75 that one of them had" {
    sandbox_start slow --executions 300 --days 20 --seed 5
    local pid=$SANDBOX_PID slow=127.0.0.1,$SANDBOX_PORT lock factor
    "$ssisminer" cleanup -S "$TWO" -U sa --ca-file "$CA" --execute --yes --keep 4d --sleep 8s --batch-rows 1 -q \
        --ledger "$BATS_TEST_TMPDIR/ledger" >/dev/null 2>"$BATS_TEST_TMPDIR/lock" 3>&- &
    lock=$!
    until_so test -s "$BATS_TEST_TMPDIR/ledger" || { cat "$BATS_TEST_TMPDIR/lock" && return 1; } # it has the lock
    # One that ends early has to have begun: on a machine that stands still it takes longer.
    for factor in 1 4 16; do
        ends_early "$slow" "$factor"
        fleet 7 cleanup --target all --execute --yes --format json
        [ "$(json '[t["exit_code"] for t in r["targets"]]')" = "[75, 7, 7, 0]" ] || break
    done
    [ "$(json '[t["exit_code"] for t in r["targets"]]')" = "[75, 7, 6, 0]" ]
    for factor in 1 4 16; do
        ends_early "$slow" "$factor"
        run "$ssisminer" cleanup --target 'all,!nothing' --execute --yes -q
        [ "$status" -eq 7 ] || break
    done
    [ "$status" -eq 6 ]
    fleet 75 cleanup --target 'locked,done' --execute --yes -q
    fleet 0 cleanup --target 'done' --execute --yes -q
    kill $lock
    wait $lock || true
    sandbox_stop "$pid"
}

@test "fleet: a password is not asked for, and none is shown" {
    unset SQLCMDPASSWORD
    fleet 2 report --target all
    said "one: no password, and no terminal to ask for one"
    said "of 2 targets 2 refused"
}

@test "fleet: a password that comes through a pipe is every target's" {
    local password=$SQLCMDPASSWORD
    unset SQLCMDPASSWORD
    fleet 0 report --target all --since 60d --password-file <(sleep 0.5; echo "$password") --format json
    [ "$(json '[t["result"] for t in r["targets"]]')" = "['done', 'done']" ]
}

@test "fleet: standard input is every target's, be it a pipe or a file" {
    local password=$SQLCMDPASSWORD way
    unset SQLCMDPASSWORD
    for way in - /dev/stdin; do
        echo "$password" >"$BATS_TEST_TMPDIR/password"
        fleet 0 report --target all --since 60d -q --password-file $way <"$BATS_TEST_TMPDIR/password"
        fleet 0 report --target all --since 60d -q --password-file $way < <(cat "$BATS_TEST_TMPDIR/password")
    done
    # A token as well: both hand it on, and the server has no use for it.
    echo aaa.bbb.ccc >"$BATS_TEST_TMPDIR/token"
    config "$(printf '%s\n' "- {name: one, server: '127.0.0.1,1'}" "- {name: two, server: '127.0.0.1,1'}")"
    sed -i 's/user: sa, //' "$SSISMINER_CONFIG"
    fleet 3 report --target all --token-file - <"$BATS_TEST_TMPDIR/token"
    said "one: '127.0.0.1,1' refused the connection"
    said "two: '127.0.0.1,1' refused the connection"
}

# only_mute_is_left PID LINES: until the target before it has answered, and the mute one is waited for; LINES: of MUTE_TOOK before.
only_mute_is_left() {
    wait_for_lines "$MUTE_TOOK" $(($2 + 1))
    until_so has_one_child "$1"
}
has_one_child() { [ "$(pgrep -cP "$1")" -eq 1 ]; } # PID

@test "fleet: a stop ends all of them, and what there is is shown" {
    config "$(printf '%s\n' "- {name: one, server: '$ONE'}" "- {name: mute, server: '$MUTE', login_timeout: 10min}")"
    local pid start ended=0 taken
    taken=$(wc -l <"$MUTE_TOOK")
    "$ssisminer" report --target all --since 60d --format json >"$BATS_TEST_TMPDIR/out" 2>/dev/null 3>&- &
    pid=$! start=$SECONDS
    only_mute_is_left "$pid" "$taken"
    kill -TERM "$pid"
    wait "$pid" || ended=$?
    [ "$ended" -eq 143 ]
    [ $((SECONDS - start)) -le 300 ]
    output=$(cat "$BATS_TEST_TMPDIR/out")
    [ "$(json '[(t["target"], t["result"]) for t in r["targets"]]')" = "[('one', 'done'), ('mute', 'stopped')]" ]
    [ -z "$(pgrep -P "$pid")" ]
}

@test "fleet: one whose process is killed is told, and hides nobody" {
    config "$(printf '%s\n' "- {name: one, server: '$ONE'}" "- {name: mute, server: '$MUTE', login_timeout: 10min}")"
    local pid ended=0 taken
    taken=$(wc -l <"$MUTE_TOOK")
    "$ssisminer" report --target all --since 60d --format json >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    pid=$!
    only_mute_is_left "$pid" "$taken"
    kill -KILL "$(pgrep -P "$pid")"
    wait "$pid" || ended=$?
    [ "$ended" -eq 4 ]
    output=$(cat "$BATS_TEST_TMPDIR/out")
    [ "$(json '[(t["target"], t["result"]) for t in r["targets"]]')" = "[('one', 'done'), ('mute', 'failed')]" ]
    [[ $(json 'r["targets"][1]["error"]') == *"ended without an answer"* ]]
}

@test "fleet: as many servers take no longer than three times the slowest" {
    local pid i targets="" own=()
    for i in 1 2 3 4 5 6; do
        sandbox_start "own$i" --executions 60 --days 3 --seed "$i" --fault stall@statement=1:150/every
        own+=("$SANDBOX_PID")
        targets+="- {name: t$i, server: '127.0.0.1,$SANDBOX_PORT'}"$'\n'
    done
    config "$targets- {name: refused, server: '127.0.0.1,1'}
- {name: nobody, server: '$TWO', user: nobody}"
    local from=$EPOCHREALTIME
    fleet 3 report --target all --since 60d --format json
    local wall
    wall=$(awk -v from="$from" -v to="$EPOCHREALTIME" 'BEGIN { print to - from }')
    for pid in "${own[@]}"; do sandbox_stop "$pid"; done
    [ "$(json '[t["result"] for t in r["targets"]]')" = "['done', 'done', 'done', 'done', 'done', 'done', 'not connected', 'rights too low']" ]
    echo "wall $wall s, each: $(json '[t["taken_seconds"] for t in r["targets"]]')"
    [ "$(json "$wall <= 3 * max(t['taken_seconds'] for t in r['targets'])")" = True ]
}

@test "fleet: few file descriptors make it slower, and hide nobody" {
    config "$(for i in $(seq 12); do echo "- {name: t$i, server: '$ONE'}"; done)"
    # shellcheck disable=SC2016 # the inner shell expands
    run --separate-stderr bash -c 'ulimit -n 30; exec "$0" "$@"' "$ssisminer" report --target all --since 60d --format json
    echo "$status: $stderr"
    [ "$status" -eq 0 ]
    [ "$(json 'sum(t["result"] == "done" for t in r["targets"])')" = 12 ]
}

@test "fleet: twenty targets (make torture: two hundred) answer beside one that is mute" {
    local count=19
    [ "${TORTURE:-}" != 1 ] || count=199
    config "$(
        echo "- {name: mute, server: '$MUTE', login_timeout: 5s}"
        for ((i = 0; i < count; i++)); do echo "- {name: t$i, server: '$ONE'}"; done
    )"
    fleet 3 report --target all --since 60d --format json
    [ "$(json 'sum(t["result"] == "done" for t in r["targets"])')" = $count ]
}

@test "fleet: what cannot be meant is refused before anybody connects" {
    fleet 2 report --target thre
    said "no target is called 'thre'"
    fleet 2 report --target all -S x
    said "--target and --server exclude each other"
    SSISMINER_TARGET=all fleet 3 report -S 127.0.0.1,1 -U sa --retry 0 # what was typed is nearer than a variable
    said "'127.0.0.1,1' refused the connection"
    SSISMINER_TARGET=all fleet 0 report --since 60d --format json
    [ "$(json 'r["target_count"]')" = 2 ]
    fleet 2 report --jobs 3 -S x -U sa
    said "--jobs means nothing without --target"
    fleet 2 duplicates --target all --guard Package.dtsx
    fleet 0 config --format ndjson
    [[ $output == *'"setting":"targets","value":["one","two"]'* ]]
    SSISMINER_CONFIG=/dev/null fleet 2 report --target all
    said "the configuration has no targets"
}
