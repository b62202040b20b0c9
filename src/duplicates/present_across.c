/* What stands in several catalogs as rows of the answer: columns as present.c has them. */
#include "across.h"
#include "present_origin.h"
#include "screen.h"
#include "timeline.h"

#include "ssisminer/report/words.h"

#include <inttypes.h>
#include <string.h>

enum { LINE_BYTES = 4096 };

static const char verdict[] = "two-catalogs";
static const char remedy[] =
    "Leave the schedule of one: after a package has moved, the job or trigger of its old server is "
    "often still enabled. What is meant to run in each is named under duplicates.allow in the "
    "configuration.";
static const char setting[] =
    "SQL Agent: the job's Schedules page. Data Factory: Manage, Triggers. On one of these servers.";

typedef struct Builder {
    const Across *across;
    Arena *arena;
    Report *report;
    Remedies wanted;
    Section *section, *remedies, *verdicts, *screen;
    size_t count; // of groups
} Builder;

static const DuplicateRun *member(const Builder *builder, const AcrossGroup *group, size_t at)
{
    return &builder->across->store->runs[group->group.members[at]];
}

static const AcrossPlace *place(const Builder *builder, const AcrossGroup *group, size_t at)
{
    return &builder->across->places[group->group.members[at]];
}

static const AcrossClock *clock_of(const Builder *builder, const AcrossGroup *group, size_t at)
{
    return &builder->across->clocks[place(builder, group, at)->catalog];
}

static const DuplicateContext *context_at(const Builder *builder, const AcrossGroup *group,
                                          size_t at)
{
    return &builder->across->store->contexts.list[member(builder, group, at)->context];
}

/* ---- words ----------------------------------------------------------------------------------- */

static const char *const *reason_list(const Builder *builder, unsigned reasons, size_t *ret_count)
{
    static const struct {
        AcrossReason bit;
        const char *text;
    } texts[] = {
        {ACROSS_FAILED_FIRST, "the first had failed before the other started"},
        {ACROSS_SECRET, "a sensitive value was set, which nobody can compare"},
        {ACROSS_UNREAD, "parameters could not be read"},
        {ACROSS_OTHER_PARAMETERS, "parameters differ, and were ignored as asked"},
        {ACROSS_RUN_ID, "they differ only in an identifier of the start"},
        {ACROSS_NEVER_REPEATS, "they differ only in a value that never repeats"},
        {ACROSS_OTHER_ENVIRONMENT, "their environments have different names"},
        {ACROSS_NEVER_STARTED, "one was created and did not start"},
    };
    const char **list = arena_alloc_array(builder->arena, ARRAY_LEN(texts) + 1, sizeof(*list));
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (reasons & texts[i].bit)
            list[count++] = texts[i].text;
    if (count == 0)
        list[count++] = "same folder, project, package and parameters";
    *ret_count = count;
    return list;
}

static const char *joined(const Builder *builder, const char *lead, const char *const *list,
                          size_t count)
{
    Buf line = BUF(LINE_BYTES);

    buf_puts(&line, lead);
    for (size_t i = 0; i < count; i++)
        buf_printf(&line, "%s%s", i ? "; " : "", list[i]);
    return words_taken(&line, builder->arena);
}

/* "started in 2 catalogs: 2 s apart, at once for 5 min 0 s, 5 min 0 s wasted; 12 times in this
 * window" */
static const char *what_text(const Builder *builder, const AcrossGroup *group)
{
    Buf line = BUF(LINE_BYTES);
    const DuplicateGroup *measured = &group->group;

    buf_printf(&line, "started in %zu catalogs: %s%s apart", measured->count,
               measured->count > 2 ? "at least " : "", words_length(measured->gap, builder->arena));
    if (measured->overlap > 0)
        buf_printf(&line, ", at once for %s", words_length(measured->overlap, builder->arena));
    if (measured->wasted > 0)
        buf_printf(&line, ", %s wasted", words_length(measured->wasted, builder->arena));
    if (group->times > 1)
        buf_printf(&line, "; %zu times in this window", group->times);
    return words_taken(&line, builder->arena);
}

static const char *const *each_caller(const Builder *builder, const AcrossGroup *group,
                                      bool with_target)
{
    const char **list = arena_alloc_array(builder->arena, group->group.count + 1, sizeof(*list));

    for (size_t i = 0; i < group->group.count; i++) {
        const char *caller = words_or_unknown(
            store_text(builder->across->store, context_at(builder, group, i)->caller));
        list[i] = with_target ? arena_printf(builder->arena, "%s in %s", caller,
                                             clock_of(builder, group, i)->target)
                              : caller;
    }
    return list;
}

static bool has_starter(const Builder *builder, const AcrossGroup *group, DuplicateStarter starter)
{
    for (size_t i = 0; i < group->group.count; i++)
        if (context_at(builder, group, i)->starter == starter)
            return true;
    return false;
}

static bool is_agent_beside_factory(const Builder *builder, const AcrossGroup *group)
{
    return has_starter(builder, group, STARTER_AGENT) &&
           has_starter(builder, group, STARTER_DATA_FACTORY);
}

static void put_clock(const Builder *builder, const AcrossClock *clock, Buf *line)
{
    enum { NOTABLE_SECONDS = 1 };
    int64_t size = clock->skew < 0 ? -clock->skew : clock->skew;

    if (size >= NOTABLE_SECONDS * TICKS_PER_SECOND)
        buf_printf(line, "; the clock of %s is %s %s this machine's, which is allowed for",
                   clock->target, words_length(size, builder->arena),
                   clock->skew < 0 ? "behind" : "ahead of");
}

static const char *evidence_of(const Builder *builder, const AcrossGroup *group)
{
    Buf line = BUF(LINE_BYTES);

    buf_puts(&line, joined(builder, "", each_caller(builder, group, true), group->group.count));
    for (size_t i = 0; i < group->group.count; i++)
        put_clock(builder, clock_of(builder, group, i), &line);
    return words_taken(&line, builder->arena);
}

/* ---- members --------------------------------------------------------------------------------- */

/* clang-format off */
#define MEMBER_COLUMNS(COLUMN) \
    COLUMN("target", "target", value_text(clock->target), .tone = TONE_STRONG) \
    COLUMN("execution_id", "execution", value_id(run->id), .align_right = true) \
    COLUMN("when", "created (UTC)", value_text(words_when(created, builder->arena)), .audience = FOR_PEOPLE) \
    COLUMN("status", "status", value_text(arena_text(builder->arena, status_name(run->status)))) \
    COLUMN("ran", "ran", value_text(ran ? words_length(end - start, builder->arena) : "-"), \
           .audience = FOR_PEOPLE, .align_right = true) \
    COLUMN("timeline", "timeline", value_text(arena_text(builder->arena, line)), .audience = FOR_PEOPLE) \
    COLUMN("caller", "caller", value_text(store_text(builder->across->store, context_at(builder, group, at)->caller)), \
           .audience = FOR_DATA) \
    COLUMN("environment_folder", "environment folder", value_text(of->environment_folder), .audience = FOR_DATA) \
    COLUMN("environment", "environment", value_text(of->environment), .audience = FOR_DATA) \
    COLUMN("created", "created", own_time(builder, group, at, run->created), .audience = FOR_DATA) \
    COLUMN("start", "start", own_time(builder, group, at, run->start), .audience = FOR_DATA) \
    COLUMN("end", "end", own_time(builder, group, at, run->is_dead ? 0 : run->end), .audience = FOR_DATA) \
    COLUMN("duration_seconds", "duration", ran ? value_duration(end - start) : value_none(), .audience = FOR_DATA) \
    COLUMN("clock_offset_seconds", "clock offset", \
           value_number((double)clock->skew / (double)TICKS_PER_SECOND), .audience = FOR_DATA)
/* clang-format on */

static const Column member_columns[] = {MEMBER_COLUMNS(COLUMN_ENTRY)};

/* As its own server tells the time. */
static Value own_time(const Builder *builder, const AcrossGroup *group, size_t at, int64_t ticks)
{
    return value_instant(ticks ? ticks + clock_of(builder, group, at)->skew : 0);
}

static void add_member(const Builder *builder, Section *section, const AcrossGroup *group,
                       size_t at, const Timeline *timeline)
{
    const DuplicateRun *run = member(builder, group, at);
    const AcrossPlace *of = place(builder, group, at);
    const AcrossClock *clock = clock_of(builder, group, at);
    Instant created = {.ticks = run->created + clock->skew, .is_set = true};
    char line[TIMELINE_WIDTH + 1];
    int64_t start, end;
    bool ran = duplicates_ran(run, builder->across->now, &start, &end);

    timeline_draw(timeline, run, builder->across->now, line);
    row_set_all(section_row(section), ROW_VALUES(MEMBER_COLUMNS));
}

static void add_members(const Builder *builder, Row *row, const AcrossGroup *group,
                        Audience audience)
{
    Timeline timeline =
        timeline_of(builder->across->store->runs, &group->group, builder->across->now);
    Section *section =
        row_section(row, audience, "members", NULL, LAYOUT_TABLE,
                    words_zone_columns(member_columns, ARRAY_LEN(member_columns), builder->arena),
                    ARRAY_LEN(member_columns));

    for (size_t i = 0; i < group->group.count; i++)
        add_member(builder, section, group, i, &timeline);
}

/* ---- groups ---------------------------------------------------------------------------------- */

/* Keys and audiences are those of present.c, so that the rows stand in one table. */
/* clang-format off */
#define GROUP_COLUMNS(COLUMN) \
    COLUMN("verdict", "verdict", value_text(verdict), .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN("path", "package", value_text(path_of(builder, group)), .use = COLUMN_HEADING, .audience = FOR_PEOPLE) \
    COLUMN("what", "what", value_text(what_text(builder, group)), .use = COLUMN_PLAIN, .audience = FOR_PEOPLE) \
    COLUMN("sure", "confidence", value_text(joined(builder, sure, reasons, reason_count)), \
           .audience = FOR_PEOPLE) \
    COLUMN("triggered", "triggered by", value_text(arena_printf(builder->arena, "%s: %s", origin_title, evidence)), \
           .audience = FOR_PEOPLE) \
    COLUMN("confidence", "confidence", value_text(confidence), .audience = FOR_DATA) \
    COLUMN("reasons", "reasons", value_texts(reasons, reason_count), .audience = FOR_DATA) \
    COLUMN("folder", "folder", value_text(key.folder), .audience = FOR_DATA) \
    COLUMN("project", "project", value_text(key.project), .audience = FOR_DATA) \
    COLUMN("package", "package", value_text(key.package), .audience = FOR_DATA) \
    COLUMN("execution_ids", "executions", value_texts(id_list(builder, group), measured->count), .audience = FOR_DATA) \
    COLUMN("callers", "callers", \
           value_texts(each_caller(builder, group, false), measured->count), .audience = FOR_DATA) \
    COLUMN("first_created", "first created", value_instant(first->created), .audience = FOR_DATA) \
    COLUMN("last_created", "last created", value_instant(last->created), .audience = FOR_DATA) \
    COLUMN("gap_seconds", "gap", value_duration(measured->gap), .audience = FOR_DATA) \
    COLUMN("overlap_seconds", "overlap", value_duration(measured->overlap), .audience = FOR_DATA) \
    COLUMN("wasted_seconds", "wasted", value_duration(measured->wasted), .audience = FOR_DATA) \
    COLUMN("triggered_by", "triggered by", value_text(origin), .audience = FOR_DATA) \
    COLUMN("evidence", "evidence", value_text(evidence), .audience = FOR_DATA) \
    COLUMN("setting", "change", value_text(both ? both->setting : setting), .audience = FOR_DATA) \
    COLUMN("remedy", "remedy", value_text(remedy), .audience = FOR_DATA) \
    COLUMN("times_in_window", "times", value_id((int64_t)group->times), .audience = FOR_DATA)
/* clang-format on */

static const Column group_columns[] = {GROUP_COLUMNS(COLUMN_ENTRY)};

static const char *path_of(const Builder *builder, const AcrossGroup *group)
{
    DuplicateKey key = store_key(builder->across->store, member(builder, group, 0)->key);

    return arena_printf(builder->arena, "%s/%s/%s", words_or_unknown(key.folder),
                        words_or_unknown(key.project), words_or_unknown(key.package));
}

static const char *const *id_list(const Builder *builder, const AcrossGroup *group)
{
    const char **ids = arena_alloc_array(builder->arena, group->group.count + 1, sizeof(*ids));

    for (size_t i = 0; i < group->group.count; i++)
        ids[i] = arena_printf(builder->arena, "%" PRId64, member(builder, group, i)->id);
    return ids;
}

static void add_group(const Builder *builder, const AcrossGroup *group)
{
    const DuplicateGroup *measured = &group->group;
    DuplicateKey key = store_key(builder->across->store, member(builder, group, 0)->key);
    const DuplicateRun *first = member(builder, group, 0);
    const DuplicateRun *last = member(builder, group, measured->count - 1);
    const OriginWords *both =
        is_agent_beside_factory(builder, group) ? origin_words(ORIGIN_TWO_SCHEDULERS) : NULL;
    const char *origin = both ? duplicates_origin_name(ORIGIN_TWO_SCHEDULERS) : verdict;
    const char *origin_title = both ? both->title : "a start in each";
    const char *evidence = evidence_of(builder, group);
    const char *confidence = duplicates_confidence_name(measured->confidence);
    const char *sure = arena_printf(builder->arena, "%s: ", confidence);
    size_t reason_count;
    const char *const *reasons = reason_list(builder, group->reasons, &reason_count);
    Row *row = section_row(builder->section);

    row_set_all(row, ROW_VALUES(GROUP_COLUMNS));
    add_members(builder, row, group, FOR_PEOPLE);
    add_members(builder, row, group, FOR_DATA);
}

/* ---- the first screen ------------------------------------------------------------------------ */

static void add_screen_row(const Builder *builder, const AcrossGroup *group)
{
    size_t count = group->group.count;
    Row *row = section_row(builder->screen);

    row_set(row, SCREEN_VERDICT, value_text(verdict));
    row_set(row, SCREEN_PATH, value_text(path_of(builder, group)));
    row_set(row, SCREEN_WHEN, value_instant(member(builder, group, count - 1)->created));
    row_set(row, SCREEN_WHAT, value_text(what_text(builder, group)));
    row_set(row, SCREEN_WHO,
            value_text(joined(builder, "", each_caller(builder, group, true), count)));
    if (builder->count == 1 && builder->wanted != REMEDIES_NONE)
        row_set(row, SCREEN_DO, value_text(remedy));
}

/* ---- answers --------------------------------------------------------------------------------- */

/* clang-format off */
#define VERDICT_COLUMNS(COLUMN) \
    COLUMN("verdict", "verdict", value_text(verdict)) \
    COLUMN("groups", "groups", value_count((int64_t)builder->count), .align_right = true)

#define REMEDY_COLUMNS(COLUMN) \
    COLUMN("verdict", "verdict", value_text(verdict), .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN("remedy", "remedy", value_text(remedy), .use = COLUMN_PLAIN)
/* clang-format on */

static const Column verdict_columns[] = {VERDICT_COLUMNS(COLUMN_ENTRY)};
static const Column remedy_columns[] = {REMEDY_COLUMNS(COLUMN_ENTRY)};

static void begin_answer(Builder *builder)
{
    builder->count = 0;
    builder->report = report_new(builder->arena, "duplicates", "Packages triggered more than once");
    builder->section = report_section(builder->report, FOR_ALL, "duplicates", "Duplicates",
                                      LAYOUT_CARDS, group_columns, ARRAY_LEN(group_columns), NULL);
    section_set_primary(builder->section);
    builder->verdicts =
        report_section(builder->report, FOR_DATA, "verdicts", "Verdicts", LAYOUT_TABLE,
                       verdict_columns, ARRAY_LEN(verdict_columns), NULL);
    report_screen(builder->report, "", NULL, NULL);
    builder->screen = report_section(
        builder->report, FOR_SCREEN, "groups", NULL, LAYOUT_LIST,
        words_zone_columns(duplicates_screen_columns, SCREEN_COLUMNS, builder->arena),
        SCREEN_COLUMNS, NULL);
    builder->remedies =
        report_section(builder->report, FOR_PEOPLE, "remedies", "What to do", LAYOUT_LIST,
                       remedy_columns, ARRAY_LEN(remedy_columns), NULL);
}

static void end_answer(const Builder *builder)
{
    row_set_all(section_row(builder->verdicts), ROW_VALUES(VERDICT_COLUMNS));
    section_set_rest(builder->screen, "time", "times", builder->count);
    if (builder->wanted != REMEDIES_NONE)
        row_set_all(section_row(builder->remedies), ROW_VALUES(REMEDY_COLUMNS));
}

/* The groups of one set of targets, those of them that are listed. */
static void answer_for(Builder *builder, const char *targets, size_t limit)
{
    const Across *across = builder->across;

    begin_answer(builder);
    for (size_t i = 0; i < across->group_count; i++) {
        if (across->groups[i].targets != targets)
            continue;
        builder->count++;
        if (limit > 0 && i >= limit)
            continue;
        add_group(builder, &across->groups[i]);
        if (builder->count <= REPORT_SCREEN_LINES)
            add_screen_row(builder, &across->groups[i]);
    }
    end_answer(builder);
}

static Report *answer_for_all(const Across *across, size_t limit, Arena *arena)
{
    Report *report = report_new(arena, "duplicates", "Packages triggered more than once");

    report_fact(report, FOR_ALL, "groups_across_targets", "groups across targets",
                value_count((int64_t)across->group_count));
    if (across->group_count > 0)
        report_screen(report,
                      arena_printf(arena, "%zu time%s in several catalogs", across->group_count,
                                   words_plural((int64_t)across->group_count)),
                      NULL, NULL);
    for (size_t i = 0; i < across->warning_count; i++)
        report_warning(report, "%s", arena_text(arena, across->warnings[i]));
    if (limit > 0 && across->group_count > limit)
        report_warning(report, "of %zu groups across targets the surest %zu are listed (--limit)",
                       across->group_count, limit);
    return report;
}

static bool is_answered(const AcrossAnswer *answers, size_t count, const char *targets)
{
    for (size_t i = 1; i < count; i++)
        if (strcmp(answers[i].targets, targets) == 0)
            return true;
    return false;
}

const AcrossAnswer *across_report(const Across *across, size_t limit, Remedies remedies,
                                  Arena *arena, size_t *ret_count)
{
    Builder builder = {.across = across, .arena = arena, .wanted = remedies};
    AcrossAnswer *answers = NULL;
    size_t count = 0, capacity = 0;

    answers = arena_grow(arena, answers, count, count + 1, &capacity, sizeof(*answers));
    answers[count++] = (AcrossAnswer){.report = answer_for_all(across, limit, arena)};
    for (size_t i = 0; i < across->group_count; i++) {
        const char *targets = across->groups[i].targets;
        if (is_answered(answers, count, targets))
            continue;
        answer_for(&builder, targets, limit);
        answers = arena_grow(arena, answers, count, count + 1, &capacity, sizeof(*answers));
        answers[count++] =
            (AcrossAnswer){.targets = arena_text(arena, targets), .report = builder.report};
    }
    *ret_count = count;
    return answers;
}
