#!/usr/bin/env bats
# capture --anonymise: a file to give away, which answers as the one with names and holds none of them. On sandboxes of its own.
# shellcheck disable=SC2154 # target.bash sets ssisminer; output, lines, status and stderr come from run

load target

NOW=2026-11-20T12:00:00Z

setup() {
    sandbox_only "a clock that stands, and captures that are changed"
    plain_sandbox
    export SQLCMDPASSWORD=$SANDBOX_PASSWORD XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
    PLAIN=$BATS_TEST_TMPDIR/plain.db SHARED=$BATS_TEST_TMPDIR/shared.db KEY=$BATS_TEST_TMPDIR/key
    # The answers are compared under this key, so that they are the same in each run.
    printf '%064d\n' 20 >"$KEY"
    chmod 600 "$KEY"
}

# serve NAME [options…]: a sandbox whose clock stands; how to reach it in SERVER.
serve() {
    SSISMINER_NOW=$NOW sandbox_start "$@"
    SERVER=(-S "127.0.0.1,$SANDBOX_PORT" --ca-file "$SANDBOX_CA" -U sa)
}

# captured FILE [options…]: of the server.
captured() {
    local file=$1
    shift
    SSISMINER_NOW=$NOW "$ssisminer" capture "${SERVER[@]}" -o "$file" "$@" >"$BATS_TEST_TMPDIR/told"
}

# shared SOURCE FILE: of a capture.
shared() { "$ssisminer" capture --from "$1" --anonymise --anonymise-key "$KEY" -o "$2" >"$BATS_TEST_TMPDIR/told"; }

compare() { "$BATS_TEST_DIRNAME/compare-anonymised" "$@"; }

# rename FILE SQL…: other names in a capture.
rename() {
    python3 - "$@" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.create_collation("TSQL", lambda a, b: (a.lower() > b.lower()) - (a.lower() < b.lower()))
for statement in sys.argv[2:]:
    db.execute(statement)
db.commit()
PY
}

@test "anonymise: each kind of server gives the same answers, and no name is left in the file" {
    local flavor seed=40
    for flavor in azure sql2019 sql2012; do
        rm -f "$PLAIN" "$SHARED"
        serve "$flavor" --flavor "$flavor" --seed $((seed += 1)) --executions 250
        captured "$PLAIN" --since 60d --all-messages
        captured "$SHARED" --since 60d --all-messages --anonymise --anonymise-key "$KEY"
        sandbox_stop "$SANDBOX_PID"
        compare answers "$ssisminer" "$PLAIN" "$SHARED"
        # A signature looks for "failed to pull shared states": there the word is the product's.
        compare names "$PLAIN" "$SHARED" '~Shared'
    done
    [ "$(stat -c %a "$SHARED")" = 600 ]
}

@test "anonymise: one that is made of a capture is the one that is made of the server" {
    serve both --seed 44 --executions 120
    captured "$PLAIN" --since 60d
    captured "$SHARED" --since 60d --anonymise --anonymise-key "$KEY"
    shared "$PLAIN" "$BATS_TEST_TMPDIR/from.db"
    compare names "$PLAIN" "$BATS_TEST_TMPDIR/from.db"
    local words
    for words in "report --since 60d" "doctor" "duplicates --since 60d" "running"; do
        # shellcheck disable=SC2086 # words
        "$ssisminer" $words --format json --from "$SHARED" >"$BATS_TEST_TMPDIR/one"
        # shellcheck disable=SC2086
        "$ssisminer" $words --format json --from "$BATS_TEST_TMPDIR/from.db" >"$BATS_TEST_TMPDIR/two"
        diff "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two"
    done
}

@test "anonymise: every message of the corpus keeps its cause" {
    serve corpus --seed 45 --executions 100
    captured "$PLAIN" --since 60d --all-messages
    compare corpus "$ssisminer" "$PLAIN" "$BATS_TEST_TMPDIR"
}

@test "anonymise: odd names go as well, and the same causes stay" {
    serve odd --seed 46 --executions 120
    captured "$PLAIN" --since 60d --all-messages
    rename "$PLAIN" \
        "UPDATE \"internal.folders\" SET name = 'Error' WHERE folder_id = (SELECT min(folder_id) FROM \"internal.folders\")" \
        "UPDATE \"internal.executions\" SET folder_name = 'Error', project_name = 'x' WHERE execution_id % 7 = 0" \
        "UPDATE \"internal.executions\" SET folder_name = 'Ventes.*(Nord)[1]+?^\$|', project_name = printf('%.*c', 128, 'q') WHERE execution_id % 7 = 1" \
        "UPDATE \"internal.executions\" SET folder_name = '売上データ', project_name = '𠀀𠀁𠀂𠀃' WHERE execution_id % 7 = 2" \
        "UPDATE \"internal.executions\" SET folder_name = 'Übersicht Köln', project_name = 'Заказы' WHERE execution_id % 7 = 3" \
        "UPDATE \"internal.executions\" SET folder_name = 'Ledgerbook', project_name = 'Ledgerbook Daily' WHERE execution_id % 7 = 4" \
        "UPDATE \"internal.executions\" SET folder_name = 'LEDGERBOOK', project_name = 'Login failed' WHERE execution_id % 7 = 5" \
        "UPDATE \"internal.executions\" SET folder_name = '', project_name = ' - ' WHERE execution_id % 7 = 6" \
        "UPDATE \"internal.operation_messages_scaleout\" SET message = message || ' (Ledgerbook Daily, ledgerbook; Übersicht Köln, ЗАКАЗЫ, 売上データの)' WHERE message_type = 120"
    shared "$PLAIN" "$SHARED"
    compare answers "$ssisminer" "$PLAIN" "$SHARED"
    compare names "$PLAIN" "$SHARED" 'Ventes.*(Nord)[1]+?^$|' 'Ventes' '売上データ' '𠀀𠀁𠀂𠀃' 'Übersicht Köln' Заказы Ledgerbook 'Ledgerbook Daily' qqqqqqqq '~Error' '~Login failed'
}

@test "anonymise: the head of every answer says so, in each form" {
    serve head --seed 47 --executions 60
    captured "$SHARED" --since 60d --anonymise
    local words
    for words in "report --since 60d" "mine --since 60d" "duplicates --since 60d" "capacity --since 60d" "slow --since 60d" doctor running "cleanup --keep 10d"; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr "$ssisminer" $words --from "$SHARED" --format json
        echo "$words: $status $stderr"
        [ "$(json 'r["anonymised"]')" = True ]
        # shellcheck disable=SC2086
        run --separate-stderr "$ssisminer" $words --all --from "$SHARED"
        grep -q '^  names  *anonymised' <<<"$output"
    done
}

@test "anonymise: the key is made once, is this user's alone, and gives the same pseudonyms again" {
    serve key --seed 48 --executions 60
    captured "$SHARED" --since 60d --anonymise
    local key=$XDG_STATE_HOME/ssisminer/anonymise.key text
    [ "$(stat -c %a "$key")" = 600 ]
    text=$(<"$key")
    [ "${#text}" -eq 64 ]
    captured "$BATS_TEST_TMPDIR/again.db" --since 60d --anonymise
    captured "$BATS_TEST_TMPDIR/other.db" --since 60d --anonymise --anonymise-key "$BATS_TEST_TMPDIR/other.key"
    "$ssisminer" report --since 60d --format json --from "$SHARED" >"$BATS_TEST_TMPDIR/one"
    "$ssisminer" report --since 60d --format json --from "$BATS_TEST_TMPDIR/again.db" >"$BATS_TEST_TMPDIR/two"
    "$ssisminer" report --since 60d --format json --from "$BATS_TEST_TMPDIR/other.db" >"$BATS_TEST_TMPDIR/three"
    diff "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two"
    run ! cmp "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/three"
    local file
    for file in "$SHARED" "$BATS_TEST_TMPDIR/again.db" "$BATS_TEST_TMPDIR/told"; do
        run ! grep -aqi "$text" "$file"
        run ! python3 -c 'import sys; sys.exit(bytes.fromhex(sys.argv[1])[:8] not in open(sys.argv[2], "rb").read())' "$text" "$file"
    done
    chmod 644 "$key"
    run --separate-stderr captured "$SHARED" --since 60d --anonymise
    [ "$status" -eq 2 ]
    [[ $stderr == *"others may read the key"* ]]
}

@test "anonymise: names and pseudonyms, or those of two keys, do not go into one file" {
    serve mixed --seed 49 --executions 60
    captured "$PLAIN" --since 60d
    captured "$SHARED" --since 60d --anonymise --anonymise-key "$KEY"
    captured "$SHARED" --since 60d --anonymise --anonymise-key "$KEY"
    refused() { # FILE REASON [options…]
        local file=$1 reason=$2
        shift 2
        cp "$file" "$BATS_TEST_TMPDIR/before"
        run --separate-stderr captured "$file" --since 60d "$@"
        echo "$reason: $status $stderr"
        [ "$status" -eq 2 ]
        [[ $stderr == *"$reason"* ]]
        [ "$(grep -c '^ssisminer: error:' <<<"$stderr")" -eq 1 ]
        cmp "$file" "$BATS_TEST_TMPDIR/before"
    }
    refused "$PLAIN" "is not anonymised" --anonymise --anonymise-key "$KEY"
    refused "$SHARED" "is anonymised: names do not go into it"
    refused "$SHARED" "anonymised with another key" --anonymise
    refused "$PLAIN" "--anonymise-key means nothing" --anonymise-key "$KEY"
    local words
    for words in "--from $PLAIN -o $BATS_TEST_TMPDIR/x.db" "--from $PLAIN --anonymise -o $PLAIN" "--from $SHARED --anonymise -o $BATS_TEST_TMPDIR/x.db" \
        "--from $PLAIN --anonymise"; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr "$ssisminer" capture $words
        echo "$words: $status $stderr"
        [ "$status" -eq 2 ]
        [ "$(grep -c '^ssisminer: error:' <<<"$stderr")" -eq 1 ]
        [ ! -e "$BATS_TEST_TMPDIR/x.db" ]
    done
}

@test "anonymise: a second capture goes on, killed or not, and its pseudonyms are those of the first" {
    serve first --seed 50 --days 20 --executions 120 --store "$BATS_TEST_TMPDIR/store"
    captured "$SHARED" --since 60d --all-messages --anonymise --anonymise-key "$KEY"
    sandbox_stop "$SANDBOX_PID"
    NOW=2026-11-21T12:00:00Z
    serve killed --store "$BATS_TEST_TMPDIR/store" --fault stall@text=r.message_source_name
    cp "$SHARED" "$BATS_TEST_TMPDIR/before"
    SSISMINER_NOW=$NOW "$ssisminer" capture "${SERVER[@]}" -o "$SHARED" --since 60d --all-messages --anonymise --anonymise-key "$KEY" >"$BATS_TEST_TMPDIR/told" 2>&1 3>&- &
    local killed=$! ended=0
    until_so grep -q strikes "$SANDBOX_ERR"
    kill -9 "$killed"
    wait "$killed" 2>/dev/null || ended=$?
    [ "$ended" -eq 137 ]
    sandbox_stop "$SANDBOX_PID"
    # What is there answers as before; whoever opens it makes it whole by its journal.
    "$ssisminer" report --since 60d --format json --from "$SHARED" >"$BATS_TEST_TMPDIR/one"
    "$ssisminer" report --since 60d --format json --from "$BATS_TEST_TMPDIR/before" >"$BATS_TEST_TMPDIR/two"
    diff "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two"
    serve later --store "$BATS_TEST_TMPDIR/store"
    captured "$SHARED" --since 60d --all-messages --anonymise --anonymise-key "$KEY"
    captured "$BATS_TEST_TMPDIR/fresh.db" --since 60d --all-messages --anonymise --anonymise-key "$KEY"
    captured "$PLAIN" --since 60d --all-messages
    "$ssisminer" report --since 60d --format json --from "$SHARED" >"$BATS_TEST_TMPDIR/one"
    "$ssisminer" report --since 60d --format json --from "$BATS_TEST_TMPDIR/fresh.db" >"$BATS_TEST_TMPDIR/two"
    diff "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two"
    compare names "$PLAIN" "$SHARED"
    # One execution, by its number: the same words around other names.
    local id words
    id=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["executions"][0]["execution_id"])' "$BATS_TEST_TMPDIR/one")
    for words in "$PLAIN" "$SHARED"; do
        "$ssisminer" explain --execution "$id" --format json --from "$words" >"$BATS_TEST_TMPDIR/$(basename "$words").explain"
    done
    [ -n "$(cause_of plain)" ]
    [ "$(cause_of plain)" = "$(cause_of shared)" ]
    run ! cmp "$BATS_TEST_TMPDIR/plain.db.explain" "$BATS_TEST_TMPDIR/shared.db.explain"
}

cause_of() { grep -oE '"(cause_id|cause_kind|confidence)": *"[^"]*"' "$BATS_TEST_TMPDIR/$1.db.explain"; }
