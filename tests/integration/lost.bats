#!/usr/bin/env bats
# Connections that end in the middle, in every way a connection can end: by RST, by FIN, by TLS's close_notify.
# Sandboxes only. `CUT_ROWS=1 tests/integration/cut_points reset tls cleanup` walks over every row, too.
# shellcheck disable=SC2154 # output and status come from run

bats_require_minimum_version 1.5.0
load target

setup() { sandbox_only "cut a connection"; }

# walk KIND plain|tls report|cleanup LEAST: all points, of which there must be at least so many.
walk() {
    plain_sandbox
    run tests/integration/cut_points "$1" "$2" "$3"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output =~ :\ ([0-9]+)\ points$ ]]
    [ "${BASH_REMATCH[1]}" -ge "$4" ]
}

# A build with sanitizers is there for the code, not for the points.
some() {
    case $BUILD in
    *asan*) echo 12 ;;
    *) echo "$1" ;;
    esac
}

@test "field-C11: report connects again wherever a plain connection ends" {
    walk reset plain report 40
    walk drop plain report 40
}

@test "field-C11: report connects again wherever a TLS connection ends" {
    walk reset tls report 40
    walk close tls report 40
    walk drop tls report 40
}

@test "field-C11: cleanup -t 5 connects again wherever a plain connection ends" {
    CUT_STEP=$(some 4) walk reset plain cleanup 80
    CUT_STEP=$(some 8) CUT_FROM=2 walk drop plain cleanup 80
}

@test "field-C11: cleanup -t 5 connects again wherever a TLS connection ends" {
    CUT_STEP=$(some 8) CUT_FROM=1 walk reset tls cleanup 80
    CUT_STEP=$(some 4) CUT_FROM=2 walk close tls cleanup 80
    CUT_STEP=$(some 8) CUT_FROM=3 walk drop tls cleanup 80
}
