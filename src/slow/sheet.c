/* Values of named parts by execution, to hold one execution against others. */
#include "sheet.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/sat.h"

#include <stdlib.h>

void sheet_done(Sheet *sheet)
{
    names_done(&sheet->names);
    free(sheet->rows);
    *sheet = (Sheet){0};
}

void sheet_add(Sheet *sheet, int64_t execution_id, const Str names[3], int64_t value)
{
    NameKey key = {0};

    for (int i = 0; i < 3; i++)
        key.texts[i] = names_text(&sheet->names, names[i]);
    if (sheet->count == sheet->capacity) {
        sheet->capacity = sheet->capacity ? 2 * sheet->capacity : 256;
        sheet->rows = mem_resize(sheet->rows, sheet->capacity * sizeof(*sheet->rows));
    }
    sheet->rows[sheet->count++] = (SheetRow){execution_id, names_key(&sheet->names, &key), value};
}

static int by_execution(const void *a, const void *b)
{
    const SheetRow *x = a, *y = b;

    if (x->execution_id != y->execution_id)
        return x->execution_id < y->execution_id ? -1 : 1;
    return (x->part > y->part) - (x->part < y->part);
}

void sheet_close(Sheet *sheet)
{
    size_t kept = 0;

    if (sheet->count == 0)
        return;
    qsort(sheet->rows, sheet->count, sizeof(*sheet->rows), by_execution);
    for (size_t i = 1; i < sheet->count; i++)
        if (by_execution(&sheet->rows[kept], &sheet->rows[i]) == 0)
            sheet->rows[kept].value = sat_add(sheet->rows[kept].value, sheet->rows[i].value);
        else
            sheet->rows[++kept] = sheet->rows[i];
    sheet->count = kept + 1;
}

/* The first row at or after this execution and part. */
static size_t find(const Sheet *sheet, int64_t execution_id, uint32_t part)
{
    SheetRow wanted = {execution_id, part, 0};
    size_t low = 0, high = sheet->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_execution(&sheet->rows[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool has_any(const Sheet *sheet, int64_t execution_id)
{
    size_t at = find(sheet, execution_id, 0);

    return at < sheet->count && sheet->rows[at].execution_id == execution_id;
}

/* 0 where that execution went without the part; -1 when none logged anything. */
static int64_t usual_of(const Sheet *sheet, uint32_t part, const Run *const *others, size_t count)
{
    int64_t values[SLOW_BASELINE_RUNS];
    size_t n = 0;

    for (size_t i = 0; i < count && n < SLOW_BASELINE_RUNS; i++) {
        if (!has_any(sheet, others[i]->id))
            continue;
        size_t at = find(sheet, others[i]->id, part);
        bool is_there = at < sheet->count && sheet->rows[at].execution_id == others[i]->id &&
                        sheet->rows[at].part == part;
        values[n++] = is_there ? sheet->rows[at].value : 0;
    }
    return slow_median(values, n);
}

static int64_t excess(const SlowPart *part)
{
    return sat_sub(part->value, part->usual > 0 ? part->usual : 0);
}

static int by_names(const SlowPart *a, const SlowPart *b)
{
    for (int i = 0; i < 3; i++) {
        int order =
            str_compare_fold(a->names[i] ? a->names[i] : "", b->names[i] ? b->names[i] : "");
        if (order)
            return order;
    }
    return 0;
}

static int most_above_first(const void *a, const void *b)
{
    int64_t x = excess(a), y = excess(b);

    if (x != y)
        return x > y ? -1 : 1;
    return by_names(a, b);
}

static void name_part(const Sheet *sheet, uint32_t number, SlowPart *part, Arena *arena)
{
    const NameKey *key = &sheet->names.keys[number];

    for (int i = 0; i < 3; i++)
        part->names[i] =
            key->texts[i] ? arena_text(arena, sheet->names.texts[key->texts[i]]) : NULL;
}

SlowParts sheet_compare(const Sheet *sheet, int64_t execution_id, const Run *const *others,
                        size_t other_count, Arena *arena)
{
    size_t first = find(sheet, execution_id, 0), end = first;

    while (end < sheet->count && sheet->rows[end].execution_id == execution_id)
        end++;
    SlowPart *list = arena_alloc_array(arena, end - first + 1, sizeof(*list));
    for (size_t i = first; i < end; i++) {
        SlowPart *part = &list[i - first];
        part->value = sheet->rows[i].value;
        part->usual = usual_of(sheet, sheet->rows[i].part, others, other_count);
        name_part(sheet, sheet->rows[i].part, part, arena);
    }
    qsort(list, end - first, sizeof(*list), most_above_first);
    return (SlowParts){list, end - first};
}
