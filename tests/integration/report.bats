#!/usr/bin/env bats
# `report` over real TDS. Runs on a sandbox, or on the server of `make test-live`.
# shellcheck disable=SC2154 # target.bash sets ssisminer and stderr comes from run

load target

setup_file() { target_start --log "$BATS_FILE_TMPDIR/statements"; }
teardown_file() { target_stop; }

@test "report: every planted failure has its planted cause" {
    needs_truth
    mine report --since 60d --format json -o "$BATS_TEST_TMPDIR/report.json"
    run tests/integration/compare-truth "$BATS_TEST_TMPDIR/report.json" "$TRUTH" --all
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "report: the same in the other flavours of the sandbox, on several seeds" {
    sandbox_only "catalogs of other flavours"
    plain_sandbox
    local flavor seed port
    for flavor in $(flavors sql2019 sql2012 azure); do
        for seed in 1 2; do
            sandbox_start "$flavor-$seed" --flavor "$flavor" --seed "$seed" --days 30 --executions 1200 --truth "$BATS_TEST_TMPDIR/truth.json"
            port=$SANDBOX_PORT
            SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" report -S "127.0.0.1,$port" -U sa --ca-file "$SANDBOX_CA" \
                --since 60d --format json -o "$BATS_TEST_TMPDIR/report.json"
            run tests/integration/compare-truth "$BATS_TEST_TMPDIR/report.json" "$BATS_TEST_TMPDIR/truth.json" --all
            sandbox_stop "$SANDBOX_PID"
            echo "$flavor $seed: $output"
            [ "$status" -eq 0 ]
        done
    done
}

@test "report: the text says what was read, the causes, the executions, the actions" {
    run --separate-stderr mine report --since 60d
    [ "$status" -eq 0 ]
    [[ $output == *"SSISDB"* || $output == *"$SSISMINER_TEST_DATABASE"* ]]
    [ -z "$(grep -vE 'certificate is not verified|connection is not encrypted' <<<"$stderr")" ] # as make test-live asks for
    # No line is wider than the terminal, but for links, which stay whole.
    wide=$(COLUMNS=80 mine report --since 60d | grep -E '^.{81}' | grep -v https: | head -3)
    echo "$wide"
    [ -z "$wide" ]
}

@test "report: totals add up" {
    output=$(mine report --since 60d --format json)
    [ "$(json 'sum(t["executions"] for t in r["totals"] if t["status_code"] in (4, 6)) == r["failed_executions"] == len(r["executions"])')" = True ]
    [ "$(json 'sum(c["executions"] for c in r["causes"]) == len(r["executions"])')" = True ]
}

@test "report: filters leave only what they name" {
    output=$(mine report --since 60d --format json)
    folder=$(json 'r["executions"][0]["folder"]')
    package=$(json 'r["executions"][0]["package"]')
    id=$(json 'r["executions"][0]["execution_id"]')
    output=$(mine report --since 60d --format json --folder "$folder" --package "${package^^}")
    [ "$(json "len(r['executions']) > 0 and all(e['folder'] == '$folder' and e['package'] == '$package' for e in r['executions'])")" = True ]
    output=$(mine report --format json --execution "$id")
    [ "$(json "[e['execution_id'] for e in r['executions']]")" = "[$id]" ]
    output=$(mine report --since 60d --format json --folder "!$folder")
    [ "$(json "any(e['folder'] == '$folder' for e in r['executions'])")" = False ]
}

@test "report: every data format parses" {
    mine report --since 60d --format csv | python3 -c 'import csv,sys; rows=list(csv.DictReader(sys.stdin)); assert rows and all(len(r) == len(rows[0]) for r in rows)'
    mine report --since 60d --format ndjson | python3 -c 'import json,sys; n=[json.loads(l) for l in sys.stdin]; assert n'
    mine report --since 60d --format html | python3 -c 'import html.parser,sys; html.parser.HTMLParser().feed(sys.stdin.read())'
    mine report --since 60d --format prometheus | grep -q '^# TYPE ssisminer_'
    mine report --since 60d --format markdown | grep -q '^|'
}

@test "report: --details shows every message of a failed execution" {
    output=$(mine report --since 60d --format json --details)
    [ "$(json 'all(len(e["messages"]) >= e["error_count"] for e in r["executions"])')" = True ]
    [ "$(json 'any(m["type"] == "information" or m["type_code"] not in (100, 110, 120, 130) for e in r["executions"] for m in e["messages"])')" = True ]
    output=$(mine report --since 60d --format json)
    [ "$(json 'any(e.get("messages") for e in r["executions"])')" = False ]
}

@test "report: --fail-on turns failures into exit 1" {
    run mine report --since 60d --fail-on any
    [ "$status" -eq 1 ]
    run mine report --since 60d --fail-on any --folder 'no such folder'
    [ "$status" -eq 2 ]
}

@test "report: -o writes a whole file or none" {
    run mine report --since 60d -o "$BATS_TEST_TMPDIR/no/such/folder/report.json"
    [ "$status" -eq 2 ]
    [[ $output == *"no/such/folder"* ]]
    mkdir "$BATS_TEST_TMPDIR/out"
    run --separate-stderr mine report --since 60d -o "$BATS_TEST_TMPDIR/out/report.csv"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    [ "$(ls "$BATS_TEST_TMPDIR/out")" = report.csv ]
}

@test "report: a broken pipe is quiet" {
    run --separate-stderr bash -c "$ssisminer report $TARGET_OPTIONS --since 60d --details | head -1 >/dev/null; echo \${PIPESTATUS[0]}"
    [[ $output == 0 || $output == 141 ]]
}

@test "report: a login without the role gets exit 5 and the role's name" {
    sandbox_only "logins of every kind"
    # shellcheck disable=SC2086
    run --separate-stderr "$ssisminer" report ${TARGET_OPTIONS/-U sa/-U nobody} --since 60d
    [ "$status" -eq 5 ]
    [[ $stderr == *ssis_logreader* ]]
    run "$ssisminer" report ${TARGET_OPTIONS/-U sa/-U reader} --since 60d
    [ "$status" -eq 0 ]
}

@test "report: says in one line how many failures belong to duplicates" {
    needs_truth
    mine report --since 60d --format json -o "$BATS_TEST_TMPDIR/report.json"
    run python3 - "$BATS_TEST_TMPDIR/report.json" "$TRUTH" <<'EOF'
import json, sys
report, truth = (json.load(open(path)) for path in sys.argv[1:])
failed = {e["execution_id"] for e in report["executions"]}
groups = [set(g["members"]) & failed for g in truth["duplicates"]
          if g["verdict"] != "retry-after-failure" and g["confidence"] in ("medium", "high")]
groups = [g for g in groups if g]
print(len(groups), sum(map(len, groups)), "planted;", report["duplicate_groups"], report["duplicate_failures"], "told")
assert groups and (report["duplicate_groups"], report["duplicate_failures"]) == (len(groups), sum(map(len, groups)))
EOF
    echo "$output"
    [ "$status" -eq 0 ]
    run mine report --since 60d
    [ "$(grep -c 'triggered more than once: ssisminer duplicates' <<<"$output")" -eq 1 ]
}

@test "report: stands without what duplicates would add" {
    sandbox_only "statements that fail on demand"
    sandbox_start half --seed 1 --fault "error=229@text=x.package_name <> e.package_name/every"
    SQLCMDPASSWORD=$SANDBOX_PASSWORD run --separate-stderr "$ssisminer" report -S "127.0.0.1,$SANDBOX_PORT" -U sa \
        --ca-file "$SANDBOX_CA" --since 60d --format json
    sandbox_stop "$SANDBOX_PID"
    [ "$status" -eq 0 ]
    [[ $stderr == *"triggered more than once is not known"* ]]
    [ "$(json 'r["duplicate_groups"] is None and r["duplicate_failures"] is None and len(r["executions"]) > 0')" = True ]
}

@test "report: as many statements for few failures as for many" {
    sandbox_only "a record of what it receives"
    plain_sandbox
    count() { # FAILURES: statements that report sent
        local log=$BATS_TEST_TMPDIR/log.$1
        sandbox_start "many-$1" --seed 3 --executions "$2" --failures "$1" --log "$log"
        SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" report -S "127.0.0.1,$SANDBOX_PORT" -U sa --ca-file "$SANDBOX_CA" \
            --since 400d --format json >"$BATS_TEST_TMPDIR/out.$1"
        sandbox_stop "$SANDBOX_PID"
        grep -c . "$log"
    }
    few=$(count 10 200)
    many=$(count 10000 11000)
    echo "few: $few, many: $many"
    [ "$few" -eq "$many" ]
    [ "$few" -gt 3 ]
    python3 -c 'import json,sys; assert len(json.load(open(sys.argv[1]))["executions"]) >= 9000' "$BATS_TEST_TMPDIR/out.10000"
}

@test "report: --sandbox needs nothing else and answers in time" {
    sandbox_only "a start of its own for each run"
    unset SQLCMDPASSWORD
    local start=$EPOCHREALTIME
    run "$ssisminer" --sandbox report
    echo "took $(python3 -c "print($EPOCHREALTIME - $start)") s"
    [ "$status" -eq 0 ]
    [[ $output == *"SSISDB"* ]]
}

@test "report: field-R1: names the child package, the component and the turn of the loop" {
    sandbox_only "catalogs made on demand, to write to"
    local flavor said
    for flavor in $(flavors azure sql2019 sql2012); do
        sandbox_start "r1-$flavor" --flavor "$flavor" --empty
        said=$(TDSVER=7.4 tsql -H 127.0.0.1 -p "$SANDBOX_PORT" -U sa -P "$SANDBOX_PASSWORD" -D SSISDB 2>&1 <<'EOF'
SET IDENTITY_INSERT internal.operations ON
INSERT INTO internal.operations (operation_id, operation_type, created_time, object_type, object_id, object_name, status, start_time, end_time, caller_sid, caller_name)
VALUES (1, 200, DATEADD(MINUTE, -9, SYSDATETIMEOFFSET()), 20, 1, N'DW', 4, DATEADD(MINUTE, -9, SYSDATETIMEOFFSET()), DATEADD(MINUTE, -5, SYSDATETIMEOFFSET()), 0x01, N'adf')
INSERT INTO internal.executions (execution_id, folder_name, project_name, package_name, project_lsn, executed_as_sid, executed_as_name, use32bitruntime)
VALUES (1, N'Prod', N'DW', N'Master.dtsx', 1, 0x01, N'adf', 0)
INSERT INTO internal.operation_messages (operation_id, message_time, message_type, message_source_type, message)
VALUES (1, DATEADD(MINUTE, -6, SYSDATETIMEOFFSET()), 120, 60, N'Data Flow Task:Error: Data conversion failed while converting column "A" to column "B". The conversion returned status value 2.')
INSERT INTO internal.event_messages (event_message_id, operation_id, package_name, event_name, message_source_name, message_source_id, subcomponent_name, package_path, execution_path, threadID, message_code)
VALUES (SCOPE_IDENTITY(), 1, N'Child_Sales.dtsx', N'OnError', N'Data Flow Task', N'{1}', N'Data Conversion [1]', N'\Package\Data Flow Task', N'\Master\Each File[3]\Execute Package Task\Child_Sales\Data Flow Task', 1, -1071607696)
go
EOF
        )
        [[ $said != *Msg* ]] || { echo "$said"; false; }
        output=$(SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" report -S "127.0.0.1,$SANDBOX_PORT" -U sa --ca-file "$SANDBOX_CA" --format json)
        [ "$(json '[r["executions"][0][k] for k in ("package", "child_package", "component", "loop_iteration")]')" = "['Master.dtsx', 'Child_Sales.dtsx', 'Data Conversion [1]', 'Each File[3]']" ]
        said=$(SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" report -S "127.0.0.1,$SANDBOX_PORT" -U sa --ca-file "$SANDBOX_CA")
        sandbox_stop "$SANDBOX_PID"
        echo "$said"
        [[ ${said//$'\n'/ } == *" Child_Sales.dtsx, "*"Data Flow Task"*"Conversion [1], "*"File[3]"* ]]
    done
}

# Of what stderr says of a server that make test-live was told to trust, or to talk to in clear: nothing.
untold() { grep -vE '^ssisminer: warning: the (server.s certificate|connection) is not '; }

# on_terminal ROWS COMMAND…: what a terminal of so many rows shows; the status is the command's.
on_terminal() {
    local rows=$1
    shift
    TERM=xterm NO_COLOR=1 script -qec "stty rows $rows cols 80; $(printf '%q ' "$@")" /dev/null </dev/null | tr -d '\r' | untold
    return "${PIPESTATUS[0]}"
}

# same_on_terminal SINCE: of one window, since a minute may end between the two answers.
same_on_terminal() {
    local window
    window="--since $(date -u -d "-${1/h/ hours}" +%FT%TZ 2>/dev/null || date -u -d "-${1/d/ days}" +%FT%TZ) --until $(date -u +%FT%TZ)"
    # shellcheck disable=SC2086 # words
    run --separate-stderr "$ssisminer" report $TARGET_OPTIONS $window
    # shellcheck disable=SC2086
    diff <(echo "$output") <(PAGER='echo paged' on_terminal 24 "$ssisminer" report $TARGET_OPTIONS $window)
}

@test "report: the first screen fits, and is the same text on a terminal and in a pipe" {
    local since flavor
    for since in 1h 36h 10d 60d; do
        # shellcheck disable=SC2086 # TARGET_OPTIONS is words
        run --separate-stderr "$ssisminer" report $TARGET_OPTIONS --since "$since"
        echo "$since: ${#lines[@]} $output"
        [ "$(wc -l <<<"$output")" -le 23 ]
        [ -z "$(LC_ALL=C.UTF-8 grep -E '^.{81}' <<<"$output")" ] # awk counts bytes
        same_on_terminal "$since"
    done
    [[ $output == *" more causes, "*" more failures: --all."* ]]
}

@test "report: one run id gives cause, remedy, and whether to run it again, on one screen" {
    local id ids limit=40
    is_live && limit=5 # each is asked for twice, on a connection of its own
    # shellcheck disable=SC2086 # TARGET_OPTIONS is words
    ids=$("$ssisminer" report $TARGET_OPTIONS --since 60d --limit $limit --format json |
        python3 -c 'import json, sys; print(*[e["execution_id"] for e in json.load(sys.stdin)["executions"]])')
    for id in $ids; do
        # shellcheck disable=SC2086
        run --separate-stderr "$ssisminer" report $TARGET_OPTIONS --run "$id"
        echo "$output"
        [ "$(wc -l <<<"$output")" -le 23 ]
        [[ $output == "$id  "*"  cause    "*$'\n'"  rerun    "@(yes|no)", "*"What to do"*"  - "* ]]
        [[ $output != *"  duplicates  "* ]] || continue # explain does not look for them
        # shellcheck disable=SC2086
        [ "$("$ssisminer" explain $TARGET_OPTIONS --execution "$id")" = "$output" ]
    done
}

@test "report: what does not fit a terminal goes through the pager, which gets no password" {
    export PAGER='echo paged: $(wc -l) lines; env | grep -c ^SQLCMDPASS'
    # shellcheck disable=SC2086 # TARGET_OPTIONS is words
    run on_terminal 24 "$ssisminer" report $TARGET_OPTIONS --since 60d --all
    echo "$output"
    [[ $status -eq 0 && $output == "paged: "[0-9]*" lines"$'\n'0 ]]
    # shellcheck disable=SC2086
    run on_terminal 24 "$ssisminer" report $TARGET_OPTIONS --since 60d --all --no-pager
    [[ $output != *paged* && $output == *"What to do"* ]]
    # shellcheck disable=SC2086
    PAGER='' run on_terminal 24 "$ssisminer" report $TARGET_OPTIONS --since 60d --all
    [[ $output != *paged* && $output == *"What to do"* ]]
    # shellcheck disable=SC2086
    PAGER=no-such-pager run on_terminal 24 "$ssisminer" report $TARGET_OPTIONS --since 60d --all
    [[ $status -eq 0 && $output == *"What to do"* ]]
    # A reader who leaves early is no error.
    # shellcheck disable=SC2086
    PAGER='head -1' run on_terminal 24 "$ssisminer" report $TARGET_OPTIONS --since 60d --all
    [[ $status -eq 0 && ${#lines[@]} -eq 1 ]]
    # Neither a file nor data is paged.
    # shellcheck disable=SC2086
    run on_terminal 24 "$ssisminer" report $TARGET_OPTIONS --since 60d --format json
    [[ $output != *paged* ]]
    # shellcheck disable=SC2086
    run on_terminal 24 "$ssisminer" report $TARGET_OPTIONS --since 60d --all -o "$BATS_TEST_TMPDIR/report.txt"
    [[ -z $output ]]
}
