/* Functions about the server, the database, the session and its rights. */
#include "call.h"
#include "exec.h"
#include "lock.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

static void give_text(sqlite3_context *context, const char *text)
{
    if (text) // else NULL, as of any call that gives nothing
        call_return_text(context, str_of(text));
}

static const char *product_version(const Engine *engine)
{
    static const char *const versions[] = {[FLAVOR_AZURE] = "12.0.2000.8",
                                           [FLAVOR_SQL2019] = "15.0.4355.3",
                                           [FLAVOR_SQL2012] = "11.0.7507.2"};
    return engine->kind == ENGINE_SQL2022 ? "16.0.4165.4" : versions[engine->flavor];
}

/* Gives what a capture's server said to this call; false: it was not asked. */
static bool answered(sqlite3_context *context, const char *function, int count,
                     sqlite3_value **values)
{
    AUTO(buf_done) Buf what = BUF(4096);

    for (int i = 0; i < count; i++) {
        Str text = call_text(values[i]);
        buf_puts(&what, i ? "," : "");
        buf_put(&what, text.at ? text.at : "", text.len);
    }
    sqlite3_stmt *answer =
        session_answer(call_session(context), function, (Str){buf_text(&what), what.len});
    if (answer)
        sqlite3_result_value(context, sqlite3_column_value(answer, 0));
    sqlite3_finalize(answer);
    return answer != NULL;
}

/* ---- identity -------------------------------------------------------------------------------- */

SQL_CALL(do_scope_identity)
{
    const Session *session = call_session(context);
    if (session->has_identity)
        call_return_number(context, decimal_of_int(session->last_identity));
}

/* "schema.name" */
static const Object *named_object(Session *session, Str text)
{
    Str schema = {0}, name = text;
    if (!memchr(text.at, '.', text.len) || !str_split(&name, '.', &schema))
        schema = str_of("dbo");
    const Object *object = catalog_find(CATALOG(session), schema, name);
    bool is_sys = str_equal_fold(schema, str_of("sys"));
    return object && (is_sys || session_may_see(session, object)) ? object : NULL;
}

/* ---- objects --------------------------------------------------------------------------------- */

SQL_CALL(do_object_id)
{
    const Object *object = named_object(call_session(context), call_text(values[0]));
    if (object)
        sqlite3_result_int(context, object->id);
}

SQL_CALL(do_schema_id)
{
    Session *session = call_session(context);
    int id = count ? catalog_id(CATALOG(session), NAME_SCHEMA, call_text(values[0])) : 1;
    if (id)
        sqlite3_result_int(context, id);
}

/* ---- the database and the server ------------------------------------------------------------- */

typedef struct Property {
    const char *name;
    const char *text; // NULL: number
    int64_t number;
    bool is_azure_only;
} Property;

static void give_property(sqlite3_context *context, const Property *list, size_t count, Str name,
                          bool is_azure)
{
    for (size_t i = 0; i < count; i++) {
        if (!str_equal_fold(name, str_of(list[i].name)) || (list[i].is_azure_only && !is_azure))
            continue;
        if (list[i].text)
            give_text(context, list[i].text);
        else
            sqlite3_result_int64(context, list[i].number);
    }
}

/* ms_session(name): the @@ variables, and functions of a session that take no arguments. */
SQL_CALL(do_session)
{
    Session *session = call_session(context);
    const Fault *caught =
        session->caught_depth ? &session->caught[session->caught_depth - 1] : NULL;
    const char *user = catalog_name(CATALOG(session), NAME_USER, session->principal);
    const Property list[] = {
        {"@@SPID", NULL, session->id, false},
        {"@@ROWCOUNT", NULL, session->row_count, false},
        {"@@TRANCOUNT", NULL, session->tran_count, false},
        {"@@ERROR", NULL, session->error_number, false},
        {"@@TEXTSIZE", NULL, session->set.text_size, false},
        {"XACT_STATE", NULL, session->is_doomed ? -1 : session->tran_count > 0, false},
        {"DB_ID", NULL, 5, false},
        {"DB_NAME", session->engine->database, 0, false},
        {"SUSER_SNAME", session->login, 0, false},
        {"USER_NAME", user, 0, false},
        {"HOST_NAME", session->host, 0, false},
        {"ERROR_MESSAGE", caught ? caught->text : NULL, 0, false}, // NULL outside of a CATCH
        {"ERROR_NUMBER", NULL, caught ? caught->number : 0, false},
    };
    if (!answered(context, (const char *)sqlite3_value_text(values[0]), 0, NULL))
        give_property(context, list, ARRAY_LEN(list) - (caught ? 0 : 2), call_text(values[0]),
                      false);
}

SQL_CALL(do_serverproperty)
{
    const Engine *engine = call_session(context)->engine;
    bool azure = engine_is_azure_database(engine);
    bool cloud = engine->flavor == FLAVOR_AZURE; // Managed Instance too
    const Property list[] = {
        {"ServerName", engine_server_name(engine), 0, false},
        {"ProductVersion", product_version(engine), 0, false},
        {"Edition", cloud ? "SQL Azure" : "Developer Edition (64-bit)", 0, false},
        {"EngineEdition", NULL,
         azure   ? 5
         : cloud ? 8
                 : 3,
         false},
        {"Collation", "SQL_Latin1_General_CP1_CI_AS", 0, false},
    };
    if (!answered(context, "SERVERPROPERTY", count, values))
        give_property(context, list, ARRAY_LEN(list), call_text(values[0]), azure);
}

SQL_CALL(do_databasepropertyex)
{
    Session *session = call_session(context);
    const Engine *engine = session->engine;
    int64_t small = session_number(session, "SELECT is_small_tier FROM \"sandbox.limits\"");
    int64_t most = session_number(session, "SELECT max_size_bytes FROM \"sandbox.limits\"");
    bool is_read_only = session_number(session, "SELECT is_read_only FROM \"sandbox.limits\"");
    const Property list[] = {
        {"Updateability", is_read_only ? "READ_ONLY" : "READ_WRITE", 0, false},
        {"Collation", "SQL_Latin1_General_CP1_CI_AS", 0, false},
        {"MaxSizeInBytes", NULL, most, true},
        {"Edition", "Standard", 0, true},
        {"ServiceObjective", small ? "S1" : "S3", 0, true},
    };
    if (!answered(context, "DATABASEPROPERTYEX", count, values) &&
        str_equal_fold(call_text(values[0]), str_of(engine->database)))
        give_property(context, list, ARRAY_LEN(list), call_text(values[1]),
                      engine_is_azure_database(engine));
}

SQL_CALL(do_fileproperty)
{
    Session *session = call_session(context);
    if (call_has_null(2, values) || !str_equal_fold(call_text(values[1]), str_of("SpaceUsed")) ||
        answered(context, "FILEPROPERTY", count, values) || session->engine->is_capture)
        return;
    if (!str_equal_fold(call_text(values[0]), str_of(session->engine->database))) {
        sqlite3_result_int(context, 64);
        return;
    }
    int64_t used = session_number(session, "PRAGMA main.page_count") -
                   session_number(session, "PRAGMA main.freelist_count");
    sqlite3_result_int64(context, used * session_number(session, "PRAGMA main.page_size") / 8192);
}

/* ---- logins, users, rights ------------------------------------------------------------------- */

static void sid_of(Str login, unsigned char *ret_sid)
{
    static const unsigned char head[8] = {0x01, 0x06, 0x00, 0x00, 0x00, 0x00, 0x00, 0x64};
    memcpy(ret_sid, head, sizeof head);
    for (size_t half = 0; half < 2; half++) {
        uint64_t hash = STR_HASH_SEED + half;
        for (size_t i = 0; i < login.len; i++) {
            char c = str_fold(login.at[i]);
            hash = str_hash(hash, &c, 1);
        }
        for (size_t i = 0; i < 8; i++)
            ret_sid[8 + half * 8 + i] = (unsigned char)(hash >> (8 * i));
    }
}

SQL_CALL(do_suser_sid)
{
    unsigned char sid[24];
    Str login = count ? call_text(values[0]) : str_of(call_session(context)->login);
    if (count && !catalog_id(CATALOG(call_session(context)), NAME_LOGIN, login))
        return;
    if (str_equal_fold(login, str_of("sa"))) {
        sqlite3_result_blob(context, "\1", 1, SQLITE_STATIC);
        return;
    }
    sid_of(login, sid);
    sqlite3_result_blob(context, sid, sizeof sid, SQLITE_TRANSIENT);
}

/* What a build does not know it answers with NULL. */
static bool knows_permission(const Engine *engine, const char *permission)
{
    return engine_knows_performance_state(engine) || !strstr(permission, " PERFORMANCE STATE");
}

static bool holds(Session *session, Str securable, Str class_name, const char *permission,
                  bool *ret_known)
{
    Catalog *catalog = CATALOG(session);
    int principal = session->principal, schema = 0, object_id = 0;
    *ret_known = true;
    if (str_equal_fold(class_name, str_of("SCHEMA"))) {
        schema = catalog_id(catalog, NAME_SCHEMA, securable);
        *ret_known = schema != 0;
    } else if (str_equal_fold(class_name, str_of("OBJECT"))) {
        const Object *object = named_object(session, securable);
        *ret_known = object != NULL;
        if (!object)
            return false;
        if (object->kind == OBJECT_SYSTEM)
            return str_same(permission, "SELECT");
        schema = catalog_id(catalog, NAME_SCHEMA, str_of(object->schema));
        object_id = object->id;
    }
    if (!schema && !object_id && session_holds_state(session, permission))
        return true;
    return session->is_sysadmin || catalog_may(catalog, principal, permission, schema, object_id);
}

SQL_CALL(do_has_perms)
{
    Session *session = call_session(context);
    char permission[64] = "";
    bool known = true;
    if (sqlite3_value_type(values[2]) == SQLITE_NULL ||
        answered(context, "HAS_PERMS_BY_NAME", count, values))
        return;
    Str name = call_text(values[2]);
    for (size_t i = 0; i < name.len && i + 1 < sizeof permission; i++)
        permission[i] =
            name.at[i] >= 'a' && name.at[i] <= 'z' ? (char)(name.at[i] - 32) : name.at[i];
    if (!knows_permission(session->engine, permission))
        return;
    if (sqlite3_value_type(values[0]) == SQLITE_NULL &&
        sqlite3_value_type(values[1]) == SQLITE_NULL) { // the server
        sqlite3_result_int(context, session_may_server(session, permission));
        return;
    }
    bool may = holds(session, call_text(values[0]), call_text(values[1]), permission, &known);
    if (known)
        sqlite3_result_int(context, may);
}

/* ---- random and hashes ----------------------------------------------------------------------- */

SQL_CALL(do_newid)
{
    unsigned char bytes[16];
    char text[37];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        sqlite3_randomness((int)sizeof bytes, bytes);
    bytes[6] = (unsigned char)((bytes[6] & 0x0F) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3F) | 0x80);
    (void)snprintf(text, sizeof text,
                   "%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X", bytes[0],
                   bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7], bytes[8],
                   bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]);
    give_text(context, text);
}

/* Text is hashed as a server holds it: UTF-16, little end first. */
SQL_CALL(do_hashbytes)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (call_has_null(2, values))
        return;
    const EVP_MD *digest = str_equal_fold(call_text(values[0]), str_of("SHA1")) ? EVP_sha1() : NULL;
    bool is_text = sqlite3_value_type(values[1]) == SQLITE_TEXT;
    const void *data = is_text ? sqlite3_value_text16(values[1]) : sqlite3_value_blob(values[1]);
    int size = is_text ? sqlite3_value_bytes16(values[1]) : sqlite3_value_bytes(values[1]);
    if (digest && EVP_Digest(data, (size_t)size, hash, &length, digest, NULL) == 1)
        sqlite3_result_blob(context, hash, (int)length, SQLITE_TRANSIENT);
}

const SqlFunction system_functions[] = {
    {"ms_session", 1, true, do_session},
    {"ms_scope_identity", 0, false, do_scope_identity},
    {"ms_object_id", 1, true, do_object_id},
    {"ms_schema_id", -1, true, do_schema_id},
    {"ms_serverproperty", 1, true, do_serverproperty},
    {"ms_databasepropertyex", 2, true, do_databasepropertyex},
    {"ms_fileproperty", 2, false, do_fileproperty},
    {"ms_suser_sid", -1, true, do_suser_sid},
    {"ms_has_perms", -1, true, do_has_perms},
    {"ms_newid", 0, false, do_newid},
    {"ms_hashbytes", 2, true, do_hashbytes},
    {NULL, 0, false, NULL},
};
