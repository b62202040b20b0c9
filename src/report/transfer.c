/* A report as bytes, for the process that puts several together: same machine, same build. */
#include "model.h"

#include "ssisminer/report/combine.h"

#include <string.h>

// ---- writing ---------------------------------------------------------------------------------

static void put_i64(Buf *out, int64_t number)
{
    buf_put(out, &number, sizeof(number));
}

static void put_text(Buf *out, const char *text)
{
    put_i64(out, text ? (int64_t)strlen(text) : -1);
    if (text)
        buf_puts(out, text);
}

static void put_value(Buf *out, const Value *value)
{
    put_i64(out, value->type);
    switch (value->type) {
    case VALUE_NONE:
        break;
    case VALUE_TEXT:
        put_text(out, value->as.text);
        break;
    case VALUE_ID:
    case VALUE_COUNT:
    case VALUE_DURATION:
    case VALUE_BYTES:
        put_i64(out, value->as.count);
        break;
    case VALUE_NUMBER:
    case VALUE_PERCENT:
        buf_put(out, &value->as.number, sizeof(value->as.number));
        break;
    case VALUE_FLAG:
        put_i64(out, value->as.flag);
        break;
    case VALUE_TIME:
        put_i64(out, value->as.time.ticks);
        put_i64(out, value->as.time.offset_minutes);
        break;
    case VALUE_TEXTS:
        put_i64(out, (int64_t)value->as.texts.count);
        for (size_t i = 0; i < value->as.texts.count; i++)
            put_text(out, value->as.texts.at[i]);
        break;
    }
}

static void put_column(Buf *out, const Column *column)
{
    put_text(out, column->key);
    put_text(out, column->heading);
    put_i64(out, column->use);
    put_i64(out, column->audience);
    put_i64(out, column->tone);
    put_i64(out, column->align_right);
    put_i64(out, column->may_wrap);
    put_i64(out, column->max_lines);
    put_i64(out, column->is_label);
    put_i64(out, column->is_link);
}

static void put_sections(Buf *out, const Section *first);

static void put_rows(Buf *out, const Section *section)
{
    for (const Row *row = section->first; row; row = row->next) {
        put_i64(out, 1);
        for (size_t i = 0; i < section->column_count; i++)
            put_value(out, &row->values[i]);
        put_sections(out, row->first);
    }
    put_i64(out, 0);
}

static void put_sections(Buf *out, const Section *first)
{
    for (const Section *section = first; section; section = section->next) {
        put_i64(out, 1);
        put_text(out, section->key);
        put_text(out, section->title);
        put_text(out, section->empty);
        put_i64(out, section->layout);
        put_i64(out, section->audience);
        put_i64(out, section->is_primary);
        put_i64(out, (int64_t)section->column_count);
        for (size_t i = 0; i < section->column_count; i++)
            put_column(out, &section->columns[i]);
        put_rows(out, section);
    }
    put_i64(out, 0);
}

void report_put(const Report *report, Buf *out)
{
    put_text(out, report->command);
    put_text(out, report->title);
    for (const Fact *fact = report->first_fact; fact; fact = fact->next) {
        put_i64(out, 1);
        put_text(out, fact->key);
        put_text(out, fact->heading);
        put_i64(out, fact->audience);
        put_value(out, &fact->value);
    }
    put_i64(out, 0);
    for (const Warning *warning = report->first_warning; warning; warning = warning->next) {
        put_i64(out, 1);
        put_text(out, warning->text);
    }
    put_i64(out, 0);
    put_sections(out, report->first);
}

// ---- reading ---------------------------------------------------------------------------------

typedef struct Reader {
    Str left;
    Arena *arena;
    bool is_broken; // then everything read is 0 and NULL
} Reader;

static void take(Reader *reader, void *to, size_t len)
{
    (void)memset(to, 0, len);
    if (len > reader->left.len)
        reader->is_broken = true;
    if (reader->is_broken)
        return;
    (void)memcpy(to, reader->left.at, len);
    reader->left = (Str){reader->left.at + len, reader->left.len - len};
}

static int64_t take_i64(Reader *reader)
{
    int64_t number;

    take(reader, &number, sizeof(number));
    return number;
}

/* From 0 to `most`. */
static int take_choice(Reader *reader, int most)
{
    int64_t number = take_i64(reader);

    if (number < 0 || number > most)
        reader->is_broken = true;
    return reader->is_broken ? 0 : (int)number;
}

static const char *take_text(Reader *reader)
{
    int64_t len = take_i64(reader);

    if (len < -1 || len > (int64_t)reader->left.len)
        reader->is_broken = true;
    if (reader->is_broken || len < 0)
        return NULL;
    const char *text = arena_copy(reader->arena, reader->left.at, (size_t)len);
    reader->left = (Str){reader->left.at + len, reader->left.len - (size_t)len};
    return text;
}

/* Each of them takes a byte at least. */
static size_t take_count(Reader *reader)
{
    int64_t count = take_i64(reader);

    if (count < 0 || count > (int64_t)reader->left.len)
        reader->is_broken = true;
    return reader->is_broken ? 0 : (size_t)count;
}

static void take_texts(Reader *reader, Value *value)
{
    size_t count = take_count(reader);
    const char **texts = arena_alloc_array(reader->arena, count + 1, sizeof(*texts));

    for (size_t i = 0; i < count; i++) {
        const char *text = take_text(reader);
        texts[i] = text ? text : "";
    }
    *value = value_texts(texts, count);
}

static Value take_value(Reader *reader)
{
    Value value = {.type = (ValueType)take_choice(reader, VALUE_TEXTS)};

    switch (value.type) {
    case VALUE_NONE:
        break;
    case VALUE_TEXT:
        value = value_text(take_text(reader));
        break;
    case VALUE_ID:
    case VALUE_COUNT:
    case VALUE_DURATION:
    case VALUE_BYTES:
        value.as.count = take_i64(reader);
        break;
    case VALUE_NUMBER:
    case VALUE_PERCENT:
        take(reader, &value.as.number, sizeof(value.as.number));
        break;
    case VALUE_FLAG:
        value.as.flag = take_choice(reader, 1);
        break;
    case VALUE_TIME: {
        int64_t ticks = take_i64(reader);
        value.as.time = time_instant(ticks, take_i64(reader));
        break;
    }
    case VALUE_TEXTS:
        take_texts(reader, &value);
        break;
    }
    return value;
}

static Column take_column(Reader *reader)
{
    Column column = {.key = take_text(reader), .heading = take_text(reader)};

    column.use = (ColumnUse)take_choice(reader, COLUMN_BULLETS);
    column.audience = (Audience)take_choice(reader, FOR_DATA);
    column.tone = (Tone)take_choice(reader, TONE_DIM);
    column.align_right = take_choice(reader, 1);
    column.may_wrap = take_choice(reader, 1);
    column.max_lines = take_choice(reader, INT32_MAX);
    column.is_label = take_choice(reader, 1);
    column.is_link = take_choice(reader, 1);
    return column;
}

enum { DEEPEST = 16 };

typedef struct Place { // of a section: in a report, or in a row
    Report *report;
    Row *row;
    int depth;
} Place;

static void take_sections(Reader *reader, Place place);

static void take_rows(Reader *reader, Section *section, int depth)
{
    while (!reader->is_broken && take_choice(reader, 1)) {
        Row *row = section_row(section);
        for (size_t i = 0; i < section->column_count; i++)
            row_set(row, i, take_value(reader));
        take_sections(reader, (Place){.row = row, .depth = depth + 1});
    }
}

static void take_section(Reader *reader, Place place)
{
    const char *key = take_text(reader), *title = take_text(reader), *empty = take_text(reader);
    Layout layout = (Layout)take_choice(reader, LAYOUT_PROSE);
    Audience audience = (Audience)take_choice(reader, FOR_DATA);
    bool is_primary = take_choice(reader, 1);
    size_t count = take_count(reader);
    Column *columns = arena_alloc_array(reader->arena, count + 1, sizeof(*columns));

    for (size_t i = 0; i < count; i++)
        columns[i] = take_column(reader);
    if (reader->is_broken)
        return;
    Section *section =
        place.report
            ? report_section(place.report, audience, key, title, layout, columns, count, empty)
            : row_section(place.row, audience, key, title, layout, columns, count);
    if (is_primary)
        section_set_primary(section);
    take_rows(reader, section, place.depth);
}

static void take_sections(Reader *reader, Place place)
{
    if (place.depth > DEEPEST)
        reader->is_broken = true;
    while (!reader->is_broken && take_choice(reader, 1))
        take_section(reader, place);
}

static void take_facts(Reader *reader, Report *report)
{
    while (!reader->is_broken && take_choice(reader, 1)) {
        const char *key = take_text(reader), *heading = take_text(reader);
        Audience audience = (Audience)take_choice(reader, FOR_DATA);
        Value value = take_value(reader);
        if (!reader->is_broken)
            report_fact(report, audience, key, heading, value);
    }
}

static void take_warnings(Reader *reader, Report *report)
{
    while (!reader->is_broken && take_choice(reader, 1)) {
        const char *text = take_text(reader);
        if (text)
            report_warning(report, "%s", text);
    }
}

Rc report_get(Str bytes, Arena *arena, Report **ret_report, Err *err)
{
    Reader reader = {.left = bytes, .arena = arena};
    const char *command = take_text(&reader), *title = take_text(&reader);
    Report *report = report_new(arena, command, title);

    take_facts(&reader, report);
    take_warnings(&reader, report);
    take_sections(&reader, (Place){.report = report});
    if (reader.is_broken || reader.left.len > 0)
        return FAIL(err, RC_QUERY, "a report did not arrive whole");
    *ret_report = report;
    return RC_OK;
}
