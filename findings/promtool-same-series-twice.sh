#!/usr/bin/env bash
# Best guess: `promtool check metrics`, which lints names, units and HELP, objects to a page with the same series twice, which no
# scrape can keep; an exporter's test that runs it would find a key that is not one (two environments of a package under the same
# labels, say). What really happens: no word, exit code 0. A counter without "_total", beside it for comparison, is told and exits
# with 3.
# promtool 2.42.0 (Debian 12, prometheus 2.42.0+ds-5+deb12u1). Source: promtool's help, "Pass Prometheus metrics over stdin to
# lint them for consistency and correctness"; output below.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq prometheus=2.42.0+ds-5+deb12u1 >/dev/null
dpkg -x ./*.deb root
check() {
    local status=0
    root/usr/bin/promtool check metrics >words 2>&1 || status=$?
    echo "$1: exit $status, $(wc -l <words) lines"
}
{
    check 'the same series twice' <<'METRICS'
# HELP ssis_failed_executions Executions that failed in the last day.
# TYPE ssis_failed_executions gauge
ssis_failed_executions{package="load.dtsx"} 3
ssis_failed_executions{package="load.dtsx"} 5
METRICS
    check 'a counter without _total' <<'METRICS'
# HELP ssis_failed_executions Executions that failed.
# TYPE ssis_failed_executions counter
ssis_failed_executions{package="load.dtsx"} 3
METRICS
} | tee said
diff said - <<'WANTED'
the same series twice: exit 0, 0 lines
a counter without _total: exit 3, 1 lines
WANTED
