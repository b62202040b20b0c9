/* The first screen: whatever failed, it fits between two prompts, and says what matters. */
#include "test.h"

#include "ssisminer/base/term.h"
#include "ssisminer/failures/failures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NIGHT = 5000, CAUSES = 120 };

static Arena arena;

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static Instant at(int minute)
{
    return (Instant){.ticks = INT64_C(639079416000000000) + minute * (60 * TICKS_PER_SECOND),
                     .is_set = true};
}

static Ssisdb *catalog(void)
{
    Ssisdb *db = arena_alloc(&arena, sizeof(*db));

    db->server_name = "sqlprod-westeurope-0123456789.public.database.windows.net";
    db->database_name = "SSISDB";
    db->login_name = "etl";
    db->sees_all = true;
    db->server_now = at(0);
    return db;
}

/* Causes whose texts are long, wide or hostile; the last of them is critical. */
static const FailureCause *make_causes(size_t count)
{
    static const char *const actions[] = {
        "Look for a restart, failover, out-of-memory or crash of the node or server at the time of "
        "the last message, and for what else ran there, before it is started again.",
        "データベースの領域を増やすか、古い実行の記録を消してから、もう一度始めてください。"
        "それでも駄目なら管理者へ。"};
    static const char *const titles[] = {
        "Short", "A title that is a good deal longer than the line it has to stand in, with its id",
        "トランザクション ログがいっぱいです。空き領域がありません。管理者に連絡してください。",
        "\x1b[2J\x1b[31mhostile\r\n\xE2\x80\xAE"};
    FailureCause *causes = arena_alloc_array(&arena, count + 1, sizeof(*causes));

    for (size_t i = 0; i < count; i++)
        causes[i] = (FailureCause){.kind = i % 3 == 2 ? CAUSE_UNKNOWN : CAUSE_KNOWN,
                                   .id = i + 1 == count ? "the-critical-one" : "cause-with-an-id",
                                   .title = titles[i % ARRAY_LEN(titles)],
                                   .text = actions[i % 2],
                                   .actions = actions,
                                   .action_count = ARRAY_LEN(actions),
                                   .severity = i + 1 == count ? SIG_CRITICAL : SIG_ERROR,
                                   .retry = "after-fix",
                                   .retry_advice = "rerun after the fix",
                                   .executions = (int64_t)(count - i),
                                   .package_count = 1 + i,
                                   .first_seen = at(-600),
                                   .last_seen = at(-(int)i)};
    return causes;
}

static Failures *make_failures(size_t count)
{
    Failures *failures = arena_alloc(&arena, sizeof(*failures));
    Failure *list = arena_alloc_array(&arena, count + 1, sizeof(*list));
    StatusTotal *totals = arena_alloc_array(&arena, 2, sizeof(*totals));
    size_t causes = count < CAUSES ? count : CAUSES;

    failures->causes = make_causes(causes);
    failures->cause_count = causes;
    for (size_t i = 0; i < count; i++)
        list[i] =
            (Failure){.is_execution = true,
                      .execution = {.id = (int64_t)(900000 - i),
                                    .folder = "Finance",
                                    .project = "財務 General Ledger",
                                    .package = i % 2 ? "Load.dtsx" : "月次締め処理バッチ.dtsx",
                                    .caller = "adf-contoso-prod",
                                    .status = STATUS_FAILED,
                                    .logging_level = 1,
                                    .end = at(-(int)i)},
                      .id = (int64_t)(900000 - i),
                      .time = at(-(int)i),
                      .decisive = SIZE_MAX,
                      .cause = &failures->causes[i % (causes ? causes : 1)],
                      .rerun = "after-fix",
                      .rerun_words = "no, fix it and look first, because Load staging, Merge and "
                                     "12 more had finished and would run again, whatever it was "
                                     "that they had written",
                      .rerun_reason = "Load staging, Merge and 12 more had finished and would "
                                      "run again, whatever it was that they had written"};
    totals[0] = (StatusTotal){.status = STATUS_FAILED, .executions = (int64_t)count};
    totals[1] = (StatusTotal){.status = STATUS_SUCCEEDED, .executions = 123456};
    failures->list = list;
    failures->count = failures->execution_count = count;
    failures->totals = totals;
    failures->total_count = 2;
    return failures;
}

static const FailuresQuestion question = {
    .since = {.ticks = INT64_C(639078552000000000), .is_set = true}, .with_failed = true};

static char *screen_of(const Failures *failures, int columns, size_t warnings, size_t limit,
                       Remedies remedies)
{
    FailuresView view = {.db = catalog(),
                         .question = &question,
                         .limit = limit,
                         .now = at(0),
                         .duplicates = {.is_known = true, .failures = 3, .groups = 2},
                         .remedies = remedies};
    ReportStyle style = {.columns = columns, .is_screen = true};
    Report *report = failures_report(failures, &view, &arena);
    char *text = NULL;
    size_t size = 0;
    Err err = {0};

    for (size_t i = 0; i < warnings; i++)
        report_warning(report,
                       "warning %zu is one of those that a login without its rights gets, "
                       "and it is longer than a line of a terminal, or even two of them, "
                       "so that somebody has to end it at some point",
                       i);
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(report_writer("text")->write(report, &style, out, &err), RC_OK);
    (void)fclose(out);
    return text;
}

/* Lines; fails at one that is wider than the terminal. */
static size_t count_lines(const char *text, int columns)
{
    Str rest = str_of(text), line;
    size_t count = 0;

    while (rest.at && str_split(&rest, '\n', &line)) {
        if (line.len == 0 && !rest.at)
            break;
        count++;
        if (term_width(line.at, line.len) > (size_t)columns)
            fail_msg("wider than %d: %.*s", columns, STR_FMT(line));
    }
    return count;
}

static void test_screen__fits_whatever_failed(void **state)
{
    static const size_t counts[] = {0, 1, 2, 5, 44, NIGHT}, warnings[] = {0, 1, 2, 3, 4, 9};
    static const int widths[] = {60, 80, 132, 200}; // a table of five columns needs 48

    (void)state;
    for (size_t c = 0; c < ARRAY_LEN(counts); c++)
        for (size_t w = 0; w < ARRAY_LEN(widths); w++)
            for (size_t k = 0; k < ARRAY_LEN(warnings); k++) {
                char *text =
                    screen_of(make_failures(counts[c]), widths[w], warnings[k], 0, REMEDIES_SHOWN);
                size_t lines = count_lines(text, widths[w]);
                if (lines > REPORT_SCREEN_LINES)
                    fail_msg("%zu failures, %zu warnings at %d columns: %zu lines\n%s", counts[c],
                             warnings[k], widths[w], lines, text);
                if (counts[c] == NIGHT && warnings[k] == 0 && lines < REPORT_SCREEN_LINES - 3)
                    fail_msg("there was room for more than %zu lines\n%s", lines, text);
                free(text);
            }
}

static void test_screen__says_what_matters(void **state)
{
    (void)state;
    char *text = screen_of(make_failures(44), 80, 0, 0, REMEDIES_SHOWN);
    assert_contains(text, "44 executions failed: 44 causes, 1 critical; 123456 succeeded\n");
    assert_contains(text, "3 of them were triggered more than once: ssisminer duplicates");
    const char *why = strstr(text, "\nWhy\n"), *critical = strstr(text, "the-critical-one");
    assert_non_null(why);
    assert_non_null(critical);
    assert_null(memmem(why, (size_t)(critical - why), "cause-with-an-id", 16)); // it comes first
    assert_contains(text, "critical, 44 packages, since 02-28 20:00, rerun after the fix");
    assert_contains(text, "    do  ");
    assert_contains(text, " more causes, ");
    assert_contains(text, " more failures: --all. One of them: --execution 900000\n");
    assert_null(strchr(text, '\x1b'));
    free(text);
}

/* One failure is told whole: why, what to do, and whether it may run again. */
static void test_screen__one_failure(void **state)
{
    (void)state;
    char *text = screen_of(make_failures(1), 80, 0, 0, REMEDIES_SHOWN);
    assert_contains(text, "1 execution failed; 123456 succeeded\n");
    assert_contains(text,
                    "    rerun    no, fix it and look first, because Load staging, Merge and 12");
    assert_contains(text, "\nWhat to do\n");
    assert_contains(text, "  - Look for a restart");
    assert_contains(text, "Each of its messages: --details --execution 900000\n");
    free(text);
}

static void test_screen__nothing_failed(void **state)
{
    (void)state;
    char *text = screen_of(make_failures(0), 80, 1, 0, REMEDIES_SHOWN);
    assert_contains(text, "Nothing failed: 123456 succeeded\n");
    assert_contains(text, "\nWARNING  warning 0 is one");
    assert_null(strstr(text, "--all"));
    free(text);
}

static size_t count_of(const char *text, const char *words)
{
    size_t count = 0;

    for (const char *found = strstr(text, words); found; found = strstr(found + 1, words))
        count++;
    return count;
}

static void test_screen__limit_and_remedies(void **state)
{
    (void)state;
    char *text = screen_of(make_failures(44), 132, 0, 1, REMEDIES_NONE);
    assert_int_equal(count_of(text, "rerun after the fix"), 1); // a cause
    assert_int_equal(count_of(text, "  fix  "), 1);
    assert_contains(text, "43 more causes, 43 more failures: --all");
    assert_null(strstr(text, "    do  "));
    free(text);
    text = screen_of(make_failures(5), 80, 0, 0, REMEDIES_ALL);
    assert_contains(text, "\nWhat to do\n");
    assert_int_equal(count_of(text, "  - Look for a restart"), 5); // one for the unknown ones
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_screen__fits_whatever_failed, teardown),
        cmocka_unit_test_teardown(test_screen__says_what_matters, teardown),
        cmocka_unit_test_teardown(test_screen__one_failure, teardown),
        cmocka_unit_test_teardown(test_screen__nothing_failed, teardown),
        cmocka_unit_test_teardown(test_screen__limit_and_remedies, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
