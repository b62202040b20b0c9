/*
 * prometheus: the text exposition format, for node_exporter's textfile collector or a push
 * gateway. Only sections with a label column become metrics: rows that stand for single events
 * (executions, messages) would give a series each.
 */
#include "model.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/str.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool is_metric(const Value *value)
{
    return value->type != VALUE_NONE && value->type != VALUE_TEXT && value->type != VALUE_TEXTS &&
           value->type != VALUE_ID;
}

static bool is_text(const Value *value)
{
    return value->type == VALUE_TEXT || value->type == VALUE_ID;
}

/* Metric names allow letters, digits, underscore and colon. */
static void put_name(FILE *out, const char *part)
{
    (void)fputc('_', out);
    for (; *part; part++)
        (void)fputc(isalnum((unsigned char)*part) ? *part : '_', out);
}

static void put_quoted(FILE *out, const Value *value)
{
    AUTO(buf_done) Buf text = BUF(REPORT_TEXT_MAX);

    value_put_for_people(&text, value);
    (void)fputc('"', out);
    for (size_t i = 0; i < text.len; i++) {
        if (text.text[i] == '\\' || text.text[i] == '"')
            (void)fputc('\\', out);
        (void)fputc(text.text[i], out);
    }
    (void)fputc('"', out);
}

static void put_full_name(FILE *out, const Report *report, const char *section, const char *key)
{
    (void)fputs("ssisminer", out);
    put_name(out, report->command);
    if (section)
        put_name(out, section);
    put_name(out, key);
}

static void put_type(FILE *out, const Report *report, const char *section, const char *key,
                     const char *help)
{
    if (help) {
        (void)fputs("# HELP ", out);
        put_full_name(out, report, section, key);
        (void)fprintf(out, " %s\n", help);
    }
    (void)fputs("# TYPE ", out);
    put_full_name(out, report, section, key);
    (void)fputs(" gauge\n", out);
}

static void put_sample(FILE *out, const Value *value)
{
    AUTO(buf_done) Buf number = BUF(64);

    (void)fprintf(out, " %s\n", value_put_number(&number, value) ? buf_text(&number) : "NaN");
}

/* ---- facts ---------------------------------------------------------------------------------- */

static void put_info(FILE *out, const Report *report)
{
    const char *between = "{";

    put_type(out, report, NULL, "info", "what was read");
    put_full_name(out, report, NULL, "info");
    for (const Fact *fact = report->first_fact; fact; fact = fact->next) {
        if (!is_for_data(fact->audience) || !is_text(&fact->value))
            continue;
        (void)fprintf(out, "%s%s=", between, fact->key);
        put_quoted(out, &fact->value);
        between = ",";
    }
    (void)fputs(*between == ',' ? "} 1\n" : " 1\n", out);
}

static void put_warning_count(FILE *out, const Report *report)
{
    Value count = value_count(0);

    for (const Warning *warning = report->first_warning; warning; warning = warning->next)
        count.as.count++;
    put_type(out, report, NULL, "warnings", "warnings about this report");
    put_full_name(out, report, NULL, "warnings");
    put_sample(out, &count);
}

static void put_facts(FILE *out, const Report *report)
{
    for (const Fact *fact = report->first_fact; fact; fact = fact->next) {
        if (!is_for_data(fact->audience) || !is_metric(&fact->value))
            continue;
        put_type(out, report, NULL, fact->key, fact->heading);
        put_full_name(out, report, NULL, fact->key);
        put_sample(out, &fact->value);
    }
}

/* ---- sections ------------------------------------------------------------------------------- */

static bool has_label(const Section *section)
{
    for (size_t i = 0; i < section->column_count; i++)
        if (section->columns[i].is_label)
            return true;
    return false;
}

static void put_labels(FILE *out, const Row *row)
{
    const char *between = "{";

    for (size_t i = 0; i < row->section->column_count; i++) {
        if (!row->section->columns[i].is_label)
            continue;
        (void)fprintf(out, "%s%s=", between, row->section->columns[i].key);
        put_quoted(out, &row->values[i]);
        between = ",";
    }
    (void)fputc('}', out);
}

/* ---- labels that are there already ------------------------------------------------------------
 */

/* A series may be there once, else whoever scrapes it takes none of them. Two rows have the same
 * labels when their names differ in what is not shown, or where names were joined. */
typedef struct Series {
    uint64_t labels; // hash
    size_t row;
} Series;

static uint64_t hash_labels(const Row *row)
{
    AUTO(buf_done) Buf text = BUF(REPORT_TEXT_MAX);

    for (size_t i = 0; i < row->section->column_count; i++) {
        if (!row->section->columns[i].is_label)
            continue;
        value_put_for_people(&text, &row->values[i]);
        buf_putc(&text, '\n'); // in no label
    }
    return str_hash(STR_HASH_SEED, buf_text(&text), text.len);
}

static int by_labels(const void *a, const void *b)
{
    const Series *x = a, *y = b;

    if (x->labels != y->labels)
        return x->labels < y->labels ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* For each row whether one before it has its labels; to free(). */
static bool *find_repeats(const Section *section)
{
    size_t count = 0, n = 0;

    for (const Row *row = section->first; row; row = row->next)
        count++;
    bool *repeats = mem_alloc(count + 1);
    Series *list = mem_alloc((count + 1) * sizeof(*list));
    for (const Row *row = section->first; row; row = row->next, n++)
        list[n] = (Series){hash_labels(row), n};
    qsort(list, count, sizeof(*list), by_labels);
    for (size_t i = 1; i < count; i++)
        repeats[list[i].row] = list[i].labels == list[i - 1].labels;
    free(list);
    return repeats;
}

/* All samples of one metric stand together, as the format asks. */
static void put_column(FILE *out, const Report *report, const Section *section, size_t i,
                       const bool *repeats)
{
    const Column *column = &section->columns[i];
    bool has_type = false;
    size_t number = 0;

    for (const Row *row = section->first; row; row = row->next) {
        if (repeats[number++] || !is_metric(&row->values[i]))
            continue;
        if (!has_type)
            put_type(out, report, section->key, column->key, column->heading);
        has_type = true;
        put_full_name(out, report, section->key, column->key);
        put_labels(out, row);
        put_sample(out, &row->values[i]);
    }
}

static Rc write_prometheus(const Report *report, const ReportStyle *style, FILE *out, Err *err)
{
    (void)style;
    put_info(out, report);
    put_facts(out, report);
    put_warning_count(out, report);
    for (const Section *section = report->first; section; section = section->next) {
        if (!is_for_data(section->audience) || !has_label(section))
            continue;
        AUTO(mem_free_at) bool *repeats = find_repeats(section);
        for (size_t i = 0; i < section->column_count; i++)
            if (!section->columns[i].is_label && is_for_data(section->columns[i].audience))
                put_column(out, report, section, i, repeats);
    }
    return report_check(out, err);
}

const ReportWriter report_prometheus_writer = {"prometheus", "prom", write_prometheus};
