/* What changed before a package failed: a line or two for people, rows of fields for programs. */
#include "present.h"

#include "ssisminer/failures/changes.h"

#include <inttypes.h>

enum { NAMED = 3 }; // values that a line names

static const char *when(Instant at, Arena *arena)
{
    return at.is_set ? arena_printf(arena, "%.*s", PRESENT_MINUTE, words_when(at, arena))
                     : "at an unknown time";
}

/* ---- a line of history ----------------------------------------------------------------------- */

/* "03-01 03:26, failed 3 times in a row; last success 02-28 03:26; before that 4 of 120 runs
 * failed" */
static const char *since_text(const PackageChange *change, Arena *arena)
{
    int64_t before = change->failures - change->streak;
    int64_t runs = change->runs - change->streak;
    Buf line = BUF(PRESENT_LINE_MAX);

    if (change->runs == 0)
        return NULL; // nothing was read
    if (change->streak > 1)
        buf_printf(&line, "%s (%" PRId64 " times)", when(change->since, arena), change->streak);
    else
        buf_printf(&line, "%s (once)", when(change->since, arena));
    _Static_assert(CHANGES_REACH == 100000, "the sentence below says so");
    if (change->success_id == 0)
        buf_printf(&line, "; no success %s",
                   change->newest->id > CHANGES_REACH ? "in the 100,000 operations before it"
                                                      : "before it in the log");
    else
        buf_printf(&line, "; last success %s", when(change->success, arena));
    if (before > 0)
        buf_printf(&line, "; %" PRId64 " of %" PRId64 " failed before", before, runs);
    if (change->again_id)
        buf_printf(&line, "; succeeded again %s", when(change->again, arena));
    return present_taken(&line, arena);
}

const char *present_since(const Builder *builder, const Failure *failure)
{
    const PackageChange *change = changes_of(builder->view->changes, failure);

    return change ? since_text(change, builder->arena) : NULL;
}

/* ---- a line of what is different ------------------------------------------------------------- */

static size_t count_steady(const PackageChange *change)
{
    size_t count = 0;

    while (count < change->value_count && !change->values[count].varies)
        count++;
    return count;
}

static void put_deployment(Buf *line, const PackageChange *change, Arena *arena)
{
    if (!change->is_deployed)
        return;
    buf_puts(line, change->is_restored ? "restored" : "deployed");
    if (change->version && change->version != change->version_before)
        buf_printf(line, " version %" PRId64, change->version);
    if (change->deployed_by)
        buf_printf(line, " by %s", change->deployed_by);
    if (change->deployed.is_set)
        buf_printf(line, " %s", when(change->deployed, arena));
    buf_puts(line, " in between");
}

static const char *shown(const ChangedValue *value, const char *text, bool is_set)
{
    if (!is_set)
        return "(not set)";
    return value->is_secret ? "(sensitive)" : text ? text : "(null)";
}

static void put_value(Buf *line, const ChangedValue *value)
{
    buf_printf(line, "%s%s", line->len > 0 ? "; " : "", value->name);
    if (value->is_secret && value->was_set && value->is_set)
        buf_puts(line, " is sensitive: whether it changed is unknown");
    else
        buf_printf(line, ": %s -> %s", shown(value, value->before, value->was_set),
                   shown(value, value->after, value->is_set));
}

/* "deployed version 7 by CORP\ben 02-28 14:00 in between; Region: North -> South; 2 more values" */
static const char *changed_text(const PackageChange *change, Arena *arena)
{
    size_t steady = count_steady(change);
    Buf line = BUF(PRESENT_LINE_MAX);

    put_deployment(&line, change, arena);
    for (size_t i = 0; i < steady && i < NAMED; i++)
        put_value(&line, &change->values[i]);
    if (steady > NAMED)
        buf_printf(&line, "; %zu more values", steady - NAMED);
    return present_taken(&line, arena);
}

static const char *nothing_text(const PackageChange *change)
{
    if (change->success_id == 0 || change->runs == 0)
        return NULL;
    return change->knows_values && change->version && change->version_before
               ? "no deployment since the last success, and the same values"
               : NULL;
}

const char *present_changed(const Builder *builder, const Failure *failure)
{
    const PackageChange *change = changes_of(builder->view->changes, failure);

    return change ? changed_text(change, builder->arena) : NULL;
}

/* Said of one failure alone: of many it would be said of most. */
const char *present_unchanged(const Builder *builder, const Failure *failure)
{
    const PackageChange *change = changes_of(builder->view->changes, failure);

    return change && builder->failures->count == 1 ? nothing_text(change) : NULL;
}

/* ---- of a cause ------------------------------------------------------------------------------ */

static bool is_changed(const PackageChange *change)
{
    return change->is_deployed || count_steady(change) > 0;
}

Instant present_cause_since(const Builder *builder, const FailureCause *cause)
{
    const Changes *changes = builder->view->changes;
    Instant since = cause->first_seen;

    for (size_t i = 0; changes && i < changes->count; i++) {
        const PackageChange *change = &changes->list[i];
        if (change->newest->cause == cause && change->since.is_set &&
            (!since.is_set || change->since.ticks < since.ticks))
            since = change->since;
    }
    return since;
}

/* Of the package that failed last of it, and how many others there are. */
const char *present_cause_changed(const Builder *builder, const FailureCause *cause)
{
    const Changes *changes = builder->view->changes;
    const PackageChange *first = NULL;
    size_t others = 0;

    for (size_t i = 0; changes && i < changes->count; i++) {
        const PackageChange *change = &changes->list[i];
        if (change->newest->cause != cause || !is_changed(change))
            continue;
        others += first != NULL;
        first = first ? first : change;
    }
    if (!first)
        return NULL;
    const char *more = others ? arena_printf(builder->arena, "; %zu more package%s", others,
                                             words_plural((int64_t)others))
                              : "";
    return arena_printf(builder->arena, "changed for %s: %s%s",
                        words_or_unknown(first->newest->execution.package),
                        changed_text(first, builder->arena), more);
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* clang-format off */
#define VALUE_COLUMNS(COLUMN) \
    COLUMN("scope", "scope", value_text(scope_name(value->object_type))) \
    COLUMN("name", "name", value_text(value->name)) \
    COLUMN("before", "at the last success", value_text(value->before)) \
    COLUMN("after", "now", value_text(value->after)) \
    COLUMN("was_set", "was set", value_flag(value->was_set)) \
    COLUMN("is_set", "is set", value_flag(value->is_set)) \
    COLUMN("given_at_start", "given at the start", value_flag(value->is_given)) \
    COLUMN("sensitive", "sensitive", value_flag(value->is_secret)) \
    COLUMN("varies", "varies anyway", value_flag(value->varies))
/* clang-format on */

static const Column value_columns[] = {VALUE_COLUMNS(COLUMN_ENTRY)};

static const char *scope_name(int object_type)
{
    return object_type == 20 ? "project" : object_type == 30 ? "package" : "property";
}

static void add_values(Row *row, const PackageChange *change)
{
    Section *section = row_section(row, FOR_DATA, "changed_values", NULL, LAYOUT_TABLE,
                                   value_columns, ARRAY_LEN(value_columns));

    for (size_t i = 0; i < change->value_count; i++) {
        const ChangedValue *value = &change->values[i];
        row_set_all(section_row(section), ROW_VALUES(VALUE_COLUMNS));
    }
}

/* clang-format off */
#define PACKAGE_COLUMNS(COLUMN) \
    COLUMN("execution_id", "newest failure", value_id(change->newest->id)) \
    COLUMN("folder", "folder", value_text(e->folder)) \
    COLUMN("project", "project", value_text(e->project)) \
    COLUMN("package", "package", value_text(e->package)) \
    COLUMN("environment_folder", "environment folder", value_text(e->environment_folder)) \
    COLUMN("environment", "environment", value_text(e->environment)) \
    COLUMN("cause_id", "cause", value_text(change->newest->cause->id)) \
    COLUMN("failing_since", "failing since", value_time(change->since)) \
    COLUMN("failing_since_id", "since execution", id_or_none(change->since_id)) \
    COLUMN("failed_in_a_row", "in a row", value_count(change->streak)) \
    COLUMN("last_success", "last success", value_time(change->success)) \
    COLUMN("last_success_id", "execution", id_or_none(change->success_id)) \
    COLUMN("succeeded_again", "succeeded again", value_time(change->again)) \
    COLUMN("succeeded_again_id", "execution", id_or_none(change->again_id)) \
    COLUMN("failures_in_log", "failures", value_count(change->failures)) \
    COLUMN("runs_in_log", "runs", value_count(change->runs)) \
    COLUMN("project_version", "project version", id_or_none(change->version)) \
    COLUMN("project_version_before", "version of the last success", id_or_none(change->version_before)) \
    COLUMN("deployed_between", "deployed in between", value_flag(change->is_deployed)) \
    COLUMN("restored_between", "restored in between", value_flag(change->is_restored)) \
    COLUMN("deployed_at", "deployed at", value_time(change->deployed)) \
    COLUMN("deployed_by", "deployed by", value_text(change->deployed_by)) \
    COLUMN("values_known", "values could be compared", value_flag(change->knows_values))
/* clang-format on */

static const Column package_columns[] = {PACKAGE_COLUMNS(COLUMN_ENTRY)};

static Value id_or_none(int64_t id)
{
    return id > 0 ? value_id(id) : value_none();
}

static void add_package(Section *section, const PackageChange *change)
{
    const Execution *e = &change->newest->execution;
    Row *row = section_row(section);

    row_set_all(row, ROW_VALUES(PACKAGE_COLUMNS));
    add_values(row, change);
}

void present_packages(Builder *builder)
{
    const Changes *changes = builder->view->changes;
    Section *section =
        report_section(builder->report, FOR_DATA, "packages", "Packages that failed", LAYOUT_TABLE,
                       package_columns, ARRAY_LEN(package_columns), NULL);

    for (size_t i = 0; changes && i < changes->count; i++)
        add_package(section, &changes->list[i]);
    if (changes && changes->left_out > 0)
        report_warning(builder->report,
                       "what changed is told of the %d packages that failed last, not of %zu more",
                       CHANGES_PACKAGES, changes->left_out);
}
