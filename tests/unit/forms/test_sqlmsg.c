/* `Msg` of sqlcmd and the server's error log. */
#include "collect.h"

#include "ssisminer/ssisdb/ssisdb.h"

static void test_sqlmsg__field_F2_head_and_text_are_one(void **state)
{
    (void)state;
    collect(LOG_AUTO,
            "Msg 701, Level 17, State 123, Server X, Line 1\nThere is insufficient system "
            "memory.\nMsg 27195, Level 16, State 1, Line 1\nSecond\nof two lines\n\n(3 "
            "rows affected)\nMsg 5701, Level 10, State 1\nChanged database context.\n");
    assert_int_equal(collected_count, 4);
    assert_int_equal(collected[0].messages[0].code, 701);
    assert_int_equal(collected[0].messages[0].type, MESSAGE_ERROR);
    assert_string_equal(text_at(0, 0), "There is insufficient system memory.");
    assert_string_equal(text_at(1, 0), "Second\nof two lines");
    assert_true(collected[2].is_quiet);
    assert_int_equal(collected[3].messages[0].type, MESSAGE_INFORMATION);
}

static void test_sqlmsg__field_F5_two_heads_are_two_errors(void **state)
{
    (void)state;
    collect(LOG_AUTO,
            "Error: 701, Severity: 17, State: 123.\nError: 824, Severity: 24, State: 2.\n");
    assert_int_equal(collected_count, 2);
    assert_int_equal(collected[0].messages[0].code, 701);
    assert_int_equal(collected[1].messages[0].code, 824);
    assert_string_equal(text_at(0, 0), "Error: 701, Severity: 17, State: 123");
}

static void test_sqlmsg__in_other_languages(void **state)
{
    (void)state;
    collect(LOG_AUTO, "Meldung 208, Ebene 16, Status 1, Zeile 1\nUngültiger Objektname.\n"
                      "Mens. 208, Nivel 16, Estado 1, Línea 1\nNo válido.\n"
                      "消息 208，级别 16，状态 1，第 1 行\n对象名无效。\n"
                      "メッセージ 208、レベル 16、状態 1、行 1\n無効です。\n"
                      "Erreur : 208, Gravité : 16, État : 1.\nNon valide.\n"
                      "错误：208，严重性：16，状态：1。\n无效。\n");
    assert_int_equal(collected_count, 6);
    for (size_t i = 0; i < collected_count; i++)
        assert_int_equal(collected[i].messages[0].code, 208);
    assert_string_equal(text_at(2, 0), "对象名无效。");
    assert_string_equal(text_at(4, 0), "Non valide.");
    assert_int_equal(collected[1].messages[0].code, 208);
    assert_string_equal(text_at(1, 0), "No válido.");
}

static void test_sqlmsg__error_log(void **state)
{
    (void)state;
    collect(LOG_AUTO, "2024-05-01 10:00:00.11 Server      Starting up database 'x'.\n"
                      "2024-05-01 10:00:01.12 spid51s     Error: 824, Severity: 24, State: 2.\n"
                      "2024-05-01 10:00:01.12 spid51s     A page is damaged.\n\tmore of it\n"
                      "2024-05-01 10:00:01.12 spid51s     Recovery is complete.\n");
    assert_int_equal(collected_count, 3);
    assert_true(collected[0].is_quiet);
    assert_int_equal(collected[1].messages[0].code, 824);
    assert_string_equal(text_at(1, 0), "A page is damaged.\n\tmore of it");
    assert_true(collected[1].messages[0].ticks != 0);
    assert_true(collected[2].is_quiet);
}

/* One backup: what failed, and that the backup did, in the same moment. */
static void test_sqlmsg__a_backup_and_its_reason(void **state)
{
    (void)state;
    collect(LOG_AUTO,
            "2024-05-01 10:00:01.12 spid51      Error: 18204, Severity: 16, State: 1.\n"
            "2024-05-01 10:00:01.12 spid51      The device failed to create.\n"
            "2024-05-01 10:00:01.13 Backup      Error: 3041, Severity: 16, State: 1.\n"
            "2024-05-01 10:00:01.13 Backup      BACKUP failed to complete the command.\n"
            "2024-05-01 10:00:02.50 Backup      Error: 3041, Severity: 16, State: 1.\n"
            "2024-05-01 10:00:02.50 Backup      BACKUP failed to complete the command.\n");
    assert_int_equal(collected_count, 2);
    assert_int_equal(collected[0].messages[0].code, 18204);
    assert_string_equal(text_at(0, 0), "The device failed to create.");
    assert_int_equal(collected[1].messages[0].code, 3041);
    assert_string_equal(text_at(1, 0), "BACKUP failed to complete the command.");
}

/* A procedure that raises what it met; two that raise something of their own are two. */
static void test_sqlmsg__raised_again(void **state)
{
    (void)state;
    collect(LOG_AUTO,
            "Server: Msg 2627, Level 14, State 1, Procedure load, Line 45\nThe key is there.\n"
            "Server: Msg 50000, Level 16, State 1, Procedure load, Line 72\nNot loaded.\n"
            "Server: Msg 50000, Level 16, State 1, Procedure load, Line 80\nNot checked.\n"
            "Msg 50000, Level 16, State 1, Line 3\nSomething else.\n");
    assert_int_equal(collected_count, 2);
    assert_int_equal(collected[0].messages[0].code, 2627);
    assert_string_equal(text_at(0, 0), "The key is there.");
    assert_string_equal(text_at(1, 0), "Something else.");
}

/* The provider says why before the server says what. */
static void test_sqlmsg__a_provider_and_its_message(void **state)
{
    (void)state;
    collect(LOG_AUTO,
            "OLE DB provider \"P\" for linked server \"L\" returned message \"No connection\".\n"
            "OLE DB provider \"P\" for linked server \"L\" returned message \"Not trusted.\".\n"
            "Msg -2146893019, Level 16, State 1, Line 0\nSSL Provider: Not trusted.\n"
            "Msg 208, Level 16, State 1, Line 9\nThe name is wrong.\n");
    assert_int_equal(collected_count, 2);
    assert_int_equal(collected[0].messages[0].code, -2146893019);
    assert_non_null(strstr(text_at(0, 0), "No connection"));
    assert_non_null(strstr(text_at(0, 0), "SSL Provider"));
    assert_string_equal(text_at(1, 0), "The name is wrong.");
}

/* What one check of a database finds; another statement's is another failure. */
static void test_sqlmsg__one_check(void **state)
{
    (void)state;
    collect(LOG_AUTO, "Msg 8939, Level 16, State 98, Line 1\nA page is wrong.\n"
                      "Msg 8928, Level 16, State 1, Line 1\nIt could not be processed.\n"
                      "Msg 8928, Level 16, State 1, Line 5\nAnother one.\n");
    assert_int_equal(collected_count, 2);
    assert_int_equal(collected[0].messages[0].code, 8939);
}

static void test_sqlmsg__error_log_with_gaps(void **state)
{
    (void)state;
    collect(LOG_AUTO, "2024-05-01 10:00:00.11 spid6s      Error: 948, Severity: 20, State: 1.\n\n"
                      "2024-05-01 10:00:00.11 spid6s      The version is too new.\n\n"
                      "2024-05-01 10:00:07.11 spid6s      Error: 824, Severity: 24, State: 2.\n\n"
                      "2024-05-01 10:00:07.11 spid6s      A page is torn.\n");
    assert_int_equal(collected_count, 2);
    assert_string_equal(text_at(0, 0), "The version is too new.");
    assert_string_equal(text_at(1, 0), "A page is torn.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sqlmsg__field_F2_head_and_text_are_one),
        cmocka_unit_test(test_sqlmsg__field_F5_two_heads_are_two_errors),
        cmocka_unit_test(test_sqlmsg__in_other_languages),
        cmocka_unit_test(test_sqlmsg__error_log),
        cmocka_unit_test(test_sqlmsg__a_backup_and_its_reason),
        cmocka_unit_test(test_sqlmsg__raised_again),
        cmocka_unit_test(test_sqlmsg__a_provider_and_its_message),
        cmocka_unit_test(test_sqlmsg__one_check),
        cmocka_unit_test(test_sqlmsg__error_log_with_gaps),
    };
    return cmocka_run_group_tests(tests, NULL, collect_done);
}
