/* The truth about a generated history, as JSON that tests compare answers with. */
#include "plan.h"

#include "ssisminer/base/utf.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

/* ---- JSON ------------------------------------------------------------------------------------ */

/* Half a surrogate pair is stored as three bytes; to a client it is one U+FFFD. */
static bool is_half_pair(const char *at, size_t left)
{
    return left >= 3 && (unsigned char)at[0] == 0xED && (unsigned char)at[1] >= 0xA0;
}

static void put_string(FILE *out, const char *text, size_t len)
{
    fputc('"', out);
    for (size_t i = 0, bytes; i < len; i += bytes) {
        uint32_t c = utf_next(text + i, len - i, &bytes);
        bytes = is_half_pair(text + i, len - i) ? 3 : bytes;
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", (char)c);
        else if (c < 0x20 || c == 0x7f)
            fprintf(out, "\\u%04x", (unsigned)c);
        else if (c == 0xFFFD)
            fputs("\xef\xbf\xbd", out);
        else
            fwrite(text + i, 1, bytes, out);
    }
    fputc('"', out);
}

static void put_text(FILE *out, const char *text)
{
    if (text)
        put_string(out, text, strlen(text));
    else
        fputs("null", out);
}

static void put_time(FILE *out, int64_t ticks)
{
    char text[TIME_TEXT_MAX];

    if (ticks)
        time_iso_utc((Instant){.ticks = ticks, .is_set = true}, 7, text);
    put_text(out, ticks ? text : NULL);
}

/* JSON with values where an @ stands: d int · i int64_t · t int64_t ticks, 0 for null · s text,
 * NULL for null. */
static void put(FILE *out, const char *json, ...)
{
    va_list values;

    va_start(values, json);
    for (const char *at = json; *at; at++) {
        if (*at != '@')
            fputc(*at, out);
        else if (*++at == 'd')
            fprintf(out, "%d", va_arg(values, int));
        else if (*at == 'i')
            fprintf(out, "%" PRId64, va_arg(values, int64_t));
        else if (*at == 't')
            put_time(out, va_arg(values, int64_t));
        else
            put_text(out, va_arg(values, const char *));
    }
    va_end(values);
}

static const char *comma(bool *is_first)
{
    const char *text = *is_first ? "\n    " : ",\n    ";

    *is_first = false;
    return text;
}

/* ---- failures -------------------------------------------------------------------------------- */

static const char *class_name(const Chain *chain)
{
    static const char *const names[] = {"cause", "unknown", "wrappers", "silent"};

    return names[chain->class_];
}

static void put_captures(FILE *out, const char *captures)
{
    bool is_first = true;

    fputs("{", out);
    for (const char *at = captures; at && *at;) {
        size_t name = strcspn(at, "\n"), value = strcspn(at + name + 1, "\n");
        fputs(is_first ? "" : ", ", out);
        put_string(out, at, name);
        fputs(": ", out);
        put_string(out, at + name + 1, value);
        at += name + value + 2;
        is_first = false;
    }
    fputs("}", out);
}

static void put_failure(const Plan *plan, FILE *out, const Run *run)
{
    const char *kind = run->is_bare ? "bare" : run->chain ? class_name(run->chain) : "cancelled";

    put(out,
        "{\"id\": @i, \"type\": @d, \"status\": @d, \"created\": @t, \"package\": @s, \"kind\": "
        "@s, "
        "\"cause\": @s, \"decisive\": @s, \"decisive_bytes\": @i, \"task_path\": @s, "
        "\"captures\": ",
        run->id, run->type, run->status, run->created,
        run->package < 0 ? NULL : plan->world->packages[run->package].name, kind,
        run->chain ? run->chain->cause : NULL, run->decisive, (int64_t)run->decisive_len,
        run->task_path);
    put_captures(out, run->captures);
    fputs("}", out);
}

static void put_failures(const Plan *plan, FILE *out, const char *name, bool executions)
{
    bool is_first = true;

    put(out, "  @s: [", name);
    for (size_t i = 0; i < plan->run_count; i++) {
        const Run *run = plan->runs[i];
        if (!(run->chain || run->status == 3 || (run->is_bare && run->status == 4)) ||
            (run->package >= 0) != executions)
            continue;
        fputs(comma(&is_first), out);
        put_failure(plan, out, run);
    }
    fputs("],\n", out);
}

/* ---- the other questions --------------------------------------------------------------------- */

static void put_members(FILE *out, Run *const *members, int count)
{
    fputs("[", out);
    for (int i = 0; i < count; i++)
        fprintf(out, "%s%" PRId64, i ? ", " : "", members[i]->id);
    fputs("]", out);
}

static void put_groups(const Plan *plan, FILE *out, const char *name, bool duplicates)
{
    bool is_first = true;

    put(out, "  @s: [", name);
    for (size_t i = 0; i < plan->group_count; i++) {
        const Group *group = &plan->groups[i];
        if (group->is_duplicate != duplicates)
            continue;
        fputs(comma(&is_first), out);
        put(out,
            "{\"verdict\": @s, \"confidence\": @s, \"reason\": @s, \"members\": ", group->verdict,
            group->confidence, group->reason);
        put_members(out, group->members, group->member_count);
        fputs("}", out);
    }
    fputs("],\n", out);
}

static bool is_live(const Run *run)
{
    return run->status == 2 || run->status == 5 || run->status == 8;
}

static bool is_zombie(const Plan *plan, const Run *run)
{
    return is_live(run) && run->last_sign < plan->now - TICKS_PER_DAY / 12;
}

static void put_live(const Plan *plan, FILE *out, const char *name, bool zombies)
{
    bool is_first = true;

    put(out, "  @s: [", name);
    for (size_t i = 0; i < plan->run_count; i++) {
        const Run *run = plan->runs[i];
        if (!is_live(run) || is_zombie(plan, run) != zombies)
            continue;
        fputs(comma(&is_first), out);
        put(out, "{\"id\": @i, \"status\": @d, \"last_sign\": @t}", run->id, run->status,
            run->last_sign);
    }
    fputs("],\n", out);
}

static void put_saturation(FILE *out, const Saturation *saturation)
{
    put(out, "{\"from\": @t, \"to\": @t, \"executions\": [", saturation->from, saturation->to);
    for (int i = 0; i < saturation->member_count; i++) {
        const Run *run = saturation->members[i];
        put(out, i ? ", {\"id\": @i, \"wait_ms\": @i}" : "{\"id\": @i, \"wait_ms\": @i}", run->id,
            (run->work - run->start) / TICKS_PER_MS);
    }
    fputs("]}", out);
}

static void put_waits(const Plan *plan, FILE *out)
{
    bool is_first = true;

    put(out, "  \"waits\": {\"nodes\": @d, \"parallel_per_node\": @d, \"saturated\": [", NODES,
        PARALLEL_PER_NODE);
    for (size_t i = 0; i < plan->saturation_count; i++) {
        fputs(comma(&is_first), out);
        put_saturation(out, &plan->saturations[i]);
    }
    fputs("]},\n", out);
}

static void put_slow(const Plan *plan, FILE *out)
{
    bool is_first = true;

    fputs("  \"slow\": [", out);
    for (size_t i = 0; i < plan->run_count; i++) {
        const Run *run = plan->runs[i];
        if (run->slow_task < 0)
            continue;
        const Package *package = &plan->world->packages[run->package];
        fputs(comma(&is_first), out);
        put(out,
            "{\"id\": @i, \"package\": @s, \"baseline_ms\": @i, \"duration_ms\": @i, \"task\": @s}",
            run->id, package->name, package->duration_ms, (run->end - run->work) / TICKS_PER_MS,
            package->tasks[run->slow_task].name);
    }
    fputs("],\n", out);
}

static void put_doctor(const Plan *plan, FILE *out)
{
    static const struct Finding {
        uint32_t plant;
        const char *name;
    } findings[] = {
        {PLANT_RETENTION, "retention-window"}, {PLANT_PURGE_FAILED, "purge-failed"},
        {PLANT_ORPHAN_KEYS, "orphan-keys"},    {PLANT_WORKER_OFFLINE, "worker-offline"},
        {PLANT_VERSIONS, "project-versions"},  {PLANT_CLEANUP_DISABLED, "cleanup-disabled"},
        {PLANT_VERBOSE, "verbose-logging"},    {PLANT_ZOMBIES, "zombies"}};
    enum { RETENTION_DAYS = 14 }; // unless PLANT_RETENTION makes a year of it
    bool old = plan->world->flavor == FLAVOR_SQL2012, is_first = true;

    fputs("  \"doctor\": [", out);
    for (size_t i = 0; i < ARRAY_LEN(findings); i++) {
        if (!(plan->plants & findings[i].plant) ||
            (old && findings[i].plant == PLANT_WORKER_OFFLINE))
            continue;
        fprintf(out, "%s\"%s\"", comma(&is_first), findings[i].name);
    }
    if (!(plan->plants & PLANT_RETENTION) && plan->options->days > RETENTION_DAYS + 2)
        fprintf(out, "%s\"purge-behind\"", comma(&is_first));
    if (old)
        fprintf(out, "%s\"keys-per-execution\"", comma(&is_first));
    fprintf(out, "%s\"missing-index\"", comma(&is_first)); // as the schemas are shipped
    fputs("]\n", out);
}

static void put_counts(const Plan *plan, FILE *out)
{
    int64_t by_status[10] = {0};

    for (size_t i = 0; i < plan->run_count; i++)
        if (plan->runs[i]->package >= 0)
            by_status[plan->runs[i]->status]++;
    fputs("  \"by_status\": {", out);
    for (int status = 1; status <= 9; status++)
        fprintf(out, "%s\"%d\": %" PRId64, status > 1 ? ", " : "", status, by_status[status]);
    fputs("},\n", out);
}

void truth_write(const Plan *plan, FILE *out)
{
    static const char *const flavors[] = {
        [FLAVOR_AZURE] = "azure", [FLAVOR_SQL2019] = "sql2019", [FLAVOR_SQL2012] = "sql2012"};

    put(out,
        "{\n  \"truth_version\": 1,\n  \"flavor\": @s,\n  \"seed\": @i,\n  \"now\": @t,\n  "
        "\"execution_count\": @i,\n  \"operation_count\": @i,\n",
        flavors[plan->world->flavor], (int64_t)plan->options->seed, plan->now, plan->executions,
        (int64_t)plan->run_count);
    put_counts(plan, out);
    put_failures(plan, out, "executions", true);
    put_failures(plan, out, "operations", false);
    put_groups(plan, out, "duplicates", true);
    put_groups(plan, out, "not_duplicates", false);
    put_live(plan, out, "zombies", true);
    put_live(plan, out, "live", false);
    put_waits(plan, out);
    put_slow(plan, out);
    put_doctor(plan, out);
    fputs("}\n", out);
}
