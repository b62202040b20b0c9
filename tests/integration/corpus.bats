#!/usr/bin/env bats
# What the program makes of messages from public threads; the shares may only get better.

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || return 1
    export BUILD=${BUILD:-build}
}

@test "messages from public threads are named, and harmless lines are left alone" {
    run tests/corpus/measure
    [ "$status" -eq 0 ]
    while read -r line; do
        [ -z "$line" ] || grep -qF -- "$line" docs/diagnosis.md || { echo "not in docs/diagnosis.md: $line"; tests/corpus/measure misses; false; }
    done <<<"$output"
    count() { sed -n "s/^| $1 | \([0-9]*\).*/\1/p" <<<"$output"; }
    [ "$(count right)" -ge 1175 ]
    [ "$(count wrong)" -le 0 ]
    [ "$(count unseen)" -le 1 ]
    [ "$(sed -n 's/^| said to be sure | [0-9]*, \([0-9]*\) .*/\1/p' <<<"$output")" -le 0 ]
    [ "$(sed -n 's/^| lines without a failure | [0-9]*, \([0-9]*\).*/\1/p' <<<"$output")" -le 4 ]
    [ "$(sed -n 's/^| pasted logs | [0-9]*, \([0-9]*\).*/\1/p' <<<"$output")" -ge 195 ]
}
