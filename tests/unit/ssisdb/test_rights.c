/* What a login may do, on every kind of server. */
#include "test.h"

#include "catalog_script.h"

#include "ssisminer/ssisdb/advice.h"
#include "ssisminer/ssisdb/rights.h"

static Arena arena;

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* What the server is and what HAS_PERMS_BY_NAME says there; NULL for a right that it
 * does not know. */
typedef struct Server {
    const char *edition, *version, *login, *user;
    const char *state, *performance, *server_state, *server_performance, *objective;
} Server;

static Rights read_rights(const Server *server, Ssisdb **ret_db)
{
    Rights rights = {0};
    Err err = {0};

    script_reset();
    script_begin(SQL_SSISDB_SERVER);
    SCRIPT_ROW("SQL1", "SSISDB", server->version, server->edition, server->login, server->user,
               "2026-03-02 06:00:00.0000000 +00:00", "0", "0", "0", "0", "READ_WRITE", "1");
    script_end();
    script_objects();
    script_begin(SQL_SSISDB_PROPERTIES);
    script_end();
    script_begin(SQL_SSISDB_RIGHTS);
    SCRIPT_ROW("1", "1", NULL, NULL, NULL, NULL, NULL, "1", server->state, server->performance,
               server->server_state, server->server_performance, server->objective);
    script_end();
    Tds *tds = script_open();
    if (ssisdb_probe(tds, &arena, ret_db, &err) != RC_OK ||
        rights_read(*ret_db, &arena, &rights, &err) != RC_OK)
        fail_msg("%s", err.text);
    script_close(tds);
    return rights;
}

#define AZURE(state, performance, objective)                                                       \
    {                                                                                              \
        "5", "12.0.2000.8", "cl", "cleaner", state, performance, "0", "0", objective               \
    }
#define OWN(version, state, performance, server_state, server_performance)                         \
    {                                                                                              \
        "3", version, "cl", "cleaner", state, performance, server_state, server_performance, NULL  \
    }

static void test_rights__field_C10_by_version_and_kind_of_server(void **state)
{
    static const struct {
        Server server;
        bool may_view_state, sees_sessions;
        const char *state_grant, *sessions_grant;
    } cases[] = {
        {OWN("15.0.4123.1", "0", NULL, "0", NULL), false, false,
         "GRANT VIEW DATABASE STATE TO [cleaner];",
         "USE master; GRANT VIEW SERVER STATE TO [cl]; -- as the server's administrator"},
        {OWN("15.0.4123.1", "1", NULL, "0", NULL), true, false, NULL,
         "USE master; GRANT VIEW SERVER STATE TO [cl]; -- as the server's administrator"},
        {OWN("11.0.7507.2", "0", NULL, "1", NULL), true, true, NULL, NULL},
        {OWN("16.0.4165.4", "0", "0", "0", "0"), false, false,
         "GRANT VIEW DATABASE PERFORMANCE STATE TO [cleaner];",
         "USE master; GRANT VIEW SERVER PERFORMANCE STATE TO [cl]; -- as the server's "
         "administrator"},
        {OWN("16.0.4165.4", "0", "1", "0", "1"), true, true, NULL, NULL},
        {{"8", "12.0.2000.8", "cl", "cleaner", "1", "1", "0", "0", NULL},
         true,
         false,
         NULL,
         "USE master; GRANT VIEW SERVER STATE TO [cl]; -- as the server's administrator"},
        {AZURE("0", "0", "S3"), false, false, "GRANT VIEW DATABASE STATE TO [cleaner];",
         "GRANT VIEW DATABASE STATE TO [cleaner];"},
        {AZURE("0", "1", "S3"), true, true, NULL, NULL},
        {AZURE("1", "1", "S1"), false, false,
         "ALTER SERVER ROLE [##MS_ServerStateReader##] ADD MEMBER [cl]; -- in database master, as "
         "the server's administrator",
         "ALTER SERVER ROLE [##MS_ServerStateReader##] ADD MEMBER [cl]; -- in database master, as "
         "the server's administrator"},
        {{"5", "12.0.2000.8", "boss", "dbo", "1", "1", "0", "0", "ElasticPool"},
         true,
         true,
         NULL,
         NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Ssisdb *db = NULL;
        Rights rights = read_rights(&cases[i].server, &db);
        if (rights.may_view_state != cases[i].may_view_state ||
            rights.sees_sessions != cases[i].sees_sessions)
            fail_msg("case %zu: state %d, sessions %d", i, rights.may_view_state,
                     rights.sees_sessions);
        if (cases[i].state_grant)
            assert_string_equal(rights.state_grant, cases[i].state_grant);
        else
            assert_null(rights.state_grant);
        if (cases[i].sessions_grant)
            assert_string_equal(rights.sessions_grant, cases[i].sessions_grant);
        else
            assert_null(rights.sessions_grant);
    }
}

static void test_rights__field_C6_grants_name_the_user(void **state)
{
    static const Server mapped = {"5", "12.0.2000.8", "lr", "log]reader", "1", "1", "0", "0", "S3"},
                        guest = {"3", "15.0.1.1", "DOM\\me", "guest", "0", NULL, "0", NULL, NULL},
                        owner = {"3", "15.0.1.1", "me", "dbo", "0", NULL, "0", NULL, NULL};
    Ssisdb *db = NULL;

    (void)state;
    (void)read_rights(&mapped, &db);
    assert_string_equal(advice_grant(db, "VIEW DEFINITION", &arena),
                        "GRANT VIEW DEFINITION TO [log]]reader];");
    assert_string_equal(advice_reading_role(db, &arena),
                        "ALTER ROLE [ssis_logreader] ADD MEMBER [log]]reader];");
    (void)read_rights(&guest, &db);
    assert_string_equal(
        advice_reading_role(db, &arena),
        "CREATE USER [DOM\\me] FOR LOGIN [DOM\\me]; ALTER ROLE [ssis_logreader] ADD "
        "MEMBER [DOM\\me];");
    (void)read_rights(&owner, &db);
    assert_contains(advice_reading_role(db, &arena), "no role can have dbo as a member");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_rights__field_C10_by_version_and_kind_of_server, teardown),
        cmocka_unit_test_teardown(test_rights__field_C6_grants_name_the_user, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
