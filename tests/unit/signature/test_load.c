/* What a catalog must not hold is refused with its place. */
#include "test.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/base/file.h"
#include "ssisminer/signature/signature.h"

#include <stdio.h>

#define HEAD(id)                                                                                   \
    "- id: " id "\n  title: T\n  source: user\n  class: data\n  role: cause\n  severity: error\n"  \
    "  retry: safe\n  cause: C\n  actions: [A]\n"
#define TAIL "  examples: [some words]\n  match: {any: [{text: some words}]}\n"

static Rc load(const char *yaml, SigSet **ret_set, Err *err)
{
    return sigset_load_text("my.yaml", str_of(yaml), ret_set, err);
}

typedef struct Refusal {
    const char *yaml, *message;
} Refusal;

static void test_load__refusals(void **state)
{
    static const Refusal list[] = {
        {"a: b\n", "my.yaml:1:1: a list of signatures expected here"},
        {"- a\n", "my.yaml:1:3: a mapping expected here"},
        {"- id: x\n", "my.yaml:1:3: the key 'title' is missing"},
        {HEAD("x") "  titel: y\n" TAIL, "my.yaml:10:3: unknown key 'titel'"},
        {HEAD("X_Y") TAIL,
         "my.yaml:1:7: the id 'X_Y' may hold lower-case letters, digits and '-' only, at most 64"},
        {HEAD("x") TAIL HEAD("x") TAIL, "my.yaml:12:3: the id 'x' is taken, at my.yaml:1"},
        {HEAD("x"), "my.yaml:1:3: a cause needs the key 'match'"},
        {HEAD("x") "  match: {any: [{text: some words}]}\n",
         "my.yaml:1:3: 'x' needs the key 'examples'"},
        {HEAD("x") "  examples: [a]\n  match: {}\n",
         "my.yaml:11:10: 'match' needs 'any', 'all' or 'status'"},
        {HEAD("x") "  examples: [a]\n  match: {any: []}\n", "my.yaml:11:16: the list is empty"},
        {HEAD("x") "  examples: [a]\n  match: {any: [{with: some words}]}\n",
         "my.yaml:11:17: an alternative needs 'text', 'code' or 'regex'"},
        {HEAD("x") "  examples: [a]\n  match: {any: [{text: 'a {b'}]}\n",
         "my.yaml:11:24: the gap '{b' has no closing brace"},
        {HEAD("x") "  examples: [a]\n  match: {any: [{code: twelve}]}\n",
         "my.yaml:11:24: 'twelve' is not a code: a number, decimal or 0x\xE2\x80\xA6"},
        {HEAD("x") "  examples: [a]\n  match: {any: [{code: [1, 0x1FFFFFFFF]}]}\n",
         "my.yaml:11:28: '0x1FFFFFFFF' is not a code: a number, decimal or 0x\xE2\x80\xA6"},
        {HEAD("x") "  examples: [a]\n  match: {any: [{code: 500-400}]}\n",
         "my.yaml:11:24: '500-400' is no range of at most 1,000 numbers"},
        {HEAD("x") "  examples: [a]\n  match: {any: [{code: 1-1001}]}\n",
         "my.yaml:11:24: '1-1001' is no range of at most 1,000 numbers"},
        {HEAD("x") "  examples: [a]\n  match: {any: [{code: 0}]}\n",
         "my.yaml:11:24: code 0 is 0 or has more than 32 bits"},
        {HEAD("x") "  before: [y]\n" TAIL, "my.yaml:10:12: 'before' names an unknown id 'y'"},
        {HEAD("x") "  before: [y]\n" TAIL HEAD("y") "  before: [x]\n" TAIL,
         "my.yaml:22:12: 'before' names in a circle 'x'"},
        {HEAD("x") "  before: [x]\n" TAIL, "my.yaml:10:12: 'before' names in a circle 'x'"},
        {HEAD("x") "  warning_counts: yes\n" TAIL,
         "my.yaml:10:19: 'yes' is not a value of this key"},
        {HEAD("x") "  examples: [{code: 0x1}, {source_name: s}]\n",
         "my.yaml:10:27: an example needs 'text' or 'code'"},
        {HEAD("x") "  links: u\n" TAIL, "my.yaml:10:10: a list expected here"},
        {HEAD("x") "  symbols: [A]\n" TAIL,
         "my.yaml:10:12: a mapping of names to codes expected here"},
        {HEAD("x") "  examples: [a]\n  match: {status: running}\n",
         "my.yaml:11:19: the number of a status expected here"},
        {HEAD("x") "  examples: [a]\n  match: {any: [{text: some words, with: {a: b}}]}\n",
         "my.yaml:11:42: a list expected here"},
        {HEAD("x") "  examples: [a]\n  match: {any: [{code: {a: 1}}]}\n",
         "my.yaml:11:24: a list expected here"},
        {HEAD("x") "  examples: [a]\n  match: {status: {a: 1}}\n",
         "my.yaml:11:19: a list expected here"},
        {HEAD("x") "  before: [[y]]\n" TAIL, "my.yaml:10:12: an id expected here"},
        {HEAD("x") "  links: [[y]]\n" TAIL, "my.yaml:10:11: a text expected here"},
        {"- id: x\n  title: T\n  source: user\n  class: data\n  role: analysis\n  severity: error\n"
         "  retry: safe\n  cause: C\n  actions: [A]\n",
         "my.yaml:1:3: an analysis entry needs the key 'command'"},
        {HEAD("x") "  before: {a: b}\n" TAIL, "my.yaml:10:11: a list expected here"},
        {HEAD("x") "  id: y\n", "my.yaml:10:3: the key 'id' is here twice"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(list); i++) {
        AUTO(sigset_free_at) SigSet *set = NULL;
        Err err = {0};
        assert_int_equal(load(list[i].yaml, &set, &err), RC_USAGE);
        if (strcmp(err.text, list[i].message) != 0)
            fail_msg("case %zu says\n  %s\nnot\n  %s", i, err.text, list[i].message);
        assert_null(set);
    }
}

/* x0 before x1 before x2 …: `count` entries. */
static Rc load_chain(size_t count, Err *err)
{
    AUTO(sigset_free_at) SigSet *set = NULL;
    AUTO(buf_done) Buf yaml = BUF(256 * 1024);

    for (size_t i = 0; i < count; i++) {
        buf_printf(&yaml, "- {id: x%zu, title: T, source: user, class: data, role: cause,", i);
        buf_puts(&yaml, " severity: error, retry: safe, cause: C, actions: [A],");
        if (i + 1 < count)
            buf_printf(&yaml, " before: [x%zu],", i + 1);
        buf_puts(&yaml, " examples: [some words], match: {any: [{text: some words}]}}\n");
    }
    return load(buf_text(&yaml), &set, err);
}

/* A catalog's order is followed by calls: a chain that has no end must not end the program. */
static void test_load__long_chain(void **state)
{
    Err err = {0};

    (void)state;
    assert_int_equal(load_chain(201, &err), RC_OK);
    assert_int_equal(load_chain(202, &err), RC_USAGE);
    assert_contains(err.text, "'before' names at the end of too long a chain 'x201'");
}

static void test_load__hints(void **state)
{
    AUTO(sigset_free_at) SigSet *set = NULL;
    Err err = {0};

    (void)state;
    assert_int_equal(load(HEAD("x") "  exampels: [a]\n", &set, &err), RC_USAGE);
    assert_string_equal(err.hint, "did you mean 'examples'?");
    assert_int_equal(
        load("- id: x\n  title: T\n  source: user\n  class: dta\n  role: cause\n  severity: error\n"
             "  retry: safe\n  cause: C\n  actions: [A]\n" TAIL,
             &set, &err),
        RC_USAGE);
    assert_string_equal(err.text, "my.yaml:4:10: 'dta' is not a value of this key");
    assert_string_equal(err.hint, "did you mean 'data'?");
    assert_int_equal(
        load(
            "- id: x\n  title: T\n  source: user\n  class: data\n  role: cause\n  severity: error\n"
            "  retry: whenever\n  cause: C\n  actions: [A]\n" TAIL,
            &set, &err),
        RC_USAGE);
    assert_string_equal(err.hint, "one of safe, after-backoff, after-fix or never");
    assert_int_equal(
        load(HEAD("x") "  examples: [a]\n  match: {any: [{regex: '(a'}]}\n", &set, &err), RC_USAGE);
    assert_contains(
        err.text,
        "my.yaml:11:25: the expression is wrong at character 3: missing closing parenthesis");
}

static void test_load__everything(void **state)
{
    static const char yaml[] =
        "- id: whole\n  title: Title\n  source: ssis-engine\n  class: driver\n  role: wrapper\n  "
        "severity: critical\n"
        "  retry: after-backoff\n  warning_counts: true\n  cause: >-\n    Two\n    lines.\n  "
        "actions: [One, Two]\n"
        "  links: ['https://x']\n  words: [synonym]\n  symbols: { DTS_E_X: 0xC0202009 }\n  before: "
        "[other]\n"
        "  examples: [some words, {text: t, code: -1, source_name: s, subcomponent: c}]\n  "
        "near_misses: [none]\n"
        "  match: {any: [{text: some words, code: [0xC0202009, -2]}, {code: [7, 14500-14502]}], "
        "status: [6, 3]}\n"
        "- id: other\n  title: T\n  source: user\n  class: data\n  role: analysis\n  severity: "
        "info\n  retry: never\n"
        "  cause: C\n  actions: [A]\n  command: slow\n";
    AUTO(sigset_free_at) SigSet *set = NULL;
    Err err = {0};

    (void)state;
    assert_int_equal(load(yaml, &set, &err), RC_OK);
    assert_int_equal(sigset_count(set), 2);
    const Signature *whole = sigset_find(set, "whole");
    assert_ptr_equal(whole, sigset_at(set, 0));
    assert_null(sigset_find(set, "none"));
    assert_string_equal(whole->title, "Title");
    assert_string_equal(whole->source, "ssis-engine");
    assert_string_equal(sig_class_name(whole->class_), "driver");
    assert_string_equal(sig_role_name(whole->role), "wrapper");
    assert_string_equal(sig_severity_name(whole->severity), "critical");
    assert_string_equal(sig_retry_name(whole->retry), "after-backoff");
    assert_string_equal(sig_retry_advice(whole->retry), "rerun after a pause");
    assert_true(whole->warning_counts);
    assert_string_equal(whole->cause, "Two lines.");
    assert_int_equal(whole->action_count, 2);
    assert_string_equal(whole->links[0], "https://x");
    assert_string_equal(whole->words[0], "synonym");
    assert_int_equal(whole->symbols[0].code, 0xC0202009);
    assert_int_equal(whole->example_count, 2);
    assert_int_equal((uint32_t)whole->examples[1].code, UINT32_MAX);
    assert_string_equal(whole->examples[1].subcomponent, "c");
    assert_int_equal(whole->code_count, 6);
    assert_int_equal(whole->codes[5], 14502);
    assert_string_equal(whole->file, "my.yaml");
    assert_int_equal(whole->line, 1);
    assert_ptr_equal(sigset_for_status(set, 6), whole);
    assert_ptr_equal(sigset_for_status(set, 3), whole);
    assert_null(sigset_for_status(set, 4));
    assert_string_equal(sigset_find(set, "other")->command, "slow");
    assert_true(sig_beats(set, whole, sigset_find(set, "other")));
}

static void test_load__empty(void **state)
{
    AUTO(sigset_free_at) SigSet *set = NULL;
    Err err = {0};
    SigMatch match[1];
    size_t count = 7;

    (void)state;
    assert_int_equal(load("[]\n", &set, &err), RC_OK);
    assert_int_equal(sigset_count(set), 0);
    AUTO(sig_scratch_free_at) SigScratch *scratch = sig_scratch_new(set);
    assert_int_equal(
        sig_match(set, scratch, &(SigText){.text = str_of("Msg 208: x")}, match, 1, &count, &err),
        RC_OK);
    assert_int_equal(count, 0);
}

/* ---- files ----------------------------------------------------------------------------------- */

static char *directory;

static int make_directory(void **state)
{
    static Arena arena;
    Err err = {0};

    (void)state;
    return file_temp_dir("test_load", &arena, &directory, &err) == RC_OK ? 0 : -1;
}

static int remove_directory(void **state)
{
    (void)state;
    file_remove_tree(directory);
    return 0;
}

static const char *write_file(const char *name, const char *text, char *ret_path, size_t size)
{
    (void)snprintf(ret_path, size, "%s/%s", directory, name);
    FILE *file = fopen(ret_path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    return ret_path;
}

static void test_load__shipped_and_override(void **state)
{
    AUTO(sigset_free_at) SigSet *shipped = NULL;
    AUTO(sigset_free_at) SigSet *set = NULL;
    char path[4096];
    Err err = {0};

    (void)state;
    assert_int_equal(sigset_load(NULL, 0, &shipped, &err), RC_OK);
    assert_true(sigset_count(shipped) >= 110);
    const char *const paths[] = {write_file(
        "mine.yaml", HEAD("disk-full") TAIL HEAD("my-own") "  before: [disk-full]\n" TAIL, path,
        sizeof(path))};
    assert_int_equal(sigset_load(paths, 1, &set, &err), RC_OK);
    assert_int_equal(sigset_written_count(set), sigset_written_count(shipped) + 1);
    assert_string_equal(sigset_find(set, "disk-full")->title, "T"); // replaced as a whole
    assert_int_equal(sigset_find(set, "disk-full")->link_count, 0);
    assert_string_equal(sigset_find(set, "disk-full")->file, paths[0]);
    assert_non_null(sigset_find(set, "my-own"));
}

static void test_load__directory(void **state)
{
    AUTO(sigset_free_at) SigSet *set = NULL;
    char path[4096];
    Err err = {0};

    (void)state;
    (void)write_file("a.yaml", HEAD("in-a") TAIL, path, sizeof(path));
    (void)write_file("b.yml", HEAD("in-b") TAIL, path, sizeof(path));
    (void)write_file("c.txt", "not: yaml: at all", path, sizeof(path));
    const char *const paths[] = {directory};
    assert_int_equal(sigset_load(paths, 1, &set, &err), RC_OK);
    assert_non_null(sigset_find(set, "in-a"));
    assert_non_null(sigset_find(set, "in-b"));
    (void)write_file("d.yaml", HEAD("in-a") TAIL, path, sizeof(path)); // twice in one directory
    sigset_free(set);
    set = NULL;
    assert_int_equal(sigset_load(paths, 1, &set, &err), RC_USAGE);
    assert_contains(err.text, "the id 'in-a' is taken");
}

static void test_load__no_such_path(void **state)
{
    AUTO(sigset_free_at) SigSet *set = NULL;
    const char *const paths[] = {"/nonexistent/signatures.yaml"};
    Err err = {0};

    (void)state;
    assert_int_equal(sigset_load(paths, 1, &set, &err), RC_USAGE);
    assert_contains(err.text, "/nonexistent/signatures.yaml");
    char empty[4096];
    (void)snprintf(empty, sizeof(empty), "%s/none", directory);
    const char *const nothing[] = {empty};
    assert_int_equal(sigset_load(nothing, 1, &set, &err), RC_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_load__refusals),
        cmocka_unit_test(test_load__long_chain),
        cmocka_unit_test(test_load__hints),
        cmocka_unit_test(test_load__everything),
        cmocka_unit_test(test_load__empty),
        cmocka_unit_test_setup_teardown(test_load__shipped_and_override, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(test_load__directory, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(test_load__no_such_path, make_directory, remove_directory),
    };
    return cmocka_run_group_tests_name("signature/load", tests, NULL, NULL);
}
