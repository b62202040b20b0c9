/*
 * Any user, password, database and application for any driver: refused in words that do not hold
 * the password, or a connection string that a reader of that driver's rules takes apart into
 * exactly these values, and no others.
 *
 * FreeTDS before 1.4 ends a braced value at "};" and leaves what is in it as it is (measured with
 * 1.3.17); newer ones and Microsoft's driver double the '}'.
 *
 * Input: a byte that chooses the driver, then user, password, database, application, each to a NUL.
 */
#include "fuzz.h"

#include "../../src/tds/connstr.h"
#include "../../src/tds/server.h"

enum { OLD = 10317, NEW = 10503 };

typedef struct Expected {
    const char *key, *value; // value NULL: the key must not be there
    bool is_seen;
} Expected;

/* The value at `at`, taken out of its braces; where it ends. */
static const char *read_value(const char *at, bool is_old, char *ret_value)
{
    if (*at != '{') {
        const char *end = strchr(at, ';');
        must(end != NULL);
        memcpy(ret_value, at, (size_t)(end - at));
        ret_value[end - at] = '\0';
        return end + 1;
    }
    at++;
    if (is_old) {
        const char *end = strstr(at, "};");
        must(end != NULL);
        memcpy(ret_value, at, (size_t)(end - at));
        ret_value[end - at] = '\0';
        return end + 2;
    }
    for (; !(at[0] == '}' && at[1] != '}'); at++) {
        must(*at != '\0');
        at += *at == '}';
        *ret_value++ = *at;
    }
    *ret_value = '\0';
    must(at[1] == ';');
    return at + 2;
}

static void take_apart(const char *text, bool is_old, Expected *expected, size_t count)
{
    char key[64], value[TDS_CONNSTR_MAX + 1];

    while (*text) {
        size_t len = strcspn(text, "=;"), i;
        must(text[len] == '=' && len > 0 && len < sizeof(key));
        memcpy(key, text, len);
        key[len] = '\0';
        text = read_value(text + len + 1, is_old, value);
        for (i = 0; i < count && strcmp(expected[i].key, key) != 0; i++)
            ;
        must(i < count && !expected[i].is_seen && expected[i].value);
        must(strcmp(expected[i].value, value) == 0);
        expected[i].is_seen = true;
    }
    for (size_t i = 0; i < count; i++)
        must(expected[i].is_seen == (expected[i].value != NULL));
}

static const char *or_null(const char *text)
{
    return *text ? text : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(tds_wipe) Buf text = {0};
    Input input = {data, size};
    uint8_t kind = take_byte(&input);
    bool is_microsoft = kind % 3 == 2, is_old = kind % 3 == 0;
    TdsTarget target = {.driver = is_microsoft ? "ODBC Driver 18 for SQL Server" : NULL,
                        .login_timeout_s = 1};
    TdsServer server = {.host = "sql1", .port = 1433};
    Err err = {0};

    if (size > 1000)
        return 0;
    target.user = or_null(take_text(&input, &arena));
    target.password = or_null(take_text(&input, &arena));
    target.database = or_null(take_text(&input, &arena));
    target.application = or_null(take_text(&input, &arena));
    Rc rc = tds_check_target(&target, is_old ? OLD : NEW, &err);
    if (rc == RC_OK)
        rc = tds_connstr(&target, &server, "D", is_old ? OLD : NEW, &text, &err);
    if (rc != RC_OK) {
        must(rc == RC_USAGE && err.text[0] && err.hint[0]);
        must(!target.password || strlen(target.password) < 12 ||
             (target.user && strstr(target.user, target.password)) || // then it is the name

             (!strstr(err.text, target.password) && !strstr(err.hint, target.password)));
        return 0;
    }
    Expected freetds[] = {{"Driver", "D", false},
                          {"Servername", "sql1", false},
                          {"Database", target.database, false},
                          {"UID", target.user, false},
                          {"PWD", target.password ? target.password : "", false},
                          {"APP", target.application, false}};
    Expected microsoft[] = {{"Driver", "D", false},
                            {"Server", "tcp:sql1,1433", false},
                            {"Database", target.database, false},
                            {"UID", target.user, false},
                            {"PWD", target.password, false},
                            {"APP", target.application, false},
                            {"Encrypt", "yes", false},
                            {"TrustServerCertificate", "no", false}};
    if (is_microsoft)
        take_apart(buf_text(&text), false, microsoft, ARRAY_LEN(microsoft));
    else
        take_apart(buf_text(&text), is_old, freetds, ARRAY_LEN(freetds));
    return 0;
}
