/*
 * prometheus: the text exposition format, for node_exporter's textfile collector or a push gateway.
 * metrics.def says what is exported, under which name, with which labels: rows that stand for
 * single events (executions, messages) would give a series each, and are not.
 */
#include "model.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/str.h"

#include <stdlib.h>
#include <string.h>

enum {
    SERIES_MOST = 1000
}; // of one metric and target: more would be a burden to whoever stores them

typedef struct Metric {
    const char *command, *section, *key, *name, *help;
} Metric;

typedef struct Labels {
    const char *command, *section, *keys; // "key key=label ..."
} Labels;

#define METRIC(...) {__VA_ARGS__},
#define LABELS(...)
static const Metric metrics[] = {
#include "metrics.def"
};
#undef METRIC
#undef LABELS
#define METRIC(...)
#define LABELS(...) {__VA_ARGS__},
static const Labels labels[] = {
#include "metrics.def"
};
#undef METRIC
#undef LABELS

/* What a series is about: the server that was asked, or one of several. */
typedef struct Origin {
    const Row *row;     // of "targets"; NULL: the whole answer
    const char *name;   // of the target; NULL: the whole answer
    const char *labels; // server, database, target
    size_t left_out;    // series
    size_t kept;        // of the section that is being written
} Origin;

/* A row of a section. */
typedef struct Series {
    const Row *row;
    Origin *origin;     // NULL: several targets together
    const char *labels; // "server=\"...\",..."; "" for none
    uint64_t hash;      // of them
    size_t order;
    bool is_left_out; // another row has the same labels, or there are too many
} Series;

typedef struct Writer {
    const Report *report;
    FILE *out;
    Arena *arena;
    Origin *origins;
    size_t origin_count;
    const char *section; // whose rows are in `series`
    Series *series;
    size_t count;
} Writer;

static bool is_number(const Value *value)
{
    return value->type != VALUE_NONE && value->type != VALUE_TEXT && value->type != VALUE_TEXTS;
}

/* ---- the model ------------------------------------------------------------------------------- */

static const Section *section_of(const Report *report, const char *key)
{
    for (const Section *section = report->first; section; section = section->next)
        if (is_for_data(section->audience) && str_same(section->key, key))
            return section;
    return NULL;
}

static const Value *cell_of(const Row *row, Str key)
{
    const Section *section = row->section;

    for (size_t i = 0; i < section->column_count; i++)
        if (is_for_data(section->columns[i].audience) &&
            str_equal(key, str_of(section->columns[i].key)))
            return &row->values[i];
    return NULL;
}

/* Of a row, or (NULL) of the answer. */
static const Value *value_of(const Writer *writer, const Row *row, Str key)
{
    if (row)
        return cell_of(row, key);
    for (const Fact *fact = writer->report->first_fact; fact; fact = fact->next)
        if (is_for_data(fact->audience) && str_equal(key, str_of(fact->key)))
            return &fact->value;
    return NULL;
}

/* ---- labels ---------------------------------------------------------------------------------- */

static void put_label(Buf *out, Str name, const Value *value)
{
    AUTO(buf_done) Buf text = BUF(REPORT_TEXT_MAX);

    if (!value || value->type == VALUE_NONE)
        return; // an empty label is none
    value_put_for_people(&text, value);
    buf_printf(out, "%s%.*s=\"", out->len > 0 ? "," : "", STR_FMT(name));
    for (size_t i = 0; i < text.len; i++) {
        if (text.text[i] == '\\' || text.text[i] == '"')
            buf_putc(out, '\\');
        buf_putc(out, text.text[i]);
    }
    buf_putc(out, '"');
}

static const char *origin_labels(const Writer *writer, const Row *row)
{
    static const char *const keys[] = {"server", "database", "target"};
    AUTO(buf_done) Buf text = BUF(REPORT_TEXT_MAX);

    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        put_label(&text, str_of(keys[i]), value_of(writer, row, str_of(keys[i])));
    return arena_text(writer->arena, buf_text(&text));
}

static void find_origins(Writer *writer)
{
    const Section *targets = section_of(writer->report, "targets");
    const Row *row = targets ? targets->first : NULL;
    size_t count = 1;

    for (const Row *next = row; next; next = next->next)
        count++;
    writer->origins = arena_alloc_array(writer->arena, count, sizeof(*writer->origins));
    do {
        const Value *name = row ? cell_of(row, str_of("target")) : NULL;
        writer->origins[writer->origin_count++] = (Origin){
            .row = row, .name = name ? name->as.text : NULL, .labels = origin_labels(writer, row)};
        row = row ? row->next : NULL;
    } while (row);
}

/* Of a row that names its target; NULL for one that names several. */
static Origin *origin_of(const Writer *writer, const Row *row)
{
    const Value *target = cell_of(row, str_of("target"));

    if (!writer->origins[0].name)
        return &writer->origins[0];
    for (size_t i = 0; target && target->type == VALUE_TEXT && i < writer->origin_count; i++)
        if (str_same(writer->origins[i].name, target->as.text))
            return &writer->origins[i];
    return NULL;
}

static const char *keys_of(const Writer *writer, const char *section)
{
    for (size_t i = 0; i < ARRAY_LEN(labels); i++)
        if ((str_same(labels[i].command, "*") ||
             str_same(labels[i].command, writer->report->command)) &&
            str_same(labels[i].section, section))
            return labels[i].keys;
    return "";
}

/* "key key=label ...": those that the row, or (NULL) the answer, has. */
static void put_labels(const Writer *writer, const Row *row, const char *keys, Buf *out)
{
    Str rest = str_of(keys), key, name;

    while (str_split(&rest, ' ', &key)) {
        name = key;
        if (memchr(key.at, '=', key.len))
            (void)str_split(&name, '=', &key); // and the name is what is left
        put_label(out, name, value_of(writer, row, key));
    }
}

static Series series_of(const Writer *writer, const Row *row, const char *keys)
{
    AUTO(buf_done) Buf text = BUF(REPORT_TEXT_MAX);
    Origin *origin = origin_of(writer, row);

    if (origin)
        buf_puts(&text, origin->labels);
    else
        put_label(&text, str_of("target"), cell_of(row, str_of("target")));
    put_labels(writer, row, keys, &text);
    return (Series){.row = row,
                    .origin = origin,
                    .labels = arena_text(writer->arena, buf_text(&text)),
                    .hash = str_hash(STR_HASH_SEED, buf_text(&text), text.len),
                    .order = writer->count};
}

/* ---- series ---------------------------------------------------------------------------------- */

static int by_labels(const void *a, const void *b)
{
    const Series *x = a, *y = b;
    int labels_differ =
        x->hash != y->hash ? (x->hash < y->hash ? -1 : 1) : strcmp(x->labels, y->labels);

    return labels_differ ? labels_differ : (x->order > y->order) - (x->order < y->order);
}

static int by_order(const void *a, const void *b)
{
    const Series *x = a, *y = b;

    return (x->order > y->order) - (x->order < y->order);
}

/* Whoever scrapes a file takes nothing of it when a series is there twice. Two rows can have the
 * same labels when they differ in what is not shown, such as a control character. */
static void leave_out_repeats(Writer *writer)
{
    Series *series = writer->series;

    qsort(series, writer->count, sizeof(*series), by_labels);
    for (size_t i = 1; i < writer->count; i++)
        series[i].is_left_out = str_same(series[i].labels, series[i - 1].labels);
    qsort(series, writer->count, sizeof(*series), by_order);
}

/* The gravest or most frequent rows come first. */
static void leave_out_many(Writer *writer)
{
    for (size_t i = 0; i < writer->origin_count; i++)
        writer->origins[i].kept = 0;
    for (size_t i = 0; i < writer->count; i++) {
        Series *series = &writer->series[i];
        if (series->is_left_out || !series->origin || series->origin->kept++ < SERIES_MOST)
            continue;
        series->is_left_out = true;
        series->origin->left_out++;
    }
}

static void read_rows(Writer *writer, const char *key)
{
    const Section *section = section_of(writer->report, key);
    const char *keys = keys_of(writer, key);
    size_t count = 0;

    for (const Row *row = section ? section->first : NULL; row; row = row->next)
        count++;
    writer->section = key;
    writer->count = 0;
    writer->series = arena_alloc_array(writer->arena, count + 1, sizeof(*writer->series));
    for (const Row *row = section ? section->first : NULL; row; row = row->next) {
        writer->series[writer->count] = series_of(writer, row, keys);
        writer->count++;
    }
    leave_out_repeats(writer);
    leave_out_many(writer);
}

static void put_sample(Writer *writer, const Metric *metric, const char *with, const Value *value,
                       bool *has_head)
{
    AUTO(buf_done) Buf number = BUF(64);
    const char *command = writer->report->command;

    if (!value || !is_number(value) || !value_put_number(&number, value))
        return;
    if (!*has_head)
        (void)fprintf(writer->out, "# HELP ssisminer_%s_%s %s\n# TYPE ssisminer_%s_%s gauge\n",
                      command, metric->name, metric->help, command, metric->name);
    *has_head = true;
    (void)fprintf(writer->out, "ssisminer_%s_%s", command, metric->name);
    if (*with)
        (void)fprintf(writer->out, "{%s}", with);
    (void)fprintf(writer->out, " %s\n", buf_text(&number));
}

static void put_rows(Writer *writer, const Metric *metric)
{
    Value one = value_count(1);
    bool has_head = false;

    if (!str_same(writer->section, metric->section))
        read_rows(writer, metric->section);
    for (size_t i = 0; i < writer->count; i++) {
        const Series *series = &writer->series[i];
        if (!series->is_left_out)
            put_sample(writer, metric, series->labels,
                       *metric->key ? cell_of(series->row, str_of(metric->key)) : &one, &has_head);
    }
}

/* Of each target, or of the answer. What several targets tell together only is in sections. */
static void put_fact(Writer *writer, const Metric *metric)
{
    bool has_head = false;

    for (size_t i = 0; i < writer->origin_count; i++)
        put_sample(writer, metric, writer->origins[i].labels,
                   value_of(writer, writer->origins[i].row, str_of(metric->key)), &has_head);
}

/* ---- the file -------------------------------------------------------------------------------- */

/* "ssisminer_report_info{server="...",flavor="...",...} 1" */
static void put_info(Writer *writer)
{
    static const Metric info = {.name = "info", .help = "What kind of server this is about."};
    const Value one = value_count(1);
    bool has_head = false;

    for (size_t i = 0; i < writer->origin_count; i++) {
        AUTO(buf_done) Buf text = BUF(REPORT_TEXT_MAX);
        buf_puts(&text, writer->origins[i].labels);
        put_labels(writer, writer->origins[i].row,
                   "flavor product_version ssisdb_schema_version ssisdb_schema_build", &text);
        put_sample(writer, &info, buf_text(&text), &one, &has_head);
    }
}

/* Of several targets a warning begins with the name of its own. */
static Value warnings_of(const Report *report, const Origin *origin)
{
    int64_t count = 0;

    for (const Warning *warning = report->first_warning; warning; warning = warning->next)
        count += !origin->name || (str_starts(warning->text, origin->name) &&
                                   warning->text[strlen(origin->name)] == ':');
    return value_count(count);
}

static void put_counts(Writer *writer)
{
    static const Metric warnings = {.name = "answer_warnings",
                                    .help = "Warnings that the answer gives."};
    _Static_assert(SERIES_MOST == 1000, "the help below says so");
    static const Metric left_out = {
        .name = "series_left_out",
        .help = "Series that this file leaves out: of a metric it has a thousand at most."};
    bool has_warnings = false, has_left_out = false;

    for (size_t i = 0; i < writer->origin_count; i++) {
        Value count = warnings_of(writer->report, &writer->origins[i]);
        put_sample(writer, &warnings, writer->origins[i].labels, &count, &has_warnings);
    }
    for (size_t i = 0; i < writer->origin_count; i++) {
        Value count = value_count((int64_t)writer->origins[i].left_out);
        put_sample(writer, &left_out, writer->origins[i].labels, &count, &has_left_out);
    }
}

static bool has_metrics(const char *command)
{
    for (size_t i = 0; i < ARRAY_LEN(metrics); i++)
        if (str_same(metrics[i].command, command))
            return true;
    return false;
}

static Rc write_prometheus(const Report *report, const ReportStyle *style, FILE *out, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    Writer writer = {.report = report, .out = out, .arena = &arena};

    (void)style;
    if (!has_metrics(report->command))
        return FAIL(err, RC_USAGE, "'%s' has no metrics: choose another --format", report->command);
    find_origins(&writer);
    put_info(&writer);
    for (size_t i = 0; i < ARRAY_LEN(metrics); i++) {
        const Metric *metric = &metrics[i];
        if (!str_same(metric->command, "*") && !str_same(metric->command, report->command))
            continue;
        if (*metric->section)
            put_rows(&writer, metric);
        else
            put_fact(&writer, metric);
    }
    put_counts(&writer);
    return report_check(out, err);
}

const ReportWriter report_prometheus_writer = {"prometheus", "prom", write_prometheus};
