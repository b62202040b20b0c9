/* Every text of config/codes/languages.tsv, in a log of its language, in every encoding in which
 * Windows writes that language; and short cuts through logs in all of them. */
#include "collect.h"

#include "ssisminer/codes/table.h"

#include <dirent.h>
#include <iconv.h>
#include <inttypes.h>

static SigSet *set;
static SigScratch *scratch;

static int load_set(void **state)
{
    Err err = {0};
    (void)state;

    if (sigset_load(NULL, 0, &set, &err) != RC_OK)
        return -1;
    scratch = sig_scratch_new(set);
    return 0;
}

static int done(void **state)
{
    sig_scratch_free_at(&scratch);
    sigset_free(set);
    return collect_done(state);
}

/* ---- encodings ------------------------------------------------------------------------------- */

typedef struct Encoding {
    const char *name; // as iconv has it
    const char *mark;
    size_t mark_len;
} Encoding;

static const Encoding everywhere[] = {{"UTF-8", "", 0},
                                      {"UTF-8", "\xEF\xBB\xBF", 3},
                                      {"UTF-16LE", "\xFF\xFE", 2},
                                      {"UTF-16BE", "\xFE\xFF", 2},
                                      {"UTF-16LE", "", 0},
                                      {"UTF-16BE", "", 0}};

/* How dtexec frames an error; {0} ends the pages. */
static const struct {
    const char *language;
    const char *error, *code, *source, *description, *end;
    const char *message, *level; // around the number in the head that sqlcmd prints
    Encoding pages[4];
} languages[] = {
    {"de",
     "Fehler:",
     "Code:",
     "Quelle:",
     "Beschreibung:",
     "Fehlerende",
     "Meldung ",
     ", Ebene 16, Status 1, Zeile 1",
     {{"CP1252", "", 0}, {"CP850", "", 0}, {"CP437", "", 0}}},
    {"es",
     "Error:",
     "Código:",
     "Origen:",
     "Descripción:",
     "Fin de error",
     "Mens. ",
     ", Nivel 16, Estado 1, Línea 1",
     {{"CP1252", "", 0}, {"CP850", "", 0}, {"CP437", "", 0}}},
    {"fr",
     "Erreur :",
     "Code :",
     "Source :",
     "Description :",
     "Fin de l'erreur",
     "Msg ",
     ", Niveau 16, État 1, Ligne 1",
     {{"CP1252", "", 0}, {"CP850", "", 0}, {"CP437", "", 0}}},
    {"it",
     "Errore:",
     "Codice:",
     "Origine:",
     "Descrizione:",
     "Fine errore",
     "Messaggio ",
     ", livello 16, stato 1, riga 1",
     {{"CP1252", "", 0}, {"CP850", "", 0}, {"CP437", "", 0}}},
    {"pt-BR",
     "Erro:",
     "Código:",
     "Fonte:",
     "Descrição:",
     "Fim do Erro",
     "Mensagem ",
     ", Nível 16, Estado 1, Linha 1",
     {{"CP1252", "", 0}, {"CP850", "", 0}}},
    {"ja",
     "エラー:",
     "コード:",
     "ソース:",
     "説明:",
     "エラーの終了",
     "メッセージ ",
     "、レベル 16、状態 1、行 1",
     {{"CP932", "", 0}}},
    {"ko",
     "오류:",
     "코드:",
     "원본:",
     "설명:",
     "오류 끝",
     "메시지 ",
     ", 수준 16, 상태 1, 줄 1",
     {{"CP949", "", 0}}},
    {"zh-CN",
     "错误:",
     "代码:",
     "源:",
     "说明:",
     "错误结束",
     "消息 ",
     "，级别 16，状态 1，第 1 行",
     {{"CP936", "", 0}}},
    {"zh-TW",
     "錯誤:",
     "代碼:",
     "來源:",
     "描述:",
     "結束錯誤",
     "訊息 ",
     "，層級 16，狀態 1，行 1",
     {{"CP950", "", 0}}},
    {"ru",
     "Ошибка:",
     "Код:",
     "Источник:",
     "Описание:",
     "Конец ошибки",
     "Сообщение ",
     ", уровень 16, состояние 1, строка 1",
     {{"CP1251", "", 0}, {"CP866", "", 0}}},
};

/* False where the encoding has not all of it. */
static bool encode(const Encoding *encoding, Str text, Buf *into)
{
    iconv_t converter = iconv_open(encoding->name, "UTF-8");
    char *in = (char *)(uintptr_t)text.at;
    size_t left = text.len;

    assert_true(converter != (iconv_t)-1);
    buf_put(into, encoding->mark, encoding->mark_len);
    char *out = buf_room(into, text.len * 4 + 1), *end = out;
    size_t room = text.len * 4;
    bool has_all = iconv(converter, &in, &left, &end, &room) != (size_t)-1;
    (void)iconv_close(converter);
    buf_added(into, (size_t)(end - out));
    return has_all;
}

/* ---- texts ----------------------------------------------------------------------------------- */

static const char *root_of(const Buf *log)
{
    Err err = {0};
    Diagnosis diagnosis;

    collect_bytes(LOG_AUTO, log->text, log->len);
    assert_true(collected_count > 0);
    assert_int_equal(diagnose(set, scratch, collected[0].messages, collected[0].message_count,
                              collected[0].status, &collect_arena, &diagnosis, &err),
                     RC_OK);
    return diagnosis.signature ? diagnosis.signature->id : "unknown";
}

static void put_block(size_t language, const char *code, const char *first, const char *second,
                      Buf *log)
{
    buf_printf(log,
               "%s 2024-05-01 10:00:02.50\r\n   %s %s\r\n   %s DFT Orders\r\n   %s "
               "\"X\" %s \"Orders\" %s.\r\n%s\r\n",
               languages[language].error, languages[language].code, code,
               languages[language].source, languages[language].description, first, second,
               languages[language].end);
}

static void take_encoding(const CodeText *text, const Encoding *encoding, const Buf *log,
                          size_t *read)
{
    AUTO(buf_done) Buf bytes = BUF(1 << 16);

    if (!encode(encoding, (Str){buf_text(log), log->len}, &bytes))
        return;
    const char *root = root_of(&bytes);
    ++*read;
    if (!str_same(root, text->signature))
        fail_msg("%s:%d in %s%s is '%s', not '%s'", text->file, text->line, encoding->name,
                 encoding->mark_len ? " with a mark" : "", root, text->signature);
    assert_int_equal(collected_count, 1);
    assert_int_equal(collected[0].message_count, 1);
    assert_int_equal(collected[0].messages[0].type, 120);
    assert_string_equal(collected[0].messages[0].source_name, "DFT Orders");
}

static size_t language_of(const CodeText *text)
{
    for (size_t i = 0; i < ARRAY_LEN(languages); i++)
        if (str_same(languages[i].language, text->language))
            return i;
    fail_msg("%s:%d: no language is called '%s'", text->file, text->line, text->language);
    return 0;
}

static void test_languages__every_text_in_every_encoding(void **state)
{
    size_t count = 0, read = 0;
    const CodeText *texts = code_texts(&count);
    (void)state;

    for (size_t i = 0; i < count; i++) {
        AUTO(buf_done) Buf log = BUF(1 << 16);
        size_t language = language_of(&texts[i]);
        put_block(language, "0x00000000", texts[i].fragment, texts[i].second ? texts[i].second : "",
                  &log);
        for (size_t k = 0; k < ARRAY_LEN(everywhere); k++)
            take_encoding(&texts[i], &everywhere[k], &log, &read);
        for (const Encoding *page = languages[language].pages; page->name; page++)
            take_encoding(&texts[i], page, &log, &read);
        arena_reset(&collect_arena);
    }
    print_message("%zu texts, %zu readings\n", count, read);
    assert_true(read > 7 * count);
}

/* The number alone, in a sentence that nobody knows. */
static void put_number(size_t language, uint32_t code, Buf *log)
{
    char hex[16];

    (void)snprintf(hex, sizeof(hex), "0x%08" PRIX32, code);
    if (code > 0xFFFF)
        put_block(language, hex, "Qwx", "Qwy", log);
    else
        buf_printf(log, "%s%" PRIu32 "%s\r\nQwx qwy.\r\n", languages[language].message, code,
                   languages[language].level);
}

/* What the number means to someone who reads English; some need words beside them. */
static const char *root_in_english(uint32_t code)
{
    AUTO(buf_done) Buf log = BUF(1 << 16);

    if (code > 0xFFFF)
        buf_printf(&log,
                   "Error: 2024-05-01 10:00:02.50\r\n   Code: 0x%08" PRIX32
                   "\r\n   Source: DFT Orders\r\n   Description: Qwx qwy.\r\nEnd Error\r\n",
                   code);
    else
        buf_printf(&log, "Msg %" PRIu32 ", Level 16, State 1, Line 1\r\nQwx qwy.\r\n", code);
    return root_of(&log);
}

static void take_number(const CodeText *text, uint32_t code, size_t *read, size_t *named)
{
    AUTO(buf_done) Buf log = BUF(1 << 16);
    size_t language = language_of(text);
    const char *root = root_in_english(code);

    put_number(language, code, &log);
    for (const Encoding *page = languages[language].pages; page->name; page++) {
        AUTO(buf_done) Buf bytes = BUF(1 << 16);
        if (!encode(page, (Str){buf_text(&log), log.len}, &bytes))
            continue;
        ++*read;
        if (!str_same(root_of(&bytes), root))
            fail_msg("%s:%d: %" PRIu32 " is '%s' in English, in %s it is not", text->file,
                     text->line, code, root, page->name);
        assert_int_equal(collected[0].messages[0].code, code);
        *named += str_same(root, text->signature);
    }
}

static void test_languages__by_number_whatever_the_text(void **state)
{
    size_t count = 0, read = 0, named = 0;
    const CodeText *texts = code_texts(&count);
    (void)state;

    for (size_t i = 0; i < count; i++) {
        const Signature *entry = sigset_find(set, texts[i].signature);
        assert_non_null(entry);
        for (size_t k = 0; k < entry->code_count; k++)
            take_number(&texts[i], entry->codes[k], &read, &named);
        arena_reset(&collect_arena);
    }
    print_message("%zu readings, %zu name the text's own signature\n", read, named);
    assert_true(read > count && named > count);
}

/* ---- short cuts ------------------------------------------------------------------------------ */

static void put_record(Buf *into, const LogRecord *record)
{
    buf_printf(into, "%zu %zu %d %d %d %zu %d %s\n", record->number, record->line, record->status,
               record->is_quiet, record->is_said_to_fail, record->run, record->goes_on,
               record->trouble ? record->trouble : "");
    for (size_t i = 0; i < record->message_count; i++) {
        const DiagMessage *message = &record->messages[i];
        buf_printf(into, "  %zu %" PRId64 " %d %" PRId64 " %s ", message->line, message->code,
                   message->type, message->ticks,
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
    FILE *stream = fmemopen(log->text, log->len, "rb");

    assert_non_null(stream);
    assert_int_equal(scan_stream(&scan, stream, "f", &err), RC_OK);
    (void)fclose(stream);
}

enum { SAMPLES_MAX = 400, LOG_MAX = 1 << 22, TOLD_MAX = 1 << 24 };

static Str samples[SAMPLES_MAX];
static size_t sample_count;

/* The text files of a golden case; those in another encoding are left to their own tests. */
static void load_samples(const char *folder)
{
    DIR *dir = opendir(folder);
    const struct dirent *item;

    assert_non_null(dir);
    while ((item = readdir(dir))) {
        AUTO(buf_done) Buf text = BUF(1 << 20);
        FILE *file = fopen(arena_printf(&collect_arena, "%s/%s", folder, item->d_name), "rb");
        size_t len =
            item->d_name[0] != '.' && file ? fread(buf_room(&text, 1 << 16), 1, 1 << 16, file) : 0;
        if (file)
            (void)fclose(file);
        const Encoding utf8 = {"UTF-16LE", "", 0};
        AUTO(buf_done) Buf unused = BUF(1 << 20);
        bool is_binary = memchr(buf_text(&text), '\0', len) != NULL; // in no encoding a text
        if (len == 0 || is_binary || sample_count == SAMPLES_MAX ||
            !encode(&utf8, (Str){buf_text(&text), len}, &unused))
            continue;
        samples[sample_count++] = (Str){arena_copy(&collect_arena, buf_text(&text), len), len};
    }
    (void)closedir(dir);
}

static unsigned seed = 7;

static size_t below(size_t limit)
{
    seed = seed * 1103515245 + 12345;
    return (seed >> 8) % limit;
}

/* Samples of any form behind each other, some torn, and what is harmless between them, so that the
 * pieces in which a file is read end anywhere. */
static void put_mixed(Buf *log)
{
    static const char harmless[] = "Progress: 2024-05-01 10:00:01.00\r\n   Source: Größe\r\n   "
                                   "Validating: 50% complete\r\nEnd Progress\r\n";
    size_t pieces = 1 + below(12), quiet = below(2) ? below(1200) : below(4);

    for (size_t i = 0; i < pieces; i++) {
        Str sample = samples[below(sample_count)];
        size_t from = below(3) == 0 ? str_utf8_floor(sample.at, below(sample.len)) : 0;
        size_t len = sample.len - from;
        if (below(4) == 0)
            len = str_utf8_floor(sample.at + from, below(len + 1));
        buf_put(log, sample.at + from, len);
        if (below(2))
            buf_putc(log, '\n');
        for (size_t k = 0; k < quiet / pieces; k++)
            buf_puts(log, harmless);
    }
}

/* Fast readers = plain readers, of any form, in any encoding, however it is cut into pieces. With a
 * mark the encoding changes nothing either. */
static void test_languages__short_cuts_change_nothing(void **state)
{
    (void)state;
    load_samples("tests/golden/scan-forms");
    load_samples("tests/golden/scan-languages");
    assert_true(sample_count > 120);
    for (int round = 0; round < 400; round++) {
        AUTO(buf_done)
        Buf log = BUF(LOG_MAX), bytes = BUF(2 * LOG_MAX), fast = BUF(TOLD_MAX),
            plain = BUF(TOLD_MAX);
        size_t language = below(ARRAY_LEN(languages)), kind = below(ARRAY_LEN(everywhere) + 1);
        const Encoding *encoding =
            kind < ARRAY_LEN(everywhere) ? &everywhere[kind] : &languages[language].pages[0];
        put_mixed(&log);
        (void)encode(encoding, (Str){buf_text(&log), log.len}, &bytes); // up to what it lacks
        if (bytes.len == encoding->mark_len)
            continue;
        read_into(&fast, &bytes, false);
        read_into(&plain, &bytes, true);
        if (fast.len != plain.len || memcmp(buf_text(&fast), buf_text(&plain), fast.len) != 0)
            fail_msg("round %d in %s: fast\n%s\nplain\n%s", round, encoding->name, fast.text,
                     plain.text);
        if (encoding->mark_len == 0)
            continue;
        buf_reset(&plain);
        read_into(&plain, &log, true);
        if (fast.len != plain.len || memcmp(buf_text(&fast), buf_text(&plain), fast.len) != 0)
            fail_msg("round %d: in %s\n%s\nin UTF-8\n%s", round, encoding->name, fast.text,
                     plain.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_languages__every_text_in_every_encoding),
        cmocka_unit_test(test_languages__by_number_whatever_the_text),
        cmocka_unit_test(test_languages__short_cuts_change_nothing),
    };
    return cmocka_run_group_tests(tests, load_set, done);
}
