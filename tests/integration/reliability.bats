#!/usr/bin/env bats
# Whatever a server or an input does: the right exit code, in time (tests/integration/reliability.table, inputs.table).
# shellcheck disable=SC2154 # output and status come from run

bats_require_minimum_version 1.5.0
load target

# rows check|inputs LEAST [WORDS]
rows() {
    plain_sandbox
    run tests/integration/reliability "$1" "${3:-}"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output =~ ([0-9]+)\ cases ]]
    [ "${BASH_REMATCH[1]}" -ge "$2" ]
}

# With sanitizers: the two commands that read most and write; that a loaded machine is slow is no fault.
with_sanitizers() {
    case $BUILD in
    *asan*) export RELIABILITY_ONLY=report,"cleanup --execute" RELIABILITY_SLACK=20 RELIABILITY_AT_ONCE=4 ;;
    *) export RELIABILITY_SLACK=2 ;;
    esac
}

@test "field-P2, field-R7: every command ends in time, with the right exit code, whatever the server does" {
    sandbox_only "faults on demand"
    with_sanitizers
    rows check 60
}

@test "bad input gets one clear error" {
    is_live && skip "has nothing to do with the server"
    rows inputs 10
}
