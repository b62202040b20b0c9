/* How an answer tells of the one before it. */
#include "test.h"

#include "ssisminer/report/news.h"

#include <string.h>

static const FindingNews list[] = {{"a", true, {.ticks = 30, .is_set = true}},
                                   {"b", false, {.ticks = 10, .is_set = true}}};
static const char *const gone[] = {"disk full in A", "deadlock in B"};

static ReportNews news_at(int64_t last_run)
{
    return (ReportNews){.list = list,
                        .count = 2,
                        .new_count = 1,
                        .gone = gone,
                        .gone_count = 2,
                        .last_run = {.ticks = last_run, .is_set = last_run != 0}};
}

static const char *text_of(const ReportNews *news, bool is_screen)
{
    static char text[4096];
    Arena arena = {0};
    Err err = {0};
    ReportStyle style = {.columns = 80, .is_screen = is_screen};
    FILE *out = fmemopen(text, sizeof(text), "w");
    Report *report = report_new(&arena, "test", "Test");

    news_tell(news, report, "new_findings", (int64_t)news_count(news));
    report_screen(report, "Head", NULL, NULL);
    news_tell_screen(news, report, &arena);
    assert_int_equal(report_has_new(report), news != NULL);
    assert_int_equal(report_writer(is_screen ? "text" : "json")->write(report, &style, out, &err),
                     RC_OK);
    (void)fclose(out);
    arena_done(&arena);
    return text;
}

static void test_news__marks_what_is_new(void **state)
{
    const ReportNews news = news_at(20);

    (void)state;
    assert_true(news_is_new(&news, "a"));
    assert_false(news_is_new(&news, "b"));
    assert_false(news_is_new(&news, "c"));
    assert_false(news_is_new(&news, NULL));
    assert_false(news_is_new(NULL, "a"));
    assert_string_equal(news_mark(&news, "a"), "new, ");
    assert_string_equal(news_mark(&news, "b"), "");
    assert_int_equal(news_of(&news, "b")->since.ticks, 10);
}

static void test_news__counts_where_there_was_a_run_before(void **state)
{
    const ReportNews first = news_at(0), next = news_at(20);
    Buf line = BUF(100);

    (void)state;
    news_put_count(NULL, 1, &line);
    news_put_count(&first, 1, &line);
    assert_string_equal(buf_text(&line), "");
    news_put_count(&next, 1, &line);
    assert_string_equal(buf_text(&line), ", 1 new");
    buf_done(&line);
}

static void test_news__nothing_new_says_whether_there_was_one(void **state)
{
    ReportNews first = news_at(0), next = news_at(20);

    (void)state;
    assert_null(news_calm(NULL));
    assert_null(news_calm(&next));
    first.only_new = next.only_new = true;
    assert_string_equal(news_calm(&next), "Nothing new");
    assert_string_equal(news_calm(&first), "Nothing new: this is the first run");
}

static void test_news__what_is_gone_is_named(void **state)
{
    const ReportNews news = news_at(20);

    (void)state;
    assert_non_null(
        strstr(text_of(&news, true), "2 since the last run: disk full in A, and others"));
    assert_non_null(strstr(text_of(&news, false), "{\"finding\":\"deadlock in B\"}"));
    assert_non_null(strstr(text_of(&news, false), "\"new_findings\": 1"));
    assert_null(strstr(text_of(NULL, false), "gone"));
}

static void test_news__higher_ranks_first_else_in_order(void **state)
{
    const unsigned ranks[] = {news_rank(false, false), news_rank(true, false),
                              news_rank(false, true), news_rank(true, true),
                              news_rank(false, false)};
    const size_t expected[] = {3, 1, 2, 0, 4};
    Arena arena = {0};

    (void)state;
    assert_memory_equal(news_order(ranks, 5, &arena), expected, sizeof(expected));
    (void)news_order(NULL, 0, &arena);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_news__marks_what_is_new),
        cmocka_unit_test(test_news__counts_where_there_was_a_run_before),
        cmocka_unit_test(test_news__nothing_new_says_whether_there_was_one),
        cmocka_unit_test(test_news__what_is_gone_is_named),
        cmocka_unit_test(test_news__higher_ranks_first_else_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
