#!/usr/bin/env bats
# The file that -o names: whose it is, what is refused, and that no signal leaves anything behind.
# shellcheck disable=SC2154 # target.bash sets ssisminer and stderr comes from run

load target

teardown() {
    [ -z "${MUTE_PID:-}" ] || kill "$MUTE_PID" || true
    sandbox_stop_all
}

has_files() { [ -n "$(ls "$1")" ]; } # DIRECTORY

# wait_then_signal SIGNAL DIRECTORY: a report to a file there, which waits for the mute server; the
# signal comes once the temporary file is there. Its exit status becomes ours. What was started behind nohup or by an
# `&` ignores HUP or QUIT, and so does all that it starts: the program keeps to that, so that it is undone before.
wait_then_signal() {
    local pid
    (cd "$2" && ulimit -c unlimited && SQLCMDPASSWORD=Hunter2-in-memory exec env --default-signal "$ssisminer_path" report \
        -S "127.0.0.1,$MUTE" -U sa --login-timeout 10min -o "$2/report.json") &
    pid=$!
    until_so has_files "$2"
    kill "-$1" "$pid"
    wait "$pid"
}

absolute() { case $ssisminer in /*) echo "$ssisminer" ;; *) echo "$PWD/$ssisminer" ;; esac }

@test "-o: no catchable signal leaves a temporary file" {
    mute_server "$BATS_TEST_TMPDIR/port"
    local signal ssisminer_path directory
    ssisminer_path=$(absolute)
    for signal in INT TERM HUP QUIT USR1 USR2 ALRM VTALRM PROF XCPU ABRT SEGV SYS RTMIN; do
        case $BUILD:$signal in *asan:SEGV | *asan:ABRT) continue ;; esac # theirs are the sanitizer's
        directory=$BATS_TEST_TMPDIR/$signal
        mkdir "$directory"
        run wait_then_signal "$signal" "$directory"
        echo "$signal: $status, left: $(ls "$directory")"
        [ "$status" -gt 128 ]
        [ -z "$(ls "$directory")" ]
    done
}

@test "-o: SIGHUP stops as SIGTERM does, but not under nohup" {
    mute_server "$BATS_TEST_TMPDIR/port"
    local ssisminer_path directory=$BATS_TEST_TMPDIR/hup pid
    ssisminer_path=$(absolute)
    mkdir "$directory"
    run wait_then_signal HUP "$directory"
    [ "$status" -eq 129 ]
    kill "$MUTE_PID"
    mute_server "$BATS_TEST_TMPDIR/nohup"
    SQLCMDPASSWORD=p nohup "$ssisminer" report -S "127.0.0.1,$MUTE" -U sa --login-timeout 1s -o "$directory/report.json" >/dev/null 2>&1 &
    pid=$!
    mute_took "$BATS_TEST_TMPDIR/nohup" 1
    kill -HUP "$pid"
    status=0
    wait "$pid" || status=$?
    [ "$status" -eq 3 ] # it went on to its own end
}

@test "no core file holds a password: an abort while the program waits leaves none" {
    mute_server "$BATS_TEST_TMPDIR/port"
    local ssisminer_path directory=$BATS_TEST_TMPDIR/core control=$BATS_TEST_TMPDIR/control
    ssisminer_path=$(absolute)
    [ "$(cat /proc/sys/kernel/core_pattern)" = core ] || skip "cores do not go to the working directory here"
    mkdir "$directory" "$control"
    (cd "$control" && ulimit -c unlimited 2>/dev/null && exec python3 -c 'import os; os.abort()') || true
    [ -n "$(ls "$control")" ] || skip "no program leaves a core here"
    run wait_then_signal QUIT "$directory"
    [ "$status" -eq 131 ]
    [ -z "$(ls "$directory")" ]
}

@test "-o: a file gets no set-id bit, and nothing of a stranger's" {
    local file=$BATS_TEST_TMPDIR/report.json
    umask 022
    echo old >"$file"
    chmod 6754 "$file"
    "$ssisminer" explain 10928 --format json -o "$file"
    [ "$(stat -c %a "$file")" = 754 ]
    [ "$(id -u)" -eq 0 ] || skip "only root can make a stranger's file"
    chmod 4777 "$file"
    chown 12345 "$file"
    "$ssisminer" explain 10928 --format json -o "$file"
    [ "$(stat -c '%a %u' "$file")" = "644 0" ]
}

@test "-o: in a folder that others may write to, links and others' files are refused" {
    local shared=$BATS_TEST_TMPDIR/shared target=$BATS_TEST_TMPDIR/target
    mkdir -m 1777 "$shared"
    chmod 1777 "$shared"
    echo precious >"$target"
    ln -s "$target" "$shared/link.json"
    run --separate-stderr "$ssisminer" explain 10928 -o "$shared/link.json"
    [ "$status" -eq 2 ]
    [[ $stderr == *"is a link in a folder that others may write to"* ]]
    [ "$(cat "$target")" = precious ]
    chmod 1770 "$shared" # a group is others too
    run --separate-stderr "$ssisminer" explain 10928 -o "$shared/link.json"
    [ "$status" -eq 2 ]
    chmod 1777 "$shared"
    "$ssisminer" explain 10928 -o "$shared/own.json"
    "$ssisminer" explain 10928 -o "$shared/own.json" # ours may be replaced
    [ "$(id -u)" -eq 0 ] || skip "only root can make a stranger's file"
    chown 12345 "$shared/own.json"
    run --separate-stderr "$ssisminer" explain 10928 -o "$shared/own.json"
    [ "$status" -eq 2 ]
    [[ $stderr == *"is somebody else's in a folder that others may write to"* ]]
    mkfifo "$shared/pipe"
    chown 12345 "$shared/pipe"
    run --separate-stderr timeout 120 "$ssisminer" explain 10928 -o "$shared/pipe"
    [ "$status" -eq 2 ]
    mkdir "$BATS_TEST_TMPDIR/elsewhere"
    ln -s "$BATS_TEST_TMPDIR/elsewhere" "$shared/folder"
    chown -h 12345 "$shared/folder"
    run --separate-stderr "$ssisminer" explain 10928 -o "$shared/folder/new.json"
    [ "$status" -eq 2 ]
    [[ $stderr == *"is somebody else's link"* ]]
    [ -z "$(ls "$BATS_TEST_TMPDIR/elsewhere")" ]
}

@test "-o: a file beyond the limit of its size is an error, not a death" {
    # shellcheck disable=SC2016 # the inner shell's
    run bash -c 'set -o pipefail; (ulimit -f 0; exec "$@") 2>&1 | cat' bash "$ssisminer" catalog list -o "$BATS_TEST_TMPDIR/full.md"
    echo "$status $output"
    [ "$status" -eq 2 ]
    [[ $output == *"File too large"* ]]
    [ ! -e "$BATS_TEST_TMPDIR/full.md" ]
}

@test "field-P6: the sandbox beside the program is found without /proc" {
    [ "$(id -u)" -eq 0 ] || skip "only root can take /proc away"
    case $BUILD in *asan) skip "sanitizers need /proc themselves" ;; esac
    unshare -m true 2>/dev/null || skip "no mount namespaces here"
    local path relative
    path=$(absolute)
    mkdir "$BATS_TEST_TMPDIR/bin"
    # shellcheck disable=SC2016 # the inner shell's
    without_proc='mount -t tmpfs none /proc && exec "$@"'
    run unshare -m sh -c "$without_proc" sh env PATH=/usr/bin:/bin "$path" --sandbox explain status 6
    [ "$status" -eq 0 ]
    run unshare -m sh -c "$without_proc" sh env PATH=/usr/bin:/bin "$path" --sandbox doctor
    echo "$output"
    [ "$status" -eq 0 ]
    cd "$(dirname "$path")/.."
    relative=./$(basename "$(dirname "$path")")/ssisminer
    run unshare -m sh -c "$without_proc" sh env PATH=/usr/bin:/bin "$relative" --sandbox doctor
    [ "$status" -eq 0 ]
    run unshare -m sh -c "$without_proc" sh env PATH="$(dirname "$path"):/usr/bin:/bin" ssisminer --sandbox doctor
    [ "$status" -eq 0 ]
}
