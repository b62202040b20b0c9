/* Tests of src/asset/files.awk: files as constants, byte for byte. */
#include "test.h"

#include "capture.h"
#include "ssisminer/base/file.h"

#include <stdio.h>
#include <stdlib.h>

static char *made_from(const char *name, const char *path)
{
    char option[64], *text;
    (void)snprintf(option, sizeof(option), "name=%s", name);
    const char *const argv[] = {"awk", "-v", option, "-f", "src/asset/files.awk", path, NULL};

    assert_int_equal(capture_program(argv, &text), 0);
    return text;
}

static void test_files_awk__without_files(void **state)
{
    char *text = made_from("schema", NULL);
    (void)state;

    assert_contains(text, "const AssetFile *schema_asset_files(size_t *ret_count)");
    assert_contains(text, "*ret_count = 0;");
    free(text);
}

static void test_files_awk__escapes(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    char *directory;
    Err err = {0};
    (void)state;

    assert_int_equal(file_temp_dir("ssisminer-files", &arena, &directory, &err), RC_OK);
    const char *path = arena_printf(&arena, "%s/a.yaml", directory);
    FILE *file = fopen(path, "w");
    (void)fputs("a: \"\\d\" ?"
                "?/\t\xC3\xA9\r\nlast line without end",
                file);
    (void)fclose(file);
    char *text = made_from("schema", path);
    assert_contains(
        text,
        "    \"a: \\\"\\\\d\\\" \\?\\?/\\t\xC3\xA9\\r\\n\"\n    \"last line without end\\n\"\n");
    assert_contains(text, "const AssetFile *schema_asset_files(size_t *ret_count)");
    assert_contains(text, arena_printf(&arena, "{\"%s\", text_1, sizeof(text_1) - 1},", path));
    free(text);
    file_remove_tree(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_awk__without_files),
        cmocka_unit_test(test_files_awk__escapes),
    };

    return cmocka_run_group_tests_name("asset/files_awk", tests, NULL, NULL);
}
