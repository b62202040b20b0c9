/* What tools say around a message, in ten languages. */
#include "words.h"

#include "chars.h"

#include "ssisminer/base/err.h"
#include "ssisminer/ssisdb/ssisdb.h"

static const char wide_colon[] = "\xEF\xBC\x9A"; // U+FF1A
static const char nbsp[] = "\xC2\xA0";           // French sets one before a colon

/* ---- a word and its colon -------------------------------------------------------------------- */

/* Without blanks at its end. */
static size_t trimmed(Str line, size_t len)
{
    for (;;) {
        if (len > 0 && is_blank(line.at[len - 1]))
            len--;
        else if (len >= 2 && memcmp(line.at + len - 2, nbsp, 2) == 0)
            len -= 2;
        else
            return len;
    }
}

/* Its place in the text; the length of the text if it has none. */
static size_t wide_colon_in(Str text)
{
    const char *at = text.len > 0 ? memchr(text.at, wide_colon[0], text.len) : NULL;

    for (; at; at = memchr(at + 1, wide_colon[0], text.len - (size_t)(at + 1 - text.at)))
        if (text.len - (size_t)(at - text.at) >= 3 && memcmp(at, wide_colon, 3) == 0)
            return (size_t)(at - text.at);
    return text.len;
}

size_t words_before_colon(Str line, size_t *ret_after)
{
    enum { REACH = 48 };
    Str head = str_to(line, REACH);
    const char *colon = head.len > 0 ? memchr(head.at, ':', head.len) : NULL;
    size_t narrow = colon ? (size_t)(colon - head.at) : head.len;
    size_t len = wide_colon_in(str_to(head, narrow)), after = len + (len < narrow ? 3 : 1);

    if (len == head.len)
        return 0;
    while (is_blank(char_at(line, after)))
        after++;
    *ret_after = after;
    return trimmed(line, len);
}

/* ---- levels, and the ends of blocks ---------------------------------------------------------- */

int words_level(Str word)
{
    static const struct {
        const char *word;
        int type;
    } words[] = {
        {"Error", MESSAGE_ERROR},
        {"Fehler", MESSAGE_ERROR},
        {"Erreur", MESSAGE_ERROR},
        {"Errore", MESSAGE_ERROR},
        {"Erro", MESSAGE_ERROR},
        {"エラー", MESSAGE_ERROR},
        {"오류", MESSAGE_ERROR},
        {"错误", MESSAGE_ERROR},
        {"錯誤", MESSAGE_ERROR},
        {"Ошибка", MESSAGE_ERROR},
        {"Warning", MESSAGE_WARNING},
        {"Warnung", MESSAGE_WARNING},
        {"Advertencia", MESSAGE_WARNING},
        {"Avertissement", MESSAGE_WARNING},
        {"Avviso", MESSAGE_WARNING},
        {"Aviso", MESSAGE_WARNING},
        {"警告", MESSAGE_WARNING},
        {"경고", MESSAGE_WARNING},
        {"Предупреждение", MESSAGE_WARNING},
        {"Information", MESSAGE_INFORMATION},
        {"Info", MESSAGE_INFORMATION},
        {"Información", MESSAGE_INFORMATION},
        {"Informazioni", MESSAGE_INFORMATION},
        {"Informações", MESSAGE_INFORMATION},
        {"情報", MESSAGE_INFORMATION},
        {"정보", MESSAGE_INFORMATION},
        {"信息", MESSAGE_INFORMATION},
        {"資訊", MESSAGE_INFORMATION},
        {"Сведения", MESSAGE_INFORMATION},
    };

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_equal(word, str_of(words[i].word)))
            return words[i].type;
    return 0;
}

/* One character's bytes at the end of the text. */
static size_t last_len(Str text)
{
    size_t len = 1;

    while (len < text.len && ((unsigned char)text.at[text.len - len] & 0xC0) == 0x80)
        len++;
    return len;
}

static size_t first_len(Str text)
{
    size_t len = 1;

    while (len < text.len && ((unsigned char)text.at[len] & 0xC0) == 0x80)
        len++;
    return len;
}

/* What of a word stays the same: its first letter may be small, its last another one. */
static Str stem_of(Str word)
{
    enum { SHORT = 4 }; // characters
    size_t count = 0;

    for (size_t i = 0; i < word.len; i++)
        count += ((unsigned char)word.at[i] & 0xC0) != 0x80;
    if (count < SHORT)
        return word;
    word = str_from(word, first_len(word));
    return str_to(word, word.len - last_len(word));
}

static bool holds_stem(Str line, Str word)
{
    enum { AROUND = 24 };
    Str stem = stem_of(word);

    return line.len > word.len && line.len <= word.len + AROUND && stem.len > 0 &&
           memmem(line.at, line.len, stem.at, stem.len) != NULL;
}

bool words_end_block(Str line, Str word)
{
    static const char *const first[] = {"End ",  "Ende ",  "Fin d", "Fine ",
                                        "Fim d", "Конец ", "结束",  "結束"};
    static const char *const last[] = {"ende", "の終了", " 끝", "结束", "結束", "終了"};

    line = str_trim(line);
    if (!holds_stem(line, word))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(first); i++)
        if (str_equal(str_to(line, strlen(first[i])), str_of(first[i])))
            return true;
    for (size_t i = 0; i < ARRAY_LEN(last); i++)
        if (str_equal(str_to(line, word.len), word) &&
            str_equal(str_from(line, line.len - strlen(last[i])), str_of(last[i])))
            return true;
    return false;
}

bool words_may_end_block(Str line, Str word)
{
    line = str_trim(line);
    if (!holds_stem(line, word))
        return false;
    for (size_t i = 0; i < line.len; i++)
        if (is_digit(line.at[i]) || is_one_of(line.at[i], ".:,;\"'()[]"))
            return false;
    return true;
}

/* ---- dtexec ---------------------------------------------------------------------------------- */

bool words_name_dtexec(Str line)
{
    static const char *const names[] = {"Execute Package Utility",
                                        "Paketausführungsprogramm",
                                        "Utilidad de ejecución de paquetes",
                                        "Utilitaire d'exécution de package",
                                        "Utilità di esecuzione pacchetti",
                                        "Utilitário de Execução de Pacotes",
                                        "パッケージ実行ユーティリティ",
                                        "패키지 실행 유틸리티",
                                        "执行包实用工具",
                                        "封裝執行公用程式",
                                        "выполнения пакетов"};

    if (!memchr(line.at, '(', line.len) || !holds(line, "Microsoft (R)"))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (holds(line, names[i]))
            return true;
    return false;
}

WordsClock words_clock(Str line)
{
    enum { CLOCK_MAX = 80 };
    static const struct {
        const char *word;
        WordsClock clock;
    } words[] = {
        {"Started", CLOCK_STARTED},
        {"Finished", CLOCK_FINISHED},
        {"Elapsed", CLOCK_ELAPSED},
        {"Gestartet", CLOCK_STARTED},
        {"Beendet", CLOCK_FINISHED},
        {"Verstrichen", CLOCK_ELAPSED},
        {"Iniciado", CLOCK_STARTED},
        {"Finalizado", CLOCK_FINISHED},
        {"Transcurrido", CLOCK_ELAPSED},
        {"Démarré", CLOCK_STARTED},
        {"Terminé", CLOCK_FINISHED},
        {"Écoulé", CLOCK_ELAPSED},
        {"Avvio", CLOCK_STARTED},
        {"Fine", CLOCK_FINISHED},
        {"Tempo trascorso", CLOCK_ELAPSED},
        {"Concluído", CLOCK_FINISHED},
        {"Decorrido", CLOCK_ELAPSED},
        {"開始", CLOCK_STARTED},
        {"完了", CLOCK_FINISHED},
        {"経過時間", CLOCK_ELAPSED},
        {"시작", CLOCK_STARTED},
        {"완료", CLOCK_FINISHED},
        {"경과", CLOCK_ELAPSED},
        {"开始时间", CLOCK_STARTED},
        {"完成时间", CLOCK_FINISHED},
        {"占用时间", CLOCK_ELAPSED},
        {"已啟動", CLOCK_STARTED},
        {"已完成", CLOCK_FINISHED},
        {"經過時間", CLOCK_ELAPSED},
        {"Запущено", CLOCK_STARTED},
        {"Завершено", CLOCK_FINISHED},
        {"Прошло", CLOCK_ELAPSED},
    };
    size_t after = 0, len = line.len <= CLOCK_MAX ? words_before_colon(line, &after) : 0;

    if (len == 0 || !is_digit(char_at(line, after)))
        return CLOCK_NONE;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (words[i].word[0] == line.at[0] && str_equal(str_to(line, len), str_of(words[i].word)))
            return words[i].clock;
    return CLOCK_NONE;
}

/* ---- the Agent ------------------------------------------------------------------------------- */

size_t words_behind_user(Str text)
{
    enum { REACH = 400, USER_MAX = 300 };
    static const char *const before[] = {"Executed as user: ",
                                         "Ausgeführt als Benutzer: ",
                                         "Ejecutado como usuario: ",
                                         "Exécuté en tant qu'utilisateur : ",
                                         "Exécuté en tant qu'utilisateur\xC2\xA0: ",
                                         "Eseguito come utente: ",
                                         "Executado como usuário: ",
                                         "次のユーザーとして実行",
                                         "다음 사용자로 실행",
                                         "已以用户 ",
                                         "執行身分為使用者",
                                         "Выполняется от имени пользователя: "};
    Str head = str_to(text, REACH);

    for (size_t i = 0; i < ARRAY_LEN(before); i++) {
        size_t len = strlen(before[i]);
        const char *start = head.len > 0 ? memmem(head.at, head.len, before[i], len) : NULL;
        if (!start)
            continue;
        size_t user = (size_t)(start - text.at) + len;
        Str name = str_to(str_from(text, user), USER_MAX);
        const char *stop = memmem(name.at, name.len, ". ", 2);
        const char *wide = memmem(name.at, name.len, "。", 3);
        if (wide && (!stop || wide < stop))
            return (size_t)(wide + 3 - text.at);
        return stop ? (size_t)(stop + 2 - text.at) : user;
    }
    return 0;
}

static const struct {
    const char *sentence;
    int status; // 0: it says of the package, not of the step
} verdicts[] = {
    {"The step failed", STATUS_FAILED},
    {"The job failed", STATUS_FAILED},
    {"The step succeeded", STATUS_SUCCEEDED},
    {"The job succeeded", STATUS_SUCCEEDED},
    {"The package execution failed", 0},
    {"Fehler bei Schritt", STATUS_FAILED},
    {"Der Schritt war erfolgreich", STATUS_SUCCEEDED},
    {"Fehler beim Ausführen des Pakets", 0},
    {"Error en el paso", STATUS_FAILED},
    {"Error en la ejecución del paquete", 0},
    {"L'étape a échoué", STATUS_FAILED},
    {"L'étape a réussi", STATUS_SUCCEEDED},
    {"L'exécution du package a échoué", 0},
    {"Passaggio non riuscito", STATUS_FAILED},
    {"Esecuzione del pacchetto non riuscita", 0},
    {"A etapa falhou", STATUS_FAILED},
    {"A etapa foi bem-sucedida", STATUS_SUCCEEDED},
    {"A execução do pacote falhou", 0},
    {"ステップは失敗しました", STATUS_FAILED},
    {"パッケージを実行できませんでした", 0},
    {"단계가 실패했습니다", STATUS_FAILED},
    {"패키지를 실행하지 못했습니다", 0},
    {"该步骤失败", STATUS_FAILED},
    {"该步骤成功", STATUS_SUCCEEDED},
    {"包执行失败", 0},
    {"步驟失敗", STATUS_FAILED},
    {"封裝執行失敗", 0},
    {"Шаг завершился с ошибкой", STATUS_FAILED},
    {"Ошибка выполнения пакета", 0},
};

/* Without blanks and full stops at its end. */
static Str without_stop(Str text)
{
    for (;;) {
        text = str_trim(text);
        if (text.len > 0 && text.at[text.len - 1] == '.')
            text.len--;
        else if (text.len >= 3 && memcmp(text.at + text.len - 3, "。", 3) == 0)
            text.len -= 3;
        else
            return text;
    }
}

/* The sentence that the text ends with; SIZE_MAX if it is none of them. */
static size_t last_verdict(Str text)
{
    text = without_stop(text);
    for (size_t i = 0; i < ARRAY_LEN(verdicts); i++) {
        size_t len = strlen(verdicts[i].sentence);
        if (text.len >= len && memcmp(text.at + text.len - len, verdicts[i].sentence, len) == 0)
            return i;
    }
    return SIZE_MAX;
}

int words_verdict(Str text)
{
    size_t last = last_verdict(text);

    if (holds(text, "The step failed.") || holds(text, "The job failed."))
        return STATUS_FAILED;
    if (holds(text, "The step succeeded.") || holds(text, "The job succeeded."))
        return STATUS_SUCCEEDED;
    return last != SIZE_MAX ? verdicts[last].status : 0;
}

Str words_without_verdict(Str text)
{
    size_t last;

    text = str_trim(text);
    while ((last = last_verdict(text)) != SIZE_MAX) {
        text = without_stop(text);
        text = str_trim(str_to(text, text.len - strlen(verdicts[last].sentence)));
    }
    return text;
}
