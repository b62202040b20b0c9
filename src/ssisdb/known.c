/* Whether what a filter asks for can be at all, and what may have been meant. */
#include "ssisminer/ssisdb/known.h"

#include "ssisminer/base/nearest.h"
#include "ssisminer/base/str.h"
#include "ssisminer/ssisdb/ends.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 5, LINE_BYTES = 2048, ID_DIGITS = 19 };

static void add_note(Notes *notes, Arena *arena, const char *text)
{
    notes->at = arena_grow(arena, notes->at, notes->count, notes->count + 1, &notes->capacity,
                           sizeof(*notes->at));
    notes->at[notes->count++] = text;
}

static const char *copy_of(const TdsRows *rows, int column, Arena *arena)
{
    Str text = tds_text(rows, column);

    return text.at ? arena_copy(arena, text.at, text.len) : NULL;
}

/* ---- names that a filter asks for ------------------------------------------------------------ */

typedef enum Field { FIELD_FOLDER, FIELD_PROJECT, FIELD_PACKAGE, FIELD_CALLER, FIELDS } Field;

static const char *const field_names[FIELDS] = {"folder", "project", "package", "caller"};

typedef struct Wanted { // one glob of the filter
    Field field;
    ExecutionFilter only;
    const char *glob;
    bool is_met;
    Nearest nearest;
    const char *containing;   // a name that holds the glob's text
    const char *shown[SHOWN]; // some of the names there are
    size_t shown_count;
    bool has_more;
} Wanted;

typedef struct Checker {
    const Ssisdb *db;
    const ExecutionFilter *filter;
    Arena *arena;
    Wanted *list;
    size_t count;
    bool passes; // some row passes the whole filter
} Checker;

static ExecutionFilter filter_of(Field field, const char *const *glob)
{
    switch (field) {
    case FIELD_FOLDER:
        return (ExecutionFilter){.folders = glob, .folder_count = 1};
    case FIELD_PROJECT:
        return (ExecutionFilter){.projects = glob, .project_count = 1};
    case FIELD_PACKAGE:
        return (ExecutionFilter){.packages = glob, .package_count = 1};
    case FIELD_CALLER:
    case FIELDS:
        break;
    }
    return (ExecutionFilter){.callers = glob, .caller_count = 1};
}

static const char *name_for(Field field, const Execution *names)
{
    const char *const all[FIELDS] = {names->folder, names->project, names->package, names->caller};

    return all[field];
}

static void add_wanted(Checker *checker, Field field, const char *const *globs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (globs[i][0] != '!')
            checker->list[checker->count++] = (Wanted){.field = field,
                                                       .only = filter_of(field, &globs[i]),
                                                       .glob = globs[i],
                                                       .nearest = {.word = globs[i]}};
}

static Checker checker_of(const Ssisdb *db, const ExecutionFilter *filter, Arena *arena)
{
    size_t most =
        filter->folder_count + filter->project_count + filter->package_count + filter->caller_count;
    Checker checker = {.db = db, .filter = filter, .arena = arena};

    checker.list = arena_alloc_array(arena, most + 1, sizeof(*checker.list));
    add_wanted(&checker, FIELD_FOLDER, filter->folders, filter->folder_count);
    add_wanted(&checker, FIELD_PROJECT, filter->projects, filter->project_count);
    add_wanted(&checker, FIELD_PACKAGE, filter->packages, filter->package_count);
    add_wanted(&checker, FIELD_CALLER, filter->callers, filter->caller_count);
    return checker;
}

static void show(Wanted *wanted, const char *name, Arena *arena)
{
    for (size_t i = 0; i < wanted->shown_count; i++)
        if (str_same_fold(wanted->shown[i], name))
            return;
    if (wanted->shown_count == SHOWN)
        wanted->has_more = true;
    else
        wanted->shown[wanted->shown_count++] = arena_text(arena, name);
}

/* What might have been meant; the name lives as long as its row. */
static void offer(Wanted *wanted, const char *name, Arena *arena)
{
    const char *before = wanted->nearest.best;

    nearest_offer(&wanted->nearest, name);
    if (wanted->nearest.best != before)
        wanted->nearest.best = arena_text(arena, name);
    if (!wanted->containing && !strpbrk(wanted->glob, "*?[") &&
        str_glob(arena_printf(arena, "*%s*", wanted->glob), name))
        wanted->containing = arena_text(arena, name);
    show(wanted, name, arena);
}

static void meet(Checker *checker, const Execution *names, bool with_callers)
{
    ExecutionFilter filter = *checker->filter;

    filter.id_count = 0;
    if (!with_callers)
        filter.caller_count = 0;
    checker->passes = checker->passes || execution_passes(&filter, names);
    for (size_t i = 0; i < checker->count; i++) {
        Wanted *wanted = &checker->list[i];
        const char *name = name_for(wanted->field, names);
        if (wanted->is_met || !name)
            continue;
        wanted->is_met = execution_passes(&wanted->only, names);
        if (!wanted->is_met)
            offer(wanted, name, checker->arena);
    }
}

static Rc read_deployed(Checker *checker, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    AUTO(arena_done) Arena row = {0};
    bool has_row = false;

    TRY(tds_query(checker->db->tds, SQL_SSISDB_DEPLOYED, NULL, 0, &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            return RC_OK;
        arena_reset(&row);
        const Execution names = {
            .folder = copy_of(rows, SQL_SSISDB_DEPLOYED__FOLDER_NAME, &row),
            .project = copy_of(rows, SQL_SSISDB_DEPLOYED__PROJECT_NAME, &row),
            .package = copy_of(rows, SQL_SSISDB_DEPLOYED__PACKAGE_NAME, &row),
        };
        meet(checker, &names, false);
    }
}

static Execution logged_of(const TdsRows *rows, Arena *arena)
{
    return (Execution){
        .folder = copy_of(rows, SQL_SSISDB_LOGGED__FOLDER_NAME, arena),
        .project = copy_of(rows, SQL_SSISDB_LOGGED__PROJECT_NAME, arena),
        .package = copy_of(rows, SQL_SSISDB_LOGGED__PACKAGE_NAME, arena),
        .caller = copy_of(rows, SQL_SSISDB_LOGGED__CALLER_NAME, arena),
    };
}

typedef void TakeNames(void *context, const Execution *names, Instant last);

static Rc read_logged(const Ssisdb *db, TakeNames *take, void *context, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    AUTO(arena_done) Arena row = {0};
    const TdsArg args[] = {{.name = "latest", .time = ends_latest(db)}};
    bool has_row = false;

    TRY(tds_query(db->tds, SQL_SSISDB_LOGGED, args, ARRAY_LEN(args), &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            return RC_OK;
        arena_reset(&row);
        const Execution names = logged_of(rows, &row);
        take(context, &names, tds_time(rows, SQL_SSISDB_LOGGED__LAST_TIME));
    }
}

static void meet_logged(void *context, const Execution *names, Instant last)
{
    (void)last;
    meet(context, names, true);
}

/* ---- what comes of it ------------------------------------------------------------------------ */

static bool all_met(const Checker *checker)
{
    for (size_t i = 0; i < checker->count; i++)
        if (!checker->list[i].is_met)
            return false;
    return checker->passes;
}

/* Whether one glob at least of the field has a name. */
static bool is_field_met(const Checker *checker, Field field)
{
    for (size_t i = 0; i < checker->count; i++)
        if (checker->list[i].field == field && checker->list[i].is_met)
            return true;
    return false;
}

static Rc hint_names(const Wanted *wanted, Err *err)
{
    AUTO(buf_done) Buf names = BUF(LINE_BYTES);

    if (nearest_answer(&wanted->nearest))
        return err_hint(err, "did you mean '%s'?", nearest_answer(&wanted->nearest));
    if (wanted->containing)
        return err_hint(err, "a name is meant as a whole; '*%s*' would be met, as by '%s'",
                        wanted->glob, wanted->containing);
    for (size_t i = 0; i < wanted->shown_count; i++)
        buf_printf(&names, "%s%s", i ? ", " : "", wanted->shown[i]);
    if (names.len == 0)
        return err_hint(err, "there is no %s at all", field_names[wanted->field]);
    return err_hint(err, "there %s %s%s", wanted->shown_count == 1 ? "is" : "are", buf_text(&names),
                    wanted->has_more ? " and more" : "");
}

static Rc refuse_name(const Checker *checker, const Wanted *wanted, Err *err)
{
    const Ssisdb *db = checker->db;
    const char *option = field_names[wanted->field];

    if (!db->sees_all) {
        (void)FAIL(err, RC_RIGHTS, "login '%s' sees no %s that --%s '%s' means",
                   db->login_name ? db->login_name : "?", option, option, wanted->glob);
        return err_hint(err, "it is not in role %s, and there may be one", ssisdb_reading_role(db));
    }
    (void)FAIL(err, RC_USAGE, "there is no %s '%s' %s", option, wanted->glob,
               wanted->field == FIELD_CALLER ? "in the log" : "in the catalog or its log");
    return hint_names(wanted, err);
}

static Rc refuse_together(const Checker *checker, Err *err)
{
    bool sees_all = checker->db->sees_all;

    (void)FAIL(err, sees_all ? RC_USAGE : RC_RIGHTS,
               "each name of the filter is there, but no package has all of them");
    return err_hint(err, "leave out one of --folder, --project, --package, --caller%s",
                    sees_all ? "" : "; or the login does not see what has them");
}

static Rc judge(const Checker *checker, Notes *notes, Err *err)
{
    for (size_t i = 0; i < checker->count; i++)
        if (!is_field_met(checker, checker->list[i].field))
            return refuse_name(checker, &checker->list[i], err);
    if (!checker->passes && checker->count > 0)
        return refuse_together(checker, err);
    for (size_t i = 0; i < checker->count; i++)
        if (!checker->list[i].is_met)
            add_note(notes, checker->arena,
                     arena_printf(checker->arena, "--%s: there is no '%s'",
                                  field_names[checker->list[i].field], checker->list[i].glob));
    return RC_OK;
}

Rc known_names(const Ssisdb *db, const ExecutionFilter *filter, Arena *arena, Notes *notes,
               Err *err)
{
    Checker checker = checker_of(db, filter, arena);

    if (checker.count == 0)
        return RC_OK;
    if (read_deployed(&checker, err) != RC_OK)
        return err_note(err, "reading the names of the catalog");
    if (all_met(&checker))
        return RC_OK;
    checker.passes = checker.passes && filter->caller_count == 0;
    if (read_logged(db, meet_logged, &checker, err) != RC_OK)
        return err_note(err, "reading the names of the log");
    return judge(&checker, notes, err);
}

/* ---- the last one ---------------------------------------------------------------------------- */

typedef struct Last {
    ExecutionFilter filter;
    Instant at;
} Last;

static void take_last(void *context, const Execution *names, Instant at)
{
    Last *last = context;

    if (at.is_set && execution_passes(&last->filter, names) &&
        (!last->at.is_set || at.ticks > last->at.ticks))
        last->at = at;
}

Rc known_last(const Ssisdb *db, const ExecutionFilter *filter, Instant *ret_last, Err *err)
{
    Last last = {.filter = *filter};

    last.filter.id_count = 0;
    if (read_logged(db, take_last, &last, err) != RC_OK)
        return err_note(err, "reading when executions were last");
    *ret_last = last.at;
    return RC_OK;
}

/* ---- ids ------------------------------------------------------------------------------------- */

typedef struct Ids {
    const ExecutionFilter *filter;
    size_t found;
    bool *is_found; // of the filter's ids
    int64_t first, last;
    Instant first_time;
} Ids;

static void take_id(Ids *ids, const TdsRows *rows)
{
    int64_t id = tds_i64(rows, SQL_SSISDB_KNOWN_IDS__OPERATION_ID);

    ids->first = tds_i64(rows, SQL_SSISDB_KNOWN_IDS__FIRST_ID);
    ids->last = tds_i64(rows, SQL_SSISDB_KNOWN_IDS__LAST_ID);
    ids->first_time = tds_time(rows, SQL_SSISDB_KNOWN_IDS__FIRST_TIME);
    for (size_t i = 0; i < ids->filter->id_count; i++)
        if (ids->filter->ids[i] == id && !ids->is_found[i]) {
            ids->is_found[i] = true;
            ids->found++;
        }
}

static Rc read_ids(const Ssisdb *db, Ids *ids, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    AUTO(buf_done) Buf text = BUF((size_t)KNOWN_IDS * ID_DIGITS + 1);
    bool has_row = false;

    for (size_t i = 0; i < ids->filter->id_count; i++)
        buf_printf(&text, "%0*" PRId64, ID_DIGITS, ids->filter->ids[i]);
    TRY(buf_check(&text, "the list of ids", err));
    const TdsArg args[] = {{.name = "ids", .text = buf_text(&text)},
                           {.name = "id_count", .i64 = (int64_t)ids->filter->id_count}};
    TRY(tds_query(db->tds, SQL_SSISDB_KNOWN_IDS, args, ARRAY_LEN(args), &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            return RC_OK;
        take_id(ids, rows);
    }
}

/* "4711, 4712 and more" */
static const char *missing_text(const Ids *ids, Arena *arena)
{
    AUTO(buf_done) Buf text = BUF(LINE_BYTES);
    size_t shown = 0;

    for (size_t i = 0; i < ids->filter->id_count && shown <= SHOWN; i++) {
        if (ids->is_found[i])
            continue;
        if (shown == SHOWN)
            buf_puts(&text, " and more");
        else
            buf_printf(&text, "%s%" PRId64, shown ? ", " : "", ids->filter->ids[i]);
        shown++;
    }
    return arena_text(arena, buf_text(&text));
}

static Rc refuse_ids(const Ssisdb *db, const Ids *ids, Arena *arena, Err *err)
{
    char time[TIME_TEXT_MAX];
    const char *missing = missing_text(ids, arena);

    if (!db->sees_all) {
        (void)FAIL(err, RC_RIGHTS, "login '%s' sees no execution %s",
                   db->login_name ? db->login_name : "?", missing);
        return err_hint(err, "it is not in role %s and sees its own executions only",
                        ssisdb_reading_role(db));
    }
    (void)FAIL(err, RC_USAGE, "the log has no execution %s", missing);
    if (ids->first == 0)
        return err_hint(err, "the log is empty");
    time_iso_utc(ids->first_time, 0, time);
    return err_hint(err,
                    "it goes from %" PRId64 " (created %s) to %" PRId64
                    "; older ones are gone with the retention purge",
                    ids->first, time, ids->last);
}

Rc known_ids(const Ssisdb *db, const ExecutionFilter *filter, Arena *arena, Notes *notes, Err *err)
{
    Ids ids = {.filter = filter};

    if (filter->id_count == 0 || filter->id_count > KNOWN_IDS)
        return RC_OK;
    ids.is_found = arena_alloc_array(arena, filter->id_count, sizeof(bool));
    if (read_ids(db, &ids, err) != RC_OK)
        return err_note(err, "looking for the ids");
    if (ids.found == 0)
        return refuse_ids(db, &ids, arena, err);
    if (ids.found < filter->id_count)
        add_note(notes, arena,
                 arena_printf(arena, "%s no execution %s",
                              db->sees_all ? "the log has" : "this login sees",
                              missing_text(&ids, arena)));
    return RC_OK;
}

/* ---- by the name that others have for it ----------------------------------------------------- */

enum { HEX_DIGITS = 32, NAME_BYTES = 500 }; // a pattern has 4000 characters at most

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* 8-4-4-4-12 digits at the beginning of the text, or 32 of them; no more may follow. */
static bool take_guid(const char *text, char ret_hex[HEX_DIGITS + 1])
{
    size_t count = 0;

    for (; count < HEX_DIGITS; text++) {
        bool is_joint = count == 8 || count == 12 || count == 16 || count == 20;
        if (*text == '-' && is_joint)
            continue;
        if (!is_hex(*text))
            return false;
        ret_hex[count++] = lower(*text);
    }
    ret_hex[HEX_DIGITS] = '\0';
    return !is_hex(*text);
}

/* The first identifier in a text: by itself, in braces, in a link. */
static bool find_guid(const char *text, char ret_hex[HEX_DIGITS + 1])
{
    for (const char *at = text; *at; at++)
        if ((at == text || !is_hex(at[-1])) && take_guid(at, ret_hex))
            return true;
    return false;
}

static const char *dashed(const char *hex, Arena *arena)
{
    if (*hex == '\0')
        return "";
    return arena_printf(arena, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
                        hex + 20);
}

/* A pattern of LIKE for that text in either case; what LIKE takes for itself stands in brackets. */
static void put_pattern(Buf *out, const char *text)
{
    for (; *text; text++) {
        char small = lower(*text);
        bool is_letter = small >= 'a' && small <= 'z';
        if (is_letter)
            buf_printf(out, "[%c%c]", small, small - ('a' - 'A'));
        else
            buf_printf(out, strchr("%_[", *text) ? "[%c]" : "%c", *text);
    }
}

static const char *pattern_of(const char *around, const char *text, Arena *arena)
{
    AUTO(buf_done) Buf out = BUF((size_t)4 * NAME_BYTES + 3);

    buf_puts(&out, around);
    put_pattern(&out, text);
    buf_puts(&out, around);
    return arena_text(arena, buf_text(&out));
}

typedef struct Finder {
    Arena *arena;
    int64_t *ids;
    size_t count, capacity;
    const char *places[SHOWN];
    size_t place_count;
    bool has_more;
} Finder;

static const char *place_of(const TdsRows *rows, Arena *arena)
{
    enum { GUID = 0, OVERRIDE = 1, SYSTEM = 50 };
    const char *name = copy_of(rows, SQL_SSISDB_NAMED_RUNS__FOUND_IN, arena);
    int64_t type = tds_i64(rows, SQL_SSISDB_NAMED_RUNS__OBJECT_TYPE);

    if (type == GUID || type == SYSTEM)
        return name;
    return arena_printf(arena, "%s %s", type == OVERRIDE ? "override" : "parameter", name);
}

static void take_named(Finder *finder, const TdsRows *rows)
{
    const char *place = place_of(rows, finder->arena);

    finder->ids = arena_grow(finder->arena, finder->ids, finder->count, finder->count + 1,
                             &finder->capacity, sizeof(*finder->ids));
    finder->ids[finder->count++] = tds_i64(rows, SQL_SSISDB_NAMED_RUNS__OPERATION_ID);
    for (size_t i = 0; i < finder->place_count; i++)
        if (strcmp(finder->places[i], place) == 0)
            return;
    if (finder->place_count == SHOWN)
        finder->has_more = true;
    else
        finder->places[finder->place_count++] = place;
}

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static size_t keep_once(int64_t *ids, size_t count)
{
    size_t kept = 0;

    if (count > 0)
        qsort(ids, count, sizeof(*ids), by_id);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || ids[kept - 1] != ids[i])
            ids[kept++] = ids[i];
    return kept;
}

static Rc refuse_run(const Ssisdb *db, const char *name, bool is_guid, Err *err)
{
    (void)FAIL(err, db->sees_all ? RC_USAGE : RC_RIGHTS,
               "no execution%s has '%s' as operation_guid, in CALLER_INFO, or as the value of a "
               "parameter or an override",
               db->sees_all ? "" : " that this login sees", name);
    if (is_guid)
        return err_hint(err,
                        "a pipeline's run id is there only if the pipeline passes it, as "
                        "@pipeline().RunId for a parameter; else look by time: --since 'yesterday "
                        "18:00' --until 'yesterday 19:00'");
    return err_hint(
        err, "an Agent step writes SQLAGENT and not the job's name, unless a parameter holds it; "
             "else look by the job's time and account: --since 'yesterday 18:00' --caller "
             "'*agent*'");
}

static Rc read_named(const Ssisdb *db, const TdsArg *args, size_t count, Finder *finder, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = false;

    TRY(tds_query(db->tds, SQL_SSISDB_NAMED_RUNS, args, count, &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            return RC_OK;
        take_named(finder, rows);
    }
}

static void resolve_run(Finder *finder, KnownRun *ret_run)
{
    AUTO(buf_done) Buf places = BUF(LINE_BYTES);

    for (size_t i = 0; i < finder->place_count; i++)
        buf_printf(&places, "%s%s", i ? ", " : "", finder->places[i]);
    if (finder->has_more)
        buf_puts(&places, " and more");
    ret_run->count = keep_once(finder->ids, finder->count);
    ret_run->ids = finder->ids;
    ret_run->found_in = arena_text(finder->arena, buf_text(&places));
}

Rc known_run(const Ssisdb *db, const char *name, Arena *arena, KnownRun *ret_run, Err *err)
{
    Finder finder = {.arena = arena};
    char hex[HEX_DIGITS + 1] = "";
    int64_t id;

    if (str_to_i64(str_of(name), &id) && id > 0) {
        finder.ids = arena_alloc(arena, sizeof(*finder.ids));
        *finder.ids = id;
        *ret_run = (KnownRun){finder.ids, 1, "execution_id"};
        return RC_OK;
    }
    if (strlen(name) > NAME_BYTES)
        return FAIL(err, RC_USAGE, "--run: no name is longer than %d bytes", NAME_BYTES);
    bool is_guid = find_guid(name, hex);
    const char *guid = dashed(hex, arena);
    const TdsArg args[] = {
        {.name = "guid", .is_null = !is_guid, .text = guid},
        {.name = "value",
         .text = is_guid ? pattern_of("%", guid, arena) : pattern_of("", name, arena)},
        {.name = "value_too", .is_null = !is_guid, .text = pattern_of("%", hex, arena)},
        {.name = "within", .is_null = is_guid, .text = pattern_of("%", name, arena)},
    };
    if (read_named(db, args, ARRAY_LEN(args), &finder, err) != RC_OK)
        return err_note(err, "looking for '%s'", name);
    if (finder.count == 0)
        return refuse_run(db, name, is_guid, err);
    resolve_run(&finder, ret_run);
    if (ret_run->count <= KNOWN_RUNS)
        return RC_OK;
    (void)FAIL(err, RC_USAGE, "'%s' is no name of a run: %zu executions have it, in %s", name,
               ret_run->count, ret_run->found_in);
    return err_hint(err, "--run takes what one run of a pipeline, an activity or a job has; filter "
                         "by --package, --caller and --since instead");
}
