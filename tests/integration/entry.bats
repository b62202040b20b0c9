#!/usr/bin/env bats
# Where a question begins: the executions and the window that it names, by what its reader holds, and
# what is said when there are none. The rows of docs/field.md that a case stands for are in its name.
# Everything is planted, in every flavour of the sandbox.
# shellcheck disable=SC2154 # target.bash sets ssisminer and stderr comes from run

load target

flavors=${FLAVORS:-$(flavors azure sql2019 sql2012)}
windowed="report mine duplicates capacity slow"

# plant FLAVOR T-SQL [SERVE-OPTION…]: a sandbox with nothing but what the statements make.
plant() {
    local flavor=$1 sql=$2 said
    shift 2
    sandbox_start "entry-$flavor-$RANDOM" --flavor "$flavor" --empty "$@"
    said=$(TDSVER=7.4 tsql -H 127.0.0.1 -p "$SANDBOX_PORT" -U sa -P "$SANDBOX_PASSWORD" -D SSISDB 2>&1 <<<"$sql"$'\ngo')
    [[ $said != *Msg* ]] || { echo "$said" >&2; return 1; }
}

# ask COMMAND [OPTION…]: on what was planted last; sets output, stderr and status.
ask() {
    local command=$1
    shift
    run --separate-stderr env SQLCMDPASSWORD="$SANDBOX_PASSWORD" "$ssisminer" "$command" -S "127.0.0.1,$SANDBOX_PORT" -U "${LOGIN:-sa}" \
        --ca-file "$SANDBOX_CA" "$@"
}

# E ID STATUS CREATED START END [PACKAGE]: seconds from now, negative before it; - for none.
E() {
    local at=() time
    for time in "$3" "$4" "$5"; do
        [ "$time" = - ] && at+=(NULL) || at+=("DATEADD(SECOND, $time, SYSDATETIMEOFFSET())")
    done
    echo "SET IDENTITY_INSERT internal.operations ON;
        INSERT INTO internal.operations (operation_id, operation_type, created_time, object_type, object_id, object_name, status, start_time, end_time, caller_sid, caller_name)
        VALUES ($1, 200, ${at[0]}, 20, 1, N'DW', $2, ${at[1]}, ${at[2]}, 0x01, N'adf');
        INSERT INTO internal.executions (execution_id, folder_name, project_name, package_name, project_lsn, executed_as_sid, executed_as_name, use32bitruntime)
        VALUES ($1, N'Prod', N'DW', N'${6:-Load.dtsx}', 1, 0x01, N'adf', 0);"
    P "$1" 50 LOGGING_LEVEL Int32 1
}

P() { # ID OBJECT_TYPE NAME TYPE VALUE
    local value="N'$5'"
    [ "$4" != Int32 ] || value="CAST($5 AS int)"
    echo "INSERT INTO internal.execution_parameter_values (execution_id, object_type, parameter_data_type, parameter_name, parameter_value, base_data_type, sensitive, required, value_set, runtime_override)
        VALUES ($1, $2, N'$4', N'$3', $value, N'nvarchar', 0, 0, 1, 1);"
}

M() { # OPERATION SECONDS TEXT: an error
    echo "INSERT INTO internal.operation_messages (operation_id, message_time, message_type, message_source_type, message)
        VALUES ($1, DATEADD(SECOND, $2, SYSDATETIMEOFFSET()), 120, 60, N'$3');"
}

@test "field-R2: an end before the creation, or later than now, is not believed, and that is said" {
    sandbox_only "catalogs made on demand, to write to"
    local flavor sql id
    # 1: the local clock west of Greenwich, 2: east of it, 3: in order, 4: an operation without an execution
    sql="$(E 1 4 -600 - -18600; E 2 4 -600 -590 36000; E 3 4 -600 -590 -300; M 1 -590 'The login is refused'; M 2 -500 'The login is refused')
        INSERT INTO internal.operations (operation_id, operation_type, created_time, object_type, object_id, object_name, status, start_time, end_time, caller_sid, caller_name)
        VALUES (4, 200, DATEADD(SECOND, -600, SYSDATETIMEOFFSET()), 20, 1, N'DW', 4, NULL, DATEADD(SECOND, -18600, SYSDATETIMEOFFSET()), 0x01, N'adf');"
    for flavor in $flavors; do
        plant "$flavor" "$sql"
        ask report --since 1h --format json
        [ "$(json 'sorted(e["execution_id"] for e in r["executions"]), [o["operation_id"] for o in r["operations"]]')" = "([1, 2, 3], [4])" ]
        [ "$(json 'all(e["time"] <= r["generated_at"] for e in r["executions"] + r["operations"])')" = True ]
        [ "$(json '[e["execution_id"] for e in r["executions"] if e["doubted_end"] and e["end"] is None and e["duration_seconds"] is None]')" = "[2, 1]" ]
        [ "$(json '[t["executions"] for t in r["totals"]]')" = "[3]" ]
        [ "$(json '"3 ends cannot be" in r["warnings"][0]')" = True ]
        ask report --since 1h --all
        [[ ${output//$'\n'/ } == *"3 ends cannot be"*"the local clock as UTC"*"cannot be"* ]]
        ask mine --since 1h --format json
        [ "$(json 'r["error_count"]')" = 2 ]
        for id in capacity slow duplicates; do
            ask "$id" --since 1h --format json
            echo "$id: $(json 'r["warnings"]')"
            [ "$(json 'any(" cannot be" in w for w in r["warnings"])')" = True ]
        done
        sandbox_stop "$SANDBOX_PID"
    done
}

@test "field-R3: a name, an id, a window that match nothing say what would" {
    sandbox_only "catalogs made on demand, to write to"
    local flavor command
    for flavor in $flavors; do
        plant "$flavor" "$(E 7 7 -4000 -3990 -3600 'Load Orders.dtsx')"
        for command in $windowed; do
            ask "$command" --folder NoSuch
            [[ $status -eq 2 && -z $output && $stderr == *"no folder 'NoSuch'"*"Prod"* ]]
            ask "$command" --folder Prot
            [[ $status -eq 2 && $stderr == *"did you mean 'Prod'?"* ]]
            ask "$command" --package load
            [[ $status -eq 2 && $stderr == *"'*load*' would be met, as by 'Load Orders.dtsx'"* ]]
            ask "$command" --project '!DW*'
            [ "$status" -eq 0 ]
            ask "$command" --caller nobody
            [[ $status -eq 2 && $stderr == *"no caller 'nobody'"*adf* ]]
            ask "$command" --execution 999999999
            [[ $status -eq 2 && -z $output && $stderr == *"no execution 999999999"*"from 7 "*"to 7;"* ]]
            ask "$command" --folder 'Prod,NoSuch' --format json
            [ "$status" -eq 0 ]
            [ "$(json 'r["warnings"][-1]')" = "--folder: there is no 'NoSuch'" ]
            ask "$command" --execution 7,999999999 --format json
            [ "$status" -eq 0 ]
            [ "$(json 'r["warnings"][-1]')" = "the log has no execution 999999999" ]
        done
        for command in report capacity slow mine; do
            ask "$command" --since 10min --format json
            [ "$(json 'r["last_execution"][:16] <= r["generated_at"][:16]')" = True ]
        done
        ask report --execution 7
        [[ $output == *"The execution asked for did not fail"* ]]
        ask report --since 10min
        [[ $output == *"last one "*"--since "*" shows it"* ]]
        ask mine --since 2h # it is there, and said nothing: no window shows more of it
        [[ $status -eq 0 && $output == *"No message"* && $output != *"last one"* ]]
        sandbox_stop "$SANDBOX_PID"
    done
}

@test "field-R3: a login that sees its own executions only is told so, not that there are none" {
    sandbox_only "logins of every kind"
    local flavor
    for flavor in $flavors; do
        plant "$flavor" "$(E 7 7 -4000 -3990 -3600)"
        LOGIN=nobody ask report --execution 7
        [[ $status -eq 5 && $stderr == *"login 'nobody' sees no execution 7"*"its own executions only"* ]]
        LOGIN=nobody ask report --folder Prod
        [[ $status -eq 5 && $stderr == *"sees no folder"* ]]
        sandbox_stop "$SANDBOX_PID"
    done
}

@test "field-R4: an execution in two rows counts once, in every answer" {
    sandbox_only "catalogs made on demand, to write to"
    local flavor info command
    info="INSERT INTO internal.operation_os_sys_info (operation_id, total_physical_memory_kb, available_physical_memory_kb, total_page_file_kb, available_page_file_kb, cpu_count) VALUES (1, 1, 1, 1, 1, 1);"
    for flavor in $flavors; do
        plant "$flavor" "$(E 1 4 -600 -590 -300; E 2 7 -600 -590 -300 Good.dtsx; M 1 -500 'The login is refused')$info$info${info//(1, /(2, }${info//(1, /(2, }"
        ask report --format json
        [ "$(json '[t["executions"] for t in r["totals"]], r["failed_executions"], len(r["executions"]), r["causes"][0]["executions"]')" = "([1, 1], 1, 1, 1)" ]
        ask mine --format json
        [ "$(json 'r["error_count"]')" = 1 ]
        for command in capacity duplicates; do
            ask "$command" --format json
            [ "$(json 'r["executions"]')" = 2 ]
        done
        ask slow --format json
        [ "$(json 'r["judged"], r["without_baseline"]')" = "(0, 2)" ]
        sandbox_stop "$SANDBOX_PID"
    done
}

@test "the JSON of report has the keys of its schema, whatever was asked" {
    sandbox_only "catalogs made on demand, to write to"
    local asked
    plant azure "$(E 1 4 -600 -590 -300; E 2 7 -90000 -89990 -89900; M 1 -500 'The login is refused')"
    for asked in '' '--run 1' '--since 1min' '--details' '--execution 1,5'; do
        # shellcheck disable=SC2086 # the options are words
        ask report --format json $asked
        [ "$(json 'sorted(set(json.load(open("config/schema/report.schema.json"))["properties"]) ^ set(r))')" = "['gone', 'last_run', 'new_causes']" ] # of --state
        # shellcheck disable=SC2086
        ask report --format json $asked --state "$BATS_TEST_TMPDIR/state"
        [ "$(json 'sorted(set(json.load(open("config/schema/report.schema.json"))["properties"]) ^ set(r))')" = "[]" ]
    done
}

@test "field-18: --run finds the executions by what their starter calls the run, in every spelling" {
    sandbox_only "catalogs made on demand, to write to"
    local flavor sql guid=0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0 asked command
    sql="$(E 1 4 -900 -890 -800; E 2 7 -700 -690 -600 Next.dtsx; E 3 4 -500 -490 -400 Other.dtsx; E 4 4 -90000 -89990 -89900 Old.dtsx; E 5 7 -300 -290 -200)
        $(M 1 -850 'The login is refused'; M 3 -450 'The login is refused'; M 4 -89950 'The login is refused')
        $(P 1 30 PipelineRunId String "${guid^^}"; P 2 50 CALLER_INFO String "adf/{$guid}/copy"; P 3 30 Run String 99999999-4b5a-6978-8796-a5b4c3d2e1f0)
        $(P 4 50 CALLER_INFO String "Nightly 100%_[x] ''load''"; P 5 20 Job String 'Weekly close')
        INSERT INTO internal.execution_property_override_values (execution_id, property_path, property_value, sensitive)
        VALUES (4, N'\Package.Variables[User::RunId].Value', N'${guid//-/}', 0);"
    for flavor in $flavors; do
        plant "$flavor" "$sql"
        for asked in "$guid" "${guid^^}" "{$guid}" "(${guid^^})" "${guid//-/}" "urn:uuid:$guid" "https://adf.azure.com/monitoring/pipelineruns/$guid?factory=x"; do
            ask report --run "$asked" --format json
            echo "$flavor $asked: $status $stderr $(json 'r["run_found_in"]')"
            [ "$(json 'sorted(e["execution_id"] for e in r["executions"])')" = "[1, 4]" ]
            [ "$(json 'sorted(r["run_found_in"].split(", "))')" = "['CALLER_INFO', 'override \\\\Package.Variables[User::RunId].Value', 'parameter PipelineRunId']" ]
        done
        ask report --run "$guid" --since 1h --format json
        [ "$(json '[e["execution_id"] for e in r["executions"]]')" = "[1]" ]
        ask report --run "$guid"
        [[ ${output//$'\n'/ } == *" run "*"3 executions, by "* ]]
        ask report --run "nightly 100%_[X] 'LOAD'" --format json
        [ "$(json '[e["execution_id"] for e in r["executions"]], r["run_found_in"]')" = "([4], 'CALLER_INFO')" ]
        ask report --run "night%" --format json
        [[ $status -eq 2 && $stderr == *"SQLAGENT"* ]]
        ask report --run "weekly CLOSE"
        [[ $status -eq 0 && $output == *"did not fail"*"by parameter Job"* ]]
        ask report --run "weekly"
        [[ $status -eq 2 && -z $output ]]
        ask report --run 11111111-4b5a-6978-8796-a5b4c3d2e1f0
        [[ $status -eq 2 && $stderr == *"operation_guid"*"CALLER_INFO"*"@pipeline().RunId"* ]]
        for command in mine duplicates capacity slow; do
            ask "$command" --run "{$guid}" --format json
            [ "$(json 'r["run"]')" = "{$guid}" ]
        done
        ask mine --run "$guid" --format json
        [ "$(json 'r["error_count"]')" = 2 ]
        ask explain --run 4
        [[ $status -eq 0 && $output == *Old.dtsx* ]]
        sandbox_stop "$SANDBOX_PID"
    done
}

@test "field-18: --run knows the operation's own guid" {
    sandbox_only "catalogs made on demand, to write to"
    local flavor guid=0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0
    for flavor in azure sql2019; do
        plant "$flavor" "$(E 1 4 -900 -890 -800; E 2 4 -900 -890 -800) UPDATE internal.operations SET operation_guid = '$guid' WHERE operation_id = 2;"
        ask report --run "{${guid^^}}" --format json
        [ "$(json '[e["execution_id"] for e in r["executions"]], r["run_found_in"]')" = "([2], 'operation_guid')" ]
        sandbox_stop "$SANDBOX_PID"
    done
}

@test "field-18: --run takes a constant number of statements" {
    sandbox_only "a record of what it receives"
    plain_sandbox
    local log=$BATS_TEST_TMPDIR/log plain
    sandbox_start counted --seed 3 --executions 300 --log "$log"
    ask report --execution 20400
    plain=$(grep -c . "$log")
    ask report --run 20400
    [ "$(grep -c . "$log")" -eq $((2 * plain)) ]
    : >"$log"
    ask report --run adf --since 7d
    echo "$status $stderr"
    ask report --run SQLAGENT
    [ "$(grep -c . "$log")" -le $((2 * plain + 2)) ]
}

@test "field-18: times as people say them, in one zone, are what their UTC is" {
    sandbox_only "catalogs made on demand, to write to"
    local command now=2026-03-30T12:00:00Z said
    plant sql2019 "$(E 1 4 -80000 -79990 -79000; E 2 4 -90000 -89990 -89900; M 1 -79500 'The login is refused')" --now "$now"
    for command in $windowed; do
        for said in 'yesterday 18:00=2026-03-29T16:00:00' 'monday=2026-03-29T22:00:00' 'last friday 06:00=2026-03-27T05:00:00' \
            '13:59=2026-03-30T11:59:00' '2026-03-29 01:30=2026-03-29T00:30:00' '2026-03-29T01:30Z=2026-03-29T01:30:00'; do
            SSISMINER_NOW=$now ask "$command" --since "${said%=*}" --time-zone Europe/Berlin --format json
            echo "$command $said: $status $stderr $(json 'r["since"]')"
            [ "$(json 'r["since"][:19], r["time_zone"]')" = "('${said#*=}', 'Europe/Berlin')" ]
        done
        SSISMINER_NOW=$now ask "$command" --since 7d --time-zone Asia/Kathmandu
        [[ $status -eq 0 && $output == *" times "*"Asia/Kathmandu, now UTC+05:45"* ]]
        [ -z "$(grep -E '[0-9]Z|UTC[^+]|[+]0[0-4]:|[+]00:' <<<"$output")" ]
        SSISMINER_NOW=$now ask "$command" --since 'monday 26:00'
        [[ $status -eq 2 && -z $output && $stderr == *"is not a time"*"yesterday 18:00"* ]]
        SSISMINER_NOW=$now ask "$command" --since 5
        [[ $status -eq 2 && $stderr == *"has no unit"* ]]
        SSISMINER_NOW=$now ask "$command" --time-zone Mars/Olympus
        [[ $status -eq 2 && $stderr == *"no time zone 'Mars/Olympus'"*"Europe/Berlin"* ]]
        SSISMINER_NOW=$now ask "$command" --since '2026-03-29 02:30' --time-zone Europe/Berlin --format json
        [[ $status -eq 0 && $stderr == *"left out in Europe/Berlin, where clocks go forward"* ]]
        SSISMINER_NOW=$now ask "$command" --since '2025-10-26 02:30' --until '2025-10-26 02:30' --time-zone Europe/Berlin --format json
        [[ $status -eq 0 && $stderr == *"--since"*"comes twice"*"+02:00"*"--until"*"comes twice"*"+01:00"* ]]
        [ "$(json 'r["since"][:19], r["until"][:19]')" = "('2025-10-26T00:30:00', '2025-10-26T01:30:00')" ]
    done
    sandbox_stop "$SANDBOX_PID"
}

@test "field-18: every command that connects says how far apart the clocks are" {
    sandbox_only "a clock that can be set"
    local by command
    for by in +5 -5 +90 -90; do
        sandbox_start "clock$by" --executions 50 --now "$(date -u -d "$by seconds" +%FT%TZ)"
        for command in $windowed doctor cleanup; do
            ask "$command" --format json
            [ "$(json "abs(r['clock_skew_seconds'] - $by) < 2")" = True ]
            [ "$(json "any('clock is ' in w for w in r['warnings'])")" = "$([ "${by#?}" = 90 ] && echo True || echo False)" ]
            ask "$command"
            [[ $output == *"clock"*"ahead of this machine's"* || $by == -* ]]
            [[ $output == *"clock"*"behind this machine's"* || $by == +* ]]
        done
        sandbox_stop "$SANDBOX_PID"
    done
}

@test "field-R8: mine names folder, project and package, and counts errors and failed tasks apart" {
    sandbox_only "a catalog to write to, row by row"
    local flavor sql
    sql="$(E 1 4 -600 -590 -300; E 2 4 -600 -590 -300 Child.dtsx; M 1 -500 'The login is refused'; M 1 -500 'The login is refused'; M 2 -500 'The login is refused')
        UPDATE internal.executions SET folder_name = N'Test' WHERE execution_id = 2;
        INSERT INTO internal.operation_messages (operation_id, message_time, message_type, message_source_type, message)
        VALUES (1, DATEADD(SECOND, -490, SYSDATETIMEOFFSET()), 130, 60, N'Load failed.');
        INSERT INTO internal.operation_messages (operation_id, message_time, message_type, message_source_type, message)
        VALUES (1, DATEADD(SECOND, -480, SYSDATETIMEOFFSET()), 120, 60, N'The login is refused');
        INSERT INTO internal.event_messages (event_message_id, operation_id, package_name, event_name, message_source_name, message_source_id, subcomponent_name, package_path, execution_path, threadID, message_code)
        VALUES (SCOPE_IDENTITY(), 1, N'Child.dtsx', N'OnError', N'X', N'{1}', NULL, N'\\Package', N'\\Package', 1, 0)"
    for flavor in $flavors; do
        plant "$flavor" "$sql"
        ask mine --format json
        echo "$(json 'r["packages"]')"
        [ "$(json 'r["error_count"], r["task_failed_count"]')" = "(4, 1)" ]
        [ "$(json 'sorted((p["folder"], p["project"], p["package"], p["errors"], p["tasks_failed"]) for p in r["packages"])')" = \
            "[('Prod', 'DW', 'Child.dtsx', 1, 0), ('Prod', 'DW', 'Load.dtsx', 2, 1), ('Test', 'DW', 'Child.dtsx', 1, 0)]" ]
        ask mine
        [[ $output =~ "4 errors, 1 failed task of 5 messages" && $output =~ \ 2\ +1\ +0\ +Prod/DW/Load.dtsx ]]
        ask mine --all
        [[ ${output//$'\n'/ } == *"2x  Prod/DW/Load.dtsx     1 failed task"*"1x  "*"/DW/Child.dtsx"* ]]
        sandbox_stop "$SANDBOX_PID"
    done
}

@test "field-18: what a busy, full or throttled server breaks off is left out, and told" {
    sandbox_only "statements that fail on demand"
    local flavor error
    for flavor in azure sql2019 sql2012; do
        # memory, its queue, the log, the files, log space, workers, resources, read-only
        for error in 701 8645 9002 1105 40552 10929 49918 3906; do
            [[ $flavor == azure || $error == 8645 ]] || continue # the statement differs between flavours, its errors do not
            sandbox_start "partial-$flavor-$error" --flavor "$flavor" --seed 3 --executions 200 --fault "error=$error@text=m.subcomponent_name/every"
            ask report --since 60d --retry 0 --format json
            echo "$flavor $error: $status $stderr"
            [[ $status -eq 4 && $stderr == *"incomplete: the messages of what failed could not be read"* ]]
            [ "$(json 'len(r["executions"]) > 0 and r["totals"] != [] and any("the messages of what failed could not be read" in w for w in r["warnings"])')" = True ]
            [ "$(json 'sorted({c["id"] for c in r["causes"]} - {"canceled", "messages-unread", "ssisdb-ended-unexpectedly"})')" = "[]" ]

            sandbox_stop "$SANDBOX_PID"
        done
    done
}

@test "field-18: each command gives what it could read, or says at once why it gives nothing" {
    sandbox_only "statements that fail on demand"
    # The command, a word of the one statement that fails, and the part that is missing then; none:
    # there is no answer without it.
    local parts='duplicates;NCHAR(31);-
duplicates;o.object_name IS NOT NULL;runs of packages outside the catalog
duplicates;AS first_executable;when suspected executions gave signs of life
duplicates;p.runtime_override;the parameters of suspected executions
duplicates;x.package_name <> e.package_name;which packages ran as children
mine;m.message_code;-
mine;e.caller_name;the executions of the window
capacity;last_online_time;the workers
capacity;p.first_executable IS NULL;-
slow;p.first_executable IS NULL;-'
    local flavor command words missing error=8645
    for flavor in $flavors; do
        while IFS=';' read -r command words missing; do
            [[ $flavor == azure || $missing != *"outside the catalog" ]] || continue # which there is on Azure alone
            [[ $flavor != sql2012 || $missing != "the workers" ]] || continue # of which it has none
            sandbox_start "part-$flavor-$RANDOM" --flavor "$flavor" --seed 3 --executions 200 --fault "error=$error@text=$words/every"
            ask "$command" --since 60d --retry 0 --format json
            echo "$flavor $command ($words): $status $stderr"
            if [ "$missing" = - ]; then
                [[ $status -eq 4 && -z $output && $stderr == *"error $error"*"hint: "* ]]
            else
                [[ $status -eq 4 && $stderr == *"incomplete: $missing could not be read"* ]]
                [ "$(json "any('$missing could not be read' in w for w in r['warnings'])")" = True ]
            fi
            sandbox_stop "$SANDBOX_PID"
        done <<<"$parts"
    done
}

@test "field-18: without signs of life and parameters nothing is called sure" {
    sandbox_only "statements that fail on demand"
    sandbox_start unsure --seed 3 --executions 400 --fault "error=8645@text=AS first_executable/every" --fault "error=8645@text=p.runtime_override/every"
    ask duplicates --since 60d --retry 0 --format json
    # Attempts are counted by the server itself.
    [ "$(json 'sorted({g["verdict"] for g in r["duplicates"] if g["confidence"] == "high"})')" = "['scale-out-retry']" ]
    [ "$(json 'sum("parameters could not be read" in g["reasons"] for g in r["duplicates"]) > 5')" = True ]
    sandbox_stop "$SANDBOX_PID"
}

@test "field-18: a database that is paused, or takes nobody in, is told by what it is" {
    sandbox_only "logins that are refused on demand"
    local flavor error command
    for flavor in azure sql2019 sql2012; do
        for error in 40613 42109 10928 10929 40501; do
            [[ $flavor == azure || $error == 40613 ]] || continue # what is said in a login is the same
            sandbox_start "paused-$flavor-$error" --flavor "$flavor" --executions 20 --fault "error=$error@login/every"
            for command in $windowed; do
                ask "$command" --retry 0 --format json
                echo "$flavor $error $command: $status $stderr"
                [[ $status -eq 3 && -z $output && $stderr == *"cannot log in"*"error $error"*"hint: "*"again"* ]]
            done
            sandbox_stop "$SANDBOX_PID"
        done
    done
}
