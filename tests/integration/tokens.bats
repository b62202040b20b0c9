#!/usr/bin/env bats
# Logins with Microsoft Entra tokens, from each place that tokens come from: the program as shipped, in a
# network where Azure's names and addresses are ours (azure.bash), against services that insist on what
# Azure's insist on (token_service.py) and a sandbox that checks the token.
# shellcheck disable=SC2154 # target.bash sets ssisminer; output, stderr and status come from run
# shellcheck disable=SC2030,SC2031 # each test is a shell of its own

bats_require_minimum_version 1.5.0
load target
load azure

SERVER=srv.database.windows.net
MI=--authentication=ActiveDirectoryManagedIdentity
APPLICATION=33333333-3333-3333-3333-333333333333
TENANT=aaaabbbb-0000-cccc-1111-dddd2222eeee
SECRET='client-Secret~of.the&application'
NOBODY=(env -u SQLCMDPASSWORD http_proxy=http://127.0.0.1:3128 HTTP_PROXY=http://127.0.0.1:3128
    https_proxy=http://127.0.0.1:3128 ALL_PROXY=http://127.0.0.1:3128)

has_relay() { "$ssisminer" help report | grep -q -- '--relay'; }

setup_file() {
    is_live && return
    has_relay && azure_up
    true
}
teardown_file() { azure_down; }
setup() {
    sandbox_only "Azure's ways to log in"
    has_relay || skip "this build has no relay"
    needs_azure
    azure_enter
    services '{"upn": "sa"}'
}

# login STATUS [options…]: a report in that network; VARIABLES are NAME=value words.
VARIABLES=()
login() {
    local wanted=$1 start=$SECONDS
    shift
    run --separate-stderr "${AZURE_IN[@]}" "${NOBODY[@]}" no_proxy="${NO_PROXY_FOR:-}" "${STORE-SSL_CERT_FILE=$AZURE/ca.pem}" \
        "${VARIABLES[@]}" "$ssisminer" report -S "$SERVER" --since 60d --retry 0 -v "$@"
    echo "status $status after $((SECONDS - start)) s: $stderr"
    [ "$status" -eq "$wanted" ]
    tells_nothing
    [ $((SECONDS - start)) -le 120 ]
}

# No token, secret or assertion in what was said.
tells_nothing() {
    [[ $stderr$output != *eyJ* && $stderr$output != *client-Secret* && $stderr$output != *the-Header* &&
        $stderr$output != *the-Key-of* ]]
}

ended() { # PID STATUS
    local ended_with=0
    wait "$1" || ended_with=$?
    [ "$ended_with" -eq "$2" ] || { echo "ended with $ended_with"; return 1; }
}
said() { [[ $stderr == *"$1"* ]] || { echo "missing: $1"; return 1; }; }
is() { [ "$(asked "$1")" = "$2" ] || { echo "$1: $(asked "$1"), not $2"; return 1; }; }
was_asked() { [ "$(asked 'len(r)')" != 0 ]; }
no_proxy() { is '[x for x in r if x["service"] == "trap"]' '[]'; }

# ---- managed identities ------------------------------------------------------------------------

@test "tokens: a VM's own identity, through no proxy" {
    login 0 $MI
    said "the token comes from the managed identity of this VM"
    is 'len(r)' 1
    is 'r[0]["path"]' "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fdatabase.windows.net%2F"
    no_proxy
}

@test "tokens: a VM's user-assigned identity, by each of its names" {
    local id
    for id in 22222222-2222-2222-2222-222222222222 object:44444444-2222-2222-2222-222222222222 /subscriptions/s/id; do
        login 0 $MI --client-id "$id"
    done
    login 0 --authentication=ActiveDirectoryMSI -U 22222222-2222-2222-2222-222222222222
    login 3 $MI --client-id 99999999-2222-2222-2222-222222222222
    said "gave no token: 400 invalid_request: Identity not found"
    said "az vm identity assign"
}

@test "tokens: a metadata service that is busy is asked again" {
    services '{"upn": "sa", "imds": ["429", "ok"]}'
    login 0 $MI
    is '[x["service"] for x in r]' "['imds', 'imds']"
    is 'r[1]["at"] - r[0]["at"] >= 2' True
    local word
    for word in drop reset half garbage; do
        services "{\"upn\": \"sa\", \"imds\": [\"$word\", \"ok\"]}"
        login 0 $MI
        is 'len(r)' 2
    done
}

@test "tokens: a metadata service that is being updated (410) is waited for" {
    services '{"upn": "sa", "imds": ["410", "ok"]}'
    login 0 $MI
    is 'r[1]["at"] - r[0]["at"] >= 10' True
}

@test "tokens: what is no token is told, and asked for once" {
    local word
    for word in "html|is no JSON object" "redirect|a redirect (302), which is not followed" "oversize|more than 64 KiB" \
        "endless|more than 64 KiB" "wrong-types|has no access_token" "nothing|has no access_token" \
        "400|400 scripted: the script says 400" "403|403 scripted"; do
        services "{\"imds\": [\"${word%%|*}\"]}"
        login 3 $MI
        said "${word#*|}"
        is 'len(r)' 1
    done
}

@test "tokens: expiry as text, number, date or not at all" {
    local form
    for form in string number on-string date no-expiry; do
        services "{\"upn\": \"sa\", \"imds\": [\"$form\"]}"
        login 0 $MI
    done
}

@test "tokens: a mute metadata service does not keep a stop waiting" {
    services '{"imds": ["slow"]}'
    "${AZURE_IN[@]}" "${NOBODY[@]}" "$ssisminer" report -S $SERVER $MI -l 10min 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    local pid=$! start=$SECONDS
    until_so was_asked
    kill -TERM "$pid"
    ended "$pid" 143
    [ $((SECONDS - start)) -le 300 ]
}

# The time that a login has (-l) is what each of two tries has to be answered in; and one sees whom it waits for.
@test "tokens: a mute service is named, and given up in time" {
    local kind
    NO_PROXY_FOR=login.microsoftonline.com
    VARIABLES=(AZURE_CLIENT_SECRET="$SECRET")
    services '{"imds": ["slow"], "authority": ["slow"]}'
    for kind in "$MI" "--authentication=ActiveDirectoryServicePrincipal --client-id $APPLICATION --tenant $TENANT"; do
        # shellcheck disable=SC2086 # the options are words
        login 3 $kind -l 4
        said "waiting for the "
        said "has not answered yet, and has 4 s in all"
        said "timed out after 4"
    done
    is 'len(r)' 4
}

@test "tokens: App Service and Container Apps" {
    VARIABLES=(IDENTITY_ENDPOINT=http://127.0.0.1:41056/msi/token IDENTITY_HEADER=the-Header-of-this-app)
    login 0 $MI
    said "the managed identity of App Service or Container Apps"
    login 0 $MI --client-id 22222222-2222-2222-2222-222222222222
    login 0 $MI --client-id object:44444444-2222-2222-2222-222222222222
    is '[x["service"] for x in r]' "['app-service', 'app-service', 'app-service']"
    no_proxy
    VARIABLES=(IDENTITY_ENDPOINT=http://127.0.0.1:41056/msi/token IDENTITY_HEADER=the-Header-of-another)
    login 3 $MI
    said "gave no token: 401: the header is missing or wrong"
    VARIABLES=(IDENTITY_ENDPOINT=http://example.com/msi/token IDENTITY_HEADER=the-Header-of-this-app)
    login 2 $MI
    said "without TLS only this machine and its link may be asked"
}

@test "tokens: Azure Arc's agent, and who plays it" {
    VARIABLES=(IDENTITY_ENDPOINT=http://127.0.0.1:40342/metadata/identity/oauth2/token IMDS_ENDPOINT=http://127.0.0.1:40342)
    login 0 $MI
    said "the managed identity of this Azure Arc machine"
    is '[x["service"] for x in r]' "['arc', 'arc']"
    "${AZURE_IN[@]}" sh -c 'cd /var/opt/azcmagent/tokens && ln -sf agent.key link.key && ln -sf /etc/hostname other.key &&
        head -c 4097 /dev/zero | tr "\0" k >large.key'
    local realm
    for realm in /etc/hostname /var/opt/azcmagent/tokens/../tokens/agent.key /var/opt/azcmagent/tokens/link.key \
        /var/opt/azcmagent/tokens/other.key /var/opt/azcmagent/tokens/large.key /var/opt/azcmagent/tokens/none.key; do
        services "{\"arc\": [\"realm:$realm\"]}"
        login 3 $MI
        is 'len(r)' 1
    done
    services '{"arc": ["unchallenged"]}'
    login 3 $MI
    said "gave a token without a challenge"
}

# ---- applications ------------------------------------------------------------------------------

@test "tokens: workload identity, whose file is read when it is needed" {
    VARIABLES=(AZURE_FEDERATED_TOKEN_FILE="$AZURE/federated" AZURE_CLIENT_ID="$APPLICATION" AZURE_TENANT_ID="$TENANT"
        AZURE_AUTHORITY_HOST=https://login.microsoftonline.com/)
    NO_PROXY_FOR=login.microsoftonline.com
    echo eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQifQ.c2lnbmF0dXJl >"$AZURE/federated"
    login 0 --authentication=ActiveDirectoryWorkloadIdentity
    said "the token comes from the workload identity"
    is 'r[0]["form"]["client_assertion"]' "…"
    echo >"$AZURE/federated"
    login 3 --authentication=ActiveDirectoryWorkloadIdentity
    said "has no token in it"
    rm "$AZURE/federated"
    login 2 --authentication=ActiveDirectoryWorkloadIdentity
    said "cannot read the workload's token file"
    VARIABLES=()
    login 2 --authentication=ActiveDirectoryWorkloadIdentity
    said "AZURE_FEDERATED_TOKEN_FILE is not set"
}

@test "tokens: an application's secret, from each place of secrets" {
    local sp="--authentication=ActiveDirectoryServicePrincipal --client-id $APPLICATION --tenant $TENANT"
    NO_PROXY_FOR=login.microsoftonline.com
    printf '%s\n' "$SECRET" >"$AZURE/secret"
    # shellcheck disable=SC2086 # the options are words
    {
        login 0 $sp --password-file "$AZURE/secret"
        VARIABLES=(AZURE_CLIENT_SECRET="$SECRET" SQLCMDPASSWORD=another)
        login 0 $sp
        VARIABLES=(SQLCMDPASSWORD="$SECRET")
        login 0 --authentication=ActiveDirectoryApplication -U "$APPLICATION@$TENANT"
        VARIABLES=(AZURE_CLIENT_SECRET="$SECRET" AZURE_CLIENT_ID="$APPLICATION" AZURE_TENANT_ID="$TENANT")
        login 0 --authentication=ActiveDirectoryEnvironment
        mkdir -p "$AZURE/credentials" && cp "$AZURE/secret" "$AZURE/credentials/ssisminer-password"
        VARIABLES=(CREDENTIALS_DIRECTORY="$AZURE/credentials")
        login 0 $sp
        VARIABLES=(AZURE_CLIENT_SECRET=wrong-client-Secret)
        login 3 $sp
        said "gave no token: 401 invalid_client: AADSTS7000215: Invalid client secret provided."
        VARIABLES=(AZURE_CLIENT_SECRET="$SECRET"$'\n') # as echo fills a store of secrets
        login 0 $sp
        printf '\xef\xbb\xbf%s\r\n' "$SECRET" >"$AZURE/marked"
        VARIABLES=()
        login 0 $sp --password-file "$AZURE/marked"
        run --separate-stderr setsid -w "$ssisminer" report -S "$SERVER" $sp
        [ "$status" -eq 2 ]
        said "no client secret, and no terminal to ask for one"
        said "AZURE_CLIENT_SECRET"
        VARIABLES=(AZURE_CLIENT_SECRET=wrong-client-Secret)
        login 3 $sp
        said "hint: the client secret is wrong: give its value, not its id"
        services '{"authority": ["echo"]}'
        VARIABLES=(AZURE_CLIENT_SECRET="$SECRET")
        login 3 $sp
        said "gave no token: 400"
        local echo
        for echo in base64 base64-inside hex escaped; do
            services "{\"authority\": [\"echo-$echo\"]}"
            login 3 $sp
            said "gave no token: 401 invalid_client: AADSTS7000215"
            [[ $stderr != *provided* ]]
            said "hint: the client secret is wrong"
        done
    }
}

@test "tokens: an application's certificate, whose signature openssl verifies" {
    local sp="--authentication=ActiveDirectoryServicePrincipal --client-id $APPLICATION --tenant $TENANT"
    NO_PROXY_FOR=login.microsoftonline.com
    openssl pkcs12 -export -in "$AZURE/application.pem" -passout pass:of-the-file -out "$AZURE/application.pfx"
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other -keyout "$AZURE/other.key" -out "$AZURE/other.crt" 2>/dev/null
    cat "$AZURE/other.key" "$AZURE/other.crt" >"$AZURE/other.pem"
    # shellcheck disable=SC2086 # the options are words
    {
        login 0 $sp --client-certificate "$AZURE/application.pem"
        said "the token comes from the service principal's certificate"
        VARIABLES=(AZURE_CLIENT_CERTIFICATE_PASSWORD=of-the-file)
        login 0 $sp --client-certificate "$AZURE/application.pfx"
        login 3 $sp --client-certificate "$AZURE/other.pem"
        said "AADSTS700027"
        VARIABLES=()
        login 2 $sp --client-certificate "$AZURE/application.pfx"
        said "neither PEM nor a PFX file that opens with the given password"
    }
}

@test "tokens: the authority is asked through the user's proxy" {
    VARIABLES=(AZURE_CLIENT_SECRET="$SECRET")
    login 3 --authentication=ActiveDirectoryServicePrincipal --client-id $APPLICATION --tenant $TENANT
    is '{(x["service"], x["path"]) for x in r}' "{('trap', 'login.microsoftonline.com:443')}"
    said "hint: check the proxy of https_proxy"
    local proxy
    for proxy in 'http://user:client-Secret@[bad' 'user:client-Secret@host:bad' 'socks9://user:client-Secret@host' \
        'http://user:client-Secret@127.0.0.1:1'; do
        VARIABLES=(AZURE_CLIENT_SECRET="$SECRET" https_proxy="$proxy")
        login 3 --authentication=ActiveDirectoryServicePrincipal --client-id $APPLICATION --tenant $TENANT
        said "https_proxy"
    done
}

@test "tokens: an authority that nobody vouches for gets no secret" {
    NO_PROXY_FOR=login.microsoftonline.com
    VARIABLES=(AZURE_CLIENT_SECRET="$SECRET" SSL_CERT_FILE="$AZURE/application.crt")
    login 3 --authentication=ActiveDirectoryServicePrincipal --client-id $APPLICATION --tenant $TENANT
    said "update-ca-certificates"
    is 'r' '[]'
}

@test "tokens: the system's own store is trusted without being named" {
    NO_PROXY_FOR=login.microsoftonline.com
    VARIABLES=(AZURE_CLIENT_SECRET="$SECRET")
    STORE=SSL_CERT_DIR= login 0 --authentication=ActiveDirectoryServicePrincipal --client-id $APPLICATION --tenant $TENANT --ca-file "$AZURE/ca.pem"
}

@test "tokens: each cloud has its authority and its audience" {
    NO_PROXY_FOR=login.microsoftonline.us,login.partner.microsoftonline.cn
    VARIABLES=(AZURE_CLIENT_SECRET="$SECRET")
    local sp="--authentication=ActiveDirectoryServicePrincipal --client-id $APPLICATION --tenant $TENANT" cloud
    # shellcheck disable=SC2086 # the options are words
    for cloud in usgovcloudapi.net chinacloudapi.cn; do
        AZURE_PORT=1434 azure_server "$cloud" --entra-audience "https://database.$cloud/"
        SERVER=srv.database.$cloud,1434 login 0 $sp
        kill "$AZURE_SERVER"
        wait "$AZURE_SERVER" || true
    done
    is '[x["headers"]["host"] for x in r]' "['login.microsoftonline.us', 'login.partner.microsoftonline.cn']"
}

# ---- tokens of one's own, az, auto ---------------------------------------------------------------

# A token as az prints it, of that many seconds.
make_token() {
    services "{\"upn\": \"sa\", \"life\": ${1:-3600}}"
    "${AZURE_IN[@]}" python3 - <<'EOF'
import json, urllib.request
url = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fdatabase.windows.net%2F"
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
reply = json.load(opener.open(urllib.request.Request(url, headers={"Metadata": "true"})))
print(json.dumps({"accessToken": reply["access_token"], "expiresOn": "2026-01-01 00:00:00", "tokenType": "Bearer",
                  "expires_on": int(reply["expires_on"])}))
EOF
}

@test "tokens: one's own, by file, variable, command and credential" {
    make_token >"$AZURE/token.json"
    python3 -c 'import json,sys; print(json.load(sys.stdin)["accessToken"])' <"$AZURE/token.json" >"$AZURE/token"
    login 0 --token-file "$AZURE/token"
    login 0 --token-file "$AZURE/token.json"
    login 0 --token-command "cat '$AZURE/token.json'"
    VARIABLES=(SSISMINER_TOKEN="$(cat "$AZURE/token")")
    login 0
    VARIABLES=(SQLCMDPASSWORD="$(cat "$AZURE/token")")
    login 0 --authentication=ActiveDirectoryServicePrincipalAccessToken
    mkdir -p "$AZURE/cred" && cp "$AZURE/token" "$AZURE/cred/ssisminer-token"
    VARIABLES=(CREDENTIALS_DIRECTORY="$AZURE/cred")
    login 0 --authentication=ActiveDirectoryServicePrincipalAccessToken
    VARIABLES=()
    login 3 --token-command "sh -c 'cat $AZURE/token >&2; exit 1'"
    said "'sh' ended with 1: (token)"
    login 3 --token-file /dev/null
    said "there is no token in it"
    said "hint: a token is one line of three parts"
    # As files are written elsewhere: with a mark, in UTF-16, copied with what stood around it.
    printf '\xef\xbb\xbf%s\r\n' "$(cat "$AZURE/token")" >"$AZURE/other"
    login 0 --token-file "$AZURE/other"
    { printf '\xff\xfe' && iconv -t UTF-16LE "$AZURE/token.json"; } >"$AZURE/other"
    login 0 --token-file "$AZURE/other"
    printf 'Authorization: Bearer %s\n' "$(cat "$AZURE/token")" >"$AZURE/other"
    login 0 --token-file "$AZURE/other"
    # What is none goes nowhere: a password in its place, one that was cut, one in lines.
    head -c 200 "$AZURE/token" >"$AZURE/other"
    login 3 --token-file "$AZURE/other"
    said "what is in it is no token, or a part of one"
    fold -w 76 "$AZURE/token" >"$AZURE/other"
    login 3 --token-file "$AZURE/other"
    said "what is in it is no token, or a part of one"
    VARIABLES=(SQLCMDPASSWORD='client-Secret.1')
    login 3 --authentication=ActiveDirectoryServicePrincipalAccessToken
    said "what is in it is no token, or a part of one"
    VARIABLES=()
    make_token -5 >"$AZURE/token.json"
    login 3 --token-file "$AZURE/token.json"
    said "the token has expired, by this machine's clock"
}

# <(…) gives its token once: to all who log in with it, and for as long as that lasts.
@test "tokens: one that comes through a pipe is read once" {
    make_token >"$AZURE/token.json"
    local config=$BATS_TEST_TMPDIR/fleet.yaml
    printf 'targets: [{name: one, server: %s}, {name: two, server: %s}]\n' $SERVER $SERVER >"$config"
    run --separate-stderr "${AZURE_IN[@]}" "${NOBODY[@]}" SSL_CERT_FILE="$AZURE/ca.pem" "$ssisminer" report --config "$config" \
        --target all --since 60d --retry 0 --format json --token-file <(cat "$AZURE/token.json")
    echo "$status: $stderr"
    [ "$status" -eq 0 ]
    [ "$(json '[t["result"] for t in r["targets"]]')" = "['done', 'done']" ]
    # A cleanup says before how long it lasts, and after its end why nothing connects any more.
    make_token 12 >"$AZURE/token.json"
    AZURE_PORT=1435 azure_server piped --executions 200 --days 20 --fault reset@statement=15/every
    run --separate-stderr "${AZURE_IN[@]}" "${NOBODY[@]}" SSL_CERT_FILE="$AZURE/ca.pem" "$ssisminer" cleanup -S "$SERVER,1435" \
        --execute --yes --keep 1d --batch-rows 20 --sleep 300ms --retry-wait 1s --token-file <(cat "$AZURE/token.json")
    kill "$AZURE_SERVER"
    echo "$status: $stderr"
    [ "$status" -eq 3 ]
    said "the token was given once and lasts 0 min"
    said "the token file: the token has expired, by this machine's clock"
    said "a pipe gives its token once"
    tells_nothing
}

# An az that prints token.json, and keeps how it was called.
make_az() {
    mkdir -p "$AZURE/bin"
    cat >"$AZURE/bin/az" <<'EOF'
#!/bin/sh
echo "$*" >"$AZURE/az.arguments"
[ ! -f "$AZURE/logged-out" ] || { echo "ERROR: Please run 'az login' to setup account." >&2; exit 1; }
cat "$AZURE/token.json"
EOF
    chmod +x "$AZURE/bin/az"
}

@test "tokens: the Azure CLI" {
    make_token >"$AZURE/token.json"
    make_az
    VARIABLES=(PATH="$AZURE/bin:$PATH")
    login 0 --authentication=ActiveDirectoryAzCli
    [ "$(cat "$AZURE/az.arguments")" = "account get-access-token --output json --resource https://database.windows.net/" ]
    login 0 --authentication=ActiveDirectoryAzCli --tenant $TENANT
    [[ $(cat "$AZURE/az.arguments") == *" --tenant $TENANT" ]]
    touch "$AZURE/logged-out"
    login 3 --authentication=ActiveDirectoryAzCli
    said "'az' ended with 1: ERROR: Please run 'az login' to setup account."
    said "az login"
    rm "$AZURE/logged-out"
    services '{"imds": ["400"]}'
    login 0 -G
    said "the token comes from the Azure CLI"
    VARIABLES=()
    login 2 --authentication=ActiveDirectoryAzCli
    said "the Azure CLI (az) is not in PATH"
}

@test "tokens: -G alone says whose token it took" {
    login 0 -G
    said "the token comes from the managed identity of this VM"
    VARIABLES=(AZURE_CLIENT_SECRET="$SECRET" AZURE_CLIENT_ID="$APPLICATION" AZURE_TENANT_ID="$TENANT")
    NO_PROXY_FOR=login.microsoftonline.com login 0 -G
    said "the token comes from the service principal's secret"
    VARIABLES=(AZURE_CLIENT_SECRET=wrong AZURE_CLIENT_ID="$APPLICATION" AZURE_TENANT_ID="$TENANT")
    NO_PROXY_FOR=login.microsoftonline.com login 3 -G
    said "AADSTS7000215" # it is set up: no other way is taken instead
    VARIABLES=()
    services '{"imds": ["404"]}'
    login 3 -G
    said "no token to be had here: no client id given; AZURE_FEDERATED_TOKEN_FILE is not set"
    said "the managed identity of this VM gave no token: 404"
}

# ---- recipes -------------------------------------------------------------------------------------

# recipe FILE: the script and the environment of the one container in it, as NAME=value lines.
recipe() {
    /usr/bin/python3 - "$1" "$BATS_TEST_TMPDIR" <<'EOF'
import pathlib, sys, yaml
def boxes(node):
    if isinstance(node, dict):
        yield from node.get("containers", [])
        for value in node.values():
            yield from boxes(value)
(box,) = [box for part in yaml.safe_load_all(open(sys.argv[1])) for box in boxes(part)]
assert box["command"] == ["/bin/sh", "-c"]
folder = pathlib.Path(sys.argv[2])
folder.joinpath("script").write_text(box["args"][0])
folder.joinpath("environment").write_text("".join(f'{e["name"]}={e["value"]}\n' for e in box["env"]))
EOF
}

# as_recipe FILE VARIABLES…: runs it there, as the platform would with these variables.
as_recipe() {
    local environment
    recipe "$1"
    shift
    mkdir -p "$BATS_TEST_TMPDIR/bin"
    ln -sf "$(realpath "$ssisminer")" "$BATS_TEST_TMPDIR/bin/ssisminer"
    mapfile -t environment <"$BATS_TEST_TMPDIR/environment"
    run --separate-stderr "${AZURE_IN[@]}" env -i PATH="$BATS_TEST_TMPDIR/bin:$PATH" SSL_CERT_FILE="$AZURE/ca.pem" \
        ASAN_OPTIONS="${ASAN_OPTIONS:-}" "${environment[@]}" "$@" sh -c "$(cat "$BATS_TEST_TMPDIR/script")"
    echo "$status: $stderr"
    [ "$status" -eq 0 ]
    tells_nothing
}

@test "tokens: the CronJob with a workload identity and the Container Apps job clean up" {
    # RETENTION_WINDOW is what they keep; nothing is typed, nothing is secret in the files.
    echo eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQifQ.c2lnbmF0dXJl >"$AZURE/federated"
    as_recipe config/kubernetes/cronjob-workload-identity.yaml AZURE_FEDERATED_TOKEN_FILE="$AZURE/federated" \
        AZURE_CLIENT_ID=$APPLICATION AZURE_TENANT_ID=$TENANT AZURE_AUTHORITY_HOST=https://login.microsoftonline.com/
    is '[x["service"] for x in r]' "['authority']"
    services '{"upn": "sa"}'
    as_recipe config/container-apps/job.yaml IDENTITY_ENDPOINT=http://127.0.0.1:41056/msi/token IDENTITY_HEADER=the-Header-of-this-app
    is '[x["service"] for x in r]' "['app-service']"
    /usr/bin/python3 - config/kubernetes/cronjob.yaml config/kubernetes/cronjob-workload-identity.yaml <<'EOF'
import sys, yaml
(plain,) = yaml.safe_load_all(open(sys.argv[1]))
account, job = yaml.safe_load_all(open(sys.argv[2]))
template = job["spec"]["jobTemplate"]["spec"]["template"]
pod, other = template["spec"], plain["spec"]["jobTemplate"]["spec"]["template"]["spec"]
assert template["metadata"]["labels"] == {"azure.workload.identity/use": "true"}
assert pod["serviceAccountName"] == account["metadata"]["name"] and "azure.workload.identity/client-id" in account["metadata"]["annotations"]
assert not [v for v in pod["volumes"] if "secret" in v]
assert pod["containers"][0]["args"] == other["containers"][0]["args"]
assert pod["containers"][0]["securityContext"] == other["containers"][0]["securityContext"]
EOF
}

# ten_minutes WHAT: of that section of README.md the commands, a line each, or the T-SQL.
ten_minutes() {
    sed -n '/^### From nothing to a nightly cleanup/,/^## /s/^    //p' README.md |
        if [ "$1" = sql ]; then grep -E '^[A-Z ]+ .*;$'; else grep -Ev '^[A-Z ]+ .*;$' | sed 's/ *#.*//'; fi
}

@test "tokens: README's ten minutes on Azure are what it takes" {
    local root=$BATS_TEST_TMPDIR/root script=$BATS_TEST_TMPDIR/script in=$BATS_TEST_TMPDIR/in
    mkdir -p "$root/etc/systemd/system" "$in"
    # As written, but for where it is installed (what is built is not built again), and for systemd, which is not here to obey.
    ten_minutes commands | sed "s|/etc/systemd|$root&|g; s/^sudo //; s/^systemctl /echo systemctl /
        s|^make demo|\"\$ssisminer\" --sandbox report|; s|^make install|make -s BUILD='$BUILD' DESTDIR='$root' install|" >"$script"
    [ "$(grep -c '^ssisminer ' "$script")" -eq 3 ]
    [ "$(grep -c '^make ' "$script")" -eq 1 ]
    grep -q '^demo:' Makefile
    # The machine's identity is nobody before that T-SQL, and then has what it grants alone.
    AZURE_PORT=1438 azure_server ten --executions 120 --days 40
    local ten=$AZURE_SERVER
    sed -i "s/myserver.database.windows.net SSIS/myserver.database.windows.net,1438 SSIS/" "$script"
    services '{"upn": "VM"}'
    SERVER=myserver.database.windows.net,1438 login 3 $MI
    said "CREATE USER [name] FROM EXTERNAL PROVIDER"
    run env TDSVER=7.4 timeout 60 "${AZURE_IN[@]}" tsql -H 127.0.0.1 -p 1438 -U sa -P "$SANDBOX_PASSWORD" -D SSISDB <<<"$(ten_minutes sql)"$'\ngo'
    echo "$output"
    [[ $output != *Msg* ]]
    [ "$(ten_minutes sql | wc -l)" -eq 5 ]
    run --separate-stderr "${AZURE_IN[@]}" env -i PATH="$root/usr/local/bin:$PATH" SSL_CERT_FILE="$AZURE/ca.pem" ssisminer="$ssisminer" \
        ASAN_OPTIONS="${ASAN_OPTIONS:-}" HOME="$BATS_TEST_TMPDIR" sh -e "$script"
    kill "$ten"
    echo "$status: $stderr $output"
    [ "$status" -eq 0 ]
    tells_nothing
    [[ $output == *"systemctl enable --now ssisminer-cleanup.timer"* ]]
    # What systemd would start with: the drop-in takes the password and the user's name away.
    grep -qx 'LoadCredential=' "$root/etc/systemd/system/ssisminer-cleanup.service.d/managed-identity.conf"
    grep -qx 'Environment=SQLCMDSERVER=myserver.database.windows.net,1438' "$root/etc/systemd/system/ssisminer-cleanup.service.d/managed-identity.conf"
    command -v systemd-analyze >/dev/null || return 0
    sed -i "s|^ExecStart=/usr/local/bin/ssisminer|ExecStart=$root/usr/local/bin/ssisminer|; /^Documentation=/d" \
        "$root/etc/systemd/system/ssisminer-cleanup.service"
    run systemd-analyze verify "$root/etc/systemd/system/ssisminer-cleanup.service"
    [[ $output != *ssisminer-cleanup* && $output != *managed-identity* ]]
}

# ---- how it gets to the server -------------------------------------------------------------------

# Azure's own tokens are 1300 to 1900 letters; with many groups they are longer.
@test "tokens: long ones arrive" {
    local pad
    for pad in 300 1500 6000 30000; do
        services "{\"upn\": \"sa\", \"pad\": $pad}"
        login 0 $MI
        login 0 $MI -N strict
    done
}

# as_kind NAME: OPTIONS and VARIABLES of a way to log in, as docs/entra.md has them.
as_kind() {
    local application=(--client-id "$APPLICATION" --tenant "$TENANT")
    VARIABLES=(no_proxy=login.microsoftonline.com SSL_CERT_FILE="$AZURE/ca.pem" PATH="$AZURE/bin:$PATH")
    OPTIONS=("$MI")
    case $1 in
    vm) ;;
    assigned) OPTIONS+=(--client-id 22222222-2222-2222-2222-222222222222) ;;
    app-service) VARIABLES+=(IDENTITY_ENDPOINT=http://127.0.0.1:41056/msi/token IDENTITY_HEADER=the-Header-of-this-app) ;;
    arc) VARIABLES+=(IDENTITY_ENDPOINT=http://127.0.0.1:40342/metadata/identity/oauth2/token IMDS_ENDPOINT=http://127.0.0.1:40342) ;;
    workload)
        OPTIONS=(--authentication=ActiveDirectoryWorkloadIdentity "${application[@]}")
        VARIABLES+=(AZURE_FEDERATED_TOKEN_FILE="$AZURE/federated")
        ;;
    secret) OPTIONS=(--authentication=ActiveDirectoryServicePrincipal "${application[@]}" --password-file "$AZURE/secret") ;;
    certificate) OPTIONS=(--authentication=ActiveDirectoryServicePrincipal "${application[@]}" --client-certificate "$AZURE/application.pem") ;;
    environment)
        OPTIONS=(--authentication=ActiveDirectoryEnvironment)
        VARIABLES+=(AZURE_CLIENT_ID="$APPLICATION" AZURE_TENANT_ID="$TENANT" AZURE_CLIENT_SECRET="$SECRET")
        ;;
    az) OPTIONS=(--authentication=ActiveDirectoryAzCli) ;;
    file) OPTIONS=(--token-file "$AZURE/token.json") ;;
    command) OPTIONS=(--token-command "cat '$AZURE/token.json'") ;;
    variable)
        OPTIONS=()
        VARIABLES+=(SSISMINER_TOKEN="$(cat "$AZURE/token")")
        ;;
    auto) OPTIONS=(-G) ;;
    esac
}

# Each cleanup keeps a day less than the one before, and so has something to delete.
@test "tokens: each kind logs in strictly and after a redirect, to report, find duplicates and clean up" {
    local kind how command keep=39
    make_token >"$AZURE/token.json"
    python3 -c 'import json,sys; print(json.load(sys.stdin)["accessToken"])' <"$AZURE/token.json" >"$AZURE/token"
    printf '%s\n' "$SECRET" >"$AZURE/secret"
    echo eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQifQ.c2lnbmF0dXJl >"$AZURE/federated"
    make_az
    AZURE_PORT=1437 azure_server node --executions 400 --days 41
    local node=$AZURE_SERVER
    AZURE_PORT=1436 azure_server gateway --fault route=srv.database.windows.net,1437/every
    for kind in vm assigned app-service arc workload secret certificate environment az file command variable auto; do
        as_kind $kind
        for how in require strict; do
            for command in "report --since 60d" "duplicates --since 60d" "cleanup --execute --yes --keep ${keep}d --format json"; do
                # shellcheck disable=SC2086 # the command is words
                run --separate-stderr "${AZURE_IN[@]}" "${NOBODY[@]}" "${VARIABLES[@]}" "$ssisminer" $command -S "$SERVER,1436" -N $how \
                    "${OPTIONS[@]}" --retry 0 -v
                echo "$kind $how $command: $status: $stderr"
                [ "$status" -eq 0 ]
                said "redirected to srv.database.windows.net,1437"
                tells_nothing
            done
            [ "$(json 'r["end"] == "done" and r["deleted_operations"] > 0')" = True ]
            keep=$((keep - 1))
        done
    done
    kill "$AZURE_SERVER" "$node"
}

@test "tokens: an ordinary user logs in as well" {
    [ "$(id -u)" -eq 0 ] || skip "the user is ordinary already"
    local folder
    folder=$(mktemp -d) # bats' own are for one user
    cp "$ssisminer" "$folder/ssisminer" && cp "$AZURE/ca.pem" "$folder" && chmod -R a+rX "$folder"
    run --separate-stderr "${AZURE_IN[@]}" setpriv --reuid=65534 --regid=65534 --clear-groups "${NOBODY[@]}" \
        --chdir=/ "$folder/ssisminer" report -S $SERVER --since 60d --retry 0 -v $MI --ca-file "$folder/ca.pem"
    rm -r "$folder"
    echo "$status: $stderr"
    [ "$status" -eq 0 ]
    said "certificate verified"
}

# ---- the server's word ---------------------------------------------------------------------------

@test "tokens: what a server refuses one for comes with what to do, and whose it is" {
    services '{}'
    login 3 $MI
    said "Login failed for user '<token-identified principal>'"
    said "CREATE USER [name] FROM EXTERNAL PROVIDER"
    said "the token comes from the managed identity of this VM: application 11111111-1111-1111-1111-111111111111 of tenant $TENANT"
    services '{"upn": "sa", "exp_offset": -7200}'
    login 3 $MI
    said "Token is expired"
    said "hint: the server finds the token too old"
    is 'len(r)' 2 # a new one was tried, once
    services '{"upn": "sa"}'
    login 3 $MI --audience https://other.example/
    said "Incorrect or invalid token"
    said "check --cloud and --audience"
}

# The token lasts seconds, the cleanup longer, and the server cuts the connection again and again.
@test "tokens: a cleanup whose connection is lost again and again never has an old one" {
    services '{"upn": "sa", "life": 4}'
    AZURE_PORT=1435 azure_server cut --executions 120 --days 20 --fault reset@statement=15/every
    VARIABLES=()
    run --separate-stderr "${AZURE_IN[@]}" "${NOBODY[@]}" SSL_CERT_FILE="$AZURE/ca.pem" "$ssisminer" cleanup \
        -S "$SERVER,1435" $MI --execute --yes --keep 1d --batch-rows 60 --sleep 80ms --retry-wait 1s
    echo "$output$stderr"
    kill "$AZURE_SERVER"
    [ "$status" -eq 0 ]
    tells_nothing
    is 'len(r) > 3' True # tokens; connections were more
}

# ---- what must not happen ------------------------------------------------------------------------

@test "tokens: none is sent where somebody could take it" {
    login 2 $MI -C
    said "no token is sent to a server whose certificate is not verified"
    login 2 $MI -N off
    said "no token is sent over a connection that is not encrypted"
    login 2 -G -U me@contoso.example
    said "az login"
    is 'r' '[]'
}

# In UTF-8, in UTF-16, and as a dump shows UTF-16.
has_no_token() { # FILE-OR-FOLDER
    [ -z "$(LC_ALL=C grep -rlaP 'eyJ|e\x00y\x00J|e\.y\.J\.' "$1")" ]
}

@test "tokens: nothing is left of one: arguments, FreeTDS's dump, core" {
    make_token >"$AZURE/token.json"
    mkdir "$BATS_TEST_TMPDIR/left"
    VARIABLES=(TDSDUMP="$BATS_TEST_TMPDIR/left/dump" SSISMINER_TOKEN="$(
        python3 -c 'import json,sys; print(json.load(sys.stdin)["accessToken"])' <"$AZURE/token.json"
    )")
    login 0
    [ -s "$BATS_TEST_TMPDIR/left/dump" ]
    has_no_token "$BATS_TEST_TMPDIR/left"
    # A server that is mute keeps it where it has the token.
    local core=$BATS_TEST_TMPDIR/left/core.sh pid took=$BATS_TEST_TMPDIR/mute
    mute_server "$took" "${AZURE_IN[@]}"
    AZURE_PIDS="$AZURE_PIDS $MUTE_PID"
    printf 'cd %q && ulimit -c unlimited && exec %q "$@"\n' "$BATS_TEST_TMPDIR/left" "$(realpath "$ssisminer")" >"$core"
    "${AZURE_IN[@]}" "${NOBODY[@]}" "${VARIABLES[@]}" sh "$core" report -S "$SERVER,$MUTE" --retry 0 --login-timeout 60s 2>/dev/null >&2 3>&- &
    pid=$!
    mute_took "$took" 1
    has_no_token "/proc/$pid/cmdline"
    kill -ABRT "$pid"
    ended "$pid" 134
    # Nor of the process that begins one for each target.
    printf 'targets: [{name: one, server: "%s,%s", login_timeout: 60s}]\n' "$SERVER" "$MUTE" >"$BATS_TEST_TMPDIR/fleet.yaml"
    "${AZURE_IN[@]}" "${NOBODY[@]}" "${VARIABLES[@]}" sh "$core" report --config "$BATS_TEST_TMPDIR/fleet.yaml" --target all --retry 0 \
        2>/dev/null >&2 3>&- &
    pid=$!
    mute_took "$took" 2
    kill -ABRT "$pid"
    ended "$pid" 134
    kill "$MUTE_PID"
    has_no_token "$BATS_TEST_TMPDIR/left"
    [ -z "$(find "$BATS_TEST_TMPDIR/left" -name 'core*' ! -name core.sh)" ]
}
