/* Trees that the build parsed are those of their files. */
#include "test.h"

#include "ssisminer/asset/file.h"
#include "ssisminer/base/file.h"
#include "ssisminer/conf/yaml.h"

#include <string.h>

static YamlNode *parsed(const char *name, Str text, Arena *arena)
{
    YamlNode *root = NULL;
    Err err = {0};

    if (yaml_parse(name, text, arena, &root, &err) != RC_OK)
        fail_msg("%s", err.text);
    return root;
}

static void assert_same(const YamlNode *a, const YamlNode *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->line, b->line);
    assert_int_equal(a->column, b->column);
    assert_int_equal(a->is_quoted, b->is_quoted);
    assert_int_equal(a->has_remark, b->has_remark);
    assert_int_equal(a->count, b->count);
    if (a->kind == YAML_SCALAR || a->kind == YAML_NULL)
        assert_string_equal(a->text, b->text);
    for (size_t i = 0; a->kind == YAML_SEQUENCE && i < a->count; i++)
        assert_same(a->items[i], b->items[i]);
    for (size_t i = 0; a->kind == YAML_MAPPING && i < a->count; i++) {
        assert_same(a->pairs[i].key, b->pairs[i].key);
        assert_same(a->pairs[i].value, b->pairs[i].value);
    }
}

/* What is embedded is what the files in config/signatures say, examples too. */
static void test_pack__shipped_trees_are_their_files(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    size_t count;
    const AssetFile *trees = asset_trees(&count);
    Err err = {0};
    (void)state;

    assert_true(count > 5);
    for (size_t i = 0; i < count; i++) {
        Str text = {0}, packed = {trees[i].text, trees[i].len};
        assert_true(str_starts(trees[i].path, "config/signatures/"));
        assert_int_equal(file_read(trees[i].path, YAML_PACKED_MAX, &arena, &text, &err), RC_OK);
        assert_same(yaml_unpack(packed, NULL, &arena), parsed(trees[i].path, text, &arena));
    }
}

static YamlNode *packed_and_back(const YamlNode *root, const char *const *left_out, Arena *arena)
{
    Buf packed = BUF(YAML_PACKED_MAX);

    yaml_pack(root, &packed);
    assert_false(packed.over);
    const char *bytes = arena_copy(arena, buf_text(&packed), packed.len);
    size_t len = packed.len;
    buf_done(&packed);
    return yaml_unpack((Str){bytes, len}, left_out, arena);
}

static void test_pack__every_kind_of_node(void **state)
{
    static const char text[] = "a: \"quoted\"\nb: plain # and a remark\nnothing: ~\nempty: ''\n"
                               "list: [1, [], {}, {x: {y: \xC3\xA9}}]\n";
    AUTO(arena_done) Arena arena = {0};
    YamlNode *root = parsed("t", str_of(text), &arena);
    (void)state;

    assert_same(root, packed_and_back(root, NULL, &arena));
    root = parsed("t", str_of(""), &arena);
    assert_same(root, packed_and_back(root, NULL, &arena));
}

/* Lengths of more than one byte: 127, 128, 16384. */
static void test_pack__long_texts(void **state)
{
    static const size_t lengths[] = {127, 128, 16383, 16384, 300000};
    AUTO(arena_done) Arena arena = {0};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        char *text = arena_alloc(&arena, lengths[i] + 1);
        (void)memset(text, 'x', lengths[i]);
        YamlNode node = {.kind = YAML_SCALAR, .line = 70000, .column = 200, .text = text};
        assert_same(&node, packed_and_back(&node, NULL, &arena));
    }
}

static void test_pack__keys_may_be_left_out(void **state)
{
    static const char *const left_out[] = {"b", "c", NULL};
    AUTO(arena_done) Arena arena = {0};
    (void)state;

    YamlNode *root =
        parsed("t", str_of("- {a: 1, b: {x: [1, 2]}, c: 3, d: 4}\n- {c: 1}\n"), &arena);
    YamlNode *lean = packed_and_back(root, left_out, &arena);
    assert_int_equal(lean->count, 2);
    assert_int_equal(lean->items[0]->count, 2);
    assert_same(yaml_get(lean->items[0], "a"), yaml_get(root->items[0], "a"));
    assert_same(yaml_get(lean->items[0], "d"), yaml_get(root->items[0], "d"));
    assert_int_equal(lean->items[1]->count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pack__shipped_trees_are_their_files),
        cmocka_unit_test(test_pack__every_kind_of_node),
        cmocka_unit_test(test_pack__long_texts),
        cmocka_unit_test(test_pack__keys_may_be_left_out),
    };
    return cmocka_run_group_tests_name("conf/pack", tests, NULL, NULL);
}
