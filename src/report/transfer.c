/* A report as bytes, for the process that puts several together: same machine, same build. */
#include "model.h"

#include "ssisminer/base/parcel.h"
#include "ssisminer/report/combine.h"

// ---- writing ---------------------------------------------------------------------------------

static void put_value(Buf *out, const Value *value)
{
    parcel_put_i64(out, value->type);
    switch (value->type) {
    case VALUE_NONE:
        break;
    case VALUE_TEXT:
        parcel_put_text(out, value->as.text);
        break;
    case VALUE_ID:
    case VALUE_COUNT:
    case VALUE_DURATION:
    case VALUE_BYTES:
        parcel_put_i64(out, value->as.count);
        break;
    case VALUE_NUMBER:
    case VALUE_PERCENT:
        buf_put(out, &value->as.number, sizeof(value->as.number));
        break;
    case VALUE_FLAG:
        parcel_put_i64(out, value->as.flag);
        break;
    case VALUE_TIME:
        parcel_put_i64(out, value->as.time.ticks);
        parcel_put_i64(out, value->as.time.offset_minutes);
        break;
    case VALUE_TEXTS:
        parcel_put_i64(out, (int64_t)value->as.texts.count);
        for (size_t i = 0; i < value->as.texts.count; i++)
            parcel_put_text(out, value->as.texts.at[i]);
        break;
    }
}

static void put_column(Buf *out, const Column *column)
{
    parcel_put_text(out, column->key);
    parcel_put_text(out, column->heading);
    parcel_put_i64(out, column->use);
    parcel_put_i64(out, column->audience);
    parcel_put_i64(out, column->tone);
    parcel_put_i64(out, column->align_right);
    parcel_put_i64(out, column->may_wrap);
    parcel_put_i64(out, column->max_lines);
    parcel_put_i64(out, column->cut_left);
    parcel_put_i64(out, column->is_label);
    parcel_put_i64(out, column->is_link);
}

static void put_sections(Buf *out, const Section *first);

static void put_rows(Buf *out, const Section *section)
{
    for (const Row *row = section->first; row; row = row->next) {
        parcel_put_i64(out, 1);
        for (size_t i = 0; i < section->column_count; i++)
            put_value(out, &row->values[i]);
        put_sections(out, row->first);
    }
    parcel_put_i64(out, 0);
}

static void put_sections(Buf *out, const Section *first)
{
    for (const Section *section = first; section; section = section->next) {
        parcel_put_i64(out, 1);
        parcel_put_text(out, section->key);
        parcel_put_text(out, section->title);
        parcel_put_text(out, section->empty);
        parcel_put_i64(out, section->layout);
        parcel_put_i64(out, section->audience);
        parcel_put_i64(out, section->is_primary);
        parcel_put_i64(out, (int64_t)section->column_count);
        for (size_t i = 0; i < section->column_count; i++)
            put_column(out, &section->columns[i]);
        put_rows(out, section);
    }
    parcel_put_i64(out, 0);
}

void report_put(const Report *report, Buf *out)
{
    parcel_put_text(out, report->command);
    parcel_put_text(out, report->title);
    for (const Fact *fact = report->first_fact; fact; fact = fact->next) {
        parcel_put_i64(out, 1);
        parcel_put_text(out, fact->key);
        parcel_put_text(out, fact->heading);
        parcel_put_i64(out, fact->audience);
        put_value(out, &fact->value);
    }
    parcel_put_i64(out, 0);
    for (const Warning *warning = report->first_warning; warning; warning = warning->next) {
        parcel_put_i64(out, 1);
        parcel_put_text(out, warning->text);
    }
    parcel_put_i64(out, 0);
    put_sections(out, report->first);
}

// ---- reading ---------------------------------------------------------------------------------

static void take_texts(Parcel *parcel, Value *value)
{
    size_t count = parcel_take_count(parcel);
    const char **texts = arena_alloc_array(parcel->arena, count + 1, sizeof(*texts));

    for (size_t i = 0; i < count; i++) {
        const char *text = parcel_take_text(parcel);
        texts[i] = text ? text : "";
    }
    *value = value_texts(texts, count);
}

static Value take_value(Parcel *parcel)
{
    Value value = {.type = (ValueType)parcel_take_choice(parcel, VALUE_TEXTS)};

    switch (value.type) {
    case VALUE_NONE:
        break;
    case VALUE_TEXT:
        value = value_text(parcel_take_text(parcel));
        break;
    case VALUE_ID:
    case VALUE_COUNT:
    case VALUE_DURATION:
    case VALUE_BYTES:
        value.as.count = parcel_take_i64(parcel);
        break;
    case VALUE_NUMBER:
    case VALUE_PERCENT:
        parcel_take(parcel, &value.as.number, sizeof(value.as.number));
        break;
    case VALUE_FLAG:
        value.as.flag = parcel_take_choice(parcel, 1);
        break;
    case VALUE_TIME: {
        int64_t ticks = parcel_take_i64(parcel);
        value.as.time = time_instant(ticks, parcel_take_i64(parcel));
        break;
    }
    case VALUE_TEXTS:
        take_texts(parcel, &value);
        break;
    }
    return value;
}

static Column take_column(Parcel *parcel)
{
    Column column = {.key = parcel_take_text(parcel), .heading = parcel_take_text(parcel)};

    column.use = (ColumnUse)parcel_take_choice(parcel, COLUMN_BULLETS);
    column.audience = (Audience)parcel_take_choice(parcel, FOR_SCREEN);
    column.tone = (Tone)parcel_take_choice(parcel, TONE_DIM);
    column.align_right = parcel_take_choice(parcel, 1);
    column.may_wrap = parcel_take_choice(parcel, 1);
    column.max_lines = parcel_take_choice(parcel, INT32_MAX);
    column.cut_left = parcel_take_choice(parcel, 1);
    column.is_label = parcel_take_choice(parcel, 1);
    column.is_link = parcel_take_choice(parcel, 1);
    return column;
}

enum { DEEPEST = 16 };

typedef struct Place { // of a section: in a report, or in a row
    Report *report;
    Row *row;
    int depth;
} Place;

static void take_sections(Parcel *parcel, Place place);

static void take_rows(Parcel *parcel, Section *section, int depth)
{
    while (!parcel->is_broken && parcel_take_choice(parcel, 1)) {
        Row *row = section_row(section);
        for (size_t i = 0; i < section->column_count; i++)
            row_set(row, i, take_value(parcel));
        take_sections(parcel, (Place){.row = row, .depth = depth + 1});
    }
}

static void take_section(Parcel *parcel, Place place)
{
    const char *key = parcel_take_text(parcel), *title = parcel_take_text(parcel),
               *empty = parcel_take_text(parcel);
    Layout layout = (Layout)parcel_take_choice(parcel, LAYOUT_PROSE);
    Audience audience = (Audience)parcel_take_choice(parcel, FOR_SCREEN);
    bool is_primary = parcel_take_choice(parcel, 1);
    size_t count = parcel_take_count(parcel);
    Column *columns = arena_alloc_array(parcel->arena, count + 1, sizeof(*columns));

    for (size_t i = 0; i < count; i++)
        columns[i] = take_column(parcel);
    if (parcel->is_broken)
        return;
    Section *section =
        place.report
            ? report_section(place.report, audience, key, title, layout, columns, count, empty)
            : row_section(place.row, audience, key, title, layout, columns, count);
    if (is_primary)
        section_set_primary(section);
    take_rows(parcel, section, place.depth);
}

static void take_sections(Parcel *parcel, Place place)
{
    if (place.depth > DEEPEST)
        parcel->is_broken = true;
    while (!parcel->is_broken && parcel_take_choice(parcel, 1))
        take_section(parcel, place);
}

static void take_facts(Parcel *parcel, Report *report)
{
    while (!parcel->is_broken && parcel_take_choice(parcel, 1)) {
        const char *key = parcel_take_text(parcel), *heading = parcel_take_text(parcel);
        Audience audience = (Audience)parcel_take_choice(parcel, FOR_SCREEN);
        Value value = take_value(parcel);
        if (!parcel->is_broken)
            report_fact(report, audience, key, heading, value);
    }
}

static void take_warnings(Parcel *parcel, Report *report)
{
    while (!parcel->is_broken && parcel_take_choice(parcel, 1)) {
        const char *text = parcel_take_text(parcel);
        if (text)
            report_warning(report, "%s", text);
    }
}

Rc report_get(Str bytes, Arena *arena, Report **ret_report, Err *err)
{
    Parcel parcel = {.left = bytes, .arena = arena};
    const char *command = parcel_take_text(&parcel), *title = parcel_take_text(&parcel);
    Report *report = report_new(arena, command, title);

    take_facts(&parcel, report);
    take_warnings(&parcel, report);
    take_sections(&parcel, (Place){.report = report});
    if (!parcel_is_whole(&parcel))
        return FAIL(err, RC_QUERY, "a report did not arrive whole");
    *ret_report = report;
    return RC_OK;
}
