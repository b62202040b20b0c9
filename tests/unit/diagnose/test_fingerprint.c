/* Fingerprints: what is masked, and that they stay for ever. */
#include "test.h"

#include "ssisminer/diagnose/diagnose.h"

#include <stdlib.h>

typedef struct Case {
    const char *text, *mask;
} Case;

static void test_fingerprint__masks(void **state)
{
    static const Case list[] = {
        {"Widget 17 of 'Foo' exploded.", "Widget <n> of <name> exploded"},
        {"Operation {1B2C3D4E-0000-4111-8222-ABCDEF012345} and "
         "1b2c3d4e-0000-4111-8222-abcdef012345",
         "Operation <guid> and <guid>"},
        {"HRESULT 0x80004005, code -1073741819, 1,234.5 rows",
         "HRESULT 0x80004005, code -1073741819, <n> rows"},
        {"at 0x7FFE0300 exit code is 4, Msg 547, SQLSTATE 42000, error code: 0x2 for row 0x2",
         "at <hex> exit code is 4, Msg 547, SQLSTATE 42000, error code: 0x2 for row <hex>"},
        {"At 2024-05-01T10:00:00.123Z and 2024-05-01 10:00:00 and 1/5/2024 and 10:00:00.",
         "At <time> and <time> and <time> and <time>"},
        {"File C:\\data\\in\\x y.csv and \\\\srv\\share\\a.txt and /mnt/in/b.csv and c.dtsx",
         "File <path> <path> and <path> and <path> and <path>"},
        {"Login CONTOSO\\svc at sql01.contoso.local and srv.database.windows.net as a@b.com",
         "Login <name> at <host> and <host> as <name>"},
        {"Table [dbo].[Orders] in [Sales DB].[x]", "Table <name> in <name>"},
        {"[OLE DB Source [12]] said no", "[OLE DB Source [<n>]] said no"},
        {"see https://example.com/a?b=1 now", "see <url> now"},
        {"It isn't the user's fault", "It isn't the user's fault"},
        {"\"Cannot\xE2\x80\x9D \xE2\x80\x9C"
         "Big Name\xE2\x80\x9D &quot;x&quot;",
         "\"Cannot\xE2\x80\x9D <name> <name>"},
        {"node01 of deadbeef42 and System.Data.SqlClient",
         "node<n> of <hex> and System.Data.SqlClient"},
        {"  many\r\n\t blanks  ", "many blanks"},
        {"\"A long quotation is a sentence of its own\" said it",
         "\"A long quotation is a sentence of its own\" said it"},
        {"", ""},
    };
    AUTO(arena_done) Arena arena = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(list); i++) {
        Fingerprint fingerprint = fingerprint_of(str_of(list[i].text), &arena);
        if (strcmp(fingerprint.mask, list[i].mask) != 0)
            fail_msg("<%s>\nis masked <%s>, not <%s>", list[i].text, fingerprint.mask,
                     list[i].mask);
    }
}

/* Ids go into reports and tickets: they must never change. */
static void test_fingerprint__is_stable(void **state)
{
    AUTO(arena_done) Arena arena = {0};

    (void)state;
    assert_string_equal(fingerprint_of(str_of(""), &arena).id, "u-14650fb0739d0383");
    Fingerprint one = fingerprint_of(str_of("Widget 17 exploded"), &arena);
    Fingerprint other = fingerprint_of(str_of("widget 4711  exploded."), &arena);
    Fingerprint different = fingerprint_of(str_of("Widget 17 imploded"), &arena);
    assert_string_equal(one.id, other.id);
    assert_string_not_equal(one.id, different.id);
    assert_int_equal(strlen(one.id), 18);
    assert_string_equal(one.id, "u-b32fbb018d9a49c6");
}

/* field-P7: the task's name is no part of it, a code is. */
static void test_fingerprint__field_P7(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    Fingerprint one = fingerprint_of(str_of("Write audit row:Error: Ledger 17 is closed"), &arena);
    (void)state;

    static const char *const same[] = {"Truncate staging:Error: Ledger 4711 is closed",
                                       "Ledger 3 is closed",
                                       "A task: of two:Error: ledger 5 is closed."};
    for (size_t i = 0; i < ARRAY_LEN(same); i++)
        assert_string_equal(fingerprint_of(str_of(same[i]), &arena).id, one.id);
    assert_string_equal(one.mask, "Ledger <n> is closed");
    Fingerprint refused = fingerprint_of(str_of("A:Error: failed with 0x80070005"), &arena);
    Fingerprint missing = fingerprint_of(str_of("B:Error: failed with 0x80070002"), &arena);
    assert_string_not_equal(refused.id, missing.id);
    assert_string_not_equal(fingerprint_of(str_of("exit code 4"), &arena).id,
                            fingerprint_of(str_of("exit code 5"), &arena).id);
}

static void test_fingerprint__long_text(void **state)
{
    enum { SIZE = 1024 * 1024 };
    AUTO(arena_done) Arena arena = {0};
    char *text = malloc(SIZE);

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < SIZE; i++)
        text[i] = "\xC3\xA4'x "[i % 5];
    Fingerprint fingerprint = fingerprint_of((Str){text, SIZE}, &arena);
    assert_true(strlen(fingerprint.mask) <= 1024);
    memset(text, '\'', SIZE);
    assert_true(strlen(fingerprint_of((Str){text, SIZE}, &arena).mask) <= 1024);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fingerprint__masks),
        cmocka_unit_test(test_fingerprint__is_stable),
        cmocka_unit_test(test_fingerprint__field_P7),
        cmocka_unit_test(test_fingerprint__long_text),
    };
    return cmocka_run_group_tests_name("diagnose/fingerprint", tests, NULL, NULL);
}
