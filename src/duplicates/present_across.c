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

enum {
    MEMBER_TARGET,
    MEMBER_ID,
    MEMBER_WHEN,
    MEMBER_STATUS,
    MEMBER_RAN,
    MEMBER_BAR,
    MEMBER_CALLER,
    MEMBER_ENVIRONMENT_FOLDER,
    MEMBER_ENVIRONMENT,
    MEMBER_CREATED,
    MEMBER_START,
    MEMBER_END,
    MEMBER_DURATION,
    MEMBER_SKEW,
    MEMBER_COLUMNS
};

static const Column member_columns[MEMBER_COLUMNS] = {
    [MEMBER_TARGET] = {.key = "target", .heading = "target", .tone = TONE_STRONG},
    [MEMBER_ID] = {.key = "execution_id", .heading = "execution", .align_right = true},
    [MEMBER_WHEN] = {.key = "when", .heading = "created (UTC)", .audience = FOR_PEOPLE},
    [MEMBER_STATUS] = {.key = "status", .heading = "status"},
    [MEMBER_RAN] = {.key = "ran", .heading = "ran", .audience = FOR_PEOPLE, .align_right = true},
    [MEMBER_BAR] = {.key = "timeline", .heading = "timeline", .audience = FOR_PEOPLE},
    [MEMBER_CALLER] = {.key = "caller", .heading = "caller", .audience = FOR_DATA},
    [MEMBER_ENVIRONMENT_FOLDER] = {.key = "environment_folder",
                                   .heading = "environment folder",
                                   .audience = FOR_DATA},
    [MEMBER_ENVIRONMENT] = {.key = "environment", .heading = "environment", .audience = FOR_DATA},
    [MEMBER_CREATED] = {.key = "created", .heading = "created", .audience = FOR_DATA},
    [MEMBER_START] = {.key = "start", .heading = "start", .audience = FOR_DATA},
    [MEMBER_END] = {.key = "end", .heading = "end", .audience = FOR_DATA},
    [MEMBER_DURATION] = {.key = "duration_seconds", .heading = "duration", .audience = FOR_DATA},
    [MEMBER_SKEW] = {.key = "clock_offset_seconds",
                     .heading = "clock offset",
                     .audience = FOR_DATA},
};

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
    Row *row = section_row(section);

    timeline_draw(timeline, run, builder->across->now, line);
    row_set(row, MEMBER_TARGET, value_text(clock->target));
    row_set(row, MEMBER_ID, value_id(run->id));
    row_set(row, MEMBER_WHEN, value_text(words_when(created, builder->arena)));
    row_set(row, MEMBER_STATUS, value_text(arena_text(builder->arena, status_name(run->status))));
    row_set(row, MEMBER_RAN, value_text(ran ? words_length(end - start, builder->arena) : "-"));
    row_set(row, MEMBER_BAR, value_text(arena_text(builder->arena, line)));
    row_set(row, MEMBER_CALLER,
            value_text(store_text(builder->across->store, context_at(builder, group, at)->caller)));
    row_set(row, MEMBER_ENVIRONMENT_FOLDER, value_text(of->environment_folder));
    row_set(row, MEMBER_ENVIRONMENT, value_text(of->environment));
    row_set(row, MEMBER_CREATED, own_time(builder, group, at, run->created));
    row_set(row, MEMBER_START, own_time(builder, group, at, run->start));
    row_set(row, MEMBER_END, own_time(builder, group, at, run->is_dead ? 0 : run->end));
    row_set(row, MEMBER_DURATION, ran ? value_duration(end - start) : value_none());
    row_set(row, MEMBER_SKEW, value_number((double)clock->skew / (double)TICKS_PER_SECOND));
}

static void add_members(const Builder *builder, Row *row, const AcrossGroup *group,
                        Audience audience)
{
    Timeline timeline =
        timeline_of(builder->across->store->runs, &group->group, builder->across->now);
    Section *section = row_section(
        row, audience, "members", NULL, LAYOUT_TABLE,
        words_zone_columns(member_columns, MEMBER_COLUMNS, builder->arena), MEMBER_COLUMNS);

    for (size_t i = 0; i < group->group.count; i++)
        add_member(builder, section, group, i, &timeline);
}

/* ---- groups ---------------------------------------------------------------------------------- */

enum {
    GROUP_VERDICT,
    GROUP_PATH,
    GROUP_WHAT,
    GROUP_SURE,
    GROUP_TRIGGERED,
    GROUP_CONFIDENCE,
    GROUP_REASONS,
    GROUP_FOLDER,
    GROUP_PROJECT,
    GROUP_PACKAGE,
    GROUP_IDS,
    GROUP_CALLERS,
    GROUP_FIRST,
    GROUP_LAST,
    GROUP_GAP,
    GROUP_OVERLAP,
    GROUP_WASTED,
    GROUP_ORIGIN,
    GROUP_EVIDENCE,
    GROUP_SETTING,
    GROUP_REMEDY,
    GROUP_TIMES,
    GROUP_COLUMNS
};

/* Keys and audiences are those of present.c, so that the rows stand in one table. */
static const Column group_columns[GROUP_COLUMNS] = {
    [GROUP_VERDICT] = {.key = "verdict",
                       .heading = "verdict",
                       .use = COLUMN_HEADING,
                       .tone = TONE_STRONG},
    [GROUP_PATH] = {.key = "path",
                    .heading = "package",
                    .use = COLUMN_HEADING,
                    .audience = FOR_PEOPLE},
    [GROUP_WHAT] = {.key = "what", .heading = "what", .use = COLUMN_PLAIN, .audience = FOR_PEOPLE},
    [GROUP_SURE] = {.key = "sure", .heading = "confidence", .audience = FOR_PEOPLE},
    [GROUP_TRIGGERED] = {.key = "triggered", .heading = "triggered by", .audience = FOR_PEOPLE},
    [GROUP_CONFIDENCE] = {.key = "confidence", .heading = "confidence", .audience = FOR_DATA},
    [GROUP_REASONS] = {.key = "reasons", .heading = "reasons", .audience = FOR_DATA},
    [GROUP_FOLDER] = {.key = "folder", .heading = "folder", .audience = FOR_DATA},
    [GROUP_PROJECT] = {.key = "project", .heading = "project", .audience = FOR_DATA},
    [GROUP_PACKAGE] = {.key = "package", .heading = "package", .audience = FOR_DATA},
    [GROUP_IDS] = {.key = "execution_ids", .heading = "executions", .audience = FOR_DATA},
    [GROUP_CALLERS] = {.key = "callers", .heading = "callers", .audience = FOR_DATA},
    [GROUP_FIRST] = {.key = "first_created", .heading = "first created", .audience = FOR_DATA},
    [GROUP_LAST] = {.key = "last_created", .heading = "last created", .audience = FOR_DATA},
    [GROUP_GAP] = {.key = "gap_seconds", .heading = "gap", .audience = FOR_DATA},
    [GROUP_OVERLAP] = {.key = "overlap_seconds", .heading = "overlap", .audience = FOR_DATA},
    [GROUP_WASTED] = {.key = "wasted_seconds", .heading = "wasted", .audience = FOR_DATA},
    [GROUP_ORIGIN] = {.key = "triggered_by", .heading = "triggered by", .audience = FOR_DATA},
    [GROUP_EVIDENCE] = {.key = "evidence", .heading = "evidence", .audience = FOR_DATA},
    [GROUP_SETTING] = {.key = "setting", .heading = "change", .audience = FOR_DATA},
    [GROUP_REMEDY] = {.key = "remedy", .heading = "remedy", .audience = FOR_DATA},
    [GROUP_TIMES] = {.key = "times_in_window", .heading = "times", .audience = FOR_DATA},
};

static void set_names(const Builder *builder, Row *row, const AcrossGroup *group)
{
    DuplicateKey key = store_key(builder->across->store, member(builder, group, 0)->key);
    const char **ids = arena_alloc_array(builder->arena, group->group.count + 1, sizeof(*ids));

    for (size_t i = 0; i < group->group.count; i++)
        ids[i] = arena_printf(builder->arena, "%" PRId64, member(builder, group, i)->id);
    row_set(row, GROUP_PATH,
            value_text(arena_printf(builder->arena, "%s/%s/%s", words_or_unknown(key.folder),
                                    words_or_unknown(key.project), words_or_unknown(key.package))));
    row_set(row, GROUP_FOLDER, value_text(key.folder));
    row_set(row, GROUP_PROJECT, value_text(key.project));
    row_set(row, GROUP_PACKAGE, value_text(key.package));
    row_set(row, GROUP_IDS, value_texts(ids, group->group.count));
    row_set(row, GROUP_CALLERS,
            value_texts(each_caller(builder, group, false), group->group.count));
}

static void set_origin(const Builder *builder, Row *row, const AcrossGroup *group)
{
    bool is_both = is_agent_beside_factory(builder, group);
    const OriginWords *both = origin_words(ORIGIN_TWO_SCHEDULERS);
    const char *evidence = evidence_of(builder, group);

    row_set(row, GROUP_ORIGIN,
            value_text(is_both ? duplicates_origin_name(ORIGIN_TWO_SCHEDULERS) : verdict));
    row_set(row, GROUP_EVIDENCE, value_text(evidence));
    row_set(row, GROUP_TRIGGERED,
            value_text(arena_printf(builder->arena, "%s: %s",
                                    is_both ? both->title : "a start in each", evidence)));
    row_set(row, GROUP_SETTING, value_text(is_both ? both->setting : setting));
}

static void set_measures(const Builder *builder, Row *row, const AcrossGroup *group)
{
    const DuplicateGroup *measured = &group->group;

    row_set(row, GROUP_FIRST, value_instant(member(builder, group, 0)->created));
    row_set(row, GROUP_LAST, value_instant(member(builder, group, measured->count - 1)->created));
    row_set(row, GROUP_GAP, value_duration(measured->gap));
    row_set(row, GROUP_OVERLAP, value_duration(measured->overlap));
    row_set(row, GROUP_WASTED, value_duration(measured->wasted));
    row_set(row, GROUP_TIMES, value_id((int64_t)group->times));
}

static void add_group(const Builder *builder, const AcrossGroup *group)
{
    Row *row = section_row(builder->section);
    size_t reasons;
    const char *const *list = reason_list(builder, group->reasons, &reasons);
    const char *confidence = duplicates_confidence_name(group->group.confidence);

    row_set(row, GROUP_VERDICT, value_text(verdict));
    row_set(row, GROUP_WHAT, value_text(what_text(builder, group)));
    row_set(row, GROUP_SURE,
            value_text(
                joined(builder, arena_printf(builder->arena, "%s: ", confidence), list, reasons)));
    row_set(row, GROUP_CONFIDENCE, value_text(confidence));
    row_set(row, GROUP_REASONS, value_texts(list, reasons));
    row_set(row, GROUP_REMEDY, value_text(remedy));
    set_names(builder, row, group);
    set_measures(builder, row, group);
    set_origin(builder, row, group);
    add_members(builder, row, group, FOR_PEOPLE);
    add_members(builder, row, group, FOR_DATA);
}

/* ---- the first screen ------------------------------------------------------------------------ */

static void add_screen_row(const Builder *builder, const AcrossGroup *group)
{
    DuplicateKey key = store_key(builder->across->store, member(builder, group, 0)->key);
    size_t count = group->group.count;
    Row *row = section_row(builder->screen);

    row_set(row, SCREEN_VERDICT, value_text(verdict));
    row_set(row, SCREEN_PATH,
            value_text(arena_printf(builder->arena, "%s/%s/%s", words_or_unknown(key.folder),
                                    words_or_unknown(key.project), words_or_unknown(key.package))));
    row_set(row, SCREEN_WHEN, value_instant(member(builder, group, count - 1)->created));
    row_set(row, SCREEN_WHAT, value_text(what_text(builder, group)));
    row_set(row, SCREEN_WHO,
            value_text(joined(builder, "", each_caller(builder, group, true), count)));
    if (builder->count == 1 && builder->wanted != REMEDIES_NONE)
        row_set(row, SCREEN_DO, value_text(remedy));
}

/* ---- answers --------------------------------------------------------------------------------- */

static const Column verdict_columns[] = {
    {.key = "verdict", .heading = "verdict"},
    {.key = "groups", .heading = "groups", .align_right = true},
};

static const Column remedy_columns[] = {
    {.key = "verdict", .heading = "verdict", .use = COLUMN_HEADING, .tone = TONE_STRONG},
    {.key = "remedy", .heading = "remedy", .use = COLUMN_PLAIN},
};

static void begin_answer(Builder *builder)
{
    builder->count = 0;
    builder->report = report_new(builder->arena, "duplicates", "Packages triggered more than once");
    builder->section = report_section(builder->report, FOR_ALL, "duplicates", "Duplicates",
                                      LAYOUT_CARDS, group_columns, GROUP_COLUMNS, NULL);
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
    Row *row = section_row(builder->verdicts);

    row_set(row, 0, value_text(verdict));
    row_set(row, 1, value_count((int64_t)builder->count));
    section_set_rest(builder->screen, "time", "times", builder->count);
    if (builder->wanted == REMEDIES_NONE)
        return;
    row = section_row(builder->remedies);
    row_set(row, 0, value_text(verdict));
    row_set(row, 1, value_text(remedy));
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
