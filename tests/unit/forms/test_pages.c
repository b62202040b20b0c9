/* Code pages known by their bytes. */
#include "test.h"

#include "../../../src/forms/pages.h"

#include "ssisminer/base/err.h"
#include "ssisminer/base/str.h"
#include "ssisminer/codes/table.h"

#include <iconv.h>
#include <stdio.h>

/* Sentences as a person writes them, not out of any product. */
static const struct {
    const char *text;
    const char *pages[4];
} cases[] = {
    {"Der Datenträger ist voll, die Größe wurde überschritten.", {"CP1252", "CP850"}},
    {"Fehler: Übertragung abgebrochen, bitte später prüfen", {"CP1252", "CP850"}},
    {"L'opération a échoué à cause d'un délai dépassé", {"CP1252", "CP850"}},
    {"La conexión falló: no se encontró el servidor en la dirección", {"CP1252", "CP850"}},
    {"A conexão não está disponível na instância", {"CP1252", "CP850"}},
    {"Il server non è disponibile perché è già spento", {"CP1252", "CP850"}},
    {"Сервер не найден или недоступен, повторите попытку позже", {"CP1251", "CP866"}},
    {"Ошибка: время ожидания истекло", {"CP1251", "CP866"}},
    {"サーバーに接続できませんでした。もう一度試してください", {"CP932"}},
    {"サーバーが見つかりません", {"CP932"}},
    {"서버에 연결할 수 없습니다. 나중에 다시 시도하십시오", {"CP949"}},
    {"无法连接到服务器，请检查网络和用户登录", {"CP936"}},
    {"用户登录失败，数据库不存在", {"CP936"}},
    {"無法連線到伺服器，請檢查網路與使用者登入", {"CP950"}},
};

static size_t encode(const char *page, const char *text, char *into, size_t size)
{
    iconv_t to = iconv_open(page, "UTF-8");
    char *in = (char *)(uintptr_t)text, *out = into;
    size_t left = strlen(text), room = size;

    assert_true(to != (iconv_t)-1);
    if (iconv(to, &in, &left, &out, &room) == (size_t)-1)
        fail_msg("%s has not all of '%s'", page, text);
    (void)iconv_close(to);
    return size - room;
}

static void test_pages__a_sentence_is_enough(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (size_t p = 0; p < 4 && cases[i].pages[p]; p++) {
            char bytes[400];
            size_t len = encode(cases[i].pages[p], cases[i].text, bytes, sizeof(bytes));
            const char *found = page_of(bytes, len);
            if (!str_same(found, cases[i].pages[p]))
                fail_msg("'%s' in %s is taken for %s", cases[i].text, cases[i].pages[p], found);
        }
}

/* Into UTF-8 or out of it; SIZE_MAX where the page has not all of the text. */
static size_t convert(const char *to, const char *from, const char *text, size_t len, char *into,
                      size_t size)
{
    iconv_t converter = iconv_open(to, from);
    char *in = (char *)(uintptr_t)text, *out = into;
    size_t room = size - 1;

    assert_true(converter != (iconv_t)-1);
    bool has_all = iconv(converter, &in, &len, &out, &room) != (size_t)-1;
    (void)iconv_close(converter);
    *out = '\0';
    return has_all ? (size_t)(out - into) : SIZE_MAX;
}

static void take_text(const CodeText *text, const char *page, size_t *read, size_t *wrong)
{
    char plain[400], bytes[800], back[1600] = "";

    (void)snprintf(plain, sizeof(plain), "%s %s.", text->fragment,
                   text->second ? text->second : "");
    size_t len = convert(page, "UTF-8", plain, strlen(plain), bytes, sizeof(bytes));
    if (len == SIZE_MAX || memcmp(bytes, plain, len + 1) == 0)
        return;
    const char *found = page_of(bytes, len);
    (void)convert("UTF-8", found, bytes, len, back, sizeof(back));
    ++*read;
    if (str_same(back, plain))
        return;
    ++*wrong;
    print_message("%s:%d in %s is taken for %s: '%s' reads '%s'\n", text->file, text->line, page,
                  found, plain, back);
}

/* Every text of config/codes, alone and in every page of its language, reads back. Two pages may
 * write the same bytes for the same letters. */
static void test_pages__every_text_of_other_languages(void **state)
{
    static const struct {
        const char *language;
        const char *pages[3];
    } of[] = {{"de", {"CP1252", "CP850", "CP437"}},
              {"es", {"CP1252", "CP850", "CP437"}},
              {"fr", {"CP1252", "CP850", "CP437"}},
              {"it", {"CP1252", "CP850", "CP437"}},
              {"pt-BR", {"CP1252", "CP850"}},
              {"ru", {"CP1251", "CP866"}},
              {"ja", {"CP932"}},
              {"ko", {"CP949"}},
              {"zh-CN", {"CP936"}},
              {"zh-TW", {"CP950"}}};
    size_t count = 0, read = 0, wrong = 0;
    const CodeText *texts = code_texts(&count);
    (void)state;

    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < ARRAY_LEN(of); k++)
            for (size_t p = 0; str_same(of[k].language, texts[i].language) && p < 3; p++)
                if (of[k].pages[p])
                    take_text(&texts[i], of[k].pages[p], &read, &wrong);
    print_message("%zu read, %zu wrong\n", read, wrong);
    assert_true(read > 700);
    assert_int_equal(wrong, 0);
}

static void test_pages__one_letter_of_a_log(void **state)
{
    char bytes[100000];
    (void)state;

    memset(bytes, 'x', sizeof(bytes));
    memcpy(bytes + 90000, "\nDatentr\xE4ger\n", 13);
    assert_string_equal(page_of(bytes, sizeof(bytes)), "CP1252");
    memcpy(bytes + 90000, "\nDatentr\x84ger\n", 13);
    assert_string_equal(page_of(bytes, sizeof(bytes)), "CP850");
    memcpy(bytes + 90000, "\nenregistr\x82\n\xC4\xC4", 14);
    assert_string_equal(page_of(bytes + 90000, 12), "CP850");
    assert_non_null(page_of("\xFF", 1));
    assert_non_null(page_of("", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages__a_sentence_is_enough),
        cmocka_unit_test(test_pages__every_text_of_other_languages),
        cmocka_unit_test(test_pages__one_letter_of_a_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
