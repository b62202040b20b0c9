#!/usr/bin/env bats
# Connections that fail, or break: a clear error, the right exit code, in time, and never the password.
# Sandboxes only: each case needs a server that misbehaves in its own way.
# shellcheck disable=SC2154 # target.bash sets ssisminer; output, stderr and status come from run

bats_require_minimum_version 1.5.0
load target

setup_file() {
    is_live && return
    sandbox_start good --executions 20 --days 2
    export GOOD=127.0.0.1,$SANDBOX_PORT SQLCMDPASSWORD=$SANDBOX_PASSWORD
}
teardown_file() { sandbox_stop_all; }
setup() { sandbox_only "faults on demand"; }
teardown() { sandbox_stop_all_but_good; }

sandbox_stop_all_but_good() {
    [ -n "${MISBEHAVING:-}" ] && sandbox_stop "$MISBEHAVING"
    true
}

# misbehave [serve options…]: a server of its own; sets BAD.
misbehave() {
    sandbox_start bad --executions 20 --days 2 "$@"
    BAD=127.0.0.1,$SANDBOX_PORT MISBEHAVING=$SANDBOX_PID
}

# report STATUS SERVER [options…]: runs it; checks the status, the time and that nothing leaked.
report() {
    local wanted=$1 server=$2 start=$SECONDS
    shift 2
    run --separate-stderr "$ssisminer" report -S "$server" -U sa --since 60d --retry 0 "$@"
    echo "status $status after $((SECONDS - start)) s: $stderr"
    [ "$status" -eq "$wanted" ]
    [[ $stderr != *"$SQLCMDPASSWORD"* && $output != *"$SQLCMDPASSWORD"* ]]
    [ $((SECONDS - start)) -le 60 ] # what it would wait for otherwise is longer
}

said() { [[ $stderr == *"$1"* ]] || { echo "missing: $1"; return 1; }; }

@test "connection: verified by the given CA" {
    report 0 "$GOOD" --ca-file "$SANDBOX_CA" -v
    said "certificate verified with the given CA"
}

@test "connection: a certificate nobody vouches for is refused, with the way to trust it" {
    report 3 "$GOOD"
    said "is not trusted: its signer is not known here"
    said "--ca-file"
    report 0 "$GOOD" -C
    said "not verified"
}

@test "connection: a certificate for another name is refused" {
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other.example \
        -addext subjectAltName=DNS:other.example -keyout "$BATS_TEST_TMPDIR/key" \
        -out "$BATS_TEST_TMPDIR/cert" 2>/dev/null
    misbehave --cert "$BATS_TEST_TMPDIR/cert" --key "$BATS_TEST_TMPDIR/key"
    report 3 "$BAD" --ca-file "$BATS_TEST_TMPDIR/cert"
    said "the certificate of '127.0.0.1' is for another name"
}

@test "connection: encryption is not given up silently" {
    misbehave --tls off
    report 3 "$BAD" --ca-file "$SANDBOX_CA"
    said "offers no encryption"
    report 0 "$BAD" -N off
    said "not encrypted"
}

@test "connection: a server that demands encryption gets it, asked for or not" {
    misbehave --tls require --log "$BATS_TEST_TMPDIR/log"
    report 0 "$BAD" -N off
    grep -q '"encrypted":true' "$BATS_TEST_TMPDIR/log"
}

@test "connection: wrong password shows 18456" {
    SQLCMDPASSWORD=wrong-Secret-77 report 3 "$GOOD" --ca-file "$SANDBOX_CA"
    said "Login failed for user 'sa'"
    said "(error 18456)"
}

@test "connection: unknown database" {
    report 3 "$GOOD" --ca-file "$SANDBOX_CA" -d nowhere
    said "(error 4060)"
    said "-d"
}

@test "connection: host that is not known, port that refuses" {
    report 3 no-such-host.invalid
    said "host 'no-such-host.invalid' is not known"
    misbehave
    sandbox_stop "$MISBEHAVING"
    report 3 "$BAD"
    said "'$BAD' refused the connection"
}

@test "connection: a server that stays silent ends with the login time-out" {
    misbehave --fault stall@connect/every
    report 3 "$BAD" -l 3
    said "(login time-out 3 s)"
}

@test "connection: a login that never ends" {
    misbehave --fault stall@login/every
    report 3 "$BAD" -l 4 --ca-file "$SANDBOX_CA"
    said "did not finish within 4 s"
}

@test "connection: a server that closes at once, during the login, or talks nonsense" {
    local fault
    for fault in drop@connect drop@login garbage@login; do
        misbehave --fault "$fault/every"
        report 3 "$BAD" --ca-file "$SANDBOX_CA"
        said "$BAD"
        sandbox_stop "$MISBEHAVING"
    done
}

@test "connection: closed in the middle of a row, or nonsense there" {
    local fault
    for fault in drop@row=2/every garbage@row=2/every; do
        misbehave --fault "$fault"
        report 4 "$BAD" --ca-file "$SANDBOX_CA"
        said "the connection was lost"
        sandbox_stop "$MISBEHAVING"
    done
}

@test "connection: query time-out" {
    misbehave --fault stall@statement=2
    report 4 "$BAD" --ca-file "$SANDBOX_CA" -t 1
    said "the server sent nothing for 1 s"
}

@test "connection: what passes by itself is tried again, and said" {
    misbehave --fault error=40613@login,error=40197@statement=2,drop@statement=4
    report 0 "$BAD" --ca-file "$SANDBOX_CA" --retry 2 --retry-wait 1s
    said "(database not available); trying again in 1 s (1 of 2)"
    said "(service error while processing); trying again in 1 s (1 of 2)"
    said "(connection lost); trying again in 1 s (1 of 2)"
}

@test "connection: attempts are bounded" {
    misbehave --fault error=40501@login/every
    report 3 "$BAD" --ca-file "$SANDBOX_CA" --retry 1 --retry-wait 1s
    said "after 2 attempts: "
    said "(error 40501)"
}

@test "connection: what does not pass is not tried again" {
    misbehave --fault error=40615@login/every
    report 3 "$BAD" --ca-file "$SANDBOX_CA" --retry 5 --retry-wait 10s
    [[ $stderr != *"trying again"* ]]
    said "(error 40615)"
    said "firewall"
}

@test "connection: SIGINT and SIGTERM end a running statement at once" {
    local signal wanted start pid
    for signal in INT TERM; do
        misbehave --fault stall@statement=3
        wanted=$([ $signal = INT ] && echo 130 || echo 143)
        "$ssisminer" report -S "$BAD" -U sa --ca-file "$SANDBOX_CA" --since 60d -t 300 2>"$BATS_TEST_TMPDIR/err" 3>&- &
        pid=$!
        until_said "$SANDBOX_ERR" strikes
        start=$SECONDS status=0
        kill "-$signal" "$pid"
        wait "$pid" || status=$?
        stderr=$(cat "$BATS_TEST_TMPDIR/err")
        echo "$status: $stderr"
        [ "$status" -eq "$wanted" ]
        said "stopped by SIG$signal"
        [ $((SECONDS - start)) -le 60 ]
        sandbox_stop "$MISBEHAVING"
    done
}

@test "connection: FreeTDS without an entry in odbcinst.ini, and its environment" {
    mkdir "$BATS_TEST_TMPDIR/etc" "$BATS_TEST_TMPDIR/tmp"
    : >"$BATS_TEST_TMPDIR/etc/odbcinst.ini"
    ODBCSYSINI=$BATS_TEST_TMPDIR/etc TDSHOST=127.9.9.9 TDSPORT=9 TDSVER=auto \
        report 0 "$GOOD" --ca-file "$SANDBOX_CA"
    # nothing is left behind, whatever the end
    TMPDIR=$BATS_TEST_TMPDIR/tmp "$ssisminer" report -S "$GOOD" -U sa --ca-file "$SANDBOX_CA" >/dev/null
    TMPDIR=$BATS_TEST_TMPDIR/tmp run "$ssisminer" report -S "$GOOD" -U sa
    [ "$status" -eq 3 ]
    [ -z "$(ls -A "$BATS_TEST_TMPDIR/tmp")" ]
}

@test "connection: an ODBC data source" {
    printf '[here]\nDriver=FreeTDS\nServer=127.0.0.1\nPort=%s\nTDS_Version=7.4\n' "${GOOD#*,}" >"$BATS_TEST_TMPDIR/odbc.ini"
    ODBCINI=$BATS_TEST_TMPDIR/odbc.ini run --separate-stderr "$ssisminer" report --dsn here -U sa --since 60d
    echo "$stderr"
    [ "$status" -eq 0 ]
    ODBCINI=$BATS_TEST_TMPDIR/odbc.ini run --separate-stderr "$ssisminer" report --dsn nowhere -U sa --since 60d
    [ "$status" -eq 3 ]
    said "cannot connect to data source 'nowhere'"
}

@test "connection: passwords of every kind arrive" {
    local password
    for password in 'a}b{c=d e' 'semi;colon' ' outer blanks ' "quote'\"s" 'pä€😀ss'; do
        SANDBOX_PASSWORD=$password misbehave
        SQLCMDPASSWORD=$password report 0 "$BAD" --ca-file "$SANDBOX_CA"
        sandbox_stop "$MISBEHAVING"
    done
}

@test "connection: what the driver cannot do is said before connecting" {
    report 2 "$GOOD" -N strict --relay never
    said "strict encryption needs FreeTDS 1.5"
    report 2 "$GOOD" -N strict -C
    said "always verifies"
    report 2 "$GOOD" -G
    said "--authentication=ActiveDirectoryPassword needs a person"
    said "ActiveDirectoryAzCli"
    report 2 "$GOOD" -G -C
    said "no token is sent to a server whose certificate is not verified"
    report 2 "$GOOD" --ca-file /no/such.pem
    said "cannot read the CA file '/no/such.pem'"
    report 2 'host:1433'
    said "the port follows a comma"
    report 3 "$GOOD" --driver 'No Such Driver'
    said "no ODBC driver 'No Such Driver'"
}

# Which number, and what its hint must say.
login_errors="976|listener 978|--read-only 983|failing over 15517|ALTER AUTHORIZATION 18452|SQL login 18456|state number
4060|-d 40532|server name 40615|firewall 40914|subnet 33134|Entra 40613|waking up 47073|private endpoint 18401|upgraded"

@test "field-R5: what a login is refused for comes with what to do" {
    local number words
    while IFS='|' read -r number words; do
        misbehave --fault "error=$number@login/every"
        report 3 "$BAD" --ca-file "$SANDBOX_CA"
        said "(error $number)"
        said "hint: "
        said "$words"
        sandbox_stop "$MISBEHAVING"
    done < <(sed -E 's/ ([0-9]{3,5}\|)/\n\1/g' <<<"$login_errors")
}

@test "field-R5: a database that wakes up is waited for" {
    misbehave --fault error=40613@login=1,error=40613@login=2,error=983@login=3
    report 0 "$BAD" --ca-file "$SANDBOX_CA" --retry 3 --retry-wait 10ms
    said "(database not available); trying again"
    said "(replica is resolving its role); trying again"
}

@test "field-R6: -E without a ticket names Kerberos, not the certificate" {
    KRB5CCNAME=FILE:$BATS_TEST_TMPDIR/none run --separate-stderr "$ssisminer" report -E -S "$GOOD" \
        --ca-file "$SANDBOX_CA" --since 60d
    echo "$status: $stderr"
    [ "$status" -eq 3 ]
    said "the Kerberos login (-E)"
    said "klist"
    [[ $stderr != *certificate* ]]
}

@test "field-P4: credentials that cannot be read give the reason" {
    local folder=$BATS_TEST_TMPDIR/credentials as=()
    mkdir -p "$folder"
    echo secret >"$folder/ssisminer-password"
    chmod 000 "$folder/ssisminer-password" "$folder"
    [ "$(id -u)" -ne 0 ] || as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    chmod 755 "$BATS_TEST_TMPDIR"
    [ "$(id -u)" -ne 0 ] || "${as[@]}" test -x "$ssisminer" || skip "nobody may not run the program here"
    (
        unset SQLCMDPASSWORD
        CREDENTIALS_DIRECTORY=$folder exec "${as[@]}" "$ssisminer" report -S "$GOOD" -U sa
    ) >"$BATS_TEST_TMPDIR/out" 2>&1 && status=0 || status=$?
    cat "$BATS_TEST_TMPDIR/out"
    chmod 755 "$folder"
    [ "$status" -eq 2 ]
    grep -q "$folder/ssisminer-password.*Permission denied" "$BATS_TEST_TMPDIR/out"
}

has_open() { [[ $(readlink /proc/"$1"/fd/* 2>/dev/null) == *"$2"* ]]; } # PID FILE

@test "connection: a password that is yet to come through a pipe is waited for, and a stop is not" {
    local fifo=$BATS_TEST_TMPDIR/fifo pid ended option
    mkfifo "$fifo"
    for option in "--password-file $fifo -U sa" "--token-file $fifo" "--config $fifo"; do
        ended=0
        # shellcheck disable=SC2086 # the options are words
        "$ssisminer" report -S "$GOOD" --ca-file "$SANDBOX_CA" $option 2>"$BATS_TEST_TMPDIR/err" 3>&- &
        pid=$!
        until_so has_open "$pid" "$fifo"
        kill -INT "$pid"
        wait "$pid" || ended=$?
        echo "$option: $ended: $(cat "$BATS_TEST_TMPDIR/err")"
        [ "$ended" -eq 130 ]
    done
    (sleep 1 && printf '%s' "$SQLCMDPASSWORD" >"$fifo") 3>&- &
    env -u SQLCMDPASSWORD "$ssisminer" report -S "$GOOD" -U sa --ca-file "$SANDBOX_CA" --password-file "$fifo"
}

# few NUMBER COMMAND…: with that many file descriptors, of which 0 to 2 are used.
few() {
    local limit=$1
    shift
    run --separate-stderr python3 -c '
import os, resource, sys
os.closerange(3, 1024)
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), int(sys.argv[1])))
os.execv(sys.argv[2], sys.argv[2:])' "$limit" "$@"
    echo "$limit: $status: $stderr"
}

@test "connection: too few file descriptors are told, with the limit to raise; those it asks for are enough" {
    local limit how
    for how in "" "--relay never" "-N strict" "-N off"; do
        for limit in 8 10 12 14; do
            # shellcheck disable=SC2086 # the options are words
            few "$limit" "$ssisminer" report -S "$GOOD" -U sa --ca-file "$SANDBOX_CA" --since 60d --retry 0 $how
            [ "$status" -eq 3 ]
            said "Too many open files"
            said "ulimit -n"
        done
        # shellcheck disable=SC2086 # the options are words
        few 20 "$ssisminer" report -S "${GOOD/127.0.0.1/localhost}" -U sa --ca-file "$SANDBOX_CA" --since 60d --retry 0 $how
        [ "$status" -eq 0 ]
    done
}
