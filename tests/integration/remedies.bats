#!/usr/bin/env bats
# What answers advise, tried on the server that they were given for: the right user, the right grant
# for this version, and a run that goes on where the server does not tell. On sandboxes of its own.
# shellcheck disable=SC2154 # target.bash sets ssisminer and stderr comes from run

load target

setup() {
    sandbox_only "logins and versions made on demand"
    plain_sandbox
}

# begin NAME FLAVOR [options…]: a sandbox with little in it.
begin() {
    local name=$1 flavor=$2
    shift 2
    sandbox_start "$name" --flavor "$flavor" --days 6 --executions 60 "$@"
}

# as LOGIN COMMAND …: ssisminer on the sandbox started last.
as() {
    local login=$1 command=$2
    shift 2
    SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" "$command" -S "127.0.0.1,$SANDBOX_PORT" -U "$login" --ca-file "$SANDBOX_CA" "$@"
}

# tell STATEMENT [LOGIN] [DATABASE]: sends it; false, with the messages, when it is refused.
tell() {
    printf '%s\ngo\n' "$1" | TDSVER=7.4 timeout 60 tsql -H 127.0.0.1 -p "$SANDBOX_PORT" -U "${2:-sa}" -P "$SANDBOX_PASSWORD" \
        -D "${3:-SSISDB}" >"$BATS_TEST_TMPDIR/told" 2>&1
    ! grep -aE 'Msg [0-9]+ \(severity 1[1-9]' "$BATS_TEST_TMPDIR/told" # tsql may have put a CR in front
}

# login NAME USER: a login, and a user of another name for it.
login() {
    tell "CREATE LOGIN [$1] WITH PASSWORD = N'$SANDBOX_PASSWORD'" sa master
    tell "CREATE USER [$2] FOR LOGIN [$1]"
}

# follow FILE: sends each line to where it says it belongs, as the owner or administrator.
follow() {
    local statement database
    while read -r statement; do
        database=SSISDB
        [[ $statement != *"in database master"* ]] || database=master
        echo "follows: $statement"
        tell "$statement" sa $database
    done <"$1"
}

grants_of() { # of the plan in $output
    json '"\n".join(g["statement"] for g in r["grants"])' | grep -v '^$' || true
}

warnings() { json '"\n".join(r["warnings"])'; }

@test "remedies: field-C6: hints name the user of the database, not the login" {
    local flavor command
    for flavor in azure sql2019 sql2012; do
        begin "c6-$flavor" $flavor
        login lr 'log]]reader'
        for command in report doctor mine slow capacity duplicates; do
            run --separate-stderr as lr $command
            echo "$flavor $command: $stderr"
            [ "$status" -eq 5 ]
            [[ $stderr == *"ADD MEMBER [log]]reader];"* ]]
        done
        sed -n 's/^hint: a database owner can grant it: //p' <<<"$stderr" >"$BATS_TEST_TMPDIR/hint.sql"
        follow "$BATS_TEST_TMPDIR/hint.sql"
        as lr report >"$BATS_TEST_TMPDIR/out"

        login cl cleaner
        run --separate-stderr as cl cleanup --format json
        [ "$status" -eq 5 ]
        [[ $stderr == *" TO [cleaner];"* ]]
        grants_of >"$BATS_TEST_TMPDIR/grants.sql"
        [ -z "$(grep -F '[cl]' "$BATS_TEST_TMPDIR/grants.sql" | grep -v '^USE master;')" ]
        follow "$BATS_TEST_TMPDIR/grants.sql"
        output=$(as cl cleanup --format json)
        [ -z "$(grants_of)" ]
        sandbox_stop "$SANDBOX_PID"
    done
}

@test "remedies: field-C10: what cannot be seen is said, with the grant of this server" {
    local flavor
    for flavor in sql2012 sql2019 sql2022 managed azure small; do
        begin "c10-$flavor" "${flavor/small/azure}"
        [ $flavor != small ] || tell "UPDATE sandbox.limits SET is_small_tier = 1"
        output=$(as deleter cleanup --keep 4d --format json)
        echo "$flavor: $output"
        [[ $(warnings) == *"sizes are unknown, and a run will not wait for a busy server"* ]]
        [[ $(warnings) == *"sees no session but its own: whom it blocks it cannot see"* ]]
        grants_of >"$BATS_TEST_TMPDIR/grants.sql"
        case $flavor in
        sql2022)
            grep -qx 'GRANT VIEW DATABASE PERFORMANCE STATE TO \[deleter\];' "$BATS_TEST_TMPDIR/grants.sql"
            grep -q '^USE master; GRANT VIEW SERVER PERFORMANCE STATE TO \[deleter\];' "$BATS_TEST_TMPDIR/grants.sql" ;;
        azure) [ "$(grep -c STATE "$BATS_TEST_TMPDIR/grants.sql")" = 1 ] ;;
        small) grep -q '^ALTER SERVER ROLE \[##MS_ServerStateReader##\] ADD MEMBER' "$BATS_TEST_TMPDIR/grants.sql" ;;
        *) grep -q '^USE master; GRANT VIEW SERVER STATE TO \[deleter\];' "$BATS_TEST_TMPDIR/grants.sql" ;;
        esac
        if [[ $flavor = sql* || $flavor = managed ]]; then
            # The right of the database alone shows no session: SQL Server leaves them out in silence.
            tell "GRANT VIEW DATABASE STATE TO [deleter]"
            output=$(as deleter cleanup --keep 4d --format json)
            [[ $(warnings) != *"sizes are unknown"* ]]
            output=$(as deleter cleanup --keep 4d --execute --yes --format json)
            [[ $(warnings) == *"whom it blocks it cannot see, and the run did not wait for them"* ]]
        fi
        follow "$BATS_TEST_TMPDIR/grants.sql"
        output=$(as deleter cleanup --keep 2d --execute --yes --format json)
        [[ $(warnings) != *"cannot see"* ]]
        [[ $(warnings) != *"unknown"* ]]
        [ -z "$(grants_of)" ]
        sandbox_stop "$SANDBOX_PID"
    done
}

@test "remedies: field-C12: views that are missing or refused end no run" {
    local number
    for number in 208 297 300; do
        begin "c12-$number" azure --fault "error=$number@text=dm_exec_requests" \
            --fault "error=$number@text=dm_db_partition_stats" --fault "error=$number@text=dm_db_resource_stats"
        output=$(as sa cleanup --keep 2d --execute --yes --format json)
        echo "$number: $(warnings)"
        [[ $(warnings) == *"sizes are unknown: "* ]]
        [[ $(warnings) == *"the run did not wait for a busy server: "* ]]
        [[ $(warnings) == *"the run did not see whom it blocked: "* ]]
        [ "$(json 'r["deleted_operations"] > 0 and r["end"]')" = "done" ]
        sandbox_stop "$SANDBOX_PID"
        begin "c12-doctor-$number" azure --fault "error=$number@text=dm_db_partition_stats" \
            --fault "error=$number@text=dm_db_resource_stats"
        output=$(as sa doctor --format json)
        [[ $(json '[u["reason"] for u in r["not_checked"] if u["id"] == "server-busy"]') == *"does not show it"* ]]
        [[ $(json '[u["reason"] for u in r["not_checked"] if u["id"] == "size-growth"]') == *"does not show it"* ]]
        sandbox_stop "$SANDBOX_PID"
    done
}

# examine [options…]: doctor as sa; sets $output, and a line a finding in $found: "ID priority".
examine() {
    local status=0
    output=$(as sa doctor --format json "$@") || status=$?
    found=$(json '"\n".join(f["id"] + " " + f["priority"] for f in r["findings"])')
    return $status
}

evidence() { json "\"\n\".join(e for f in r['findings'] if f['id'] == '$1' for e in f['evidence'])"; }
actions() { json "\"\n\".join(a for f in r['findings'] if f['id'] == '$1' for a in f['actions'])"; }

# purge ID NAME STATUS AGE [END_AGE]: an operation of type 2, hours ago; NULL for what it has not.
purge() {
    local end=NULL
    [ -z "${5:-}" ] || end="DATEADD(hour, -$5, SYSDATETIMEOFFSET())"
    tell "SET IDENTITY_INSERT internal.operations ON; INSERT INTO internal.operations (operation_id, operation_type, created_time, object_name, status, start_time, end_time, caller_sid, caller_name) VALUES ($1, 2, DATEADD(hour, -$4, SYSDATETIMEOFFSET()), $2, $3, DATEADD(hour, -$4, SYSDATETIMEOFFSET()), $end, 0x01, N'sa'); SET IDENTITY_INSERT internal.operations OFF"
}

@test "remedies: field-D1: purges that began and never ended are seen" {
    local flavor night
    for flavor in azure sql2019 sql2012; do
        begin "d1-$flavor" $flavor --without purge-failed,retention
        tell "DELETE FROM internal.operations WHERE operation_type = 2"
        for night in 1 2 3 4 5 6; do
            purge "$((900000 + night))" "N'RETENTION_WINDOW'" 1 $((night * 24 - 16))
        done
        examine
        [[ $found == *"purge-failed error"* ]]
        [[ $(evidence purge-failed) == "6 purges of operations began and never ended, the last at "* ]]
        [[ $(actions purge-failed) == *"the shipped procedures write no message"* ]]
        case $flavor in
        azure) [[ $(actions purge-failed) == *"elastic job"*"Data Factory"* ]] ;;
        *) [[ $(actions purge-failed) == *"'SSIS Server Maintenance Job' of the SQL Server Agent"* ]] ;;
        esac
        sandbox_stop "$SANDBOX_PID"
    done
}

@test "remedies: field-D2: a purge of project versions hides no failed purge of operations" {
    local flavor
    for flavor in azure sql2019 sql2012; do
        begin "d2-$flavor" $flavor --without purge-failed,retention
        tell "DELETE FROM internal.operations WHERE operation_type = 2"
        purge 900001 "N'RETENTION_WINDOW'" 7 33 32
        purge 900002 "N'RETENTION_WINDOW'" 4 9 8
        tell "EXECUTE internal.cleanup_server_project_version"
        examine
        echo "$flavor: $(evidence purge-failed)"
        [[ $(evidence purge-failed) == "the newest purge of operations that ended began "*" and failed"* ]]
        purge 900010 "N'RETENTION_WINDOW'" 7 2 1
        examine
        echo "then: $(evidence purge-failed)"
        [[ $found != *purge-failed* ]]
        tell "UPDATE internal.operations SET status = 4 WHERE operation_type = 2 AND object_name IS NULL"
        examine
        [[ $(evidence purge-failed) == "the newest purge of project versions that ended began "* ]]
        sandbox_stop "$SANDBOX_PID"
    done
}

@test "remedies: field-D3: one remedy a status, and what it names the server takes" {
    local flavor statement
    for flavor in azure managed sql2019 sql2022 sql2012; do
        begin "d3-$flavor" $flavor
        examine
        echo "$flavor: $(actions zombies)"
        tell "SELECT N'live ' + CAST(operation_id AS nvarchar(20)) FROM internal.operations WHERE status IN (2, 5, 8) ORDER BY operation_id"
        case $flavor in
        azure | managed)
            [[ $(actions zombies) != *"EXECUTE catalog.startup"* ]]
            [[ $(actions zombies) == *"Pending: it waits for a worker and cannot be stopped (27124)"* ]]
            [[ $(actions zombies) == *"Stopping: it cannot be stopped again (27126)"* ]]
            grep -oE 'EXECUTE catalog.stop_operation @operation_id = [0-9]+;' <<<"$(actions zombies)" >"$BATS_TEST_TMPDIR/remedies.sql"
            [ -s "$BATS_TEST_TMPDIR/remedies.sql" ]
            while read -r statement; do tell "$statement" admin; done <"$BATS_TEST_TMPDIR/remedies.sql"
            examine
            [[ $(evidence zombies) != *"(running)"* ]] ;;
        *)
            [[ $(actions zombies) != *stop_operation* ]]
            [ "$(grep -c 'As a member of ssis_admin, with a Windows login: EXECUTE catalog.startup;' <<<"$(actions zombies)")" = 1 ]
            tell "EXECUTE catalog.startup;" admin
            examine
            [[ $found != *zombies* ]] ;;
        esac
        sandbox_stop "$SANDBOX_PID"
    done
    # Scale Out on one's own server: its executions have no process there.
    begin d3-scaleout sql2019
    tell "UPDATE internal.catalog_properties SET property_value = N'True' WHERE property_name = N'IS_SCALEOUT_ENABLED'"
    examine
    [[ $(actions zombies) != *"EXECUTE catalog.startup"* ]]
    [[ $(actions zombies) == *"Leave catalog.startup alone here"* ]]
}

@test "remedies: field-D4: a table of one's own that refers to the log is told as the plan tells it" {
    begin d4 azure
    examine
    [[ $found != *foreign-reference* ]]
    tell "CREATE TABLE dbo.MyRunLog (id int NOT NULL PRIMARY KEY, execution_id bigint NOT NULL CONSTRAINT FK_MyRunLog REFERENCES internal.operations (operation_id) ON DELETE CASCADE)"
    examine
    [[ $found == *"foreign-reference warning"* ]]
    [ "$(evidence foreign-reference)" = "table dbo.MyRunLog refers to internal.operations by FK_MyRunLog, ON DELETE CASCADE" ]
    output=$(as sa cleanup --format json)
    [[ $(warnings) == *"table dbo.MyRunLog (FK_MyRunLog) refers to the operation log and is unknown here"* ]]
}

@test "remedies: field-C4: doctor is quiet beside cleanup, with a record and without" {
    local flavor ledger=$BATS_TEST_TMPDIR/ledger.ndjson
    for flavor in azure sql2019 sql2012; do
        begin "c4-$flavor" $flavor --days 60 --without retention,purge-failed,zombies
        tell "DELETE FROM internal.operations WHERE operation_type = 2"
        tell "UPDATE internal.catalog_properties SET property_value = N'10' WHERE property_name = N'RETENTION_WINDOW'"
        run examine --fail-on error
        [ "$status" -eq 1 ]
        # The README's nightly job, and one that keeps failures for longer.
        as sa cleanup --execute -q --time-limit 2h --keep-failed 40d -o "$BATS_TEST_TMPDIR/result"
        examine --fail-on error
        echo "$flavor: $found"
        [[ $found != *purge-missing* && $found != *purge-behind* ]]

        # Keeps far less than the catalog says, which nobody told the catalog.
        tell "UPDATE internal.catalog_properties SET property_value = N'365' WHERE property_name = N'RETENTION_WINDOW'"
        as sa cleanup --execute --yes -q --keep 20d --ledger "$ledger.$flavor" -o "$BATS_TEST_TMPDIR/result"
        examine --fail-on error
        [[ $found == *"purge-missing warning"* ]]
        examine --fail-on error --run-record "$ledger.$flavor"
        [[ $found != *purge-missing* ]]
        [ "$(json '"last_cleanup" in r')" = True ]
        # The rule on record is what counts: what it should have taken and did not is late.
        tell "SET IDENTITY_INSERT internal.operations ON; INSERT INTO internal.operations (operation_id, operation_type, created_time, status, end_time, caller_sid, caller_name) VALUES (1, 200, DATEADD(day, -25, SYSDATETIMEOFFSET()), 7, DATEADD(day, -25, SYSDATETIMEOFFSET()), 0x01, N'sa')"
        run examine --fail-on error --run-record "$ledger.$flavor"
        [ "$status" -eq 1 ]
        examine --fail-on error
        # A record that is not there, or of another server, is none.
        examine --fail-on error --run-record "$BATS_TEST_TMPDIR/none"
        [[ $(warnings) == *"no cleanup of this server's database is in '$BATS_TEST_TMPDIR/none'"* ]]
        sandbox_stop "$SANDBOX_PID"
    done
}

# run_advised FILE: each statement, in a batch of its own, as the role that it names; false when one
# is refused. Sets $count to how many there were.
run_advised() {
    local role database statement batches before
    : "${FOLDER:=}" "${PROJECT:=}" "${PACKAGE:=}"
    count=0
    before="DECLARE @execution_id bigint; EXECUTE catalog.create_execution @folder_name = N'$FOLDER', @project_name = N'$PROJECT', @package_name = N'$PACKAGE', @execution_id = @execution_id OUTPUT;"
    while read -r role database; do
        batches=''
        while IFS= read -r statement; do
            # What goes between create and start wants something to go between.
            [[ $statement != *@execution_id,* ]] || statement="$before $statement"
            batches+=$statement$'\ngo\n'
            [[ $statement != "USE master;"* ]] || batches+=$'USE SSISDB\ngo\n'
            count=$((count + 1))
        done < <(awk -F '\t' -v role="$role" -v database="$database" '$1 == role && $2 == database { print $3 }' "$1")
        tell "$batches" "${role/server/sa}" "$database" || { echo "refused to $role: $batches"; return 1; }
    done < <(cut -f 1,2 "$1" | sort -u)
}

# a_package: sets FOLDER, PROJECT, PACKAGE to one that can be started on the sandbox started last.
a_package() {
    tell "SELECT TOP (1) N'package|' + f.name + N'|' + p.name + N'|' + k.name + N'|' FROM internal.packages AS k INNER JOIN internal.projects AS p ON p.project_id = k.project_id AND p.object_version_lsn = k.project_version_lsn INNER JOIN internal.folders AS f ON f.folder_id = p.folder_id ORDER BY f.name, p.name, k.name"
    IFS='|' read -r _ FOLDER PROJECT PACKAGE _ < <(grep -ao 'package|.*|' "$BATS_TEST_TMPDIR/told")
}

@test "remedies: every statement that an answer advises is taken from the role that it names" {
    local flavor login command dir total=0 count FOLDER PROJECT PACKAGE
    # What to log is told to people alone, about executions that were slow and logged no phases.
    sandbox_start slow --flavor azure --days 5 --executions 300 --seed 7
    tell "DELETE FROM internal.execution_component_phases"
    COLUMNS=2000 as sa slow --since 5d --all >"$BATS_TEST_TMPDIR/slow.txt"
    sandbox_stop "$SANDBOX_PID"
    local flavors="azure managed sql2022 sql2019 sql2012 small"
    # With sanitizers it is the client that is of interest.
    [[ $BUILD != *asan* ]] || flavors="azure sql2012"
    for flavor in $flavors; do
        dir=$BATS_TEST_TMPDIR/$flavor count=0
        mkdir "$dir"
        begin "all-$flavor" "${flavor/small/azure}" --plant cleanup-disabled --plant verbose
        [ $flavor != small ] || tell "UPDATE sandbox.limits SET is_small_tier = 1"
        login owner owner
        tell "ALTER ROLE db_owner ADD MEMBER [owner]"
        login lr 'log]]reader'
        tell "UPDATE internal.catalog_properties SET property_value = N'FALSE' WHERE property_name = N'VERSION_CLEANUP_ENABLED'"
        tell "CREATE TABLE dbo.[my ]]log] (id int NOT NULL PRIMARY KEY, [the run] bigint NOT NULL CONSTRAINT [FK my log] REFERENCES internal.executions (execution_id) ON DELETE CASCADE)"
        for login in sa reader nobody deleter purger lr owner; do
            for command in report slow doctor cleanup "cleanup --method batched --project-versions" \
                "cleanup --method procedure --project-versions" "cleanup --execute --yes --method procedure --keep 3d"; do
                total=$((total + 1))
                # shellcheck disable=SC2086 # words
                as $login $command --format json >"$dir/$login.$total.json" 2>"$dir/$login.$total.err" || true
            done
        done
        for command in mine duplicates capacity; do
            as lr $command --format json >"$dir/lr.$command.json" 2>"$dir/lr.$command.err" || true
        done
        tell "UPDATE internal.catalog_properties SET property_value = N'0' WHERE property_name = N'SERVER_LOGGING_LEVEL'"
        as sa doctor --format json >"$dir/level.json" || true
        cp "$BATS_TEST_TMPDIR/slow.txt" "$dir/slow.err"
        tests/integration/advised-statements "$dir"/*.json "$dir"/*.err >"$dir/advised"
        cat "$dir/advised"
        # What has to be among them, or the search finds too little.
        grep -q $'^owner\tSSISDB\tCREATE INDEX ' "$dir/advised"
        grep -q $'^owner\tSSISDB\tALTER ROLE .* ADD MEMBER \[log\]\]reader\];' "$dir/advised"
        grep -q $'^owner\tSSISDB\tGRANT SELECT, DELETE ON SCHEMA::internal TO ' "$dir/advised"
        grep -q $'^admin\tSSISDB\tEXECUTE catalog.configure_catalog ' "$dir/advised"
        grep -q $'^admin\tSSISDB\tEXECUTE catalog.set_execution_parameter_value @execution_id, ' "$dir/advised"
        case $flavor in
        azure | managed | small) grep -q $'^admin\tSSISDB\tEXECUTE catalog.stop_operation ' "$dir/advised" ;;
        *) grep -q $'^admin\tSSISDB\tEXECUTE catalog.startup;' "$dir/advised" ;;
        esac
        a_package
        run_advised "$dir/advised"
        [ "$count" -eq "$(wc -l <"$dir/advised")" ]
        echo "$flavor: $count statements"

        "$ssisminer" duplicates --guard-sql "$FOLDER/$PROJECT/${PACKAGE%.dtsx}" >"$dir/guard.sql"
        tell "$(cat "$dir/guard.sql")" admin
        sandbox_stop "$SANDBOX_PID"
    done
}

@test "remedies: every statement of the documents is taken, and so is what signatures advise" {
    local flavor count
    for flavor in azure managed sql2022 sql2019 sql2012; do
        count=0
        begin "documents-$flavor" $flavor
        login owner owner
        tell "ALTER ROLE db_owner ADD MEMBER [owner]"
        tell "CREATE LOGIN logreader WITH PASSWORD = N'$SANDBOX_PASSWORD'" sa master
        tell "CREATE LOGIN cleaner WITH PASSWORD = N'$SANDBOX_PASSWORD'" sa master
        tests/integration/advised-statements --markdown $flavor README.md docs/*.md >"$BATS_TEST_TMPDIR/advised"
        cat "$BATS_TEST_TMPDIR/advised"
        run_advised "$BATS_TEST_TMPDIR/advised"
        [ "$count" -ge 6 ]
        sandbox_stop "$SANDBOX_PID"
    done
    tests/integration/advised-statements config/signatures/*.yaml >"$BATS_TEST_TMPDIR/advised"
    cat "$BATS_TEST_TMPDIR/advised"
    begin documents azure
    login owner owner
    tell "ALTER ROLE db_owner ADD MEMBER [owner]"
    run_advised "$BATS_TEST_TMPDIR/advised"
}
