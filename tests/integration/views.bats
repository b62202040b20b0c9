#!/usr/bin/env bats
# Who sees every row and may read the tables behind the catalog's views reads those; all others read the views.
# shellcheck disable=SC2154 # target.bash sets ssisminer

bats_require_minimum_version 1.5.0
load target

# USER COMMAND…: what it answers, less who asks, when, and how long what runs has run by then (more than a day).
answer() {
    local user=$1
    shift
    SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" "$@" --since "$SINCE" --until "$UNTIL" --format json \
        -S "127.0.0.1,$SANDBOX_PORT" -U "$user" --ca-file "$SANDBOX_CA" |
        grep -vE '^  "(generated_at|login|roles|clock_skew_seconds)": ' | sed -E 's/_seconds":[0-9]{5,}\.[0-9]+/_seconds":…/g'
}

@test "views: the tables behind them tell the same, on every flavour" {
    sandbox_only "logins of every kind"
    local flavor command words before log=$BATS_TEST_TMPDIR/log
    UNTIL=$(date -u -d '-1 hour' +%Y-%m-%dT%H:%M:%SZ) SINCE=$(date -u -d '-30 days' +%Y-%m-%dT%H:%M:%SZ)
    for flavor in $(flavors sql2012 sql2019 azure); do
        sandbox_start views --flavor $flavor --seed 7 --days 20 --executions 300 --log "$log"
        for command in report 'report --details' duplicates slow mine capacity; do
            read -ra words <<<"$command"
            for user in sa admin; do
                before=$(wc -l <"$log")
                answer $user "${words[@]}" >"$BATS_TEST_TMPDIR/$user"
                tail -n +$((before + 1)) "$log" | grep -oE 'FROM (catalog|internal)\.(operations|executions)' | sort -u >"$BATS_TEST_TMPDIR/$user.read"
            done
            echo "$flavor $command"
            diff "$BATS_TEST_TMPDIR/sa" "$BATS_TEST_TMPDIR/admin"
            [ "$(wc -c <"$BATS_TEST_TMPDIR/sa")" -gt 500 ]
            grep -q internal "$BATS_TEST_TMPDIR/sa.read"
            grep -q catalog "$BATS_TEST_TMPDIR/admin.read"
            run ! grep -q internal "$BATS_TEST_TMPDIR/admin.read"
        done
        sandbox_stop "$SANDBOX_PID"
    done
}
