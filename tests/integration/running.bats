#!/usr/bin/env bats
# `running` over real TDS. Runs on a sandbox, or on the server of `make test-live`.
# shellcheck disable=SC2154 # target.bash sets ssisminer and stderr comes from run

load target

setup_file() { target_start --executions 300; }
teardown_file() { target_stop; }

@test "running: every planted zombie hangs, and nothing else does" {
    needs_truth
    output=$(mine running --format json)
    json '[o["execution_id"] for o in r["live"] if o["state"] == "hangs"]' >"$BATS_TEST_TMPDIR/found"
    python3 -c 'import json,sys; t=json.load(open(sys.argv[1])); print(sorted(z["id"] for z in t["zombies"]))' "$TRUTH" >"$BATS_TEST_TMPDIR/planted"
    diff <(python3 -c 'print(sorted(eval(input())))' <"$BATS_TEST_TMPDIR/found") "$BATS_TEST_TMPDIR/planted"
}

# on_planted SEED FLAVOR: an empty catalog with what plant-running puts there; sets SANDBOX_….
on_planted() {
    sandbox_start "planted-$1" --flavor "$2" --empty
    tests/integration/plant-running "$1" "$2" "$BATS_TEST_TMPDIR/plant.sql" "$BATS_TEST_TMPDIR/truth.json"
    TDSVER=7.4 timeout 60 tsql -H 127.0.0.1 -p "$SANDBOX_PORT" -U sa -P "$SANDBOX_PASSWORD" -D SSISDB \
        <"$BATS_TEST_TMPDIR/plant.sql" >"$BATS_TEST_TMPDIR/told" 2>&1
    ! grep -aE 'Msg [0-9]+ \(severity 1[1-9]' "$BATS_TEST_TMPDIR/told"
}

on_sandbox() { # LOGIN OPTIONS…
    local login=$1
    shift
    SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" running -S "127.0.0.1,$SANDBOX_PORT" -U "$login" --ca-file "$SANDBOX_CA" "$@"
}

@test "running: states, tasks, errors and the queue are as planted, in every flavour, on many seeds" {
    sandbox_only "catalogs made on demand, to write to"
    plain_sandbox
    local seed flavor
    for seed in $(seeds 18); do
        flavor=$(echo azure sql2019 sql2012 | cut -d' ' -f$((seed % 3 + 1)))
        on_planted "$seed" "$flavor"
        on_sandbox sa --format json -o "$BATS_TEST_TMPDIR/found.json"
        run tests/integration/compare-running "$BATS_TEST_TMPDIR/found.json" "$BATS_TEST_TMPDIR/truth.json"
        echo "$flavor $seed: $output"
        [ "$status" -eq 0 ]
        wide=$(COLUMNS=80 on_sandbox sa | awk 'length($0) > 80 || NR > 23')
        echo "$wide"
        [ -z "$wide" ]
        sandbox_stop "$SANDBOX_PID"
    done
}

@test "running: the same from tables and from views, and after a login's rights" {
    sandbox_only "logins of every kind"
    plain_sandbox
    on_planted 3 sql2019
    for user in sa reader; do
        output=$(on_sandbox "$user" --format json)
        json '[(o["execution_id"], o["state"], o["tasks"], o["errors"]) for o in r["live"]], [(s["execution_id"], s["errors"]) for s in r["succeeded_with_errors"]]' >"$BATS_TEST_TMPDIR/$user"
    done
    cmp "$BATS_TEST_TMPDIR/sa" "$BATS_TEST_TMPDIR/reader"
    run --separate-stderr on_sandbox nobody
    [ "$status" -eq 5 ]
    [[ $stderr == *ssis_logreader* ]]
    sandbox_stop "$SANDBOX_PID"
}

@test "running: filters, limits and the verdict" {
    needs_truth
    output=$(mine running --format json)
    id=$(json 'r["live"][0]["execution_id"]') folder=$(json 'r["live"][0]["folder"]')
    output=$(mine running --format json --execution "$id")
    [ "$(json 'len(r["live"]) == 1 and r["server_running"] > 1')" = True ]
    output=$(mine running --format json --folder "!$folder")
    [ "$(json "all(o['folder'] != '$folder' for o in r['live'])")" = True ]
    output=$(mine running --format json --limit 1)
    [ "$(json 'len(r["live"]) == 1 and r["hanging"] > 1')" = True ]
    run mine running --fail-on error
    [ "$status" -eq 1 ]
    run mine running --fail-on critical
    [ "$status" -eq 0 ]
    output=$(mine running --format json --silent-for 3650d) # pending hangs by its own clock
    [ "$(json 'all(o["state"] != "hangs" or o["status"] == "pending" for o in r["live"])')" = True ]
    run mine running --silent-for 5
    [ "$status" -eq 2 ]
}

@test "running: every data format parses" {
    needs_truth
    mine running --format csv | python3 -c 'import csv,sys; rows=list(csv.DictReader(sys.stdin)); assert rows and rows[0]["state"] == "hangs"'
    mine running --format ndjson | python3 -c 'import json,sys; n=[json.loads(l) for l in sys.stdin]; assert n[0]["section"] == "running"'
    mine running --format prometheus | grep -q '^ssisminer_running_hanging_executions{'
}

@test "running: as many statements for few executions as for many" {
    sandbox_only "a record of what it receives"
    few=$(statements_of running 300)
    many=$(statements_of running 4000)
    echo "few: $few, many: $many"
    [ "$few" -eq "$many" ]
}
