#!/usr/bin/env bats
# --notify and `notify`: webhooks and mail to services on loopback that a test scripts (notify_service.py).
# shellcheck disable=SC2154 # target.bash sets ssisminer; output, stderr and status come from run

bats_require_minimum_version 1.5.0
load target

setup_file() {
    is_live && return
    target_start --executions 200
    export SERVICE=$BATS_FILE_TMPDIR/service CA=$SANDBOX_CA
    mkdir "$SERVICE"
    cp "$SANDBOX_CA" "$SERVICE/server.pem"
    cp "${SANDBOX_CA%cert.pem}key.pem" "$SERVICE/server.key"
    /usr/bin/python3 "$BATS_TEST_DIRNAME/notify_service.py" "$SERVICE" >"$SERVICE/out" 2>&1 3>&- &
    echo $! >"$SERVICE/pid"
    until_so test -e "$SERVICE/ready" || { cat "$SERVICE/out" >&2 && return 1; }
}
teardown_file() {
    target_stop
    [ ! -s "${SERVICE:-}/pid" ] || kill "$(cat "$SERVICE/pid")"
}
teardown() { true; } # the file's server serves every test

setup() {
    sandbox_only "services that a test scripts"
    # shellcheck source=/dev/null
    . "$SERVICE/ports"
    rm -f "$SERVICE/log" "$SERVICE/script.json"
    cd "$BATS_TEST_TMPDIR" || return
    BUILD=$(cd - >/dev/null && realpath "$BUILD")
    ssisminer=$BUILD/ssisminer
    printf 'http://localhost:%s/services/s3cret-Path?sig=s3cret-Key\n' "$HTTP" >http.url
    printf 'https://localhost:%s/services/s3cret-Path?sig=s3cret-Key\n' "$HTTPS" >https.url
    printf 'http://localhost:%s/s3cret-Path\n' "$DEAD" >dead.url
    printf 'http://localhost:%s/s3cret-Path\n' "$MUTE" >mute.url
    echo 'pass-Word of mail' >password
    cat >c.yaml <<CONFIG
notify:
  - {name: ops, type: teams, url_file: http.url, retry_wait: 10ms}
  - {name: chat, type: slack, url_file: http.url, retry_wait: 10ms, when: critical}
  - {name: bot, type: json, url_file: http.url, retry_wait: 10ms}
  - {name: safe, type: json, url_file: https.url, ca_file: "$CA", retry: 0}
  - {name: unsafe, type: json, url_file: https.url}
  - {name: dead, type: json, url_file: dead.url, retry: 1, retry_wait: 10ms}
  - {name: mute, type: json, url_file: mute.url, timeout: 1s, retry: 0}
  - {name: news, type: json, url_file: http.url, when: new}
  - {name: fromenv, type: json, url_env: MY_HOOK}
  - {name: dba, type: mail, server: "localhost:$STARTTLS", ca_file: "$CA", user: ssis, password_file: password,
     from: ssis@example.com, to: [dba@example.com, night@example.com], retry_wait: 10ms}
  - {name: wrapped, type: mail, server: "localhost:$SMTPS", tls: tls, ca_file: "$CA", from: a@example.com, to: b@example.com}
  - {name: local, type: mail, server: "localhost:$SMTP", tls: none, from: a@example.com,
     to: [gone@example.com, b@example.com], retry_wait: 10ms}
CONFIG
    export SSISMINER_CONFIG=$PWD/c.yaml
}

answers() {
    rm -f "$SERVICE/heard"
    echo "$1" >"$SERVICE/script.json"
    kill -HUP "$(cat "$SERVICE/pid")"
    until_so test -e "$SERVICE/heard"
}
was_told() { [ "$(told)" -gt 0 ]; }
told() { [ -s "$SERVICE/log" ] || { echo 0; return; }; wc -l <"$SERVICE/log"; }
# got EXPRESSION: on the messages m that came in (n: the last one's body as JSON, mail: as a mail).
got() {
    /usr/bin/python3 -c '
import email, email.policy, json, sys
m = [json.loads(line) for line in open(sys.argv[1])]
n = json.loads(m[-1]["body"]) if m[-1]["body"][:1] == "{" else None
mail = email.message_from_string(m[-1]["body"], policy=email.policy.default) if n is None else None
print(eval(sys.argv[2]))' "$SERVICE/log" "$1"
}
is() { local found; found=$(got "$1"); [ "$found" = "$2" ] || { echo "$1: $found, not $2"; return 1; }; }
# tell STATUS COMMAND…: on the server, and nothing secret is said.
tell() {
    local wanted=$1
    shift
    run --separate-stderr mine "$@"
    echo "status $status: $stderr"
    [ "$status" -eq "$wanted" ]
    [[ $stderr$output != *s3cret* && $stderr$output != *pass-Word* ]]
}
said() { [[ $stderr == *"$1"* ]] || { echo "missing: $1 in $stderr"; return 1; }; }

@test "notify: a finding goes to each kind of webhook, and changes nothing of the answer" {
    tell 0 report --since 5d --until 1s
    local plain=$output
    tell 0 report --since 5d --until 1s --notify ops,chat,bot
    [ "$(sed 2d <<<"$output")" = "$(sed 2d <<<"$plain")" ] # the second line has the time
    [ -z "$stderr" ]
    is 'len(m)' 3
    is '[x["path"] for x in m] == ["/services/s3cret-Path?sig=s3cret-Key"] * 3' True
    is 'json.loads(m[0]["body"])["attachments"][0]["content"]["type"]' AdaptiveCard
    is 'json.loads(m[1]["body"])["blocks"][0]["type"]' rich_text
    is 'm[0]["headers"]["Content-Type"]' "application/json; charset=utf-8"
    is 'n["level"], n["exit_code"], n["command"], n["facts"]["failed_executions"] > 0' "('critical', 0, 'report', True)"
    is 'n["headline"] in json.loads(m[1]["body"])["text"]' True
    [[ $(got 'n["more"]') == "ssisminer report --since "*Z" --until "*Z" --all" ]]
}

@test "notify: nothing found, nothing told; always is always" {
    tell 0 report --since 2001-01-01 --until 2001-01-02 --notify ops,chat,dead --notify-when critical
    [ "$(told)" -eq 0 ]
    tell 0 report --since 2001-01-01 --until 2001-01-02 --notify bot
    [ "$(told)" -eq 0 ]
    tell 0 report --since 2001-01-01 --until 2001-01-02 --notify bot --notify-when always
    is 'n["level"], n["headline"][:14]' "('none', 'Nothing failed')"
}

@test "notify: levels mean what --fail-on means by them" {
    local level
    for level in any warning error critical; do
        rm -f "$SERVICE/log"
        run mine running --since 5d --fail-on "$level"
        local verdict=$status
        tell 0 running --since 5d --notify bot --notify-when "$level"
        [ "$(told)" -eq "$verdict" ]
    done
    tell 1 report --since 5d --fail-on error --notify bot
    is 'n["exit_code"]' 1
}

@test "notify: what is new is told once, and stays new until it was told" {
    mine report --since 5d --until 1d --state state >/dev/null
    sed -i 's#url_file: http.url, when: new#url_file: dead.url, retry: 0, when: new#' c.yaml
    tell 0 report --since 5d --state state --notify news
    said "channel 'news' was not told: 'http://localhost:$DEAD'"
    said "what is new is new for the next run, too"
    sed -i 's#url_file: dead.url, retry: 0, when: new#url_file: http.url, when: new#' c.yaml
    tell 1 report --since 5d --state state --fail-on new --notify news
    is 'n["has_new"]' True
    [ -z "$stderr" ]
    tell 0 report --since 5d --state state --fail-on new --notify news
    [ "$(told)" -eq 1 ]
}

@test "notify: who wants to know what is new needs a state" {
    tell 2 report --notify news
    said "channel 'news' wants to know what is new, which needs --state"
    tell 2 capacity --notify news
    said "'capacity' keeps no state"
    said "--notify-when"
    tell 0 capacity --since 5d --notify news --notify-when always
    is 'n["command"]' capacity
}

@test "notify: what may pass is tried again, in time" {
    answers '{"http": ["500", "429 1", "reset", "202"]}'
    tell 0 report --since 5d --notify bot
    [ -z "$stderr" ]
    is 'len(m), m[2]["at"] - m[1]["at"] >= 1' "(4, True)"
    answers '{"http": ["503", "503", "503", "503", "503"]}'
    tell 0 report --since 5d --notify bot
    said "channel 'bot' was not told: the webhook refused the message (503: no <b>thanks</b>\\x1B[31m)"
    is 'len(m)' 8
    answers '{"http": ["429 3600"]}'
    tell 0 report --since 5d --notify bot
    said "it asks to wait for 3600 s, and has not that long"
}

@test "notify: what will not pass is told at once, with what to do" {
    answers '{"http": ["404", "302", "400"]}'
    tell 0 report --since 5d --notify ops,chat,bot
    said "channel 'ops' was not told: the webhook refused the message (404: no <b>thanks</b>\\x1B[31m); the webhook is gone"
    said "channel 'chat' was not told: the webhook answered with a redirect (302), which is not followed"
    said "channel 'bot' was not told: the webhook refused the message (400"
    is 'len(m)' 3
}

@test "notify: a server that hangs or is not there costs its time, and changes no exit code" {
    local start=$SECONDS
    tell 1 report --since 5d --fail-on error --notify mute,dead
    [ $((SECONDS - start)) -le 60 ]
    said "channel 'mute' was not told: 'http://localhost:$MUTE': "
    said "channel 'dead' was not told: 'http://localhost:$DEAD': "
}

@test "notify: a certificate has to be vouched for" {
    tell 0 report --since 5d --notify safe,unsafe
    is '[x["service"] for x in m]' "['https']"
    said "channel 'unsafe' was not told: 'https://localhost:$HTTPS': SSL certificate problem"
    said "or by ca_file"
    SSL_CERT_FILE=$CA tell 0 report --since 5d --notify unsafe
    [ -z "$stderr" ]
    sed -i 's#localhost#not.localhost#' https.url # this machine, by a name that the certificate has not
    tell 0 report --since 5d --notify safe
    said "channel 'safe' was not told: 'https://not.localhost:$HTTPS': SSL: no alternative certificate subject name matches"
    is 'len(m)' 2
}

@test "notify: SIGTERM ends the wait for another try, and the run is as it ended" {
    answers '{"http": ["500", "500"]}'
    sed -i 's#retry_wait: 10ms}#retry_wait: 50s}#' c.yaml
    # shellcheck disable=SC2086 # the options are words
    "$ssisminer" report $TARGET_OPTIONS --since 5d --notify bot >out 2>err 3>&- &
    local pid=$! ended=0
    until_so was_told
    kill -TERM "$pid"
    wait "$pid" || ended=$?
    cat err
    [ "$ended" -eq 0 ] # else it would say that it was refused
    grep -q "channel 'bot' was not told: stopped by SIGTERM" err
    [ -s out ]
}

@test "notify: secrets are seen by nobody: arguments, environments, cores, output" {
    answers '{"http": ["hang"]}'
    MY_HOOK=$(cat http.url) "$ssisminer" report --sandbox --sandbox-executions 100 --notify fromenv -v >out 2>err 3>&- &
    local pid=$! child
    until_so pgrep -P "$pid" -f ssisminer-sandbox
    child=$(pgrep -P "$pid" -f ssisminer-sandbox)
    # What is not readable is not seen either: no process of this user may look into it.
    run ! grep -aq s3cret "/proc/$child/environ" "/proc/$child/cmdline" "/proc/$pid/cmdline"
    run ! grep -aqs s3cret "/proc/$pid/environ"
    until_so was_told
    run ! grep -aqs s3cret "/proc/$pid/environ"
    kill -TERM "$pid"
    wait "$pid" || true
    run ! grep -q s3cret out err
    is 'm[0]["path"]' "/services/s3cret-Path?sig=s3cret-Key"
    run --separate-stderr "$ssisminer" config --format json
    [[ $output == *'"ops"'* && $output$stderr != *s3cret* ]]
    run --separate-stderr "$ssisminer" notify --format json
    [[ $output == *'"secret_from":"variable MY_HOOK"'* && $output$stderr != *s3cret* ]]
}

@test "notify: systemd's credential is the secret of a channel without another" {
    mkdir credentials
    cp http.url credentials/ssisminer-notify-bot
    sed -i 's#{name: bot, type: json, url_file: http.url,#{name: bot, type: json,#' c.yaml
    CREDENTIALS_DIRECTORY=$PWD/credentials tell 0 report --since 5d --notify bot
    is 'len(m)' 1
    tell 2 report --since 5d --notify bot
    said "channel 'bot': it names no place of its url"
    said "ssisminer-notify-bot"
}

@test "notify: a slip is one error before anything is done" {
    local words
    for words in "opps|no channel is called 'opps'" "fromenv|channel 'fromenv': variable MY_HOOK is not set"; do
        run --separate-stderr "$ssisminer" cleanup --execute --yes -S 127.0.0.1,1 -U sa --notify "${words%%|*}"
        [ "$status" -eq 2 ]
        [[ $stderr == "ssisminer: error: ${words#*|}"* ]]
        [ "$(grep -c 'error:' <<<"$stderr")" -eq 1 ]
    done
    said MY_HOOK
    echo 'http://example.com/s3cret' >http.url
    tell 2 report --notify ops
    said "channel 'ops': its URL may not be used: without TLS only this machine may be told"
    echo '  - {name: x, type: pager}' >>c.yaml
    run --separate-stderr "$ssisminer" scan /dev/null # whoever is to be told
    [ "$status" -eq 2 ]
    said "c.yaml:"
    said "notify: type: 'pager' is none of teams|slack|json|mail"
    SSISMINER_CONFIG=/dev/null run --separate-stderr mine report --notify ops
    [ "$status" -eq 2 ]
    said "the configuration has none"
}

@test "notify: mail by STARTTLS, with a login, as html and as text" {
    tell 0 report --since 5d --notify dba
    [ -z "$stderr" ]
    is 'm[0]["is_tls"], m[0]["user"], m[0]["sender"], m[0]["to"]' \
        "(True, 'ssis', 'ssis@example.com', ['dba@example.com', 'night@example.com'])"
    is 'mail.get_content_type(), [p.get_content_type() for p in mail.iter_parts()]' \
        "('multipart/alternative', ['text/plain', 'text/html'])"
    is 'mail["subject"].startswith("[ssisminer] critical: ") and "/SSISDB" in mail["subject"]' True
    is 'mail["auto-submitted"], mail["to"]' "('auto-generated', 'dba@example.com, night@example.com')"
    is '"all of it: ssisminer report --since" in mail.get_body(("plain",)).get_content()' True
    is '"<h2 class=\"section\">Why</h2>" in mail.get_body(("html",)).get_content()' True
    is 'mail.defects + [d for p in mail.iter_parts() for d in p.defects]' "[]"
}

@test "notify: mail by TLS from the first byte, and without any to this machine" {
    tell 0 report --since 5d --notify wrapped,local
    is '[x["service"] for x in m], m[1]["to"]' "(['smtps', 'smtp'], ['b@example.com'])"
    said "channel 'local' was told, but not to all of them: 'localhost:$SMTP' refused the mail (550 5.1.1 no such user here)"
}

@test "notify: a mail server that is busy is asked again; a wrong password is told" {
    answers '{"data": ["451 4.3.0 later"]}'
    tell 0 report --since 5d --notify dba
    [ -z "$stderr" ]
    is 'len(m)' 2
    echo wrong >password
    tell 0 report --since 5d --notify dba
    said "channel 'dba' was not told: 'localhost:$STARTTLS' refused the mail (535 5.7.8"
    said "see the channel's user and password"
    sed -i "s#server: \"localhost:$SMTP\", tls: none#server: \"localhost:$SMTP\", tls: starttls#" c.yaml
    tell 0 report --since 5d --notify local
    said "channel 'local' was not told: 'localhost:$SMTP': "
    said "STARTTLS"
}

@test "notify: several targets make one message, which says who failed" {
    cat >>c.yaml <<CONFIG
defaults: {user: sa, ca_file: "$CA", retry: 0}
targets:
  - {name: first, server: "$TARGET"}
  - {name: second, server: "$TARGET"}
  - {name: broken, server: "127.0.0.1,1"}
CONFIG
    run --separate-stderr "$ssisminer" report --since 5d --target all --notify bot,dba --state state
    echo "$stderr"
    [ "$status" -eq 3 ]
    is 'len(m)' 2
    is 'mail["subject"]' "[ssisminer] critical: 3 targets: 1 not connected, 2 answered"
    is 'json.loads(m[0]["body"])["targets"]' "['first', 'second', 'broken']"
    is 'json.loads(m[0]["body"])["error"]' "of 3 targets 1 not connected"
    is 'json.loads(m[0]["body"])["more"].split(" --since")[0]' "ssisminer report --target all"
    is '[s["rows"][0]["target"] for s in json.loads(m[0]["body"])["sections"] if s["key"] == "says"]' "['broken']"
    rm "$SERVICE/log"
    run "$ssisminer" report --since 5d --target first,second --notify news --state state
    [ "$status" -eq 0 ]
    [ "$(told)" -eq 0 ] # what the run before told was kept for both of them
    run "$ssisminer" report --since 5d --target first --notify bot
    is 'n["headline"][-9:], n["targets"]' "('succeeded', ['first'])"
}

@test "notify: cleanup tells what went, what remains and what failed" {
    sandbox_start other --executions 200 --days 90
    export SQLCMDPASSWORD=$SANDBOX_PASSWORD
    TARGET_OPTIONS="-S 127.0.0.1,$SANDBOX_PORT -U sa --ca-file $SANDBOX_CA"
    tell 0 cleanup --keep 30d --notify bot
    is 'n["level"], n["facts"]["executed"]' "('info', False)"
    cut_short 30 1 run --separate-stderr mine cleanup --execute --yes --keep 60d --batch-rows 50 --notify bot --notify-when warning
    [ "$status" -eq 6 ]
    is 'n["level"], n["exit_code"], n["has_failed"], n["headline"][:27]' "('warning', 6, False, 'Stopped early (time limit):')"
    is '" remain" in n["headline"], n["error"][:13]' "(True, 'stopped early')"
    is 'n["more"]' None
    tell 0 cleanup --execute --yes --keep 30d --notify bot
    is '" deleted with " in n["headline"], n["facts"]["deleted_operations"] > 0' "(True, True)"
    local before
    before=$(told)
    tell 0 cleanup --execute --yes --keep 30d --notify bot
    [ "$(told)" -eq "$before" ] # nothing was left to delete
    TARGET_OPTIONS=${TARGET_OPTIONS/-U sa/-U nobody}
    tell 5 cleanup --execute --yes --keep 30d --notify bot --notify-when critical
    is 'n["level"], n["has_failed"], "nobody" in n["error"]' "('error', True, True)"
    TARGET_OPTIONS="-S 127.0.0.1,1 -U sa --retry 0"
    tell 3 cleanup --execute --yes --keep 30d --notify bot,dba
    is '"refused the connection" in mail.get_body(("plain",)).get_content()' True
    sandbox_stop "$SANDBOX_PID"
}

@test "notify: a capture tells how it ended, and an answer from one names its file" {
    tell 0 capture -o a.db --notify bot
    [ "$(told)" -eq 0 ] # there is nothing that anybody has to know
    tell 0 capture -o a.db --notify bot --notify-when always
    is 'n["command"], n["level"], n["more"]' "('capture', 'none', None)"
    run --separate-stderr "$ssisminer" report --from a.db --since 5d --notify bot
    echo "$stderr"
    [ "$status" -eq 0 ]
    is 'n["more"][:37]' "ssisminer report --from a.db --since "
}

@test "notify: what a log says stays text in every message" {
    printf '%s\n' "Error: 2026-11-22 03:04:05 <script>alert(1)</script> <!channel> *x* [y](javascript:1) {{DATE(2017-02-14T06:00:00Z)}} & \"q\"" \
        "   Code: 0xC0047062" >log.txt
    run --separate-stderr "$ssisminer" scan log.txt --notify ops,chat,bot,dba --notify-when always
    echo "$stderr"
    [ "$status" -eq 0 ]
    is 'len(m)' 4
    is '"{{" in m[0]["body"], "\"TextBlock\"" in m[0]["body"]' "(False, False)"
    is '"<!channel>" in json.loads(m[1]["body"])["text"]' False
    is '"<script>" in mail.get_body(("html",)).get_content()' False
    is 'json.loads(m[2]["body"])["more"]' "ssisminer scan --all log.txt"
    run --separate-stderr "$ssisminer" scan --format ndjson log.txt --notify bot --notify-when always
    is 'len(m), n["command"]' "(5, 'scan')"
}

@test "notify: a channel can be tried" {
    run --separate-stderr "$ssisminer" notify
    [ "$status" -eq 0 ]
    [[ $output == *"ops"*"teams"* && $output != *s3cret* ]]
    run --separate-stderr "$ssisminer" notify ops dba safe
    echo "$output$stderr"
    [ "$status" -eq 0 ]
    is 'len(m), "test of channel" in m[0]["body"], json.loads(m[2]["body"])["is_test"]' "(3, True, True)"
    run --separate-stderr "$ssisminer" notify ops dead
    [ "$status" -eq 3 ]
    [[ $output == *"dead"*"no "*"localhost:$DEAD"* ]]
    said "1 of 2 channels was not told"
    run --separate-stderr "$ssisminer" notify somebody
    [ "$status" -eq 2 ]
}
