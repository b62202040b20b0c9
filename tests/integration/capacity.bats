#!/usr/bin/env bats
# `capacity` over real TDS. Runs on a sandbox, or on the server of `make test-live`.
# shellcheck disable=SC2154 # target.bash sets ssisminer and stderr comes from run

load target

setup_file() { target_start --executions 400; }
teardown_file() { target_stop; }

@test "capacity: planted waits and saturated hours are found" {
    needs_truth
    mine capacity --since 60d --nodes 2 --parallel-per-node 4 --format json -o "$BATS_TEST_TMPDIR/found.json"
    run tests/integration/compare-capacity "$BATS_TEST_TMPDIR/found.json" "$TRUTH"
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "capacity: the same in every flavour of the sandbox, on six seeds" {
    sandbox_only "catalogs of other flavours"
    plain_sandbox
    local flavor seed
    for seed in $(seeds 6); do
        for flavor in $(flavors azure sql2019 sql2012); do
            sandbox_start "$flavor-$seed" --flavor "$flavor" --seed "$seed" --days 30 --executions 300 --truth "$BATS_TEST_TMPDIR/truth.json"
            SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" capacity -S "127.0.0.1,$SANDBOX_PORT" -U sa --ca-file "$SANDBOX_CA" \
                --since 60d --nodes 2 --parallel-per-node 4 --format json -o "$BATS_TEST_TMPDIR/found.json"
            run tests/integration/compare-capacity "$BATS_TEST_TMPDIR/found.json" "$BATS_TEST_TMPDIR/truth.json"
            sandbox_stop "$SANDBOX_PID"
            echo "$flavor $seed: $output"
            [ "$status" -eq 0 ]
            [ "$flavor" != azure ] || [[ $output == *"44 planted waits"* ]]
        done
    done
}

@test "capacity: what the replay advises keeps the target, and a slot less does not" {
    needs_truth
    output=$(mine capacity --since 60d --nodes 2 --parallel-per-node 4 --format json --target-wait 3min)
    [ "$(json 'r["has_queue"]')" = True ] || skip "the server lacks executions that queue: there are few (SSISMINER_TEST_EXECUTIONS)"
    [ "$(json 'r["replay"][-1]["worst_hour_p95_seconds"] <= 180')" = True ]
    needed=$(json 'r["slots_needed"]')
    [ "$needed" -gt 1 ] || skip "nothing waited here"
    output=$(mine capacity --since 60d --format json --target-wait 3min)
    echo "$(json 'r["replay"]')"
    [ "$(json "len(r['replay']) > 1 and all((p['slots'] < $needed) == (p['worst_hour_p95_seconds'] > 180) for p in r['replay'])")" = True ]
}

@test "capacity: filters choose what is listed, not what ran at once" {
    needs_truth
    output=$(mine capacity --since 60d --format json)
    peak=$(json 'r["peak"]') package=$(json 'r["packages"][0]["package"].split("/")[-1]')
    output=$(mine capacity --since 60d --format json --package "$package" --limit 2)
    [ "$(json 'r["peak"]')" -eq "$peak" ]
    [ "$(json "all(p['package'].endswith('/$package') for p in r['packages'] + r['longest']) and len(r['longest']) <= 2")" = True ]
}

@test "capacity: a window that nothing ran in has no figures" {
    output=$(mine capacity --since 2001-01-01 --until 2001-02-01 --format json)
    [ "$(json 'r["executions"] == 0 and r["peak"] == 0 and r["slots_needed"] is None and not r["longest"]')" = True ]
}

@test "capacity: every data format parses, and text keeps to the terminal" {
    needs_truth
    mine capacity --since 60d --format csv | python3 -c 'import csv,sys; rows=list(csv.DictReader(sys.stdin)); assert rows and (rows[0].get("wait_seconds") or rows[0]["peak"])'
    mine capacity --since 60d --format ndjson | python3 -c 'import json,sys; n=[json.loads(l) for l in sys.stdin]; assert n[0]["section"] == "capacity"'
    mine capacity --since 60d --format prometheus | grep -q '^ssisminer_capacity_peak_executions{'
    wide=$(COLUMNS=80 mine capacity --since 60d | awk 'length($0) > 80' | head -3)
    echo "$wide"
    [ -z "$wide" ]
}

@test "capacity: --fail-on turns a wait above the target into exit 1" {
    needs_truth
    run mine capacity --since 60d --fail-on error
    [ "$status" -eq 1 ]
    run mine capacity --since 60d --fail-on critical
    [ "$status" -eq 0 ]
    run mine capacity --since 2001-01-01 --until 2001-02-01 --fail-on any --package 'no such package'
    [ "$status" -eq 2 ]
}

@test "capacity: a login without the role gets exit 5" {
    sandbox_only "logins of every kind"
    # shellcheck disable=SC2086
    run --separate-stderr "$ssisminer" capacity ${TARGET_OPTIONS/-U sa/-U nobody} --since 60d
    [ "$status" -eq 5 ]
    [[ $stderr == *ssis_logreader* ]]
}

@test "capacity: as many statements for few executions as for many" {
    sandbox_only "a record of what it receives"
    few=$(statements_of capacity 200)
    many=$(statements_of capacity 4000)
    echo "few: $few, many: $many"
    [ "$few" -eq "$many" ]
}

@test "capacity: field-18: believes what it measured before what it was told" {
    sandbox_only "catalogs of other flavours"
    local flavor
    for flavor in azure managed; do
        sandbox_start "slots-$flavor" --flavor "$flavor" --seed 7 --days 10 --executions 150 --now 2026-03-02T06:00:00Z
        ask() {
            output=$(SSISMINER_NOW=2026-03-02T06:00:00Z SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" capacity -S "127.0.0.1,$SANDBOX_PORT" -U sa \
                --ca-file "$SANDBOX_CA" --since 10d "$@")
        }
        ask --nodes 2 --parallel-per-node 16
        [[ ${output//$'\n'/ } == *"8, measured; given: 32 = "*"waited while slots were free"*"The number given, 32, is too high"* ]]
        ask --nodes 1 --parallel-per-node 2
        [[ ${output//$'\n'/ } == *"8 ran at once where 2 slots are given: that number is too low"* ]]
        ask --format json
        [ "$(json 'r["slots"], r["slots_given"], r["slots_measured"]')" = "(8, None, 8)" ]
        ask --nodes 2 --parallel-per-node 4
        [[ ${output//$'\n'/ } != *measured* && $output == "Too few slots: 8 where "*"Too few: "*"there are 8."* ]]
        ask --nodes 2 --parallel-per-node 4 --all
        [[ ${output//$'\n'/ } != *measured* && $output == *"Are the slots enough?"*"Too few"*"The hours of the day"* ]]
        sandbox_stop "$SANDBOX_PID"
    done
}
