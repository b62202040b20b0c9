#!/usr/bin/env bats
# What changed before a package failed, as `report` tells it. On sandboxes with planted histories.
# shellcheck disable=SC2154 # target.bash sets ssisminer and stderr comes from run

load target

setup() {
    sandbox_only "catalogues made on demand, to write to"
    plain_sandbox
}

# on_planted SEED FLAVOR: an empty catalogue with what plant-changes puts there; sets SANDBOX_….
on_planted() {
    sandbox_start "changes-$1" --flavor "$2" --empty "${@:3}"
    tests/integration/plant-changes "$1" "$2" "$BATS_TEST_TMPDIR/plant.sql" "$BATS_TEST_TMPDIR/truth.json"
    tell "$BATS_TEST_TMPDIR/plant.sql"
}

tell() { # SCRIPT
    TDSVER=7.4 timeout 60 tsql -H 127.0.0.1 -p "$SANDBOX_PORT" -U sa -P "$SANDBOX_PASSWORD" -D SSISDB <"$1" >"$BATS_TEST_TMPDIR/told" 2>&1
    ! grep -aE 'Msg [0-9]+ \(severity 1[1-9]' "$BATS_TEST_TMPDIR/told"
}

report_on() { # LOGIN OPTIONS…
    local login=$1
    shift
    SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" report -S "127.0.0.1,$SANDBOX_PORT" -U "$login" --ca-file "$SANDBOX_CA" "$@"
}

@test "changes: since when, last success, deployment and values are as planted, in every flavour, on many seeds" {
    local seed flavor
    for seed in $(seeds 12); do
        flavor=$(echo azure sql2019 sql2012 | cut -d' ' -f$((seed % 3 + 1)))
        on_planted "$seed" "$flavor"
        report_on sa --since 60d --format json -o "$BATS_TEST_TMPDIR/found.json"
        run tests/integration/compare-changes "$BATS_TEST_TMPDIR/found.json" "$BATS_TEST_TMPDIR/truth.json"
        echo "$flavor $seed: $output"
        [ "$status" -eq 0 ]
        sandbox_stop "$SANDBOX_PID"
    done
}

@test "changes: a reader of the log, who sees no versions, has the same from the operations" {
    on_planted 4 sql2019
    report_on reader --since 60d --format json -o "$BATS_TEST_TMPDIR/found.json"
    run tests/integration/compare-changes "$BATS_TEST_TMPDIR/found.json" "$BATS_TEST_TMPDIR/truth.json"
    echo "$output"
    [ "$status" -eq 0 ]
    sandbox_stop "$SANDBOX_PID"
}

@test "changes: a line on the first screen, two on the card, and fields in the data" {
    on_planted 2 azure
    python3 - "$BATS_TEST_TMPDIR/truth.json" >"$BATS_TEST_TMPDIR/deployed" <<'PY'
import json, sys
t = json.load(open(sys.argv[1]))
print(*[p["execution_id"] for p in t.values() if p["deployed_between"]][:1])
PY
    id=$(cat "$BATS_TEST_TMPDIR/deployed")
    [ -n "$id" ]
    text=$(COLUMNS=80 report_on sa --execution "$id")
    echo "$text"
    grep -q '^  since    .*last success' <<<"$text"
    grep -qE '^  changed  deployed version [0-9]+ by (ben|anna|first)' <<<"$text"
    [ -z "$(awk 'length($0) > 80 || NR > 23' <<<"$text")" ]
    text=$(COLUMNS=80 report_on sa --since 60d)
    echo "$text"
    [ -z "$(awk 'length($0) > 80 || NR > 23' <<<"$text")" ]
    COLUMNS=80 report_on sa --since 60d --all | grep -q '^    changed  deployed version '
    report_on sa --since 60d --format csv | python3 -c 'import csv,sys; rows=list(csv.DictReader(sys.stdin)); assert any(r["deployed_by"] for r in rows) and all("failing_since" in r for r in rows)'
    sandbox_stop "$SANDBOX_PID"
}

@test "changes: as many statements for one failing package as for many" {
    few=$(statements_of report 300)
    many=$(statements_of report 4000)
    echo "few: $few, many: $many"
    [ "$few" -eq "$many" ]
}

@test "changes: a server that refuses to tell leaves the report whole, with a warning" {
    sandbox_start refuses --flavor azure --seed 7 --days 10 --executions 150 --fault "error=208@text=AS newest_id"
    run --separate-stderr report_on sa --since 60d --format json
    echo "$stderr"
    [ "$status" -eq 0 ]
    [[ $stderr == *"what changed before is not known"* ]]
    [ "$(json 'len(r["packages"]) == 0 and len(r["executions"]) > 5')" = True ]
    sandbox_stop "$SANDBOX_PID"
}
