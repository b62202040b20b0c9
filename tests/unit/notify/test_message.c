/* What somebody is told: the formats to the letter, texts that stay texts, sizes that services
 * take, and who is told at all. */
#include "test.h"

#include "../../../src/notify/message.h"

#include "ssisminer/base/term.h"
#include "ssisminer/base/time.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

static Arena arena;

static int teardown(void **state)
{
    (void)state;
    arena_reset(&arena);
    return 0;
}

/* ---- a report -------------------------------------------------------------------------------- */

static const Column why_columns[] = {
    {.key = "times", .heading = "count", .use = COLUMN_HEADING, .tone = TONE_ALERT},
    {.key = "title", .heading = "cause", .use = COLUMN_HEADING},
    {.key = "id", .heading = "id", .use = COLUMN_HEADING, .align_right = true},
    {.key = "summary", .heading = "summary", .use = COLUMN_PLAIN},
    {.key = "do", .heading = "do"},
};
static const Column which_columns[] = {
    {.key = "id", .heading = "newest", .tone = TONE_STRONG},
    {.key = "when", .heading = "ended"},
    {.key = "rerun", .heading = "rerun"},
};

/* All texts are `text`, unless that is NULL. */
static Digest *digest_of(const char *text, size_t rows)
{
    Report *report = report_new(&arena, "report", "Failures");
    const char *warning = text ? text : "rights are low";

    report_fact(report, FOR_DATA, "failed", "failed", value_count(2));
    report_screen(report, text ? text : "2 executions failed: 1 cause",
                  text ? text : "srv/SSISDB, 24 h", text ? text : "One of them: --execution 7");
    report_fact(report, FOR_SCREEN, "gone", text ? text : "gone", value_text(text ? text : "1"));
    for (size_t i = 0; i < (text ? rows : 1); i++)
        report_warning(report, "%s", warning);
    Section *why = report_section(report, FOR_SCREEN, "why", text ? text : "Why", LAYOUT_LIST,
                                  why_columns, ARRAY_LEN(why_columns), NULL);
    Section *which = report_section(report, FOR_SCREEN, "which", NULL, LAYOUT_TABLE, which_columns,
                                    ARRAY_LEN(which_columns), NULL);
    for (size_t i = 0; i < rows; i++) {
        Row *row = section_row(why);
        row_set(row, 0, value_text(text ? text : "2x"));
        row_set(row, 1, value_text(text ? text : "The disk is full"));
        row_set(row, 2, value_text(text ? text : "disk-full"));
        row_set(row, 3, value_text(text ? text : "critical, rerun after the fix"));
        row_set(row, 4, value_text(text ? text : "Free some space"));
        row = section_row(which);
        row_set(row, 0, value_id(7));
        row_set(row, 1, value_text(text ? text : "05:44"));
        row_set(row, 2, value_text(text ? text : "fix"));
    }
    section_set_rest(why, "cause", "causes", 0);
    section_set_rest(which, "failure", "failures", rows + 3);
    report_add_finding(report, SEVERITY_CRITICAL);
    return report_digest(report, &arena);
}

static NotifyEvent event_of(const Digest *digest)
{
    return (NotifyEvent){
        .command = "report",
        .digest = digest,
        .error = "",
        .hint = "",
        .more = "ssisminer report --all",
        .host = "db01",
        .time =
            time_instant(time_days_from_civil(2026, 3, 2) * TICKS_PER_DAY + TICKS_PER_DAY / 4, 0)};
}

static const char *put(const NotifyEvent *event, const Format *format)
{
    AUTO(buf_done) Buf out = BUF(1024 * 1024);

    message_put(event, format, &arena, &out);
    assert_false(out.over);
    if (out.len > format->most_bytes)
        fail_msg("%zu bytes, where %zu are taken", out.len, format->most_bytes);
    return arena_copy(&arena, buf_text(&out), out.len);
}

/* ---- to the letter --------------------------------------------------------------------------- */

static void test_message__as_text(void **state)
{
    const NotifyEvent event = event_of(digest_of(NULL, 1));

    (void)state;
    assert_string_equal(put(&event, &format_text),
                        "critical: 2 executions failed: 1 cause\n"
                        "srv/SSISDB, 24 h\n"
                        "  gone: 1\n"
                        "\n"
                        "warning: rights are low\n"
                        "\n"
                        "Why\n"
                        "  2x  The disk is full  (disk-full)\n"
                        "    critical, rerun after the fix\n"
                        "    do: Free some space\n"
                        "\n"
                        "Newest\n"
                        "  7  ended 05:44, rerun fix\n"
                        "  3 more failures\n"
                        "\n"
                        "all of it: ssisminer report --all. One of them: --execution 7\n"
                        "\n"
                        "-- \n"
                        "ssisminer " SSISMINER_VERSION " on db01, 2026-03-02 06:00:00Z\n");
}

/* clang-format off */
#define BLOCK(spacing, more, inlines) \
    "{\"type\":\"RichTextBlock\",\"spacing\":\"" spacing "\"," more "\"inlines\":[" inlines "]}"
#define RUN(text, look) "{\"type\":\"TextRun\",\"text\":\"" text "\"" look "}"
#define LARGE ",\"size\":\"Large\",\"weight\":\"Bolder\",\"color\":\"Attention\""
#define BOLD  ",\"weight\":\"Bolder\""
#define RED   ",\"color\":\"Attention\""
#define AMBER ",\"color\":\"Warning\""
#define DIM   ",\"isSubtle\":true"
#define LINED "\"separator\":true,"

static const char teams_card[] =
    "{\"type\":\"message\",\"attachments\":[{\"contentType\":"
    "\"application/vnd.microsoft.card.adaptive\",\"contentUrl\":null,\"content\":{"
    "\"$schema\":\"http://adaptivecards.io/schemas/adaptive-card.json\","
    "\"type\":\"AdaptiveCard\",\"version\":\"1.2\",\"msteams\":{\"width\":\"Full\"},\"body\":["
    BLOCK("Default", "", RUN("critical", LARGE) "," RUN("  2 executions failed: 1 cause", LARGE)) ","
    BLOCK("None", "", RUN("srv/SSISDB, 24 h", DIM)) ","
    BLOCK("None", "", RUN("gone", BOLD) "," RUN("  1", "")) ","
    BLOCK("Small", "", RUN("warning", BOLD AMBER) "," RUN("  rights are low", "")) ","
    BLOCK("Medium", LINED, RUN("Why", BOLD)) ","
    BLOCK("Small", "", RUN("2x  The disk is full  (disk-full)", BOLD RED)) ","
    BLOCK("None", "", RUN("critical, rerun after the fix", DIM)) ","
    BLOCK("None", "", RUN("do", DIM) "," RUN("  Free some space", DIM)) ","
    BLOCK("Medium", LINED, RUN("Newest", BOLD)) ","
    BLOCK("Small", "", RUN("7", BOLD) "," RUN("  ended 05:44, rerun fix", "")) ","
    BLOCK("Small", "", RUN("3 more failures", DIM)) ","
    BLOCK("Medium", LINED,
          RUN("all of it", BOLD) "," RUN("  ssisminer report --all. One of them: --execution 7", "")) ","
    BLOCK("Small", "",
          RUN("ssisminer " SSISMINER_VERSION " on db01, 2026-03-02 06:00:00Z", ",\"size\":\"Small\"" DIM))
    "]}}]}";

#define TEXT(text)   "{\"type\":\"text\",\"text\":\"" text "\"}"
#define STRONG(text) "{\"type\":\"text\",\"text\":\"" text "\",\"style\":{\"bold\":true}}"
#define RICH(elements) \
    "{\"type\":\"rich_text\",\"elements\":[{\"type\":\"rich_text_section\",\"elements\":[" elements "]}]}"

static const char slack_blocks[] =
    "{\"text\":\"critical: 2 executions failed: 1 cause\\nsrv/SSISDB, 24 h\\n"
    "2x  The disk is full  (disk-full)\\n7: ended 05:44, rerun fix\",\"unfurl_links\":false,\"blocks\":["
    RICH(STRONG("critical") "," STRONG("  2 executions failed: 1 cause") "," TEXT("\\n") ","
         TEXT("srv/SSISDB, 24 h") "," TEXT("\\n") "," STRONG("gone") "," TEXT("  1") ","
         TEXT("\\n") "," STRONG("warning") "," TEXT("  rights are low")) ","
    RICH(STRONG("Why") "," TEXT("\\n") "," STRONG("2x  The disk is full  (disk-full)") ","
         TEXT("\\n    ") "," TEXT("critical, rerun after the fix") "," TEXT("\\n    ") ","
         STRONG("do") "," TEXT("  Free some space")) ","
    RICH(STRONG("Newest") "," TEXT("\\n") "," STRONG("7") "," TEXT("  ended 05:44, rerun fix") ","
         TEXT("\\n") "," TEXT("3 more failures")) ","
    RICH(STRONG("all of it") "," TEXT("  ssisminer report --all. One of them: --execution 7") ","
         TEXT("\\n") "," TEXT("ssisminer " SSISMINER_VERSION " on db01, 2026-03-02 06:00:00Z"))
    "]}";
/* clang-format on */

static void test_message__as_a_card_of_teams(void **state)
{
    const NotifyEvent event = event_of(digest_of(NULL, 1));

    (void)state;
    assert_string_equal(put(&event, &format_teams), teams_card);
}

static void test_message__as_blocks_of_slack(void **state)
{
    const NotifyEvent event = event_of(digest_of(NULL, 1));

    (void)state;
    assert_string_equal(put(&event, &format_slack), slack_blocks);
}

static void test_message__as_json(void **state)
{
    const NotifyEvent event = event_of(digest_of(NULL, 1));

    (void)state;
    assert_string_equal(
        put(&event, &format_json),
        "{\"schema_version\":1,\"program\":\"ssisminer\",\"version\":\"" SSISMINER_VERSION "\","
        "\"host\":\"db01\",\"sent_at\":\"2026-03-02T06:00:00Z\",\"command\":\"report\","
        "\"targets\":[],\"level\":\"critical\",\"has_new\":false,\"has_failed\":false,"
        "\"is_test\":false,\"exit_code\":0,\"is_cut\":false,\"error\":null,\"hint\":null,"
        "\"headline\":\"2 executions failed: 1 cause\",\"where\":\"srv/SSISDB, 24 h\","
        "\"warnings\":[\"rights are low\"],\"facts\":{\"failed\":2},\"sections\":["
        "{\"key\":\"why\",\"title\":\"Why\",\"rows\":[{\"is_alert\":true,\"times\":\"2x\","
        "\"title\":"
        "\"The disk is full\",\"id\":\"disk-full\",\"summary\":\"critical, rerun after the fix\","
        "\"do\":\"Free some space\"}],\"left\":0},"
        "{\"key\":\"which\",\"title\":\"Newest\",\"rows\":[{\"is_alert\":false,\"id\":7,\"when\":"
        "\"05:44\",\"rerun\":"
        "\"fix\"}],\"left\":3}],\"more\":\"ssisminer report --all\"}");
}

static const char *letter(const NotifyEvent *event)
{
    static const char *to[] = {"a@example.com", "b@example.com"};
    const NotifyChannel channel = {
        .name = "dba", .type = NOTIFY_MAIL, .from = "s@example.com", .to = to, .to_count = 2};
    AUTO(buf_done) Buf out = BUF(1024 * 1024);

    letter_put(&channel, event, "1.2", &arena, &out);
    return arena_copy(&arena, buf_text(&out), out.len);
}

static void test_message__as_a_mail(void **state)
{
    const NotifyEvent event = event_of(digest_of(NULL, 1));
    const char *text = letter(&event);

    (void)state;
    assert_contains(text,
                    "From: <s@example.com>\r\n"
                    "To: <a@example.com>,\r\n <b@example.com>\r\n"
                    "Subject: [ssisminer] critical: 2 executions failed: 1 cause; srv/SSISDB\r\n"
                    "Date: Mon, 2 Mar 2026 06:00:00 +0000\r\n"
                    "Message-ID: <1.2@example.com>\r\n"
                    "Auto-Submitted: auto-generated\r\n"
                    "Importance: high\r\n"
                    "MIME-Version: 1.0\r\n"
                    "Content-Type: multipart/alternative;\r\n"
                    " boundary=\"=_ssisminer_part\"\r\n\r\n"
                    "--=_ssisminer_part\r\n"
                    "Content-Type: text/plain; charset=utf-8\r\n"
                    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                    "critical: 2 executions failed: 1 cause\r\n");
    assert_contains(text, "\r\n--=20\r\nssisminer "); // the signature's mark keeps its blank
    assert_contains(text, "<p class=3D\"row alert\"><b>2x  The disk is full  (disk-full)</b></p>");
    assert_contains(text, "\r\n--=_ssisminer_part--\r\n");
    for (const char *at = text, *end; (end = strstr(at, "\r\n")); at = end + 2)
        assert_in_range(end - at, 0, 76);
}

/* ---- how it ended ---------------------------------------------------------------------------- */

static void test_message__a_run_that_failed_says_why(void **state)
{
    NotifyEvent event = event_of(NULL);

    (void)state;
    event.has_failed = true;
    event.exit_code = 3;
    event.error = "'srv' refused the\nconnection";
    event.hint = "does a server listen there?";
    event.targets = (const char *const[]){"prod"};
    event.target_count = 1;
    assert_contains(put(&event, &format_text),
                    "error: ssisminer report failed (exit status 3)\ntarget: prod\n\n"
                    "error: 'srv' refused the connection\nhint: does a server listen there?\n\n"
                    "again: ssisminer report --all\n");
    assert_contains(put(&event, &format_json), "\"level\":\"error\"");
    assert_contains(put(&event, &format_json), "\"targets\":[\"prod\"]");
    assert_contains(put(&event, &format_html), "<div class=\"card error\">");
    assert_contains(message_subject(&event, &arena),
                    "[ssisminer] error: ssisminer report failed (exit status 3)");
}

static void test_message__a_test_says_that_it_is_one(void **state)
{
    NotifyEvent event = event_of(NULL);

    (void)state;
    event.test = "ops";
    event.more = "";
    assert_contains(put(&event, &format_text),
                    "This is a test of channel 'ops'\nNothing happened: ");
    assert_contains(put(&event, &format_json), "\"is_test\":true");
}

static void test_message__who_is_told(void **state)
{
    static const struct {
        const char *when;
        Severity found;
        bool has_new, has_failed;
        int exit_code;
        bool is_due;
    } cases[] = {
        {"any", SEVERITY_NONE, false, false, 0, false},
        {"any", SEVERITY_FINE, false, false, 0, false},
        {"any", SEVERITY_INFO, false, false, 0, true},
        {"always", SEVERITY_NONE, false, false, 0, true},
        {"warning", SEVERITY_INFO, true, false, 0, false},
        {"warning", SEVERITY_WARNING, false, false, 0, true},
        {"warning", SEVERITY_CRITICAL, false, false, 1, true},
        {"error", SEVERITY_WARNING, false, false, 1, false},
        {"error", SEVERITY_ERROR, false, false, 0, true},
        {"critical", SEVERITY_ERROR, false, false, 0, false},
        {"critical", SEVERITY_CRITICAL, false, false, 0, true},
        {"new", SEVERITY_CRITICAL, false, false, 0, false},
        {"new", SEVERITY_INFO, true, false, 0, true},
        // what could not be found out may be anything
        {"any", SEVERITY_NONE, false, true, 3, true},
        {"new", SEVERITY_NONE, false, true, 4, true},
        {"critical", SEVERITY_NONE, false, true, 5, true},
        // work that remains, and another run's lock, are a warning
        {"any", SEVERITY_NONE, false, false, RC_PARTIAL, true},
        {"warning", SEVERITY_NONE, false, false, RC_PARTIAL, true},
        {"error", SEVERITY_INFO, false, false, RC_PARTIAL, false},
        {"warning", SEVERITY_NONE, false, false, RC_LOCKED, true},
        {"critical", SEVERITY_NONE, false, false, RC_LOCKED, false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const Digest digest = {.gravest = cases[i].found, .has_new = cases[i].has_new};
        NotifyEvent event = event_of(&digest);
        event.has_failed = cases[i].has_failed;
        event.exit_code = cases[i].exit_code;
        if (notify_is_due(cases[i].when, &event) != cases[i].is_due)
            fail_msg("case %zu: %s", i, cases[i].when);
        event.test = "ops";
        assert_true(notify_is_due(cases[i].when, &event));
    }
}

/* ---- texts stay texts, and fit --------------------------------------------------------------- */

static cJSON *parsed(const char *text)
{
    cJSON *json = cJSON_Parse(text);

    if (!json)
        fail_msg("no JSON: %s", text);
    return json;
}

static void check_texts(const cJSON *node, size_t most)
{
    if (cJSON_IsString(node) && strlen(node->valuestring) > most)
        fail_msg("%zu bytes of text", strlen(node->valuestring));
    for (const cJSON *at = node->child; at; at = at->next)
        check_texts(at, most);
}

static void check_slack(const char *text)
{
    cJSON *json = parsed(text);
    const cJSON *blocks = cJSON_GetObjectItem(json, "blocks");
    const char *preview = cJSON_GetObjectItem(json, "text")->valuestring;

    assert_in_range(cJSON_GetArraySize(blocks), 1, 50);
    check_texts(json, 3000);
    assert_null(strchr(preview, '<'));
    assert_null(strchr(preview, '>'));
    cJSON_Delete(json);
}

static void check_teams(const char *text)
{
    cJSON *json = parsed(text);

    assert_null(strstr(text, "{{"));
    assert_lacks(text, "\"TextBlock\""); // which would read Markdown
    check_texts(json, 3000);
    cJSON_Delete(json);
}

/* Every mark-up in it is ours. */
static void check_html(const char *text)
{
    static const char *const ours[] = {"!DOCTYPE", "html", "head", "meta ", "title",
                                       "style",    "body", "div ", "h1 ",   "h2 ",
                                       "p ",       "b>",   "/"};
    const char *body = strstr(text, "</style>");

    assert_non_null(body);
    for (const char *at = text; (at = strchr(at, '<')); at++) {
        bool is_ours = false;
        for (size_t i = 0; i < ARRAY_LEN(ours) && !is_ours; i++)
            is_ours = strncmp(at + 1, ours[i], strlen(ours[i])) == 0;
        if (!is_ours)
            fail_msg("<%.20s", at + 1);
    }
    assert_lacks(body, "<script");
    assert_lacks(body, " onerror=\"");
    assert_lacks(text, "src=\""); // nothing is fetched
    assert_lacks(text, "href=\"");
    assert_lacks(text, "url(");
}

static void check_letter(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n");

    assert_non_null(end);
    char *head = arena_copy(&arena, text, (size_t)(end - text));
    assert_lacks(head, "\r\nBcc:");
    for (const char *at = text; *at; at++) {
        if ((unsigned char)*at >= 0x7F || (*at < ' ' && *at != '\r' && *at != '\n'))
            fail_msg("byte %02X in a mail", (unsigned char)*at);
        if (at > text && *at == '\n')
            assert_int_equal(at[-1], '\r');
    }
}

static void check_all(const NotifyEvent *event)
{
    cJSON *json = parsed(put(event, &format_json));

    cJSON_Delete(json);
    check_slack(put(event, &format_slack));
    check_teams(put(event, &format_teams));
    const char *text = put(event, &format_text);
    for (; *text; text++)
        assert_true(*text == '\n' || (unsigned char)*text >= ' ');
    check_letter(letter(event));
}

static const char *const hostile[] = {
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!channel> <!here> <@U024BE7LH> <https://evil.example|click>",
    "*bold* _it_ ~no~ `code` > quote &lt; & &amp;",
    "[click](javascript:alert(1)) **x** {{DATE(2017-02-14T06:00:00Z)}} {{{{",
    "<at>everybody</at> @{body('x')} ${x}",
    "a\r\nBcc: all@example.com\r\n\r\nbody",
    "\r\n.\r\nMAIL FROM:<x>",
    "=?UTF-8?B?aGk=?= --=_ssisminer_part--",
    "\"\\\"}],\"x\":\"",
    "\x1b[31mred\x07 \xE2\x80\xAE"
    "evil \xFF\xFE \xED\xA0\x80",
    "\xF0\x9F\x94\xA5\xF0\x9F\x94\xA5 \xC3\xA4\xC3\xB6\xC3\xBC \xE4\xB8\xAD\xE6\x96\x87",
    "' OR 1=1 --",
    ".",
};

static void test_message__what_a_server_says_stays_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
        NotifyEvent event = event_of(digest_of(hostile[i], 2));
        check_all(&event);
        const char *page = put(&event, &format_html);
        check_html(page);
        event.error = event.hint = event.host = hostile[i];
        check_all(&event);
        event.digest = NULL;
        event.has_failed = true;
        check_all(&event);
    }
}

/* Long ones, of pieces of the above; the same seed gives the same. */
static void test_message__long_and_wild_texts_fit(void **state)
{
    enum { TURNS = 400 };
    const char *given = getenv("SSISMINER_TEST_SEED");
    unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : 19;

    (void)state;
    for (int turn = 0; turn < TURNS; turn++) {
        AUTO(buf_done) Buf text = BUF(20000);
        size_t pieces = (size_t)rand_r(&seed) % 60 + 1;
        for (size_t i = 0; i < pieces; i++)
            buf_puts(&text, hostile[(size_t)rand_r(&seed) % ARRAY_LEN(hostile)]);
        if (turn % 5 == 0) {
            buf_reset(&text);
            buf_pad(&text, "\"<&\x01="[turn / 5 % 5], 2000);
        }
        NotifyEvent event = event_of(digest_of(buf_text(&text), (size_t)rand_r(&seed) % 30));
        event.error = turn % 3 == 0 ? buf_text(&text) : "";
        check_all(&event);
        arena_reset(&arena);
    }
}

static void test_message__what_was_cut_is_told(void **state)
{
    AUTO(buf_done) Buf wide = BUF(400);

    (void)state;
    buf_pad(&wide, 'x', 290);
    const NotifyEvent event = event_of(digest_of(buf_text(&wide), 30));
    assert_contains(put(&event, &format_slack), "This message was cut to what its channel takes");
    assert_contains(put(&event, &format_slack), "ssisminer report --all");
    assert_lacks(put(&event, &format_text), "This message was cut");
    const NotifyEvent small = event_of(digest_of(NULL, 1));
    assert_lacks(put(&small, &format_slack), "This message was cut");
}

static void test_message__a_subject_in_any_language_is_encoded(void **state)
{
    AUTO(buf_done) Buf title = BUF(400);

    (void)state;
    for (int i = 0; i < 40; i++)
        buf_puts(&title, "\xC3\xA4\xE4\xB8\xAD ");
    const NotifyEvent event = event_of(digest_of(buf_text(&title), 1));
    const char *text = letter(&event), *subject = strstr(text, "Subject: ");
    const char *end = strstr(subject, "\r\nDate:");
    assert_true(strncmp(subject, "Subject: =?UTF-8?B?W3NzaXNtaW5lcl0gY3JpdGljYWw6IM", 48) == 0);
    for (const char *at = subject; at < end; at++)
        assert_in_range((unsigned char)*at, '\n', 0x7E);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_message__as_text, teardown),
        cmocka_unit_test_teardown(test_message__as_a_card_of_teams, teardown),
        cmocka_unit_test_teardown(test_message__as_blocks_of_slack, teardown),
        cmocka_unit_test_teardown(test_message__as_json, teardown),
        cmocka_unit_test_teardown(test_message__as_a_mail, teardown),
        cmocka_unit_test_teardown(test_message__a_run_that_failed_says_why, teardown),
        cmocka_unit_test_teardown(test_message__a_test_says_that_it_is_one, teardown),
        cmocka_unit_test_teardown(test_message__who_is_told, teardown),
        cmocka_unit_test_teardown(test_message__what_a_server_says_stays_text, teardown),
        cmocka_unit_test_teardown(test_message__long_and_wild_texts_fit, teardown),
        cmocka_unit_test_teardown(test_message__what_was_cut_is_told, teardown),
        cmocka_unit_test_teardown(test_message__a_subject_in_any_language_is_encoded, teardown),
    };
    int failed = cmocka_run_group_tests_name("notify/message", tests, NULL, NULL);

    arena_done(&arena);
    return failed;
}
