#!/usr/bin/env bats
# The first screen: whatever there is, it fits between two prompts of 80 columns, says cause, remedy and whether to
# run again, counts what it hides, and --all has that.
# shellcheck source=tests/integration/target.bash disable=SC2154 # run sets stderr
. "$BATS_TEST_DIRNAME/target.bash"

SIZES='0 1 5 44 5000'

setup_file() {
    local size more
    plain_sandbox
    for size in $SIZES; do
        more=(--messages-per-execution 4)
        [ "$size" -ge 1000 ] || more=()
        SANDBOX_WAIT_S=120 sandbox_start "of-$size" --flavor sql2019 --seed 3 --days 10 --executions $((size + 60)) \
            --failures "$size" --without operations --without purge-failed "${more[@]}"
        export "AT_$size=127.0.0.1,$SANDBOX_PORT"
    done
    export SQLCMDPASSWORD=$SANDBOX_PASSWORD SANDBOX_CA
}
teardown_file() { sandbox_stop_all; }
# The file's sandboxes serve every test.
teardown() { true; }
setup() { sandbox_only "fail as often as is wanted"; }

# ask SIZE COMMAND…: sets output; fails where that is more than a screen.
ask() {
    local at=AT_$1 command=$2
    shift 2
    run --separate-stderr "$ssisminer" "$command" -S "${!at}" -U sa --ca-file "$SANDBOX_CA" "$@"
    echo "$command $*: status $status $stderr"
    echo "$output"
    [ "$status" -eq 0 ]
}
fits() {
    [ "$(wc -l <<<"$output")" -le 23 ]
    [ -z "$(LC_ALL=C.UTF-8 grep -E '^.{81}' <<<"$output")" ] # awk counts bytes
}
# hidden WHAT: the number that "N more WHAT" says, 0 without it.
hidden() { grep -oE "[0-9]+ more $1" <<<"$output" | grep -oE '^[0-9]+' || echo 0; }

# On the screen, and behind it: rows of the list of failures stand for as many as "times" says.
listed() {
    sed -n '/^  newest/,/^$/p' <<<"$output" |
        awk 'NR > 1 && NF { match($0, / [0-9]+x /); sum += RSTART ? substr($0, RSTART + 1) + 0 : 1 } END { print sum + 0 }'
}

@test "screen: report of 0, 1, 5, 44 and 5,000 failures" {
    local size all only=(--since 12d --package '!Unpack.dtsx') # which always fails
    for size in $SIZES; do
        ask "$size" report "${only[@]}" --format json
        all=$(json 'r["failed_executions"]')
        [[ $size -gt 5 || $all -eq $size ]]
        ask "$size" report "${only[@]}"
        fits
        case $all in
        0) [[ $output == "Nothing failed: "* && $output != *--all* ]] ;;
        1) [[ $output == "1 execution failed"*"  cause  "*"  rerun  "*[yn][eo]*"What to do"*"  - "* ]] ;;
        *)
            [[ $output == "$all executions failed: "*$'\nWhy\n'*"    do  "*"  newest "*"  rerun  "* ]]
            echo "$all failed, $(listed) listed, $(hidden failure) hidden"
            [ $(($(listed) + $(hidden failure))) -eq "$all" ]
            ;;
        esac
        ask "$size" report "${only[@]}" --all
        [ "$all" -lt 5 ] || [ "$(wc -l <<<"$output")" -gt 23 ]
        [ "$(grep -cE '^    rerun    (yes|no)' <<<"$output")" -eq "$all" ]
    done
}

@test "screen: mine of 0, 1, 5, 44 and 5,000 failures" {
    local size more
    for size in $SIZES; do
        ask "$size" mine --since 12d
        fits
        more=$(hidden signature)
        [ "$size" -lt 44 ] || [[ $output == *" errors, "*$'\nWhy\n'*"    do  "*"  errors  failed tasks  warnings  package"*": --all" ]]
        ask "$size" mine --since 12d --all
        [ "$more" -eq 0 ] || [ "$(grep -cE '^  +[0-9]+x  ' <<<"$output")" -gt "$more" ]
    done
}

@test "screen: every other question, where little and where much is the matter" {
    local size command options more
    for size in $SIZES; do
        for command in duplicates capacity slow history doctor cleanup running; do
            options=(--since 12d)
            case $command in doctor | running) options=() ;; cleanup) options=(--keep 3d) ;; esac
            ask "$size" "$command" "${options[@]}"
            fits
            more=$(grep -oE '[0-9]+ more ' <<<"$output" | awk '{ sum += $1 } END { print sum + 0 }')
            [ "$more" -eq 0 ] || [[ $output == *": --all"* ]]
            ask "$size" "$command" "${options[@]}" --all
            [ "$(wc -l <<<"$output")" -ge "$more" ]
        done
    done
}

# What would go, by when, by which method, and what to be warned of, however little room there is.
@test "screen: the plan of cleanup hides no number and no warning" {
    local whole
    ask 5000 cleanup --keep 3d --folder '*' --keep-failed 4d --all
    whole=$output
    ask 5000 cleanup --keep 3d --folder '*' --keep-failed 4d
    fits
    for line in keeps only method goes stays; do
        diff <(tr -s ' \n' '  ' <<<"$whole" | grep -oE " $line .{30}") <(tr -s ' \n' '  ' <<<"$output" | grep -oE " $line .{30}")
    done
    [[ $output == "Cleanup plan: "*" would go; --execute deletes them"*"  table "*"rows that go"* ]]
    ask 5000 cleanup --keep 3d --all
    whole=$(sed -n '/^WARNING/,/^$/p' <<<"$output")
    ask 5000 cleanup --keep 3d
    [[ -n $whole && $output == *"$whole"* ]]
}

@test "screen: --limit caps each list, --remedies none says nothing to do" {
    ask 44 report --since 12d --limit 1
    [ "$(grep -cE '^  +[0-9]+x  ' <<<"$output")" -eq 1 ]
    [ "$(sed -n '/^  newest/,/^$/p' <<<"$output" | grep -c .)" -eq 2 ]
    ask 44 report --since 12d --remedies none
    [[ $output != *"    do  "* ]]
    ask 44 duplicates --since 12d --limit 1
    [ "$(grep -cE '^  [a-z-]+  .*Z$' <<<"$output")" -le 1 ]
    ask 44 slow --since 12d --limit 1
    [ "$(grep -cE 'x$' <<<"$output")" -le 1 ]
}

@test "screen: --limit caps every list of the whole answer, in every format for people" {
    local command options
    for command in report mine duplicates capacity slow history running doctor; do
        options=(--since 12d)
        [ "$command" != doctor ] || options=()
        ask 44 "$command" "${options[@]}" --limit 2 --format markdown -o "$BATS_TEST_TMPDIR/$command.md"
        python3 - "$BATS_TEST_TMPDIR/$command.md" <<'PY'
import sys
rows, cards, where = 0, 0, ""
for line in open(sys.argv[1], encoding="utf-8"):
    if line.startswith("## "):
        rows, cards, where = 0, 0, line
    elif line.startswith("### "):
        cards += 1
    elif line.startswith("| ") and not line.startswith("| ---") and not cards:  # of the section, not of a card
        rows += 1
    assert cards <= 2 and rows <= 3, (where, line)  # the first row is the heading
PY
        ask 44 "$command" "${options[@]}" --all --limit 2
        [ "$(wc -l <<<"$output")" -lt 200 ]
    done
    ask 44 doctor --all --limit 1
    [[ $output == *$'\n  '[1-9]*" more"$'\n'* ]]
    [ "$(grep -cE '^  (critical|error|warning|info)  ' <<<"$output")" -eq 1 ]
    ask 44 doctor --limit 1 --format json # programs get all
    [ "$(json 'len(r["findings"]) == r["found"] > 1')" = True ]
}

@test "screen: --remedies of doctor and duplicates: of what is shown, of all, of none" {
    local command options
    for command in duplicates doctor; do
        options=(--since 12d)
        [ "$command" != doctor ] || options=()
        ask 5000 "$command" "${options[@]}"
        [[ $output == *"    do  "* && $output != *"What to do"* ]]
        ask 5000 "$command" "${options[@]}" --remedies none
        [[ $output != *"    do  "* ]]
        ask 5000 "$command" "${options[@]}" --remedies none --all
        [[ $output != *"What to do"* && $output != *"Look for the reason in the history"* ]]
        ask 5000 "$command" "${options[@]}" --remedies all
        [[ $output == *"    do  "*$'\nWhat to do\n'* ]]
    done
}

@test "screen: of two catalogs, whatever is asked" {
    local command options
    printf 'defaults: {user: sa, ca_file: "%s"}\ntargets: [{name: prod, server: "%s"}, {name: test, server: "%s"}]\n' \
        "$SANDBOX_CA" "$AT_44" "$AT_5000" >"$BATS_TEST_TMPDIR/fleet.yaml"
    export SSISMINER_CONFIG=$BATS_TEST_TMPDIR/fleet.yaml
    for command in report mine duplicates capacity slow history doctor cleanup running; do
        options=(--since 12d)
        case $command in doctor | running) options=() ;; cleanup) options=(--keep 3d) ;; esac
        run --separate-stderr "$ssisminer" "$command" --target '*' "${options[@]}"
        echo "$command: $status $stderr $output"
        [ "$status" -eq 0 ]
        fits
        [[ $output == "2 targets: 2 answered"*"  prod  "*"  test  "* ]]
        [ "$command" != cleanup ] || continue # whose plan hides nothing
        run --separate-stderr "$ssisminer" "$command" --target '*' "${options[@]}" --all --limit 1
        grep -A40 '^Targets' <<<"$output" | grep -q '^  prod  done'
        grep -A40 '^Targets' <<<"$output" | grep -q '^  test  done' # none of them is left out
    done
    run --separate-stderr "$ssisminer" cleanup --target '*' --keep 3d
    [ "$(tr -s ' \n' '  ' <<<"$output" | grep -oE 'keeps 3 d 0 h \(--keep 3d, command line\): what ended before [-0-9]+ [:0-9]+Z goes' | wc -l)" -eq 2 ]
    [ "$(grep -c 'failed operations will lose their messages' <<<"$output")" -eq 2 ]
}

@test "screen: scan of one failure and of thousands" {
    local log=$BATS_TEST_TMPDIR/night.log
    echo '2024-05-01 02:00:11 ERROR Load Orders: There is not enough space on the disk.' >"$log"
    run "$ssisminer" scan "$log"
    fits
    [[ $output == "1 failure"*"  cause    "*"  rerun    no, fix it first"*"What to do: disk-full"*"  - "* ]]
    awk 'BEGIN {
        text[0] = "There is not enough space on the disk."; text[1] = "Login failed for user \47etl\47."
        text[2] = "Widget 17 is not aligned."
        for (i = 0; i < 3000; i++) printf "2024-05-01 02:%02d:%02d ERROR %s\n", i / 60 % 60, i % 60, text[i % 3] }' >"$log"
    run "$ssisminer" scan "$log"
    fits
    [[ $output == *" failures: 2 causes, 1 critical, 1 unknown error"*$'\nWhy\n'*"disk-full"*"    do  "*$'\nUnknown errors\n'*"  where "*" more failures: --all" ]]
    run "$ssisminer" scan --all "$log"
    [[ $output == "SSIS failures in files"*"Root causes (2)"*"What to do"* ]]
}

# on_terminal COMMAND…: what a terminal of 24 by 80 shows and, last, the status.
on_terminal() {
    TERM=xterm timeout 60 script -qec "stty rows 24 cols 80; $(printf '%q ' "$@"); echo \"status \$?\"" /dev/null | tr -d '\r'
}

# leaves_at_prompt COMMAND…: on such a terminal, with somebody who types q once the pager waits. Its status is the command's.
leaves_at_prompt() {
    TERM=xterm python3 -c '
import fcntl, os, pty, re, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.execv(sys.argv[1], sys.argv[1:])
said, typed = b"", False
while True:
    try:
        piece = os.read(fd, 4096)
    except OSError:
        piece = b""
    if not piece:
        break
    said += piece
    if not typed and re.search(rb"\n:(\x1b\[[0-9;?]*[a-zA-Z])*$", said):
        typed = True
        os.write(fd, b"q")
print(said.decode().replace("\r", ""))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) if typed else "no prompt came")' "$@"
}

@test "screen: the exit code is the verdict's, whatever becomes of the pager" {
    local pager long=("$ssisminer" report -S "$AT_44" -U sa --ca-file "$SANDBOX_CA" --since 12d --all --fail-on any)
    for pager in 'head -1' true 'cat >/dev/null; exit 3' 'kill -9 $$' /no/such/pager /etc "$BATS_TEST_FILENAME" ''; do
        export PAGER=$pager
        run on_terminal "${long[@]}" </dev/null
        echo "$pager: ${lines[-1]}"
        [ "${lines[-1]}" = "status 1" ]
        [[ $output != *"roken pipe"* ]]
        case $pager in /no/such/pager | /etc | "$BATS_TEST_FILENAME" | '') [[ $output == *"What to do"* ]] ;; esac
    done
    # What fits is not paged, and data never is.
    export PAGER='echo paged'
    run on_terminal "$ssisminer" report -S "$AT_44" -U sa --ca-file "$SANDBOX_CA" --since 12d </dev/null
    [[ $output != *paged* && ${lines[-1]} = "status 0" ]]
    run on_terminal "$ssisminer" cleanup -S "$AT_44" -U sa --ca-file "$SANDBOX_CA" --all </dev/null
    [[ $output == "paged"$'\n'"status 0" ]]
    run on_terminal "$ssisminer" cleanup -S "$AT_44" -U sa --ca-file "$SANDBOX_CA" --all --format csv </dev/null
    [[ $output != *paged* ]]
    # less, as it comes, and somebody who leaves at once.
    command -v less >/dev/null || return 0
    unset PAGER
    run leaves_at_prompt "${long[@]}"
    [ "$status" -eq 1 ]
    [[ $output == *"SSIS failures"* && $output != *"What to do"* ]]
}

@test "screen: a reader of a pipe who leaves early is no news" {
    run --separate-stderr bash -c '"$0" report -S "$1" -U sa --ca-file "$2" --since 12d --all | head -1' "$ssisminer" "$AT_5000" "$SANDBOX_CA"
    [[ $output == "SSIS failures" && -z $stderr ]]
}
