/*
 * A tree as bytes: each node before what it holds.
 *
 *   node      kind and marks (1 byte), line, column, then
 *   scalar    length, bytes, NUL
 *   sequence  count, nodes
 *   mapping   count, then for each pair the key, the length of the value in bytes, the value
 *
 * Numbers go seven bits a byte, the low ones first, with the eighth bit on all but the last.
 */
#include "ssisminer/conf/yaml.h"

#include <assert.h>
#include <string.h>

enum { KIND_BITS = 3, MARK_QUOTED = 4, MARK_REMARK = 8, NUMBER_BITS = 7 };

/* ---- writing --------------------------------------------------------------------------------- */

static void put_number(Buf *out, size_t number)
{
    const size_t more = 1u << NUMBER_BITS;

    for (; number >= more; number >>= NUMBER_BITS)
        buf_putc(out, (char)(number | more));
    buf_putc(out, (char)number);
}

static void put_pair(const YamlPair *pair, Buf *out)
{
    AUTO(buf_done) Buf value = BUF(YAML_PACKED_MAX);

    yaml_pack(pair->key, out);
    yaml_pack(pair->value, &value);
    put_number(out, value.len);
    buf_put(out, buf_text(&value), value.len);
    out->over |= value.over;
}

void yaml_pack(const YamlNode *node, Buf *out)
{
    buf_putc(out, (char)((int)node->kind | (node->is_quoted ? MARK_QUOTED : 0) |
                         (node->has_remark ? MARK_REMARK : 0)));
    put_number(out, (size_t)node->line);
    put_number(out, (size_t)node->column);
    if (node->kind == YAML_SCALAR) {
        put_number(out, strlen(node->text));
        buf_put(out, node->text, strlen(node->text) + 1);
    }
    if (node->kind == YAML_SEQUENCE || node->kind == YAML_MAPPING)
        put_number(out, node->count);
    for (size_t i = 0; node->kind == YAML_SEQUENCE && i < node->count; i++)
        yaml_pack(node->items[i], out);
    for (size_t i = 0; node->kind == YAML_MAPPING && i < node->count; i++)
        put_pair(&node->pairs[i], out);
}

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct Unpacker {
    const char *at, *end;
    const char *const *left_out;
    Arena *arena;
} Unpacker;

static unsigned take_byte(Unpacker *unpacker)
{
    assert(unpacker->at < unpacker->end); // the bytes are our own
    return (unsigned char)*unpacker->at++;
}

static size_t take_number(Unpacker *unpacker)
{
    const unsigned more = 1u << NUMBER_BITS;
    size_t number = 0;
    unsigned byte, shift = 0;

    do {
        byte = take_byte(unpacker);
        number |= (size_t)(byte & (more - 1)) << shift;
        shift += NUMBER_BITS;
    } while (byte & more);
    return number;
}

static void take_node(Unpacker *unpacker, YamlNode *node);

static YamlNode *new_node(Unpacker *unpacker)
{
    YamlNode *node = arena_alloc(unpacker->arena, sizeof(*node));

    take_node(unpacker, node);
    return node;
}

static const char *take_text(Unpacker *unpacker)
{
    size_t len = take_number(unpacker);
    const char *text = unpacker->at;

    assert(len < (size_t)(unpacker->end - unpacker->at));
    unpacker->at += len + 1;
    return text;
}

static void take_items(Unpacker *unpacker, YamlNode *node)
{
    size_t count = take_number(unpacker);

    node->items = arena_alloc_array(unpacker->arena, count, sizeof(*node->items));
    for (; node->count < count; node->count++)
        node->items[node->count] = new_node(unpacker);
}

static bool is_left_out(const Unpacker *unpacker, const char *key)
{
    for (const char *const *at = unpacker->left_out; at && *at; at++)
        if (strcmp(*at, key) == 0)
            return true;
    return false;
}

static void take_pairs(Unpacker *unpacker, YamlNode *node)
{
    size_t count = take_number(unpacker);

    node->pairs = arena_alloc_array(unpacker->arena, count, sizeof(*node->pairs));
    for (; count > 0; count--) {
        YamlNode *key = new_node(unpacker);
        size_t len = take_number(unpacker);
        if (is_left_out(unpacker, key->text))
            unpacker->at += len;
        else
            node->pairs[node->count++] = (YamlPair){key, new_node(unpacker)};
    }
}

static void take_node(Unpacker *unpacker, YamlNode *node)
{
    unsigned head = take_byte(unpacker);

    node->kind = (YamlKind)(head & KIND_BITS);
    node->is_quoted = (head & MARK_QUOTED) != 0;
    node->has_remark = (head & MARK_REMARK) != 0;
    node->line = (int)take_number(unpacker);
    node->column = (int)take_number(unpacker);
    node->text = node->kind == YAML_SCALAR ? take_text(unpacker)
                 : node->kind == YAML_NULL ? ""
                                           : NULL;
    if (node->kind == YAML_SEQUENCE)
        take_items(unpacker, node);
    if (node->kind == YAML_MAPPING)
        take_pairs(unpacker, node);
}

YamlNode *yaml_unpack(Str packed, const char *const *left_out, Arena *arena)
{
    Unpacker unpacker = {packed.at, packed.at + packed.len, left_out, arena};
    YamlNode *root = new_node(&unpacker);

    assert(unpacker.at == unpacker.end);
    return root;
}
