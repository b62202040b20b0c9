/*
 * The rows of config/codes as entries of the catalog.
 *
 * What is written by hand wins: a row whose number some entry takes unconditionally adds its text
 * to that entry, and is none itself. The others are entries with the advice of their family.
 */
#include "catalog.h"

#include "names.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/codes/table.h"

#include <assert.h>
#include <string.h>

enum { ROW_NUMBER_SPECIFICITY = 100 };

typedef struct RowLoader {
    SigSet *set;
    uint32_t *takers; // code number → entry + 1 that takes it whatever else the message says
    size_t taker_count;
    const CodeRow *row;
} RowLoader;

/* ---- which entry takes a number -------------------------------------------------------------- */

static bool is_code_alone(const Entry *entry, const Rule *rule)
{
    return rule->code_count > 0 && !rule->text && !rule->regex && !rule->is_all &&
           rule->with.count + rule->with_any.count + rule->unless.count + entry->all_count == 0 &&
           !rule->source_name && !rule->subcomponent;
}

/* Of several, a cause before a wrapper, the first of those. */
static void offer_taker(RowLoader *loader, uint32_t number, size_t index)
{
    uint32_t *taker = &loader->takers[number];
    const Entry *entries = loader->set->entries;

    if (*taker == 0 ||
        (entries[index].public.role == SIG_CAUSE && entries[*taker - 1].public.role != SIG_CAUSE))
        *taker = (uint32_t)index + 1;
}

static void find_takers(RowLoader *loader)
{
    const SigSet *set = loader->set;

    for (size_t i = 0; i < set->count; i++)
        for (size_t j = 0; j < set->entries[i].any_count; j++) {
            const Rule *rule = &set->entries[i].rules[j];
            for (size_t k = 0; k < rule->code_count && is_code_alone(&set->entries[i], rule); k++)
                offer_taker(loader, rule->codes[k], i);
        }
}

static Entry *taker_of(const RowLoader *loader, const CodeRow *row)
{
    size_t number = 0;

    if (!row->has_code || !row->by_number ||
        !code_table_find(&loader->set->codes, row->code, &number) ||
        number >= loader->taker_count || loader->takers[number] == 0)
        return NULL;
    return &loader->set->entries[loader->takers[number] - 1];
}

/* ---- rules ----------------------------------------------------------------------------------- */

/* A letter beyond ASCII that may be small where the text stands amid a sentence ("Échec", "échec"):
 * case is folded in ASCII only, and the rest is long enough. */
static const char *without_capital(const char *fragment)
{
    unsigned char first = (unsigned char)fragment[0], second = (unsigned char)fragment[1];
    bool is_latin = first == 0xC3 && second >= 0x80 && second <= 0x9E;
    bool is_cyrillic = first == 0xD0 && second >= 0x90 && second <= 0xAF;

    return is_latin || is_cyrillic ? fragment + 2 : fragment;
}

static Pattern *pattern_of(const char *fragment, Arena *arena)
{
    Pattern *pattern = NULL;
    Err err = {0};
    Rc rc = pattern_compile(without_capital(fragment), arena, &pattern, &err);

    assert(rc == RC_OK);
    (void)rc;
    return pattern;
}

static void add_second(Rule *rule, Arena *arena)
{
    rule->with.items = arena_alloc(arena, sizeof(*rule->with.items));
    rule->with.items[0] = pattern_of(rule->second, arena);
    rule->with.count = 1;
    rule->specificity += rule->with.items[0]->specificity;
}

/* A translation that nobody has seen in a log comes after those that were. */
void row_compile(Rule *rule, Arena *arena)
{
    enum { UNCONFIRMED = 4 };

    rule->text = pattern_of(rule->fragment, arena);
    rule->specificity = rule->text->specificity;
    if (rule->second)
        add_second(rule, arena);
    if (rule->is_unconfirmed)
        rule->specificity /= UNCONFIRMED;
}

static Rule number_rule(RowLoader *loader)
{
    uint32_t *code = arena_alloc(&loader->set->arena, sizeof(*code));

    *code = (uint32_t)code_table_add(&loader->set->codes, loader->row->code);
    return (Rule){.codes = code, .code_count = 1, .specificity = ROW_NUMBER_SPECIFICITY};
}

/* Behind the entry's own alternatives. */
static Rule text_rule(const CodeRow *row)
{
    return (Rule){.fragment = row->fragment, .second = row->second, .wants_failure = true};
}

static void lend_text(RowLoader *loader, Entry *entry, Rule rule)
{
    size_t old = entry->any_count + entry->all_count;

    if (entry->room == 0) {
        entry->room = old / 2 + 1;
        Rule *rules = arena_alloc_array(&loader->set->arena, old + entry->room, sizeof(*rules));
        memcpy(rules, entry->rules, old * sizeof(*rules));
        entry->rules = rules;
    }
    memmove(entry->rules + entry->any_count + 1, entry->rules + entry->any_count,
            entry->all_count * sizeof(rule));
    entry->rules[entry->any_count++] = rule;
    entry->room--;
}

/* ---- an entry of its own --------------------------------------------------------------------- */

static size_t index_of(const NameList *list, const char *name, size_t otherwise)
{
    for (size_t i = 0; i < list->count; i++)
        if (str_same(list->names[i], name))
            return i;
    return otherwise;
}

/* Details and notes are no causes, whatever they accompany; a warning alone does not fail a run. */
static SigRole role_of(const CodeRow *row)
{
    if (row->kind != CODE_CAUSE || row->level == CODE_INFO)
        return SIG_WRAPPER;
    return row->level == CODE_WARNING ? SIG_SYMPTOM : SIG_CAUSE;
}

static SigSeverity severity_of(const CodeRow *row)
{
    static const SigSeverity severities[] = {
        [CODE_ERROR] = SIG_ERROR, [CODE_WARNING] = SIG_WARNING, [CODE_INFO] = SIG_INFO};

    return severities[row->level];
}

/* The first sentence of its cause; else its name with the beginning of its text. */
static const char *title_of(const CodeRow *row, Arena *arena)
{
    if (row->cause) {
        const char *end = strstr(row->cause, ". ");
        return end ? arena_copy(arena, row->cause, (size_t)(end - row->cause)) : row->cause;
    }
    return row->fragment ? arena_printf(arena, "%s: %s", row->name, row->fragment) : row->name;
}

static void name_it(RowLoader *loader, Signature *public)
{
    const CodeRow *row = loader->row;
    Arena *arena = &loader->set->arena;

    if (row->has_code) {
        uint32_t *code = arena_alloc(arena, sizeof(*code));
        *code = row->code;
        public->codes = code;
        public->code_count = 1;
    }
    if (row->has_code && row->name) {
        SigSymbol *symbol = arena_alloc(arena, sizeof(*symbol));
        *symbol = (SigSymbol){row->name, row->code};
        public->symbols = symbol;
        public->symbol_count = 1;
    }
}

static void add_entry(RowLoader *loader)
{
    const CodeRow *row = loader->row;
    Entry entry = {.column = 1};
    Rule rules[2];

    if (row->by_number)
        rules[entry.any_count++] = number_rule(loader);
    if (row->by_text)
        rules[entry.any_count++] = text_rule(row);
    entry.rules = arena_alloc_array(&loader->set->arena, entry.any_count + 1, sizeof(*entry.rules));
    memcpy(entry.rules, rules, entry.any_count * sizeof(*rules));
    entry.public = (Signature){
        .id = row->id,
        .title = title_of(row, &loader->set->arena),
        .source = "codes", // never written
        .role = role_of(row),
        .severity = severity_of(row),
        .is_row = true,
        .file = row->file,
        .line = row->line,
    };
    name_it(loader, &entry.public);
    (void)catalog_append(loader->set, &entry);
}

static void add_row(RowLoader *loader, const CodeRow *row)
{
    Entry *taker = taker_of(loader, row);

    loader->row = row;
    if (row->has_code && row->by_number && row->name)
        code_table_name(&loader->set->codes, row->name,
                        code_table_add(&loader->set->codes, row->code));
    if (catalog_index(loader->set, row->id) != SIZE_MAX)
        return; // a user's entry of that id
    if (!taker)
        add_entry(loader);
    else if (row->by_text)
        lend_text(loader, taker, text_rule(row));
}

/* Texts of other languages; a signature that a user made anew is left as he made it. */
static void add_texts(RowLoader *loader)
{
    SigSet *set = loader->set;
    size_t count = 0;
    const CodeText *texts = code_texts(&count);

    for (size_t i = 0; i < count; i++) {
        size_t index = catalog_index(set, texts[i].signature);
        if (index == SIZE_MAX || set->entries[index].layer > 0)
            continue;
        lend_text(loader, &set->entries[index],
                  (Rule){.fragment = texts[i].fragment,
                         .second = texts[i].second,
                         .is_unconfirmed = !texts[i].is_confirmed});
    }
}

void catalog_add_rows(SigSet *set)
{
    size_t count = 0;
    const CodeRow *rows = code_rows(&count);
    AUTO(mem_free_at) uint32_t *takers = mem_alloc((set->codes.count + 1) * sizeof(*takers));
    RowLoader loader = {.set = set, .takers = takers, .taker_count = set->codes.count};

    set->written = set->count;
    find_takers(&loader);
    for (size_t i = 0; i < count; i++)
        add_row(&loader, &rows[i]);
    add_texts(&loader);
}

/* ---- what a row inherits --------------------------------------------------------------------- */

static void add_remedy(SigSet *set, Signature *public, const char *remedy)
{
    size_t more = public->family ? public->family->action_count : 0;
    const char **actions = arena_alloc_array(&set->arena, more + 1, sizeof(*actions));

    actions[0] = remedy;
    for (size_t i = 0; i < more; i++)
        actions[i + 1] = public->family->actions[i];
    public->actions = actions;
    public->action_count = more + 1;
}

static void inherit(SigSet *set, const CodeRow *row, Signature *public)
{
    const Signature *family = public->family;

    public->class_ =
        (SigClass)index_of(&sig_classes, row->class_, family ? (size_t)family->class_ : SIG_CONFIG);
    public->retry = (SigRetry)index_of(&sig_retries, row->retry,
                                       family ? (size_t)family->retry : SIG_RETRY_AFTER_FIX);
    public->cause = row->cause ? row->cause : family->cause;
    if (family) {
        public->actions = family->actions;
        public->action_count = family->action_count;
        public->links = family->links;
        public->link_count = family->link_count;
    }
    if (row->remedy)
        add_remedy(set, public, row->remedy);
}

Rc catalog_inherit(SigSet *set, Err *err)
{
    size_t count = 0;
    const CodeRow *rows = code_rows(&count);

    for (size_t i = 0, at = set->written; i < count && at < set->count; i++) {
        Signature *public = &set->entries[at].public;
        if (public->id != rows[i].id)
            continue; // lent its text to an entry, or was overridden
        size_t family = catalog_index(set, rows[i].family);
        if (rows[i].family && family == SIZE_MAX)
            return FAIL(err, RC_USAGE, "%s:%d: the family '%s' is no entry of the catalog",
                        rows[i].file, rows[i].line, rows[i].family);
        if (rows[i].family)
        public->family = &set->entries[family].public;
        inherit(set, &rows[i], public);
        at++;
    }
    return RC_OK;
}
