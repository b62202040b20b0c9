#!/usr/bin/env bash
# Best guess: two programs that each leave a *.prom file in node_exporter's textfile folder, say one a catalog, can write the
# same metric with labels of their own; if the exporter dislikes something it says so: an HTTP error, or
# node_textfile_scrape_error 1. What really happens when the HELP texts differ by a letter, as after an upgrade of one of the two:
# the samples of the second file are gone from /metrics; the status is 200 and node_textfile_scrape_error is 0. Only the
# exporter's log tells.
# prometheus-node-exporter 1.5.0 (Debian 12, 1.5.0-1+b6). Source: collector/textfile.go, which mends a missing HELP and leaves
# different ones to the registry; the registry's handler then goes on with what it could gather.
set -eu
work=$(mktemp -d)
trap 'kill "$exporter" 2>/dev/null || true; rm -rf "$work"' EXIT
exporter=
cd "$work"
apt-get download -qq prometheus-node-exporter=1.5.0-1+b6 >/dev/null
dpkg -x ./*.deb root
mkdir files
write() { printf '# HELP ssis_failed_executions %s\n# TYPE ssis_failed_executions gauge\nssis_failed_executions{catalog="%s"} %s\n' "$2" "$1" "$3" >"files/$1.prom"; }
port=29100
while
    root/usr/bin/prometheus-node-exporter --web.listen-address="127.0.0.1:$port" --collector.disable-defaults --collector.textfile \
        --collector.textfile.directory="$PWD/files" 2>log &
    exporter=$!
    until grep -q 'Listening on\|in use' log || ! kill -0 "$exporter" 2>/dev/null; do sleep 0.1; done
    ! grep -q 'Listening on' log
do port=$((port + 1)); done
seen() {
    echo "$1: status $(curl -s -o page -w '%{http_code}' "http://127.0.0.1:$port/metrics"), $(grep '^node_textfile_scrape_error' page)"
    grep '^ssis_' page
}
{
    write a 'Executions that failed in the last day.' 3
    write b 'Executions that failed in the last day.' 5
    seen 'same HELP'
    write b 'Executions that failed in the last 24 hours.' 5
    seen 'another HELP'
} | tee said
diff said - <<'WANTED'
same HELP: status 200, node_textfile_scrape_error 0
ssis_failed_executions{catalog="a"} 3
ssis_failed_executions{catalog="b"} 5
another HELP: status 200, node_textfile_scrape_error 0
ssis_failed_executions{catalog="a"} 3
WANTED
