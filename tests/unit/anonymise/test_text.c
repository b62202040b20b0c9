/* What in a message is the user's, and what is the product's. */
#include "anonymiser.h"

typedef struct Case {
    const char *text;
    const char *gone[4];  // are in it no more
    const char *stays[4]; // are in it still
} Case;

static void check(Anonymiser *anonymiser, const Case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *made = text_of(anonymiser, cases[i].text);
        for (size_t k = 0; k < ARRAY_LEN(cases[i].gone) && cases[i].gone[k]; k++)
            assert_lacks(made, cases[i].gone[k]);
        for (size_t k = 0; k < ARRAY_LEN(cases[i].stays) && cases[i].stays[k]; k++)
            assert_contains(made, cases[i].stays[k]);
    }
}

static void test_text__what_is_known_goes_as_whole_words(void **state)
{
    static const Case cases[] = {
        {"Warehouse could not be read", {"Warehouse"}, {" could not be read"}},
        {"the WAREHOUSE, warehouse; (Warehouse)", {"WAREHOUSE", "arehouse"}, {"the "}},
        {"Warehouses and Warehouse_2 are others", {0}, {"Warehouses and Warehouse_2"}},
        {"Load Orders Daily after Load Orders", {"Orders", "Daily"}, {" after "}},
        {"run ab.cd*ef+(gh) now", {"cd*ef"}, {"run ", " now"}},
        {"\xE3\x83\x95\xE3\x82\xA9\xE3\x83\xAB\xE3\x83\x80\xE3\x83\xBC\xE5\xA3\xB2\xE4\xB8\x8A\xE3\x81\xAE",
         {"\xE5\xA3\xB2\xE4\xB8\x8A"},
         {"\xE3\x83\x95\xE3\x82\xA9"}},
        {"Fehler in K\xC3\xB6ln", {"K\xC3\xB6ln"}, {"Fehler in "}},
        {"Fehler in K\xC3\x96LN", {"K\xC3\x96LN"}, {"Fehler in "}},
    };
    AUTO(anonymise_close_at) Anonymiser *anonymiser = anonymiser_of(1);

    (void)state;
    anonymise_learn(anonymiser, str_of("Warehouse"));
    anonymise_learn(anonymiser, str_of("Load Orders.dtsx"));
    anonymise_learn(anonymiser, str_of("Load Orders Daily"));
    anonymise_learn(anonymiser, str_of("ab.cd*ef+(gh)"));
    anonymise_learn(anonymiser, str_of("xyz.cd*ef"));
    anonymise_learn(anonymiser, str_of("\xE5\xA3\xB2\xE4\xB8\x8A"));
    anonymise_learn(anonymiser, str_of("k\xC3\xB6ln"));
    check(anonymiser, cases, ARRAY_LEN(cases));
}

static void test_text__names_of_ordinary_words_stay_where_a_text_says_them(void **state)
{
    static const Case cases[] = {
        {"An error occurred", {0}, {"An error occurred"}},
        {"The package Error failed", {0}, {"Error failed"}},
        {"Load Data:Error: The task failed", {"Load Data"}, {":Error: The task failed"}},
        {"folder 'Error' is missing", {"'Error'"}, {"folder '", "' is missing"}},
        {"in \\Package\\Error\\Load", {"\\Error\\"}, {"in \\Package\\"}},
    };
    AUTO(anonymise_close_at) Anonymiser *anonymiser = anonymiser_of(2);

    (void)state;
    anonymise_learn(anonymiser, str_of("Error"));
    anonymise_learn(anonymiser, str_of("Load Data"));
    anonymise_learn(anonymiser, str_of("a"));
    anonymise_learn(anonymiser, str_of(""));
    anonymise_learn(anonymiser, str_of("2627"));
    check(anonymiser, cases, ARRAY_LEN(cases));
    assert_contains(text_of(anonymiser, "Msg 2627, a duplicate"), "Msg 2627, a duplicate");
}

static void test_text__what_looks_like_a_place_goes(void **state)
{
    static const Case cases[] = {
        {"file C:\\in\\Contoso 1.csv is missing",
         {"Contoso", "\\in\\"},
         {"file C:\\", ".csv is missing"}},
        {"at \\\\contososrv\\drop$\\a.xlsx.", {"contososrv", "drop"}, {"at \\\\", ".xlsx."}},
        {"in /mnt/contoso/a.csv or and/or", {"contoso"}, {"in /", ".csv or and/or"}},
        {"host dwh7.corp.local:1433 refused", {"dwh7"}, {"host ", ".local:1433 refused"}},
        {"from 10.1.22.133 and 2001:db8::1", {"10.1.22.133", "2001:db8::1"}, {"from "}},
        {"Version=15.0.0.0, time 10:20:30, 127.0.0.1",
         {0},
         {"Version=15.0.0.0, time 10:20:30, 127.0.0.1"}},
        {"mail to anna.keller@contoso.com bounced", {"anna", "contoso"}, {"@", ".com bounced"}},
        {"https://contoso.blob.core.windows.net/drop?sig=abc",
         {"contoso", "drop"},
         {"https://", ".blob.core.windows.net/"}},
        {"login CONTOSO\\anna failed", {"CONTOSO", "anna"}, {"login ", " failed"}},
        {"id 6A53A807-6467-4F99-9C26-DAD2C7082601.", {"6A53A807", "DAD2C7082601"}, {"id "}},
        {"Hresult: 0x80040E4D, System.Data.SqlClient",
         {0},
         {"Hresult: 0x80040E4D, System.Data.SqlClient"}},
        {"failed.\\nAn OLE DB record", {0}, {"failed.\\nAn OLE DB record"}},
    };
    AUTO(anonymise_close_at) Anonymiser *anonymiser = anonymiser_of(3);

    (void)state;
    check(anonymiser, cases, ARRAY_LEN(cases));
}

static void test_text__what_is_quoted_goes_unless_it_is_prose(void **state)
{
    static const Case cases[] = {
        {"Login failed for user 'svc_dwh'.", {"svc_dwh"}, {"Login failed for user '", "'."}},
        {"Spalte \xE2\x80\x9EKundennummer\xE2\x80\x9C fehlt",
         {"Kundennummer"},
         {"Spalte ", " fehlt"}},
        {"colonne \xC2\xAB client_id \xC2\xBB absente", {"client_id"}, {"colonne ", " absente"}},
        {"\xE5\x88\x97\xE3\x80\x8Ckunde\xE3\x80\x8D", {"kunde"}, {"\xE3\x80\x8C", "\xE3\x80\x8D"}},
        {"Description: \"Login timeout expired\".", {0}, {"Login timeout expired"}},
        {"says: \"Login failed for user 'svc_dwh'.\"", {"svc_dwh"}, {"\"Login failed for user '"}},
        {"status \"VS_NEEDSNEWMETADATA\", can't and doesn't",
         {0},
         {"VS_NEEDSNEWMETADATA\", can't and doesn't"}},
        {"converting 'nvarchar' with 'System.String'", {0}, {"'nvarchar' with 'System.String'"}},
        {"object 'dbo.Kunden'. The duplicate key value is (42, ACME).",
         {"Kunden", "ACME"},
         {"'dbo.", "value is (", ")."}},
        {"[stg].[Kunden] of [SSIS.Pipeline]", {"Kunden"}, {"].[", "[SSIS.Pipeline]"}},
        {"Level 16, Procedure usp_Kunden, Line 3",
         {"usp_Kunden"},
         {"Level 16, Procedure ", ", Line 3"}},
        {"Procedure catalog.create_execution", {0}, {"Procedure catalog.create_execution"}},
        {"query \"SELECT kunde FROM stg.k WHERE ort = 'Bonn'\" failed",
         {"kunde", "Bonn"},
         {"\"SELECT ", " FROM ", " WHERE ", "failed"}},
        {"never closed 'svc", {0}, {"never closed 'svc"}},
    };
    AUTO(anonymise_close_at) Anonymiser *anonymiser = anonymiser_of(4);

    (void)state;
    check(anonymiser, cases, ARRAY_LEN(cases));
}

static void test_text__secrets_are_left_out(void **state)
{
    static const Case cases[] = {
        {"Data Source=dwh7;Initial Catalog=Kunden;User ID=etl_x;Password=S3cret!x;Provider=SQLNCLI11.1;",
         {"dwh7", "Kunden", "etl_x", "S3cret"},
         {"Data Source=", ";Password=;", "Provider=SQLNCLI11.1;"}},
        {"pwd = 'a b c'; next", {"a b c"}, {"; next"}},
        {"AccountKey=abc+/==;EndpointSuffix=core.windows.net",
         {"abc"},
         {"AccountKey=;EndpointSuffix=core.windows.net"}},
    };
    AUTO(anonymise_close_at) Anonymiser *anonymiser = anonymiser_of(5);

    (void)state;
    check(anonymiser, cases, ARRAY_LEN(cases));
}

static void test_text__what_is_known_to_be_the_products_stays(void **state)
{
    static const char text[] = "cannot find 'IntegrationServices' for 'Kunden'";
    const AnonymisePiece piece = {0, strlen("cannot find 'IntegrationServices'")};
    AUTO(anonymise_close_at) Anonymiser *anonymiser = anonymiser_of(6);
    AUTO(buf_done) Buf out = BUF(1000), sure = BUF(1000);

    (void)state;
    anonymise_text(anonymiser, str_of(text), &piece, 1, ANONYMISE_ALL, &out);
    assert_contains(buf_text(&out), "'IntegrationServices' for '");
    assert_lacks(buf_text(&out), "Kunden");
    anonymise_text(anonymiser, str_of(text), NULL, 0, ANONYMISE_SURE, &sure);
    assert_string_equal(buf_text(&sure), text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text__what_is_known_goes_as_whole_words),
        cmocka_unit_test(test_text__names_of_ordinary_words_stay_where_a_text_says_them),
        cmocka_unit_test(test_text__what_looks_like_a_place_goes),
        cmocka_unit_test(test_text__what_is_quoted_goes_unless_it_is_prose),
        cmocka_unit_test(test_text__secrets_are_left_out),
        cmocka_unit_test(test_text__what_is_known_to_be_the_products_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
