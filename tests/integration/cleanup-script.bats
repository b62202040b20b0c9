#!/usr/bin/env bats
# The purge as T-SQL: what `cleanup --script` prints does what the program does, and what breaks the program's runs breaks
# none of its own. The properties are those of cleanup.bats, run on the script (CLEANUP_BY); the last ones are its own.
bats_require_minimum_version 1.5.0

setup() {
    export BUILD=${BUILD:-build}
}

property() {
    python3 "$BATS_TEST_DIRNAME/cleanup_property.py" "$1"
}

by_script() { CLEANUP_BY=script property "$1"; }

@test "script: exactly the doomed operations and all their children go, on every flavour" { by_script random; }
@test "script: with a filter only executions that pass it go" { by_script filter; }
@test "script: a glob means the same, whatever the names hold" { by_script odd_names; }
@test "script: the proof returns exactly what then goes" { by_script proof; }
@test "script: an unknown child table stops a run before the first delete" { by_script unknown_child; }
@test "script: executions created meanwhile lose nothing and do not wait" { by_script concurrent_writer; }
@test "script: what is started meanwhile stays whole" { by_script started_meanwhile; }
@test "script: field-C3: a busy server is waited for, and the run gets somewhere" { by_script busy_server; }
@test "script: others' locks: nothing could be done is an error" { by_script locked; }
@test "script: field-C9: two never run together, and the second says who holds the lock" { by_script two_at_once; }
@test "script: a read-only database is told before the first delete" { by_script read_only; }
@test "script: settings that forbid or lack a retention" { by_script settings; }
@test "script: field-C5: a window that no catalog accepts is none" { by_script bad_windows; }
@test "script: rows of heaps whose operation is gone go by the same age" { by_script orphans; }
@test "script: leaves the rows that the program leaves, on random catalogs" { property script_equals; }
@test "script: killed at any statement, then a second run" { property script_killed; }
@test "script: script and program exclude each other" { property script_excludes; }
@test "script: gives way to others, and ends by its time limit" { property script_gives_way; }
@test "script: errors that pass are outlived, others end it with their words" { property script_errors; }
@test "script: refuses what the program refuses" { property script_refuses; }

@test "script: no server is asked without -S, whatever the environment and files name" {
    cat >"$BATS_TEST_TMPDIR/config.yaml" <<'YAML'
connection: {server: nowhere.invalid}
cleanup: {keep: 40d, ledger: /nowhere/ledger, batch_rows: 500}
YAML
    SQLCMDSERVER=nowhere.invalid run -0 --separate-stderr "$BUILD/ssisminer" cleanup --script --config "$BATS_TEST_TMPDIR/config.yaml"
    [[ $output == *"@keep_seconds int = 3456000;"*"@batch_rows int = 500;"* ]]
    [ -z "$stderr" ]
}

@test "script: a name cannot end a text, a batch or a comment, nor be a variable of sqlcmd" {
    run -0 --separate-stderr "$BUILD/ssisminer" cleanup --script --keep 30d --folder "!O'Brien" --folder '!$(x)' --package '*/' --project 'a*'
    [[ $output == *"(N'--folder !O''Brien', 1, N'O''Brien');"* ]]
    [[ $output == *"(N'--folder !\$' + N'(x)', 1, N'[\$](x)');"* ]]
    [[ $output != *'$('* ]]
    printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/script.sql"
    run -1 grep -qxiE '[[:blank:]]*GO[[:blank:]]*' "$BATS_TEST_TMPDIR/script.sql"
    /usr/bin/python3 "$BATS_TEST_DIRNAME/../lint/parse_sql.py" "$BATS_TEST_TMPDIR/script.sql"
    run -2 --separate-stderr "$BUILD/ssisminer" cleanup --script --keep 30d --folder $'a\nGO\nb'
    [[ $stderr == *"a control character in --folder"* ]]
    run -2 --separate-stderr "$BUILD/ssisminer" cleanup --sandbox --proof --keep 30d --package $'a\nGO\nb'
    [[ $stderr == *"a control character in --package"* ]]
}
