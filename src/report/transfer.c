/* A report as bytes, for the process that puts several together: same machine, same build. */
#include "model.h"

#include "ssisminer/base/parcel.h"
#include "ssisminer/report/combine.h"

/* ---- writing --------------------------------------------------------------------------------- */

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
    parcel_put_i64(out, column->is_whole);
    parcel_put_i64(out, column->is_link);
    parcel_put_i64(out, column->is_drawn);
    parcel_put_text(out, column->leads_to);
}

static void put_spans(Buf *out, const ChartPoint *point)
{
    parcel_put_i64(out, (int64_t)point->span_count);
    for (size_t i = 0; i < point->span_count; i++) {
        parcel_put_i64(out, (int64_t)point->spans[i].series);
        parcel_put_i64(out, point->spans[i].from);
        parcel_put_i64(out, point->spans[i].to);
    }
}

static void put_points(Buf *out, const Chart *chart)
{
    parcel_put_i64(out, (int64_t)chart->point_count);
    for (size_t i = 0; i < chart->point_count; i++) {
        const ChartPoint *point = &chart->points[i];
        parcel_put_text(out, point->label);
        parcel_put_text(out, point->link);
        buf_put(out, point->figures, chart->spec.series_count * sizeof(*point->figures));
        put_spans(out, point);
    }
    parcel_put_i64(out, (int64_t)chart->limit_count);
    for (size_t i = 0; i < chart->limit_count; i++) {
        parcel_put_text(out, chart->limits[i].name);
        buf_put(out, &chart->limits[i].figure, sizeof(chart->limits[i].figure));
    }
}

static void put_charts(Buf *out, const ChartList *list)
{
    for (const Chart *chart = list->first; chart; chart = chart->next) {
        const ChartSpec *spec = &chart->spec;
        parcel_put_i64(out, 1);
        parcel_put_i64(out, spec->kind);
        parcel_put_i64(out, spec->unit);
        parcel_put_text(out, spec->title);
        parcel_put_text(out, spec->about);
        parcel_put_text(out, spec->points);
        parcel_put_i64(out, (int64_t)spec->series_count);
        for (size_t i = 0; i < spec->series_count; i++) {
            parcel_put_text(out, spec->series[i].name);
            parcel_put_i64(out, spec->series[i].hue);
        }
        put_points(out, chart);
    }
    parcel_put_i64(out, 0);
}

static void put_sections(Buf *out, const Section *first);

static void put_place(Buf *out, const Row *row)
{
    parcel_put_text(out, row->anchor);
    parcel_put_i64(out, row->severity);
    parcel_put_i64(out, row->links != NULL);
    for (size_t i = 0; row->links && i < row->section->column_count; i++)
        parcel_put_text(out, row->links[i]);
}

static void put_rows(Buf *out, const Section *section)
{
    for (const Row *row = section->first; row; row = row->next) {
        parcel_put_i64(out, 1);
        for (size_t i = 0; i < section->column_count; i++)
            put_value(out, &row->values[i]);
        parcel_put_i64(out, (int64_t)row->stands_for);
        put_place(out, row);
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
        parcel_put_i64(out, section->is_behind);
        parcel_put_text(out, section->rest_one);
        parcel_put_text(out, section->rest_many);
        parcel_put_i64(out, (int64_t)section->total);
        parcel_put_i64(out, (int64_t)section->left_out);
        parcel_put_i64(out, (int64_t)section->column_count);
        for (size_t i = 0; i < section->column_count; i++)
            put_column(out, &section->columns[i]);
        put_charts(out, &section->charts);
        put_rows(out, section);
    }
    parcel_put_i64(out, 0);
}

/* The number of facts that the two lines of the first screen stand for. */
static int64_t count_before(const Report *report)
{
    int64_t count = 0;

    for (const Fact *fact = report->before_screen ? report->first_fact : NULL; fact;
         fact = fact == report->before_screen ? NULL : fact->next)
        count++;
    return count;
}

void report_put(const Report *report, Buf *out)
{
    parcel_put_text(out, report->command);
    parcel_put_text(out, report->title);
    parcel_put_text(out, report->headline);
    parcel_put_text(out, report->where);
    parcel_put_text(out, report->next_step);
    parcel_put_i64(out, report->tells_warnings);
    parcel_put_i64(out, report->gravest);
    parcel_put_i64(out, report->has_new);
    parcel_put_i64(out, count_before(report));
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
    put_charts(out, &report->charts);
    put_sections(out, report->first);
}

/* ---- reading --------------------------------------------------------------------------------- */

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
    column.audience = (Audience)parcel_take_choice(parcel, FOR_PAGE);
    column.tone = (Tone)parcel_take_choice(parcel, TONE_DIM);
    column.align_right = parcel_take_choice(parcel, 1);
    column.may_wrap = parcel_take_choice(parcel, 1);
    column.max_lines = parcel_take_choice(parcel, INT32_MAX);
    column.cut_left = parcel_take_choice(parcel, 1);
    column.is_whole = parcel_take_choice(parcel, 1);
    column.is_link = parcel_take_choice(parcel, 1);
    column.is_drawn = parcel_take_choice(parcel, 1);
    column.leads_to = parcel_take_text(parcel);
    return column;
}

static double take_figure(Parcel *parcel)
{
    double figure = 0;

    parcel_take(parcel, &figure, sizeof(figure));
    return figure;
}

static void take_point(Parcel *parcel, Chart *chart)
{
    size_t place = chart_point(chart, parcel_take_text(parcel));

    chart->points[place].link = parcel_take_text(parcel);
    for (size_t i = 0; i < chart->spec.series_count; i++)
        chart_add(chart, place, i, take_figure(parcel));
    for (size_t left = parcel_take_count(parcel); left > 0 && !parcel->is_broken; left--) {
        int64_t series = parcel_take_i64(parcel), from = parcel_take_i64(parcel),
                to = parcel_take_i64(parcel);
        if (series >= 0 && series < (int64_t)chart->spec.series_count)
            chart_span(chart, place, (size_t)series, from, to);
        else
            parcel->is_broken = true;
    }
}

static ChartSpec take_spec(Parcel *parcel)
{
    ChartSpec spec = {.kind = (ChartKind)parcel_take_choice(parcel, CHART_SPANS)};

    spec.unit = (ValueType)parcel_take_choice(parcel, VALUE_TEXTS);
    spec.title = parcel_take_text(parcel);
    spec.about = parcel_take_text(parcel);
    spec.points = parcel_take_text(parcel);
    size_t count = parcel_take_count(parcel);
    ChartSeries *series = arena_alloc_array(parcel->arena, count + 1, sizeof(*series));
    for (size_t i = 0; i < count; i++) {
        series[i].name = parcel_take_text(parcel);
        series[i].hue = (ChartHue)parcel_take_choice(parcel, HUE_QUIET);
    }
    spec.series = series;
    spec.series_count = count;
    return spec;
}

/* Of the section, or without one of the report. */
static void take_charts(Parcel *parcel, Report *report, Section *section)
{
    while (!parcel->is_broken && parcel_take_choice(parcel, 1)) {
        ChartSpec spec = take_spec(parcel);
        if (parcel->is_broken)
            return;
        Chart *chart = section ? section_chart(section, &spec) : report_chart(report, &spec);
        for (size_t left = parcel_take_count(parcel); left > 0 && !parcel->is_broken; left--)
            take_point(parcel, chart);
        for (size_t left = parcel_take_count(parcel); left > 0 && !parcel->is_broken; left--) {
            const char *name = parcel_take_text(parcel);
            chart_limit(chart, name, take_figure(parcel));
        }
    }
}

enum { DEEPEST = 16 };

typedef struct Place { // of a section: in a report, or in a row
    Report *report;
    Row *row;
    int depth;
} Place;

static void take_sections(Parcel *parcel, Place place);

static void take_place(Parcel *parcel, Row *row)
{
    const Section *section = row->section;

    row->anchor = parcel_take_text(parcel);
    row->severity = (Severity)parcel_take_choice(parcel, SEVERITY_CRITICAL);
    if (!parcel_take_choice(parcel, 1))
        return;
    row->links = arena_alloc_array(parcel->arena, section->column_count + 1, sizeof(*row->links));
    for (size_t i = 0; i < section->column_count; i++)
        row->links[i] = parcel_take_text(parcel);
}

static void take_rows(Parcel *parcel, Section *section, int depth)
{
    while (!parcel->is_broken && parcel_take_choice(parcel, 1)) {
        Row *row = section_row(section);
        for (size_t i = 0; i < section->column_count; i++)
            row_set(row, i, take_value(parcel));
        int64_t stands_for = parcel_take_i64(parcel);
        row->stands_for = stands_for > 0 ? (size_t)stands_for : 0;
        take_place(parcel, row);
        take_sections(parcel, (Place){.row = row, .depth = depth + 1});
    }
}

static void take_section(Parcel *parcel, Place place)
{
    const char *key = parcel_take_text(parcel), *title = parcel_take_text(parcel),
               *empty = parcel_take_text(parcel);
    Layout layout = (Layout)parcel_take_choice(parcel, LAYOUT_PROSE);
    Audience audience = (Audience)parcel_take_choice(parcel, FOR_PAGE);
    bool is_primary = parcel_take_choice(parcel, 1), is_behind = parcel_take_choice(parcel, 1);
    const char *rest_one = parcel_take_text(parcel), *rest_many = parcel_take_text(parcel);
    int64_t total = parcel_take_i64(parcel), left_out = parcel_take_i64(parcel);
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
    section->is_primary = is_primary;
    section->is_behind = is_behind;
    section_set_rest(section, rest_one, rest_many, total > 0 ? (size_t)total : 0);
    section->left_out = left_out > 0 ? (size_t)left_out : 0;
    take_charts(parcel, NULL, section);
    take_rows(parcel, section, place.depth);
}

static void take_sections(Parcel *parcel, Place place)
{
    if (place.depth > DEEPEST)
        parcel->is_broken = true;
    while (!parcel->is_broken && parcel_take_choice(parcel, 1))
        take_section(parcel, place);
}

static void take_facts(Parcel *parcel, Report *report, int64_t before_screen)
{
    while (!parcel->is_broken && parcel_take_choice(parcel, 1)) {
        const char *key = parcel_take_text(parcel), *heading = parcel_take_text(parcel);
        Audience audience = (Audience)parcel_take_choice(parcel, FOR_PAGE);
        Value value = take_value(parcel);
        if (parcel->is_broken)
            return;
        report_fact(report, audience, key, heading, value);
        if (--before_screen == 0)
            report->before_screen = report->last_fact;
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

    report->headline = parcel_take_text(&parcel);
    report->where = parcel_take_text(&parcel);
    report->next_step = parcel_take_text(&parcel);
    report->tells_warnings = parcel_take_choice(&parcel, 1);
    report->gravest = (Severity)parcel_take_choice(&parcel, SEVERITY_CRITICAL);
    report->has_new = parcel_take_choice(&parcel, 1);
    int64_t before = parcel_take_i64(&parcel);
    take_facts(&parcel, report, before);
    take_warnings(&parcel, report);
    take_charts(&parcel, report, NULL);
    take_sections(&parcel, (Place){.report = report});
    if (!parcel_is_whole(&parcel))
        return FAIL(err, RC_QUERY, "a report did not arrive whole");
    *ret_report = report;
    return RC_OK;
}
