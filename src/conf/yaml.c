/* YAML as a tree that knows its lines and refuses what its writer cannot have meant. */
#include "ssisminer/conf/yaml.h"

#include <stdio.h>
#include <string.h>
#include <yaml.h>

enum { MOST_BYTES = 8 * 1024 * 1024, MOST_DEPTH = 32, MOST_KEYS = 4096 };

typedef struct Reader {
    yaml_parser_t parser;
    yaml_event_t event; // the one being looked at
    const char *name;
    Arena *arena;
    int depth;
    Str text;
    size_t characters, bytes; // a place in the text, counted as libyaml does, and in bytes
} Reader;

static Rc read_node(Reader *reader, YamlNode **ret_node, Err *err);

static void reader_done(Reader *reader)
{
    yaml_event_delete(&reader->event);
    yaml_parser_delete(&reader->parser);
}

/* Marks count from 0; people count from 1. */
static Rc fail_at(const Reader *reader, yaml_mark_t mark, const char *reason, Err *err)
{
    return FAIL(err, RC_USAGE, "%s:%zu:%zu: %s", reader->name, mark.line + 1, mark.column + 1,
                reason);
}

/* Line of a byte: libyaml gives only an offset for text that is no UTF-8. */
static Rc fail_encoding(const Reader *reader, Err *err)
{
    const yaml_parser_t *parser = &reader->parser;
    size_t line = 1, column = 1;

    for (size_t i = 0; i < parser->problem_offset; i++) {
        bool is_break = parser->input.string.start[i] == '\n';
        line += is_break;
        column = is_break ? 1 : column + 1;
    }
    return FAIL(err, RC_USAGE, "%s:%zu:%zu: %s", reader->name, line, column, parser->problem);
}

static const char quotes_hint[] = "a text that begins with !, &, *, %, @ or ` needs quotes: "
                                  "'!Load*'";

/* What libyaml says of "*Load*", "!{", "@x" and "a\\,b" in double quotes. */
static bool needs_quotes(const yaml_parser_t *parser)
{
    static const char *const contexts[] = {"alias", "anchor", "tag", "directive",
                                           "for the next token"};

    for (size_t i = 0; parser->context && i < ARRAY_LEN(contexts); i++)
        if (strstr(parser->context, contexts[i]))
            return true;
    return false;
}

static Rc next_event(Reader *reader, Err *err)
{
    yaml_parser_t *parser = &reader->parser;

    yaml_event_delete(&reader->event);
    if (yaml_parser_parse(parser, &reader->event))
        return RC_OK;
    if (parser->error == YAML_READER_ERROR)
        return fail_encoding(reader, err);
    (void)fail_at(reader, parser->problem_mark, parser->problem ? parser->problem : "not YAML",
                  err);
    if (needs_quotes(parser))
        return err_hint(err, "%s", quotes_hint);
    if (parser->problem && strstr(parser->problem, "unknown escape"))
        return err_hint(err, "put it in single quotes: there a backslash is only a backslash");
    if (parser->context)
        (void)err_hint(err, "the trouble began at line %zu, %s", parser->context_mark.line + 1,
                       parser->context);
    return err->rc;
}

static YamlNode *new_node(Reader *reader, YamlKind kind)
{
    YamlNode *node = arena_alloc(reader->arena, sizeof(*node));

    node->kind = kind;
    node->line = (int)reader->event.start_mark.line + 1;
    node->column = (int)reader->event.start_mark.column + 1;
    return node;
}

static bool is_null_word(const char *text)
{
    static const char *const words[] = {"~", "null", "Null", "NULL"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

/* ---- what the events do not tell ------------------------------------------------------------- */

/* Where a mark is in the text; marks are asked for in their order. */
static size_t byte_at(Reader *reader, yaml_mark_t mark)
{
    while (reader->characters < mark.index && reader->bytes < reader->text.len) {
        reader->bytes++;
        while (reader->bytes < reader->text.len &&
               ((unsigned char)reader->text.at[reader->bytes] & 0xC0) == 0x80)
            reader->bytes++;
        reader->characters++;
    }
    return reader->bytes;
}

/* "A # 1": whether the # was to be part of the text, its writer knows. */
static bool remark_follows(Reader *reader, yaml_mark_t end)
{
    size_t at = byte_at(reader, end);

    while (at < reader->text.len && (reader->text.at[at] == ' ' || reader->text.at[at] == '\t'))
        at++;
    return at < reader->text.len && reader->text.at[at] == '#';
}

/* "[a, ]"; a comma that ends a remark is none. */
static bool comma_precedes(Reader *reader, yaml_mark_t bracket)
{
    const char *text = reader->text.at;
    size_t at = byte_at(reader, bracket);

    while (at > 0 && strchr(" \t\r\n", text[at - 1]))
        at--;
    if (at == 0 || text[at - 1] != ',')
        return false;
    size_t start = at;
    while (start > 0 && text[start - 1] != '\n')
        start--;
    return memmem(text + start, at - start, " #", 2) == NULL;
}

/* A tag, an anchor: the text that was meant is something else, or gone. */
static Rc refuse_mark(const Reader *reader, const char *what, char sign, const yaml_char_t *name,
                      Err *err)
{
    char reason[200];
    const char *text = (const char *)name;
    bool has_sign = text[0] == sign;

    (void)snprintf(reason, sizeof(reason), "%s (%s%.100s) is not supported", what,
                   has_sign ? "" : (char[]){sign, '\0'}, text);
    (void)fail_at(reader, reader->event.start_mark, reason, err);
    return err_hint(err, "put it in quotes: '%s%.100s'", has_sign ? "" : (char[]){sign, '\0'},
                    text);
}

static Rc check_marks(const Reader *reader, Err *err)
{
    const yaml_event_t *event = &reader->event;
    const yaml_char_t *tag = NULL, *anchor = NULL;

    if (event->type == YAML_SCALAR_EVENT) {
        tag = event->data.scalar.tag;
        anchor = event->data.scalar.anchor;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        tag = event->data.sequence_start.tag;
        anchor = event->data.sequence_start.anchor;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        tag = event->data.mapping_start.tag;
        anchor = event->data.mapping_start.anchor;
    }
    if (tag)
        return refuse_mark(reader, "a tag", '!', tag, err);
    return anchor ? refuse_mark(reader, "an anchor", '&', anchor, err) : RC_OK;
}

static Rc read_scalar(Reader *reader, YamlNode **ret_node, Err *err)
{
    const char *value = (const char *)reader->event.data.scalar.value;
    size_t len = reader->event.data.scalar.length;
    YamlNode *node = new_node(reader, YAML_SCALAR);

    if (strlen(value) != len)
        return fail_at(reader, reader->event.start_mark, "a text may not hold a NUL character",
                       err);
    node->is_quoted = reader->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    if (!node->is_quoted && (len == 0 || is_null_word(value)))
        node->kind = YAML_NULL;
    node->has_remark = !node->is_quoted && remark_follows(reader, reader->event.end_mark);
    node->text = node->kind == YAML_NULL ? "" : arena_copy(reader->arena, value, len);
    *ret_node = node;
    return RC_OK;
}

static Rc read_sequence(Reader *reader, YamlNode **ret_node, Err *err)
{
    YamlNode *node = new_node(reader, YAML_SEQUENCE);
    bool is_flow = reader->event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
    size_t capacity = 0;

    for (;;) {
        TRY(next_event(reader, err));
        if (reader->event.type == YAML_SEQUENCE_END_EVENT)
            break;
        node->items = arena_grow(reader->arena, node->items, node->count, node->count + 1,
                                 &capacity, sizeof(YamlNode *));
        TRY(read_node(reader, &node->items[node->count], err));
        node->count++;
    }
    if (is_flow && comma_precedes(reader, reader->event.start_mark))
        return fail_at(reader, reader->event.start_mark, "a value is missing after the last comma",
                       err);
    *ret_node = node;
    return RC_OK;
}

static Rc read_key(Reader *reader, const YamlNode *mapping, YamlNode **ret_key, Err *err)
{
    char reason[200];
    yaml_mark_t mark = reader->event.start_mark;

    if (reader->event.type != YAML_SCALAR_EVENT)
        return fail_at(reader, mark, "a key must be a plain text", err);
    if (mapping->count == MOST_KEYS) // looking for a key twice is quadratic
        return fail_at(reader, mark, "more than 4096 keys in one place", err);
    TRY(check_marks(reader, err));
    TRY(read_scalar(reader, ret_key, err));
    if ((*ret_key)->text[0] == '\0')
        return fail_at(reader, mark, "a key is empty", err);
    const char *key = (*ret_key)->text;
    const YamlNode *earlier = yaml_get(mapping, key);
    if (!earlier)
        return RC_OK;
    (void)snprintf(reason, sizeof(reason), "the key '%.100s' is here twice", key);
    (void)fail_at(reader, mark, reason, err);
    return err_hint(err, "the first one has its value at line %d", earlier->line);
}

static Rc read_mapping(Reader *reader, YamlNode **ret_node, Err *err)
{
    YamlNode *node = new_node(reader, YAML_MAPPING);
    size_t capacity = 0;

    for (;;) {
        YamlPair pair = {0};
        TRY(next_event(reader, err));
        if (reader->event.type == YAML_MAPPING_END_EVENT)
            break;
        TRY(read_key(reader, node, &pair.key, err));
        TRY(next_event(reader, err));
        TRY(read_node(reader, &pair.value, err));
        node->pairs = arena_grow(reader->arena, node->pairs, node->count, node->count + 1,
                                 &capacity, sizeof(YamlPair));
        node->pairs[node->count++] = pair;
    }
    *ret_node = node;
    return RC_OK;
}

/* The node that starts with the current event. */
static Rc read_node(Reader *reader, YamlNode **ret_node, Err *err)
{
    Rc rc;

    TRY(check_marks(reader, err));
    if (reader->event.type == YAML_SCALAR_EVENT)
        return read_scalar(reader, ret_node, err);
    if (reader->event.type == YAML_ALIAS_EVENT)
        return refuse_mark(reader, "an alias", '*', reader->event.data.alias.anchor, err);
    if (++reader->depth > MOST_DEPTH)
        return fail_at(reader, reader->event.start_mark, "nested more than 32 levels deep", err);
    rc = reader->event.type == YAML_SEQUENCE_START_EVENT ? read_sequence(reader, ret_node, err)
                                                         : read_mapping(reader, ret_node, err);
    reader->depth--;
    return rc;
}

/* A file without any content is an empty mapping. */
static Rc read_document(Reader *reader, YamlNode **ret_root, Err *err)
{
    YamlNode *root;

    TRY(next_event(reader, err)); // the start of the stream
    TRY(next_event(reader, err));
    if (reader->event.type == YAML_STREAM_END_EVENT) {
        *ret_root = new_node(reader, YAML_MAPPING);
        return RC_OK;
    }
    TRY(next_event(reader, err));
    TRY(read_node(reader, &root, err));
    TRY(next_event(reader, err)); // the end of the document
    TRY(next_event(reader, err));
    if (reader->event.type != YAML_STREAM_END_EVENT)
        return fail_at(reader, reader->event.start_mark,
                       "a second document; one file holds one document", err);
    *ret_root = root;
    return RC_OK;
}

/* libyaml does not count it. */
static Str without_bom(Str text)
{
    bool has_bom = text.len >= 3 && memcmp(text.at, "\xEF\xBB\xBF", 3) == 0;

    return has_bom ? (Str){text.at + 3, text.len - 3} : text;
}

Rc yaml_parse(const char *name, Str text, Arena *arena, YamlNode **ret_root, Err *err)
{
    AUTO(reader_done) Reader reader = {.name = name, .arena = arena, .text = without_bom(text)};

    if (!yaml_parser_initialize(&reader.parser))
        return FAIL(err, RC_USAGE, "%s: cannot start the YAML parser", name);
    if (text.len > MOST_BYTES)
        return FAIL(err, RC_USAGE, "%s: larger than 8 MiB", name);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text.at, text.len);
    return read_document(&reader, ret_root, err);
}

YamlNode *yaml_get(const YamlNode *mapping, const char *key)
{
    for (size_t i = 0; mapping && mapping->kind == YAML_MAPPING && i < mapping->count; i++)
        if (strcmp(mapping->pairs[i].key->text, key) == 0)
            return mapping->pairs[i].value;
    return NULL;
}
