/* Filling a report: lists in an arena, in the order of creation. */
#include "model.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

Report *report_new(Arena *arena, const char *command, const char *title)
{
    Report *report = arena_alloc(arena, sizeof(*report));

    report->arena = arena;
    report->command = command;
    report->title = title;
    return report;
}

void report_fact(Report *report, Audience audience, const char *key, const char *heading,
                 Value value)
{
    Fact *fact = arena_alloc(report->arena, sizeof(*fact));

    *fact = (Fact){key, heading, audience, value, NULL};
    if (report->last_fact)
        report->last_fact->next = fact;
    else
        report->first_fact = fact;
    report->last_fact = fact;
}

void report_warning(Report *report, const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);

    Warning *warning = arena_alloc(report->arena, sizeof(*warning));
    warning->text = arena_text(report->arena, text);
    if (report->last_warning)
        report->last_warning->next = warning;
    else
        report->first_warning = warning;
    report->last_warning = warning;
}

/* ---- findings -------------------------------------------------------------------------------- */

void report_add_finding(Report *report, Severity severity)
{
    if (severity > report->gravest)
        report->gravest = severity;
}

void report_add_new(Report *report)
{
    report->has_new = true;
}

Severity report_gravest(const Report *report)
{
    return report->gravest;
}

bool report_has_new(const Report *report)
{
    return report->has_new;
}

bool report_reaches(const char *level, Severity gravest, bool has_new)
{
    static const struct {
        const char *word;
        Severity least;
    } levels[] = {
        {"any", SEVERITY_INFO},
        {"warning", SEVERITY_WARNING},
        {"error", SEVERITY_ERROR},
        {"critical", SEVERITY_CRITICAL},
    };

    for (size_t i = 0; level && i < ARRAY_LEN(levels); i++)
        if (strcmp(levels[i].word, level) == 0)
            return gravest >= levels[i].least;
    return level && strcmp(level, "new") == 0 && has_new;
}

/* ---- sections -------------------------------------------------------------------------------- */

static Section *new_section(Arena *arena, Audience audience, const char *key, const char *title,
                            Layout layout, const Column *columns, size_t column_count)
{
    Section *section = arena_alloc(arena, sizeof(*section));

    *section = (Section){
        .arena = arena,
        .key = key,
        .title = title,
        .layout = layout,
        .audience = audience,
        .columns = columns,
        .column_count = column_count,
    };
    return section;
}

void report_head(Report *report, const ReportHead *head)
{
    report_fact(report, FOR_DATA, "generated_at", "generated at", value_time(head->now));
    report_fact(report, FOR_PEOPLE, "server_line", "server", value_text(head->title));
    report_fact(report, FOR_DATA, "server", "server", value_text(head->server));
    report_fact(report, FOR_DATA, "database", "database", value_text(head->database));
    report_fact(report, FOR_DATA, "sees_all", "login sees every execution",
                value_flag(head->sees_all));
    if (!head->window)
        return;
    report_fact(report, FOR_PEOPLE, "window", "window", value_text(head->window));
    report_fact(report, FOR_DATA, "since", "start of the window", value_time(head->since));
    report_fact(report, FOR_DATA, "until", "end of the window", value_time(head->until));
}

void report_screen(Report *report, const char *headline, const char *where, const char *next)
{
    report->headline = headline;
    report->where = where;
    report->next_step = next;
    report->before_screen = report->last_fact;
}

void section_set_rest(Section *section, const char *one, const char *many, size_t total)
{
    section->rest_one = one;
    section->rest_many = many;
    section->total = total;
}

void report_screen_warnings(Report *report)
{
    report->tells_warnings = true;
}

void row_set_times(Row *row, size_t count)
{
    row->stands_for = count;
}

void section_set_behind(Section *section)
{
    section->is_behind = true;
}

static void append_section(Section **first, Section **last, Section *section)
{
    if (*last)
        (*last)->next = section;
    else
        *first = section;
    *last = section;
}

Section *report_section(Report *report, Audience audience, const char *key, const char *title,
                        Layout layout, const Column *columns, size_t column_count,
                        const char *empty)
{
    Section *section =
        new_section(report->arena, audience, key, title, layout, columns, column_count);

    section->empty = empty;
    append_section(&report->first, &report->last, section);
    return section;
}

Section *row_section(Row *row, Audience audience, const char *key, const char *title, Layout layout,
                     const Column *columns, size_t column_count)
{
    Section *section =
        new_section(row->section->arena, audience, key, title, layout, columns, column_count);

    append_section(&row->first, &row->last, section);
    return section;
}

void section_set_primary(Section *section)
{
    section->is_primary = true;
}

Row *section_row(Section *section)
{
    Row *row = arena_alloc(section->arena, sizeof(*row));

    row->section = section;
    row->values = arena_alloc_array(section->arena, section->column_count, sizeof(*row->values));
    if (section->last)
        section->last->next = row;
    else
        section->first = row;
    section->last = row;
    return row;
}

void row_set(Row *row, size_t column, Value value)
{
    assert(column < row->section->column_count);
    row->values[column] = value;
}

void row_set_all(Row *row, const Value *values, size_t count)
{
    assert(count >= row->section->column_count);
    for (size_t i = 0; i < row->section->column_count; i++)
        row->values[i] = values[i];
}

void row_set_anchor(Row *row, const char *what, const char *name)
{
    row->anchor = arena_printf(row->section->arena, "%s-%s", what, name);
}

void row_set_link(Row *row, const char *key, const char *what, const char *name)
{
    const Section *section = row->section;
    size_t column = 0;

    while (column < section->column_count && strcmp(section->columns[column].key, key) != 0)
        column++;
    assert(column < section->column_count);
    if (!row->links)
        row->links = arena_alloc_array(section->arena, section->column_count, sizeof(*row->links));
    row->links[column] = arena_printf(section->arena, "%s-%s", what, name);
}

void row_set_severity(Row *row, Severity severity)
{
    row->severity = severity;
}

bool section_is_shown(const Section *section)
{
    return is_for_people(section->audience) && (section->first || section->empty);
}

Rc report_check(FILE *out, Err *err)
{
    if (!ferror(out))
        return RC_OK;
    return FAIL(err, RC_USAGE, "cannot write the report: %s", strerror(errno ? errno : EIO));
}

/* ---- the table of writers -------------------------------------------------------------------- */

static const ReportWriter *const writers[] = {
    &report_text_writer, &report_json_writer,     &report_ndjson_writer,     &report_csv_writer,
    &report_html_writer, &report_markdown_writer, &report_prometheus_writer,
};

const ReportWriter *report_writer(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(writers); i++)
        if (strcmp(writers[i]->name, name) == 0)
            return writers[i];
    return NULL;
}

static bool has_extension(const ReportWriter *writer, Str extension)
{
    Str rest = str_of(writer->extensions), one;

    while (str_split(&rest, '|', &one))
        if (str_equal_fold(one, extension))
            return true;
    return false;
}

const ReportWriter *report_writer_for_file(const char *path)
{
    const char *dot = strrchr(path, '.');

    if (!dot || strchr(dot, '/'))
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(writers); i++)
        if (has_extension(writers[i], str_of(dot + 1)))
            return writers[i];
    return NULL;
}

/* ---- less of it ------------------------------------------------------------------------------ */

static bool may_be_cut(const Section *section)
{
    return section->audience != FOR_DATA && section->audience != FOR_SCREEN &&
           section->layout != LAYOUT_PROSE;
}

void report_cut(Report *report, size_t limit)
{
    for (Section *section = report->first; section; section = section->next) {
        Row *last = section->first;
        for (size_t i = 1; last && i < limit; i++)
            last = last->next;
        if (!last || !may_be_cut(section))
            continue;
        for (const Row *row = last->next; row; row = row->next)
            section->left_out++;
        last->next = NULL;
        section->last = last;
    }
}

void section_left_out_text(const Section *section, char ret_text[LEFT_OUT_MAX])
{
    (void)snprintf(ret_text, LEFT_OUT_MAX, "%zu more", section->left_out);
}
