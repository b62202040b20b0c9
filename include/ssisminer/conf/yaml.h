/*
 * A YAML document as a tree that remembers where each node stood.
 *
 * Ownership: the tree lives in the arena. Errors: RC_USAGE with "file:line:column".
 * Limits:    one document, 8 MiB, depth 32, 4096 keys in a mapping. A file without content is an
 *            empty mapping. Anchors, aliases and tags are errors: whoever writes "!Load*" or
 * "*.dtsx" without quotes means a text.
 */
#ifndef SSISMINER_CONF_YAML_H
#define SSISMINER_CONF_YAML_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/buf.h"
#include "ssisminer/base/err.h"
#include "ssisminer/base/str.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum YamlKind {
    YAML_SCALAR,
    YAML_SEQUENCE,
    YAML_MAPPING,
    YAML_NULL // "key:" with nothing after it, ~ or null: whether that will do, the caller knows
} YamlKind;

typedef struct YamlNode {
    YamlKind kind;
    int line, column;        // from 1
    const char *text;        // SCALAR: NUL-terminated; NULL: ""
    bool is_quoted;          // SCALAR: written in quotes or as a block
    bool has_remark;         // SCALAR without quotes: a # follows on its line
    struct YamlPair *pairs;  // MAPPING, in order
    struct YamlNode **items; // SEQUENCE
    size_t count;
} YamlNode;

typedef struct YamlPair {
    YamlNode *key; // scalar
    YamlNode *value;
} YamlPair;

/* name is used in errors only. */
Rc yaml_parse(const char *name, Str text, Arena *arena, YamlNode **ret_root, Err *err) MUST_CHECK;
YamlNode *yaml_get(const YamlNode *mapping, const char *key); // NULL if absent

/* A tree as bytes, for what is shipped: the build packs it (src/conf/pack/main.c), and who reads it
 * parses nothing. The tree's texts stay where the bytes are. Bytes that yaml_pack did not write are
 * a bug. */
enum { YAML_PACKED_MAX = 8 * 1024 * 1024 };
void yaml_pack(const YamlNode *node, Buf *out);
/* Without the keys in `left_out`, wherever they stand (ends with NULL; NULL: all are read). */
YamlNode *yaml_unpack(Str packed, const char *const *left_out, Arena *arena);

#endif
