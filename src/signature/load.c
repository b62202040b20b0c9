/* Loads catalogs of signatures, shipped and the user's, into one set. */
#include "catalog.h"

#include "names.h"
#include "ssisminer/asset/file.h"
#include "ssisminer/base/file.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/conf/yaml.h"
#include "ssisminer/os/os.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_MAX = 8 * 1024 * 1024, ID_MAX = 64, CODE_SPECIFICITY = 100, REGEX_SPECIFICITY = 50 };

typedef struct Loader {
    SigSet *set;
    const char *name; // of the file
    int layer;
    bool is_packed; // its texts are the program's own
    Entry *entry;   // the one being read
} Loader;

/* Every complaint about a node says where it stood. */
#define FAIL_AT(loader, node, err, format, ...)                                                    \
    FAIL((err), RC_USAGE, "%s:%d:%d: " format, (loader)->name, (node)->line, (node)->column,       \
         __VA_ARGS__)

static Rc note_at(const Loader *loader, const YamlNode *node, Err *err)
{
    return err_note(err, "%s:%d:%d", loader->name, node->line, node->column);
}

/* ---- values ---------------------------------------------------------------------------------- */

static Rc read_text(const Loader *loader, const YamlNode *node, const char **ret_text, Err *err)
{
    if (node->kind != YAML_SCALAR && node->kind != YAML_NULL)
        return FAIL_AT(loader, node, err, "%s expected here", "a text");
    if (str_is_blank(node->text))
        return FAIL_AT(loader, node, err, "%s is empty", "the text");
    *ret_text = loader->is_packed ? node->text : arena_text(&loader->set->arena, node->text);
    return RC_OK;
}

static Rc want_list(const Loader *loader, const YamlNode *node, Err *err)
{
    if (node->kind != YAML_SEQUENCE && node->kind != YAML_NULL)
        return FAIL_AT(loader, node, err, "%s expected here", "a list");
    if (node->count == 0)
        return FAIL_AT(loader, node, err, "%s is empty", "the list");
    return RC_OK;
}

static Rc read_texts(const Loader *loader, const YamlNode *node, const char *const **ret_texts,
                     size_t *ret_count, Err *err)
{
    TRY(want_list(loader, node, err));
    const char **texts = arena_alloc_array(&loader->set->arena, node->count, sizeof(*texts));
    for (size_t i = 0; i < node->count; i++)
        TRY(read_text(loader, node->items[i], &texts[i], err));
    *ret_texts = texts;
    *ret_count = node->count;
    return RC_OK;
}

static const char *nearest(const NameList *list, const char *word)
{
    enum { CLOSE = 3 };
    const char *best = NULL;
    unsigned best_distance = CLOSE;

    for (size_t i = 0; i < list->count; i++) {
        unsigned distance = str_distance(word, list->names[i]);
        if (distance < best_distance) {
            best_distance = distance;
            best = list->names[i];
        }
    }
    return best;
}

static void list_names(const NameList *list, Buf *ret_text)
{
    for (size_t i = 0; i < list->count; i++)
        buf_printf(ret_text, "%s%s",
                   i == 0                 ? ""
                   : i + 1 == list->count ? " or "
                                          : ", ",
                   list->names[i]);
}

static Rc read_name(const Loader *loader, const YamlNode *node, const NameList *list,
                    size_t *ret_index, Err *err)
{
    AUTO(buf_done) Buf names = BUF(512);
    const char *word = NULL;

    TRY(read_text(loader, node, &word, err));
    for (size_t i = 0; i < list->count; i++)
        if (str_same(word, list->names[i])) {
            *ret_index = i;
            return RC_OK;
        }
    const char *close = nearest(list, word);
    (void)FAIL_AT(loader, node, err, "'%s' is not a value of this key", word);
    list_names(list, &names);
    return close ? err_hint(err, "did you mean '%s'?", close)
                 : err_hint(err, "one of %s", buf_text(&names));
}

static bool parse_hex(const char *text, int64_t *ret_value)
{
    char *end = NULL;

    if (strncmp(text, "0x", 2) != 0 && strncmp(text, "0X", 2) != 0)
        return false;
    unsigned long long value = strtoull(text, &end, 16);
    if (*end != '\0' || end - text > 18 || value > UINT32_MAX)
        return false;
    *ret_value = (int64_t)value;
    return true;
}

static Rc read_code(const Loader *loader, const YamlNode *node, uint32_t *ret_code, Err *err)
{
    const char *text = NULL;
    int64_t value = 0;

    TRY(read_text(loader, node, &text, err));
    if (!parse_hex(text, &value) && !str_to_i64(str_of(text), &value))
        return FAIL_AT(loader, node, err, "'%s' is not a code: a number, decimal or 0x…", text);
    *ret_code = code_of(value);
    if (*ret_code == CODE_NONE)
        return FAIL_AT(loader, node, err, "code %s is 0 or has more than 32 bits", text);
    return RC_OK;
}

static Rc read_bool(const Loader *loader, const YamlNode *node, bool *ret_value, Err *err)
{
    static const char *const words[] = {"false", "true"};
    size_t index = 0;

    TRY(read_name(loader, node, &(NameList){words, ARRAY_LEN(words)}, &index, err));
    *ret_value = index == 1;
    return RC_OK;
}

/* ---- mappings with known keys ---------------------------------------------------------------- */

typedef Rc (*KeyReader)(Loader *loader, const YamlNode *node, void *into, Err *err);
typedef struct Key {
    const char *name;
    bool is_needed;
    KeyReader read;
} Key;

static Rc unknown_key(const Loader *loader, const YamlNode *node, const Key *keys, size_t count,
                      Err *err)
{
    const char *names[32];

    for (size_t i = 0; i < count; i++)
        names[i] = keys[i].name;
    const char *close = nearest(&(NameList){names, count}, node->text);
    (void)FAIL_AT(loader, node, err, "unknown key '%s'", node->text);
    return close ? err_hint(err, "did you mean '%s'?", close) : err->rc;
}

static Rc read_pair(Loader *loader, const YamlPair *pair, const Key *keys, size_t count, void *into,
                    Err *err)
{
    for (size_t i = 0; i < count; i++)
        if (str_same(pair->key->text, keys[i].name))
            return keys[i].read(loader, pair->value, into, err);
    return unknown_key(loader, pair->key, keys, count, err);
}

static Rc read_mapping(Loader *loader, const YamlNode *node, const Key *keys, size_t count,
                       void *into, Err *err)
{
    if (node->kind != YAML_MAPPING)
        return FAIL_AT(loader, node, err, "%s expected here", "a mapping");
    for (size_t i = 0; i < count; i++)
        if (keys[i].is_needed && !yaml_get(node, keys[i].name))
            return FAIL_AT(loader, node, err, "the key '%s' is missing", keys[i].name);
    for (size_t i = 0; i < node->count; i++)
        TRY(read_pair(loader, &node->pairs[i], keys, count, into, err));
    return RC_OK;
}

/* ---- one alternative ------------------------------------------------------------------------- */

static Rc compile_at(Loader *loader, const YamlNode *node, Pattern **ret_pattern, Err *err)
{
    const char *source = NULL;

    TRY(read_text(loader, node, &source, err));
    if (pattern_compile(source, &loader->set->arena, ret_pattern, err) != RC_OK)
        return note_at(loader, node, err);
    return RC_OK;
}

static Rc read_patterns(Loader *loader, const YamlNode *node, PatternList *ret_list, Err *err)
{
    bool single = node->kind == YAML_SCALAR;

    if (!single)
        TRY(want_list(loader, node, err));
    size_t count = single ? 1 : node->count;
    ret_list->items = arena_alloc_array(&loader->set->arena, count, sizeof(*ret_list->items));
    for (size_t i = 0; i < count; i++)
        TRY(compile_at(loader, single ? node : node->items[i], &ret_list->items[i], err));
    ret_list->count = count;
    return RC_OK;
}

static Rc rule_text(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Rule *rule = into;

    return compile_at(loader, node, &rule->text, err);
}

/* "14500-14799": the numbers of a part of the server. */
static Rc read_codes(const Loader *loader, const YamlNode *node, uint32_t *ret_first,
                     size_t *ret_count, Err *err)
{
    enum { RANGE_MAX = 1000 };
    int64_t first = 0, last = 0;
    Str rest = {0}, from = {0};

    if (node->kind == YAML_SCALAR) {
        rest = str_of(node->text);
        (void)str_split(&rest, '-', &from);
    }
    if (!str_to_i64(from, &first) || !str_to_i64(rest, &last)) {
        *ret_count = 1;
        return read_code(loader, node, ret_first, err);
    }
    if (first < 1 || last <= first || last - first >= RANGE_MAX)
        return FAIL_AT(loader, node, err, "'%s' is no range of at most 1,000 numbers", node->text);
    *ret_first = (uint32_t)first;
    *ret_count = (size_t)(last - first) + 1;
    return RC_OK;
}

static Rc rule_code(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Rule *rule = into;
    bool single = node->kind == YAML_SCALAR;
    size_t items = single ? 1 : node->count, capacity = 0, more = 0;
    uint32_t first = 0;

    if (!single)
        TRY(want_list(loader, node, err));
    for (size_t i = 0; i < items; i++) {
        TRY(read_codes(loader, single ? node : node->items[i], &first, &more, err));
        rule->codes = arena_grow(&loader->set->arena, rule->codes, rule->code_count,
                                 rule->code_count + more, &capacity, sizeof(*rule->codes));
        for (size_t k = 0; k < more; k++)
            rule->codes[rule->code_count++] =
                (uint32_t)code_table_add(&loader->set->codes, first + (uint32_t)k);
    }
    return RC_OK;
}

static Rc rule_regex(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Rule *rule = into;
    const char *source = NULL;

    TRY(read_text(loader, node, &source, err));
    if (rule->regex)
        return FAIL_AT(loader, node, err, "the key '%s' is there twice", "regex");
    if (regex_compile(source, &rule->regex, err) != RC_OK)
        return note_at(loader, node, err);
    return RC_OK;
}

static Rc rule_with(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Rule *rule = into;

    return read_patterns(loader, node, &rule->with, err);
}

static Rc rule_with_any(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Rule *rule = into;

    return read_patterns(loader, node, &rule->with_any, err);
}

static Rc rule_not(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Rule *rule = into;

    return read_patterns(loader, node, &rule->unless, err);
}

static Rc rule_source_name(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Rule *rule = into;

    return read_text(loader, node, &rule->source_name, err);
}

static Rc rule_subcomponent(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Rule *rule = into;

    return read_text(loader, node, &rule->subcomponent, err);
}

static const Key rule_keys[] = {
    {"text", false, rule_text},
    {"code", false, rule_code},
    {"regex", false, rule_regex},
    {"with", false, rule_with},
    {"with_any", false, rule_with_any},
    {"not", false, rule_not},
    {"source_name", false, rule_source_name},
    {"subcomponent", false, rule_subcomponent},
};

static size_t specificity_of(const Rule *rule)
{
    size_t sum = rule->text ? rule->text->specificity : 0;

    sum += rule->code_count > 0 ? CODE_SPECIFICITY : 0;
    sum += rule->regex ? REGEX_SPECIFICITY : 0;
    for (size_t i = 0; i < rule->with.count; i++)
        sum += rule->with.items[i]->specificity;
    return sum + (rule->with_any.count > 0 ? rule->with_any.items[0]->specificity : 0);
}

static Rc read_rule(Loader *loader, const YamlNode *node, Rule *rule, Err *err)
{
    TRY(read_mapping(loader, node, rule_keys, ARRAY_LEN(rule_keys), rule, err));
    if (!rule->text && rule->code_count == 0 && !rule->regex)
        return FAIL_AT(loader, node, err, "an alternative needs %s", "'text', 'code' or 'regex'");
    rule->specificity = specificity_of(rule);
    return RC_OK;
}

/* ---- match ----------------------------------------------------------------------------------- */

/* `any` and `all` share one array, `any` first; the other half may have been read already. */
static Rc add_rules(Loader *loader, const YamlNode *node, bool is_all, Err *err)
{
    Entry *entry = loader->entry;

    TRY(want_list(loader, node, err));
    size_t old = entry->any_count + entry->all_count;
    Rule *rules = arena_alloc_array(&loader->set->arena, old + node->count, sizeof(*rules));
    Rule *mine = is_all ? rules + old : rules;
    if (old > 0)
        memcpy(is_all ? rules : rules + node->count, entry->rules, old * sizeof(*rules));
    entry->rules = rules;
    entry->any_count += is_all ? 0 : node->count;
    entry->all_count += is_all ? node->count : 0;
    for (size_t i = 0; i < node->count; i++) {
        mine[i].is_all = is_all;
        TRY(read_rule(loader, node->items[i], &mine[i], err));
    }
    return RC_OK;
}

static Rc match_any(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    (void)into;
    return add_rules(loader, node, false, err);
}

static Rc match_all(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    (void)into;
    return add_rules(loader, node, true, err);
}

static Rc match_status(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Entry *entry = into;
    bool single = node->kind == YAML_SCALAR;

    if (!single)
        TRY(want_list(loader, node, err));
    entry->status_count = single ? 1 : node->count;
    entry->statuses =
        arena_alloc_array(&loader->set->arena, entry->status_count, sizeof(*entry->statuses));
    for (size_t i = 0; i < entry->status_count; i++) {
        const YamlNode *item = single ? node : node->items[i];
        if (item->kind != YAML_SCALAR || !str_to_i64(str_of(item->text), &entry->statuses[i]))
            return FAIL_AT(loader, item, err, "%s expected here", "the number of a status");
    }
    return RC_OK;
}

static Rc entry_match(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    static const Key keys[] = {
        {"any", false, match_any}, {"all", false, match_all}, {"status", false, match_status}};
    Entry *entry = into;

    TRY(read_mapping(loader, node, keys, ARRAY_LEN(keys), into, err));
    if (entry->any_count + entry->all_count + entry->status_count == 0)
        return FAIL_AT(loader, node, err, "'match' needs %s", "'any', 'all' or 'status'");
    return RC_OK;
}

/* ---- one entry ------------------------------------------------------------------------------- */

static bool id_is_good(const char *id)
{
    size_t len = strlen(id);

    return len <= ID_MAX && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == len &&
           id[0] != '-';
}

static Rc entry_id(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Entry *entry = into;

    TRY(read_text(loader, node, &entry->public.id, err));
    if (!id_is_good(entry->public.id))
        return FAIL_AT(loader, node, err,
                       "the id '%s' may hold lower-case letters, digits and '-' only, at most %d",
                       entry->public.id, ID_MAX);
    return RC_OK;
}

static Rc entry_title(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Entry *entry = into;

    return read_text(loader, node, &entry->public.title, err);
}

static Rc entry_source(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Entry *entry = into;
    size_t index = 0;

    TRY(read_name(loader, node, &sig_sources, &index, err));
    entry->public.source = sig_sources.names[index];
    return RC_OK;
}

static Rc entry_class(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Entry *entry = into;
    size_t index = 0;

    TRY(read_name(loader, node, &sig_classes, &index, err));
    entry->public.class_ = (SigClass)index;
    return RC_OK;
}

static Rc entry_role(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Entry *entry = into;
    size_t index = 0;

    TRY(read_name(loader, node, &sig_roles, &index, err));
    entry->public.role = (SigRole)index;
    return RC_OK;
}

static Rc entry_severity(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Entry *entry = into;
    size_t index = 0;

    TRY(read_name(loader, node, &sig_severities, &index, err));
    entry->public.severity = (SigSeverity)index;
    return RC_OK;
}

static Rc entry_retry(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Entry *entry = into;
    size_t index = 0;

    TRY(read_name(loader, node, &sig_retries, &index, err));
    entry->public.retry = (SigRetry)index;
    return RC_OK;
}

static Rc entry_yields(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Entry *entry = into;

    return read_bool(loader, node, &entry->public.yields, err);
}

static Rc entry_survived(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Entry *entry = into;

    return read_bool(loader, node, &entry->public.survived, err);
}

static Rc entry_warning_counts(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Entry *entry = into;

    return read_bool(loader, node, &entry->public.warning_counts, err);
}

static Rc entry_cause(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Entry *entry = into;

    return read_text(loader, node, &entry->public.cause, err);
}

static Rc entry_command(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Entry *entry = into;

    return read_text(loader, node, &entry->public.command, err);
}

static Rc entry_actions(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Entry *entry = into;

    return read_texts(loader, node, &entry->public.actions, &entry->public.action_count, err);
}

static Rc entry_links(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Entry *entry = into;

    return read_texts(loader, node, &entry->public.links, &entry->public.link_count, err);
}

static Rc entry_words(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Entry *entry = into;

    return read_texts(loader, node, &entry->public.words, &entry->public.word_count, err);
}

static Rc entry_before(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Entry *entry = into;

    TRY(want_list(loader, node, err));
    for (size_t i = 0; i < node->count; i++)
        if (node->items[i]->kind != YAML_SCALAR)
            return FAIL_AT(loader, node->items[i], err, "%s expected here", "an id");
    entry->before = node;
    return RC_OK;
}

static Rc entry_symbols(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Entry *entry = into;

    if (node->kind != YAML_MAPPING || node->count == 0)
        return FAIL_AT(loader, node, err, "%s expected here", "a mapping of names to codes");
    SigSymbol *symbols = arena_alloc_array(&loader->set->arena, node->count, sizeof(*symbols));
    for (size_t i = 0; i < node->count; i++) {
        symbols[i].name = arena_text(&loader->set->arena, node->pairs[i].key->text);
        TRY(read_code(loader, node->pairs[i].value, &symbols[i].code, err));
    }
    entry->public.symbols = symbols;
    entry->public.symbol_count = node->count;
    return RC_OK;
}

/* ---- examples -------------------------------------------------------------------------------- */

static Rc example_text(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    SigExample *example = into;

    return read_text(loader, node, &example->text, err);
}

static Rc example_code(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    SigExample *example = into;
    uint32_t code = 0;

    TRY(read_code(loader, node, &code, err));
    example->code = code;
    return RC_OK;
}

static Rc example_source_name(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    SigExample *example = into;

    return read_text(loader, node, &example->source_name, err);
}

static Rc example_subcomponent(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    SigExample *example = into;

    return read_text(loader, node, &example->subcomponent, err);
}

static Rc read_example(Loader *loader, const YamlNode *node, SigExample *example, Err *err)
{
    static const Key keys[] = {{"text", false, example_text},
                               {"code", false, example_code},
                               {"source_name", false, example_source_name},
                               {"subcomponent", false, example_subcomponent}};

    *example = (SigExample){.text = "", .line = node->line, .column = node->column};
    if (node->kind == YAML_SCALAR)
        return read_text(loader, node, &example->text, err);
    TRY(read_mapping(loader, node, keys, ARRAY_LEN(keys), example, err));
    if (example->text[0] == '\0' && example->code == 0)
        return FAIL_AT(loader, node, err, "an example needs %s", "'text' or 'code'");
    return RC_OK;
}

static Rc read_examples(Loader *loader, const YamlNode *node, const SigExample **ret_examples,
                        size_t *ret_count, Err *err)
{
    TRY(want_list(loader, node, err));
    SigExample *examples = arena_alloc_array(&loader->set->arena, node->count, sizeof(*examples));
    for (size_t i = 0; i < node->count; i++)
        TRY(read_example(loader, node->items[i], &examples[i], err));
    *ret_examples = examples;
    *ret_count = node->count;
    return RC_OK;
}

static Rc entry_examples(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Entry *entry = into;

    return read_examples(loader, node, &entry->public.examples, &entry->public.example_count, err);
}

static Rc entry_near_misses(Loader *loader, const YamlNode *node, void *into, Err *err)
{
    Entry *entry = into;

    return read_examples(loader, node, &entry->public.near_misses, &entry->public.near_miss_count,
                         err);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static const Key entry_keys[] = {
    {"id", true, entry_id},
    {"title", true, entry_title},
    {"source", true, entry_source},
    {"class", true, entry_class},
    {"role", true, entry_role},
    {"severity", true, entry_severity},
    {"retry", true, entry_retry},
    {"match", false, entry_match},
    {"before", false, entry_before},
    {"yields", false, entry_yields},
    {"survived", false, entry_survived},
    {"warning_counts", false, entry_warning_counts},
    {"cause", true, entry_cause},
    {"actions", true, entry_actions},
    {"links", false, entry_links},
    {"examples", false, entry_examples},
    {"near_misses", false, entry_near_misses},
    {"command", false, entry_command},
    {"words", false, entry_words},
    {"symbols", false, entry_symbols},
};

/* What one key asks of another. */
static Rc check_entry(const Loader *loader, const YamlNode *node, const Entry *entry, Err *err)
{
    const Signature *public = &entry->public;
    bool matches_text = entry->any_count + entry->all_count > 0;

    if ((public->role == SIG_CAUSE || public->role == SIG_WRAPPER) && !yaml_get(node, "match"))
        return FAIL_AT(loader, node, err, "a %s needs the key 'match'",
                       sig_role_name(public->role));
    if (matches_text && public->example_count == 0 && !loader->set->is_lean)
        return FAIL_AT(loader, node, err, "'%s' needs the key 'examples'", public->id);
    if (public->role == SIG_ANALYSIS && !public->command)
        return FAIL_AT(loader, node, err, "an analysis entry needs the key '%s'", "command");
    return RC_OK;
}

static Rc read_entry(Loader *loader, const YamlNode *node, Entry *entry, Err *err)
{
    loader->entry = entry;
    *entry = (Entry){.layer = loader->layer, .column = node->column};
    entry->public.file = loader->name;
    entry->public.line = node->line;
    TRY(read_mapping(loader, node, entry_keys, ARRAY_LEN(entry_keys), entry, err));
    return check_entry(loader, node, entry, err);
}

static void entry_done(Entry *entry)
{
    for (size_t i = 0; i < entry->any_count + entry->all_count; i++)
        regex_free(entry->rules[i].regex);
    entry->any_count = entry->all_count = 0;
}

static uint64_t id_hash(const char *id)
{
    return str_hash(STR_HASH_SEED, id, strlen(id));
}

static size_t slot_of(const SigSet *set, const char *id)
{
    size_t slot = id_hash(id) & (set->id_slot_count - 1);

    while (set->id_slots[slot] != 0 &&
           !str_same(set->entries[set->id_slots[slot] - 1].public.id, id))
        slot = (slot + 1) & (set->id_slot_count - 1);
    return slot;
}

size_t catalog_index(const SigSet *set, const char *id)
{
    if (!id || set->id_slot_count == 0)
        return SIZE_MAX;
    return (size_t)set->id_slots[slot_of(set, id)] - 1; // 0 wraps to SIZE_MAX
}

static void grow_slots(SigSet *set)
{
    set->id_slot_count = set->id_slot_count ? set->id_slot_count * 2 : 512;
    free(set->id_slots);
    set->id_slots = mem_alloc(set->id_slot_count * sizeof(*set->id_slots));
    for (size_t i = 0; i < set->count; i++)
        set->id_slots[slot_of(set, set->entries[i].public.id)] = (uint32_t)i + 1;
}

size_t catalog_append(SigSet *set, const Entry *entry)
{
    if (set->count * 2 >= set->id_slot_count)
        grow_slots(set);
    set->entries = arena_grow(&set->arena, set->entries, set->count, set->count + 1, &set->capacity,
                              sizeof(*set->entries));
    set->entries[set->count] = *entry;
    set->id_slots[slot_of(set, entry->public.id)] = (uint32_t)++set->count;
    return set->count - 1;
}

/* A new id is appended; an id of an earlier layer is replaced as a whole. */
static Rc keep_entry(const Loader *loader, const YamlNode *node, Entry *entry, Err *err)
{
    SigSet *set = loader->set;
    size_t index = catalog_index(set, entry->public.id);

    if (index != SIZE_MAX && set->entries[index].layer == entry->layer) {
        const Signature *other = &set->entries[index].public;
        return FAIL_AT(loader, node, err, "the id '%s' is taken, at %s:%d", other->id, other->file,
                       other->line);
    }
    if (index != SIZE_MAX) {
        entry_done(&set->entries[index]);
        set->entries[index] = *entry;
        return RC_OK;
    }
    (void)catalog_append(set, entry);
    return RC_OK;
}

static Rc read_entries(Loader *loader, const YamlNode *root, Err *err)
{
    if (root->kind == YAML_NULL)
        return RC_OK;
    if (root->kind != YAML_SEQUENCE)
        return FAIL_AT(loader, root, err, "%s expected here", "a list of signatures");
    for (size_t i = 0; i < root->count; i++) {
        Entry entry;
        Rc rc = read_entry(loader, root->items[i], &entry, err);
        if (rc == RC_OK)
            rc = keep_entry(loader, root->items[i], &entry, err);
        if (rc != RC_OK) {
            entry_done(&entry);
            return rc;
        }
    }
    return RC_OK;
}

Rc catalog_read(SigSet *set, const char *name, Str yaml, int layer, Err *err)
{
    Loader loader = {.set = set, .name = arena_text(&set->arena, name), .layer = layer};
    YamlNode *root = NULL;

    TRY(yaml_parse(loader.name, yaml, &set->arena, &root, err));
    return read_entries(&loader, root, err);
}

/* ---- what beats what ------------------------------------------------------------------------- */

static Rc fail_before(const Entry *entry, const YamlNode *node, const char *what, Err *err)
{
    return FAIL(err, RC_USAGE, "%s:%d:%d: 'before' names %s '%s'", entry->public.file, node->line,
                node->column, what, node->text);
}

typedef struct Linker {
    SigSet *set;
    uint8_t *state; // 0 new, 1 under way, 2 done
    uint32_t *seen; // entry → round in which it was collected
    uint32_t round;
} Linker;

static int compare_u32(const void *a, const void *b)
{
    const uint32_t *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

/* Everything one entry's `before` reaches, once each. The entries it names are linked already. */
static void collect(Linker *linker, Entry *entry)
{
    size_t capacity = 0;

    linker->round++;
    for (size_t i = 0; i < entry->before->count; i++) {
        size_t direct = catalog_index(linker->set, entry->before->items[i]->text);
        const Entry *other = &linker->set->entries[direct];
        for (size_t j = 0; j <= other->beats_count; j++) {
            uint32_t target = j == 0 ? (uint32_t)direct : other->beats[j - 1];
            if (linker->seen[target] == linker->round)
                continue;
            linker->seen[target] = linker->round;
            entry->beats = arena_grow(&linker->set->arena, entry->beats, entry->beats_count,
                                      entry->beats_count + 1, &capacity, sizeof(*entry->beats));
            entry->beats[entry->beats_count++] = target;
        }
    }
    if (entry->beats_count > 1)
        qsort(entry->beats, entry->beats_count, sizeof(*entry->beats), compare_u32);
}

/* Depth first. The depth is bounded: a chain of `before` longer than this is no catalog. */
static Rc link_entry(Linker *linker, size_t index, int depth, Err *err)
{
    enum { DEPTH_MAX = 200 };
    Entry *entry = &linker->set->entries[index];

    if (linker->state[index] == 2 || !entry->before) {
        linker->state[index] = 2;
        return RC_OK;
    }
    linker->state[index] = 1;
    for (size_t i = 0; i < entry->before->count; i++) {
        const YamlNode *node = entry->before->items[i];
        size_t other = catalog_index(linker->set, node->text);
        if (other == SIZE_MAX)
            return fail_before(entry, node, "an unknown id", err);
        if (linker->state[other] == 1)
            return fail_before(entry, node, "in a circle", err);
        if (depth == DEPTH_MAX)
            return fail_before(entry, node, "at the end of too long a chain", err);
        TRY(link_entry(linker, other, depth + 1, err));
    }
    linker->state[index] = 2;
    collect(linker, entry);
    return RC_OK;
}

static void collect_codes(SigSet *set, Entry *entry)
{
    size_t capacity = 0, count = 0;
    uint32_t *codes = NULL;

    for (size_t i = 0; i < entry->any_count + entry->all_count; i++)
        for (size_t j = 0; j < entry->rules[i].code_count; j++) {
            codes = arena_grow(&set->arena, codes, count, count + 1, &capacity, sizeof(*codes));
            codes[count++] = set->codes.codes[entry->rules[i].codes[j]];
        }
    entry->public.codes = codes;
    entry->public.code_count = count;
}

Rc catalog_link(SigSet *set, Err *err)
{
    AUTO(mem_free_at) uint8_t *state = mem_alloc(set->count);
    AUTO(mem_free_at) uint32_t *seen = mem_alloc(set->count * sizeof(*seen));
    Linker linker = {set, state, seen, 0};

    for (size_t i = 0; i < set->count; i++) {
        TRY(link_entry(&linker, i, 0, err));
        if (!set->entries[i].public.is_row)
            collect_codes(set, &set->entries[i]);
    }
    return catalog_inherit(set, err);
}

/* ---- files ----------------------------------------------------------------------------------- */

/* Examples are half of what is shipped, and only whoever proves the catalog reads them. */
static Rc read_shipped(SigSet *set, Err *err)
{
    static const char *const proofs[] = {"examples", "near_misses", NULL};
    size_t count = 0;
    const AssetFile *trees = asset_trees(&count);

    for (size_t i = 0; i < count; i++) {
        Loader loader = {.set = set, .name = trees[i].path, .is_packed = true};
        Str packed = {trees[i].text, trees[i].len};
        YamlNode *root = yaml_unpack(packed, set->is_lean ? proofs : NULL, &set->arena);
        TRY(read_entries(&loader, root, err));
    }
    return RC_OK;
}

static Rc read_path(SigSet *set, const char *path, int layer, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    Str text = {0};

    TRY(file_read(path, FILE_MAX, &arena, &text, err));
    return catalog_read(set, path, text, layer, err);
}

static bool is_yaml_name(const char *name)
{
    return str_ends(name, ".yaml") || str_ends(name, ".yml");
}

static Rc read_directory(SigSet *set, const char *path, int layer, Err *err)
{
    char **names = NULL;
    int count = os_list(path, &names);
    bool is_any = false;
    Rc rc = RC_OK;

    if (count < 0)
        return FAIL(err, RC_USAGE, "cannot read the directory '%s': %s", path, strerror(errno));
    for (int i = 0; i < count && rc == RC_OK; i++) {
        if (!is_yaml_name(names[i]))
            continue;
        is_any = true;
        rc = read_path(set, arena_printf(&set->arena, "%s/%s", path, names[i]), layer, err);
    }
    os_names_free(names, count);
    if (rc == RC_OK && !is_any)
        return FAIL(err, RC_USAGE, "the directory '%s' holds no .yaml file", path);
    return rc;
}

static bool is_directory(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static Rc load_all(SigSet *set, const char *const *paths, size_t path_count, Err *err)
{
    TRY(read_shipped(set, err));
    for (size_t i = 0; i < path_count; i++) {
        int layer = (int)i + 1;
        TRY(is_directory(paths[i]) ? read_directory(set, paths[i], layer, err)
                                   : read_path(set, paths[i], layer, err));
    }
    catalog_add_rows(set);
    return RC_OK;
}

static Rc finish(SigSet **set, Rc rc, SigSet **ret_set, Err *err)
{
    if (rc == RC_OK && (*set)->written == 0)
        (*set)->written = (*set)->count;
    if (rc == RC_OK)
        rc = catalog_link(*set, err);
    if (rc != RC_OK)
        return rc;
    engine_init(*set);
    *ret_set = *set;
    *set = NULL;
    return RC_OK;
}

Rc sigset_load_lean(const char *const *paths, size_t path_count, SigSet **ret_set, Err *err)
{
    AUTO(sigset_free_at) SigSet *set = mem_alloc(sizeof(*set));

    set->is_lean = true;
    return finish(&set, load_all(set, paths, path_count, err), ret_set, err);
}

Rc sigset_load(const char *const *paths, size_t path_count, SigSet **ret_set, Err *err)
{
    AUTO(sigset_free_at) SigSet *set = mem_alloc(sizeof(*set));

    return finish(&set, load_all(set, paths, path_count, err), ret_set, err);
}

Rc sigset_load_text(const char *name, Str yaml, SigSet **ret_set, Err *err)
{
    AUTO(sigset_free_at) SigSet *set = mem_alloc(sizeof(*set));

    return finish(&set, catalog_read(set, name, yaml, 0, err), ret_set, err);
}

void sigset_free(SigSet *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->count; i++)
        entry_done(&set->entries[i]);
    engine_done(set);
    code_table_done(&set->codes);
    free(set->id_slots);
    arena_done(&set->arena);
    free(set);
}

void sigset_free_at(SigSet **set)
{
    sigset_free(*set);
}

size_t sigset_count(const SigSet *set)
{
    return set->count;
}

size_t sigset_written_count(const SigSet *set)
{
    return set->written;
}

const Signature *sigset_at(const SigSet *set, size_t index)
{
    return &set->entries[index].public;
}

const Signature *sigset_find(const SigSet *set, const char *id)
{
    size_t index = catalog_index(set, id);

    return index == SIZE_MAX ? NULL : &set->entries[index].public;
}

const Signature *sigset_for_status(const SigSet *set, int status)
{
    for (size_t i = 0; i < set->count; i++)
        for (size_t j = 0; j < set->entries[i].status_count; j++)
            if (set->entries[i].statuses[j] == status)
                return &set->entries[i].public;
    return NULL;
}
