#!/usr/bin/env bats
# `doctor` over real TDS. Runs on a sandbox, or on the server of `make test-live`.
# shellcheck disable=SC2154 # target.bash sets ssisminer and stderr comes from run

load target

setup_file() { target_start; }
teardown_file() { target_stop; }

# examine [options…]: doctor on the sandbox started last; sets $output, and a line a check in
# $outcomes: "found ID", "fine ID", "skipped ID", "not_checked ID reason".
examine() {
    local status=0
    output=$(SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" doctor -S "127.0.0.1,$SANDBOX_PORT" -U "${AS:-sa}" --ca-file "$SANDBOX_CA" --format json "$@") || status=$?
    outcomes=$(json '"\n".join(["found " + f["id"] for f in r["findings"]] + [p["outcome"] + " " + p["id"] for p in r["passed"]] + ["not_checked " + u["id"] + " " + u["reason"] for u in r["not_checked"]])')
    return $status
}

# tell STATEMENT: sends it to the sandbox started last.
tell() {
    printf '%s\ngo\n' "$1" | TDSVER=7.4 timeout 60 tsql -H 127.0.0.1 -p "$SANDBOX_PORT" -U sa -P "$SANDBOX_PASSWORD" -D SSISDB >"$BATS_TEST_TMPDIR/told" 2>&1
    ! grep -aE 'Msg [0-9]+ \(severity 1[1-9]' "$BATS_TEST_TMPDIR/told" # tsql may have put a CR in front
}

is_found() { grep -qx "found $1" <<<"$outcomes"; }
is_fine() { grep -qx "fine $1" <<<"$outcomes"; }
is_unchecked() { # ID, words of the reason
    grep "^not_checked $1 " <<<"$outcomes" | grep -qF "$2"
}

@test "doctor: what was planted is found, and nothing else" {
    needs sys.dm_db_partition_stats "FILEPROPERTY(N'data', N'SpaceUsed')"
    needs_truth
    mine doctor --format json -o "$BATS_TEST_TMPDIR/found.json"
    run tests/integration/compare-doctor "$BATS_TEST_TMPDIR/found.json" "$TRUTH"
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "doctor: each plant on and off, in every flavour" {
    sandbox_only "catalogs of other flavours"
    plain_sandbox
    local flavor plant plants=(none all retention purge-failed orphan-keys worker-offline versions zombies cleanup-disabled verbose)
    local every=retention,purge-failed,orphan-keys,worker-offline,versions,zombies
    for flavor in $(flavors azure sql2019 sql2012); do
        # One by one on one of them.
        [ $flavor = azure ] || plants=(none all)
        for plant in "${plants[@]}"; do
            local options=(--without "$every")
            case $plant in
            none) ;;
            all) options=(--plant cleanup-disabled --plant verbose) ;;
            cleanup-disabled | verbose) options+=(--plant "$plant") ;;
            *) options=(--without "$(sed -E "s/(^|,)$plant(,|\$)/,/" <<<"$every" | sed 's/^,//; s/,$//')") ;;
            esac
            sandbox_start "$flavor-$plant" --flavor "$flavor" --days 12 --executions 120 "${options[@]}" --truth "$BATS_TEST_TMPDIR/truth.json"
            SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" doctor -S "127.0.0.1,$SANDBOX_PORT" -U sa --ca-file "$SANDBOX_CA" \
                --format json -o "$BATS_TEST_TMPDIR/found.json"
            run tests/integration/compare-doctor "$BATS_TEST_TMPDIR/found.json" "$BATS_TEST_TMPDIR/truth.json"
            sandbox_stop "$SANDBOX_PID"
            echo "$flavor $plant: $output"
            [ "$status" -eq 0 ]
        done
    done
}

@test "doctor: purges: missing, behind, and both set right" {
    sandbox_only "catalogs made on demand, to write to"
    sandbox_start purges --days 30 --executions 120 --without retention,purge-failed
    examine
    is_found purge-behind
    is_fine purge-missing
    is_fine purge-failed
    tell "UPDATE internal.catalog_properties SET property_value = N'60' WHERE property_name = N'RETENTION_WINDOW'"
    examine
    is_fine purge-behind
    tell "DELETE FROM internal.operations WHERE operation_type = 2"
    examine
    is_found purge-missing
    [[ $(json 'r["findings"]') == *"no purge that succeeded"* ]]
    # Somebody else's purge leaves no operation, but a log as long as the retention window.
    tell "UPDATE internal.catalog_properties SET property_value = N'30' WHERE property_name = N'RETENTION_WINDOW'"
    examine
    is_fine purge-missing
    tell "UPDATE internal.catalog_properties SET property_value = N'-1' WHERE property_name = N'RETENTION_WINDOW'"
    examine
    [ "$(json '[f["priority"] for f in r["findings"] if f["id"] == "retention-window"]')" = "['error']" ]
}

@test "doctor: field-C4: a failed purge that another one makes up for is a warning" {
    sandbox_only "catalogs made on demand, to write to"
    local priority='[f["priority"] for f in r["findings"] if f["id"] == "purge-failed"]' ledger=$BATS_TEST_TMPDIR/ledger
    sandbox_start replaced --days 30 --executions 120 --without zombies,retention
    examine
    [ "$(json "$priority")" = "['error']" ]
    SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" cleanup -S "127.0.0.1,$SANDBOX_PORT" -U sa --ca-file "$SANDBOX_CA" \
        --execute --keep 10d --yes -q --ledger "$ledger" >"$BATS_TEST_TMPDIR/run"
    examine --run-record "$ledger" --fail-on error
    [ "$(json "$priority")" = "['warning']" ]
    [[ $(json 'r["findings"]') == *"something else purges"* ]]
    # A record that does not speak of this database is said, and judges nothing.
    examine --run-record /nowhere/ledger 2>"$BATS_TEST_TMPDIR/err"
    grep -q "'/nowhere/ledger' has no cleanup of all operations of this database" "$BATS_TEST_TMPDIR/err"
    local status=0
    examine --run-record / 2>"$BATS_TEST_TMPDIR/err" || status=$?
    [ "$status" -eq 2 ]
    grep -q "cannot read the ledger '/': Is a directory" "$BATS_TEST_TMPDIR/err"
}

@test "doctor: space: quota and growth" {
    sandbox_only "catalogs made on demand, to write to"
    sandbox_start space --days 5 --executions 120 --without retention
    examine
    is_fine size-quota
    is_fine size-growth
    local used
    used=$(printf "SELECT N'used ', FILEPROPERTY(DB_NAME(), 'SpaceUsed')\ngo\n" | TDSVER=7.4 tsql -H 127.0.0.1 -p "$SANDBOX_PORT" -U sa -P "$SANDBOX_PASSWORD" -D SSISDB 2>/dev/null | sed -n 's/.*used *\t*//p')
    tell "UPDATE sandbox.limits SET max_size_bytes = CAST($used AS bigint) * 8192 / 85 * 100"
    examine
    [ "$(json '[f["priority"] for f in r["findings"] if f["id"] == "size-quota"]')" = "['warning']" ]
    is_found size-growth
    tell "UPDATE sandbox.limits SET max_size_bytes = CAST($used AS bigint) * 8192 / 98 * 100"
    examine
    [ "$(json '[f["priority"] for f in r["findings"] if f["id"] == "size-quota"]')" = "['critical']" ]
    [ "$(json '[f["priority"] for f in r["findings"] if f["id"] == "size-growth"]')" = "['critical']" ]
}

@test "doctor: settings: nothing logged, versions kept, keys for each execution" {
    sandbox_only "catalogs made on demand, to write to"
    sandbox_start settings --days 5 --executions 120
    examine
    is_fine no-logging
    is_fine version-cleanup-disabled
    is_fine keys-per-execution
    tell "UPDATE internal.catalog_properties SET property_value = N'0' WHERE property_name = N'SERVER_LOGGING_LEVEL'"
    tell "UPDATE internal.catalog_properties SET property_value = N'FALSE' WHERE property_name = N'VERSION_CLEANUP_ENABLED'"
    tell "UPDATE internal.catalog_properties SET property_value = N'1' WHERE property_name = N'SERVER_OPERATION_ENCRYPTION_LEVEL'"
    examine
    is_found no-logging
    is_found version-cleanup-disabled
    is_found keys-per-execution
    tell "DELETE FROM internal.catalog_properties"
    examine
    is_unchecked no-logging "cannot be read"
    is_unchecked retention-window "cannot be read"
    is_unchecked cleanup-disabled "cannot be read"
    is_unchecked version-cleanup-disabled "cannot be read"
    is_unchecked keys-per-execution "cannot be read"
    is_unchecked project-versions "cannot be read"
}

@test "doctor: a missing index is found with its statement, which mends it" {
    sandbox_only "catalogs made on demand, to write to"
    sandbox_start indexes --flavor sql2012 --days 5 --executions 120
    examine
    is_found missing-index
    json '"\n".join(e.split(": ", 1)[1] for f in r["findings"] if f["id"] == "missing-index" for e in f["evidence"])' >"$BATS_TEST_TMPDIR/indexes.sql"
    grep -qF '[event_message_context] ([event_message_id])' "$BATS_TEST_TMPDIR/indexes.sql"
    while read -r statement; do
        tell "$statement"
    done <"$BATS_TEST_TMPDIR/indexes.sql"
    examine
    is_fine missing-index
}

# indexes_of doctor|cleanup: the CREATE INDEX statements that it advises.
indexes_of() {
    local section='r["missing_indexes"]' statement='e["statement"]'
    [ "$1" = cleanup ] || section='[e for f in r["findings"] if f["id"] == "missing-index" for e in f["evidence"]]' statement='e.split(": ", 1)[1]'
    output=$(SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" "$1" -S "127.0.0.1,$SANDBOX_PORT" -U sa --ca-file "$SANDBOX_CA" --format json)
    json "'\n'.join($statement for e in $section)"
}

@test "doctor: field-D4 field-D5 field-D6: one list of indexes for doctor and cleanup, that the server takes" {
    sandbox_only "catalogs made on demand, to write to"
    local flavor statement
    for flavor in $(flavors azure sql2019 sql2012); do
        sandbox_start "advice-$flavor" --flavor $flavor --days 5 --executions 60
        tell "CREATE TABLE dbo.MyRunLog (id int NOT NULL PRIMARY KEY, execution_id bigint NOT NULL CONSTRAINT FK_MyRunLog REFERENCES internal.operations (operation_id) ON DELETE CASCADE)"
        tell "CREATE TABLE dbo.[my ]]log] (id int NOT NULL PRIMARY KEY, [the run] bigint NOT NULL CONSTRAINT [FK my log] REFERENCES internal.executions (execution_id) ON DELETE CASCADE)"
        indexes_of doctor >"$BATS_TEST_TMPDIR/doctor.sql"
        indexes_of cleanup >"$BATS_TEST_TMPDIR/cleanup.sql"
        cat "$BATS_TEST_TMPDIR/doctor.sql"
        diff "$BATS_TEST_TMPDIR/doctor.sql" "$BATS_TEST_TMPDIR/cleanup.sql"
        grep -qxF 'CREATE INDEX [IX_MyRunLog_execution_id] ON [dbo].[MyRunLog] ([execution_id]);' "$BATS_TEST_TMPDIR/doctor.sql"
        grep -qxF 'CREATE INDEX [IX_my ]]log_the run] ON [dbo].[my ]]log] ([the run]);' "$BATS_TEST_TMPDIR/doctor.sql"
        while read -r statement; do
            tell "$statement"
        done <"$BATS_TEST_TMPDIR/doctor.sql"
        examine
        is_fine missing-index
        [ -z "$(indexes_of cleanup)" ]
        sandbox_stop "$SANDBOX_PID"
    done
}

@test "doctor: a busy server, workers that are all gone, what Scale Out left behind" {
    sandbox_only "catalogs made on demand, to write to"
    sandbox_start scale-out --days 5 --executions 120
    examine
    is_fine server-busy
    is_fine no-worker-online
    is_fine scale-out-leftovers
    tell "UPDATE sandbox.resource_stats SET max_worker_percent = 97 WHERE age_seconds = 45"
    tell "UPDATE internal.worker_agents SET LastOnlineTime = DATEADD(hour, -1, SYSDATETIMEOFFSET())"
    tell "INSERT INTO internal.operation_messages_scaleout (event_message_guid, operation_id, message_time, message_type, message_source_type, message) VALUES (NEWID(), 17, SYSDATETIMEOFFSET(), 70, 30, N'left')"
    examine
    is_found server-busy
    is_found no-worker-online
    is_found scale-out-leftovers
    [[ $(json 'r["findings"]') == *"workers reached 97"* ]]
}

@test "doctor: the connection: certificate, clock, driver" {
    sandbox_only "a clock that can be set"
    sandbox_start connection --days 5 --executions 120
    examine
    is_fine tls-not-verified
    is_fine clock-offset
    examine -C
    is_found tls-not-verified
    examine -N off
    [ "$(json '[f["priority"] for f in r["findings"] if f["id"] == "tls-not-verified"]')" = "['error']" ]
    SSISMINER_NOW=$(date -u -d '10 minutes ago' +%Y-%m-%dT%H:%M:%SZ) examine
    is_found clock-offset
    # The relay follows it. By itself, which of the two it is hangs on the FreeTDS of this machine.
    examine
    is_fine freetds-redirect
    examine --relay never
    if [ "$(json "tuple(map(int, r['connection'].split()[1].rstrip(',').split('.'))) < (1, 3, 18)")" = True ]; then
        is_found freetds-redirect
    else
        is_fine freetds-redirect
    fi
    sandbox_start onprem --flavor sql2019 --days 5 --executions 120
    examine
    is_fine freetds-redirect
    is_fine engine-out-of-support
    is_unchecked agent-job msdb
    sandbox_start old --flavor sql2012 --days 5 --executions 120
    examine
    is_found engine-out-of-support
    [[ $(json 'r["findings"]') == *"2022-07-12"* ]]
}

@test "doctor: without rights nothing is taken for well" {
    sandbox_only "logins of every kind"
    local status=0
    sandbox_start rights --days 5 --executions 120
    AS=nobody examine || status=$?
    [ "$status" -eq 5 ]
    is_found login-sees-part
    for id in purge-missing purge-failed purge-behind zombies orphan-keys; do
        is_unchecked $id "sees only its own"
    done
    is_unchecked missing-index "VIEW DEFINITION"
    is_unchecked project-versions ssis_admin
    is_unchecked worker-offline ssis_admin
    is_unchecked no-worker-online ssis_admin
    is_unchecked server-busy "VIEW DATABASE STATE"
    is_unchecked size-growth "VIEW DATABASE STATE"
    is_unchecked scale-out-leftovers "schema internal"
    AS=reader examine
    is_found zombies
    is_found purge-failed
    is_unchecked project-versions ssis_admin
    sandbox_start old-rights --flavor sql2012 --days 5 --executions 120
    examine
    is_unchecked worker-offline "no Scale Out"
    is_unchecked server-busy "only Azure SQL Database"
}

@test "doctor: --skip and --fail-on" {
    needs sys.dm_db_partition_stats "FILEPROPERTY(N'data', N'SpaceUsed')"
    needs_truth
    run --separate-stderr mine doctor --fail-on any --format json
    [ "$status" -eq 1 ]
    worst=$(json 'r["findings"][0]["priority"]')
    run mine doctor --fail-on "$worst"
    [ "$status" -eq 1 ]
    output=$(mine doctor --format json --skip purge-failed --skip zombies)
    [ "$(json "[f['id'] for f in r['findings'] if f['id'] in ('purge-failed', 'zombies')]")" = "[]" ]
    [ "$(json "[f['outcome'] for f in r['passed'] if f['id'] == 'zombies']")" = "['skipped']" ]
    run mine doctor --skip no-such-check
    [ "$status" -eq 2 ]
    [[ $output == *no-such-check* ]]
}

@test "doctor: every data format parses, and text keeps to the terminal" {
    needs sys.dm_db_partition_stats "FILEPROPERTY(N'data', N'SpaceUsed')"
    needs_truth
    mine doctor --format csv | python3 -c 'import csv,sys; rows=list(csv.DictReader(sys.stdin)); assert rows and rows[0]["why"]'
    mine doctor --format ndjson | python3 -c 'import json,sys; n=[json.loads(l) for l in sys.stdin]; assert n[0]["section"] == "doctor"'
    mine doctor --format prometheus | grep -q '^ssisminer_doctor_findings{'
    wide=$(COLUMNS=80 mine doctor | grep -v https:// | awk 'length($0) > 80' | head -3)
    echo "$wide"
    [ -z "$wide" ]
}

@test "doctor: as many statements for few executions as for many" {
    sandbox_only "a record of what it receives"
    few=$(statements_of doctor 200)
    many=$(statements_of doctor 4000)
    echo "few: $few, many: $many"
    [ "$few" -eq "$many" ]
}
