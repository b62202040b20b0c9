/* Files and folders read: encodings, binaries, pieces, missing ones. */
#include "collect.h"

#include "ssisminer/base/file.h"

#include <unistd.h>

static const unsigned char le[] = "\xFF\xFE"
                                  "A\0\xE4\0\r\0\n\0\x3D\xD8\x00\xDE\n\0\x00\xD8";

static void test_scan__utf16(void **state)
{
    unsigned char be[sizeof(le) - 1];
    (void)state;

    for (size_t i = 0; i + 1 < sizeof(le); i += 2) {
        be[i] = le[i + 1];
        be[i + 1] = le[i];
    }
    for (int order = 0; order < 2; order++) {
        collect_bytes(LOG_LINES, order ? (const char *)be : (const char *)le, sizeof(le) - 1);
        assert_int_equal(collected_count, 3);
        assert_string_equal(text_at(0, 0), "A\xC3\xA4");
        assert_string_equal(text_at(1, 0), "\xF0\x9F\x98\x80");
        assert_string_equal(text_at(2, 0), "\xEF\xBF\xBD"); // half a pair at the end
    }
}

static void test_scan__utf16_without_a_mark(void **state)
{
    (void)state;
    collect_bytes(LOG_AUTO, "a\0b\0\n\0c\0\n\0", 10);
    assert_int_equal(collected_count, 2);
    assert_string_equal(text_at(0, 0), "ab");
    collect_bytes(LOG_AUTO, "\0a\0b\0\n\0c", 8);
    assert_int_equal(collected_count, 2);
    assert_string_equal(text_at(1, 0), "c");
}

/* `copy a.log+b.log c.log` */
static void test_scan__marks_within_a_file(void **state)
{
    (void)state;
    collect_bytes(LOG_AUTO,
                  "\xFF\xFE"
                  "a\0\n\0\xFF\xFE"
                  "b\0\n\0",
                  12);
    assert_int_equal(collected_count, 2);
    assert_string_equal(text_at(1, 0), "b");
    collect(LOG_AUTO, "\xEF\xBB\xBF"
                      "a\n\xEF\xBB\xBF"
                      "b\n");
    assert_string_equal(text_at(0, 0), "a");
    assert_string_equal(text_at(1, 0), "b");
}

static void test_scan__binary_is_left_out(void **state)
{
    (void)state;
    collect_bytes(LOG_AUTO, "PE\3\4\0\0\0\n error \n failed", 24);
    assert_int_equal(collected_count, 1);
    assert_string_equal(collected[0].trouble, "f:1: this is no text: the file is left out");
}

/* A pair that lies across the pieces in which a file is read. */
static void test_scan__utf16_across_pieces(void **state)
{
    enum { UNITS = 40000 };
    unsigned char *bytes = malloc(4 + UNITS * 4 + 1);
    size_t len = 2;
    (void)state;

    bytes[0] = 0xFF;
    bytes[1] = 0xFE;
    bytes[len++] = 'x';
    bytes[len++] = 0;
    for (size_t i = 0; i < UNITS; i++) {
        memcpy(bytes + len, "\x3D\xD8\x00\xDE", 4);
        len += 4;
    }
    bytes[len++] = 'y'; // half a unit
    collect_bytes(LOG_LINES, (char *)bytes, len);
    free(bytes);
    assert_int_equal(collected_count, 1);
    const char *text = text_at(0, 0);
    assert_int_equal(collected[0].messages[0].text.len, 1 + UNITS * 4);
    for (size_t i = 0; i < UNITS; i++)
        assert_memory_equal(text + 1 + 4 * i, "\xF0\x9F\x98\x80", 4);
}

static void put(const char *folder, const char *name, const char *text)
{
    FILE *file = fopen(arena_printf(&collect_arena, "%s/%s", folder, name), "w");

    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
}

static void test_scan__folders(void **state)
{
    Scan scan = {.request = {.as = LOG_AUTO, .on_record = collect_one}};
    char *folder = NULL;
    Err err = {0};
    (void)state;

    collected_count = 0;
    assert_int_equal(file_temp_dir("ssisminer-scan", &collect_arena, &folder, &err), RC_OK);
    put(folder, "b.log", "second\n");
    put(folder, "a.jsonl", "{\"text\": \"first\"}\n");
    put(folder, ".hidden", "no\n");
    assert_int_equal(symlink(folder, arena_printf(&collect_arena, "%s/loop", folder)), 0);
    assert_int_equal(scan_path(&scan, folder, &err), RC_OK);
    file_remove_tree(folder);
    assert_int_equal(collected_count, 2);
    assert_int_equal(scan.file_count, 2);
    assert_string_equal(text_at(0, 0), "first");
    assert_string_equal(text_at(1, 0), "second");
    assert_int_equal(collected[1].number, 2);
    assert_true(str_ends(collected[1].file, "/b.log"));
}

static void test_scan__missing_file(void **state)
{
    Scan scan = {.request = {.as = LOG_AUTO, .on_record = collect_one}};
    Err err = {0};

    (void)state;
    assert_fails(scan_path(&scan, "/there/is/none", &err), RC_USAGE, &err,
                 "cannot read '/there/is/none': No such file or directory");
}

static void test_scan__long_lines_are_linear(void **state)
{
    enum { LEN = 1000 * 1000 };
    char *text = malloc(LEN);
    (void)state;

    memset(text, '2', LEN);
    collect_bytes(LOG_AUTO, text, LEN);
    assert_int_equal(collected_count, 1);
    memset(text, '[', LEN);
    collect_bytes(LOG_AUTO, text, LEN);
    memset(text, '"', LEN);
    collect_bytes(LOG_LOG_ANALYTICS, text, LEN);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scan__utf16),
        cmocka_unit_test(test_scan__utf16_without_a_mark),
        cmocka_unit_test(test_scan__marks_within_a_file),
        cmocka_unit_test(test_scan__binary_is_left_out),
        cmocka_unit_test(test_scan__utf16_across_pieces),
        cmocka_unit_test(test_scan__folders),
        cmocka_unit_test(test_scan__missing_file),
        cmocka_unit_test(test_scan__long_lines_are_linear),
    };
    return cmocka_run_group_tests(tests, NULL, collect_done);
}
