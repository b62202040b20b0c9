#!/usr/bin/env bats
# Every command that README and docs/ show is run, as it stands there but for what belongs to the
# reader: server, login, certificate, ids, files. What it takes more than a sandbox for names its case.
# shellcheck disable=SC2154 # target.bash sets ssisminer and stderr comes from run

load target

# Lines that need more than a sandbox, by a piece of them, and the case that runs the like.
elsewhere='make demo|Makefile, .ci
make test|.ci/run
make install|tokens.bats: ten minutes
make deb|config/debian/prove
sudo make install|tokens.bats: ten minutes
-G|tokens.bats: README
--authentication=|tokens.bats: README
kinit |connection.bats: -E without a ticket
clickhouse-client|stream.bats: a reader that goes away
--notify |notify.bats
ssisminer notify|notify.bats
ssisminer-sandbox serve|sandbox_clients.bats
tsql |sandbox_clients.bats
export |tokens.bats: ten minutes
sudo |tokens.bats: ten minutes'

setup_file() {
    [ -z "${SSISMINER_TEST_SERVER:-}" ] || return 0
    export WORK=$BATS_FILE_TMPDIR/work
    mkdir -p "$WORK/log"
    sandbox_start readme --executions 500 --days 40
    export PORT=$SANDBOX_PORT CA=$SANDBOX_CA SQLCMDPASSWORD=$SANDBOX_PASSWORD
    (umask 077 && echo "$SANDBOX_PASSWORD" >"$WORK/password")
    printf 'targets:\n  - {name: %s, server: "127.0.0.1,%s", user: sa, password_file: %s, ca_file: %s}\n' prod1 "$PORT" "$WORK/password" "$CA" >"$WORK/fleet.yaml"
    cp tests/corpus/logs/0*.txt "$WORK/log"
    echo '{"activityType": "ExecuteSSISPackage", "status": "Failed", "error": {"message": "Operation timed out"}}' >"$WORK/activity.json"
    echo '{"text": "The transaction log for database SSISDB is full"}' >"$WORK/messages.jsonl"
    cp "$CA" "$WORK/company-ca.pem"
}
teardown_file() { sandbox_stop_all; }

setup() { [ -z "${SSISMINER_TEST_SERVER:-}" ] || skip "a catalog of its own"; }

# The lines of code blocks that are commands, without remarks.
commands() {
    sed -n 's/^    \(\$ \)\?\(\(sudo \|export \|make \|kinit \)\?.*\)$/\2/p' README.md docs/*.md |
        grep -E '^(ssisminer|ssisminer-sandbox|make|sudo|kinit|export|tsql) ' | sed 's/ \{2,\}#.*//; s/ # .*//'
}

is_elsewhere() { # LINE
    local piece
    while IFS='|' read -r piece _; do
        case $1 in "$piece"* | "ssisminer "*" $piece"*) return 0 ;; esac
    done <<<"$elsewhere"
    return 1
}

# LINE with the sandbox for the server, and ids that it has.
here() {
    sed -E "s/ -S [^ ]+/ -S 127.0.0.1,$PORT/; s/ -U [a-z]+/ -U sa/; s/ -C( |$)/ --ca-file ${CA//\//\\/}\1/; s/--ca-file …/--ca-file ${CA//\//\\/}/
        s/6f9619ff-8b86-d011-b42d-00c04fc964ff/$RUN/; s/4711/$ID/; s/--run 24377/--run $SANDBOX_ID/; s|/var/log/ssis|$WORK/log|; s|/var/lib/ssisminer/|$WORK/|" <<<"$1"
}

@test "readme: every command is run here, or by the case that is named" {
    local line run ran=0 bad=0 program
    program=$(realpath "$ssisminer")
    RUN=$("$ssisminer" report -S "127.0.0.1,$PORT" -U sa --ca-file "$CA" --since 40d --format csv --limit 1 | tail -1 | cut -d, -f1)
    ID=$RUN
    SANDBOX_ID=$("$ssisminer" --sandbox report --since 7d --format csv --limit 1 | sed -n 2p | cut -d, -f1)
    echo '{}' >"$WORK/ledger.ndjson"
    : >"$WORK/ledger.ndjson"
    while read -r line; do
        is_elsewhere "$line" && continue
        run=$(here "$line")
        case $run in
        *" -S "*)
            [[ $run == *--ca-file* ]] || run+=" --ca-file $CA"
            [[ $run == *" -U "* ]] || run+=" -U sa"
            ;;
        *--sandbox* | *--from* | *--script* | "ssisminer "explain* | "ssisminer "scan* | "ssisminer "catalog*) ;;
        *--target*) run+=" --config $WORK/fleet.yaml" ;;
        *) run+=" -S 127.0.0.1,$PORT -U sa --ca-file $CA" ;;
        esac
        [[ $run != *--execute* || $run == *--yes* ]] || run+=" --yes"
        (cd "$WORK" && HOME=$WORK PATH=$(dirname "$program"):$PATH sh -c "$run") >"$WORK/out" 2>"$WORK/err" </dev/null && status=0 || status=$?
        ran=$((ran + 1))
        case $line:$status in
        *:0 | *--fail-on*:1) ;;
        *) bad=1 && printf '%s\n  as %s\n  ended with %s\n' "$line" "$run" "$status" && cat "$WORK/err" ;;
        esac
    done < <(commands)
    echo "$ran commands run"
    [ "$ran" -ge 20 ]
    [ "$bad" -eq 0 ]
}

@test "readme: what is run elsewhere is shown somewhere, and its file is there" {
    local piece case
    while IFS='|' read -r piece case; do
        commands | grep -qF -- "$piece" || { echo "nothing shows '$piece'"; false; }
        case=${case%%:*}
        for case in ${case//,/ }; do [ -e "$case" ] || [ -e "tests/integration/$case" ] || { echo "no $case"; false; }; done
    done <<<"$elsewhere"
}

@test "readme: the monitoring lines for cron name programs by their path" {
    run grep -E '^    [0-9*/]+ [0-9*]+ \* \* \* ' README.md
    echo "$output"
    [ "$(wc -l <<<"$output")" -ge 2 ]
    run grep -vE '^    [0-9*/]+ [0-9*]+ \* \* \* root /usr/bin/ssisminer ' <<<"$output"
    [ -z "$output" ]
}
