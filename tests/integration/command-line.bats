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
    expect 0 "$program" config --help
    cmp "$work/out" "$work/command"
    expect 0 "$program" version
    grep -qE '^ssisminer [0-9]+\.[0-9]+\.[0-9]+$' "$work/out"
    cp "$work/out" "$work/version"
    expect 0 "$program" --version
    cmp "$work/out" "$work/version"
}

@test "-h fits one screen, for the program and every command" {
    expect 0 "$program" --help
    commands=$(sed -n '/^Commands:/,/^$/p' "$work/out" | awk 'NR > 1 && /^  [a-z]/ { print $1 }')
    for command in '' $commands; do
        # shellcheck disable=SC2086 # the program's own screen has no command
        expect 0 "$program" $command -h
        [ "$(wc -l <"$work/out")" -le 24 ] || { echo "$command: $(wc -l <"$work/out") lines" && false; }
        [ "$(wc -L <"$work/out")" -le 80 ] || { echo "$command: $(wc -L <"$work/out") columns" && false; }
        grep -q -- '--help' "$work/out"
    done
}

# refused MESSAGE HINT COMMAND…: one error, and what to write instead.
refused() {
    local message=$1 hint=$2
    shift 2
    expect 2 "$@"
    grep -qF -- "ssisminer: error: $message" "$work/err" || { cat "$work/err" && false; }
    grep -qF -- "$hint" "$work/err" || { cat "$work/err" && false; }
    [ ! -s "$work/out" ]
}

@test "field-C1: a duration without a unit, or in m, is refused from every source" {
    refused "--keep: '30' has no unit" "30d for days" "$program" cleanup --keep 30
    refused "--keep: '6m': m may be minutes or months" "write 6min for minutes or 6mo for months" "$program" cleanup --keep 6m
    refused "--keep: '6M': m may be" "6mo for months" "$program" cleanup --keep 6M
    refused "SSISMINER_KEEP: '30' has no unit" "30d for days" env SSISMINER_KEEP=30 "$program" cleanup
    refused "SSISMINER_KEEP_FAILED: '3m': m may be" "3mo" env SSISMINER_KEEP_FAILED=3m "$program" cleanup
    printf 'cleanup:\n  keep: 30\n' >"$work/c.yaml"
    refused "$work/c.yaml:2:9: cleanup.keep: '30' has no unit" "30d for days" "$program" cleanup --config "$work/c.yaml"
    for option in since until; do
        refused "--$option: '5' has no unit" "5d for days" "$program" report --$option 5
        refused "--$option: '6m': m may be" "6mo" "$program" slow --$option 6m
    done
    refused "--look-back: '14' has no unit" "14d" "$program" duplicates --look-back 14
    refused "--baseline: '1m': m may be" "1mo" "$program" slow --baseline 1m
    refused "no server given" "--sandbox" "$program" report -l 30 -t 60 # as in sqlcmd: seconds
}

@test "field-C2: YAML tags, aliases and anchors are told to be put in quotes" {
    printf 'filter: {package: !Load*}\n' >"$work/c.yaml"
    refused "$work/c.yaml:1:" "needs quotes" "$program" cleanup --config "$work/c.yaml"
    printf 'cleanup:\n  package: !Load*\n  keep: 1d\n' >"$work/c.yaml"
    refused "$work/c.yaml:2:12: a tag (!Load*) is not supported" "put it in quotes: '!Load*'" "$program" cleanup --config "$work/c.yaml"
    printf 'cleanup:\n  package: *.dtsx\n' >"$work/c.yaml"
    refused "$work/c.yaml:2:" "needs quotes" "$program" cleanup --config "$work/c.yaml"
}

@test "field-P1: an unknown SSISMINER_ variable is a warning with its neighbour, an error for cleanup" {
    refused "the variable SSISMINER_KEP means nothing here" "did you mean SSISMINER_KEEP?" env SSISMINER_KEP=30d "$program" cleanup
    refused "the variable ssisminer_keep means nothing here" "did you mean SSISMINER_KEEP?" env ssisminer_keep=30d "$program" cleanup
    expect 0 env SSISMINER_KEP=30d "$program" config
    grep -qF "warning: the variable SSISMINER_KEP means nothing here; did you mean SSISMINER_KEEP?" "$work/err"
}

@test "field-P3: values that make no sense give one clear error" {
    refused "--max-load: '101' is outside 1 to 100" "" "$program" cleanup --max-load 101
    refused "--nodes: '0' is outside 1 to 10000" "" "$program" capacity --nodes 0
    refused "--output: no format has the ending of 'report.pdf'" "--format" "$program" report --sandbox -o report.pdf
    refused "--allow: " "folder/project/package" "$program" duplicates --allow Load.dtsx -S nowhere
    refused "--allow: " "folder/project/package" "$program" duplicates --allow a//c -S nowhere
    refused "--execution: '0' is not an id" "" "$program" report --execution 0
    refused "--folder: an item is empty" "" "$program" report --folder ' '
    refused "--skip: there is no check 'nonsense'" "" "$program" doctor --skip nonsense -S nowhere
    refused "--guard-sql: " "folder/project/package" "$program" duplicates --guard-sql Load.dtsx
    refused "--folder: '!*' leaves out everything" "" "$program" report --folder '!*'
    refused "--folder: 'a' is both wanted and left out" "" "$program" report --folder 'A,!a'
    refused "--allow: 'a/b/c caller=' ends where a caller is expected" "" "$program" duplicates --allow 'a/b/c caller=' -S nowhere
    refused "--guard-sql: '*/b/c' is not the path of a package" "" "$program" duplicates --guard-sql '*/b/c'
    refused "--server and --dsn exclude each other" "" "$program" report -S host --dsn name
    refused "--dsn and --encrypt exclude each other" "" "$program" report --dsn name -N strict
    refused "--dsn and --trust-server-certificate exclude each other" "" "$program" report --dsn name -C
    refused "--dsn and --relay exclude each other" "" "$program" report --dsn name --relay never
    refused "--integrated and --user exclude each other" "" "$program" report -S host -E -U me
    refused "help prints one page" "" "$program" help --man report
    refused "the window is empty" "" "$program" report --since now -S nowhere
    refused "SSISMINER_NOW: 'yesterday' is not a time" "" env SSISMINER_NOW=yesterday "$program" config
    [ ! -e report.pdf ]
}

@test "field-P8: a value that is set but empty is refused" {
    refused "SSISMINER_KEEP is set but empty" "unset it or give it a value" env SSISMINER_KEEP= "$program" cleanup
    refused "SQLCMDSERVER is set but empty" "unset it or give it a value" env SQLCMDSERVER= "$program" report
    for value in '' '~' null "''" '""'; do
        printf 'cleanup:\n  keep: %s\n' "$value" >"$work/c.yaml"
        refused "$work/c.yaml:2:" "give it a value" "$program" cleanup --config "$work/c.yaml"
    done
    printf 'cleanup:\n  #keep: 30d\nfilter:\n' >"$work/c.yaml"
    refused "no server given" "" "$program" cleanup --config "$work/c.yaml" # a section may be empty
}

@test "field-P9: one reading for lists, and no guess at what follows an exclusion" {
    printf "filter:\n  folder: 'A,B\\\\,C'\n" >"$work/c.yaml"
    printf "filter:\n  folder: ['A,B\\\\,C']\n" >"$work/d.yaml"
    for form in "$program config --folder A,B\\,C" "env SSISMINER_FOLDER=A,B\\,C $program config" "$program config --config $work/c.yaml" "$program config --config $work/d.yaml"; do
        # shellcheck disable=SC2086 # words of a command
        expect 0 $form --format json
        grep -qF '{"setting":"folder","value":["A","B,C"]' "$work/out" || { grep folder "$work/out" && false; }
    done
    refused "--package: '!A,B': is B to be left out too?" "write '!A,!B' to leave out both, or 'B,!A'" "$program" cleanup --package '!A,B'
}

@test "a filter that the command does not take is refused, wherever it comes from" {
    refused "'cleanup' does not take --caller" "" "$program" cleanup --caller adf
    refused "SSISMINER_CALLER: 'cleanup' does not take --caller" "" env SSISMINER_CALLER=adf "$program" cleanup
    printf 'filter: {caller: adf}\n' >"$work/c.yaml"
    refused "$work/c.yaml:1:10: filter.caller: 'cleanup' does not take caller" "report: {caller: ...}" "$program" cleanup --config "$work/c.yaml"
    printf 'report: {caller: adf}\ncleanup: {package: p}\n' >"$work/c.yaml"
    refused "no server given" "" "$program" cleanup --config "$work/c.yaml"
    refused "'cleanup' does not take --fail-on" "" "$program" cleanup --fail-on any
    refused "'doctor' does not take --package" "" "$program" doctor --package p
    refused "'capacity' does not take --signatures" "" "$program" capacity --signatures x
    refused "'duplicates' does not take --progress-interval" "" "$program" duplicates --progress-interval 1s
}

@test "what is done instead of the usual work takes only what it reads" {
    refused "--since means nothing to 'duplicates --guard-sql'" "" "$program" duplicates --guard-sql a/b/c --since 7d
    refused "--format means nothing to 'duplicates --guard-sql'" "" "$program" duplicates --guard-sql a/b/c --format json
    refused "--format means nothing to 'catalog suggest'" "" "$program" catalog suggest --format json "Widget 17 is not aligned"
    refused "--server means nothing to 'explain X'" "" "$program" explain 10928 -S host
    refused "--sandbox-seed means nothing without --sandbox" "" "$program" report -S host --sandbox-seed 3
    refused "--sandbox is a server of its own" "leave out --ca-file" "$program" report --sandbox --ca-file x
    expect 0 "$program" duplicates --guard-sql a/b/c --within 5min --color never -q -o "$work/start.sql"
    expect 0 "$program" catalog suggest -o "$work/ours.yaml" "Widget 17 is not aligned"
    grep -q id: "$work/ours.yaml"
}

@test "one dash before a long name is seen as what it is" {
    refused "unknown option '-database'" "did you mean --database?" "$program" report -database x
    refused "unknown option '-keep'" "did you mean --keep?" "$program" cleanup -keep 30d
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
    for _ in $(seq 3000); do
        tr '\0' ' ' <"/proc/$pid/cmdline" >"$work/cmdline"
        grep -q 'config -P' "$work/cmdline" && lacks hunter2 "$work/cmdline" && break
        sleep 0.02
    done
    kill -KILL "$pid" # a SIGTERM before it writes would let it wait for a reader
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
    sed -E 's/^( *)#([a-z_]+: )/\1\2/' "$work/off.yaml" >"$work/on.yaml" # what has no default stays off
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
    python3 -c '
import os, signal, subprocess, sys
read, write = os.pipe()
os.close(read)
sys.exit(subprocess.run(sys.argv[1:], stdout=write).returncode != -signal.SIGPIPE)' "$program" help --man 2>"$work/err"
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
