/* Reads what the commands read and puts it, a part of parts.def after the other, into a file. */
#include "reading.h"

#include "anonymised.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/str.h"
#include "ssisminer/tds/transient.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    SPARE_HOURS = 1, // rows may come late, and clocks be apart
    ARGS_MAX = 8
};

static const Part parts[] = {
#define PART(statement, what, lines, table, kind, key, needs, without)                             \
    {SQL_CAPTURE_##statement, what, table, put_##kind, key, needs, without, lines},
#include "parts.def"
#undef PART
};

const char *capture_flavor(const Ssisdb *db)
{
    if (db->engine_edition == ENGINE_AZURE_SQL_DATABASE ||
        db->engine_edition == ENGINE_MANAGED_INSTANCE)
        return "azure";
    return ssisdb_has(db, "catalog.worker_agents") ? "sql2019" : "sql2012";
}

/* ---- rows as they come ----------------------------------------------------------------------- */

static Rc copy_text(const Capturing *to, const TdsRows *rows, const SqlAsset *asset, size_t column,
                    CaptureTable *table, size_t place, Err *err)
{
    Str text;

    TRY(anonymised_value(to->anonymised, asset, rows, column, &text, err));
    capture_table_text(table, place, text);
    return RC_OK;
}

static Rc copy_value(const Capturing *to, const TdsRows *rows, const SqlAsset *asset, size_t column,
                     CaptureTable *table, size_t place, Err *err)
{
    int from = (int)column;

    if (tds_is_null(rows, from))
        return RC_OK;
    switch (asset->columns[column].type) {
    case SQL_TYPE_BIT:
    case SQL_TYPE_INT:
    case SQL_TYPE_BIGINT:
        capture_table_i64(table, place, tds_i64(rows, from));
        return RC_OK;
    case SQL_TYPE_FLOAT:
        capture_table_f64(table, place, tds_f64(rows, from));
        return RC_OK;
    case SQL_TYPE_DATETIMEOFFSET:
        capture_table_time(table, place, tds_time(rows, from));
        return RC_OK;
    case SQL_TYPE_DECIMAL:
    case SQL_TYPE_NVARCHAR:
    case SQL_TYPE_UNIQUEIDENTIFIER:
    case SQL_TYPE_VARBINARY:
        return copy_text(to, rows, asset, column, table, place, err);
    }
    return RC_OK;
}

static Rc open_like(Capturing *to, const Part *part, CaptureTable **ret_table, Err *err)
{
    const SqlAsset *asset = sql_asset(part->id);
    const char **names = arena_alloc_array(to->arena, asset->column_count, sizeof(*names));

    size_t must = asset->column_count;

    for (size_t i = 0; i < asset->column_count; i++)
        names[i] = asset->columns[i].name;
    while (must > 0 && asset->columns[must - 1].is_optional)
        must--;
    return capture_table_open(to->file, part->table, names, asset->column_count, must, ret_table,
                              err);
}

static Rc copy_row(const Capturing *to, const TdsRows *rows, const SqlAsset *asset,
                   CaptureTable *table, Err *err)
{
    for (size_t i = 0; i < asset->column_count; i++)
        TRY(copy_value(to, rows, asset, i, table, i, err));
    return capture_table_put(table, err);
}

/* The next row that goes into the file. */
static Rc next_row(Capturing *to, TdsRows *rows, bool *ret_has_row, Err *err)
{
    for (bool is_taken = false; !is_taken;) {
        TRY(tds_next(rows, ret_has_row, err));
        is_taken = !*ret_has_row || !to->takes;
        if (!is_taken)
            TRY(to->takes(to->takes_context, rows, &is_taken, err));
    }
    return RC_OK;
}

Rc put_WHOLE(Capturing *to, const Part *part, TdsRows *rows, int64_t *ret_rows, Err *err)
{
    const SqlAsset *asset = sql_asset(part->id);
    CaptureTable *table = NULL;
    bool has_row = false;

    TRY(open_like(to, part, &table, err));
    for (;;) {
        TRY(next_row(to, rows, &has_row, err));
        if (!has_row)
            break;
        TRY(copy_row(to, rows, asset, table, err));
    }
    *ret_rows = capture_table_rows(table);
    return RC_OK;
}

Rc put_LOG(Capturing *to, const Part *part, TdsRows *rows, int64_t *ret_rows, Err *err)
{
    return put_WHOLE(to, part, rows, ret_rows, err);
}

Rc put_MERGED(Capturing *to, const Part *part, TdsRows *rows, int64_t *ret_rows, Err *err)
{
    return put_WHOLE(to, part, rows, ret_rows, err);
}

/* The first: which operations these are. All that the log has of them is read anew. */
Rc put_OPERATIONS(Capturing *to, const Part *part, TdsRows *rows, int64_t *ret_rows, Err *err)
{
    const SqlAsset *asset = sql_asset(part->id);
    CaptureTable *table = NULL;
    bool has_row = false;

    TRY(open_like(to, part, &table, err));
    for (;;) {
        TRY(next_row(to, rows, &has_row, err));
        if (!has_row)
            break;
        int64_t id = tds_i64(rows, SQL_CAPTURE_OPERATIONS__OPERATION_ID);
        if (!to->is_archive) { // whose batch says which they are, put again or not
            to->first_id = capture_table_rows(table) == 0 || id < to->first_id ? id : to->first_id;
            to->last_id = capture_table_rows(table) == 0 || id > to->last_id ? id : to->last_id;
        }
        TRY(capture_file_reread(to->file, id, err));
        TRY(copy_row(to, rows, asset, table, err));
    }
    *ret_rows = capture_table_rows(table);
    return RC_OK;
}

Rc put_ORPHANS(Capturing *to, const Part *part, TdsRows *rows, int64_t *ret_rows, Err *err)
{
    TRY(capture_file_clear_orphans(to->file, err));
    return put_WHOLE(to, part, rows, ret_rows, err);
}

/* Names that texts are to be searched for: nothing goes into the file. */
static Rc put_NAMES(Capturing *to, const Part *part, TdsRows *rows, int64_t *ret_rows, Err *err)
{
    const SqlAsset *asset = sql_asset(part->id);
    bool has_row = false;
    Str unused;

    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            return RC_OK;
        for (size_t i = 0; i < asset->column_count; i++)
            TRY(anonymised_value(to->anonymised, asset, rows, i, &unused, err));
        ++*ret_rows;
    }
}

/* ---- messages: two tables, or two others ----------------------------------------------------- */

/* The columns of sql/capture/messages.sql.in in the order of its head. */
enum { OF_MESSAGE = 6, OF_EVENT = 9 };

static const struct {
    const char *table;
    const char *columns[OF_EVENT];
    int from[OF_EVENT]; // columns of the statement; -1: the key
    size_t count;
} halves[] = {
#define FROM(column) SQL_CAPTURE_MESSAGES__##column
#define HEAD_OF_MESSAGE                                                                            \
    "operation_id", "message_time", "message_type", "message_source_type", "message"
#define FROM_OF_MESSAGE                                                                            \
    FROM(OPERATION_ID), FROM(MESSAGE_TIME), FROM(MESSAGE_TYPE), FROM(MESSAGE_SOURCE_TYPE),         \
        FROM(MESSAGE)
#define HEAD_OF_EVENT                                                                              \
    "operation_id", "package_name", "event_name", "message_source_name", "subcomponent_name",      \
        "package_path", "execution_path", "message_code"
#define FROM_OF_EVENT                                                                              \
    FROM(OPERATION_ID), FROM(PACKAGE_NAME), FROM(EVENT_NAME), FROM(MESSAGE_SOURCE_NAME),           \
        FROM(SUBCOMPONENT_NAME), FROM(PACKAGE_PATH), FROM(EXECUTION_PATH), FROM(MESSAGE_CODE)
    {"internal.operation_messages",
     {"operation_message_id", HEAD_OF_MESSAGE},
     {-1, FROM_OF_MESSAGE},
     OF_MESSAGE},
    {"internal.event_messages", {"event_message_id", HEAD_OF_EVENT}, {-1, FROM_OF_EVENT}, OF_EVENT},
    {"internal.operation_messages_scaleout",
     {"event_message_guid", HEAD_OF_MESSAGE},
     {-1, FROM_OF_MESSAGE},
     OF_MESSAGE},
    {"internal.event_messages_scaleout",
     {"event_message_guid", HEAD_OF_EVENT},
     {-1, FROM_OF_EVENT},
     OF_EVENT},
};

/* Whether something stands beside the message itself. */
static bool has_event(const TdsRows *rows)
{
    static const int own[] = {FROM(PACKAGE_NAME),        FROM(EVENT_NAME),
                              FROM(MESSAGE_SOURCE_NAME), FROM(SUBCOMPONENT_NAME),
                              FROM(PACKAGE_PATH),        FROM(EXECUTION_PATH),
                              FROM(MESSAGE_CODE)};

    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        if (!tds_is_null(rows, own[i]))
            return true;
    return false;
}

static Rc put_half(const Capturing *to, CaptureTable *table, size_t half, const TdsRows *rows,
                   Str guid, Err *err)
{
    const SqlAsset *asset = sql_asset(SQL_CAPTURE_MESSAGES);

    if (guid.at)
        capture_table_text(table, 0, guid);
    else
        capture_table_i64(table, 0, tds_i64(rows, FROM(EVENT_MESSAGE_ID)));
    for (size_t i = 1; i < halves[half].count; i++)
        TRY(copy_value(to, rows, asset, (size_t)halves[half].from[i], table, i, err));
    return capture_table_put(table, err);
}

static Rc clear_others(Capturing *to, bool has_scaleout, Err *err)
{
    TRY(capture_file_clear(to->file, "internal.event_messages", "operation_id", err));
    if (has_scaleout) {
        TRY(capture_file_clear(to->file, "internal.operation_messages_scaleout", "operation_id",
                               err));
        TRY(capture_file_clear(to->file, "internal.event_messages_scaleout", "operation_id", err));
    }
    return RC_OK;
}

enum { GUID_BYTES = 37, GUID_DIGITS = 12 };

/* The last group of it; a call for each message. */
static void number_guid(char guid[GUID_BYTES], int64_t number)
{
    for (int i = GUID_BYTES - 2; i >= GUID_BYTES - 1 - GUID_DIGITS; i--, number >>= 4)
        guid[i] = "0123456789ABCDEF"[number & 15];
}

/* Scale Out numbers its messages by a GUID, which the view does not show: any other joins the two
 * halves as well. The tables have it, so that an archive knows a message again. */
Rc put_MESSAGES(Capturing *to, const Part *part, TdsRows *rows, int64_t *ret_rows, Err *err)
{
    CaptureTable *tables[ARRAY_LEN(halves)] = {0};
    bool has_row = false, has_scaleout = strcmp(capture_flavor(to->db), "sql2012") != 0;
    int64_t count = 0;
    char guid[GUID_BYTES];

    (void)part;
    (void)snprintf(guid, sizeof(guid), "%08X-0000-4000-8000-%012d", (unsigned)to->captured.head.run,
                   0);
    if (!to->is_archive)
        TRY(clear_others(to, has_scaleout, err));
    for (size_t i = 0; i < (has_scaleout ? ARRAY_LEN(halves) : 2); i++)
        TRY(capture_table_open(to->file, halves[i].table, halves[i].columns, halves[i].count,
                               halves[i].count, &tables[i], err));
    for (;; count++) {
        TRY(next_row(to, rows, &has_row, err));
        if (!has_row)
            break;
        bool is_scaleout = tds_is_null(rows, FROM(EVENT_MESSAGE_ID)) && has_scaleout;
        size_t half = is_scaleout ? 2 : 0;
        number_guid(guid, count);
        Str key = !is_scaleout ? (Str){0}
                  : to->is_archive
                      ? tds_text(rows, SQL_CAPTURE_ARCHIVED_MESSAGES__EVENT_MESSAGE_GUID)
                      : str_of(guid);
        TRY(put_half(to, tables[half], half, rows, key, err));
        if (has_event(rows))
            TRY(put_half(to, tables[half + 1], half + 1, rows, key, err));
    }
    *ret_rows = count;
    return RC_OK;
}

/* ---- phases: a row for the start, one for the end -------------------------------------------- */

#define PHASE(column) SQL_CAPTURE_PHASES__##column

static Rc put_phase(const Capturing *to, CaptureTable *table, const TdsRows *rows, bool is_start,
                    int64_t sequence, Err *err)
{
    const SqlAsset *asset = sql_asset(SQL_CAPTURE_PHASES);
    static const int texts[] = {PHASE(TASK_NAME), PHASE(SUBCOMPONENT_NAME), PHASE(PHASE),
                                PHASE(EXECUTION_PATH)};

    capture_table_i64(table, 0, tds_i64(rows, PHASE(EXECUTION_ID)));
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        TRY(copy_text(to, rows, asset, (size_t)texts[i], table, i + 1, err));
    capture_table_i64(table, 5, is_start);
    capture_table_time(table, 6, tds_time(rows, is_start ? PHASE(START_TIME) : PHASE(END_TIME)));
    capture_table_i64(table, 7, sequence);
    return capture_table_put(table, err);
}

Rc put_PHASES(Capturing *to, const Part *part, TdsRows *rows, int64_t *ret_rows, Err *err)
{
    static const char *const columns[] = {"execution_id", "task_name",      "subcomponent_name",
                                          "phase",        "execution_path", "is_start",
                                          "phase_time",   "sequence_id"};
    CaptureTable *table = NULL;
    bool has_row = false;
    int64_t count = 0;

    TRY(capture_table_open(to->file, part->table, columns, ARRAY_LEN(columns), ARRAY_LEN(columns),
                           &table, err));
    for (;; count++) {
        TRY(next_row(to, rows, &has_row, err));
        if (!has_row)
            break;
        TRY(put_phase(to, table, rows, true, count, err));
        if (!tds_is_null(rows, PHASE(END_TIME)))
            TRY(put_phase(to, table, rows, false, count, err));
    }
    *ret_rows = count;
    return RC_OK;
}

/* ---- what functions say ---------------------------------------------------------------------- */

Rc put_ANSWERS(Capturing *to, const Part *part, TdsRows *rows, int64_t *ret_rows, Err *err)
{
    int64_t before = capture_table_rows(to->answers);
    bool has_row = false;

    (void)part;
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            break;
        Str question = tds_text(rows, SQL_CAPTURE_ANSWERS__QUESTION);
        capture_table_text(to->answers, 0, anonymised_question(to->anonymised, question));
        if (!tds_is_null(rows, SQL_CAPTURE_ANSWERS__NUMBER))
            capture_table_i64(to->answers, 1, tds_i64(rows, SQL_CAPTURE_ANSWERS__NUMBER));
        else
            capture_table_text(to->answers, 1,
                               anonymised_answer(to->anonymised, question,
                                                 tds_text(rows, SQL_CAPTURE_ANSWERS__TEXT)));
        TRY(capture_table_put(to->answers, err));
    }
    *ret_rows = capture_table_rows(to->answers) - before;
    return RC_OK;
}

/* ---- a part ---------------------------------------------------------------------------------- */

/* The values of what its statement declares: the window, or nothing. */
static size_t make_args(const Capturing *to, const Part *part, TdsArg *args)
{
    const TdsArg all[] = {
        {.name = "since", .time = to->captured.read_since},
        {.name = "first_id", .i64 = to->first_id},
        {.name = "last_id", .i64 = to->last_id},
        {.name = "all_messages", .i64 = to->all_messages},
    };
    size_t count = sql_asset(part->id)->param_count;

    if (to->is_archive && count > 0) {
        memcpy(args, to->rule_args, to->rule_arg_count * sizeof(*args));
        memcpy(args + to->rule_arg_count, &all[1], 2 * sizeof(*args));
    } else {
        memcpy(args, all, count * sizeof(*args));
    }
    return count;
}

bool part_is_there(const Capturing *to, const Part *part)
{
    if (!part->needs)
        return true;
    if (strcmp(part->needs, "azure") == 0)
        return to->db->engine_edition == ENGINE_AZURE_SQL_DATABASE;
    return ssisdb_has(to->db, part->needs);
}

/* What the server says, without the statement's name and the number behind it. */
static const char *own_words(const Capturing *to, const Err *refused)
{
    const char *words =
        str_starts(refused->text, "statement '") ? strstr(refused->text, "': ") : NULL;
    const char *number = arena_printf(to->arena, " (error %d)", (int)refused->number);
    size_t len;

    words = words ? words + strlen("': ") : refused->text;
    len = strlen(words);
    if (len > strlen(number) && strcmp(words + len - strlen(number), number) == 0)
        len -= strlen(number);
    return arena_copy(to->arena, words, len);
}

/* In the file the server's answer is that to a read of the table: "208 Invalid object name 'x'". */
static Rc keep_refusal(Capturing *to, const Part *part, const char *words, int32_t number, Err *err)
{
    const char *name = strchr(part->table, '.') + 1;

    capture_table_text(to->answers, 0, str_of(arena_printf(to->arena, "SELECT(%s)", name)));
    capture_table_text(to->answers, 1,
                       str_of(arena_printf(to->arena, "%d %s", (int)number, words)));
    return capture_table_put(to->answers, err);
}

static Rc leave_out(Capturing *to, const Part *part, CapturedPart *captured, const Err *refused,
                    Err *err)
{
    const char *words = own_words(to, refused);

    captured->left_out = arena_printf(to->arena, "%s (error %d)", words, (int)refused->number);
    if (to->lines) // which are out, and counted
        return RC_OK;
    captured->rows = 0;
    capture_table_text(to->left_out, 0, str_of(captured->what));
    capture_table_text(to->left_out, 1,
                       str_of(anonymised_text(to->anonymised, captured->left_out, to->arena)));
    TRY(capture_table_put(to->left_out, err));
    return keep_refusal(to, part, anonymised_text(to->anonymised, words, to->arena),
                        refused->number, err);
}

/* The server lacks a view, a column or a function, or shows it to others only; nothing that passes.
 */
static bool is_refused(const Capturing *to, Rc rc, const Err *why)
{
    if (why->number <= 0 || tds_may_reread(to->db->tds))
        return false;
    return rc == RC_RIGHTS || (rc == RC_QUERY && tds_remedy(why->number) == TDS_HOPELESS);
}

static Rc read_rows(Capturing *to, const Part *part, CapturedPart *captured, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    TdsArg args[ARGS_MAX];
    size_t count = make_args(to, part, args);

    TRY(tds_query(to->db->tds, part->id, args, count, &rows, err));
    return (to->lines && part->lines ? part_put_lines : part->put)(to, part, rows, &captured->rows,
                                                                   err);
}

/* What was put before the server refused goes again, and rows of the log that the file had stay. */
static Rc try_part(Capturing *to, const Part *part, CapturedPart *captured, Err *err)
{
    Err why = {0};

    if (to->file)
        TRY(capture_file_try(to->file, err));
    if (to->file && part->key)
        TRY(capture_file_clear(to->file, part->table, part->key, err));
    Rc rc = read_rows(to, part, captured, &why);
    if (rc == RC_OK)
        return to->file ? capture_file_keep(to->file, err) : RC_OK;
    if (!is_refused(to, rc, &why)) {
        *err = why;
        return err_note(err, "capturing %s", part->what);
    }
    if (to->file)
        TRY(capture_file_undo(to->file, err));
    return leave_out(to, part, captured, &why, err);
}

/* Whose rows are replaced: names that an archive has stay in it, for they tell of what is gone. */
static bool is_cleared(const Capturing *to, const Part *part)
{
    return to->file && part->put == put_WHOLE &&
           !(to->is_archive && str_starts(part->table, "internal."));
}

Rc part_read(Capturing *to, const Part *part, Err *err)
{
    CapturedPart *captured = &to->captured.parts[to->captured.part_count++];

    *captured = (CapturedPart){.what = part->what, .lines = part->lines};
    if (!part_is_there(to, part)) {
        captured->left_out = "this server has none";
        return RC_OK;
    }
    if (is_cleared(to, part))
        TRY(capture_file_clear(to->file, part->table, NULL, err));
    if (part->without == LEFT_OUT)
        return try_part(to, part, captured, err);
    if (to->file && part->key && !to->is_archive)
        TRY(capture_file_clear(to->file, part->table, part->key, err));
    if (read_rows(to, part, captured, err) != RC_OK)
        return err_note(err, "%s %s", to->is_archive ? "archiving" : "capturing", part->what);
    return RC_OK;
}

/* ---- the run --------------------------------------------------------------------------------- */

Rc capture_check_owner(const Ssisdb *db, const CaptureHead *head, const CaptureHead *own,
                       const char *path, Err *err)
{
    if (head->run > 0 && head->is_archive != own->is_archive) {
        (void)FAIL(err, RC_USAGE, "'%s' is %s, not %s", path,
                   own->is_archive ? "a capture" : "an archive of 'cleanup --archive'",
                   own->is_archive ? "an archive" : "a capture");
        return err_hint(err, "nothing in it was changed: name another file");
    }
    if (head->run == 0 ||
        (str_same_fold(head->server, own->server) && str_same_fold(head->database, own->database)))
        return RC_OK;
    if (*head->key_id)
        (void)FAIL(err, RC_USAGE, "'%s' holds another catalog than %s/%s", path, db->server_name,
                   db->database_name);
    else
        (void)FAIL(err, RC_USAGE, "'%s' holds the catalog %s/%s, not %s/%s", path, head->server,
                   head->database, db->server_name, db->database_name);
    return err_hint(err, "nothing in it was changed: name another file for this catalog");
}

/* Names and pseudonyms do not go into one file. */
static Rc check_key(const CaptureHead *head, const char *key_id, const char *path, Err *err)
{
    if (str_same(head->key_id, key_id))
        return RC_OK;
    if (!*key_id)
        (void)FAIL(err, RC_USAGE, "'%s' is anonymised: names do not go into it", path);
    else if (!*head->key_id)
        (void)FAIL(err, RC_USAGE, "'%s' is not anonymised: what is does not go into it", path);
    else
        (void)FAIL(err, RC_USAGE, "'%s' was anonymised with another key", path);
    return err_hint(err, !*key_id         ? "add --anonymise, or name another file"
                         : !*head->key_id ? "leave --anonymise out, or name another file"
                                          : "--anonymise-key names the key; or name another file");
}

static Rc check_same(const Capturing *to, const CaptureHead *before, Err *err)
{
    const char *path = to->question->path;

    if (before->run == 0)
        return RC_OK;
    TRY(check_key(before, to->captured.head.key_id, path, err));
    return capture_check_owner(to->db, before, &to->captured.head, path, err);
}

static Instant earlier(Instant a, Instant b) // unset is before all
{
    return !a.is_set || (b.is_set && a.ticks < b.ticks) ? a : b;
}

/* What the file holds already is not read again, but for what was live or may have come late. */
static void choose_window(Capturing *to, const CaptureHead *before)
{
    const CaptureQuestion *question = to->question;
    const Ssisdb *db = to->db;
    CaptureHead *head = &to->captured.head;
    bool has_before = before->run > 0;
    bool wants_more = question->wants_all_messages && !before->has_all_messages;

    to->all_messages = question->wants_all_messages || (has_before && before->has_all_messages);
    *head = (CaptureHead){
        .run = before->run + 1,
        .server = anonymised_name(to->anonymised, db->server_name, to->arena),
        .database = anonymised_name(to->anonymised, db->database_name, to->arena),
        .program = question->program,
        .key_id = question->anonymiser ? anonymise_key_id(question->anonymiser) : "",
        .flavor = capture_flavor(db),
        .now = db->server_now,
        .since = has_before ? earlier(question->since, before->since) : question->since,
        .has_all_messages = to->all_messages};
    to->captured.is_first = !has_before;
    to->captured.read_since = head->since;
    bool is_within = question->since.is_set
                         ? !before->since.is_set || question->since.ticks >= before->since.ticks
                         : !before->since.is_set;
    if (has_before && is_within && !wants_more)
        to->captured.read_since =
            time_add(earlier(before->now, db->server_now), -SPARE_HOURS * 3600 * TICKS_PER_SECOND);
}

/* Rows that are missing must not stand for rows that are not there. */
static Rc check_skipped(const Ssisdb *db, Err *err)
{
    const TdsSpan *spans = NULL;
    size_t count = tds_skipped(db->tds, &spans);

    if (count == 0)
        return RC_OK;
    (void)FAIL(err, RC_NOTHING,
               "nothing was captured: others held locks on operation %" PRId64 "%s%s",
               spans[0].first, count > 1 ? " and others" : "", tds_blocker(db->tds));
    return err_hint(err, "a file is as it was: capture again when they are done");
}

/* A small table that is written anew. */
static Rc open_anew(Capturing *to, const char *name, const char *const columns[2],
                    CaptureTable **ret_table, Err *err)
{
    TRY(capture_file_clear(to->file, name, NULL, err));
    return capture_table_open(to->file, name, columns, 2, 2, ret_table, err);
}

/* A name is to be known before messages speak of it. */
static Rc learn_names(Capturing *to, Err *err)
{
    static const Part names = {.id = SQL_CAPTURE_NAMES, .what = "names", .put = put_NAMES};
    CapturedPart nothing = {0};

    return to->anonymised ? read_rows(to, &names, &nothing, err) : RC_OK;
}

static void make_parts(Capturing *to)
{
    to->captured.parts =
        arena_alloc_array(to->arena, ARRAY_LEN(parts), sizeof(*to->captured.parts));
}

Rc parts_read_all(Capturing *to, Err *err)
{
    bool has_messages_last = to->anonymised != NULL;

    make_parts(to);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (!has_messages_last || parts[i].put != put_MESSAGES)
            TRY(part_read(to, &parts[i], err));
    TRY(learn_names(to, err));
    for (size_t i = 0; i < ARRAY_LEN(parts) && has_messages_last; i++)
        if (parts[i].put == put_MESSAGES)
            TRY(part_read(to, &parts[i], err));
    return check_skipped(to->db, err);
}

static Rc open_own(Capturing *to, Err *err)
{
    static const char *const left_out[] = {"what", "reason"}, *const answer[] = {"question",
                                                                                 "answer"};

    TRY(open_anew(to, "capture.left_out", left_out, &to->left_out, err));
    return open_anew(to, "capture.answers", answer, &to->answers, err);
}

Rc parts_read_whole(Capturing *to, Err *err)
{
    make_parts(to);
    TRY(open_own(to, err));
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (parts[i].put == put_WHOLE || parts[i].put == put_ANSWERS)
            TRY(part_read(to, &parts[i], err));
    return RC_OK;
}

static Rc read_all(Capturing *to, Err *err)
{
    TRY(open_own(to, err));
    TRY(parts_read_all(to, err));
    TRY(capture_file_lost(to->file, &to->captured.lost, err));
    return to->db->is_sysadmin || to->db->is_ssis_admin ? RC_OK
                                                        : capture_file_permit(to->file, err);
}

/* What comes with the window's operations, and may be left out. */
static bool is_of_window(const Part *part)
{
    return part->without == LEFT_OUT && part->put != put_WHOLE &&
           str_starts(part->table, "internal.");
}

/* Those that the run before left out: of its operations the file has none of their rows. */
static Rc find_gaps(Capturing *to, bool *gaps, Err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (is_of_window(&parts[i]))
            TRY(capture_file_left_out(to->file, parts[i].what, &gaps[i], err));
    return RC_OK;
}

static const CapturedPart *captured_part(const Captured *captured, const char *what)
{
    for (size_t i = 0; i < captured->part_count; i++)
        if (strcmp(captured->parts[i].what, what) == 0)
            return &captured->parts[i];
    return NULL;
}

/* The server gave a part that it had refused: a right was granted, or it was upgraded. */
static bool fills_gap(const Captured *captured, const bool *gaps)
{
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        const CapturedPart *part = gaps[i] ? captured_part(captured, parts[i].what) : NULL;
        if (part && !part->left_out)
            return true;
    }
    return false;
}

/* What is new; all of it when a part can be read that could not be before, which no capture that
 * meets the same refusal pays for. */
static Rc read_twice_at_most(Capturing *to, Err *err)
{
    Instant since = to->captured.head.since, read_since = to->captured.read_since;
    bool is_whole = since.is_set == read_since.is_set && since.ticks == read_since.ticks;
    bool gaps[ARRAY_LEN(parts)] = {false};

    TRY(find_gaps(to, gaps, err));
    TRY(read_all(to, err));
    if (is_whole || !fills_gap(&to->captured, gaps))
        return RC_OK;
    to->captured.read_since = since;
    to->captured.part_count = 0;
    to->first_id = INT64_MIN;
    to->last_id = INT64_MAX;
    return read_all(to, err);
}

Rc capture_run(const Ssisdb *db, const CaptureQuestion *question, Arena *arena,
               Captured *ret_captured, Err *err)
{
    AUTO(capture_file_close_at) CaptureFile *file = NULL;
    AUTO(anonymised_free_at) Anonymised *anonymised = NULL;
    Capturing to = {.db = db,
                    .question = question,
                    .arena = arena,
                    .first_id = INT64_MIN,
                    .last_id = INT64_MAX};
    CaptureHead before;

    TRY(capture_file_open(question->path, question->template_path, &file, err));
    to.file = file;
    TRY(capture_file_head(file, arena, &before, err));
    if (question->anonymiser)
        TRY(anonymised_new(question->anonymiser, &anonymised, err));
    to.anonymised = anonymised;
    choose_window(&to, &before);
    TRY(check_same(&to, &before, err));
    TRY(capture_file_shape(file, err));
    TRY(capture_file_begin(file, &to.captured.head, err));
    TRY(read_twice_at_most(&to, err));
    TRY(capture_file_commit(file, err));
    *ret_captured = to.captured;
    return RC_OK;
}
