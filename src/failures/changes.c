/* What changed before a package failed: its history, the marks in it, the values, the
 * deployments. */
#include "ssisminer/failures/changes.h"

#include "changed_values.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/sat.h"
#include "ssisminer/ssisdb/ends.h"

#include <inttypes.h>
#include <stdlib.h>

enum { ID_DIGITS = 19, MARKS = 4 };

struct ChangesStore {
    Arena arena;
};

typedef struct Mark { // one execution that is of interest
    int64_t id;
    Instant created, time; // time: its end, else start, else creation
    int64_t project_id, version;
    Instant deployed, restored;
    const char *deployed_by, *restored_by;
} Mark;

typedef struct Reader {
    const Ssisdb *db;
    Arena *arena;
    PackageChange *list; // by the id of the newest while rows arrive
    size_t count;
    int64_t *earlier; // the success before the last one; same index
    int64_t *last;    // of its executions so far; same index
    Mark *marks;      // by id
    size_t mark_count;
    Instant latest;
} Reader;

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* Ascending, each once, without 0; their count is returned. */
static size_t sort_ids(int64_t *ids, size_t count)
{
    size_t kept = 0;

    if (count > 0)
        qsort(ids, count, sizeof(*ids), by_number);
    for (size_t i = 0; i < count; i++)
        if (ids[i] > 0 && (kept == 0 || ids[kept - 1] != ids[i]))
            ids[kept++] = ids[i];
    return kept;
}

/* `more` NULL: the ids are all that is asked with. */
static Rc with_ids(Reader *reader, SqlId id, const int64_t *ids, size_t count, const TdsArg *more,
                   TdsRowFn *on_row, Err *err)
{
    AUTO(buf_done) Buf text = BUF((size_t)CHANGES_PACKAGES * MARKS * ID_DIGITS);

    for (size_t i = 0; i < count; i++)
        buf_printf(&text, "%0*" PRId64, ID_DIGITS, ids[i]);
    TRY(buf_check(&text, "the list of executions", err));
    const TdsArg args[] = {{.name = "ids", .text = buf_text(&text)},
                           {.name = "id_count", .i64 = (int64_t)count},
                           more ? *more : (TdsArg){0}};
    return tds_each(reader->db->tds, id, args, ARRAY_LEN(args) - !more, on_row, reader, err);
}

/* ---- which packages -------------------------------------------------------------------------- */

static int by_package(const void *a, const void *b)
{
    const Failure *const *left = a, *const *right = b;
    const Execution *x = &(*left)->execution, *y = &(*right)->execution;
    const char *const texts[][2] = {{x->folder, y->folder},
                                    {x->project, y->project},
                                    {x->package, y->package},
                                    {x->environment_folder, y->environment_folder},
                                    {x->environment, y->environment}};

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        int order = str_compare_fold(texts[i][0], texts[i][1]);
        if (order != 0)
            return order;
    }
    return 0;
}

static int by_package_then_id(const void *a, const void *b)
{
    const Failure *const *x = a, *const *y = b;
    int order = by_package(a, b);

    return order != 0 ? order : ((*x)->id > (*y)->id) - ((*x)->id < (*y)->id);
}

static int newest_first(const void *a, const void *b)
{
    const Failure *const *x = a, *const *y = b;

    return ((*x)->id < (*y)->id) - ((*x)->id > (*y)->id);
}

static int by_newest(const void *a, const void *b)
{
    const PackageChange *x = a, *y = b;

    return (x->newest->id > y->newest->id) - (x->newest->id < y->newest->id);
}

/* The last of each package among those that failed; in place. */
static size_t keep_newest(const Failure **list, size_t count)
{
    size_t kept = 0;

    if (count > 0)
        qsort(list, count, sizeof(*list), by_package_then_id);
    for (size_t i = 0; i < count; i++)
        if (i + 1 == count || by_package(&list[i], &list[i + 1]) != 0)
            list[kept++] = list[i];
    if (kept > 0)
        qsort(list, kept, sizeof(*list), newest_first);
    return kept;
}

static size_t pick(Reader *reader, const Failures *failures)
{
    AUTO(mem_free_at) const Failure **list = mem_alloc((failures->count + 1) * sizeof(*list));
    size_t count = 0;

    for (size_t i = 0; i < failures->count; i++) {
        const Failure *failure = &failures->list[i];
        if (failure->is_execution && failure->execution.package &&
            (failure->status == STATUS_FAILED || failure->status == STATUS_ENDED_UNEXPECTEDLY))
            list[count++] = failure;
    }
    count = keep_newest(list, count);
    reader->count = count < CHANGES_PACKAGES ? count : CHANGES_PACKAGES;
    reader->list = arena_alloc_array(reader->arena, reader->count, sizeof(*reader->list));
    reader->earlier = arena_alloc_array(reader->arena, reader->count, sizeof(*reader->earlier));
    reader->last = arena_alloc_array(reader->arena, reader->count, sizeof(*reader->last));
    for (size_t i = 0; i < reader->count; i++) // the ids ascend
        reader->list[reader->count - 1 - i].newest = list[i];
    return count - reader->count;
}

static PackageChange *find(Reader *reader, int64_t id)
{
    const Failure failure = {.id = id};
    const PackageChange key = {.newest = &failure};

    return bsearch(&key, reader->list, reader->count, sizeof(key), by_newest);
}

/* ---- the history ----------------------------------------------------------------------------- */

/* Rows come in the order of ids; the view may show an execution twice. */
static void on_history(void *context, const TdsRows *rows)
{
    Reader *reader = context;
    PackageChange *change = find(reader, tds_i64(rows, SQL_FAILURES_HISTORY__NEWEST_ID));
    int64_t id = tds_i64(rows, SQL_FAILURES_HISTORY__EXECUTION_ID);
    int64_t status = tds_i64(rows, SQL_FAILURES_HISTORY__STATUS);
    bool is_success = status == STATUS_SUCCEEDED || status == STATUS_COMPLETED;
    bool is_failure = status == STATUS_FAILED || status == STATUS_ENDED_UNEXPECTEDLY;

    if (!change || id <= reader->last[change - reader->list])
        return;
    reader->last[change - reader->list] = id;
    if (id > change->newest->id) {
        if (is_success && change->again_id == 0)
            change->again_id = id;
        return;
    }
    change->runs++;
    change->failures += is_failure;
    change->streak = is_success ? 0 : change->streak + is_failure;
    if (is_success) {
        reader->earlier[change - reader->list] = change->success_id;
        change->success_id = id;
        change->since_id = 0;
    } else if (is_failure && change->since_id == 0) {
        change->since_id = id;
    }
}

static Rc read_history(Reader *reader, Err *err)
{
    AUTO(mem_free_at) int64_t *ids = mem_alloc(reader->count * sizeof(*ids));

    for (size_t i = 0; i < reader->count; i++)
        ids[i] = reader->list[i].newest->id;
    const TdsArg first = {.name = "first_id", .i64 = sat_sub(ids[0], CHANGES_REACH)};
    return with_ids(reader, SQL_FAILURES_HISTORY, ids, reader->count, &first, on_history, err);
}

/* ---- the marks ------------------------------------------------------------------------------- */

static int by_mark(const void *a, const void *b)
{
    const Mark *x = a, *y = b;

    return (x->id > y->id) - (x->id < y->id);
}

static const Mark *mark_of(const Reader *reader, int64_t id)
{
    static const Mark none = {0};
    const Mark key = {.id = id};
    const Mark *found = reader->mark_count
                            ? bsearch(&key, reader->marks, reader->mark_count, sizeof(key), by_mark)
                            : NULL;

    return found ? found : &none;
}

static void on_mark(void *context, const TdsRows *rows)
{
    Reader *reader = context;
    const Mark key = {.id = tds_i64(rows, SQL_FAILURES_MARKS__EXECUTION_ID)};
    Mark *mark = bsearch(&key, reader->marks, reader->mark_count, sizeof(key), by_mark);
    Instant start = tds_time(rows, SQL_FAILURES_MARKS__START_TIME);
    Instant end = tds_time(rows, SQL_FAILURES_MARKS__END_TIME);

    if (!mark)
        return;
    mark->created = tds_time(rows, SQL_FAILURES_MARKS__CREATED_TIME);
    ends_clear(mark->created, start, &end, reader->latest);
    mark->time = end.is_set ? end : start.is_set ? start : mark->created;
    mark->project_id = tds_i64(rows, SQL_FAILURES_MARKS__PROJECT_ID);
    mark->version = tds_i64(rows, SQL_FAILURES_MARKS__PROJECT_LSN);
    mark->deployed_by = tds_text_copy(rows, SQL_FAILURES_MARKS__DEPLOYED_BY, reader->arena);
    mark->deployed = tds_time(rows, SQL_FAILURES_MARKS__DEPLOYED_TIME);
    mark->restored_by = tds_text_copy(rows, SQL_FAILURES_MARKS__RESTORED_BY, reader->arena);
    mark->restored = tds_time(rows, SQL_FAILURES_MARKS__RESTORED_TIME);
}

static void resolve_marks(Reader *reader, PackageChange *change)
{
    const Mark *newest = mark_of(reader, change->newest->id);
    const Mark *success = mark_of(reader, change->success_id);

    change->since = mark_of(reader, change->since_id)->time;
    change->success = success->time;
    change->again = mark_of(reader, change->again_id)->time;
    change->version = newest->version;
    change->version_before = success->version;
    if (success->version == 0 || newest->version == 0 || success->version == newest->version)
        return;
    change->is_deployed = true;
    change->is_restored = newest->version < success->version;
    change->deployed = change->is_restored ? newest->restored : newest->deployed;
    change->deployed_by = change->is_restored ? newest->restored_by : newest->deployed_by;
}

static Rc read_marks(Reader *reader, Err *err)
{
    AUTO(mem_free_at) int64_t *ids = mem_alloc(MARKS * reader->count * sizeof(*ids));
    size_t count = 0;

    for (size_t i = 0; i < reader->count; i++) {
        const PackageChange *change = &reader->list[i];
        const int64_t marks[MARKS] = {change->newest->id, change->success_id, change->since_id,
                                      change->again_id};
        for (int k = 0; k < MARKS; k++)
            ids[count++] = marks[k];
    }
    count = sort_ids(ids, count);
    reader->marks = arena_alloc_array(reader->arena, count, sizeof(*reader->marks));
    reader->mark_count = count;
    for (size_t i = 0; i < count; i++)
        reader->marks[i].id = ids[i];
    TRY(with_ids(reader, SQL_FAILURES_MARKS, ids, count, NULL, on_mark, err));
    for (size_t i = 0; i < reader->count; i++)
        resolve_marks(reader, &reader->list[i]);
    return RC_OK;
}

/* ---- deployments ----------------------------------------------------------------------------- */

static bool is_of(const Reader *reader, const PackageChange *change, int64_t project_id,
                  const char *project)
{
    int64_t own = mark_of(reader, change->newest->id)->project_id;

    if (own > 0 && project_id > 0)
        return own == project_id;
    return project && str_same_fold(project, change->newest->execution.project);
}

/* Says who and when where the versions do not, as they do not to a reader of the log; and that
 * there was one where the versions themselves are unknown. The last one before the failure counts.
 */
static void on_deployment(void *context, const TdsRows *rows)
{
    Reader *reader = context;
    int64_t id = tds_i64(rows, SQL_FAILURES_DEPLOYMENTS__OPERATION_ID);
    int64_t project_id = tds_i64(rows, SQL_FAILURES_DEPLOYMENTS__PROJECT_ID);
    const char *project =
        tds_text_copy(rows, SQL_FAILURES_DEPLOYMENTS__PROJECT_NAME, reader->arena);
    const char *caller = tds_text_copy(rows, SQL_FAILURES_DEPLOYMENTS__CALLER_NAME, reader->arena);
    Instant end = tds_time(rows, SQL_FAILURES_DEPLOYMENTS__END_TIME);
    Instant created = tds_time(rows, SQL_FAILURES_DEPLOYMENTS__CREATED_TIME);
    Instant at = ends_cannot_be(created.ticks, 0, end.ticks, reader->latest.ticks) || !end.is_set
                     ? created
                     : end;

    for (size_t i = 0; i < reader->count; i++) {
        PackageChange *change = &reader->list[i];
        const Mark *newest = mark_of(reader, change->newest->id);
        bool knows = change->version != 0 && change->version_before != 0;
        if (change->success_id == 0 || id < change->success_id || id > change->newest->id ||
            !is_of(reader, change, project_id, project) || (knows && !change->is_deployed) ||
            newest->deployed_by)
            continue;
        change->is_deployed = true;
        change->is_restored =
            sat_int(tds_i64(rows, SQL_FAILURES_DEPLOYMENTS__OPERATION_TYPE)) == OPERATION_RESTORE;
        change->deployed = at;
        change->deployed_by = caller;
    }
}

static Rc read_deployments(Reader *reader, Err *err)
{
    int64_t first = INT64_MAX, last = 0;

    for (size_t i = 0; i < reader->count; i++) {
        const PackageChange *change = &reader->list[i];
        if (change->success_id == 0)
            continue;
        first = change->success_id < first ? change->success_id : first;
        last = change->newest->id > last ? change->newest->id : last;
    }
    if (last == 0)
        return RC_OK;
    const TdsArg args[] = {{.name = "first_id", .i64 = first}, {.name = "last_id", .i64 = last}};
    return tds_each(reader->db->tds, SQL_FAILURES_DEPLOYMENTS, args, ARRAY_LEN(args), on_deployment,
                    reader, err);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static Rc read_values(Reader *reader, Err *err)
{
    AUTO(changed_values_done) ChangedValues values = {.arena = reader->arena};
    AUTO(buf_done) Buf text = BUF((size_t)CHANGES_PACKAGES * 3 * ID_DIGITS);
    AUTO(mem_free_at) int64_t *ids = mem_alloc(3 * reader->count * sizeof(*ids));
    size_t count = 0;

    for (size_t i = 0; i < reader->count; i++) {
        if (reader->list[i].success_id == 0)
            continue;
        ids[count++] = reader->list[i].newest->id;
        ids[count++] = reader->list[i].success_id;
        ids[count++] = reader->earlier[i];
    }
    count = sort_ids(ids, count);
    if (count == 0)
        return RC_OK;
    for (size_t i = 0; i < count; i++)
        buf_printf(&text, "%0*" PRId64, ID_DIGITS, ids[i]);
    TRY(buf_check(&text, "the list of executions", err));
    const TdsArg args[] = {{.name = "ids", .text = buf_text(&text)},
                           {.name = "id_count", .i64 = (int64_t)count}};
    TRY(changed_values_read(&values, reader->db, args, ARRAY_LEN(args), err));
    for (size_t i = 0; i < reader->count; i++)
        changed_values_compare(&values, &reader->list[i], reader->earlier[i]);
    return RC_OK;
}

static Rc read_all(Reader *reader, Err *err)
{
    if (reader->count == 0)
        return RC_OK;
    if (read_history(reader, err) != RC_OK)
        return err_note(err, "reading how the packages that failed ran before");
    if (read_marks(reader, err) != RC_OK)
        return err_note(err, "reading their last successes");
    if (read_values(reader, err) != RC_OK)
        return err_note(err, "reading their parameters");
    if (read_deployments(reader, err) != RC_OK)
        return err_note(err, "reading the deployments between");
    return RC_OK;
}

static int latest_first(const void *a, const void *b)
{
    return by_newest(b, a);
}

Rc changes_read(const Ssisdb *db, const Failures *failures, Changes **ret_changes, Err *err)
{
    AUTO(changes_free_at) Changes *changes = mem_alloc(sizeof(*changes));

    changes->store = mem_alloc(sizeof(*changes->store));
    Reader reader = {.db = db, .arena = &changes->store->arena, .latest = ends_latest(db)};
    changes->left_out = pick(&reader, failures);
    TRY(read_all(&reader, err));
    if (reader.count > 0)
        qsort(reader.list, reader.count, sizeof(*reader.list), latest_first);
    changes->list = reader.list;
    changes->count = reader.count;
    *ret_changes = changes;
    changes = NULL;
    return RC_OK;
}

const PackageChange *changes_of(const Changes *changes, const Failure *failure)
{
    const PackageChange key = {.newest = failure};

    if (!changes || changes->count == 0 || !failure->is_execution)
        return NULL;
    return bsearch(&key, changes->list, changes->count, sizeof(key), latest_first);
}

void changes_free(Changes *changes)
{
    if (!changes)
        return;
    arena_done(&changes->store->arena);
    free(changes->store);
    free(changes);
}

void changes_free_at(Changes **changes)
{
    changes_free(*changes);
}
