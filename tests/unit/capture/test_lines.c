/* Records as lines: each is one object of JSON that says what was put, whatever the values are. */
#include "test.h"

#include "ssisminer/base/json.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/capture/lines.h"

#include <cjson/cJSON.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static Lines lines;
static char *written;
static size_t size;

static int setup(void **state)
{
    (void)state;
    lines_init(&lines, open_memstream(&written, &size));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)fclose(lines.stream);
    free(written);
    lines_done(&lines);
    return 0;
}

static const char *end(void)
{
    Err err = {0};

    assert_int_equal(lines_end(&lines, &err), RC_OK);
    (void)fflush(lines.stream);
    return written;
}

static Instant at(const char *text)
{
    Err err = {0};
    Instant time;

    assert_int_equal(time_parse(text, (Instant){0}, &time, &err), RC_OK);
    return time;
}

static void test_lines__begin_with_the_table_and_what_is_the_same(void **state)
{
    (void)state;
    lines_set_same(&lines, "a\"b", "SSISDB", at("2026-03-02T06:00:00.1234567+05:30"));
    lines_begin(&lines, "operations");
    lines_i64(&lines, "operation_id", 7);
    (void)end();
    lines_begin(&lines, "executions");
    assert_string_equal(
        end(), "{\"table\":\"operations\",\"server\":\"a\\\"b\",\"database\":\"SSISDB\","
               "\"captured_at\":\"2026-03-02T06:00:00.1234567+05:30\",\"operation_id\":7}\n"
               "{\"table\":\"executions\",\"server\":\"a\\\"b\",\"database\":\"SSISDB\","
               "\"captured_at\":\"2026-03-02T06:00:00.1234567+05:30\"}\n");
    assert_int_equal(lines.count, 2);
}

static void test_lines__numbers_at_their_edges(void **state)
{
    (void)state;
    lines_begin(&lines, "t");
    lines_i64(&lines, "least", INT64_MIN);
    lines_i64(&lines, "most", INT64_MAX);
    lines_i64(&lines, "none", 0);
    lines_i64(&lines, "less", -1);
    lines_bit(&lines, "yes", true);
    lines_bit(&lines, "no", false);
    lines_null(&lines, "null");
    assert_string_equal(end(), "{\"table\":\"t\",\"least\":-9223372036854775808,"
                               "\"most\":9223372036854775807,\"none\":0,\"less\":-1,"
                               "\"yes\":true,\"no\":false,\"null\":null}\n");
}

static void test_lines__floats_are_read_as_the_same_number(void **state)
{
    static const double values[] = {0,       -0.0,    0.1,    1.0 / 3, 1e22,  1e-7,
                                    DBL_MAX, DBL_MIN, 5e-324, -12.5,   99.99, 123456789012345680.0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        rewind(lines.stream);
        lines_begin(&lines, "t");
        lines_f64(&lines, "f", values[i]);
        double back = strtod(end() + strlen("{\"table\":\"t\",\"f\":"), NULL);
        assert_memory_equal(&back, &values[i], sizeof(back));
    }
    rewind(lines.stream);
    lines_begin(&lines, "t");
    lines_f64(&lines, "short", 0.1);
    lines_f64(&lines, "nan", NAN);
    lines_f64(&lines, "infinite", -INFINITY);
    const char *line = end();
    assert_true(strncmp(line, "{\"table\":\"t\",\"short\":0.1,\"nan\":null,\"infinite\":null}\n",
                        size) == 0);
}

static void test_lines__times_keep_offset_and_ticks(void **state)
{
    static const char *const times[] = {
        "0001-01-01T00:00:00.0000000+00:00", "9999-12-31T23:59:59.9999999+00:00",
        "2026-02-28T23:59:59.9999999-14:00", "2026-03-01T00:00:00.0000001+14:00",
        "1969-12-31T23:30:00.0000000-00:45"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        rewind(lines.stream);
        lines_begin(&lines, "t");
        lines_time(&lines, "at", at(times[i]));
        const char *value = strstr(end(), "\"at\":\"") + strlen("\"at\":\"");
        assert_memory_equal(value, times[i], strlen(times[i]));
    }
    rewind(lines.stream);
    lines_begin(&lines, "t");
    lines_time(&lines, "at", (Instant){0});
    assert_non_null(strstr(end(), "\"at\":null}"));
}

/* What comes back of a reader of JSON is the text: but for what is no text, which is U+FFFD. */
static void test_lines__texts_come_back(void **state)
{
    static const struct {
        const char *text;
        size_t len;
        const char *wanted;
    } cases[] = {
        {"", 0, ""},
        {"a\"b\\c\n\r\t/", 9, "a\"b\\c\n\r\t/"},
        {"\x1B[31m\x7F", 6, "\x1B[31m\x7F"},
        {"\xE2\x80\xAE\xEF\xBB\xBF", 6, "\xE2\x80\xAE\xEF\xBB\xBF"}, // turns the line; a mark
        {"\xF0\x9F\x98\x80 \xC3\xA4", 7, "\xF0\x9F\x98\x80 \xC3\xA4"},
        {"\xED\xA0\xBD", 3, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"}, // half a pair
        {"x\xC3", 2, "x\xEF\xBF\xBD"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        rewind(lines.stream);
        lines_begin(&lines, "t");
        lines_text(&lines, "text", (Str){cases[i].text, cases[i].len});
        const char *line = end();
        cJSON *json = cJSON_ParseWithLength(line, strcspn(line, "\n"));
        assert_non_null(json);
        const char *back = cJSON_GetStringValue(cJSON_GetObjectItem(json, "text"));
        if (strncmp(cases[i].wanted, "\xEF\xBF\xBD", 3) == 0)
            assert_memory_equal(back, "\xEF\xBF\xBD", 3);
        else
            assert_string_equal(back, cases[i].wanted);
        cJSON_Delete(json);
        for (const char *c = line; *c != '\n'; c++)
            assert_true((unsigned char)*c >= 0x20);
    }
    rewind(lines.stream);
    lines_begin(&lines, "t");
    lines_text(&lines, "text", (Str){0});
    assert_non_null(strstr(end(), "\"text\":null}"));
}

/* The longest that a server gives, all of it escapes; and memory is that of one line. */
static void test_lines__a_long_text_is_one_line(void **state)
{
    enum { LONG = 16 * 1024 * 1024 };
    AUTO(mem_free_at) char *text = mem_alloc(LONG);
    Err err = {0};

    (void)state;
    memset(text, 1, LONG);
    lines_begin(&lines, "t");
    lines_text(&lines, "text", (Str){text, LONG});
    assert_int_equal(lines_end(&lines, &err), RC_OK);
    (void)fflush(lines.stream);
    assert_int_equal(size, strlen("{\"table\":\"t\",\"text\":\"\"}\n") + (size_t)LONG * 6);
    assert_int_equal(written[size - 1], '\n');
    assert_int_equal(strcspn(written, "\n"), size - 1);
}

static void test_lines__a_full_disk_is_one_error(void **state)
{
    FILE *full = fopen("/dev/full", "w");
    Lines to;
    Err err = {0};

    (void)state;
    assert_non_null(full);
    lines_init(&to, full);
    lines_begin(&to, "t");
    assert_int_equal(lines_end(&to, &err), RC_OK); // in memory still
    assert_int_equal(lines_flush(&to, &err), RC_USAGE);
    assert_string_equal(err.text, "cannot write the stream: No space left on device");
    lines_done(&to);
    (void)fclose(full);
}

static void test_lines__begin_again_with_nothing(void **state)
{
    FILE *file = tmpfile();
    char text[64] = {0};
    Lines to;
    Err err = {0};

    (void)state;
    lines_init(&to, file);
    for (int turn = 0; turn < 2; turn++) {
        assert_int_equal(lines_restart(&to, &err), RC_OK);
        assert_int_equal(to.count, 0);
        lines_begin(&to, turn == 0 ? "a_longer_name" : "t");
        assert_int_equal(lines_end(&to, &err), RC_OK);
        assert_int_equal(lines_flush(&to, &err), RC_OK);
    }
    rewind(file);
    assert_int_equal(fread(text, 1, sizeof(text), file), strlen("{\"table\":\"t\"}\n"));
    assert_string_equal(text, "{\"table\":\"t\"}\n");
    lines_done(&to);
    (void)fclose(file);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_lines__begin_with_the_table_and_what_is_the_same),
        TEST(test_lines__numbers_at_their_edges),
        TEST(test_lines__floats_are_read_as_the_same_number),
        TEST(test_lines__times_keep_offset_and_ticks),
        TEST(test_lines__texts_come_back),
        TEST(test_lines__a_long_text_is_one_line),
        TEST(test_lines__a_full_disk_is_one_error),
        TEST(test_lines__begin_again_with_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
