# The server that integration cases run against: the one of SSISMINER_TEST_SERVER, or a sandbox.
# shellcheck source=tests/integration/sandbox.bash
. "$BATS_TEST_DIRNAME/sandbox.bash"
# shellcheck source=tests/sanitizers.bash
. "$BATS_TEST_DIRNAME/../sanitizers.bash"

bats_require_minimum_version 1.5.0
BUILD=${BUILD:-build}
export ssisminer=$BUILD/ssisminer
export SSISMINER_CONFIG=/dev/null NO_COLOR=1 LC_ALL=C.UTF-8
unset SQLCMDSERVER SQLCMDUSER SQLCMDDBNAME

is_live() { [ -n "${SSISMINER_TEST_SERVER:-}" ]; }

# In setup_file: a server with data, and TRUTH, the generator's own word on it. Extra options go to
# a sandbox only. Sets TARGET (host,port), TARGET_OPTIONS, TRUTH.
target_start() {
    if is_live; then
        export TARGET=$SSISMINER_TEST_SERVER SQLCMDPASSWORD=$SSISMINER_TEST_PASSWORD
        local tls=(-N require -C)
        [ "$SSISMINER_TEST_TLS" = off ] && tls=(-N off)
        export TARGET_OPTIONS="-S $TARGET -U $SSISMINER_TEST_USER -d $SSISMINER_TEST_DATABASE ${tls[*]}"
        export TRUTH=${SSISMINER_TEST_TRUTH:-}
    else
        export TRUTH=$BATS_FILE_TMPDIR/truth.json
        sandbox_start target --flavor azure --seed 11 --days 5 --executions 200 --truth "$TRUTH" "$@"
        export TARGET=127.0.0.1,$SANDBOX_PORT SQLCMDPASSWORD=$SANDBOX_PASSWORD
        export TARGET_OPTIONS="-S $TARGET -U sa --ca-file $SANDBOX_CA"
    fi
}

target_stop() { sandbox_stop_all; }

# What a test started and did not end, because it failed.
teardown() { sandbox_stop_all; }

# Runs ssisminer COMMAND … on the target.
mine() {
    local command=$1
    shift
    # shellcheck disable=SC2086 # the options are words
    "$ssisminer" "$command" $TARGET_OPTIONS "$@"
}

# json PYTHON-EXPRESSION: evaluates it on the report r in $output.
json() {
    # shellcheck disable=SC2154 # output comes from run, or from the test
    python3 -c 'import json,sys; r=json.load(sys.stdin); print(eval(sys.argv[1]))' "$1" <<<"$output"
}

# statements_of COMMAND EXECUTIONS: how many statements the command sends to a sandbox of that size.
statements_of() {
    local log=$BATS_TEST_TMPDIR/log.$2 window=(--since 60d)
    [ "$1" != doctor ] || window=()
    plain_sandbox
    sandbox_start "many-$2" --seed 3 --executions "$2" --log "$log"
    SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" "$1" -S "127.0.0.1,$SANDBOX_PORT" -U sa --ca-file "$SANDBOX_CA" \
        "${window[@]}" >"$BATS_TEST_TMPDIR/out"
    sandbox_stop "$SANDBOX_PID"
    grep -c . "$log"
}

sandbox_only() { # WHAT: what the case needs, and no server but the sandbox has
    is_live && skip "the server lacks $1"
    true
}

# needs VIEW|CALL…: system views and functions that the case cannot do without, and that not every server of test-live has.
needs() {
    local name
    is_live || return 0
    for name in "$@"; do
        if [[ $name == *'('* ]]; then
            echo "SELECT $name AS x"
        else
            echo "SELECT TOP (0) * FROM $name"
        fi >"$BATS_TEST_TMPDIR/needs.sql"
        tests/live/load "$BATS_TEST_TMPDIR/needs.sql" "$BATS_TEST_TMPDIR/needs.log" 2>/dev/null || skip "the server lacks $name"
    done
}

no_server() { # a case that is about none, and was run without one
    is_live && skip "it has nothing to do with a server"
    true
}

# Before a sandbox is started, in a case that is about what the client makes of much data: beside a
# client with sanitizers the server is the one without. Other cases test the server with them.
plain_sandbox() {
    case $BUILD in
    */asan) [ ! -x "${BUILD%/asan}/ssisminer-sandbox" ] || export SANDBOX_PROGRAM=${BUILD%/asan}/ssisminer-sandbox ;;
    esac
}

# seeds N: how many histories to try; a build with sanitizers is there for the code, not for them.
seeds() {
    case $BUILD in
    *asan*) seq 2 ;;
    *) seq "$1" ;;
    esac
}

# flavors NAME…: which catalogs to try. All of them; a build with sanitizers tries one, another in each test.
flavors() {
    case $BUILD in
    *asan*) shift $((BATS_TEST_NUMBER % $#)) && echo "$1" ;;
    *) echo "$@" ;;
    esac
}

needs_truth() {
    [ -n "$TRUTH" ] || skip "the database was loaded before: its truth is not known here"
}

# A server that takes connections and never says a word, for a program that waits: its port in MUTE, its process in
# MUTE_PID (end it). The words of a command before it, if given, run it. FILE has a line for each connection it took.
# shellcheck disable=SC2034 # the tests use both
mute_server() { # FILE [COMMAND…]
    local file=$1
    shift
    "$@" python3 -c '
import socket
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
kept = []
while True:
    kept.append(listener.accept())
    print("taken", flush=True)' >"$file" 3>&- &
    MUTE_PID=$!
    wait_for_lines "$file" 1
    MUTE=$(head -1 "$file")
}

mute_took() { wait_for_lines "$1" $(($2 + 1)); } # FILE CONNECTIONS: until so many came

wait_for_lines() { until_so has_lines "$1" "$2" || { cat "$1" && return 1; }; } # FILE COUNT
has_lines() { [ -e "$1" ] && [ "$(wc -l <"$1")" -ge "$2" ]; }

# cut_short SLEEP_MS SECONDS COMMAND…: a cleanup that its time limit ends with work done and work left, 6; its pauses alone
# outlast the limit. On a machine that stood still it may end before its first batch, 7: then it gets four times as long.
cut_short() {
    local sleep_ms=$1 limit_s=$2 factor
    shift 2
    for factor in 1 4 16; do
        "$@" --sleep "$((sleep_ms * factor))ms" --time-limit "$((limit_s * factor))s"
        # shellcheck disable=SC2154 # COMMAND is a run
        [ "$status" -eq 7 ] && [[ $stderr == *"nothing at all was deleted (time limit"* ]] || return 0
    done
}
