#!/usr/bin/env bats
# What answers advise, tried on the server that they were given for: the right user, the right grant
# for this version, and a run that goes on where the server does not tell. On sandboxes of its own.
# shellcheck disable=SC2154 # target.bash sets ssisminer and stderr comes from run

load target

setup() { sandbox_only "be given logins and other versions"; }

# begin NAME FLAVOR [options…]: a sandbox with little in it.
begin() {
    local name=$1 flavor=$2
    shift 2
    sandbox_start "$name" --flavor "$flavor" --days 6 --executions 60 "$@"
}

# as LOGIN COMMAND …: ssisminer on the sandbox started last.
as() {
    local login=$1 command=$2
    shift 2
    SQLCMDPASSWORD=$SANDBOX_PASSWORD "$ssisminer" "$command" -S "127.0.0.1,$SANDBOX_PORT" -U "$login" --ca-file "$SANDBOX_CA" "$@"
}

# tell STATEMENT [LOGIN] [DATABASE]: sends it; false, with the messages, when it is refused.
tell() {
    printf '%s\ngo\n' "$1" | TDSVER=7.4 timeout 60 tsql -H 127.0.0.1 -p "$SANDBOX_PORT" -U "${2:-sa}" -P "$SANDBOX_PASSWORD" \
        -D "${3:-SSISDB}" >"$BATS_TEST_TMPDIR/told" 2>&1
    ! grep '^Msg' "$BATS_TEST_TMPDIR/told"
}

# login NAME USER: a login, and a user of another name for it.
login() {
    tell "CREATE LOGIN [$1] WITH PASSWORD = N'$SANDBOX_PASSWORD'" sa master
    tell "CREATE USER [$2] FOR LOGIN [$1]"
}

# follow FILE: sends each line to where it says it belongs, as the owner or administrator.
follow() {
    local statement database
    while read -r statement; do
        database=SSISDB
        [[ $statement != *"in database master"* ]] || database=master
        echo "follows: $statement"
        tell "$statement" sa $database
    done <"$1"
}

grants_of() { # of the plan in $output
    json '"\n".join(g["statement"] for g in r["grants"])' | grep -v '^$' || true
}

warnings() { json '"\n".join(r["warnings"])'; }

@test "remedies: field-C6: hints name the user of the database, not the login" {
    local flavor command
    for flavor in azure sql2019 sql2012; do
        begin "c6-$flavor" $flavor
        login lr 'log]]reader'
        for command in report doctor mine slow capacity duplicates; do
            run --separate-stderr as lr $command
            echo "$flavor $command: $stderr"
            [ "$status" -eq 5 ]
            [[ $stderr == *"ADD MEMBER [log]]reader];"* ]]
        done
        sed -n 's/^hint: a database owner can grant it: //p' <<<"$stderr" >"$BATS_TEST_TMPDIR/hint.sql"
        follow "$BATS_TEST_TMPDIR/hint.sql"
        as lr report >"$BATS_TEST_TMPDIR/out"

        login cl cleaner
        run --separate-stderr as cl cleanup --format json
        [ "$status" -eq 5 ]
        [[ $stderr == *" TO [cleaner];"* ]]
        grants_of >"$BATS_TEST_TMPDIR/grants.sql"
        [ -z "$(grep -F '[cl]' "$BATS_TEST_TMPDIR/grants.sql" | grep -v '^USE master;')" ]
        follow "$BATS_TEST_TMPDIR/grants.sql"
        output=$(as cl cleanup --format json)
        [ -z "$(grants_of)" ]
        sandbox_stop "$SANDBOX_PID"
    done
}

@test "remedies: field-C10: what cannot be seen is said, with the grant of this server" {
    local flavor
    for flavor in sql2012 sql2019 sql2022 managed azure small; do
        begin "c10-$flavor" "${flavor/small/azure}"
        [ $flavor != small ] || tell "UPDATE sandbox.limits SET is_small_tier = 1"
        output=$(as deleter cleanup --keep 4d --format json)
        echo "$flavor: $output"
        [[ $(warnings) == *"sizes are unknown, and a run will not wait for a busy server"* ]]
        [[ $(warnings) == *"sees no session but its own: whom it blocks it cannot see"* ]]
        grants_of >"$BATS_TEST_TMPDIR/grants.sql"
        case $flavor in
        sql2022)
            grep -qx 'GRANT VIEW DATABASE PERFORMANCE STATE TO \[deleter\];' "$BATS_TEST_TMPDIR/grants.sql"
            grep -q '^USE master; GRANT VIEW SERVER PERFORMANCE STATE TO \[deleter\];' "$BATS_TEST_TMPDIR/grants.sql" ;;
        azure) [ "$(grep -c STATE "$BATS_TEST_TMPDIR/grants.sql")" = 1 ] ;;
        small) grep -q '^ALTER SERVER ROLE \[##MS_ServerStateReader##\] ADD MEMBER' "$BATS_TEST_TMPDIR/grants.sql" ;;
        *) grep -q '^USE master; GRANT VIEW SERVER STATE TO \[deleter\];' "$BATS_TEST_TMPDIR/grants.sql" ;;
        esac
        if [[ $flavor = sql* || $flavor = managed ]]; then
            # The right of the database alone shows no session: SQL Server leaves them out in silence.
            tell "GRANT VIEW DATABASE STATE TO [deleter]"
            output=$(as deleter cleanup --keep 4d --format json)
            [[ $(warnings) != *"sizes are unknown"* ]]
            output=$(as deleter cleanup --keep 4d --execute --yes --format json)
            [[ $(warnings) == *"whom it blocks it cannot see, and the run did not wait for them"* ]]
        fi
        follow "$BATS_TEST_TMPDIR/grants.sql"
        output=$(as deleter cleanup --keep 2d --execute --yes --format json)
        [[ $(warnings) != *"cannot see"* ]]
        [[ $(warnings) != *"unknown"* ]]
        [ -z "$(grants_of)" ]
        sandbox_stop "$SANDBOX_PID"
    done
}

@test "remedies: field-C12: views that are missing or refused end no run" {
    local number
    for number in 208 297 300; do
        begin "c12-$number" azure --fault "error=$number@text=dm_exec_requests" \
            --fault "error=$number@text=dm_db_partition_stats" --fault "error=$number@text=dm_db_resource_stats"
        output=$(as sa cleanup --keep 2d --execute --yes --format json)
        echo "$number: $(warnings)"
        [[ $(warnings) == *"sizes are unknown: "* ]]
        [[ $(warnings) == *"the run did not wait for a busy server: "* ]]
        [[ $(warnings) == *"the run did not see whom it blocked: "* ]]
        [ "$(json 'r["deleted_operations"] > 0 and r["end"]')" = "done" ]
        sandbox_stop "$SANDBOX_PID"
        begin "c12-doctor-$number" azure --fault "error=$number@text=dm_db_partition_stats" \
            --fault "error=$number@text=dm_db_resource_stats"
        output=$(as sa doctor --format json)
        [[ $(json '[u["reason"] for u in r["not_checked"] if u["id"] == "server-busy"]') == *"does not show it"* ]]
        [[ $(json '[u["reason"] for u in r["not_checked"] if u["id"] == "size-growth"]') == *"does not show it"* ]]
        sandbox_stop "$SANDBOX_PID"
    done
}
