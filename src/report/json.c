/*
 * json and ndjson. Rows become cJSON one at a time, so memory does not grow with the report; a
 * row is one line. Numbers go in as text: a double cannot hold every bigint.
 */
#include "model.h"

#include "ssisminer/base/term.h"
#include "ssisminer/base/utf.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

static void json_free_at(cJSON **json)
{
    cJSON_Delete(*json);
}

/* cJSON answers NULL only when memory is out. */
static cJSON *need(cJSON *json)
{
    if (!json)
        abort();
    return json;
}

static cJSON *text_of(const char *text)
{
    AUTO(buf_done) Buf buf = BUF(REPORT_TEXT_MAX);

    utf_put_valid(&buf, text, strlen(text));
    return need(cJSON_CreateString(buf_text(&buf)));
}

static cJSON *number_of(const Value *value)
{
    AUTO(buf_done) Buf buf = BUF(64);

    if (!value_put_number(&buf, value))
        return need(cJSON_CreateNull()); // JSON has no infinity
    return need(cJSON_CreateRaw(buf_text(&buf)));
}

static cJSON *time_of(Instant at)
{
    char text[TIME_TEXT_MAX];

    time_iso_utc(at, 7, text);
    return text_of(text);
}

static cJSON *texts_of(const Value *value)
{
    cJSON *list = need(cJSON_CreateArray());

    for (size_t i = 0; i < value->as.texts.count; i++)
        (void)cJSON_AddItemToArray(list, text_of(value->as.texts.at[i]));
    return list;
}

static cJSON *json_of(const Value *value)
{
    switch (value->type) {
    case VALUE_NONE:
        return need(cJSON_CreateNull());
    case VALUE_TEXT:
        return text_of(value->as.text);
    case VALUE_TEXTS:
        return texts_of(value);
    case VALUE_TIME:
        return time_of(value->as.time);
    case VALUE_FLAG:
        return need(cJSON_CreateBool(value->as.flag));
    case VALUE_ID:
    case VALUE_COUNT:
    case VALUE_NUMBER:
    case VALUE_DURATION:
    case VALUE_PERCENT:
    case VALUE_BYTES:
        return number_of(value);
    }
    return NULL;
}

static void add(cJSON *object, const char *key, cJSON *item)
{
    if (!cJSON_AddItemToObject(object, key, item))
        abort();
}

static void add_values(cJSON *object, const Row *row)
{
    const Section *section = row->section;

    for (size_t i = 0; i < section->column_count; i++)
        if (is_for_data(section->columns[i].audience))
            add(object, section->columns[i].key, json_of(&row->values[i]));
    for (const Section *inner = row->first; inner; inner = inner->next) {
        if (!is_for_data(inner->audience))
            continue;
        cJSON *list = need(cJSON_CreateArray());
        for (const Row *each = inner->first; each; each = each->next) {
            cJSON *item = need(cJSON_CreateObject());
            add_values(item, each);
            (void)cJSON_AddItemToArray(list, item);
        }
        add(object, inner->key, list);
    }
}

/* cJSON leaves DEL, C1 controls and bidirectional overrides as they are; a terminal obeys them.
 * In its output they occur inside strings only, where an escape means the same. */
static void put_escaped(FILE *out, const char *text)
{
    const char *from = text;

    for (const char *at = text; *at;) {
        size_t used = 1;
        uint32_t point = (unsigned char)*at;
        if (point >= 0x7F)
            point = utf_next(at, strnlen(at, 4), &used);
        if (point >= 0x7F && term_obeys(point)) {
            (void)fwrite(from, 1, (size_t)(at - from), out);
            (void)fprintf(out, "\\u%04x", (unsigned)point);
            from = at + used;
        }
        at += used;
    }
    (void)fputs(from, out);
}

static void print(FILE *out, const cJSON *json)
{
    char *text = cJSON_PrintUnformatted(json);

    if (!text)
        abort();
    put_escaped(out, text);
    cJSON_free(text);
}

static cJSON *warnings_of(const Report *report)
{
    cJSON *list = need(cJSON_CreateArray());

    for (const Warning *warning = report->first_warning; warning; warning = warning->next)
        (void)cJSON_AddItemToArray(list, text_of(warning->text));
    return list;
}

/* What stands before the sections, the same in both formats. */
static cJSON *head_of(const Report *report, bool is_line)
{
    cJSON *head = need(cJSON_CreateObject());

    if (is_line)
        add(head, "section", text_of(report->command));
    add(head, "schema_version", need(cJSON_CreateNumber(REPORT_SCHEMA_VERSION)));
    add(head, "command", text_of(report->command));
    for (const Fact *fact = report->first_fact; fact; fact = fact->next)
        if (is_for_data(fact->audience))
            add(head, fact->key, json_of(&fact->value));
    add(head, "warnings", warnings_of(report));
    return head;
}

/* ---- json ------------------------------------------------------------------------------------ */

static void write_key(FILE *out, const char *key)
{
    AUTO(json_free_at) cJSON *name = text_of(key);

    (void)fputs("  ", out);
    print(out, name);
    (void)fputs(": ", out);
}

static void write_section(FILE *out, const Section *section)
{
    (void)fputs(",\n", out);
    write_key(out, section->key);
    (void)fputs(section->first ? "[\n" : "[", out);
    for (const Row *row = section->first; row; row = row->next) {
        AUTO(json_free_at) cJSON *object = need(cJSON_CreateObject());
        add_values(object, row);
        (void)fputs("    ", out);
        print(out, object);
        (void)fputs(row->next ? ",\n" : "\n  ", out);
    }
    (void)fputc(']', out);
}

static Rc write_json(const Report *report, const ReportStyle *style, FILE *out, Err *err)
{
    AUTO(json_free_at) cJSON *head = head_of(report, false);
    const cJSON *item;

    (void)style;
    (void)fputs("{\n", out);
    cJSON_ArrayForEach(item, head)
    {
        write_key(out, item->string);
        print(out, item);
        (void)fputs(item->next ? ",\n" : "", out);
    }
    for (const Section *section = report->first; section; section = section->next)
        if (is_for_data(section->audience))
            write_section(out, section);
    (void)fputs("\n}\n", out);
    return report_check(out, err);
}

/* ---- ndjson ---------------------------------------------------------------------------------- */

static void write_line(FILE *out, const cJSON *object)
{
    print(out, object);
    (void)fputc('\n', out);
}

static void write_row_line(FILE *out, const Row *row)
{
    AUTO(json_free_at) cJSON *object = need(cJSON_CreateObject());

    add(object, "section", text_of(row->section->key));
    add_values(object, row);
    write_line(out, object);
}

static Rc write_ndjson(const Report *report, const ReportStyle *style, FILE *out, Err *err)
{
    AUTO(json_free_at) cJSON *head = head_of(report, true);

    (void)style;
    write_line(out, head);
    for (const Section *section = report->first; section; section = section->next)
        for (const Row *row = section->first; row && is_for_data(section->audience);
             row = row->next)
            write_row_line(out, row);
    return report_check(out, err);
}

const ReportWriter report_json_writer = {"json", "json", write_json};
const ReportWriter report_ndjson_writer = {"ndjson", "ndjson|jsonl", write_ndjson};
