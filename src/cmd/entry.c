/* An entry of the catalog as rows of a report: what failed, why, what to do. */
#include "entry.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/report/words.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

enum { LINE_MAX_BYTES = 16 * 1024, SQL_NUMBER_MAX = 65535 };

/* clang-format off */
#define ENTRY_COLUMNS(COLUMN) \
    COLUMN("title", "title", value_text(signature->title), .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN("id", "id", value_text(signature->id), .use = COLUMN_HEADING, .align_right = true) \
    COLUMN("summary", "summary", value_text(summary_of(signature, arena)), \
           .use = COLUMN_PLAIN, .audience = FOR_PEOPLE, .tone = TONE_DIM) \
    COLUMN("seen", "seen", value_text(seen), .use = COLUMN_PLAIN, .audience = FOR_PAGE, .tone = TONE_DIM) \
    COLUMN("cause", "cause", value_text(signature->cause), .use = COLUMN_PLAIN) \
    COLUMN("actions", "actions", value_texts(signature->actions, signature->action_count), .use = COLUMN_BULLETS) \
    COLUMN("code_line", "codes", value_text(is_whole ? code_line(signature, arena) : NULL), .audience = FOR_PEOPLE) \
    COLUMN("command", "found by", value_text(command)) \
    COLUMN("example", "looks like", value_text(is_whole ? example_of(signature) : NULL), \
           .audience = FOR_PEOPLE, .max_lines = 4) \
    COLUMN("place", "defined in", value_text(place), .audience = FOR_PEOPLE) \
    COLUMN("links", "links", \
           value_texts(signature->links, signature->link_count), .use = COLUMN_BULLETS, .is_link = true) \
    COLUMN("class", "class", value_text(sig_class_name(signature->class_)), .audience = FOR_DATA) \
    COLUMN("role", "role", value_text(sig_role_name(signature->role)), .audience = FOR_DATA) \
    COLUMN("severity", "severity", value_text(sig_severity_name(signature->severity)), .audience = FOR_DATA) \
    COLUMN("retry", "retry", value_text(sig_retry_name(signature->retry)), .audience = FOR_DATA) \
    COLUMN("retry_advice", "retry advice", value_text(sig_retry_advice(signature->retry)), .audience = FOR_DATA) \
    COLUMN("source", "source", value_text(signature->source), .audience = FOR_DATA) \
    COLUMN("codes", "codes", codes_of(signature, arena), .audience = FOR_DATA) \
    COLUMN("symbols", "symbols", symbols_of(signature, arena), .audience = FOR_DATA) \
    COLUMN("words", "words", value_texts(signature->words, signature->word_count), .audience = FOR_DATA) \
    COLUMN("file", "file", value_text(signature->file), .audience = FOR_DATA) \
    COLUMN("line", "line", value_id(signature->line), .audience = FOR_DATA) \
    COLUMN("examples", "examples", examples_of(signature->examples, signature->example_count, arena), \
           .audience = FOR_DATA) \
    COLUMN("near_misses", "near misses", examples_of(signature->near_misses, signature->near_miss_count, arena), \
           .audience = FOR_DATA)
/* clang-format on */

static const Column columns[] = {ENTRY_COLUMNS(COLUMN_ENTRY)};
enum { PROOF_COLUMNS = 2 }; // the last ones: of ENTRY_WHOLE only

/* ---- pieces ---------------------------------------------------------------------------------- */

const char *entry_code_text(uint32_t code, Arena *arena)
{
    int32_t value = (int32_t)code;

    if (value >= -SQL_NUMBER_MAX && value <= SQL_NUMBER_MAX)
        return arena_printf(arena, "%" PRId32, value);
    return arena_printf(arena, "0x%08" PRIX32, code);
}

/* Several rules of one entry may name the same code. */
static bool is_repeated(const Signature *signature, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (signature->codes[i] == signature->codes[index])
            return true;
    return false;
}

static const char *symbol_of(const Signature *signature, uint32_t code)
{
    for (size_t i = 0; i < signature->symbol_count; i++)
        if (signature->symbols[i].code == code)
            return signature->symbols[i].name;
    return NULL;
}

/* How many numbers from `index` on follow one another without a name: a part of the server. */
static size_t run_of(const Signature *signature, size_t index)
{
    enum { SHORTEST = 3 };
    size_t end = index + 1;

    while (end < signature->code_count && signature->codes[end] == signature->codes[end - 1] + 1 &&
           !symbol_of(signature, signature->codes[end]))
        end++;
    return end - index < SHORTEST ? 1 : end - index;
}

/* "10928", "14500-14799" */
static const char *codes_text(const Signature *signature, size_t index, size_t run, Arena *arena)
{
    const char *first = entry_code_text(signature->codes[index], arena);

    return run == 1 ? first
                    : arena_printf(arena, "%s-%s", first,
                                   entry_code_text(signature->codes[index + run - 1], arena));
}

/* "10928, 0xC0202009 DTS_E_OLEDBERROR" */
static const char *code_line(const Signature *signature, Arena *arena)
{
    AUTO(buf_done) Buf line = BUF(LINE_MAX_BYTES);

    for (size_t i = 0, run = 1; i < signature->code_count; i += run) {
        run = run_of(signature, i);
        if (run == 1 && is_repeated(signature, i))
            continue;
        const char *symbol = symbol_of(signature, signature->codes[i]);
        buf_printf(&line, "%s%s%s%s", line.len ? ", " : "", codes_text(signature, i, run, arena),
                   symbol ? " " : "", symbol ? symbol : "");
    }
    return line.len > 0 ? arena_text(arena, buf_text(&line)) : NULL;
}

/* "capacity cause, critical; rerun after a pause" */
static const char *summary_of(const Signature *signature, Arena *arena)
{
    return arena_printf(arena, "%s %s, %s; %s", sig_class_name(signature->class_),
                        sig_role_name(signature->role), sig_severity_name(signature->severity),
                        sig_retry_advice(signature->retry));
}

static Value codes_of(const Signature *signature, Arena *arena)
{
    const char **texts = arena_alloc_array(arena, signature->code_count + 1, sizeof(*texts));

    size_t count = 0;

    for (size_t i = 0, run = 1; i < signature->code_count; i += run) {
        run = run_of(signature, i);
        if (run > 1 || !is_repeated(signature, i))
            texts[count++] = codes_text(signature, i, run, arena);
    }
    return value_texts(texts, count);
}

static Value symbols_of(const Signature *signature, Arena *arena)
{
    const char **texts = arena_alloc_array(arena, signature->symbol_count + 1, sizeof(*texts));

    for (size_t i = 0; i < signature->symbol_count; i++)
        texts[i] = signature->symbols[i].name;
    return value_texts(texts, signature->symbol_count);
}

static Value examples_of(const SigExample *examples, size_t count, Arena *arena)
{
    const char **texts = arena_alloc_array(arena, count + 1, sizeof(*texts));

    for (size_t i = 0; i < count; i++)
        texts[i] = examples[i].text;
    return value_texts(texts, count);
}

/* The first one that has a text. */
static const char *example_of(const Signature *signature)
{
    for (size_t i = 0; i < signature->example_count; i++)
        if (signature->examples[i].text[0] != '\0')
            return signature->examples[i].text;
    return NULL;
}

/* ---- cards ----------------------------------------------------------------------------------- */

EntrySection entry_section(Report *report, Audience audience, const char *key, const char *title,
                           EntryDetail detail, Arena *arena)
{
    Section *section =
        report_section(report, audience, key, title, LAYOUT_CARDS, columns,
                       ARRAY_LEN(columns) - (detail == ENTRY_WHOLE ? 0 : PROOF_COLUMNS), NULL);

    return (EntrySection){section, detail, arena};
}

void entry_add_seen(EntrySection *to, const Signature *signature, const char *seen)
{
    Arena *arena = to->arena;
    bool is_whole = to->detail == ENTRY_WHOLE;
    const char *command =
        signature->command ? arena_printf(arena, "ssisminer %s", signature->command) : NULL;
    const char *place =
        is_whole ? arena_printf(arena, "%s:%d", signature->file, signature->line) : NULL;
    Row *row = section_row(to->section);

    row_set_anchor(row, "remedy", signature->id);
    row_set_link(row, "id", "cause", signature->id);
    row_set_severity(row, words_severity(sig_severity_name(signature->severity)));
    row_set_all(row, ROW_VALUES(ENTRY_COLUMNS));
}

void entry_add(EntrySection *to, const Signature *signature)
{
    entry_add_seen(to, signature, NULL);
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* clang-format off */
#define LINE_COLUMNS(COLUMN) \
    COLUMN("title", "title", value_text(signature->title), .use = COLUMN_HEADING) \
    COLUMN("id", "id", value_text(signature->id), .use = COLUMN_HEADING, .align_right = true) \
    COLUMN("role", "role", value_text(sig_role_name(signature->role)), .audience = FOR_DATA) \
    COLUMN("class", "class", value_text(sig_class_name(signature->class_)), .audience = FOR_DATA) \
    COLUMN("severity", "severity", value_text(sig_severity_name(signature->severity)), .audience = FOR_DATA)
/* clang-format on */

static const Column line_columns[] = {LINE_COLUMNS(COLUMN_ENTRY)};

Section *entry_table(Report *report, const char *key, const char *title, const char *empty)
{
    return report_section(report, FOR_ALL, key, title, LAYOUT_LIST, line_columns,
                          ARRAY_LEN(line_columns), empty);
}

void entry_table_add(Section *table, const Signature *signature)
{
    Row *row = section_row(table);

    row_set_severity(row, words_severity(sig_severity_name(signature->severity)));
    row_set_all(row, ROW_VALUES(LINE_COLUMNS));
}
