#!/usr/bin/env bats
# `duplicates` over real TDS. Runs on a sandbox, or on the server of `make test-live`.
# shellcheck disable=SC2154 # target.bash sets ssisminer and stderr comes from run

load target

setup_file() { target_start --log "$BATS_FILE_TMPDIR/statements"; }
teardown_file() { target_stop; }

@test "duplicates: every planted one has its verdict, and no look-alike is called one" {
    needs_truth
    mine duplicates --since 60d --include-retries --format json -o "$BATS_TEST_TMPDIR/found.json"
    run tests/integration/compare-duplicates "$BATS_TEST_TMPDIR/found.json" "$TRUTH"
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "duplicates: the same in every flavour of the sandbox, on twenty seeds" {
    sandbox_only "catalogs of other flavours"
    plain_sandbox
    local flavor seed
    for seed in $(seeds 20); do
        flavor=$(echo azure sql2019 sql2012 | cut -d' ' -f$((seed % 3 + 1)))
        sandbox_start "$flavor-$seed" --flavor "$flavor" --seed "$seed" --days 30 --executions 600 --truth "$BATS_TEST_TMPDIR/truth.json"
        SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" duplicates -S "127.0.0.1,$SANDBOX_PORT" -U sa --ca-file "$SANDBOX_CA" \
            --since 60d --include-retries --format json -o "$BATS_TEST_TMPDIR/found.json"
        run tests/integration/compare-duplicates "$BATS_TEST_TMPDIR/found.json" "$BATS_TEST_TMPDIR/truth.json"
        sandbox_stop "$SANDBOX_PID"
        echo "$flavor $seed: $output"
        [ "$status" -eq 0 ]
    done
}

@test "duplicates: retries are counted, and listed on request" {
    output=$(mine duplicates --since 60d --format json)
    [ "$(json 'any(g["verdict"] == "retry-after-failure" for g in r["duplicates"])')" = False ]
    [ "$(json 'r["retries"] > 0')" = True ]
    output=$(mine duplicates --since 60d --format json --include-retries)
    [ "$(json 'sum(g["verdict"] == "retry-after-failure" for g in r["duplicates"]) == r["retries"]')" = True ]
}

@test "duplicates: least confidence, filters and limit leave only what they name" {
    output=$(mine duplicates --since 60d --format json --min-confidence high)
    [ "$(json 'len(r["duplicates"]) > 0 and all(g["confidence"] == "high" for g in r["duplicates"]) and r["below_min_confidence"] > 0')" = True ]
    package=$(json 'r["duplicates"][0]["package"]')
    id=$(json 'r["duplicates"][0]["members"][0]["execution_id"]')
    output=$(mine duplicates --since 60d --format json --package "${package%.dtsx}")
    [ "$(json "len(r['duplicates']) > 0 and all(g['package'] == '$package' for g in r['duplicates'])")" = True ]
    output=$(mine duplicates --format json --execution "$id")
    [ "$(json "len(r['duplicates']) > 0 and all('$id' in g['execution_ids'] for g in r['duplicates'])")" = True ]
    output=$(mine duplicates --since 60d --format json --limit 1)
    [ "$(json 'len(r["duplicates"]) == 1 and r["groups"] > 1')" = True ]
}

@test "duplicates: other parameters are other work unless they are to be ignored" {
    needs_truth
    output=$(mine duplicates --since 60d --format json --ignore-parameters)
    [ "$(json 'any(g["differing_parameters"] == ["Region"] and g["confidence"] == "medium" for g in r["duplicates"])')" = True ]
    output=$(mine duplicates --since 60d --format json)
    [ "$(json 'any(g["differing_parameters"] for g in r["duplicates"])')" = False ]
}

@test "duplicates: intended repeats are left out until they expire" {
    output=$(mine duplicates --since 60d --format json)
    groups=$(json 'r["groups"]')
    path=$(json '"/".join(r["duplicates"][0][k] for k in ("folder", "project", "package"))')
    same=$(json "sum('$path' == '/'.join(g[k] for k in ('folder', 'project', 'package')) for g in r['duplicates'])")
    output=$(mine duplicates --since 60d --format json --allow "$path reason=meant to be")
    [ "$(json 'r["groups"]')" -eq $((groups - same)) ]
    [ "$(json 'r["allowed"]')" -eq "$same" ]
    output=$(mine duplicates --since 60d --format json --allow "$path caller=nobody-at-all")
    [ "$(json 'r["groups"]')" -eq "$groups" ]
    output=$(mine duplicates --since 60d --format json --allow "$path until=2020-01-31")
    [ "$(json 'r["groups"]')" -eq "$groups" ]
    [[ $(json 'r["warnings"]') == *expired* ]]
    printf 'duplicates:\n  allow:\n    - "%s reason=by configuration"\n' "$path" >"$BATS_TEST_TMPDIR/conf.yaml"
    output=$(mine duplicates --config "$BATS_TEST_TMPDIR/conf.yaml" --since 60d --format json)
    [ "$(json 'r["allowed"]')" -eq "$same" ]
    run mine duplicates --allow "$path until=doomsday"
    [ "$status" -eq 2 ]
    [[ $output == *doomsday* ]]
}

@test "duplicates: every data format parses, and text keeps to the terminal" {
    mine duplicates --since 60d --format csv | python3 -c 'import csv,sys; rows=list(csv.DictReader(sys.stdin)); assert rows and rows[0]["verdict"]'
    mine duplicates --since 60d --format ndjson | python3 -c 'import json,sys; n=[json.loads(l) for l in sys.stdin]; assert n[0]["section"] == "duplicates"'
    mine duplicates --since 60d --format prometheus | grep -q '^# TYPE ssisminer_duplicates_'
    wide=$(COLUMNS=80 mine duplicates --since 60d | awk 'length($0) > 80' | head -3)
    echo "$wide"
    [ -z "$wide" ]
    [[ $(mine duplicates --since 60d --all) == *"|=="* ]]
}

@test "duplicates: --fail-on turns what is sure into exit 1" {
    run mine duplicates --since 60d --fail-on error
    [ "$status" -eq 1 ]
    run mine duplicates --since 60d --fail-on any --package 'no such package'
    [ "$status" -eq 2 ]
}

@test "duplicates: a login without the role gets exit 5" {
    sandbox_only "logins of every kind"
    # shellcheck disable=SC2086
    run --separate-stderr "$ssisminer" duplicates ${TARGET_OPTIONS/-U sa/-U nobody} --since 60d
    [ "$status" -eq 5 ]
    [[ $stderr == *ssis_logreader* ]]
}

@test "duplicates: as many statements for few executions as for many" {
    sandbox_only "a record of what it receives"
    few=$(statements_of duplicates 200)
    many=$(statements_of duplicates 4000)
    echo "few: $few, many: $many"
    [ "$few" -eq "$many" ]
}

@test "duplicates: --guard-sql prints T-SQL with its values quoted, without a server" {
    run --separate-stderr "$ssisminer" duplicates --guard-sql "Sal'es/Orders/Load" --within 5min
    [ "$status" -eq 0 ]
    [[ $output == *"@folder_name nvarchar(128) = N'Sal''es';"* ]]
    [[ $output == *"@package_name nvarchar(260) = N'Load.dtsx';"* ]]
    [[ $output == *"@within_seconds int = 300;"* ]]
    printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/guard.sql"
    sqlfluff parse --dialect tsql "$BATS_TEST_TMPDIR/guard.sql" >/dev/null
    run "$ssisminer" duplicates --guard-sql Sales/Load
    [ "$status" -eq 2 ]
    local long
    long=$(printf 'x%.0s' $(seq 129))
    run "$ssisminer" duplicates --guard-sql "$long/Orders/Load" # would be cut by its declaration
    [[ $status -eq 2 && $output == *"128 characters"* ]]
    run "$ssisminer" duplicates --guard-sql "Sales/Orders/$(printf '\xf0\x9f\x98\x80%.0s' $(seq 131))"
    [[ $status -eq 2 && $output == *"260 characters"* ]]
    run "$ssisminer" duplicates --guard-sql "Sales/Orders/Load"$'\nGO\nDROP' # GO ends a batch, wherever it stands
    [[ $status -eq 2 && $output == *"control character"* ]]
}

# Runs T-SQL as the administrator, on the sandbox of a flavour if there is one.
tsql_run() { TDSVER=7.4 timeout 60 tsql -H 127.0.0.1 -p "${GUARD_PORT:-${TARGET#*,}}" -U "${2:-sa}" -P "$SQLCMDPASSWORD" -D SSISDB <<<"$1"$'\ngo' 2>&1; }

# The guard of a package, with statements of one's own where a user would put them.
guard_of() { # PATH [T-SQL]
    local own=${2:-}
    "$ssisminer" duplicates --guard-sql "$1" | awk -v own="${own//\\/\\\\}" '/^DECLARE @lock_name/ { print own } { print }'
}

# Twenty at once: "ids started", of the ids that came and how many said that they started it.
twenty() { # SCRIPT
    local pids=() i
    for i in $(seq 20); do
        tsql_run "$1" >"$BATS_TEST_TMPDIR/out.$i" 3>&- &
        pids+=($!)
    done
    wait "${pids[@]}"
    cat "$BATS_TEST_TMPDIR"/out.* | grep -vE '^[0-9]+> |^locale|^using|^Default|^execution_id|^\(|^[0-9]+[[:space:]]+[01]$' >&2 || true
    cat "$BATS_TEST_TMPDIR"/out.* | grep -oE '[0-9]+[[:space:]]+[01]$' >"$BATS_TEST_TMPDIR/rows"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/rows")" -eq 20 ]
    echo "$(cut -f1 "$BATS_TEST_TMPDIR/rows" | sort -u | wc -l) $(grep -c '0$' "$BATS_TEST_TMPDIR/rows" || true)"
}

# An execution of FOLDER/PROJECT/PACKAGE, so many minutes old, in this status.
plant_run() { # PATH STATUS MINUTES
    local folder project package
    IFS=/ read -r folder project package <<<"$1"
    tsql_run "DECLARE @id bigint; DECLARE @at datetimeoffset(7) = DATEADD(MINUTE, -$3, SYSDATETIMEOFFSET());
        INSERT INTO internal.operations (operation_type, created_time, object_type, object_id, object_name, status, start_time, end_time, caller_sid, caller_name)
        VALUES (200, @at, 20, 1, N'$project', $2, @at, CASE WHEN $2 = 7 THEN @at END, 0x01, N'adf');
        SET @id = SCOPE_IDENTITY();
        INSERT INTO internal.executions (execution_id, folder_name, project_name, package_name, project_lsn, executed_as_sid, executed_as_name, use32bitruntime)
        VALUES (@id, N'$folder', N'$project', N'$package', 1, 0x01, N'adf', 0);
        INSERT INTO internal.execution_parameter_values (execution_id, object_type, parameter_data_type, parameter_name, parameter_value, base_data_type, sensitive, required, value_set, runtime_override)
        VALUES (@id, 30, N'String', N'Region', N'South', N'nvarchar', 0, 0, 1, ${4:-0})" >/dev/null
}

@test "duplicates: field-U5: the guard, run twenty times at once, against whatever may be there" {
    sandbox_only "catalogs made on demand, to write to"
    # What there is before, its status and minutes of age, and how many are to be started.
    local cases='none - - 1
dead 2 18720 1
queued-for-weeks 5 18720 1
stopping-for-weeks 8 18720 1
queued 5 30 0
live 2 600 0
finished 7 2 0
finished-long-ago 7 90 1
failed 4 2 1'
    local paths=("Sales/Orders/Load Web Orders.dtsx" "Warehouse/Data Marts/Publish Daily Figures.dtsx" "HR/Payroll/Import Time Sheets.dtsx"
        "Warehouse/Data Warehouse/Rebuild History.dtsx" "Warehouse/Data Marts/Send Sales Mail.dtsx" "Sales/Orders/Load Returns.dtsx"
        "Logistics/Shipments/Export Shipping Labels.dtsx" "Warehouse/Data Warehouse/Load Dim Product.dtsx" "Plant/Machine Data/Poll Machine Queue.dtsx")
    local name status minutes started n got flavor
    for flavor in $(flavors azure sql2019 sql2012); do
        n=0
        sandbox_start "guard-$flavor" --flavor "$flavor" --executions 300
        GUARD_PORT=$SANDBOX_PORT
        while read -r name status minutes started; do
            [ "$name" = none ] || plant_run "${paths[n]}" "$status" "$minutes"
            got=$(twenty "$(guard_of "${paths[n]}")")
            echo "$flavor $name (${paths[n]}): $got"
            [ "$got" = "1 $started" ]
            n=$((n + 1))
        done <<<"$cases"
        sandbox_stop "$SANDBOX_PID"
    done
}

@test "duplicates: field-U5: the guard tells parameters, overrides and runtimes apart" {
    sandbox_only "catalogs made on demand, to write to"
    local flavor
    for flavor in $(flavors azure sql2019 sql2012); do
        sandbox_start "guard-$flavor" --flavor "$flavor" --executions 300
        GUARD_PORT=$SANDBOX_PORT
        tells_apart "$flavor"
        sandbox_stop "$SANDBOX_PID"
    done
}

tells_apart() { # FLAVOR
    local path="Sales/Orders/Load Regional Orders.dtsx" got scale_out='SET @runinscaleout = 1;'
    [ "$1" != sql2012 ] || scale_out= # which knows nothing of it
    local region="INSERT INTO @given (object_type, parameter_name, parameter_value) VALUES (30, N'Region', N'North');"
    plant_run "$path" 2 30 1
    got=$(twenty "$(guard_of "$path" "$region")")
    echo "other parameters: $got"
    [ "$got" = "1 1" ]
    got=$(twenty "$(guard_of "$path" "$region")")
    [ "$got" = "1 0" ]
    local odd
    odd="O''Hara ] \" [Zürich] 東京 %s -- /* $(printf 'x%.0s' $(seq 3000))"
    local override="INSERT INTO @overrides (property_path, property_value, sensitive) VALUES (N'\\Package.Variables[User::Customer].Value', N'$odd', 0);"
    got=$(twenty "$(guard_of "$path" "$region $override")")
    echo "override: $got"
    [ "$got" = "1 1" ]
    got=$(twenty "$(guard_of "$path" "$region $override")")
    [ "$got" = "1 0" ]
    got=$(twenty "$(guard_of "$path" "$region SET @use32bitruntime = 1; $scale_out")")
    echo "32 bit: $got"
    [ "$got" = "1 1" ]
}

@test "duplicates: field-U5: the guard tells a login that sees its own executions only" {
    sandbox_only "logins of every kind"
    run tsql_run "$(guard_of "Sales/Orders/Load Web Orders.dtsx")" nobody
    echo "$output"
    [[ $output == *"sees its own executions only"* ]]
    run tsql_run "$(guard_of "Sales/Orders/Load Web Orders.dtsx")" sa
    [[ $output != *"sees its own executions only"* ]]
}

# An empty catalog of each flavour, the T-SQL in it, and what `duplicates` says: JSON in $output.
# E(id, package, created, start, end, status) as in docs/field.md; times are minutes before now.
play() { # FLAVOR T-SQL [OPTION…]
    local flavor=$1 sql=$2
    shift 2
    sandbox_start "field-$flavor-$RANDOM" --flavor "$flavor" --empty
    local port=$SANDBOX_PORT said
    said=$(TDSVER=7.4 SQLCMDPASSWORD=$SANDBOX_PASSWORD tsql -H 127.0.0.1 -p "$port" -U sa -P "$SANDBOX_PASSWORD" -D SSISDB 2>&1 <<<"$sql"$'\ngo')
    [[ $said != *Msg* ]] || { echo "$said" >&2; return 1; }
    output=$(SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" duplicates -S "127.0.0.1,$port" -U sa --ca-file "$SANDBOX_CA" --format json "$@")
    sandbox_stop "$SANDBOX_PID"
}

# E ID PACKAGE CREATED_S LENGTH_S STATUS [LSN] [32BIT]: created so many seconds before now; no length: no end.
E() {
    local end=NULL
    [ "$4" = - ] || end="DATEADD(SECOND, -$3 + $4, SYSDATETIMEOFFSET())"
    echo "SET IDENTITY_INSERT internal.operations ON;
        INSERT INTO internal.operations (operation_id, operation_type, created_time, object_type, object_id, object_name, status, start_time, end_time, caller_sid, caller_name)
        VALUES ($1, 200, DATEADD(SECOND, -$3, SYSDATETIMEOFFSET()), 20, 1, N'DW', $5, DATEADD(SECOND, -$3 + 1, SYSDATETIMEOFFSET()), $end, 0x01, N'adf');
        INSERT INTO internal.executions (execution_id, folder_name, project_name, package_name, project_lsn, executed_as_sid, executed_as_name, use32bitruntime)
        VALUES ($1, N'Prod', N'DW', N'$2', ${6:-1}, 0x01, N'adf', ${7:-0});"
    P "$1" 50 LOGGING_LEVEL Int32 1
}

P() { # ID OBJECT_TYPE NAME TYPE VALUE
    local value="N'$5'"
    [ "$4" != Int32 ] || value="CAST($5 AS int)"
    echo "INSERT INTO internal.execution_parameter_values (execution_id, object_type, parameter_data_type, parameter_name, parameter_value, base_data_type, sensitive, required, value_set, runtime_override)
        VALUES ($1, $2, N'$4', N'$3', $value, N'nvarchar', 0, 0, 1, 1);"
}

O() { # ID PATH VALUE
    echo "INSERT INTO internal.execution_property_override_values (execution_id, property_path, property_value, sensitive) VALUES ($1, N'$2', N'$3', 0);"
}

@test "duplicates: field-U1: overrides, 32 bit and a new project version are other work" {
    sandbox_only "catalogs made on demand, to write to"
    local flavor sql='' k
    for k in 0 1 2 3; do sql+=$(E $((k + 1)) Load.dtsx $((18000 - 4 * k)) 120 7; O $((k + 1)) '\Package.Variables[User::Customer].Value' "C$k"); done
    sql+=$(E 11 Bits.dtsx 9000 120 7; E 12 Bits.dtsx 8990 120 7 1 1; E 21 New.dtsx 9000 60 7; E 22 New.dtsx 8900 60 7 2)
    sql+=$(E 31 Same.dtsx 9000 60 7; E 32 Same.dtsx 8990 60 7; O 31 '\P.V' x; O 32 '\P.V' X)
    for flavor in $(flavors azure sql2019 sql2012); do
        play $flavor "$sql"
        echo "$flavor: $(json '[(g["package"], g["verdict"], g["confidence"]) for g in r["duplicates"]]')"
        [ "$(json '[(g["package"], g["verdict"], g["confidence"]) for g in r["duplicates"]]')" = "[('Same.dtsx', 'double-trigger', 'high')]" ]
    done
}

@test "duplicates: field-U2: an identifier of the start tells no work apart" {
    sandbox_only "catalogs made on demand, to write to"
    local flavor sql
    sql=$(E 1 Load.dtsx 9000 600 7; E 2 Load.dtsx 8940 600 7; P 1 30 Region String North; P 2 30 Region String North
        P 1 30 PipelineRunId String run-0001; P 2 30 PipelineRunId String run-0002
        E 3 Odd.dtsx 9000 600 7; E 4 Odd.dtsx 8940 600 7; P 3 30 Ticket String a; P 4 30 Ticket String b)
    for flavor in $(flavors azure sql2019 sql2012); do
        play $flavor "$sql"
        [ "$(json '[(g["package"], g["verdict"], g["confidence"], g["triggered_by"]) for g in r["duplicates"]]')" = "[('Load.dtsx', 'double-trigger', 'high', 'two-triggers')]" ]
        play $flavor "$sql" --ignore-parameter 'tick*'
        [ "$(json 'sorted(g["package"] for g in r["duplicates"])')" = "['Load.dtsx', 'Odd.dtsx']" ]
    done
}

@test "duplicates: field-U3: events are no triggers, and a loop is named as one" {
    sandbox_only "catalogs made on demand, to write to"
    local flavor sql='' at=79200 k
    RANDOM=7
    for k in $(seq 280); do
        sql+=$(E "$k" OnFile.dtsx "$at" 18 7)
        at=$((at - 20 - RANDOM % 520))
        [ "$at" -gt 60 ] || break
    done
    at=20000
    for k in $(seq 30); do
        sql+=$(E $((1000 + k)) Loop.dtsx "$at" $((20 + k % 7 * 9)) 7)
        at=$((at - 25 - k % 7 * 9))
    done
    for flavor in $(flavors azure sql2019 sql2012); do
        play $flavor "$sql"
        echo "$flavor: $(json '[(g["package"], g["verdict"], g["confidence"], len(g["members"])) for g in r["duplicates"]]')"
        [ "$(json 'all(g["confidence"] == "low" for g in r["duplicates"])')" = True ]
        [ "$(json '[(g["package"], len(g["members"])) for g in r["duplicates"] if g["verdict"] == "loop"]')" = "[('Loop.dtsx', 30)]" ]
    done
}

@test "duplicates: field-U4: the last sign of life ends a run, and queued is not running" {
    sandbox_only "catalogs made on demand, to write to"
    local flavor sql day
    sql=$(E 1 Zombie.dtsx 870000 - 2; E 2 Repaired.dtsx 870000 600000 6)
    for day in 1 2 3 4 5 6 7 8 9 10; do
        sql+=$(E $((10 + day)) Zombie.dtsx $((day * 86400 - 50000)) 600 7; E $((30 + day)) Repaired.dtsx $((day * 86400 - 50000)) 600 7)
    done
    sql+=$(E 51 Queued.dtsx 190000 - 5; E 52 Queued.dtsx 103600 - 5; E 53 Queued.dtsx 17200 - 5)
    for flavor in $(flavors azure sql2019 sql2012); do
        play $flavor "$sql" --since 30d
        echo "$flavor: $(json '[(g["package"], g["verdict"], g["confidence"]) for g in r["duplicates"]]')"
        [ "$(json 'len(r["duplicates"])')" = 0 ]
    done
}

@test "duplicates: field-R4: an execution in two rows is one" {
    sandbox_only "catalogs made on demand, to write to"
    local flavor sql info
    info="INSERT INTO internal.operation_os_sys_info (operation_id, total_physical_memory_kb, available_physical_memory_kb, total_page_file_kb, available_page_file_kb, cpu_count) VALUES (1, 1, 1, 1, 1, 1);"
    sql="$(E 1 Load.dtsx 9000 600 7)$info$info"
    for flavor in $(flavors azure sql2019 sql2012); do
        play $flavor "$sql"
        echo "$flavor: $(json 'r["executions"], len(r["duplicates"])')"
        [ "$(json 'r["executions"], len(r["duplicates"])')" = "(1, 0)" ]
    done
}

@test "duplicates: a window that finds nothing says which would" {
    sandbox_only "catalogs made on demand, to write to"
    local sql
    sql=$(E 1 Load.dtsx 259200 600 7; E 2 Load.dtsx 259140 600 7)
    play sql2019 "$sql"
    [ "$(json 'len(r["duplicates"]), r["groups_before"]')" = "(0, 1)" ]
    sandbox_start before --flavor azure --seed 5 --executions 600
    said=$(SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" duplicates -S "127.0.0.1,$SANDBOX_PORT" -U sa --ca-file "$SANDBOX_CA" --package 'Load Web*' | tail -4)
    echo "$said"
    since=$(grep -oE 'since +[0-9-]+' <<<"${said//$'\n'/ }" | grep -oE '[0-9]{4}-[0-9-]+')
    output=$(SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" duplicates -S "127.0.0.1,$SANDBOX_PORT" -U sa --ca-file "$SANDBOX_CA" --package 'Load Web*' --since "$since" --format json)
    [ "$(json 'len(r["duplicates"]) > 0')" = True ]
    said=$(SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" duplicates -S "127.0.0.1,$SANDBOX_PORT" -U sa --ca-file "$SANDBOX_CA" --package load 2>&1) || true
    sandbox_stop "$SANDBOX_PID"
    [[ $said == *"no package 'load'"* ]]
}

# N ID CREATED_S VALUE: a package of a file share, with a parameter.
N() {
    echo "SET IDENTITY_INSERT internal.operations ON;
        INSERT INTO internal.operations (operation_id, operation_type, created_time, object_type, object_id, object_name, status, start_time, end_time, caller_sid, caller_name)
        VALUES ($1, 200, DATEADD(SECOND, -$2, SYSDATETIMEOFFSET()), 30, 1, N'\\\\share\\Load.dtsx', 7, DATEADD(SECOND, -$2 + 1, SYSDATETIMEOFFSET()), DATEADD(SECOND, -$2 + 600, SYSDATETIMEOFFSET()), 0x01, N'adf');
        INSERT INTO internal.executions_noncatalog (execution_id, package_path, package_source, executed_as_sid, use32bitruntime)
        VALUES ($1, N'\\\\share\\Load.dtsx', N'FileSystem', 0x01, 0);
        INSERT INTO internal.execution_parameter_values_noncatalog (execution_id, object_type, parameter_name, parameter_value, sensitive)
        VALUES ($1, 30, N'Week', N'$3', 0);"
}

@test "duplicates: field-18: packages outside the catalog are told apart by what they were given" {
    sandbox_only "a catalog to write to, row by row"
    play azure "$(N 1 9000 2026-08; N 2 8990 2026-08)"
    echo "$(json '[(g["package"], g["verdict"], g["confidence"]) for g in r["duplicates"]]')"
    [ "$(json '[(g["verdict"], g["confidence"]) for g in r["duplicates"]]')" = "[('double-trigger', 'high')]" ]
    play azure "$(N 1 9000 2026-08; N 2 8990 2026-09)"
    echo "$(json '[(g["package"], g["verdict"], g["confidence"], g["differing_parameters"]) for g in r["duplicates"]]')"
    [ "$(json 'len([g for g in r["duplicates"] if g["confidence"] != "low"])')" = 0 ]
}
