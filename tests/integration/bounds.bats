#!/usr/bin/env bats
# What holds against numbers, names and files that nobody should send. The rows of
# docs/field.md that a case stands for are in its name.
# shellcheck disable=SC2154 # target.bash sets ssisminer and stderr comes from run

load target

setup_file() { target_start --executions 200; }
teardown_file() { target_stop; }

windowed="report mine duplicates capacity slow"

@test "field-R9: a window in the future is said by every command that has one" {
    local command days
    for command in $windowed; do
        for days in 1 30 36500; do
            run --separate-stderr mine "$command" --since "$(date -u -d "+$days days" +%FT%TZ)"
            echo "$command $days: $status $stderr"
            [ "$status" -eq 2 ]
            [ -z "$output" ]
            [[ $stderr == *"the window begins in the future"*"the server's clock says"* ]]
        done
    done
}

@test "field-R9: a server's clock that is 26 hours behind is named" {
    sandbox_only "a clock that can be set"
    local flavor command
    for flavor in $(flavors azure sql2019 sql2012); do
        sandbox_start "late-$flavor" --flavor "$flavor" --now "$(date -u -d '-26 hours' +%FT%TZ)" --executions 100
        for command in $windowed; do
            run --separate-stderr env SQLCMDPASSWORD="$SANDBOX_PASSWORD" "$ssisminer" "$command" -S "127.0.0.1,$SANDBOX_PORT" -U sa --ca-file "$SANDBOX_CA"
            echo "$flavor $command: $status $stderr"
            [ "$status" -eq 2 ]
            [[ $stderr == *"the window begins in the future"*"the server's clock is 1 d 2 h behind this machine's"* ]]
        done
        sandbox_stop "$SANDBOX_PID"
    done
}

@test "field-R9: a window that ends in the future ends now" {
    local command until
    for command in $windowed; do
        for until in "$(date -u -d '+30 days' +%F)" 9999-12-31; do
            run --separate-stderr mine "$command" --since 0001-01-01 --until "$until" --format json
            echo "$command $until: $status $stderr"
            [ "$status" -eq 0 ]
        done
    done
}
