/* Any bytes: a tree whose nodes stand where they say, or an error that names a place. */
#include "ssisminer/conf/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const YamlNode *node, int depth)
{
    if (node->line < 1 || node->column < 1 || depth > 33)
        abort();
    if (node->kind == YAML_SCALAR && (!node->text || node->count != 0))
        abort();
    for (size_t i = 0; node->kind == YAML_SEQUENCE && i < node->count; i++)
        check(node->items[i], depth + 1);
    for (size_t i = 0; node->kind == YAML_MAPPING && i < node->count; i++) {
        check(node->pairs[i].value, depth + 1);
        if (yaml_get(node, node->pairs[i].key->text) != node->pairs[i].value)
            abort(); // a key twice
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_done) Arena arena = {0};
    YamlNode *root = NULL;
    Err err = {0};
    int line, column;

    if (yaml_parse("f", (Str){(const char *)data, size}, &arena, &root, &err) == RC_OK)
        check(root, 0);
    else if (sscanf(err.text, "f:%d:%d: ", &line, &column) != 2 || line < 1 || column < 1)
        abort();
    return 0;
}
