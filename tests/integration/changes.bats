#!/usr/bin/env bats
# What changed before a package failed, as `report` tells it. On sandboxes with planted histories.
# shellcheck disable=SC2154 # target.bash sets ssisminer and stderr comes from run

load target

setup() {
    sandbox_only "catalogs made on demand, to write to"
    plain_sandbox
}

# on_planted SEED FLAVOR: an empty catalog with what plant-changes puts there; sets SANDBOX_….
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

@test "changes: a log of any length is looked back over for 100,000 operations, and that is said" {
    local flavor run id status package long="DATEADD(DAY, -20, SYSDATETIMEOFFSET())"
    for flavor in $(flavors azure sql2019 sql2012); do
        sandbox_start "reach-$flavor" --flavor "$flavor" --empty
        {
            echo 'SET IDENTITY_INSERT internal.operations ON'
            for run in 100:7:Old 200:4:Old 199999:4:Old 200100:7:New 300100:4:New; do
                IFS=: read -r id status package <<<"$run"
                echo "INSERT INTO internal.operations (operation_id, operation_type, created_time, object_type, object_id, object_name, status, start_time, end_time, caller_sid, caller_name) VALUES ($id, 200, DATEADD(SECOND, $((id * 5)), $long), 20, 1, N'DW', $status, DATEADD(SECOND, $((id * 5 + 1)), $long), DATEADD(SECOND, $((id * 5 + 60)), $long), 0x01, N'adf')"
                echo "INSERT INTO internal.executions (execution_id, folder_name, project_name, package_name, project_lsn, executed_as_sid, executed_as_name, use32bitruntime) VALUES ($id, N'Prod', N'DW', N'$package.dtsx', 1, 0x01, N'adf', 0)"
            done
            echo go
        } >"$BATS_TEST_TMPDIR/plant.sql"
        tell "$BATS_TEST_TMPDIR/plant.sql"
        # Old: 100 succeeded, 200 failed, 199999 failed: the success is out of reach. New: 200100 is the last within it.
        output=$(report_on sa --since 20d --format json)
        echo "$flavor: $output"
        [ "$(json '[(p["package"], p["last_success_id"], p["runs_in_log"]) for p in sorted(r["packages"], key=lambda p: p["package"])]')" = "[('New.dtsx', 200100, 2), ('Old.dtsx', None, 1)]" ]
        output=$(report_on sa --since 20d --all)
        [[ ${output//$'\n'/ } == *"no success in the 100,000 "*"operations before it"* ]]
        sandbox_stop "$SANDBOX_PID"
    done
}
