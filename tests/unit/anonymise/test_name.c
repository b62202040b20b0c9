/* What becomes of names and values: their shape, that no two become one, what stays. */
#include "anonymiser.h"

#include "ssisminer/base/utf.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static bool is_of_one_shape(const char *a, const char *b)
{
    Str left = str_of(a), right = str_of(b);
    size_t at = 0, used, own;

    if (left.len != right.len)
        return false;
    for (; at < left.len; at += used) {
        uint32_t was = utf_next(left.at + at, left.len - at, &used);
        uint32_t is = utf_next(right.at + at, right.len - at, &own);
        bool was_digit = was >= '0' && was <= '9', is_digit = is >= '0' && is <= '9';
        bool was_letter = was >= 0x80 || ((was | 0x20) >= 'a' && (was | 0x20) <= 'z');
        bool is_letter = is >= 0x80 || ((is | 0x20) >= 'a' && (is | 0x20) <= 'z');
        bool is_capital = (utf_fold(was) != was) == (utf_fold(is) != is);
        if (used != own || was_digit != is_digit || was_letter != is_letter || !is_capital ||
            (!was_digit && !was_letter && was != is))
            return false;
    }
    return true;
}

static void test_name__keeps_its_shape(void **state)
{
    static const char *const names[] = {
        "Warehouse",
        "Load Orders.dtsx",
        "stg_Orders_2024",
        "CONTOSO\\anna.keller",
        "anna.keller@contoso.com",
        "\\Package\\Load staging",
        "C:\\in\\Orders 2024.csv",
        "\\\\srv01\\share\\x.xlsx",
        "K\xC3\xB6ln_\xC3\x9C"
        "bersicht",
        "\xCE\x94\xCE\xB7\xCE\xBC\xCE\xBF",
        "\xD0\x97\xD0\xB0\xD0\xBA\xD0\xB0\xD0\xB7\xD1\x8B",
        "\xE5\xA3\xB2\xE4\xB8\x8A\xE3\x83\x87",
        "\xED\x8C\x90\xEB\xA7\xA4",
        "\xF0\xA0\x80\x80\xF0\xA0\x80\x81 \xF0\x9F\x98\x80",
        "a.*(b)[c]+?^$|",
    };
    AUTO(anonymise_close_at) Anonymiser *anonymiser = anonymiser_of(1);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *made = name_of(anonymiser, names[i]);
        if (!is_of_one_shape(names[i], made))
            fail_msg("'%s' became '%s'", names[i], made);
        if (strcmp(names[i], made) == 0)
            fail_msg("'%s' stayed", names[i]);
    }
}

static void test_name__odd_names(void **state)
{
    char longest[129];
    AUTO(anonymise_close_at) Anonymiser *anonymiser = anonymiser_of(1);

    (void)state;
    memset(longest, 'x', 128);
    longest[128] = '\0';
    assert_string_equal(name_of(anonymiser, ""), "");
    assert_string_equal(name_of(anonymiser, " - "), " - ");
    assert_int_equal(strlen(name_of(anonymiser, "q")), 1);
    assert_int_equal(strlen(name_of(anonymiser, longest)), 128);
    assert_string_not_equal(name_of(anonymiser, longest), longest);
    assert_string_equal(name_of(anonymiser, "\xFF\xC3"), "\xFF\xC3"); // no text
}

static void test_name__case_is_kept_and_makes_no_other_name(void **state)
{
    AUTO(anonymise_close_at) Anonymiser *anonymiser = anonymiser_of(2);
    const char *small = name_of(anonymiser, "warehouse"),
               *capital = name_of(anonymiser, "WAREHOUSE");

    (void)state;
    assert_true(str_same_fold(small, capital));
    assert_string_not_equal(small, capital);
}

static void test_name__the_same_piece_is_the_same_everywhere(void **state)
{
    AUTO(anonymise_close_at) Anonymiser *anonymiser = anonymiser_of(3);
    const char *part = name_of(anonymiser, "Customers");

    (void)state;
    assert_contains(name_of(anonymiser, "Load Customers.dtsx"), part);
    assert_contains(name_of(anonymiser, "\\Package\\Load Customers"), part);
    assert_contains(name_of(anonymiser, "C:\\in\\Customers\\1.csv"), part);
}

static void test_name__what_the_product_calls_things_stays(void **state)
{
    static const char *const kept[] = {"SSISDB",
                                       "\\Package",
                                       "Data Flow Task",
                                       "OLE DB Source",
                                       "ole db source",
                                       "SSIS.Pipeline",
                                       "NT AUTHORITY\\SYSTEM",
                                       "LOGGING_LEVEL",
                                       "0x80040E4D",
                                       "127.0.0.1",
                                       "##MS_SSISServerCleanupJobLogin##",
                                       "00000000-0000-0000-0000-000000000000"};
    AUTO(anonymise_close_at) Anonymiser *anonymiser = anonymiser_of(4);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        assert_string_equal(name_of(anonymiser, kept[i]), kept[i]);
    assert_contains(name_of(anonymiser, "Load Orders.DTSX"), ".DTSX");
    assert_contains(name_of(anonymiser, "contoso.database.windows.net"), ".database.windows.net");
    assert_contains(name_of(anonymiser, "http://dwh:8080/x"), ":8080/");
    assert_string_not_equal(name_of(anonymiser, "SSISDB2"), "SSISDB2");
}

static void test_name__guids_and_addresses_stay_such(void **state)
{
    unsigned a, b, c, d;
    char rest;
    AUTO(anonymise_close_at) Anonymiser *anonymiser = anonymiser_of(5);
    const char *guid = name_of(anonymiser, "{6a53a807-6467-4F99-9C26-DAD2C7082601}");
    const char *upper = name_of(anonymiser, "6A53A807-6467-4F99-9C26-DAD2C7082601");
    const char *six = name_of(anonymiser, "2001:db8::8a2e:370:7334");

    (void)state;
    assert_int_equal(strspn(guid + 1, "0123456789abcdef-"), 36);
    assert_memory_equal(guid + 37, "}", 2);
    assert_int_equal(strspn(upper, "0123456789ABCDEF-"), 36);
    assert_true(str_equal_fold((Str){guid + 1, 36}, str_of(upper)));
    assert_int_equal(
        sscanf(name_of(anonymiser, "10.1.22.133"), "%u.%u.%u.%u%c", &a, &b, &c, &d, &rest), 4);
    assert_true(a >= 10 && a <= 99 && b <= 9 && c >= 10 && c <= 99 && d >= 100 && d <= 255);
    assert_int_equal(strspn(six, "0123456789abcdef:"), strlen("2001:db8::8a2e:370:7334"));
    assert_string_not_equal(six, "2001:db8::8a2e:370:7334");
}

/* A permutation of all words of a shape: no two become one. */
static void test_name__no_two_become_one(void **state)
{
    static char made[26 * 26 * 10][4];
    AUTO(anonymise_close_at) Anonymiser *anonymiser = anonymiser_of(6);
    size_t count = 0;

    (void)state;
    for (char a = 'a'; a <= 'z'; a++)
        for (char b = 'a'; b <= 'z'; b++)
            for (char c = '0'; c <= '9'; c++) {
                char name[] = {a, b, c, '\0'};
                memcpy(made[count++], name_of(anonymiser, name), 4);
            }
    qsort(made, count, sizeof(*made), (int (*)(const void *, const void *))strcmp);
    for (size_t i = 1; i < count; i++)
        assert_string_not_equal(made[i - 1], made[i]);
}

static void test_name__another_key_gives_other_names(void **state)
{
    AUTO(anonymise_close_at)
    Anonymiser *one = anonymiser_of(7), *two = anonymiser_of(8), *again = anonymiser_of(7);

    (void)state;
    assert_string_not_equal(name_of(one, "Warehouse"), name_of(two, "Warehouse"));
    assert_string_equal(name_of(one, "Warehouse"), name_of(again, "Warehouse"));
    assert_string_not_equal(anonymise_key_id(one), anonymise_key_id(two));
    assert_string_equal(anonymise_key_id(one), anonymise_key_id(again));
}

static const char *value_of(Anonymiser *anonymiser, const char *value)
{
    static Buf out;

    buf_done(&out);
    out = BUF(1000);
    anonymise_value(anonymiser, str_of(value), &out);
    return buf_text(&out);
}

static void test_value__numbers_stay_numbers_and_times_stay(void **state)
{
    AUTO(anonymise_close_at) Anonymiser *anonymiser = anonymiser_of(9);
    char *end = NULL;

    (void)state;
    assert_string_equal(value_of(anonymiser, "True"), "True");
    assert_string_equal(value_of(anonymiser, "2026-10-21T00:00:00.0000000"),
                        "2026-10-21T00:00:00.0000000");
    assert_string_equal(value_of(anonymiser, "2026-10-21 10:00:00 +01:00"),
                        "2026-10-21 10:00:00 +01:00");
    assert_contains(value_of(anonymiser, "-1.500000000000000e+003"), "e+003");
    (void)strtod(value_of(anonymiser, "-1.500000000000000e+003"), &end);
    assert_string_equal(end, "");
    assert_string_not_equal(value_of(anonymiser, "dwh.corp.local"), "dwh.corp.local");
    assert_string_not_equal(value_of(anonymiser, "123456"), "123456");
    assert_int_equal(strspn(value_of(anonymiser, "123456"), "0123456789"), 6);
}

static void test_property__what_the_product_calls_it_stays(void **state)
{
    AUTO(anonymise_close_at) Anonymiser *anonymiser = anonymiser_of(10);
    AUTO(buf_done) Buf out = BUF(1000);

    (void)state;
    anonymise_property(anonymiser,
                       str_of("\\Package.Connections[Warehouse].Properties[ServerName]"), &out);
    assert_contains(buf_text(&out), "\\Package.Connections[");
    assert_contains(buf_text(&out), "].Properties[ServerName]");
    assert_lacks(buf_text(&out), "Warehouse");
}

/* Signatures that ask for a task's or component's name find in a pseudonym what they found in it.
 */
static void test_name__what_signatures_ask_of_names_stays(void **state)
{
    char path[600], line[4096];
    size_t asked = 0;
    AUTO(anonymise_close_at) Anonymiser *anonymiser = anonymiser_of(11);
    DIR *folder = opendir("config/signatures");

    (void)state;
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        (void)snprintf(path, sizeof(path), "config/signatures/%s", entry->d_name);
        FILE *file = str_ends(path, ".yaml") ? fopen(path, "r") : NULL;
        while (file && fgets(line, sizeof(line), file)) {
            char glob[100], name[120];
            if (sscanf(line, " source_name: \"*%90[^*\"]*\"", glob) != 1 &&
                sscanf(line, " subcomponent: \"*%90[^*\"]*\"", glob) != 1)
                continue;
            asked++;
            (void)snprintf(name, sizeof(name), "My%sThing", glob);
            if (!strcasestr(name_of(anonymiser, name), glob))
                fail_msg("'%s' became '%s'", name, name_of(anonymiser, name));
        }
        if (file)
            (void)fclose(file);
    }
    (void)closedir(folder);
    assert_true(asked >= 3);
}

/* So do logins of what duplicates looks for in them, to tell who starts something. */
static void test_name__what_tells_kinds_of_logins_stays(void **state)
{
    char line[1000], word[40], name[60];
    size_t asked = 0;
    AUTO(anonymise_close_at) Anonymiser *anonymiser = anonymiser_of(12);
    FILE *file = fopen("src/duplicates/contexts.c", "r");

    (void)state;
    assert_non_null(file);
    while (fgets(line, sizeof(line), file))
        for (const char *at = line; (at = strstr(at, "\"*")) != NULL; at += 2) {
            if (sscanf(at, "\"*%39[a-z -]*\"", word) != 1 || word[0] == '-')
                continue;
            asked++;
            (void)snprintf(name, sizeof(name), "X %s", word);
            assert_contains(name_of(anonymiser, name), word);
            (void)snprintf(name, sizeof(name), "my%sx", word);
            if (!strpbrk(word, " -"))
                assert_contains(name_of(anonymiser, name), word);
        }
    (void)fclose(file);
    assert_true(asked >= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_name__keeps_its_shape),
        cmocka_unit_test(test_name__odd_names),
        cmocka_unit_test(test_name__case_is_kept_and_makes_no_other_name),
        cmocka_unit_test(test_name__the_same_piece_is_the_same_everywhere),
        cmocka_unit_test(test_name__what_the_product_calls_things_stays),
        cmocka_unit_test(test_name__guids_and_addresses_stay_such),
        cmocka_unit_test(test_name__no_two_become_one),
        cmocka_unit_test(test_name__another_key_gives_other_names),
        cmocka_unit_test(test_value__numbers_stay_numbers_and_times_stay),
        cmocka_unit_test(test_property__what_the_product_calls_it_stays),
        cmocka_unit_test(test_name__what_signatures_ask_of_names_stays),
        cmocka_unit_test(test_name__what_tells_kinds_of_logins_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
