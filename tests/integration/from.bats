#!/usr/bin/env bats
# capture and --from: the log as a file, and the same answers from it. On sandboxes of its own, whose clock stands.
# shellcheck disable=SC2154 # target.bash sets ssisminer; output, lines, status and stderr come from run

load target

NOW=2026-11-20T12:00:00Z

setup() {
    sandbox_only "a clock that stands, and statements that stall"
    plain_sandbox
    export SQLCMDPASSWORD=$SANDBOX_PASSWORD FILE=$BATS_TEST_TMPDIR/catalog.db
}

# serve NAME [options…]: a sandbox whose clock stands; how to reach it in SERVER.
serve() {
    SSISMINER_NOW=$NOW sandbox_start "$@"
    SERVER=(-S "127.0.0.1,$SANDBOX_PORT" --ca-file "$SANDBOX_CA")
}

asked() { SSISMINER_NOW=$NOW "$ssisminer" "$@"; }

# capture_behind: beside this shell, whose process $! is then; nobody's but the program's.
capture_behind() { SSISMINER_NOW=$NOW exec "$ssisminer" capture "${SERVER[@]}" -U sa -o "$FILE" >"$BATS_TEST_TMPDIR/behind" 2>&1 3>&-; }

capture_as() { # LOGIN [options…]
    local login=$1
    shift
    asked capture "${SERVER[@]}" -U "$login" -o "$FILE" "$@"
}

# The reading commands and what they are asked; what is not their answer is not compared: --exact counts tables that no
# other command reads.
questions() {
    cat <<'EOF'
report --since 30d --format json
report --since 30d --all
mine --since 30d --format json
duplicates --since 30d --format json
capacity --since 30d --format json
slow --since 30d --format json
history --since 60d --format json
doctor --format json
running --format json
cleanup --keep 10d --format json
explain --execution EXECUTION --format json
EOF
}

# same LOGIN: every command answers from the file as the server did, to the byte, on both streams; people are told which file it was.
same() {
    local words out=$BATS_TEST_TMPDIR/answer served read_ id
    output=$(asked report --since 30d --format json "${SERVER[@]}" -U sa)
    id=$(json 'r["executions"][0]["execution_id"]')
    while read -ra words; do
        words=("${words[@]/EXECUTION/$id}")
        served=0 read_=0
        COLUMNS=200 asked "${words[@]}" "${SERVER[@]}" -U "$1" >"$out.server" 2>"$out.server.err" || served=$?
        COLUMNS=200 "$ssisminer" "${words[@]}" --from "$FILE" >"$out.from" 2>"$out.from.err" || read_=$?
        echo "${words[*]}: $served $read_"
        if [[ ${words[*]} == *--all ]]; then
            grep -q "^  capture  *$FILE, as of " "$out.from"
            sed -i '/^  capture /d' "$out.from"
        fi
        diff "$out.server" "$out.from" | head -20
        diff "$out.server.err" "$out.from.err"
        cmp "$out.server" "$out.from"
        [ "$served" -eq "$read_" ]
        [ "$served" -ne 2 ]
    done < <(questions)
}

# What is in the file, row by row; it is whole, or this fails.
contents() { # FILE; "nothing" of one that is empty
    [ -s "$1" ] || { echo nothing; return; }
    python3 - "$1" <<'PY'
import hashlib, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.create_collation("TSQL", lambda a, b: (a.rstrip().lower() > b.rstrip().lower()) - (a.rstrip().lower() < b.rstrip().lower()))
assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
told = hashlib.sha256()
if not db.execute("SELECT 1 FROM sqlite_schema").fetchall():
    sys.exit(print("nothing"))
for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall():
    for row in db.execute(f'SELECT * FROM "{name}" ORDER BY rowid'):
        told.update(repr((name, row)).encode())
print(told.hexdigest())
PY
}

@test "capture: every command answers from the file as the server did, on each kind of server" {
    local flavor seed=3
    for flavor in azure sql2019 sql2012; do
        rm -f "$FILE"
        serve "$flavor" --flavor "$flavor" --seed $((seed += 1)) --executions 300
        capture_as sa --since 60d --all-messages >"$BATS_TEST_TMPDIR/told"
        same sa
        sandbox_stop "$SANDBOX_PID"
    done
    [ "$(stat -c %a "$FILE")" = 600 ]
}

@test "capture: who reads the file sees what the login saw, and is told so" {
    serve rights --flavor azure --seed 5 --executions 200
    local login
    for login in reader admin nobody; do
        rm -f "$FILE"
        run capture_as "$login" --since 60d --all-messages
        [ "$status" -eq "$([ "$login" = nobody ] && echo 5 || echo 0)" ]
        [[ $output == *"Left out"* ]]
        [[ $login == admin || $output == *"sizes of tables"*"permission"* ]]
        same "$login"
    done
}

@test "capture: messages of what failed alone give the same report" {
    serve failures --flavor azure --seed 6 --executions 300
    capture_as sa --since 60d >"$BATS_TEST_TMPDIR/told"
    questions() { printf '%s\n' "report --since 30d --format json" "running --format json" "capacity --since 30d --format json" "doctor --format json"; }
    same sa
    run --separate-stderr "$ssisminer" mine --from "$FILE"
    [ "$status" -eq 0 ]
    [[ $stderr == *"--all-messages"* ]]
    [[ $output == *"WARNING  the file holds the messages of what did not end well"* ]]
    output=$("$ssisminer" mine --from "$FILE" --since 90d --format json 2>/dev/null)
    [ "$(json '[w for w in r["warnings"] if "--all-messages" in w or "begins before the file" in w].__len__()')" = 2 ]
}

@test "capture: what a server cannot answer is left out, told, and missing from the file as it is there" {
    serve lacking --flavor sql2019 --seed 12 --executions 120 \
        --fault 'error=208@text=dm_db_partition_stats#1/every,error=208@text=sys.symmetric_keys#1/every'
    capture_as sa --since 60d --all-messages --format json >"$BATS_TEST_TMPDIR/told"
    output=$(cat "$BATS_TEST_TMPDIR/told")
    [ "$(json '[p["what"] for p in r["left_out"] if "error 208" in p["reason"]]')" = "['sizes of tables', 'keys of executions']" ]
    same sa
    [ "$(python3 -c 'import sqlite3, sys; print(*sorted(n for n, in sqlite3.connect(sys.argv[1]).execute("SELECT what FROM \"capture.left_out\"")), sep=", ")' "$FILE")" = "keys of executions, sizes of tables" ]
    sandbox_stop "$SANDBOX_PID"
    # Half of an answer, too: nothing of it stays. A function: its server's answer is not made up.
    serve half --flavor sql2019 --seed 12 --executions 120 --fault 'error=195@text=fileproperty,error=8115@text=r.data_stats_id'
    rm -f "$FILE"
    capture_as sa --since 60d --format json >"$BATS_TEST_TMPDIR/told"
    output=$(cat "$BATS_TEST_TMPDIR/told")
    [ "$(json 'sorted(p["what"] for p in r["left_out"] if "(error" in p["reason"])')" = "['data statistics', 'space used in files']" ]
    output=$("$ssisminer" doctor --from "$FILE" --format json)
    [[ $output == *'"id":"size-quota","reason":"the server does not show how much of its files is used"'* ]]
    sandbox_stop "$SANDBOX_PID"
}

@test "capture: without what is essential it ends, with one error, and the file is as it was" {
    local part before
    serve whole --seed 13 --executions 60
    capture_as sa >"$BATS_TEST_TMPDIR/told"
    before=$(contents "$FILE")
    sandbox_stop "$SANDBOX_PID"
    for part in 'error=208@text=ORDER BY o.operation_id' 'error=229@text=r.project_lsn' 'error=207@text=r.message_source_name'; do
        serve refused --seed 13 --executions 60 --fault "$part"
        run --separate-stderr capture_as sa
        echo "$part: $status $stderr"
        [ "$status" -eq 4 ] || [ "$status" -eq 5 ]
        [ "$(grep -c '^ssisminer: error:' <<<"$stderr")" -eq 1 ]
        [ "$(contents "$FILE")" = "$before" ]
        sandbox_stop "$SANDBOX_PID"
    done
}

@test "capture: a second one brings what is new and what was live, and asks for little" {
    serve first --flavor azure --seed 7 --days 20 --executions 300 --store "$BATS_TEST_TMPDIR/store"
    capture_as sa --since 60d --all-messages >"$BATS_TEST_TMPDIR/told"
    sandbox_stop "$SANDBOX_PID"
    NOW=2026-11-21T12:00:00Z
    serve later --flavor azure --store "$BATS_TEST_TMPDIR/store"
    cat >"$BATS_TEST_TMPDIR/day.sql" <<'EOF'
DECLARE @live bigint = (SELECT MIN(operation_id) FROM internal.operations WHERE status = 2);
UPDATE internal.operations SET status = 7, end_time = '2026-11-21T10:00:00+00:00' WHERE operation_id = @live;
DECLARE @id bigint;
EXECUTE catalog.create_execution @folder_name = N'Sales', @project_name = N'Orders', @package_name = N'Load Web Orders.dtsx', @execution_id = @id OUTPUT;
UPDATE internal.operations SET status = 4, start_time = '2026-11-21T11:00:00+00:00', end_time = '2026-11-21T11:05:00+00:00' WHERE operation_id = @id;
INSERT INTO internal.operation_messages (operation_id, message_time, message_type, message_source_type, message) VALUES (@id, '2026-11-21T11:04:00+00:00', 120, 60, N'Load:Error: Login failed for user ''etl''.');
EOF
    { cat "$BATS_TEST_TMPDIR/day.sql"; echo go; } | TDSVER=7.4 timeout 60 tsql -H 127.0.0.1 -p "$SANDBOX_PORT" -U sa -P "$SANDBOX_PASSWORD" -D SSISDB >"$BATS_TEST_TMPDIR/sql" 2>&1
    cat "$BATS_TEST_TMPDIR/sql"
    run ! grep -aE 'Msg [0-9]+ \(severity 1[1-9]' "$BATS_TEST_TMPDIR/sql"
    output=$(capture_as sa --since 60d --format json)
    [ "$(json 'r["run"]')" = 2 ]
    [ "$(json '[p["rows"] for p in r["captured"] if p["what"] == "executions"][0] < 60')" = True ]
    same sa
}

@test "capture: a part that was left out comes with all its rows once the server gives it" {
    local part history=(--flavor azure --seed 14 --days 20 --executions 120 --store "$BATS_TEST_TMPDIR/store")
    # Rows of runs, which are replaced, and tasks, which are merged.
    serve lacking "${history[@]}" --fault 'error=229@text=r.data_stats_id#1/every,error=229@text=x.executable_name#1/every'
    for part in 1 2; do
        capture_as sa --since 60d --all-messages --format json >"$BATS_TEST_TMPDIR/told"
        output=$(<"$BATS_TEST_TMPDIR/told")
        [ "$(json 'sorted(p["what"] for p in r["left_out"] if "(error" in p["reason"])')" = "['data statistics', 'executables']" ]
    done
    # Refused again, nothing is read twice.
    [ "$(json '[p["rows"] for p in r["captured"] if p["what"] == "executions"][0] < 20')" = True ]
    sandbox_stop "$SANDBOX_PID"
    serve given --flavor azure --store "$BATS_TEST_TMPDIR/store"
    output=$(capture_as sa --since 60d --format json)
    [ "$(json '[p["rows"] for p in r["captured"] if p["what"] == "executions"][0] > 100')" = True ]
    same sa
    local again=$FILE
    FILE=$BATS_TEST_TMPDIR/fresh.db
    capture_as sa --since 60d --all-messages >"$BATS_TEST_TMPDIR/told"
    for part in internal.execution_data_statistics internal.executables; do
        [ "$(rows_of "$again" "$part")" -eq "$(rows_of "$FILE" "$part")" ]
        [ "$(rows_of "$FILE" "$part")" -gt 10 ]
    done
    output=$(FILE=$again capture_as sa --since 60d --format json)
    [ "$(json '[p["rows"] for p in r["captured"] if p["what"] == "executions"][0] < 20')" = True ]
}

rows_of() { python3 -c 'import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(f"SELECT count(*) FROM \"{sys.argv[2]}\"").fetchone()[0])' "$1" "$2"; } # FILE TABLE

# cut NEW|DONE STEP [serve options…]: kills a capture within its third statement, and so on by STEP, until one comes to
# its end; each time the file is what it was, or holds that capture.
cut() {
    local k before now statement=0 faults='' struck=0 whole=0 history=(--seed 8 --executions 60)
    [ "$#" -eq 2 ] || history=("${@:3}")
    if [ "$1" = "done" ]; then
        serve whole "${history[@]}"
        capture_as sa >"$BATS_TEST_TMPDIR/told"
        sandbox_stop "$SANDBOX_PID"
    fi
    for ((k = 3; k <= 99; k += $2)); do # the server counts on
        statement=$((statement + k))
        faults+=${faults:+,}stall@statement=$statement
    done
    serve cut "${history[@]}" --fault "$faults"
    before=$(contents "$FILE")
    for ((k = 3; k <= 99 && whole == 0; k += $2)); do
        capture_behind &
        until_so struck_or_over $((struck += 1)) $!
        kill -9 $! 2>/dev/null || true
        ! wait $! 2>/dev/null || whole=$k
        now=$(contents "$FILE")
        [ "$now" = "$before" ] || [ "$whole" -gt 0 ] || [ ! -e "$FILE-journal" ]
        [ "$whole" -gt 0 ] || [ "$now" = "$before" ] || whole=$k
    done
    echo "statements: $whole"
    [ "$whole" -gt 20 ]
}
struck_or_over() { [ "$(grep -c strikes "$SANDBOX_ERR")" -ge "$1" ] || ! kill -0 "$2" 2>/dev/null; } # TIMES PID

@test "capture: killed at any statement, a new file holds nothing yet, and the next capture is whole" {
    cut new 4
    questions() { printf '%s\n' "report --since 20d --format json" "doctor --format json"; }
    sandbox_stop "$SANDBOX_PID"
    serve again --seed 8 --executions 60 # the same, but for what stalls
    same sa
}

@test "capture: killed at any statement, a file stays what it was" {
    cut "done" 5
}

# Minutes a seed, so only when asked: SSISMINER_TEST_SEEDS="1 2 3" bats -f "every flavour" tests/integration/from.bats
@test "capture: histories of every flavour, killed at every statement, answer from the file as from the server" {
    [ -n "${SSISMINER_TEST_SEEDS:-}" ] || skip "SSISMINER_TEST_SEEDS names no histories"
    local seed flavor what
    for seed in $SSISMINER_TEST_SEEDS; do
        for flavor in azure sql2019 sql2012; do
            for what in new "done"; do
                rm -f "$FILE"
                cut "$what" 1 --seed "$seed" --flavor "$flavor" --executions $((40 + seed % 7 * 20))
                sandbox_stop "$SANDBOX_PID"
                serve again --seed "$seed" --flavor "$flavor" --executions $((40 + seed % 7 * 20))
                capture_as sa --since 60d --all-messages >"$BATS_TEST_TMPDIR/told"
                same sa
                sandbox_stop "$SANDBOX_PID"
                echo "seed $seed, $flavor, $what: as the server"
            done
        done
    done
}

@test "capture: a foreign, newer or unreachable file is one clear error, and stays as it is" {
    serve files --executions 20
    python3 - "$BATS_TEST_TMPDIR" <<'PY'
import sqlite3, sys
for name, number in (("foreign", 7), ("newer", 1397967171)):
    db = sqlite3.connect(f"{sys.argv[1]}/{name}")
    db.execute("CREATE TABLE mine (x)")
    db.execute(f"PRAGMA application_id = {number}")
    db.execute("PRAGMA user_version = 99")
PY
    echo "my notes of many years, which are no database at all, and are not to be lost by anything" >"$BATS_TEST_TMPDIR/notes"
    asked capture "${SERVER[@]}" -U sa --format ndjson -o "$BATS_TEST_TMPDIR/stream" 2>"$BATS_TEST_TMPDIR/told"
    local kind
    for kind in foreign newer notes stream no/such/folder .; do
        FILE=$BATS_TEST_TMPDIR/$kind
        [ ! -f "$FILE" ] || cp "$FILE" "$BATS_TEST_TMPDIR/before"
        run --separate-stderr capture_as sa
        echo "$kind: $stderr"
        [ "$status" -eq 2 ]
        [ "$(grep -c '^ssisminer: error:' <<<"$stderr")" -eq 1 ]
        [[ $stderr == *"hint: "* || $kind == . ]]
        [ ! -f "$FILE" ] || cmp "$FILE" "$BATS_TEST_TMPDIR/before"
        run --separate-stderr "$ssisminer" report --from "$FILE"
        [ "$status" -eq 2 ]
        [ "$(grep -c '^ssisminer: error:' <<<"$stderr")" -eq 1 ]
        [[ $kind != stream || $stderr == *"is a stream of 'capture --format ndjson'"*"hint: 'ssisminer capture -o catalog.db'"* ]]
        [ ! -f "$FILE" ] || cmp "$FILE" "$BATS_TEST_TMPDIR/before"
    done
    run --separate-stderr asked capture "${SERVER[@]}" -U sa
    [ "$status" -eq 2 ]
    [[ $stderr == *"-o catalog.db"* ]]
}

@test "capture, archive: a file of another version is one clear error that says what reads it, and stays as it is" {
    local kind what
    serve versions --executions 120 --days 60
    capture_as sa --since 60d >"$BATS_TEST_TMPDIR/told"
    mv "$FILE" "$BATS_TEST_TMPDIR/capture"
    asked cleanup "${SERVER[@]}" -U sa --keep 30d --execute --yes --archive "$BATS_TEST_TMPDIR/archive" >"$BATS_TEST_TMPDIR/told" 2>&1
    # What its head is in lacks a column; a table that rows go into; an index.
    for what in 'ALTER TABLE "capture.runs" DROP COLUMN key_id' 'ALTER TABLE "internal.executables" DROP COLUMN package_path' \
        'DROP INDEX "internal.operations.IX_Operations_object_id"'; do
        for kind in capture archive; do
            FILE=$BATS_TEST_TMPDIR/older.db
            cp "$BATS_TEST_TMPDIR/$kind" "$FILE"
            python3 -c 'import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.create_collation("TSQL", lambda a, b: (a > b) - (a < b)); db.execute(sys.argv[2])' "$FILE" "$what"
            cp "$FILE" "$BATS_TEST_TMPDIR/before"
            refused_version report --from "$FILE"
            refused_version history --from "$FILE"
            if [ "$kind" = capture ]; then
                refused_version capture "${SERVER[@]}" -U sa -o "$FILE"
            else
                refused_version cleanup "${SERVER[@]}" -U sa --keep 10d --execute --yes --archive "$FILE"
                [[ $stderr == *"the archive '"* && $stderr != *"capture '"* ]]
            fi
        done
    done
    # Nothing went for want of an archive.
    output=$(asked cleanup "${SERVER[@]}" -U sa --keep 10d --format json)
    [ "$(json 'r["doomed_operations"] > 0')" = True ]
}

refused_version() { # COMMAND…
    run --separate-stderr asked "$@"
    echo "$1 $what: $status $stderr"
    [ "$status" -eq 2 ]
    [ "$(grep -c '^ssisminer: error:' <<<"$stderr")" -eq 1 ]
    [[ $stderr == *version*"hint: "*"new file"* ]]
    cmp "$FILE" "$BATS_TEST_TMPDIR/before"
}

@test "archive: what counts or measures runs says in every format that nothing that ended well is in it" {
    local command format told="the archive holds what failed, and nothing that ended well"
    serve failures --executions 120 --days 60
    asked cleanup "${SERVER[@]}" -U sa --keep 10d --execute --yes --archive "$FILE" >"$BATS_TEST_TMPDIR/told" 2>&1
    for command in mine duplicates capacity slow running doctor "cleanup --keep 5d"; do
        for format in text json ndjson csv html markdown prometheus; do
            # shellcheck disable=SC2086 # words
            run --separate-stderr "$ssisminer" $command --from "$FILE" --format "$format"
            echo "$command $format: $status $stderr"
            [ "$status" -eq 0 ]
            [ "$(grep -c "warning: $told" <<<"$stderr")" -eq 1 ]
            [[ $format == csv || $format == prometheus || $(tr -s ' \n' ' ' <<<"$output") == *"$told"* ]] # which have no place for it
        done
    done
    # What is in it: the answer is whole, but for what a package did before it failed.
    output=$("$ssisminer" report --from "$FILE" --since 60d --format json)
    [ "$(json '{e["failing_since"] for e in r["executions"]}')" = "{None}" ]
    for command in "report --since 60d --all" "history --all" "explain --all --execution $(json 'r["executions"][0]["execution_id"]')"; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr "$ssisminer" $command --from "$FILE"
        [ "$status" -eq 0 ]
        [[ $stderr != *"$told"* && $output != *"$told"* && $output != *"no success"* ]]
    done
    sandbox_stop "$SANDBOX_PID"
    # All of it: nothing is missing.
    rm "$FILE"
    serve all --executions 120 --days 60
    asked cleanup "${SERVER[@]}" -U sa --keep 10d --execute --yes --archive "$FILE" --archive-what all >"$BATS_TEST_TMPDIR/told" 2>&1
    run --separate-stderr "$ssisminer" slow --from "$FILE"
    [ "$status" -eq 0 ]
    [[ $stderr != *"$told"* && $output != *"$told"* ]]
    output=$("$ssisminer" report --from "$FILE" --since 60d --format json)
    [ "$(json 'any(e["failing_since"] for e in r["executions"])')" = True ]
}

@test "capture: another catalog's file, a full disk and a second capture lose nothing" {
    serve one --executions 60
    capture_as sa >"$BATS_TEST_TMPDIR/told"
    local before
    before=$(contents "$FILE")
    sandbox_stop "$SANDBOX_PID"
    serve other --executions 60 --flavor sql2019
    run --separate-stderr capture_as sa
    [ "$status" -eq 2 ]
    [[ $stderr == *"holds the catalog sandbox-azure/SSISDB, not SANDBOX/SSISDB"* ]]
    [ "$(contents "$FILE")" = "$before" ]
    sandbox_stop "$SANDBOX_PID"
    serve large --executions 800 --days 20
    run --separate-stderr bash -c 'trap "" XFSZ; ulimit -f 2000; exec "$@"' sh env SSISMINER_NOW=$NOW "$ssisminer" capture "${SERVER[@]}" -U sa -o "$FILE" --all-messages
    echo "$stderr"
    [ "$status" -eq 2 ]
    [[ $stderr == *"disk full"* ]]
    [ "$(contents "$FILE")" = "$before" ]
    sandbox_stop "$SANDBOX_PID"
    serve slow --executions 60 --fault stall@text=subcomponent_name
    capture_behind &
    local first=$!
    until_so test -e "$FILE-journal"
    run --separate-stderr capture_as sa
    echo "$stderr"
    [ "$status" -eq 2 ]
    [[ $stderr == *"another capture is writing it"* ]]
    kill -9 "$first"
    wait "$first" || true
    [ "$(contents "$FILE")" = "$before" ]
}

@test "capture: no value that is sensitive, and nothing that a command reads changes the file" {
    serve secrets --seed 9 --executions 300 --flavor sql2012
    capture_as sa --since 60d --all-messages >"$BATS_TEST_TMPDIR/told"
    python3 - "$FILE" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
for table, key, value in (("execution_parameter_values", "parameter_value", "sensitive_parameter_value"),
                          ("execution_property_override_values", "property_value", "sensitive_property_value")):
    secret = db.execute(f'SELECT count(*), count({key}), count({value}) FROM "internal.{table}" WHERE sensitive = 1').fetchone()
    assert secret[0] > 0 and secret[1:] == (0, 0), (table, secret)
PY
    cp "$FILE" "$BATS_TEST_TMPDIR/before"
    while read -ra words; do
        "$ssisminer" "${words[@]}" --from "$FILE" >"$BATS_TEST_TMPDIR/out" 2>&1 || true
    done < <(questions)
    run --separate-stderr "$ssisminer" cleanup --keep 10d --execute --yes --from "$FILE"
    [ "$status" -eq 2 ]
    [[ $stderr == *"nothing is ever deleted from a capture"* ]]
    chmod 400 "$FILE"
    "$ssisminer" report --from "$FILE" >"$BATS_TEST_TMPDIR/out"
    cmp "$FILE" "$BATS_TEST_TMPDIR/before"
    [ ! -e "$FILE-journal" ] && [ ! -e "$FILE-wal" ]
}

@test "capture: a file with more or other things in it than a capture has is refused" {
    serve hostile --executions 40
    capture_as sa >"$BATS_TEST_TMPDIR/told"
    local what
    for what in "CREATE VIEW v AS SELECT load_extension('x')" "CREATE TRIGGER t AFTER INSERT ON \"capture.runs\" BEGIN SELECT 1; END" \
        "CREATE TABLE extra (a)" "ALTER TABLE \"internal.operations\" ADD COLUMN more" "DROP TABLE \"internal.packages\"" \
        "CREATE INDEX i ON \"capture.runs\" (program)" "DROP INDEX \"internal.operations.IX_Operations_object_id\"" \
        "UPDATE \"capture.runs\" SET flavor = 'sql2012'" "UPDATE \"capture.runs\" SET flavor = '--port'" "DELETE FROM \"capture.runs\""; do
        cp "$FILE" "$BATS_TEST_TMPDIR/hostile.db"
        python3 -c 'import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.create_collation("TSQL", lambda a, b: (a > b) - (a < b)); db.executescript(sys.argv[2])' "$BATS_TEST_TMPDIR/hostile.db" "$what"
        run --separate-stderr "$ssisminer" report --from "$BATS_TEST_TMPDIR/hostile.db"
        echo "$what: $status $stderr"
        [ "$status" -eq 2 ]
        [ "$(grep -c '^ssisminer: error:' <<<"$stderr")" -eq 1 ]
    done
}

@test "capture: a constant number of statements" {
    local few many
    few=$(statements_of_capture 50)
    many=$(statements_of_capture 500)
    echo "$few $many"
    [ "$few" -eq "$many" ]
}

statements_of_capture() {
    local log=$BATS_TEST_TMPDIR/log.$1
    serve "many-$1" --seed 3 --executions "$1" --log "$log"
    rm -f "$FILE"
    capture_as sa --all-messages >"$BATS_TEST_TMPDIR/told"
    sandbox_stop "$SANDBOX_PID"
    grep -c . "$log"
}
