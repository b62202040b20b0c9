/* An entry of the catalog as rows of a report: what failed, why, what to do. */
#include "entry.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/report/words.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

enum { LINE_MAX_BYTES = 16 * 1024, SQL_NUMBER_MAX = 65535 };

enum {
    ENTRY_TITLE,
    ENTRY_ID,
    ENTRY_SUMMARY,
    ENTRY_SEEN,
    ENTRY_CAUSE,
    ENTRY_ACTIONS,
    ENTRY_CODE_LINE,
    ENTRY_COMMAND,
    ENTRY_EXAMPLE,
    ENTRY_PLACE,
    ENTRY_LINKS,
    ENTRY_CLASS,
    ENTRY_ROLE,
    ENTRY_SEVERITY,
    ENTRY_RETRY,
    ENTRY_ADVICE,
    ENTRY_SOURCE,
    ENTRY_CODES,
    ENTRY_SYMBOLS,
    ENTRY_WORDS,
    ENTRY_FILE,
    ENTRY_LINE,
    ENTRY_PROOFS, // from here on: ENTRY_WHOLE only
    ENTRY_EXAMPLES = ENTRY_PROOFS,
    ENTRY_NEAR_MISSES
};

static const Column columns[] = {
    [ENTRY_TITLE] = {.key = "title",
                     .heading = "title",
                     .use = COLUMN_HEADING,
                     .tone = TONE_STRONG},
    [ENTRY_ID] =
        {
            .key = "id",
            .heading = "id",
            .use = COLUMN_HEADING,
            .align_right = true,
        },
    [ENTRY_SUMMARY] = {.key = "summary",
                       .heading = "summary",
                       .use = COLUMN_PLAIN,
                       .audience = FOR_PEOPLE,
                       .tone = TONE_DIM},
    [ENTRY_SEEN] = {.key = "seen",
                    .heading = "seen",
                    .use = COLUMN_PLAIN,
                    .audience = FOR_PAGE,
                    .tone = TONE_DIM},
    [ENTRY_CAUSE] = {.key = "cause", .heading = "cause", .use = COLUMN_PLAIN},
    [ENTRY_ACTIONS] = {.key = "actions", .heading = "actions", .use = COLUMN_BULLETS},
    [ENTRY_CODE_LINE] = {.key = "code_line", .heading = "codes", .audience = FOR_PEOPLE},
    [ENTRY_COMMAND] = {.key = "command", .heading = "found by"},
    [ENTRY_EXAMPLE] = {.key = "example",
                       .heading = "looks like",
                       .audience = FOR_PEOPLE,
                       .max_lines = 4},
    [ENTRY_PLACE] = {.key = "place", .heading = "defined in", .audience = FOR_PEOPLE},
    [ENTRY_LINKS] = {.key = "links", .heading = "links", .use = COLUMN_BULLETS, .is_link = true},
    [ENTRY_CLASS] = {.key = "class", .heading = "class", .audience = FOR_DATA},
    [ENTRY_ROLE] = {.key = "role", .heading = "role", .audience = FOR_DATA},
    [ENTRY_SEVERITY] = {.key = "severity", .heading = "severity", .audience = FOR_DATA},
    [ENTRY_RETRY] = {.key = "retry", .heading = "retry", .audience = FOR_DATA},
    [ENTRY_ADVICE] = {.key = "retry_advice", .heading = "retry advice", .audience = FOR_DATA},
    [ENTRY_SOURCE] = {.key = "source", .heading = "source", .audience = FOR_DATA},
    [ENTRY_CODES] = {.key = "codes", .heading = "codes", .audience = FOR_DATA},
    [ENTRY_SYMBOLS] = {.key = "symbols", .heading = "symbols", .audience = FOR_DATA},
    [ENTRY_WORDS] = {.key = "words", .heading = "words", .audience = FOR_DATA},
    [ENTRY_EXAMPLES] = {.key = "examples", .heading = "examples", .audience = FOR_DATA},
    [ENTRY_NEAR_MISSES] = {.key = "near_misses", .heading = "near misses", .audience = FOR_DATA},
    [ENTRY_FILE] = {.key = "file", .heading = "file", .audience = FOR_DATA},
    [ENTRY_LINE] = {.key = "line", .heading = "line", .audience = FOR_DATA},
};

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
                       detail == ENTRY_WHOLE ? ARRAY_LEN(columns) : ENTRY_PROOFS, NULL);

    return (EntrySection){section, detail, arena};
}

static void set_whole(Row *row, const Signature *s, Arena *arena)
{
    row_set(row, ENTRY_CODE_LINE, value_text(code_line(s, arena)));
    row_set(row, ENTRY_EXAMPLE, value_text(example_of(s)));
    row_set(row, ENTRY_PLACE, value_text(arena_printf(arena, "%s:%d", s->file, s->line)));
    row_set(row, ENTRY_EXAMPLES, examples_of(s->examples, s->example_count, arena));
    row_set(row, ENTRY_NEAR_MISSES, examples_of(s->near_misses, s->near_miss_count, arena));
}

static void set_data(Row *row, const Signature *s, Arena *arena)
{
    row_set(row, ENTRY_CLASS, value_text(sig_class_name(s->class_)));
    row_set(row, ENTRY_ROLE, value_text(sig_role_name(s->role)));
    row_set(row, ENTRY_SEVERITY, value_text(sig_severity_name(s->severity)));
    row_set(row, ENTRY_RETRY, value_text(sig_retry_name(s->retry)));
    row_set(row, ENTRY_ADVICE, value_text(sig_retry_advice(s->retry)));
    row_set(row, ENTRY_SOURCE, value_text(s->source));
    row_set(row, ENTRY_CODES, codes_of(s, arena));
    row_set(row, ENTRY_SYMBOLS, symbols_of(s, arena));
    row_set(row, ENTRY_WORDS, value_texts(s->words, s->word_count));
    row_set(row, ENTRY_FILE, value_text(s->file));
    row_set(row, ENTRY_LINE, value_id(s->line));
}

void entry_add_seen(EntrySection *to, const Signature *signature, const char *seen)
{
    Row *row = section_row(to->section);
    const char *command =
        signature->command ? arena_printf(to->arena, "ssisminer %s", signature->command) : NULL;

    row_set_anchor(row, "remedy", signature->id);
    row_set_link(row, "id", "cause", signature->id);
    row_set_severity(row, words_severity(sig_severity_name(signature->severity)));
    row_set(row, ENTRY_SEEN, value_text(seen));
    row_set(row, ENTRY_TITLE, value_text(signature->title));
    row_set(row, ENTRY_ID, value_text(signature->id));
    row_set(row, ENTRY_SUMMARY, value_text(summary_of(signature, to->arena)));
    row_set(row, ENTRY_CAUSE, value_text(signature->cause));
    row_set(row, ENTRY_ACTIONS, value_texts(signature->actions, signature->action_count));
    row_set(row, ENTRY_COMMAND, value_text(command));
    row_set(row, ENTRY_LINKS, value_texts(signature->links, signature->link_count));
    if (to->detail == ENTRY_WHOLE)
        set_whole(row, signature, to->arena);
    set_data(row, signature, to->arena);
}

void entry_add(EntrySection *to, const Signature *signature)
{
    entry_add_seen(to, signature, NULL);
}

/* ---- lines ----------------------------------------------------------------------------------- */

enum { LINE_TITLE, LINE_ID, LINE_ROLE, LINE_CLASS, LINE_SEVERITY };

static const Column line_columns[] = {
    [LINE_TITLE] = {.key = "title", .heading = "title", .use = COLUMN_HEADING},
    [LINE_ID] =
        {
            .key = "id",
            .heading = "id",
            .use = COLUMN_HEADING,
            .align_right = true,
        },
    [LINE_ROLE] = {.key = "role", .heading = "role", .audience = FOR_DATA},
    [LINE_CLASS] = {.key = "class", .heading = "class", .audience = FOR_DATA},
    [LINE_SEVERITY] = {.key = "severity", .heading = "severity", .audience = FOR_DATA},
};

Section *entry_table(Report *report, const char *key, const char *title, const char *empty)
{
    return report_section(report, FOR_ALL, key, title, LAYOUT_LIST, line_columns,
                          ARRAY_LEN(line_columns), empty);
}

void entry_table_add(Section *table, const Signature *signature)
{
    Row *row = section_row(table);

    row_set_severity(row, words_severity(sig_severity_name(signature->severity)));
    row_set(row, LINE_ID, value_text(signature->id));
    row_set(row, LINE_ROLE, value_text(sig_role_name(signature->role)));
    row_set(row, LINE_CLASS, value_text(sig_class_name(signature->class_)));
    row_set(row, LINE_SEVERITY, value_text(sig_severity_name(signature->severity)));
    row_set(row, LINE_TITLE, value_text(signature->title));
}
