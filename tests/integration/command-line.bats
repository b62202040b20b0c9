#!/usr/bin/env bats
# What the program does before it talks to any server: no sandbox needed.

setup() {
    program=$PWD/${BUILD:-build}/ssisminer
    case ${BUILD:-} in /*) program=$BUILD/ssisminer ;; esac
    work=$BATS_TEST_TMPDIR
    export HOME=$work COLUMNS=200
    unset XDG_CONFIG_HOME SSISMINER_CONFIG SQLCMDSERVER SQLCMDUSER SQLCMDPASSWORD SQLCMDDBNAME
}

# expect STATUS COMMAND…: stdout and stderr end up in $work/out and $work/err.
expect() {
    local wanted=$1 status=0
    shift
    "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
    if [ "$status" -ne "$wanted" ]; then
        echo "status $status instead of $wanted"
        cat "$work/out" "$work/err"
        return 1
    fi
}

lacks() { # PATTERN FILE…: bats does not see a failing "! grep"
    if grep -q "$@"; then
        grep "$@"
        return 1
    fi
}

@test "without a command: help on stderr, status 2" {
    expect 2 "$program"
    [ ! -s "$work/out" ]
    grep -q '^Usage: ssisminer' "$work/err"
    [ "$(tail -1 "$work/err")" = "ssisminer: error: no command given" ]
}

@test "help and version go to stdout, status 0" {
    expect 0 "$program" help
    [ ! -s "$work/err" ]
    cp "$work/out" "$work/general"
    expect 0 "$program" --help
    cmp "$work/out" "$work/general"
    expect 0 "$program" help config
    cp "$work/out" "$work/command"
    expect 0 "$program" config -h
    cmp "$work/out" "$work/command"
    expect 0 "$program" version
    grep -qE '^ssisminer [0-9]+\.[0-9]+\.[0-9]+$' "$work/out"
    cp "$work/out" "$work/version"
    expect 0 "$program" --version
    cmp "$work/out" "$work/version"
}

@test "every command has help that fits 80 columns" {
    expect 0 "$program" help
    commands=$(sed -n '/^Commands:/,/^$/p' "$work/out" | awk 'NR > 1 && /^  [a-z]/ { print $1 }')
    [ "$(wc -w <<<"$commands")" -ge 5 ]
    for command in $commands; do
        expect 0 "$program" help "$command"
        head -1 "$work/out" | grep -q "^Usage: ssisminer $command "
        [ "$(wc -L <"$work/out")" -le 80 ]
    done
}

@test "usage errors: status 2, one line, a way out" {
    expect 2 "$program" reprot
    printf '%s\n' "ssisminer: error: unknown command 'reprot'" "hint: did you mean report?" | cmp - "$work/err"
    expect 2 "$program" report --sinse 3d
    printf '%s\n' "ssisminer: error: unknown option '--sinse'" "hint: did you mean --since?" | cmp - "$work/err"
    expect 2 "$program" version --since 3d
    grep -q "'version' does not take --since" "$work/err"
    expect 2 "$program" help reprot
    grep -q "^hint: did you mean report?" "$work/err"
    expect 2 "$program" help report config
    expect 2 "$program" completion
    grep -q "needs the name of one shell" "$work/err"
    expect 2 "$program" completion csh
    [ ! -s "$work/out" ]
}

@test "control characters in what the user wrote do not reach the terminal" {
    expect 2 "$program" $'re\e[31mport'
    grep -qF "unknown command 're\\x1B[31mport'" "$work/err"
}

@test "config: values, origins, and no secret in any form" {
    mkdir -p "$work/.config/ssisminer"
    printf 'connection:\n  server: db.example.net\n  password_file: /run/secret\n' >"$work/.config/ssisminer/ssisminer.yaml"
    export SQLCMDUSER=reader SQLCMDPASSWORD=hunter2
    expect 0 "$program" config --since 3d
    grep -qE "^ +server +db\.example\.net +$work/\.config/ssisminer/ssisminer\.yaml:2$" "$work/out"
    grep -qE '^ +user +reader +environment SQLCMDUSER$' "$work/out"
    grep -qE '^ +password +\*\*\* +environment SQLCMDPASSWORD$' "$work/out"
    grep -qE '^ +since +3d +command line$' "$work/out"
    grep -qE '^ +database +SSISDB +default$' "$work/out"
    for format in text json ndjson csv html markdown; do
        expect 0 "$program" config --format $format -v
        [ -s "$work/out" ]
        lacks hunter2 "$work/out" "$work/err"
    done
}

@test "config --format json is JSON" {
    export SQLCMDPASSWORD=hunter2
    expect 0 "$program" config --format json --folder A --folder B
    python3 - "$work/out" <<'PY'
import json, sys
settings = {row["setting"]: row for row in json.load(open(sys.argv[1]))["settings"]}
assert settings["password"] == {"setting": "password", "value": "***", "origin": "environment SQLCMDPASSWORD"}, settings["password"]
assert settings["folder"]["value"] == ["A", "B"], settings["folder"]
assert settings["server"]["value"] is None
assert settings["sandbox"]["value"] is False
PY
}

@test "a password on the command line works, warns, and is gone from ps" {
    expect 0 "$program" config -P hunter2
    grep -q '^ssisminer: warning: other users can see a password' "$work/err"
    lacks hunter2 "$work/out" "$work/err"
    # The output goes into a pipe that nobody reads, so that the process stays to be looked at.
    mkfifo "$work/pipe"
    exec 4<>"$work/pipe"
    head -c 65536 /dev/zero >&4
    "$program" config -P hunter2 >&4 2>/dev/null 3>&- &
    pid=$!
    for _ in $(seq 100); do
        tr '\0' ' ' <"/proc/$pid/cmdline" >"$work/cmdline"
        grep -q 'config -P' "$work/cmdline" && lacks hunter2 "$work/cmdline" && break
        sleep 0.02
    done
    kill "$pid"
    wait "$pid" || true
    grep -q 'config -P' "$work/cmdline"
    lacks hunter2 "$work/cmdline"
}

@test "a broken configuration names file, line and column; help still works" {
    printf 'connection:\n  servr: x\n' >"$work/bad.yaml"
    export SSISMINER_CONFIG=$work/bad.yaml
    expect 2 "$program" config
    grep -qF "$work/bad.yaml:2:3: unknown key 'connection.servr'" "$work/err"
    grep -qF "hint: did you mean connection.server?" "$work/err"
    expect 0 "$program" help config
    expect 0 "$program" config --help
    expect 0 "$program" completion bash
}

@test "the printed configuration can be read, as it is and switched on" {
    expect 0 "$program" help --config-yaml
    cp "$work/out" "$work/off.yaml"
    sed -E 's/^( *)#([a-z])/\1\2/' "$work/off.yaml" >"$work/on.yaml"
    expect 0 "$program" config --config "$work/off.yaml"
    [ "$(grep -c 'yaml:' "$work/out")" -eq 0 ]
    expect 0 "$program" config --config "$work/on.yaml"
    [ "$(grep -c 'yaml:' "$work/out")" -gt 10 ]
}

@test "no server and no --sandbox: exactly that is said" {
    expect 2 "$program" report
    grep -qi 'server' "$work/err"
    grep -q -- '--sandbox' "$work/err"
}

@test "output that cannot be written: status 2 and the reason" {
    expect 2 "$program" config -o /nowhere/settings.txt
    grep -qF "cannot write '/nowhere/settings.txt': No such file or directory" "$work/err"
    status=0
    "$program" help >/dev/full 2>"$work/err" || status=$?
    [ $status -eq 2 ]
    grep -qF 'cannot write to standard output: No space left on device' "$work/err"
    status=0
    "$program" help >&- 2>"$work/err" || status=$?
    [ $status -eq 2 ]
    grep -qF 'cannot write to standard output' "$work/err"
}

@test "-o writes whole files only" {
    expect 0 "$program" config -o "$work/settings.json"
    [ ! -s "$work/out" ]
    python3 -m json.tool "$work/settings.json" >/dev/null
    [ "$(find "$work" -name 'settings.json*' | wc -l)" -eq 1 ]
}

@test "a reader that goes away ends it quietly, by SIGPIPE" {
    {
        sleep 0.3
        status=0
        "$program" help --man 2>"$work/err" || status=$?
        echo $status >"$work/status"
    } | true
    for _ in $(seq 50); do [ -s "$work/status" ] && break; sleep 0.1; done
    [ "$(cat "$work/status")" -eq 141 ]
    [ ! -s "$work/err" ]
}

@test "bash completion is sound shell" {
    expect 0 "$program" completion bash
    bash -n "$work/out"
    shellcheck -s bash "$work/out"
}

@test "the man page has no roff errors" {
    command -v groff >/dev/null || skip "groff is not installed"
    expect 0 "$program" help --man
    groff -man -Tascii -ww "$work/out" >/dev/null 2>"$work/groff"
    [ ! -s "$work/groff" ] || { cat "$work/groff"; false; }
}
