#!/usr/bin/env bats
# The same package started in two catalogs: `duplicates` on several servers. Two sandboxes, of which
# one has a clock that is half an hour ahead.
# shellcheck disable=SC2154 # target.bash sets ssisminer; output, stderr and status come from run

bats_require_minimum_version 1.5.0
load target

AHEAD_S=1800

setup_file() {
    is_live && return
    sandbox_start one --empty
    export ONE=$SANDBOX_PORT CA=$SANDBOX_CA SQLCMDPASSWORD=$SANDBOX_PASSWORD
    sandbox_start two --empty --flavor sql2019 --now "$(date -u -d "+$AHEAD_S seconds" +%Y-%m-%dT%H:%M:%SZ)"
    export TWO=$SANDBOX_PORT
    plant_all
}
teardown_file() { sandbox_stop_all; }
teardown() { true; } # the file's sandboxes serve every test
setup() {
    sandbox_only "a clock that is set"
    config "$(printf '%s\n' "- {name: one, server: '127.0.0.1,$ONE'}" "- {name: two, server: '127.0.0.1,$TWO'}")"
}

config() { # LINES of targets
    printf 'defaults: {user: sa, ca_file: "%s", retry: 0}\ntargets:\n%s\n' "$CA" "$(sed 's/^/  /' <<<"$1")" >"$BATS_TEST_TMPDIR/fleet.yaml"
    export SSISMINER_CONFIG=$BATS_TEST_TMPDIR/fleet.yaml
}

sql() { # PORT T-SQL
    TDSVER=7.4 timeout 60 tsql -H 127.0.0.1 -p "$1" -U sa -P "$SQLCMDPASSWORD" -D SSISDB <<<"$2"$'\ngo' 2>&1
}

# start PORT PACKAGE SECONDS-AGO PARAMETER VALUE [STATUS [SENSITIVE [ENVIRONMENT]]]: an execution that ran for a minute.
start() {
    local said
    said=$(sql "$1" "DECLARE @id bigint; DECLARE @at datetimeoffset(7) = DATEADD(SECOND, -$3, SYSDATETIMEOFFSET());
        INSERT INTO internal.operations (operation_type, created_time, object_type, object_id, object_name, status, start_time, end_time, caller_sid, caller_name)
        VALUES (200, @at, 20, 1, N'Load', ${6:-7}, @at, DATEADD(SECOND, 60, @at), 0x01, N'etl');
        SET @id = SCOPE_IDENTITY();
        INSERT INTO internal.executions (execution_id, folder_name, project_name, package_name, environment_name, project_lsn, executed_as_sid, executed_as_name, use32bitruntime)
        VALUES (@id, N'Sales', N'Load', N'$2.dtsx', N'${8:-Prod}', 1, 0x01, N'etl', 0);
        INSERT INTO internal.execution_parameter_values (execution_id, object_type, parameter_data_type, parameter_name, parameter_value, base_data_type, sensitive, required, value_set, runtime_override)
        VALUES (@id, 50, N'Int32', N'LOGGING_LEVEL', 1, N'int', 0, 0, 1, 0);
        INSERT INTO internal.execution_parameter_values (execution_id, object_type, parameter_data_type, parameter_name, parameter_value, base_data_type, sensitive, required, value_set, runtime_override)
        VALUES (@id, 30, N'String', N'$4', N'$5', N'nvarchar', ${7:-0}, 0, 1, 1)")
    grep -q 'Msg' <<<"$said" && { echo "$said"; return 1; }
    true
}

# Seconds are of real time: the second server's clock makes half an hour more of them.
plant_all() {
    start "$ONE" Same 7200 Region North
    start "$TWO" Same 7190 region 'NORTH '
    start "$ONE" Other 7200 Region North # another value
    start "$TWO" Other 7190 Region South
    start "$ONE" Clock 7200 Region North # the same on both clocks, which is half an hour apart
    start "$TWO" Clock $((7200 + AHEAD_S)) Region North
    start "$ONE" RunId 7200 PipelineRunId 11111111-2222-3333-4444-555555555555
    start "$TWO" RunId 7150 PipelineRunId 66666666-7777-8888-9999-000000000000
    start "$ONE" Alone 7200 Region North # twice, in one
    start "$ONE" Alone 7190 Region North
    start "$TWO" Alone 60000 Region North
    start "$ONE" Secret 7200 Key x 7 1
    start "$TWO" Secret 7190 Key y 7 1
    start "$ONE" Failed 7200 Region North 4 # over before the other started
    start "$TWO" Failed 7100 Region North
    start "$ONE" Late 7200 Region North
    start "$TWO" Late 6480 Region North
    start "$ONE" Environment 7200 Region North 7 0 Prod
    start "$TWO" Environment 7190 Region North 7 0 Test
    start "$TWO" Waiting 7190 Region North 1 # never started
    start "$ONE" Waiting 7200 Region North
}

dup() { # STATUS [OPTIONS…]
    local wanted=$1
    shift
    run --separate-stderr "$ssisminer" duplicates --target all --since 1d "$@"
    echo "status $status: $stderr"
    [ "$status" -eq "$wanted" ]
}

# "Same=high Secret=low": of the groups over targets.
pairs() {
    json '" ".join(sorted(d["package"][:-5] + "=" + d["confidence"] for d in r["duplicates"] if d["verdict"] == "two-catalogs"))'
}

@test "across: what was started in two catalogs, whatever their clocks say" {
    dup 0 --format json
    echo "$(pairs)"
    [ "$(pairs)" = "Environment=medium Failed=low RunId=high Same=high Secret=low Waiting=medium" ]
    [ "$(json 'r["groups_across_targets"]')" = 6 ]
    [ "$(json 'r["target_count"], [t["target"] for t in r["targets"]]')" = "(2, ['one', 'two'])" ]
    # Same: 10 s apart, in its own server's time half an hour; rows and members name their targets.
    output=$(json 'json.dumps([d for d in r["duplicates"] if d["package"] == "Same.dtsx"][0])')
    [ "$(json 'r["target"], 8 < r["gap_seconds"] < 12, [m["target"] for m in r["members"]]')" = "('one, two', True, ['one', 'two'])" ]
    [ "$(json '[abs(m["clock_offset_seconds"] - o) < 3 for m, o in zip(r["members"], (0, 1800))]')" = "[True, True]" ]
    [ "$(json '"the clock of two is" in r["evidence"] and "etl in one; etl in two" in r["evidence"]')" = True ]
}

@test "across: a double trigger within one catalog stays what it is" {
    dup 0 --format json --package Alone.dtsx
    [ "$(json '[(d["target"], d["verdict"]) for d in r["duplicates"]]')" = "[('one', 'double-trigger')]" ]
    [ "$(json 'r["groups"], r["groups_across_targets"]')" = "(1, 0)" ]
}

@test "across: --within, parameters, the least confidence, what is allowed, filters" {
    dup 0 --format json --within 15min --min-confidence high
    [ "$(pairs)" = "Late=high RunId=high Same=high" ]
    dup 0 --format json --ignore-parameters --min-confidence medium
    [[ " $(pairs) " == *" Other=medium "* ]]
    dup 0 --format json --ignore-parameter Region --min-confidence high
    [[ " $(pairs) " == *" Other=high "* ]]
    dup 0 --format json --allow 'Sales/Load/S*.dtsx' --allow '*/RunId.dtsx'
    [ "$(pairs)" = "Environment=medium Failed=low Waiting=medium" ]
    dup 0 --format json --package Same.dtsx
    [ "$(pairs)" = "Same=high" ]
    dup 0 --format json --until 3h
    [ "$(pairs)" = "" ]
    run --separate-stderr "$ssisminer" duplicates --target one --since 1d --format json
    [ "$status" -eq 0 ]
    [ "$(pairs)" = "" ]
}

@test "across: verdict and evidence are in every format" {
    local format
    for format in text json ndjson csv html markdown; do
        dup 0 --package Same.dtsx --format "$format" --all
        [[ $output == *two-catalogs* ]] || { echo "$format: no verdict"; return 1; }
        [[ $output == *"one, two"* ]] || { echo "$format: no targets"; return 1; }
        tr -s ' \n' ' ' <<<"$output" | grep -qE 'clock of two is (29|30) min .{1,8}ahead of this machine.{1,8}s, which is allowed for' || { echo "$format: no evidence"; return 1; }
    done
    dup 0 --format prometheus
    [[ $output == *'ssisminer_duplicates_verdict_groups{target="one, two",verdict="two-catalogs"} 6'* ]]
}

@test "across: the first screen has what stands in two catalogs, before the rest" {
    dup 0 --package Same.dtsx
    [ "$(wc -l <<<"$output")" -le 23 ]
    [[ ${lines[0]} =~ ^2\ targets:\ 2\ answered\;\ [1-9][0-9]*\ times?\ in\ several\ catalogs$ ]]
    [[ $output == *$'\n  one, two  two-catalogs  '*" in one; "*" in two"*"    do  Leave the schedule of one"* ]]
    dup 0 --package Same.dtsx --remedies none
    [[ $output == *two-catalogs* && $output != *"Leave the schedule"* ]]
}

@test "across: it decides --fail-on" {
    dup 1 --fail-on error --package Same.dtsx
    dup 0 --fail-on error --package Environment.dtsx
    dup 1 --fail-on warning --package Environment.dtsx
    dup 0 --fail-on warning --package Secret.dtsx
}

@test "across: parameters that cannot be read leave a doubt, and are told" {
    sandbox_start deaf --empty --now "$(date -u -d "+$AHEAD_S seconds" +%Y-%m-%dT%H:%M:%SZ)" --fault 'error=1222@text=override_values AS given/every'
    local pid=$SANDBOX_PID
    start "$SANDBOX_PORT" Same 7190 Region North
    config "$(printf '%s\n' "- {name: one, server: '127.0.0.1,$ONE'}" "- {name: deaf, server: '127.0.0.1,$SANDBOX_PORT'}")"
    dup 0 --format json
    sandbox_stop "$pid"
    [ "$(pairs)" = "Same=medium" ]
    [ "$(json '[t["result"] for t in r["targets"]]')" = "['done', 'done']" ]
    [ "$(json 'any(w.startswith("deaf: the parameters of executions") for w in r["warnings"])')" = True ]
}

@test "across: a target that fails leaves the others compared" {
    config "$(printf '%s\n' "- {name: one, server: '127.0.0.1,$ONE'}" "- {name: gone, server: '127.0.0.1,1'}" "- {name: two, server: '127.0.0.1,$TWO'}")"
    dup 3 --format json --package Same.dtsx
    [ "$(pairs)" = "Same=high" ]
    [ "$(json '[t["result"] for t in r["targets"]]')" = "['done', 'not connected', 'done']" ]
    [[ $stderr == *"of 3 targets 1 not connected"* ]]
}

# An offset below --within: without it, what started 12 minutes apart would be taken for 5, and 9 minutes for 16.
@test "across: a clock that is seven minutes ahead is allowed for both ways" {
    sandbox_start seven --empty --now "$(date -u -d '+420 seconds' +%Y-%m-%dT%H:%M:%SZ)"
    local pid=$SANDBOX_PID seven=$SANDBOX_PORT
    start "$ONE" Seven 7200 Region North
    start "$seven" Seven 7190 Region North
    start "$ONE" Apart 7200 Region North # 12 minutes, of which the clocks show 5
    start "$seven" Apart 7920 Region North
    start "$ONE" Near 7200 Region North # 9 minutes, of which the clocks show 16
    start "$seven" Near 6660 Region North
    config "$(printf '%s\n' "- {name: one, server: '127.0.0.1,$ONE'}" "- {name: seven, server: '127.0.0.1,$seven'}")"
    dup 0 --format json --min-confidence high
    sandbox_stop "$pid"
    echo "$(pairs)"
    [ "$(pairs)" = "Near=high Seven=high" ]
    output=$(json 'json.dumps([d for d in r["duplicates"] if d["verdict"] == "two-catalogs"])')
    [ "$(json '{d["package"][:-5]: int(round(d["gap_seconds"], -1)) for d in r}')" = "{'Near': 540, 'Seven': 10}" ]
    [ "$(json '{abs(m["clock_offset_seconds"] - 420) < 3 for d in r for m in d["members"] if m["target"] == "seven"}')" = "{True}" ]
}
