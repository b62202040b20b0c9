#!/usr/bin/env bats
# What monitoring gets: by promtool's rules, through a real node_exporter and a real Prometheus on
# loopback, with the alerts and the dashboard of config/monitoring. Two catalogs side by side.
# shellcheck disable=SC2154 # target.bash sets ssisminer and stderr comes from run

load target

commands="report running mine duplicates capacity slow doctor cleanup"

setup_file() {
    export FILES=$BATS_FILE_TMPDIR/files flavor
    mkdir "$FILES"
    for flavor in azure sql2019; do
        sandbox_start "m-$flavor" --flavor "$flavor" --seed 3 --executions 400
        (umask 077 && echo "$SANDBOX_PASSWORD" >"$BATS_FILE_TMPDIR/$flavor.password")
        printf -- '- {name: %s, server: "127.0.0.1,%s", user: sa, password_file: %s, ca_file: %s}\n' "$flavor" "$SANDBOX_PORT" \
            "$BATS_FILE_TMPDIR/$flavor.password" "$SANDBOX_CA" >>"$BATS_FILE_TMPDIR/targets"
    done
    { echo targets: && sed 's/^/  /' "$BATS_FILE_TMPDIR/targets"; } >"$BATS_FILE_TMPDIR/fleet.yaml"
    for flavor in azure sql2019; do
        for command in $commands; do ask "$flavor" "$command" -o "$FILES/$flavor-$command.prom" || return; done
    done
}
teardown_file() { sandbox_stop_all; }

setup() { [ -z "${SSISMINER_TEST_SERVER:-}" ] || skip "two catalogs of its own"; }

# ask TARGET COMMAND [OPTION…]
ask() {
    local options=()
    case $2 in
    report | mine | duplicates | slow) options=(--since 60d --until now) ;;
    capacity) options=(--since 60d --until now --nodes 2 --parallel-per-node 4) ;;
    cleanup) options=(--keep 2d) ;;
    esac
    "$ssisminer" "$2" --config "$BATS_FILE_TMPDIR/fleet.yaml" --target "$1" "${options[@]}" --retry 0 --format prometheus "${@:3}"
}

# The samples of files, or of what an exporter says, sorted: labels in order, the empty ones left out.
samples() { grep -h '^ssisminer_' "$@" | python3 -c '
import re, sys
for line in sorted(sys.stdin):
    name, labels, value = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line.rstrip("\n")).groups()
    print(name, sorted(p for p in re.findall(r"(\w+)=(\"(?:[^\"\\]|\\.)*\")", labels or "") if p[1] != "\"\""), repr(float(value)))' | sort; }

# started LOG WORD PROGRAM…: on a port that is free, told in PORT; its process in PROCESS.
started() {
    local log=$1 word=$2
    shift 2
    for PORT in $(shuf -i 20000-30000 -n 20); do
        "${@//PORT/$PORT}" >"$log" 2>&1 3>&- &
        PROCESS=$!
        for _ in $(seq 1200); do
            ! grep -q "$word" "$log" || return 0
            kill -0 "$PROCESS" 2>/dev/null || break
            sleep 0.1
        done
        kill "$PROCESS" 2>/dev/null || true
    done
    cat "$log"
    return 1
}

@test "monitoring: promtool has nothing against any command's metrics, nor against all of them" {
    local file
    for file in "$FILES"/*.prom; do
        run promtool check metrics <"$file"
        echo "$file: $status $output"
        [ "$status" -eq 0 ]
        [ -z "$output" ]
    done
    run promtool check metrics < <(cat "$FILES"/azure-*.prom)
    [ -z "$output" ]
}

@test "monitoring: every series names server, database and target, and ends in no _count" {
    run grep -hvE '^#|^ssisminer_[a-z_0-9]+\{server="[^"]+",database="SSISDB",target="(azure|sql2019)"[,}]' "$FILES"/*.prom
    echo "$output"
    [ -z "$output" ]
    run grep -hE '^ssisminer_[a-z_0-9]*_count\{' "$FILES"/*.prom
    [ -z "$output" ]
}

@test "monitoring: a package's series tell its environments apart" {
    run python3 - "$FILES/azure-capacity.prom" <<'EOF'
import re, sys
found = re.findall(r'^ssisminer_capacity_package_started\{(.*)\} (\d+)$', open(sys.argv[1]).read(), re.M)
assert len(found) > 20 and len(found) == len(set(f[0] for f in found)), found
assert all('folder="' in f[0] and 'project="' in f[0] and 'package="' in f[0] for f in found), found
assert any('environment="' in f[0] for f in found), found
EOF
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "monitoring: each metric that is promised is there, with the same help in every file" {
    ask azure cleanup --execute --yes -o "$BATS_TEST_TMPDIR/executed.prom"
    "$ssisminer" scan tests/corpus/logs --format prometheus -o "$BATS_TEST_TMPDIR/scan.prom"
    run python3 - src/report/metrics.def "$BATS_TEST_TMPDIR"/*.prom "$FILES"/*.prom <<'EOF'
import collections, re, sys
text = re.sub(r'"\s*\n\s*"', '', open(sys.argv[1]).read())
promised = re.findall(r'METRIC\("([^"]*)",\s*"[^"]*",\s*"[^"]*",\s*"([^"]*)"', text)
assert len(promised) > 100
helps = collections.defaultdict(set)
for name in sys.argv[2:]:
    for metric, words in re.findall(r'^# HELP (\S+) (.*)$', open(name).read(), re.M):
        helps[metric].add(words)
missing = [(c, n) for c, n in promised
           if not any(re.fullmatch(f'ssisminer_{"[a-z]+" if c == "*" else c}_{n}', h) for h in helps)]
print("missing", missing)
print("differ", {m: h for m, h in helps.items() if len(h) > 1})
assert not missing and all(len(h) == 1 and len(next(iter(h))) > 15 for h in helps.values())
EOF
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "monitoring: node_exporter loses no sample of two catalogs side by side" {
    started "$BATS_TEST_TMPDIR/log" 'Listening on' prometheus-node-exporter --web.listen-address=127.0.0.1:PORT --collector.disable-defaults \
        --collector.textfile --collector.textfile.directory="$FILES"
    curl -sf "http://127.0.0.1:$PORT/metrics" >"$BATS_TEST_TMPDIR/page"
    kill "$PROCESS"
    grep -q '^node_textfile_scrape_error 0$' "$BATS_TEST_TMPDIR/page"
    run diff <(samples "$FILES"/*.prom) <(samples "$BATS_TEST_TMPDIR/page")
    echo "$output"
    [ "$status" -eq 0 ]
    run grep -iE 'inconsistent|error' "$BATS_TEST_TMPDIR/log"
    echo "$output"
    [ -z "$output" ]
}

@test "monitoring: the alerts fire, and only they, by promtool's own tests" {
    promtool check rules config/monitoring/ssisminer.rules.yml
    run promtool test rules tests/monitoring/alerts.yml
    echo "$output"
    [ "$status" -eq 0 ]
    # None is without a test.
    run python3 -c '
import re
names = set(re.findall(r"alert: (\w+)", open("config/monitoring/ssisminer.rules.yml").read()))
tested = set(re.findall(r"alertname: (\w+)", open("tests/monitoring/alerts.yml").read()))
assert names == tested, names ^ tested'
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "monitoring: what alerts and dashboard ask for is promised, and can be asked" {
    run python3 - "$BATS_TEST_TMPDIR/panels.yml" <<'EOF'
import json, re, sys
board = json.load(open("config/monitoring/grafana.json"))
asked = [t["expr"] for p in board["panels"] for t in p["targets"]]
assert len(asked) > 15
text = re.sub(r'"\s*\n\s*"', '', open("src/report/metrics.def").read())
promised = {f"ssisminer_{c}_{n}" for c, n in re.findall(r'METRIC\("([^"]*)",\s*"[^"]*",\s*"[^"]*",\s*"([^"]*)"', text)}
rules = open("config/monitoring/ssisminer.rules.yml").read()
used = set(re.findall(r"ssisminer_[a-z0-9_]+", " ".join(asked) + " ".join(re.findall(r"expr: (?:>-\n)?(.*)", rules))))
unknown = [u for u in used if u not in promised and re.sub(r"^ssisminer_[a-z]+_", "ssisminer_*_", u) not in promised and u != "ssisminer_"]
print("unknown", unknown)
assert not unknown
json.dump({"groups": [{"name": "panels", "rules": [{"record": f"panel{i}", "expr": re.sub(r"\$\w+", ".*", e)} for i, e in enumerate(asked)]}]}, open(sys.argv[1], "w"))
EOF
    echo "$output"
    [ "$status" -eq 0 ]
    promtool check rules "$BATS_TEST_TMPDIR/panels.yml"
}

@test "monitoring: Prometheus takes it in and fires what is wrong with these catalogs" {
    local exporter alerts
    started "$BATS_TEST_TMPDIR/log" 'Listening on' prometheus-node-exporter --web.listen-address=127.0.0.1:PORT --collector.disable-defaults \
        --collector.textfile --collector.textfile.directory="$FILES"
    exporter=$PROCESS
    cat >"$BATS_TEST_TMPDIR/prometheus.yml" <<EOF
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [$PWD/config/monitoring/ssisminer.rules.yml]
scrape_configs: [{job_name: textfile, static_configs: [{targets: ["127.0.0.1:$PORT"]}]}]
EOF
    started "$BATS_TEST_TMPDIR/prometheus.log" 'ready to receive' prometheus --config.file="$BATS_TEST_TMPDIR/prometheus.yml" \
        --storage.tsdb.path="$BATS_TEST_TMPDIR/data" --web.listen-address=127.0.0.1:PORT
    for _ in $(seq 900); do
        alerts=$(curl -sf "http://127.0.0.1:$PORT/api/v1/alerts")
        [[ $alerts != *SsisExecutionsFailed*SsisExecutionsFailed* || $alerts != *SsisDoctorFinding* ]] || break
        sleep 0.2
    done
    kill "$PROCESS" "$exporter"
    echo "$alerts"
    [[ $alerts == *'"alertname":"SsisExecutionsFailed"'*'"target":"azure"'* && $alerts == *'"target":"sql2019"'* ]]
    [[ $alerts == *SsisCriticalCause* && $alerts == *SsisTriggeredTwice* && $alerts == *SsisDoctorFinding* ]]
    [[ $alerts != *Silent* && $alerts != *NotAnswered* && $alerts != *SeesLittle* ]]
    run grep -iE 'level=error|duplicate|out-of-order' "$BATS_TEST_TMPDIR/prometheus.log"
    echo "$output"
    [ -z "$output" ]
}
