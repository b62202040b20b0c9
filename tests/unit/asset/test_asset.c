/* The embedded statements: every one is there, in order, with the head that its file has. */
#include "test.h"

#include "ssisminer/asset/file.h"
#include "ssisminer/asset/sql.h"
#include "ssisminer/base/file.h"
#include "ssisminer/base/str.h"

#include <stdlib.h>

/* Every statement is complete: a name, lines, and columns or none. */
static void test_asset__every_statement(void **state)
{
    (void)state;
    assert_true(SQL_ID_COUNT > 0);
    for (size_t i = 0; i < SQL_ID_COUNT; i++) {
        const SqlAsset *asset = sql_asset((SqlId)i);
        assert_non_null(strchr(asset->name, '/'));
        assert_true(asset->line_count > 0);
        for (size_t k = 0; k < asset->line_count; k++)
            assert_false(str_starts(asset->lines[k].text, "--"));
        for (size_t k = 0; k < asset->param_count; k++)
            assert_true(asset->params[k].name[0] != '@' && asset->params[k].declared[0] != '\0');
    }
}

static void test_asset__statements_are_in_the_order_of_their_names(void **state)
{
    (void)state;
    for (size_t i = 1; i < SQL_ID_COUNT; i++)
        assert_true(strcmp(sql_asset((SqlId)(i - 1))->name, sql_asset((SqlId)i)->name) < 0);
}

static void test_asset__schema_files(void **state)
{
    size_t count;
    const AssetFile *files = schema_asset_files(&count);
    (void)state;

    for (size_t i = 0; i < count; i++)
        assert_true(str_starts(files[i].path, "sql/") && files[i].len > 0);
    assert_true(count > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asset__every_statement),
        cmocka_unit_test(test_asset__statements_are_in_the_order_of_their_names),
        cmocka_unit_test(test_asset__schema_files),
    };

    return cmocka_run_group_tests_name("asset/asset", tests, NULL, NULL);
}
