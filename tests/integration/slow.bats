#!/usr/bin/env bats
# `slow` over real TDS. Runs on a sandbox, or on the server of `make test-live`.
# shellcheck disable=SC2154 # target.bash sets ssisminer and stderr comes from run

load target

setup_file() { target_start --executions 300; }
teardown_file() { target_stop; }

@test "slow: every planted slow run is found with the task that took the time, and nothing else" {
    needs_truth
    mine slow --since 60d --format json -o "$BATS_TEST_TMPDIR/found.json"
    run tests/integration/compare-slow "$BATS_TEST_TMPDIR/found.json" "$TRUTH"
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "slow: the same in every flavour of the sandbox, on twenty seeds, with and without the plant" {
    sandbox_only "catalogs of other flavours"
    plain_sandbox
    local flavor seed without
    for seed in $(seeds 20); do
        flavor=$(echo azure sql2019 sql2012 | cut -d' ' -f$((seed % 3 + 1)))
        without=bare
        [ "$seed" -le 18 ] || without=slow
        sandbox_start "$flavor-$seed" --flavor "$flavor" --seed "$seed" --days 30 --executions 300 \
            --without $without --truth "$BATS_TEST_TMPDIR/truth.json"
        SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" slow -S "127.0.0.1,$SANDBOX_PORT" -U sa --ca-file "$SANDBOX_CA" \
            --since 60d --format json -o "$BATS_TEST_TMPDIR/found.json"
        run tests/integration/compare-slow "$BATS_TEST_TMPDIR/found.json" "$BATS_TEST_TMPDIR/truth.json"
        sandbox_stop "$SANDBOX_PID"
        echo "$flavor $seed without $without: $output"
        [ "$status" -eq 0 ]
        [[ $without == slow || $output == "2 planted"* ]]
    done
}

@test "slow: runs that waited for a slot are not slow, at an instant that drew one twice as long as the others" {
    sandbox_only "a history that ends when the test says"
    sandbox_start waits --flavor azure --seed 11 --days 5 --executions 300 --now 2026-11-30T19:14:40Z --truth "$BATS_TEST_TMPDIR/truth.json"
    SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" slow -S "127.0.0.1,$SANDBOX_PORT" -U sa --ca-file "$SANDBOX_CA" \
        --since 2026-11-25 --until 2026-11-30T19:14:40Z --format json -o "$BATS_TEST_TMPDIR/found.json"
    run tests/integration/compare-slow "$BATS_TEST_TMPDIR/found.json" "$BATS_TEST_TMPDIR/truth.json"
    sandbox_stop "$SANDBOX_PID"
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "slow: phases are the same for a member of ssis_logreader, whose view has more rows" {
    sandbox_only "logins of every kind"
    local options=(slow --since 60d --format json)
    sandbox_start quirk --flavor sql2019 --seed 11 --days 10 --executions 300
    for user in sa reader; do
        output=$(SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" "${options[@]}" -S "127.0.0.1,$SANDBOX_PORT" -U $user --ca-file "$SANDBOX_CA")
        json '[(s["execution_id"], s["phases"], s["rows"]) for s in r["slow"]]' >"$BATS_TEST_TMPDIR/$user"
    done
    sandbox_stop "$SANDBOX_PID"
    grep -q PrimeOutput "$BATS_TEST_TMPDIR/sa"
    cmp "$BATS_TEST_TMPDIR/sa" "$BATS_TEST_TMPDIR/reader"
}

@test "slow: a higher bar and a larger sample leave fewer" {
    output=$(mine slow --since 60d --format json)
    before=$(json 'r["slow_executions"]') judged=$(json 'r["judged"]')
    output=$(mine slow --since 60d --format json --slower-by 1000)
    [ "$(json 'r["slow_executions"]')" -le "$before" ]
    output=$(mine slow --since 60d --format json --min-runs 50)
    [ "$(json 'r["judged"]')" -lt "$judged" ]
    run mine slow --min-runs 1
    [ "$status" -eq 2 ]
}

@test "slow: filters choose the executions that are judged" {
    needs_truth
    output=$(mine slow --since 60d --format json)
    id=$(json 'r["slow"][0]["execution_id"]') package=$(json 'r["slow"][0]["package"].split("/")[-1]')
    output=$(mine slow --since 60d --format json --execution "$id")
    [ "$(json 'r["judged"] == 1 and len(r["slow"]) == 1')" = True ]
    output=$(mine slow --since 60d --format json --package "!$package")
    [ "$(json 'r["slow_executions"]')" -eq 0 ]
    output=$(mine slow --since 60d --format json --limit 1)
    [ "$(json 'len(r["slow"]) == 1 and r["slow_executions"] > 1')" = True ]
}

@test "slow: every data format parses, and text keeps to the terminal" {
    needs_truth
    mine slow --since 60d --format csv | python3 -c 'import csv,sys; rows=list(csv.DictReader(sys.stdin)); assert rows and rows[0]["times_usual"]'
    mine slow --since 60d --format ndjson | python3 -c 'import json,sys; n=[json.loads(l) for l in sys.stdin]; assert n[0]["section"] == "slow"'
    mine slow --since 60d --format prometheus | grep -q '^ssisminer_slow_lost_seconds{'
    wide=$(COLUMNS=80 mine slow --since 60d | awk 'length($0) > 80' | head -3)
    echo "$wide"
    [ -z "$wide" ]
}

@test "slow: --fail-on turns a slow execution into exit 1" {
    needs_truth
    run mine slow --since 60d --fail-on error
    [ "$status" -eq 1 ]
    run mine slow --since 60d --fail-on critical
    [ "$status" -eq 0 ]
    run mine slow --since 60d --fail-on any --package 'no such package'
    [ "$status" -eq 2 ]
}

@test "slow: a login without the role gets exit 5" {
    sandbox_only "logins of every kind"
    # shellcheck disable=SC2086
    run --separate-stderr "$ssisminer" slow ${TARGET_OPTIONS/-U sa/-U nobody} --since 60d
    [ "$status" -eq 5 ]
    [[ $stderr == *ssis_logreader* ]]
}

@test "slow: as many statements for few executions as for many" {
    sandbox_only "a record of what it receives"
    few=$(statements_of slow 300)
    many=$(statements_of slow 4000)
    echo "few: $few, many: $many"
    [ "$few" -eq "$many" ]
}
