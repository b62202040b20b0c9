/* Runs of dtexec, in every language, whole and cut. */
#include "collect.h"

#include "ssisminer/ssisdb/ssisdb.h"

#include <dirent.h>

#define BANNER                                                                                     \
    "Microsoft (R) SQL Server Execute Package Utility\nVersion 15.0 for 64-bit\nStarted:  "        \
    "10:00:00\n"
#define TRAILER                                                                                    \
    "DTExec: The package execution returned DTSER_FAILURE (1).\nStarted:  10:00:00\n"              \
    "Finished: 10:00:04\nElapsed:  4.047 seconds\n"
#define PROGRESS                                                                                   \
    "Progress: 2024-05-01 10:00:01.00\n   Source: Load\n   Validating: 0% complete\nEnd "          \
    "Progress\n"
#define ERROR_OF(text)                                                                             \
    "Error: 2024-05-01 10:00:02.50\n   Code: 0xC0202009\n   Source: Load Orders [2]\n   "          \
    "Description: " text "\nEnd Error\n"

static void test_dtexec__a_run_is_one_record(void **state)
{
    (void)state;
    collect(LOG_AUTO, BANNER PROGRESS ERROR_OF("first")
                          ERROR_OF("second\nError: inside\n\nEnd of it") TRAILER);
    assert_int_equal(collected_count, 1);
    assert_int_equal(collected[0].message_count, 2);
    assert_int_equal(collected[0].status, STATUS_FAILED);
    assert_string_equal(text_at(0, 0), "first");
    assert_string_equal(text_at(0, 1), "second\nError: inside\n\nEnd of it");
    const DiagMessage *message = &collected[0].messages[0];
    assert_int_equal(message->code, 0xC0202009);
    assert_int_equal(message->type, MESSAGE_ERROR);
    assert_string_equal(message->source_name, "Load Orders [2]");
    assert_int_equal(message->line, 8);
    assert_int_equal(message->ticks - time_days_from_civil(2024, 5, 1) * TICKS_PER_DAY,
                     (INT64_C(10) * 3600 + 2) * TICKS_PER_SECOND + TICKS_PER_SECOND / 2);
}

static void test_dtexec__runs_of_an_appended_file(void **state)
{
    (void)state;
    collect(LOG_AUTO, BANNER ERROR_OF("a") TRAILER BANNER ERROR_OF("b") TRAILER);
    assert_int_equal(collected_count, 2);
    assert_string_equal(text_at(1, 0), "b");
    collect(LOG_AUTO, ERROR_OF("a") TRAILER ERROR_OF("b") TRAILER); // wrappers cut the banner
    assert_int_equal(collected_count, 2);
    collect(LOG_AUTO,
            ERROR_OF("a") TRAILER "Process exited with code 1.\nMail was not sent: failed\n");
    assert_int_equal(collected_count, 2);
    assert_int_equal(collected[0].message_count, 1); // what wraps the run is part of it
    assert_string_equal(text_at(1, 0), "Mail was not sent: failed");
}

static void test_dtexec__a_block_without_its_tail(void **state)
{
    (void)state;
    collect(LOG_AUTO,
            "Error: 2024-05-01 10:00:02.50\n   Code: 0xC0202009\n   Source: A\n   "
            "Description: cut\n" ERROR_OF("whole") "Error: 2024-05-01 10:00:02.50\n   Code: 0xC02");
    assert_int_equal(collected_count, 1);
    assert_int_equal(collected[0].message_count, 3);
    assert_string_equal(text_at(0, 0), "cut");
    assert_string_equal(text_at(0, 1), "whole");
}

/* F3 of the field's files. */
static void test_dtexec__field_F3_in_another_language(void **state)
{
    (void)state;
    collect(LOG_AUTO, "Fehler: 2026-11-30 02:00:04.11\n   Code: 0xC0014099\n   Quelle: Laden\n   "
                      "Beschreibung: Irgendwas geht nicht.\nEnde Fehler\n"
                      "Warnung: 2026-11-30 02:00:05.11\n   Code: 0x80019002\n   Quelle: Laden\n   "
                      "Beschreibung: Hm.\nEnde Warnung\n");
    assert_int_equal(collected_count, 1);
    assert_int_equal(collected[0].message_count, 2);
    assert_int_equal(collected[0].messages[0].type, MESSAGE_ERROR);
    assert_string_equal(text_at(0, 0), "Irgendwas geht nicht.");
    assert_string_equal(collected[0].messages[0].source_name, "Laden");
    assert_int_equal(collected[0].messages[1].type, MESSAGE_WARNING);
    assert_string_equal(text_at(0, 1), "Hm.");
}

/* A blank before the colon, a wide colon, ends that are one word, and one that nobody has seen. */
static void test_dtexec__frames_of_other_languages(void **state)
{
    static const struct {
        const char *head, *code, *source, *tail;
    } frames[] = {
        {"Erreur : ", "Code : ", "Source : ", "Fin de l'erreur"},
        {"Erreur\xC2\xA0: ", "Code\xC2\xA0: ", "Source\xC2\xA0: ", "Fin de l'erreur"},
        {"错误：", "代码：", "源：", "错误结束"},
        {"Fehler: ", "Code: ", "Quelle: ", "Fehlerende"},
        {"Error: ", "Código: ", "Origen: ", "Fin de error"},
        {"Ошибка: ", "Код: ", "Источник: ", "Конец ошибки"},
        {"Virhe: ", "Koodi: ", "Lähde: ", "Virheen loppu"},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
        AUTO(buf_done) Buf log = BUF(4096);
        for (int block = 0; block < 2; block++)
            buf_printf(&log,
                       "%s2024-05-01 10:00:02.50\n   %s0xC0202009\n   %sA\n   X: first\nEnde\n%s\n",
                       frames[i].head, frames[i].code, frames[i].source, frames[i].tail);
        collect(LOG_AUTO, log.text);
        if (collected_count != 1 || collected[0].message_count != 2)
            fail_msg("%s: %zu records", frames[i].head, collected_count);
        for (size_t k = 0; k < 2; k++) {
            assert_string_equal(text_at(0, k), "first\nEnde");
            assert_int_equal(collected[0].messages[k].code, 0xC0202009);
            assert_int_equal(collected[0].messages[k].type, MESSAGE_ERROR);
            assert_string_equal(collected[0].messages[k].source_name, "A");
            assert_true(collected[0].messages[k].ticks != 0);
        }
    }
}

/* A job step is one line of several blocks; a text may begin as its head does. */
static void test_dtexec__blocks_of_a_job_step(void **state)
{
    (void)state;
    collect(LOG_AUTO,
            "Executed as user: D\\u. Microsoft (R) SQL Server Execute Package Utility  Version "
            "15.0  Started:  10:00:00  "
            "Error: 2024-05-01 10:00:02.50     Code: 0xC0202009     Source: A      Description: "
            "Error one.  More of it.  End Error  "
            "Error: 2024-05-01 10:00:03.50     Code: 0xC0047017     Source: B      Description: "
            "two  End Error  "
            "Warning: 2024-05-01 10:00:04.50     Code: 0x80019002     Source: C      Description: "
            "three  End Warning  "
            "DTExec: The package execution returned DTSER_FAILURE (1).  Started:  10:00:00  "
            "Finished: 10:00:04  "
            "Elapsed:  4.047 seconds.  The package execution failed.  The step failed.\n");
    assert_int_equal(collected_count, 1);
    assert_int_equal(collected[0].message_count, 3);
    assert_int_equal(collected[0].status, STATUS_FAILED);
    assert_string_equal(text_at(0, 0), "Error one.  More of it.");
    assert_string_equal(text_at(0, 1), "two");
    assert_int_equal(collected[0].messages[1].code, 0xC0047017);
    assert_string_equal(collected[0].messages[2].source_name, "C");
}

static void test_dtexec__without_messages_the_result_is_one(void **state)
{
    (void)state;
    collect(LOG_AUTO, TRAILER);
    assert_int_equal(collected_count, 1);
    assert_string_equal(text_at(0, 0), "The package execution returned DTSER_FAILURE (1).");
    collect(LOG_AUTO,
            BANNER PROGRESS "DTExec: The package execution returned DTSER_SUCCESS (0).\n");
    assert_int_equal(collected_count, 1);
    assert_int_equal(collected[0].message_count, 0);
    assert_int_equal(collected[0].status, STATUS_SUCCEEDED);
}

static void test_dtexec__what_cannot_be_loaded(void **state)
{
    (void)state;
    collect(LOG_AUTO, BANNER "Could not load package \"a.dtsx\" because of error 0xC0014062.\n"
                             "Description: no file\nSource: \nStarted:  10:00:00\n"
                             "Finished: 10:00:00\nElapsed:  0.1 seconds\n");
    assert_int_equal(collected_count, 1);
    assert_int_equal(collected[0].message_count, 1);
    assert_contains(text_at(0, 0), "0xC0014062.\nDescription: no file");
}

/* ---- a long run in parts, and the short cuts ------------------------------------------------- */

static size_t parts, messages;

static Rc count_part(void *context, const LogRecord *record, Err *err)
{
    (void)context, (void)err;
    parts++;
    messages += record->message_count;
    assert_int_equal(record->run, 1);
    assert_true(record->goes_on || parts > 1);
    return RC_OK;
}

static void test_dtexec__a_long_run_is_told_in_parts(void **state)
{
    enum { COUNT = 20000 };
    AUTO(buf_done) Buf log = BUF(16 * 1024 * 1024);
    Scan scan = {.request = {.on_record = count_part}};
    Err err = {0};
    (void)state;

    for (int i = 0; i < COUNT; i++)
        buf_puts(&log, ERROR_OF("a text that is not so short"));
    FILE *stream = fmemopen(log.text, log.len, "r");
    assert_int_equal(scan_stream(&scan, stream, "f", &err), RC_OK);
    (void)fclose(stream);
    assert_int_equal(messages, COUNT);
    assert_true(parts > 2);
    assert_int_equal(scan.record_count, 1);
}

static void put_record(Buf *into, const LogRecord *record)
{
    buf_printf(into, "%zu %s:%zu %d %d %zu %d %s\n", record->number, record->file, record->line,
               record->status, record->is_quiet, record->run, record->goes_on,
               record->trouble ? record->trouble : "");
    for (size_t i = 0; i < record->message_count; i++) {
        const DiagMessage *message = &record->messages[i];
        buf_printf(into, "  %zu %lld %d %lld %s ", message->line, (long long)message->code,
                   message->type, (long long)message->ticks,
                   message->source_name ? message->source_name : "-");
        buf_put(into, message->text.at, message->text.len);
        buf_putc(into, '\n');
    }
}

static Rc write_record(void *context, const LogRecord *record, Err *err)
{
    (void)err;
    put_record(context, record);
    return RC_OK;
}

static void read_into(Buf *into, const Buf *log, bool is_plain)
{
    Scan scan = {.request = {.on_record = write_record, .context = into, .is_plain = is_plain}};
    Err err = {0};
    FILE *stream = fmemopen(log->text, log->len, "r");

    assert_int_equal(scan_stream(&scan, stream, "f", &err), RC_OK);
    (void)fclose(stream);
}

/* Logs of whole, torn and mixed pieces, read with and without the short cuts. */
static void test_dtexec__short_cuts_change_nothing(void **state)
{
    static const char *const pieces[] = {
        BANNER,
        TRAILER,
        PROGRESS,
        PROGRESS PROGRESS PROGRESS PROGRESS,
        ERROR_OF("x"),
        "Info: 2024-05-01 10:00:01.00\n   Code: 0x4004300A\n   Source: A\n   Description: b\nEnd "
        "Info\n",
        "Info: 2024-05-01 10:00:01.00\n   Code: 0x4004300A\nat column 0\nEnd Info\n",
        "Progress: 2024-05-01 10:00:01.00\n   Source: A\n",
        "End Progress\n",
        "   Source: x\n",
        "\n",
        "Progress: 2024-05-01 10:00:01.00\r\n   Source: A\r\nEnd Progress\r\n",
        "An error\n",
        "Progress: 2024-05-01 10:00:01.00\nEnd Progress\n",
        "2024-05-01 10:00:00 ERROR failed\n",
        "Info: 2024-05-01 10:00:01.00\n   A: b\nEnd Infos\n",
        "Info: x\n",
        "P",
        "End Info\n"};
    unsigned seed = 1;
    (void)state;

    for (int round = 0; round < 3000; round++) {
        AUTO(buf_done) Buf log = BUF(1 << 20), fast = BUF(1 << 22), plain = BUF(1 << 22);
        size_t count = 1 + (seed >> 16) % 40;
        for (size_t i = 0; i < count; i++) {
            seed = seed * 1103515245 + 12345;
            buf_puts(&log, pieces[(seed >> 16) % ARRAY_LEN(pieces)]);
        }
        if (round % 3 == 0)
            log.text[(seed >> 8) % log.len] = "\n :EI0"[(seed >> 4) % 6];
        read_into(&fast, &log, false);
        read_into(&plain, &log, true);
        if (fast.len != plain.len || memcmp(buf_text(&fast), buf_text(&plain), fast.len) != 0)
            fail_msg("round %d: fast\n%s\nplain\n%s\nof\n%s", round, fast.text, plain.text,
                     log.text);
    }
}

/* The same of every sample of a form that there is, one behind the other in one file, too. */
static void test_dtexec__short_cuts_change_nothing_of_samples(void **state)
{
    static const char folder[] = "tests/golden/scan-forms";
    AUTO(buf_done) Buf all = BUF(1 << 24);
    DIR *dir = opendir(folder);
    const struct dirent *item;
    size_t count = 0;
    (void)state;

    assert_non_null(dir);
    while ((item = readdir(dir))) {
        AUTO(buf_done) Buf log = BUF(1 << 22), fast = BUF(1 << 24), plain = BUF(1 << 24);
        FILE *file = fopen(arena_printf(&collect_arena, "%s/%s", folder, item->d_name), "rb");
        char *room = buf_room(&log, 1 << 20);
        size_t len = item->d_name[0] != '.' && file ? fread(room, 1, 1 << 20, file) : 0;
        if (file)
            (void)fclose(file);
        if (len == 0)
            continue;
        buf_added(&log, len);
        buf_put(&all, log.text, log.len);
        read_into(&fast, &log, false);
        read_into(&plain, &log, true);
        if (fast.len != plain.len || memcmp(buf_text(&fast), buf_text(&plain), fast.len) != 0)
            fail_msg("%s is read in two ways", item->d_name);
        count++;
    }
    (void)closedir(dir);
    assert_true(count > 40);
    AUTO(buf_done) Buf fast = BUF(1 << 24), plain = BUF(1 << 24);
    read_into(&fast, &all, false);
    read_into(&plain, &all, true);
    assert_int_equal(fast.len, plain.len);
    assert_memory_equal(fast.text, plain.text, fast.len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dtexec__a_run_is_one_record),
        cmocka_unit_test(test_dtexec__runs_of_an_appended_file),
        cmocka_unit_test(test_dtexec__a_block_without_its_tail),
        cmocka_unit_test(test_dtexec__field_F3_in_another_language),
        cmocka_unit_test(test_dtexec__frames_of_other_languages),
        cmocka_unit_test(test_dtexec__blocks_of_a_job_step),
        cmocka_unit_test(test_dtexec__without_messages_the_result_is_one),
        cmocka_unit_test(test_dtexec__what_cannot_be_loaded),
        cmocka_unit_test(test_dtexec__a_long_run_is_told_in_parts),
        cmocka_unit_test(test_dtexec__short_cuts_change_nothing),
        cmocka_unit_test(test_dtexec__short_cuts_change_nothing_of_samples),
    };
    return cmocka_run_group_tests(tests, NULL, collect_done);
}
