/* Words of trouble in other languages than English, and what takes them back. */
#include "foreign.h"

#include "chars.h"

/* clang-format off */
/* That something failed. */
static const char *const verdicts[] = {
    "сбой", "Сбой", "не удалось", "Не удалось", "не удается",
    "Не удается", "失敗", "できませんでした", "失败", "无法",
    "無法", "실패", "échec", "Échec", "échou", "falló", "Falló", "no se pudo", "No se pudo", "no se puede",
    "No se puede", "non riuscit", "Non riuscit", "non è riuscit", "ão foi possível", "erforderliches Privileg",
    "konnte nicht", "Konnte nicht", "kann nicht", "Kann nicht", "nie powiod", "ie można", "mislukt",
    "başarısız", "em sikerült", "misslyckad", "mislykkedes", "epäonnistu", "Nelze ", "nelze ",
};
/* An error: that there was one is said by what stands around it. */
static const char *const nouns[] = {
    "エラー", "错误", "錯誤", "오류",
};
/* The same, of languages that part their words. */
static const char *const parted[] = {
    "ошибк", "Ошибк", "помилк", "Помилк", "błąd", "Błąd",
};
static const char *const happened[] = {
    "発生", "ました", "です", "ため", "发生", "發生", "出现", "出現", "發現", "发现",
    "遇到", "导致",
    "발생했", "발생하였", "입니다", "때문",
};
static const char *const talk[] = {
    "可能會收到", "可能会收到", "可能會出現", "可能会出现", "可能會發生",
    "可能会发生", "ことがあります", "場合があります",
    "발생할 수 있습니다", "표시될 수 있습니다", "может возникнуть",
    "может появиться", "могут возникнуть",
    "möglicherweise", "peut se produire", "peuvent se produire", "puede recibir", "puede aparecer",
    "pode receber", "è possibile che", "した場合", "する場合", "場合は", "するには",
    "경우", "하려면", "时，请", "修复了",
    "修復了", "修正了", "問題を修正", "сведения об ошибк",
    "информация об ошибк", "інформацію про помилк",
    "informacje o błęd",
    // what it means, what it leads to, what is used for what
    "bedeutet, dass", "wird ausgelöst, wenn", "werden ausgelöst, wenn", "tritt auf, wenn", "treten auf, wenn",
    "führt dazu", "führen dazu", "kann dazu führen", "wird verwendet, um", "werden verwendet, um",
    "signifie que", "provoque l", "provoque un", "provoquent", "peut retourner", "est utilisé pour",
    "sont utilisés pour", "se produit lorsqu", "se produit si", "se produisent lorsqu", "permet de",
    "significa que", "provoca que", "hace que", "hacen que", "se produce cuando", "se produce si",
    "se utiliza para", "puede devolver", "significa che", "provoca tuttavia", "fa sì che", "si verifica quando",
    "si verifica se", "viene utilizzat", "consente di", "faz com que", "fazem com que", "ocorre quando",
    "ocorre se", "é usado para", "é usada para", "означает, что",
    "возникает, если", "возникает, когда",
    "возникает при", "приводит к", "позволяет",
    "используется для", "会失败", "會失敗", "将失败", "將失敗",
    "会导致", "會導致", "将导致", "將導致", "会造成", "會造成", "会报错", "會報錯",
    "会fail", "意味着", "意味著",
    "という意味", "を示します", "을 의미합니다", "를 의미합니다",
    "을 나타냅니다", "를 나타냅니다",
    // how often, where they are listed, what leads to one
    "原因有多种", "原因有多種", "原因有很多", "原因很多",
    "приведет к ошибк", "приведёт к ошибк",
    "時，選取", "时，选择", "コードの一覧", "코드 목록",
};
/* What was mended: whatever the message that is cited. */
static const char *const mended[] = {
    "問題を修正しました", "问题已修复", "問題已修正", "문제를 수정했습니다",
};
/* Manuals of Japanese and Korean speak in the present, programs of what happened and what cannot be. */
static const char *const present[] = {
    "れます。", "ります。", "きます。", "します", "합니다.", "됩니다.",
};
static const char *const past[] = {
    "ました", "ません", "終了します", "中止します", "습니다", "해야 합니다", "失敗",
};
/* clang-format on */

const char *foreign_word(size_t index)
{
    if (index < ARRAY_LEN(verdicts))
        return verdicts[index];
    index -= ARRAY_LEN(verdicts);
    if (index < ARRAY_LEN(nouns))
        return nouns[index];
    index -= ARRAY_LEN(nouns);
    return index < ARRAY_LEN(parted) ? parted[index] : NULL;
}

static bool holds_any(Str text, const char *const *pieces, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text_holds(text, pieces[i]))
            return true;
    return false;
}

#define HOLDS_ANY(text, pieces) holds_any((text), (pieces), ARRAY_LEN(pieces))

static bool is_wide(char c)
{
    return (unsigned char)c >= 0x80;
}

/* A colon, narrow or wide; its length. */
static size_t colon_at(Str line, size_t at)
{
    return text_char(line, at) == ':' || text_char(line, at) == '=' ? 1
           : str_begins(from(line, at), "\xEF\xBC\x9A")             ? 3
                                                                    : 0;
}

/* Behind a word: " : 0", "=0", "(s): 0". */
static bool counts_nothing(Str line, size_t end)
{
    while (text_is_letter(text_char(line, end)) || is_one_of(text_char(line, end), "()"))
        if (colon_at(line, end) == 0)
            end++;
        else
            break;
    end += blanks_at(line, end);
    size_t colon = colon_at(line, end);
    end += colon + blanks_at(line, end + colon);
    return colon > 0 && text_char(line, end) == '0' && !is_of_name(text_char(line, end + 1));
}

/* Behind a verdict, without a colon: "失败 0 条", "실패 0, ". */
static bool is_count_of_nothing(Str line, size_t end)
{
    static const char *const behind[] = {",", "，", "、", "条", "條", "个", "個", "件", "건", "개"};
    size_t at = end + blanks_at(line, end);

    if (at == end || text_char(line, at) != '0')
        return false;
    Str rest = str_trim(from(line, at + 1));
    return rest.len == 0 || STARTS_ANY(rest, behind);
}

/* "没有错误", "エラーはありません" */
static bool is_denied(Str line, size_t at, size_t end)
{
    static const char *const before[] = {"没有", "沒有", "无", "無", "未发现", "未發現"};
    static const char *const behind[] = {"はありません", "なし", " 없음", "가 없습니다",
                                         "는 없습니다"};

    for (size_t i = 0; i < ARRAY_LEN(before); i++)
        if (str_ends_in((Str){line.at, at}, before[i]))
            return true;
    return STARTS_ANY(from(line, end), behind);
}

/* Before it: "0 ", "0 个", "0 已". A wide comma before the number is none of its digits. */
static bool is_counted_nothing(Str line, size_t at)
{
    static const char *const measures[] = {"个", "個", "件の", "件", "已"};

    at = back_over(line, at, " ");
    for (size_t i = 0; i < ARRAY_LEN(measures); i++)
        if (str_ends_in((Str){line.at, at}, measures[i]))
            at = back_over(line, at - strlen(measures[i]), " ");
    if (at == 0 || line.at[at - 1] != '0')
        return false;
    char before = at > 1 ? line.at[at - 2] : ' ';
    return is_wide(before) || !(is_of_name(before) || is_one_of(before, ".,"));
}

/* To the end of its sentence. */
static Str sentence_behind(Str line, size_t at)
{
    enum { REACH = 120 };
    Str rest = from(line, at);
    static const char *const ends[] = {"。", ". ", "\n"};

    rest.len = rest.len < REACH ? rest.len : REACH;
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        const char *end = rest.len > 0 ? memmem(rest.at, rest.len, ends[i], strlen(ends[i])) : NULL;
        rest.len = end ? (size_t)(end - rest.at) : rest.len;
    }
    return rest;
}

/* "エラー: …", "错误 18456", "发生错误": not "エラー メッセージ", "錯誤資料表". */
static bool is_verdict(Str line, size_t at, size_t end)
{
    enum { BEFORE = 60 };
    size_t next = end + blanks_at(line, end), word = next;
    size_t start = at < BEFORE ? 0 : at - BEFORE;

    while (is_wide(text_char(line, word)) && colon_at(line, word) == 0)
        word++;
    if (word == next || colon_at(line, word) > 0 || str_begins(from(line, next), "，") ||
        str_begins(from(line, next), "。") || text_is_digit(text_char(line, word + 1)))
        return true;
    return HOLDS_ANY(sentence_behind(line, end), happened) ||
           HOLDS_ANY(((Str){line.at + start, at - start}), happened);
}

/* "错误输出", "エラー出力": where rows go, not that any did. */
static bool is_compound(Str line, size_t end)
{
    static const char *const outputs[] = {"输出", "輸出", "出力", " 출력"};

    return STARTS_ANY(from(line, end), outputs);
}

typedef bool Counts(Str line, size_t at, size_t end);

static bool is_any(Str line, size_t at, size_t end)
{
    return !counts_nothing(line, end) && !is_counted_nothing(line, at);
}

static bool is_failure(Str line, size_t at, size_t end)
{
    return is_any(line, at, end) && !is_count_of_nothing(line, end);
}

static bool is_noun(Str line, size_t at, size_t end)
{
    return is_any(line, at, end) && !is_denied(line, at, end) && !is_compound(line, end) &&
           is_verdict(line, at, end);
}

/* Of a line in ASCII only words in ASCII are looked for. */
static bool tells(Str line, const char *const *words, size_t count, Counts *counts)
{
    bool is_plain = text_is_ascii(line);

    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(words[i]), at = 0;
        const char *found;
        if (is_plain && !text_is_ascii(str_of(words[i])))
            continue;
        while (at < line.len && (found = memmem(line.at + at, line.len - at, words[i], len))) {
            at = (size_t)(found - line.at) + len;
            if (counts(line, at - len, at))
                return true;
        }
    }
    return false;
}

bool foreign_tells_trouble(Str line)
{
    return tells(line, verdicts, ARRAY_LEN(verdicts), is_failure) ||
           tells(line, parted, ARRAY_LEN(parted), is_any) ||
           tells(line, nouns, ARRAY_LEN(nouns), is_noun);
}

bool foreign_is_mended(Str line)
{
    return HOLDS_ANY(line, mended);
}

bool foreign_is_talk(Str line)
{
    if (HOLDS_ANY(line, talk))
        return true;
    return !text_is_ascii(line) && HOLDS_ANY(line, present) && !HOLDS_ANY(line, past);
}
