/* The answer as a report. */
#include "ssisminer/doctor/doctor.h"

#include "ssisminer/base/sat.h"
#include "ssisminer/report/chart.h"
#include "ssisminer/report/words.h"

#include <string.h>

typedef struct Builder {
    const Doctor *doctor;
    const DoctorView *view;
    Arena *arena;
    Report *report;
} Builder;

static size_t count_of(const Doctor *doctor, DoctorOutcome outcome)
{
    size_t count = 0;

    for (size_t i = 0; i < doctor->count; i++)
        count += doctor->results[i].outcome == outcome;
    return count;
}

static size_t count_at(const Doctor *doctor, DoctorPriority priority)
{
    size_t count = 0;

    for (size_t i = 0; i < doctor->count; i++)
        count +=
            doctor->results[i].outcome == DOCTOR_FOUND && doctor->results[i].priority == priority;
    return count;
}

/* ---- head ------------------------------------------------------------------------------------ */

/* "2 errors, 5 warnings; 12 fine, 3 not checked" */
static const char *checks_line(const Builder *builder)
{
    const Doctor *doctor = builder->doctor;
    Buf line = BUF(1024);

    for (int p = DOCTOR_CRITICAL; p <= DOCTOR_INFO; p++) {
        size_t count = count_at(doctor, (DoctorPriority)p);
        if (count > 0)
            buf_printf(&line, "%s%zu %s%s", line.len ? ", " : "", count,
                       doctor_priority_name((DoctorPriority)p),
                       p == DOCTOR_ERROR || p == DOCTOR_WARNING ? words_plural((int64_t)count)
                                                                : "");
    }
    if (line.len > 0)
        news_put_count(builder->view->news, news_count(builder->view->news), &line);
    buf_printf(&line, "%s%zu fine, %zu not checked", line.len ? "; " : "",
               count_of(doctor, DOCTOR_FINE), count_of(doctor, DOCTOR_NOT_CHECKED));
    if (count_of(doctor, DOCTOR_SKIPPED) > 0)
        buf_printf(&line, ", %zu skipped", count_of(doctor, DOCTOR_SKIPPED));
    return words_taken(&line, builder->arena);
}

static const char *schema_line(const Builder *builder)
{
    const Ssisdb *db = builder->view->db;

    return arena_printf(builder->arena, "version %s, build %s",
                        words_or_unknown(db->schema_version), words_or_unknown(db->schema_build));
}

static const char *log_line(const Builder *builder)
{
    const Doctor *doctor = builder->doctor;
    char oldest[TIME_TEXT_MAX];

    if (doctor->operations < 0)
        return "not visible";
    if (!doctor->oldest.is_set)
        return arena_printf(builder->arena, "%lld operations", (long long)doctor->operations);
    report_time_text(doctor->oldest, oldest);
    return arena_printf(builder->arena, "%lld operations, back to %s",
                        (long long)doctor->operations, oldest);
}

/* "began 2026-03-02 01:30:00Z, kept 30 d (--keep 30d, command line): done" */
static const char *record_line(const Builder *builder)
{
    const LedgerRecord *record = builder->view->record;
    char began[TIME_TEXT_MAX], kept[TIME_TEXT_MAX];

    report_time_text(record->started, began);
    time_duration_text(record->keep_ticks, kept);
    return arena_printf(builder->arena, "began %s, kept %s (%s): %s", began, kept,
                        words_or_unknown(record->keep_from),
                        record->is_ended ? words_or_unknown(record->end) : "killed");
}

/* A record that was asked for and says nothing of this database is more likely a slip. */
static void add_record(const Builder *builder)
{
    const DoctorView *view = builder->view;

    if (view->record && view->record->is_found) {
        report_fact(builder->report, FOR_PEOPLE, "record_line", "cleanup",
                    value_text(record_line(builder)));
        report_fact(builder->report, FOR_DATA, "last_cleanup", "last cleanup on record",
                    value_time(view->record->started));
    } else if (view->record_path) {
        report_warning(builder->report,
                       "no cleanup of this server's database is in '%s': the server alone was "
                       "judged by",
                       view->record_path);
    }
}

static void add_facts(const Builder *builder)
{
    const Doctor *doctor = builder->doctor;
    const Ssisdb *db = builder->view->db;
    Report *report = builder->report;

    report_head(report, &(ReportHead){
                            .title = ssisdb_title(db, builder->arena),
                            .server = db->server_name,
                            .database = db->database_name,
                            .sees_all = db->sees_all,
                            .now = builder->view->now,
                        });
    report_fact(report, FOR_ALL, "connection", "connection", value_text(doctor->connection));
    report_fact(report, FOR_ALL, "login", "login", value_text(db->login_name));
    report_fact(report, FOR_DATA, "flavor", "flavor", value_text(ssisdb_flavor(db)));
    report_fact(report, FOR_DATA, "ssisdb_schema_version", "schema version",
                value_text(db->schema_version));
    report_fact(report, FOR_DATA, "ssisdb_schema_build", "schema build",
                value_text(db->schema_build));
    report_fact(report, FOR_PEOPLE, "schema", "catalog", value_text(schema_line(builder)));
    report_fact(report, FOR_PEOPLE, "log", "log", value_text(log_line(builder)));
    report_fact(report, FOR_DATA, "operations", "operations",
                doctor->operations < 0 ? value_none() : value_count(doctor->operations));
    report_fact(report, FOR_DATA, "oldest", "oldest operation", value_time(doctor->oldest));
    add_record(builder);
    report_fact(report, FOR_PEOPLE, "checks_line", "checks", value_text(checks_line(builder)));
    report_fact(report, FOR_DATA, "found", "findings",
                value_count((int64_t)count_of(doctor, DOCTOR_FOUND)));
    report_fact(report, FOR_DATA, "not_checked_count", "not checked",
                value_count((int64_t)count_of(doctor, DOCTOR_NOT_CHECKED)));
    report_fact(report, FOR_DATA, "fine_count", "fine",
                value_count((int64_t)count_of(doctor, DOCTOR_FINE)));
    if (!db->sees_all)
        report_warning(report,
                       "incomplete: login '%s' is not in role %s; what it may not see is listed "
                       "under 'Not checked'",
                       words_or_unknown(db->login_name), ssisdb_reading_role(db));
}

/* ---- findings -------------------------------------------------------------------------------- */

/* clang-format off */
#define FOUND_COLUMNS(COLUMN) \
    COLUMN("priority", "priority", \
           value_text(doctor_priority_name(result->priority)), .use = COLUMN_HEADING, .tone = TONE_ALERT) \
    COLUMN("id", "id", value_text(result->check->id), .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN("mark", "new", value_text(is_new ? "new" : NULL), .use = COLUMN_HEADING, .audience = FOR_PEOPLE) \
    COLUMN("when", "when", \
           value_time(builder->view->now), .use = COLUMN_HEADING, .align_right = true, .audience = FOR_PAGE) \
    COLUMN("finding", "finding", value_text(result->check->title), .use = COLUMN_PLAIN) \
    COLUMN("evidence", "evidence", value_texts(result->evidence, result->evidence_count), .use = COLUMN_BULLETS) \
    COLUMN("why", "why", value_text(result->check->why)) \
    COLUMN("do", "what to do", has_remedies ? value_texts(result->actions, result->action_count) : value_none(), \
           .use = COLUMN_BULLETS, .audience = FOR_PEOPLE) \
    COLUMN("actions", "what to do", value_texts(result->actions, result->action_count), .audience = FOR_DATA) \
    COLUMN("link", "see", value_text(result->check->link), .is_link = true) \
    NEWS_COLUMNS(COLUMN, builder->view->news, result->check->id)
/* clang-format on */

static const Column found_columns[] = {FOUND_COLUMNS(COLUMN_ENTRY)};

static void add_found(const Builder *builder, Section *section, const DoctorResult *result)
{
    bool is_new = news_is_new(builder->view->news, result->check->id);
    bool has_remedies = builder->view->remedies != REMEDIES_NONE;
    Row *row = section_row(section);

    row_set_anchor(row, "finding", result->check->id);
    row_set_severity(row, words_severity(doctor_priority_name(result->priority)));
    row_set_all(row, ROW_VALUES(FOUND_COLUMNS));
}

static void add_findings(const Builder *builder)
{
    const Doctor *doctor = builder->doctor;
    Section *section = report_section(builder->report, FOR_ALL, "findings", "Findings",
                                      LAYOUT_CARDS, found_columns, ARRAY_LEN(found_columns),
                                      news_calm(builder->view->news) ? "None that is new."
                                      : count_of(doctor, DOCTOR_NOT_CHECKED) == 0
                                          ? "None."
                                          : "None among what could be checked.");

    section_set_primary(section);
    for (int p = DOCTOR_CRITICAL; p <= DOCTOR_INFO; p++)
        for (size_t i = 0; i < doctor->count; i++)
            if (doctor->results[i].outcome == DOCTOR_FOUND &&
                doctor->results[i].priority == (DoctorPriority)p)
                add_found(builder, section, &doctor->results[i]);
}

/* ---- the rest -------------------------------------------------------------------------------- */

/* clang-format off */
#define UNCHECKED_COLUMNS(COLUMN) \
    COLUMN("id", "id", value_text(doctor->results[i].check->id), .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN("reason", "reason", value_text(doctor->results[i].reason), .use = COLUMN_PLAIN)
/* clang-format on */

static const Column unchecked_columns[] = {UNCHECKED_COLUMNS(COLUMN_ENTRY)};

static void add_unchecked(const Builder *builder)
{
    const Doctor *doctor = builder->doctor;
    Section *section =
        report_section(builder->report, FOR_ALL, "not_checked", "Not checked", LAYOUT_LIST,
                       unchecked_columns, ARRAY_LEN(unchecked_columns), NULL);

    for (size_t i = 0; i < doctor->count; i++) {
        if (doctor->results[i].outcome != DOCTOR_NOT_CHECKED)
            continue;
        row_set_all(section_row(section), ROW_VALUES(UNCHECKED_COLUMNS));
    }
}

/* clang-format off */
#define FINE_COLUMNS(COLUMN) \
    COLUMN("id", "id", value_text(result->check->id), .use = COLUMN_HEADING) \
    COLUMN("outcome", "outcome", value_text(result->outcome == DOCTOR_FINE ? "fine" : "skipped"), .use = COLUMN_HEADING)
/* clang-format on */

#define IDS_COLUMNS(COLUMN) COLUMN("reason", "reason", value_text(ids), .use = COLUMN_PLAIN)

static const Column fine_columns[] = {FINE_COLUMNS(COLUMN_ENTRY)};
static const Column ids_columns[] = {IDS_COLUMNS(COLUMN_ENTRY)};

/* For people the ids in one paragraph. */
static void add_fine(const Builder *builder)
{
    const Doctor *doctor = builder->doctor;
    Buf line = BUF(4096);
    Section *data = report_section(builder->report, FOR_DATA, "passed", "Checked and fine",
                                   LAYOUT_TABLE, fine_columns, ARRAY_LEN(fine_columns), NULL);
    Section *people = report_section(builder->report, FOR_PEOPLE, "fine", "Checked and fine",
                                     LAYOUT_PROSE, ids_columns, ARRAY_LEN(ids_columns), NULL);

    for (size_t i = 0; i < doctor->count; i++) {
        const DoctorResult *result = &doctor->results[i];
        if (result->outcome != DOCTOR_FINE && result->outcome != DOCTOR_SKIPPED)
            continue;
        row_set_all(section_row(data), ROW_VALUES(FINE_COLUMNS));
        if (result->outcome == DOCTOR_FINE)
            buf_printf(&line, "%s%s", line.len ? ", " : "", result->check->id);
    }
    const char *ids = words_taken(&line, builder->arena);
    if (*ids)
        row_set_all(section_row(people), ROW_VALUES(IDS_COLUMNS));
}

/* clang-format off */
#define TABLE_COLUMNS(COLUMN) \
    COLUMN("table", "table", value_text(table->name), .may_wrap = true) \
    COLUMN("rows", "rows", value_count(table->rows), .align_right = true) \
    COLUMN("bytes", "size", value_bytes(table->bytes), .align_right = true) \
    COLUMN("percent", "share", \
           sum > 0 ? value_percent(100 * (double)table->bytes / (double)sum) : value_none(), .align_right = true)
/* clang-format on */

static const Column table_columns[] = {TABLE_COLUMNS(COLUMN_ENTRY)};

static void draw_tables(const Doctor *doctor, size_t shown, Section *section)
{
    static const ChartSeries series[] = {{"size", HUE_1}};

    if (shown < 2)
        return;
    Chart *chart = section_chart(section, &(ChartSpec){
                                              .kind = CHART_RANK,
                                              .unit = VALUE_BYTES,
                                              .title = "Bytes by table",
                                              .points = "table",
                                              .series = series,
                                              .series_count = ARRAY_LEN(series),
                                          });
    for (size_t i = 0; i < shown; i++)
        chart_add(chart, chart_point(chart, doctor->tables[i].name), 0,
                  (double)doctor->tables[i].bytes);
}

static void add_tables(const Builder *builder, Audience audience)
{
    enum { SHOWN = 10 };
    const Doctor *doctor = builder->doctor;
    bool is_short = audience == FOR_PEOPLE && doctor->table_count > SHOWN;
    size_t shown = is_short ? SHOWN : doctor->table_count;
    int64_t sum = 0;
    Section *section = report_section(
        builder->report, audience, "tables",
        words_list_title("Largest tables", shown, doctor->table_count, builder->arena),
        LAYOUT_TABLE, table_columns, ARRAY_LEN(table_columns), NULL);

    if (audience == FOR_PEOPLE)
        draw_tables(doctor, shown, section);
    for (size_t i = 0; i < doctor->table_count; i++)
        sum = sat_add(sum, doctor->tables[i].bytes);
    for (size_t i = 0; i < shown; i++) {
        const DoctorTable *table = &doctor->tables[i];
        row_set_all(section_row(section), ROW_VALUES(TABLE_COLUMNS));
    }
}

/* ---- the first screen ------------------------------------------------------------------------ */

/* clang-format off */
#define SCREEN_COLUMNS(COLUMN) \
    COLUMN("grave", "priority", is_grave ? priority : value_none(), \
           .use = COLUMN_HEADING, .tone = TONE_ALERT, .max_lines = 1) \
    COLUMN("other", "priority", is_grave ? value_none() : priority, .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN("title", "finding", value_text(result->check->title), .use = COLUMN_HEADING) \
    COLUMN("id", "id", value_text(result->check->id), .use = COLUMN_HEADING, .align_right = true) \
    COLUMN("evidence", "evidence", value_text(result->evidence_count > 0 ? result->evidence[0] : NULL), \
           .use = COLUMN_PLAIN, .max_lines = 1) \
    COLUMN("do", "do", value_text(has_remedy ? result->actions[0] : NULL), .max_lines = 2)
/* clang-format on */

static const Column screen_columns[] = {SCREEN_COLUMNS(COLUMN_ENTRY)};

static void add_screen_row(const Builder *builder, Section *section, const DoctorResult *result)
{
    const char *mark = news_is_new(builder->view->news, result->check->id) ? ", new" : "";
    bool is_grave = result->priority == DOCTOR_CRITICAL || result->priority == DOCTOR_ERROR;
    bool has_remedy = result->action_count > 0 && builder->view->remedies != REMEDIES_NONE;
    Value priority = value_text(
        arena_printf(builder->arena, "%s%s", doctor_priority_name(result->priority), mark));

    row_set_all(section_row(section), ROW_VALUES(SCREEN_COLUMNS));
}

/* Critical ones first, then what is new, each the gravest first. */
static const size_t *screen_order(const Builder *builder)
{
    enum { PRIORITIES = DOCTOR_INFO + 1 };
    const Doctor *doctor = builder->doctor;
    unsigned *ranks = arena_alloc_array(builder->arena, doctor->count, sizeof(*ranks));

    for (size_t i = 0; i < doctor->count; i++) {
        const DoctorResult *result = &doctor->results[i];
        bool is_first = result->priority == DOCTOR_CRITICAL ||
                        news_is_new(builder->view->news, result->check->id);
        ranks[i] = (unsigned)(DOCTOR_INFO - (int)result->priority) + (is_first ? PRIORITIES : 0);
    }
    return news_order(ranks, doctor->count, builder->arena);
}

/* "agent-job, size-quota: --all says why" */
static const char *unchecked_line(const Builder *builder)
{
    const Doctor *doctor = builder->doctor;
    Buf line = BUF(4096);

    for (size_t i = 0; i < doctor->count; i++)
        if (doctor->results[i].outcome == DOCTOR_NOT_CHECKED)
            buf_printf(&line, "%s%s", line.len ? ", " : "", doctor->results[i].check->id);
    if (line.len > 0)
        buf_puts(&line, ": --all says why");
    return words_taken(&line, builder->arena);
}

/* "Nothing new; 12 fine, 3 not checked" */
static const char *head_line(const Builder *builder)
{
    const char *calm = news_calm(builder->view->news);

    return calm && news_count(builder->view->news) == 0
               ? arena_printf(builder->arena, "%s; %s", calm, checks_line(builder))
               : checks_line(builder);
}

/* clang-format off */
#define STEP_COLUMNS(COLUMN) \
    COLUMN("id", "id", value_text(result->check->id), .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN("why", "why", value_text(result->check->why), .use = COLUMN_PLAIN) \
    COLUMN("actions", "what to do", value_texts(result->actions, result->action_count), .use = COLUMN_BULLETS)
/* clang-format on */

/* What to do about each finding, behind the screen. */
static void add_steps(const Builder *builder, const size_t *order)
{
    static const Column columns[] = {STEP_COLUMNS(COLUMN_ENTRY)};
    Section *section = report_section(builder->report, FOR_SCREEN, "steps", "What to do",
                                      LAYOUT_LIST, columns, ARRAY_LEN(columns), NULL);

    for (size_t i = 0; i < builder->doctor->count; i++) {
        const DoctorResult *result = &builder->doctor->results[order[i]];
        if (result->outcome != DOCTOR_FOUND)
            continue;
        row_set_all(section_row(section), ROW_VALUES(STEP_COLUMNS));
    }
    section_set_behind(section);
}

static void add_screen(const Builder *builder)
{
    const Doctor *doctor = builder->doctor;
    size_t limit = builder->view->limit, shown = 0;

    report_screen(builder->report, head_line(builder),
                  ssisdb_title(builder->view->db, builder->arena), NULL);
    news_tell_screen(builder->view->news, builder->report, builder->arena);
    report_fact(builder->report, FOR_SCREEN, "not_checked_line", "not checked",
                value_text(unchecked_line(builder)));
    Section *section = report_section(builder->report, FOR_SCREEN, "top", NULL, LAYOUT_LIST,
                                      screen_columns, ARRAY_LEN(screen_columns), NULL);
    const size_t *order = screen_order(builder);
    for (size_t i = 0; i < doctor->count && (!limit || shown < limit); i++) {
        if (doctor->results[order[i]].outcome != DOCTOR_FOUND)
            continue;
        add_screen_row(builder, section, &doctor->results[order[i]]);
        shown++;
    }
    section_set_rest(section, "finding", "findings", count_of(doctor, DOCTOR_FOUND));
    if (builder->view->remedies == REMEDIES_ALL)
        add_steps(builder, order);
}

Report *doctor_report(const Doctor *doctor, const DoctorView *view, Arena *arena)
{
    Builder builder = {doctor, view, arena, report_new(arena, "doctor", "The catalog's health")};

    add_facts(&builder);
    add_findings(&builder);
    add_unchecked(&builder);
    add_fine(&builder);
    news_tell(view->news, builder.report, "new_findings", (int64_t)news_count(view->news));
    add_tables(&builder, FOR_PEOPLE);
    add_tables(&builder, FOR_DATA);
    add_screen(&builder);
    return builder.report;
}
