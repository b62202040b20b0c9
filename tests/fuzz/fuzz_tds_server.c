/*
 * Any text after -S is refused or becomes a freetds.conf of exactly the lines it should have, and
 * a connection string whose Servername is the host: nothing can be smuggled into either.
 */
#include "../../src/tds/connstr.h"
#include "../../src/tds/freetds.h"
#include "../../src/tds/server.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_conf(const TdsServer *server, const char *conf)
{
    static const char *const keys[] = {"[",
                                       "host = ",
                                       "port = ",
                                       "tds version = ",
                                       "encryption = ",
                                       "check certificate hostname = ",
                                       "ca file = ",
                                       "connect timeout = ",
                                       "client charset = ",
                                       "initial block size = ",
                                       "text size = "};
    Str rest = str_of(conf), line;
    size_t at = 0;

    while (str_split(&rest, '\n', &line) && line.len > 0) {
        must(at < ARRAY_LEN(keys));
        const char *key = keys[at++];
        if (at == 3 && server->port == 0)
            key = "instance = ";
        must(line.len >= strlen(key) && memcmp(line.at, key, strlen(key)) == 0);
        must(line.len <= 254 && !memchr(line.at, '#', line.len) && !memchr(line.at, ';', line.len));
    }
    must(at == ARRAY_LEN(keys));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TdsTarget target = {.user = "u", .password = "p", .login_timeout_s = 1};
    AUTO(buf_done) Buf conf = BUF(8192);
    AUTO(tds_wipe) Buf connstr = {0};
    TdsServer server;
    char text[1024], expected[300] = "Driver={FreeTDS};Servername=";
    Err err = {0};

    if (size >= sizeof(text))
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    if (tds_server_parse(text, &server, &err) != RC_OK) {
        must(err.rc == RC_USAGE && err.hint[0] != '\0');
        return 0;
    }
    must(server.host[0] != '\0' && server.port >= 0 && server.port <= 65535);
    must(server.port != 0 || server.instance[0] != '\0');
    must(tds_freetds_conf(&target, &server, &conf, &err) == RC_OK);
    check_conf(&server, buf_text(&conf));
    must(tds_connstr(&target, &server, "FreeTDS", 10317, &connstr, &err) == RC_OK);
    (void)strncat(expected, server.host, sizeof(expected) - strlen(expected) - 20);
    (void)strncat(expected, ";UID=u;PWD=p;", sizeof(expected) - strlen(expected) - 1);
    must(strcmp(buf_text(&connstr), expected) == 0);
    return 0;
}
