#!/usr/bin/env bats
# The purge: planned, done, stopped, broken, refused. What runs on any server works on operations of
# its own, dated 2001, so that it leaves the rest as it was.
bats_require_minimum_version 1.5.0
# shellcheck source=tests/integration/target.bash
. "$BATS_TEST_DIRNAME/target.bash"

setup_file() {
    target_start
}

teardown_file() {
    target_stop
}

setup() {
    work=$BATS_TEST_TMPDIR
    export BUILD
}

# What a case inserted goes, however the case ended.
teardown() {
    [ ! -f "$work/old.sql" ] || no_old_operations
    sandbox_stop_all
}

writes() { # cases that insert their own operations
    [ "${SSISMINER_TEST_LOADED:-}" != 1 ] || skip "the database was loaded before: nothing is written"
}

send() { # a batch, as the administrator
    if is_live; then
        "$BATS_TEST_DIRNAME/../live/load" "$1" "$work/load.log"
    else
        SSISMINER_TEST_SERVER=$TARGET SSISMINER_TEST_USER=sa SSISMINER_TEST_PASSWORD=$SANDBOX_PASSWORD \
            SSISMINER_TEST_DATABASE=SSISDB SSISMINER_TEST_TLS=require "$BATS_TEST_DIRNAME/../live/load" "$1" "$work/load.log"
    fi
}

fact() { # KEY: of the JSON in $work/out
    python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$work/out" "$1"
}

property() {
    sandbox_only "tables that can be read past it, row by row"
    python3 "$BATS_TEST_DIRNAME/cleanup_property.py" "$1"
}

old_operations() {
    cat >"$work/old.sql" <<'SQL'
SET IDENTITY_INSERT internal.operations ON;
INSERT INTO internal.operations (operation_id, operation_type, created_time, object_type, object_id, object_name, status,
    start_time, end_time, caller_sid, caller_name)
VALUES (101, 200, '2001-03-25T01:59:00+01:00', 20, 1, N'Old', 7, '2001-03-25T01:59:30+01:00', '2001-03-25T03:01:00+02:00', 0x01, N'old'),
    (102, 200, '2001-03-26T00:00:00+00:00', 20, 1, N'Old', 4, '2001-03-26T00:00:00+00:00', '2001-03-26T00:01:00+00:00', 0x01, N'old'),
    (103, 200, '2001-03-27T00:00:00+00:00', 20, 1, N'Old', 2, '2001-03-27T00:00:00+00:00', NULL, 0x01, N'old'),
    (104, 101, '2001-03-28T00:00:00+00:00', 20, 1, N'Old', 1, NULL, NULL, 0x01, N'old');
SET IDENTITY_INSERT internal.operations OFF;
GO
INSERT INTO internal.executions (execution_id, folder_name, project_name, package_name, executed_as_sid, executed_as_name, use32bitruntime)
VALUES (101, N'OldFolder', N'Old', N'Old.dtsx', 0x01, N'old', 0), (102, N'OldFolder', N'Old', N'Old.dtsx', 0x01, N'old', 0),
    (103, N'OldFolder', N'Old', N'Old.dtsx', 0x01, N'old', 0);
GO
INSERT INTO internal.operation_messages (operation_id, message_time, message_type, message)
VALUES (101, '2001-03-25T03:00:00+02:00', 70, N'went well'), (102, '2001-03-26T00:00:30+00:00', 120, N'went wrong'),
    (103, '2001-03-27T00:00:30+00:00', 70, N'goes on');
GO
INSERT INTO internal.event_messages (event_message_id, operation_id, event_name, threadID)
SELECT operation_message_id, operation_id, N'OnOld', 1 FROM internal.operation_messages WHERE operation_id IN (101, 102, 103);
GO
INSERT INTO internal.operation_permissions (sid, object_id, permission_type, is_role, is_deny, grantor_sid)
VALUES (0x01, 101, 1, 0, 0, 0x01), (0x01, 104, 1, 0, 0, 0x01);
GO
SQL
    send "$work/old.sql"
}

# Of the old ones: so many days ago instead of in 2001.
old_by_days() {
    cat >"$work/days.sql" <<SQL
UPDATE internal.operations
SET created_time = DATEADD(day, -$1, SYSDATETIMEOFFSET()), start_time = DATEADD(day, -$1, SYSDATETIMEOFFSET()),
    end_time = DATEADD(day, -$1, SYSDATETIMEOFFSET())
WHERE operation_id IN (101, 102);
GO
SQL
    send "$work/days.sql"
}

no_old_operations() { send "$BATS_TEST_DIRNAME/../live/no_old_operations.sql"; }

rows_per_table() { # of everything but what the batches of this file put there
    cat >"$work/rows.sql" <<'SQL'
SELECT N'operations', COUNT_BIG(*), MAX(operation_id) FROM internal.operations WHERE operation_id > 104
UNION ALL SELECT N'executions', COUNT_BIG(*), MAX(execution_id) FROM internal.executions WHERE execution_id > 104
UNION ALL SELECT N'operation_messages', COUNT_BIG(*), MAX(operation_message_id) FROM internal.operation_messages WHERE operation_id > 104
UNION ALL SELECT N'event_messages', COUNT_BIG(*), MAX(event_message_id) FROM internal.event_messages WHERE operation_id > 104
UNION ALL SELECT N'event_message_context', COUNT_BIG(*), MAX(context_id) FROM internal.event_message_context
UNION ALL SELECT N'executable_statistics', COUNT_BIG(*), MAX(statistics_id) FROM internal.executable_statistics
UNION ALL SELECT N'execution_parameter_values', COUNT_BIG(*), MAX(execution_parameter_id) FROM internal.execution_parameter_values
UNION ALL SELECT N'execution_component_phases', COUNT_BIG(*), MAX(phase_stats_id) FROM internal.execution_component_phases
UNION ALL SELECT N'operation_permissions', COUNT_BIG(*), MAX(id) FROM internal.operation_permissions WHERE object_id > 104
UNION ALL SELECT N'projects', COUNT_BIG(*), MAX(project_id) FROM internal.projects
UNION ALL SELECT N'packages', COUNT_BIG(*), MAX(package_id) FROM internal.packages
UNION ALL SELECT N'executables', COUNT_BIG(*), MAX(executable_id) FROM internal.executables;
GO
SQL
    send "$work/rows.sql"
    grep -aE '^[a-z_]+[[:space:]]+[0-9]' "$work/load.log"
}

@test "cleanup plans, deletes what is past its retention, and leaves the rest" {
    needs sys.dm_db_partition_stats
    writes
    mine cleanup --keep 3650d --format json >"$work/out"
    [ "$(fact doomed_operations)" = 0 ]
    local before live
    before=$(fact operations) live=$(fact live_operations)
    rows_per_table >"$work/rows.before"
    [ "$(wc -l <"$work/rows.before")" -eq 12 ]
    old_operations
    mine cleanup --keep 3650d --exact --format json >"$work/out"
    [ "$(fact doomed_operations)" = 3 ]
    [ "$(fact doomed_failures)" = 1 ]
    [ "$(fact doomed_rows)" = 11 ]
    [ "$(fact live_operations)" = $((live + 1)) ]
    [ "$(fact executed)" = False ]
    [ "$(fact method)" = batched ]
    grep -q '"oldest": *"2001-03-25T01:01:00' "$work/out"
    mine cleanup --keep 3650d --execute --yes --format json >"$work/out"
    [ "$(fact end)" = "done" ]
    [ "$(fact deleted_operations)" = 3 ]
    mine cleanup --keep 3650d --format json >"$work/out"
    [ "$(fact doomed_operations)" = 0 ]
    [ "$(fact operations)" = $((before + 1)) ]
    rows_per_table >"$work/rows.after"
    diff "$work/rows.before" "$work/rows.after"
    no_old_operations
}

@test "cleanup --keep-failed keeps what failed, --folder leaves what is elsewhere" {
    needs sys.dm_db_partition_stats
    writes
    old_operations
    old_by_days 3200
    mine cleanup --keep 3000d --keep-failed 3650d --execute --yes --folder '!Old*' --format json >"$work/out"
    [ "$(fact deleted_operations)" = 0 ]
    mine cleanup --keep 3000d --keep-failed 3650d --execute --yes --folder OldFolder --format json >"$work/out"
    [ "$(fact deleted_operations)" = 1 ]
    mine cleanup --keep 3000d --format json >"$work/out"
    [ "$(fact doomed_operations)" = 2 ]
    no_old_operations
}

@test "the plan tells people what goes, how and why" {
    needs sys.dm_db_partition_stats
    mine cleanup --keep 2d --all >"$work/out"
    grep -q '^Cleanup plan$' "$work/out"
    grep -qE 'goes +[0-9]+ of [0-9]+ operations' "$work/out"
    grep -qE 'method +batched: ' "$work/out"
    grep -qF 'CREATE INDEX [IX_execution_data_statistics_execution_id] ON' "$work/out"
    mine cleanup --keep 2d --format csv | head -1 | grep -q '^table,rows,bytes,doomed_rows,doomed_bytes,is_exact'
    mine cleanup --keep 2d --format prometheus | grep -q '^ssisminer_cleanup_doomed_operations{'
}

@test "field-C1: a name misspelt behind a ! would protect nothing, and is refused" {
    needs sys.dm_db_partition_stats
    mine cleanup --keep 2d --folder '!Slaes' 2>"$work/err" && return 1
    grep -qF -- "--folder '!Slaes' leaves out nothing: neither the log nor the catalog has such a name" "$work/err"
    grep -qF 'did you mean !Sales?' "$work/err"
    mine cleanup --keep 2d --execute --yes --package '!Laod*' 2>"$work/err" && return 1
    grep -qF -- "--package '!Laod*' leaves out nothing" "$work/err"
    mine cleanup --keep 2d --project '!Sales' 2>"$work/err" && return 1 # there is a folder of that name
    grep -qF -- "--project '!Sales' leaves out nothing" "$work/err"
    mine cleanup --keep 2d --folder '!sales' --package '!load*' >"$work/out" # in either case
    mine cleanup --keep 2d --folder 'NoSuch' >"$work/out" # deletes nothing
    grep -qE 'goes +0 of ' "$work/out"
}

# shellcheck disable=SC2154 # run sets stderr
@test "what makes no sense is refused before anything is sent" {
    run -2 --separate-stderr "$ssisminer" cleanup -S nowhere.invalid -U x --keep 0d
    [[ $stderr == *"--keep: '0d' is outside 1s to 3650d"* ]]
    run -2 --separate-stderr "$ssisminer" cleanup -S nowhere.invalid -U x --batch-rows 0
    [[ $stderr == *"--batch-rows: '0' is outside 1 to 1000000"* ]]
    run -2 --separate-stderr "$ssisminer" cleanup -S nowhere.invalid -U x --execute --ledger /nowhere/ledger
    [[ $stderr == *"cannot append to the ledger '/nowhere/ledger'"* ]]
    run -2 --separate-stderr "$ssisminer" cleanup -S nowhere.invalid -U x --execute --ledger "$work/l.txt" -o "$work/./l.txt"
    [[ $stderr == *"--ledger and --output are one file"* && ! -e $work/l.txt ]]
    run -2 --separate-stderr "$ssisminer" cleanup -S nowhere.invalid -U x --execute --ledger "$work/l.txt" --stop-file "$work/l.txt"
    [[ $stderr == *"--ledger and --stop-file are one file"* ]]
    run -2 --separate-stderr "$ssisminer" cleanup -S nowhere.invalid -U x --since 3d
    [[ $stderr == *"does not take --since"* ]]
    run -2 --separate-stderr "$ssisminer" cleanup -S nowhere.invalid -U x --execute --proof
    [[ $stderr == *"--proof shows what would go, --execute deletes it"* ]]
    run -2 --separate-stderr "$ssisminer" cleanup -S nowhere.invalid -U x --proof --explain-operation 7
    [[ $stderr == *"two answers"* ]]
    mine cleanup --keep 30d --explain-operation 999999999999 2>"$work/err" && return 1
    grep -q 'the log has no operation 999999999999' "$work/err"
    mine cleanup --keep 30d --explain-operation 0 2>"$work/err" && return 1
    grep -q "'0' is less than 1" "$work/err"
}

@test "the plan writes nothing" { property plan_writes_nothing; }
@test "exactly the doomed operations and all their children go, on every flavour" { property random; }
@test "with a filter only executions that pass it go" { property filter; }
@test "a session that dies at any statement leaves nothing but unfinished work" { property death_at_every_statement; }
@test "a connection lost at any statement is made anew" { property reconnect_at_every_statement; }
@test "errors that pass do not end a run" { property transient_errors; }
@test "kill -9, then a second run" { property kill; }
@test "SIGTERM ends a run within its statement" { property sigterm; }
@test "time limit, stop file and ledger" { property limits; }
@test "field-C8: progress is told in rows where there is no terminal" { property progress; }
@test "field-C9: two cleanups never run together, and the second says who holds the lock" { property two_at_once; }
@test "an unknown child table stops a run before the first delete" { property unknown_child; }
@test "executions created meanwhile lose nothing and do not wait" { property concurrent_writer; }
@test "what is started meanwhile stays whole" { property started_meanwhile; }
@test "field-C3: a busy server is waited for, and the run gets somewhere" { property busy_server; }
@test "others' locks: nothing could be done is exit code 7" { property locked; }
@test "field-C7: what the login may not see is unknown" { property unseen; }
@test "the ledger misses nothing: killed, and with an answer that cannot be written" { property ledger; }
@test "a read-only database is told before the first delete" { property read_only; }
@test "rows of heaps whose operation is gone go by the same age" { property orphans; }
@test "heaps keep their emptied pages until they are rebuilt" { property heaps; }
@test "field-P5: stopped early is a notice, and quiet is quiet" { property quiet; }
@test "project versions go by the shipped procedure" { property project_versions; }
@test "rights decide the method, and what is missing is said" { property rights; }
@test "settings that forbid or lack a retention" { property settings; }
@test "the proof, run by hand, returns exactly what then goes" { property proof; }
@test "a glob means the same in plan and proof, whatever the names hold" { property odd_names; }
@test "at a terminal the number of operations is to be typed" { property terminal; }
@test "field-C1: a keep that shrank is a slip where nobody can be asked" { property slips; }
@test "field-C5: a server whose clock is ahead deletes nothing unless that is meant" { property clock_ahead; }
@test "field-C1: a filter that is lost is a slip where nobody can be asked" { property lost_filter; }
@test "field-C5: a window that no catalog accepts is none" { property bad_windows; }
@test "archive: what fails is in it, whole and once, and report reads it there" { property archive; }
@test "archive: whatever ends at whichever statement, no failed execution is lost, none is twice" { property archive_broken; }
@test "archive: what comes when messages are gone and their execution is not is in it" { property archive_late; }
@test "archive: a full disk ends a run before anything goes that is not in it" { property archive_full; }
@test "archive: a file that cannot be one is refused, and nothing is deleted" { property archive_refused; }
@test "archive: a file that is gone meanwhile, or has other operations, ends the run" {
    property archive_gone
    property archive_another
}
@test "archive: --archive-keep takes what is too old, never what the run put in" { property archive_keep; }
@test "archive: SIGTERM and a time limit end a run in order, and the next goes on" { property archive_stopped; }
@test "archive: one run at a time writes into a file, and one that is read is not half written" { property archive_shared; }
@test "archive: a constant number of statements" { property archive_statements; }

# ---- scheduling files ---------------------------------------------------------------------------

@test "systemd finds nothing wrong with the service and its timer" {
    no_server
    command -v systemd-analyze >/dev/null || skip "systemd is not installed"
    sed "s|^ExecStart=/usr/local/bin/ssisminer|ExecStart=$(realpath "$ssisminer")|; /^Documentation=/d" \
        config/systemd/ssisminer-cleanup.service >"$work/ssisminer-cleanup.service"
    cp config/systemd/ssisminer-cleanup.timer "$work"
    run systemd-analyze verify "$work/ssisminer-cleanup.service" "$work/ssisminer-cleanup.timer"
    [ "$status" -eq 0 ]
    # Warnings are about other units of this machine, if any.
    [[ $output != *ssisminer-cleanup* ]]
}

@test "the CronJob forbids overlap, outlasts the time limit, keeps its secret in a file" {
    no_server
    /usr/bin/python3 - config/kubernetes/cronjob.yaml <<'PYTHON'
import sys, yaml
(job,) = yaml.safe_load_all(open(sys.argv[1]))
assert job["kind"] == "CronJob" and job["apiVersion"] == "batch/v1"
spec = job["spec"]
assert spec["concurrencyPolicy"] == "Forbid"
work = spec["jobTemplate"]["spec"]
pod = work["template"]["spec"]
(box,) = pod["containers"]
assert "--time-limit 2h" in box["args"][0] and work["activeDeadlineSeconds"] > 2 * 3600
assert box["securityContext"]["readOnlyRootFilesystem"] and pod["securityContext"]["runAsNonRoot"]
assert not any("PASSWORD" in e["name"] for e in box["env"])
mounts = {m["name"]: m["mountPath"] for m in box["volumeMounts"]}
secret = next(v for v in pod["volumes"] if "secret" in v)
places = {e["name"]: e["value"] for e in box["env"]}
assert mounts[secret["name"]] == places["CREDENTIALS_DIRECTORY"]
PYTHON
}

catches_term() { (($(sed -n 's/^SigCgt:\s*/0x/p' "/proc/$1/status") >> 14 & 1)); } # PID

# as_job CODE: the CronJob's script, with a program that says what it got; $status, and $work/got.
as_job() {
    rm -f "$work/got" "$work/begun"
    /usr/bin/python3 -c 'import sys, yaml; print(yaml.safe_load(open(sys.argv[1]))["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["args"][0])' \
        config/kubernetes/cronjob.yaml >"$work/job"
    mkdir -p "$work/bin"
    printf '#!/bin/sh\n%s\n' "$1" >"$work/bin/ssisminer"
    chmod +x "$work/bin/ssisminer"
    PATH=$work/bin:$PATH sh "$work/job" &
}

@test "the CronJob passes SIGTERM on, and takes work that remains for no failure" {
    no_server
    local code status
    for code in 0 6 7 75; do
        as_job "exit $code"
        status=0
        wait $! || status=$?
        [ "$status" -eq $((code == 6 ? 0 : code)) ]
    done
    as_job "trap 'echo TERM >\"$work/got\"; exit 143' TERM; echo >\"$work/begun\"; for i in \$(seq 300); do sleep 1 & wait \$!; done"
    local job=$!
    until_so test -s "$work/begun"
    until_so catches_term "$job"
    kill -TERM "$job"
    status=0
    wait "$job" || status=$?
    [ "$status" -eq 143 ]
    [ "$(cat "$work/got")" = TERM ]
}

@test "the schedules call the command with options that it has" {
    no_server
    local line
    line=$(sed -n 's|^ExecStart=/usr/local/bin/ssisminer ||p' config/systemd/ssisminer-cleanup.service)
    for option in $(grep -oE -- '--[a-z-]+' <<<"$line" | sort -u); do
        "$ssisminer" help cleanup | grep -q -- "$option"
    done
    # cron's PATH is /usr/bin:/bin
    grep -q '^- cron: .* SQLCMDUSER=cleaner /usr/local/bin/ssisminer cleanup ' README.md
    grep -q 'LoadCredential=ssisminer-password:' config/systemd/ssisminer-cleanup.service
    grep -q 'SuccessExitStatus=6' config/systemd/ssisminer-cleanup.service
}
