/* Every way in which the relay can fail, in words, with a hint. */
#include "internal.h"

#include "ssisminer/base/str.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

typedef struct Told {
    RelayEnd end;
    const char *text; // $P the place, $H its host, $W the words, $S the login's seconds, $N hops
    const char *hint; // what is behind a | is for those alone who may do without verification
} Told;

#define CERTIFICATE_HINT                                                                           \
    "give the CA that signed it as a PEM file with --ca-file|, or, on a network you trust, skip "  \
    "verification with -C"

static const Told tales[] = {
    [TROUBLE_NO_HOST] = {RELAY_END_REACH, "host '$H' is not known: $W",
                         "check the name after -S, and that this machine's DNS knows it"},
    [TROUBLE_SLOW_NAME] = {RELAY_END_TIME, "the name '$H' was still being looked up after $S s",
                           "see that this machine's DNS answers (/etc/resolv.conf, VPN); -l gives "
                           "it more time"},
    [TROUBLE_REFUSED] = {RELAY_END_REACH, "'$P' refused the connection",
                         "does a SQL Server listen there? its port goes after a comma: -S $H,1433; "
                         "TCP/IP must be enabled on it"},
    [TROUBLE_NO_ROUTE] = {RELAY_END_REACH, "'$P' cannot be reached: $W",
                          "check network, VPN and private endpoint between here and there"},
    [TROUBLE_NO_REPLY] = {RELAY_END_REACH, "no answer from '$P' within $S s",
                          "a firewall between here and there drops the packets, or the host is "
                          "down; -l gives it more time"},
    [TROUBLE_SILENT] = {RELAY_END_TIME,
                        "'$P' takes connections but stays silent (login time-out $S s)",
                        "check that a SQL Server listens on that port; -l gives it more time"},
    [TROUBLE_CLOSED] = {RELAY_END_LOST, "'$P' closed the connection before the login",
                        "check that a SQL Server listens on that port and may be used from here; "
                        "one that takes strict encryption only needs -N strict"},
    [TROUBLE_NO_BROWSER] = {RELAY_END_REACH, "the port of '$P' cannot be found out: $W",
                            "finding an instance needs the server's Browser service (UDP 1434); "
                            "with its port it needs none: -S $H,PORT"},
    [TROUBLE_NOT_TDS] = {RELAY_END_REFUSED, "'$P' does not answer as a SQL Server does",
                         "check the port after -S"},
    [TROUBLE_STRICT_ONLY] = {RELAY_END_REFUSED, "'$P' takes strict encryption only",
                             "use -N strict"},
    [TROUBLE_NOT_STRICT] = {RELAY_END_REACH, "'$P' does not offer strict encryption",
                            "SQL Server 2022, Azure SQL and later ones do; without -N strict the "
                            "connection is encrypted and its certificate verified all the same"},
    [TROUBLE_LOGIN_ONLY] = {RELAY_END_REFUSED,
                            "'$P' offers to encrypt the login only, not what follows it",
                            "set Force Encryption on the server|, or, on a network you trust, use "
                            "-N off"},
    [TROUBLE_NO_ENCRYPTION] = {RELAY_END_REFUSED, "'$P' offers no encryption",
                               "give the server a certificate|, or, on a network you trust, use -N "
                               "off"},
    [TROUBLE_CERTIFICATE] = {RELAY_END_REFUSED, "the certificate of '$H' is not trusted: $W",
                             CERTIFICATE_HINT},
    [TROUBLE_CERTIFICATE_TIME] = {RELAY_END_REFUSED, "the certificate of '$H' is not trusted: $W",
                                  "see that this machine's clock is right (date -u); else the "
                                  "server, or whoever signed for it, needs a new certificate"},
    [TROUBLE_CERTIFICATE_BAD] = {RELAY_END_REFUSED, "the certificate of '$H' is not trusted: $W",
                                 "the server needs another certificate|; on a network you trust, "
                                 "-C skips verification"},
    [TROUBLE_NAME] = {RELAY_END_REFUSED, "the certificate of '$H' is for another name",
                      "connect by a name that is in the certificate|, or, on a network you trust, "
                      "skip verification with -C"},
    [TROUBLE_TRUST_STORE] = {RELAY_END_REFUSED, "no CA certificate could be loaded from '$W'",
                             "--ca-file wants PEM text; without it the system's trust store "
                             "(ca-certificates) is used"},
    [TROUBLE_TLS] = {RELAY_END_REACH, "TLS with '$P' failed: $W",
                     "the server must offer TLS 1.2 or later|; one that is older is reached with "
                     "--relay never, where FreeTDS makes TLS"},
    [TROUBLE_TLS_NEWER] = {RELAY_END_REFUSED, "'$P' turns TLS 1.2 down",
                           "it wants TLS 1.3, which goes with strict encryption only: use -N "
                           "strict"},
    [TROUBLE_LOGIN_LOST] = {RELAY_END_LOST, "'$P' closed the connection during the login$W",
                            "try again; the server's error log may tell why"},
    [TROUBLE_LOGIN_SLOW] = {RELAY_END_TIME, "the login at '$P' did not finish within $S s",
                            "-l gives it more time"},
    [TROUBLE_LOGIN_FLOOD] = {RELAY_END_REFUSED, "'$P' sent far more than a login is answered with",
                             "check that a SQL Server listens on that port"},
    [TROUBLE_LOGIN_NONSENSE] = {RELAY_END_LOST, "'$P' does not answer a login as a SQL Server does",
                                "check the port after -S, and what is between here and there"},
    [TROUBLE_TOKEN_IGNORED] = {RELAY_END_REFUSED,
                               "'$P' let the login in without looking at its token",
                               "that is no server that knows Microsoft Entra: use a SQL login"},
    [TROUBLE_TOKEN_ASKED] = {RELAY_END_REFUSED,
                             "'$P' asks for another kind of Entra login than with a token",
                             "check that a SQL Server listens on that port"},
    [TROUBLE_REDIRECT_PORT] = {RELAY_END_REFUSED,
                               "the redirect of the login leads to no usable port of '$H'",
                               "set the server's connection policy to Proxy, and tell whoever runs "
                               "the server"},
    [TROUBLE_REDIRECT_NAME] = {RELAY_END_REFUSED,
                               "the redirect of the login leads to '$W', which is no server's name",
                               "set the server's connection policy to Proxy, and tell whoever runs "
                               "the server"},
    [TROUBLE_REDIRECT_SUFFIX] = {RELAY_END_REFUSED,
                                 "the redirect of the login leads out of Azure's service, to '$W'",
                                 "nothing was sent there; set the server's connection policy to "
                                 "Proxy, and tell whoever runs the server"},
    [TROUBLE_REDIRECT_HOPS] = {RELAY_END_REFUSED,
                               "the login was redirected more than $N times, at last to '$P'",
                               "set the server's connection policy to Proxy"},
    [TROUBLE_REDIRECT_TICKET] = {RELAY_END_REFUSED,
                                 "the login is redirected to '$W', where its Kerberos ticket does "
                                 "not count",
                                 "name that server after -S, or set the server's connection policy "
                                 "to Proxy"},
};

/* The text with what it is told with put in. */
static void fill(const char *text, const Tale *tale, char *ret_text, size_t size)
{
    enum { WORDS_MAX = 260 }; // a server may have sent any
    char place[RELAY_HOST_MAX + RELAY_INSTANCE_MAX + 16];
    int words = (int)(strlen(tale->words) > WORDS_MAX ? str_utf8_floor(tale->words, WORDS_MAX)
                                                      : strlen(tale->words));
    size_t at = 0;

    ret_text[0] = '\0';
    for (; *text != '\0' && at + 1 < size; text++) {
        int put;
        if (*text == '|' && !tale->may_trust)
            break;
        if (*text == '|')
            continue;
        if (*text != '$') {
            ret_text[at++] = *text;
            ret_text[at] = '\0';
            continue;
        }
        text++;
        if (*text == 'S' || *text == 'N')
            put = snprintf(ret_text + at, size - at, "%ld",
                           *text == 'S' ? (tale->login_ms + 999) / 1000 : (long)tale->hops);
        else
            put = snprintf(ret_text + at, size - at, "%.*s", *text == 'W' ? words : INT_MAX,
                           *text == 'P'   ? place_text(tale->place, place, sizeof(place))
                           : *text == 'H' ? tale->place->host
                                          : tale->words);
        at += put < 0 ? 0 : (size_t)put < size - at ? (size_t)put : size - at - 1;
    }
}

/* What is at the end of a redirect nobody here has named, and it is another port. */
static const char *hint_of(Trouble what, const Tale *tale)
{
    if (tale->hops > 0 && what <= TROUBLE_CLOSED)
        return "the login was redirected there: open that port from here to Azure (SQL Database: "
               "11000 to 11999), or set the server's connection policy to Proxy";
    return tales[what].hint;
}

Rc trouble(Trouble what, Tale *tale, Err *err)
{
    char text[1024];

    tale->end = tales[what].end;
    fill(tales[what].text, tale, text, sizeof(text));
    (void)err_set(err, RC_CONNECT, "%s", text);
    fill(hint_of(what, tale), tale, text, sizeof(text));
    return err_hint(err, "%s", text);
}

Rc trouble_with(Trouble what, Tale *tale, const char *words, Err *err)
{
    tale->words = words;
    return trouble(what, tale, err);
}
