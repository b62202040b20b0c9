/* What to do about an error of the server, by its number and its words. */
#include "advice.h"

#include "diag.h"

#include <string.h>

/* Sources: docs/facts.md#azures-errors, docs/facts.md#tds-and-logins, and Microsoft's pages on the
 * numbers. Of several rows for a number the first whose words are in the message counts. */
typedef struct Advice {
    int32_t number;
    unsigned moments;
    const char *words; // NULL: any
    const char *hint;
} Advice;

#define BOTH   (TDS_AT_LOGIN | TDS_AT_STATEMENT)
#define STRICT "the server takes strict encryption only: use -N strict (not with --relay never)"
#define ENTRA                                                                                      \
    "the server takes Microsoft Entra logins only: use -G, or a kind of --authentication "         \
    "(docs/entra.md)"
#define NO_USER                                                                                    \
    "the token's identity has no user in that database: as the server's Microsoft Entra "          \
    "administrator run CREATE USER [name] FROM EXTERNAL PROVIDER in it; or another database is "   \
    "meant (-d)"
#define OWNER                                                                                      \
    "the database's owner is lost, as after a restore or attach: as a server administrator run "   \
    "ALTER AUTHORIZATION ON DATABASE::[SSISDB] TO [sa]"
#define WAKES "the database is being moved or is waking up: try again in a minute"
#define FULL                                                                                       \
    "the database is full: raise its size, or let old rows go; reads and deletes work meanwhile"

static const Advice advices[] = {
    {TDS_NUMBER_TIMEOUT, TDS_AT_STATEMENT, NULL,
     "raise the query time-out (-t), or ask for a shorter window (--since)"},
    {229, TDS_AT_STATEMENT, NULL,
     "ask for membership of ssis_admin or ssis_logreader in the database, or for the named right"},
    {262, TDS_AT_STATEMENT, NULL, "ask for the named right"},
    {297, TDS_AT_STATEMENT, NULL,
     "ask for VIEW DATABASE STATE, or VIEW SERVER STATE; since SQL Server 2022 for VIEW DATABASE "
     "or SERVER PERFORMANCE STATE"},
    {300, TDS_AT_STATEMENT, NULL,
     "ask for VIEW SERVER STATE; since SQL Server 2022 for VIEW SERVER PERFORMANCE STATE"},
    {371, TDS_AT_STATEMENT, NULL, "ask for the named right"},
    {701, BOTH, NULL, "the server is short of memory: try again later, or with less at a time"},
    {802, BOTH, NULL, "the server is short of memory: try again later, or with less at a time"},
    {911, BOTH, NULL, "check the database name (-d)"},
    {916, BOTH, NULL, "give the login a user in that database"},
    {921, BOTH, NULL, "the database is being recovered: try again in a few minutes"},
    {922, BOTH, NULL, "the database is being recovered: try again in a few minutes"},
    {924, BOTH, NULL, "the database is in single-user mode, and another session has it"},
    {926, BOTH, NULL, "the database is marked suspect: its administrator has to look at it"},
    {927, BOTH, NULL, "the database is being restored: try again when that is done"},
    {942, BOTH, NULL, "the database is offline: ALTER DATABASE ... SET ONLINE"},
    {952, BOTH, NULL, "the database changes its state: try again in a minute"},
    {976, BOTH, NULL,
     "this is a secondary replica that may not be read, or its data does not move: connect to the "
     "availability group's listener, or to the primary"},
    {978, BOTH, NULL,
     "this replica takes connections with read intent only: use --read-only, or connect to the "
     "primary"},
    {979, BOTH, NULL,
     "this replica takes connections without read intent only: leave --read-only out"},
    {982, BOTH, NULL,
     "no secondary is open for reads: leave --read-only out, or have one opened "
     "(ALLOW_CONNECTIONS)"},
    {983, BOTH, NULL,
     "the availability group is failing over: try again in a minute, by its listener's name"},
    {988, BOTH, NULL,
     "the availability group has lost its quorum: its administrator has to look at it"},
    {1101, TDS_AT_STATEMENT, NULL, FULL},
    {1105, TDS_AT_STATEMENT, NULL, FULL},
    {1132, TDS_AT_STATEMENT, NULL, "the elastic pool is full: raise its storage"},
    {1204, TDS_AT_STATEMENT, NULL, "the server has no more locks: try again, with less at a time"},
    {1205, TDS_AT_STATEMENT, NULL, "the server chose this session to end a deadlock: run it again"},
    {1222, TDS_AT_STATEMENT, NULL, "another session holds the lock: run it again later"},
    {3906, TDS_AT_STATEMENT, NULL,
     "the database is read-only here: connect to the primary, by the listener's name"},
    {4060, BOTH, NULL,
     "check the database name (-d) and that the login has a user in it; during a failover this "
     "passes by itself"},
    {4064, TDS_AT_LOGIN, NULL,
     "the login's default database is gone: name one with -d, or change the login"},
    {4221, BOTH, NULL, "the replica is not ready to be read yet: try again in a few minutes"},
    {8645, TDS_AT_STATEMENT, NULL,
     "the server is short of memory: try again later, or with less at a time"},
    {8651, TDS_AT_STATEMENT, NULL,
     "the server is short of memory: try again later, or with less at a time"},
    {9002, TDS_AT_STATEMENT, NULL,
     "the transaction log is full: a log backup, or the server's administrator, has to free it "
     "(log_reuse_wait_desc in sys.databases says what holds it)"},
    {10928, BOTH, NULL,
     "all workers or sessions of the database are taken: try again later, or raise its tier"},
    {10929, BOTH, NULL, "the server is too busy: try again later, or raise its tier"},
    {10936, BOTH, NULL, "the elastic pool is too busy: try again later, or raise its tier"},
    {15404, BOTH, NULL, OWNER},
    {15517, BOTH, NULL, OWNER},
    {17142, TDS_AT_LOGIN, NULL, "the server is paused: its administrator has to let it continue"},
    {17197, TDS_AT_LOGIN, NULL, "the server is overloaded: try again later; -l gives it more time"},
    {17806, TDS_AT_LOGIN, NULL,
     "the Kerberos handshake failed: check the ticket (klist) and the server's SPN "
     "(MSSQLSvc/host:port)"},
    {17809, TDS_AT_LOGIN, NULL, "the server's limit of connections is reached: try again later"},
    {17892, TDS_AT_LOGIN, NULL, "a logon trigger of the server refuses this login"},
    {18401, TDS_AT_LOGIN, NULL, "the server is being upgraded: try again in a few minutes"},
    {18451, TDS_AT_LOGIN, NULL, "only administrators may log in while the server is upgraded"},
    {18452, TDS_AT_LOGIN, NULL,
     "the server takes no login of this kind: use a SQL login (-U), or -E from a machine of its "
     "domain"},
    {18456, TDS_AT_LOGIN, "only authentication is enabled", ENTRA},
    {18456, TDS_AT_LOGIN, "minimal TLS version", STRICT},
    {18456, TDS_AT_LOGIN, "Token is expired",
     "the server finds the token too old: check this machine's clock; a token of your own has to "
     "be new (--token-command gets one each time)"},
    {18456, TDS_AT_LOGIN, "configured to accept this token",
     "the token is of another tenant or cloud than the server (--tenant, --cloud), or the server "
     "has no Microsoft Entra administrator: set one under its settings"},
    {18456, TDS_AT_LOGIN, "invalid token",
     "the token is not meant for this server: check --cloud and --audience; one of your own has to "
     "be for https://database.windows.net/ (in other clouds: docs/entra.md)"},
    {18456, TDS_AT_LOGIN, "token-identified principal", NO_USER},
    {18456, TDS_AT_LOGIN, "for user ''", NO_USER}, // older servers' words for the same
    {18456, TDS_AT_LOGIN, NULL,
     "check user name and password (-U, SQLCMDPASSWORD, --password-file), and that the login has a "
     "user in the database (-d); the server's error log has the reason as a state number: 5 no "
     "such login, 7 disabled, 8 wrong password, 38 or 46 no such database, 58 no SQL logins"},
    {18461, TDS_AT_LOGIN, NULL, "the server is in single-user mode, and an administrator has it"},
    {18470, TDS_AT_LOGIN, NULL, "the login is disabled: ALTER LOGIN ... ENABLE"},
    {18486, TDS_AT_LOGIN, NULL,
     "the login is locked out: wait, or ALTER LOGIN ... WITH PASSWORD = ... UNLOCK"},
    {18487, TDS_AT_LOGIN, NULL, "the password has expired: set a new one"},
    {18488, TDS_AT_LOGIN, NULL, "the password must be changed before its first use"},
    {33134, BOTH, NULL,
     "Microsoft Entra does not know that principal: check its name, and that the server's identity "
     "may read the directory (Directory Readers)"},
    {33155, TDS_AT_LOGIN, NULL, "the Microsoft Entra login took too long: try again"},
    {40197, BOTH, NULL, "the service is moving the database: try again in a minute"},
    {40501, BOTH, NULL, "the service is busy: try again in a minute, and with less at a time"},
    {40531, TDS_AT_LOGIN, NULL, "name the server in the login: user@server"},
    {40532, TDS_AT_LOGIN, NULL,
     "check the server name, and that the network rules allow this address; the login may need the "
     "form user@server"},
    {40544, BOTH, NULL, FULL},
    {40549, TDS_AT_STATEMENT, NULL, "the transaction took too long: less at a time"},
    {40550, TDS_AT_STATEMENT, NULL, "the statement took too many locks: less at a time"},
    {40551, TDS_AT_STATEMENT, NULL, "the statement took too much of tempdb: less at a time"},
    {40552, TDS_AT_STATEMENT, NULL, "the transaction took too much of the log: less at a time"},
    {40553, TDS_AT_STATEMENT, NULL, "the statement took too much memory: less at a time"},
    {40613, BOTH, NULL, WAKES},
    {40615, TDS_AT_LOGIN, NULL,
     "the server's firewall does not know this address: add it under Networking, or connect from "
     "inside its network"},
    {40642, BOTH, NULL, "the server is too busy: try again later"},
    {40914, TDS_AT_LOGIN, NULL,
     "this virtual network is not allowed: add its subnet to the server's rules"},
    {42108, BOTH, NULL, "the database is paused: resume it, then try again"},
    {42109, BOTH, NULL, WAKES},
    {47072, TDS_AT_LOGIN, NULL, STRICT},
    {47073, TDS_AT_LOGIN, NULL,
     "public access is off: connect through the server's private endpoint"},
    {49918, BOTH, NULL, "the service is busy: try again in a minute"},
    {49919, BOTH, NULL, "the service is busy: try again in a minute"},
    {49920, BOTH, NULL, "the service is busy: try again in a minute"},
};

const char *tds_advice(int32_t number, const char *words, TdsMoment moment)
{
    for (size_t i = 0; i < ARRAY_LEN(advices); i++) {
        const Advice *at = &advices[i];
        if (at->number == number && (at->moments & moment) &&
            (!at->words || strstr(words, at->words)))
            return at->hint;
    }
    return NULL;
}
