/* The YAML reader: what it takes, what it refuses, and where it says that. */
#include "test.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/conf/yaml.h"

#include <stdlib.h>

static Arena arena;

static int tear_down(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static YamlNode *parsed(const char *text)
{
    YamlNode *root = NULL;
    Err err = {0};

    if (yaml_parse("x.yaml", str_of(text), &arena, &root, &err) != RC_OK)
        fail_msg("%s", err.text);
    return root;
}

static void assert_refused(const char *text, const char *place, const char *reason)
{
    YamlNode *root = NULL;
    Err err = {0};

    if (yaml_parse("x.yaml", str_of(text), &arena, &root, &err) != RC_USAGE)
        fail_msg("taken: %s", text);
    if (strncmp(err.text, place, strlen(place)) != 0)
        fail_msg("wanted %s, got %s", place, err.text);
    assert_contains(err.text, reason);
    assert_null(root);
}

static void test_yaml__tree_with_places(void **state)
{
    YamlNode *root = parsed("# remark\na: 1\nlist:\n  - x\n  - {k: 'v'}\n  - [p, q]\nempty:\n");
    (void)state;

    assert_int_equal(root->kind, YAML_MAPPING);
    assert_int_equal(root->count, 3);
    assert_string_equal(root->pairs[1].key->text, "list");
    assert_int_equal(root->pairs[1].key->line, 3);
    assert_int_equal(root->pairs[1].key->column, 1);
    YamlNode *list = yaml_get(root, "list");
    assert_int_equal(list->kind, YAML_SEQUENCE);
    assert_int_equal(list->count, 3);
    assert_string_equal(list->items[0]->text, "x");
    assert_int_equal(list->items[0]->line, 4);
    assert_int_equal(list->items[0]->column, 5);
    assert_string_equal(yaml_get(list->items[1], "k")->text, "v");
    assert_true(yaml_get(list->items[1], "k")->is_quoted);
    assert_int_equal(list->items[2]->count, 2);
    assert_string_equal(yaml_get(root, "empty")->text, "");
    assert_int_equal(yaml_get(root, "empty")->kind, YAML_NULL);
    assert_null(yaml_get(root, "none"));
    assert_null(yaml_get(list, "none"));
    assert_null(yaml_get(NULL, "none"));
}

static void test_yaml__null_and_quotes(void **state)
{
    YamlNode *root = parsed("a: ~\nb: null\nc: 'null'\nd: \"\"\ne: |\n  one\n  two\nf: nullable\n");
    (void)state;

    assert_string_equal(yaml_get(root, "a")->text, "");
    assert_string_equal(yaml_get(root, "b")->text, "");
    assert_int_equal(yaml_get(root, "b")->kind, YAML_NULL);
    assert_int_equal(yaml_get(root, "d")->kind, YAML_SCALAR);
    assert_string_equal(yaml_get(root, "c")->text, "null");
    assert_true(yaml_get(root, "d")->is_quoted);
    assert_string_equal(yaml_get(root, "e")->text, "one\ntwo\n");
    assert_string_equal(yaml_get(root, "f")->text, "nullable");
}

static void test_yaml__nothing_is_an_empty_mapping(void **state)
{
    (void)state;
    assert_int_equal(parsed("")->kind, YAML_MAPPING);
    assert_int_equal(parsed("# only a remark\n")->count, 0);
    assert_int_equal(parsed("---\n...\n")->kind, YAML_NULL);
}

static void test_yaml__text_need_not_be_terminated(void **state)
{
    YamlNode *root = NULL;
    Err err = {0};
    (void)state;

    char *text = malloc(4);
    memcpy(text, "a: b", 4);
    assert_int_equal(yaml_parse("x", (Str){text, 4}, &arena, &root, &err), RC_OK);
    free(text);
    assert_string_equal(yaml_get(root, "a")->text, "b");
}

static void test_yaml__many_entries(void **state)
{
    AUTO(buf_done) Buf text = BUF(1000000);
    (void)state;

    for (int i = 0; i < 5000; i++)
        buf_printf(&text, "- {id: %d}\n", i);
    YamlNode *root = parsed(buf_text(&text));
    assert_int_equal(root->count, 5000);
    assert_string_equal(yaml_get(root->items[4999], "id")->text, "4999");
}

static void test_yaml__refuses_with_the_place(void **state)
{
    (void)state;
    assert_refused("a: 1\nb: [1, 2\nc: 3\n", "x.yaml:3:", "did not find");
    assert_refused("a: 1\n  b: 2\n", "x.yaml:2:4: ", "mapping values are not allowed");
    assert_refused("a: 1\n\tb: 2\n", "x.yaml:2:1: ", "a tab character");
    assert_refused("a: 'open\n", "x.yaml:2:1: ", "found unexpected end of stream");
    assert_refused("a: 1\nb: 2\na: 3\n", "x.yaml:3:1: ", "the key 'a' is here twice");
    assert_refused("~: 1\n", "x.yaml:1:1: ", "a key is empty");
    assert_refused("a: 1\n---\nb: 2\n", "x.yaml:2:1: ", "a second document");
    assert_refused("{[1]: 2}\n", "x.yaml:1:2: ", "a key must be a plain text");
    assert_refused("a: \"x\\0y\"\n", "x.yaml:1:4: ", "NUL");
    assert_refused("a: 1\nb: \xFF\n", "x.yaml:2:4: ", "UTF-8");
}

/* Whoever writes these without quotes means a text, and would silently get another, or none. */
static void test_yaml__field_C2_refuses_what_lacks_quotes(void **state)
{
    static const struct {
        const char *text, *error, *hint;
    } cases[] = {
        {"a: !Load*\n", "x.yaml:1:4: a tag (!Load*) is not supported",
         "put it in quotes: '!Load*'"},
        {"a: ! x\n", "x.yaml:1:4: a tag (!) is not supported", "put it in quotes: '!'"},
        {"a: [b, !c]\n", "x.yaml:1:10: did not find expected whitespace or line break",
         "a text that begins with !, &, *, %, @ or ` needs quotes: '!Load*'"},
        {"a: [b, !c ]\n", "x.yaml:1:8: a tag (!c) is not supported", "put it in quotes: '!c'"},
        {"a:\n  - !c d\n", "x.yaml:2:5: a tag (!c) is not supported", "put it in quotes: '!c'"},
        {"a: !!str x\n", "x.yaml:1:4: a tag (!tag:yaml.org,2002:str) is not supported", NULL},
        {"a: !m {b: c}\n", "x.yaml:1:4: a tag (!m) is not supported", NULL},
        {"a: !s [b]\n", "x.yaml:1:4: a tag (!s) is not supported", NULL},
        {"!k a: 1\n", "x.yaml:1:1: a tag (!k) is not supported", NULL},
        {"!k\na: 1\n", "x.yaml:1:1: a tag (!k) is not supported", NULL},
        {"a: &x b\n", "x.yaml:1:4: an anchor (&x) is not supported", "put it in quotes: '&x'"},
        {"a: &x\n", "x.yaml:1:4: an anchor (&x) is not supported", NULL},
        {"a: &x [1]\nb: *x\n", "x.yaml:1:4: an anchor (&x) is not supported", NULL},
        {"a: *x\n", "x.yaml:1:4: an alias (*x) is not supported", "put it in quotes: '*x'"},
        {"a: *Load*\n", "x.yaml:1:9: did not find expected alphabetic or numeric character",
         "a text that begins with !, &, *, %, @ or ` needs quotes: '!Load*'"},
        {"a: \"b\\,c\"\n", "x.yaml:1:6: found unknown escape character",
         "put it in single quotes: there a backslash is only a backslash"},
        {"a: @b\n", "x.yaml:1:4: found character that cannot start any token",
         "a text that begins with !, &, *, %, @ or ` needs quotes: '!Load*'"},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        YamlNode *root = NULL;
        Err err = {0};
        if (yaml_parse("x.yaml", str_of(cases[i].text), &arena, &root, &err) != RC_USAGE)
            fail_msg("taken: %s", cases[i].text);
        assert_string_equal(err.text, cases[i].error);
        if (cases[i].hint)
            assert_string_equal(err.hint, cases[i].hint);
    }
}

static void test_yaml__field_P8_refuses_a_list_that_ends_in_a_comma(void **state)
{
    (void)state;
    assert_refused("a: [b, ]\n", "x.yaml:1:8: ", "a value is missing after the last comma");
    assert_refused("a: [\n  \xC3\xA4,\n]\n", "x.yaml:3:1: ", "a value is missing");
    assert_refused("\xEF\xBB\xBF"
                   "a: ['b' , ]\n",
                   "x.yaml:1:", "a value is missing");
    assert_int_equal(yaml_get(parsed("a: [b # c,\n]\n"), "a")->count, 1);
    assert_int_equal(yaml_get(parsed("a: [b, 'c,']\n"), "a")->count, 2);
}

static void test_yaml__sees_a_remark_behind_a_text(void **state)
{
    YamlNode *root = parsed("\xC3\xA4: b # c\nd: '# e' # f\ng: h#i\nj: k\n# l\nm: n\t# o\n");
    (void)state;

    assert_true(yaml_get(root, "\xC3\xA4")->has_remark);
    assert_false(yaml_get(root, "d")->has_remark); // the quotes say what belongs to it
    assert_false(yaml_get(root, "g")->has_remark);
    assert_false(yaml_get(root, "j")->has_remark);
    assert_true(yaml_get(root, "m")->has_remark);
}

static void test_yaml__says_where_the_trouble_began(void **state)
{
    YamlNode *root;
    Err err = {0};
    (void)state;

    assert_int_equal(yaml_parse("x.yaml", str_of("a:\n  b: [1,\n2: 3\nc\n"), &arena, &root, &err),
                     RC_USAGE);
    assert_contains(err.hint, "line 2");
    err = (Err){0};
    assert_int_equal(yaml_parse("x.yaml", str_of("a: 1\na: 2\n"), &arena, &root, &err), RC_USAGE);
    assert_string_equal(err.hint, "the first one has its value at line 1");
}

static void test_yaml__depth(void **state)
{
    char text[100];
    (void)state;

    memset(text, '[', 32);
    memset(text + 32, ']', 32);
    text[64] = '\0';
    assert_int_equal(parsed(text)->kind, YAML_SEQUENCE);
    memset(text, '[', 33);
    memset(text + 33, ']', 33);
    text[66] = '\0';
    assert_refused(text, "x.yaml:1:33: ", "32 levels");
}

static void test_yaml__keys(void **state)
{
    AUTO(buf_done) Buf text = BUF(1000000);
    (void)state;

    for (int i = 0; i < 4096; i++)
        buf_printf(&text, "k%d: 1\n", i);
    assert_int_equal(parsed(buf_text(&text))->count, 4096);
    buf_puts(&text, "more: 1\n");
    assert_refused(buf_text(&text), "x.yaml:4097:1: ", "more than 4096 keys");
}

static void test_yaml__size(void **state)
{
    enum { OVER = 8 * 1024 * 1024 + 1 };
    YamlNode *root;
    Err err = {0};
    (void)state;

    char *text = malloc(OVER);
    memset(text, '#', OVER);
    assert_fails(yaml_parse("x", (Str){text, OVER}, &arena, &root, &err), RC_USAGE, &err,
                 "x: larger than 8 MiB");
    free(text);
}

/* Any bytes end in a tree or in an error that names a place. */
static void test_yaml__random_bytes(void **state)
{
    static const char alphabet[] = "ab:- \n[]{},'\"|>&*#%?!\t\\0";
    char text[60];
    (void)state;

    srand(5);
    for (int round = 0; round < 20000; round++) {
        AUTO(arena_done) Arena own = {0};
        YamlNode *root = NULL;
        Err err = {0};
        size_t len = (size_t)rand() % sizeof(text);
        for (size_t i = 0; i < len; i++)
            text[i] = alphabet[(size_t)rand() % (sizeof(alphabet) - 1)];
        if (len > 0 && rand() % 3 == 0)
            text[(size_t)rand() % len] = (char)(rand() % 256);
        if (yaml_parse("x", (Str){text, len}, &own, &root, &err) == RC_OK)
            assert_non_null(root);
        else
            assert_true(strncmp(err.text, "x:", 2) == 0 && err.text[2] >= '1' &&
                        err.text[2] <= '9');
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(test_yaml__##name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(tree_with_places),
        TEST(null_and_quotes),
        TEST(nothing_is_an_empty_mapping),
        TEST(text_need_not_be_terminated),
        TEST(many_entries),
        TEST(refuses_with_the_place),
        TEST(field_C2_refuses_what_lacks_quotes),
        TEST(field_P8_refuses_a_list_that_ends_in_a_comma),
        TEST(sees_a_remark_behind_a_text),
        TEST(says_where_the_trouble_began),
        TEST(depth),
        TEST(keys),
        TEST(size),
        TEST(random_bytes),
    };

    return cmocka_run_group_tests_name("conf/yaml", tests, NULL, NULL);
}
