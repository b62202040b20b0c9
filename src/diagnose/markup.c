/* Headings, links, tags, tables, items and titles of manuals. */
#include "chars.h"
#include "written.h"

/* "| a | b |", "a|b|c" of a manual; results and logs have times. */
static bool is_table_row(Str line)
{
    size_t bars = 0;

    if (text_char(line, 0) == '{')
        return false;
    for (size_t at = 0; at < line.len; at++) {
        bars += line.at[at] == '|' && text_char(line, at + 1) != '|' &&
                (at == 0 || line.at[at - 1] != '|');
        size_t digits = at == 0 || !text_is_digit(line.at[at - 1]) ? digits_at(line, at) : 0;
        if (digits == 4 && is_one_of(text_char(line, at + 4), "-/") && digits_at(line, at + 5) == 2)
            return false;
        if (digits == 2 && text_char(line, at + 2) == ':' && digits_at(line, at + 3) == 2)
            return false;
    }
    return bars > (text_char(line, 0) == '|' ? 2 : 3) ||
           (bars > 2 && (text_char(line, 0) == '|' || line.at[line.len - 1] == '|'));
}

/* "-   Text", "4.  Text", "[a]   Text" as manuals are set. */
static bool is_set_off(Str line)
{
    size_t digits = digits_at(line, 0);
    size_t mark = digits > 0 && digits < 3 && text_char(line, digits) == '.' ? digits + 1
                  : is_one_of(text_char(line, 0), "-*>")                     ? 1
                  : text_char(line, 0) == '[' && text_char(line, 2) == ']'   ? 3
                                                                             : 0;

    return mark > 0 && blanks_at(line, mark) > 1 &&
           text_is_letter(text_char(line, mark + blanks_at(line, mark)));
}

/* Behind "- ", "* ", "1. ", "> ", "> - ". */
static Str without_bullet(Str line)
{
    for (;;) {
        size_t digits = digits_at(line, 0);
        if ((is_one_of(text_char(line, 0), "-*>+") && text_char(line, 1) == ' ') ||
            str_begins(line, "\xE2\x80\xA2")) // a bullet
            line = str_trim(from(line, str_begins(line, "\xE2\x80\xA2") ? 3 : 2));
        else if (digits > 0 && digits < 3 && text_char(line, digits) == '.' &&
                 text_char(line, digits + 1) == ' ')
            line = str_trim(from(line, digits + 2));
        else
            return line;
    }
}

/* "Fehlercode", "错误列": a column or a property, which a text without a number describes. */
static bool names_column(Str name, Str rest)
{
    static const char *const columns[] = {
        "Fehlercode", "Fehlerspalte", "错误代码", "错误列",    "錯誤碼",
        "錯誤資料行", "エラー列",     "오류 열",  "오류 코드", "エラー コード",
    };

    for (size_t i = 0; i < rest.len; i++)
        if (text_is_digit(rest.at[i]))
            return false;
    for (size_t i = 0; i < ARRAY_LEN(columns); i++)
        if (str_equal(name, str_of(columns[i])))
            return true;
    return false;
}

static bool names_error(Str name)
{
    return text_holds(name, "Error") || text_holds(name, "Message") ||
           text_holds(name, "Exception") || text_holds(name, "Task") || text_holds(name, "error") ||
           text_holds(name, "Fail");
}

/* "- **x**: text", "* `x` - text", "- Name: Text": what is described. */
static bool is_described(Str item, bool has_bullet)
{
    static const char *const marks[] = {
        ":",   "-",   "\xE2\x80\x93", "\xE2\x80\x94", "=", "\xE2\x86\x92",
        "on ", "is ", "are ",         "means ",       "(", "**"};
    static const char *const errors[] = {"Error",  "Message", "Fehler", "Erreur", "Errore",
                                         "Erro",   "Hiba",    "Hata",   "Błąd",   "Fout",
                                         "Ошибка", "错误",    "錯誤",   "エラー", "오류"};
    const char *mark = str_begins(item, "**")                 ? "**"
                       : str_begins(item, "`")                ? "`"
                       : has_bullet && str_begins(item, "\"") ? "\""
                                                              : NULL;
    size_t len = mark ? strlen(mark) : 0, word = name_at(item, 0);
    const char *end =
        mark && item.len > len ? memmem(item.at + len, item.len - len, mark, len) : NULL;

    if (!end)
        return has_bullet && word > 2 && text_char(item, word) == ':' &&
               text_char(item, word + 1) == ' ' && text_char(item, word + 2) >= 'A' &&
               text_char(item, word + 2) <= 'Z' && !names_error((Str){item.at, word});
    Str name = {item.at + len, (size_t)(end - item.at) - len};
    Str rest = str_trim(from(item, name.len + 2 * len));
    return !(name.len < 24 && names_error(name) && !has_bullet) && STARTS_ANY(rest, marks) &&
           (!STARTS_ANY(name, errors) || (has_bullet && names_column(name, rest)));
}

/* A text in a list: - "text" */
static bool is_cited_item(Str item, bool has_bullet)
{
    char quote = text_char(item, 0);

    return has_bullet && is_one_of(quote, "\"'") && item.len > 2 && item.at[item.len - 1] == quote;
}

/* "**Execution Timeout**" and no more: a name. */
static bool is_emphasised(Str item)
{
    return str_begins(item, "**") && str_ends_in(item, "**") && item.len < 40 &&
           !memmem(item.at + 2, item.len - 4, "**", 2) && !memchr(item.at, ':', item.len) &&
           !text_holds(item, "failed") && !text_holds(item, "denied");
}

/* clang-format off */
static const char *const labels[] = {
    "Symptom", "Cause:", "Causes", "Problem:", "Solution", "Resolution", "Workaround", "Question", "Answer",
    "Q:", "A:", "Note", "Tip", "Important", "Example", "Given ", "Expected", "Description:\t", "Alert ",
    "Monitors ", "Remarks", "Background", "Exit codes", "Reference", "Next step", "Meeting", "Symbolic",
};
static const char *const titles[] = {
    "\"description\":", "\"HelpText\":", "\"helpText\":", "\"help\":", "\"summary\":", "\"tooltip\":",
    "\"label\":", "\"placeholder\":", "\"comment\":", "TITLE  ", "\"type\":", "Error message when you",
    "Scenario", "Feature:", "Title:", "title:", "post_title:", "Subject:", "subject:", "excerpt:",
    "permalink:",
    "url:", "slug:", "summary:", "\"name\":", "\"title\":", "\"displayName\":", "MessageId:", "PRB:", "BUG:",
    "HOWTO:", "INFO:", "FIX:", "Fix:", "fix(", "fix:", "feat", "docs:", "docs(",
    "chore", "refactor", "test:", "perf:", "build:", "ci:", "[BUG]", "[bug]", "[Bug]", "[Feature", "Bug fixes",
    "修复了", "修復了", "修正了", "修复 ", "Corrigé ", "Corregido ", "Behebung ", "Behoben",
    "Melhoria:", "Melhorias:", "Correção:", "Correções:", "Mejora:", "Mejoras:", "Corrección:", "Correcciones:",
    "Amélioration", "Correction :", "Corrections :", "Miglioramento:", "Correzione:", "Verbesserung:",
    "Fehlerbehebung:", "Korrektur:", "Исправление:", "Исправлено:", "Улучшение:",
    "BREAKING", "Known issue", "Merge pull", "Bump ", "Revert ",
};
/* clang-format on */

/* "* [ETL-112] - Text", of a tracker's list of what a release mends. */
static bool is_tracked(Str item, bool has_bullet)
{
    size_t at = 1, digits;

    if (!has_bullet || text_char(item, 0) != '[')
        return false;
    while (is_upper(text_char(item, at)) || (at > 1 && text_is_digit(text_char(item, at))))
        at++;
    digits = at > 2 && text_char(item, at) == '-' ? digits_at(item, at + 1) : 0;
    return digits > 0 && str_begins(from(item, at + 1 + digits), "] - ");
}

static Str without_emphasis(Str item)
{
    while (item.len > 0 && is_one_of(item.at[0], "*_"))
        item = from(item, 1);
    return item;
}

/* "[https://x](https://x)" is made by editors, of what a program said. */
static bool is_made_link(Str line)
{
    return text_holds(line, "[http") && !text_holds(line, "](.") && !text_holds(line, "](/");
}

static bool has_link(Str line)
{
    static const char *const marks[] = {"](http", "](.",     "](/",  "](#",     "[ ] ",
                                        "[x] ",   "]: http", "]: /", ".ipynb)", ".md)"};

    if (is_made_link(line))
        return false;

    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (text_holds(line, marks[i]))
            return true;
    return false;
}

static bool is_link_alone(Str line)
{
    return str_begins(line, "http") && !memchr(line.at, ' ', line.len) && text_holds(line, "://");
}

static bool is_tag(Str line)
{
    /* clang-format off */
    static const char *const tags[] = {
        "<li", "<td", "<th", "<tr", "<h1", "<h2", "<h3", "<h4", "<a ", "<title", "<option", "<meta",
        "<add ", "<prop", "<data ", "<DTS:Prop", "<summary", "<param", "<exception", "<returns",
        "<remarks", "<string", "<value", "<label", "<button", "<input", "<setting", "<key", "<item",
        "<code>", "<link", "<script", "<rule", "<resource", "<trans", "<target", "<source", "<!",
        "<span", "<dt", "<dd", "<strong>", "<em>", "<b>", "<img", "<form", "</span", "<var",
        "<const", "<entry", "<field", "<output ", "<outputColumn", "<inputColumn",
        "<DTS:Executable ",
    };
    /* clang-format on */

    return STARTS_ANY(line, tags);
}

/* "Q177056 PRB: …", of an index of articles. */
static Str without_article(Str item)
{
    size_t digits = text_char(item, 0) == 'Q' ? digits_at(item, 1) : 0;

    return digits == 6 && text_char(item, 7) == ' ' ? from(item, 8) : item;
}

/* <Rule ID="Package_execution_failed_Rule" Enabled="true">: what its attributes are called tells
 * that none of them says anything. */
static bool is_definition(Str line)
{
    static const char *const says[] = {
        "essage", "rror", "xception", "escription", "etail", "eason", "ext",   "esult", "utput",
        "tatus",  "vent", "Data",     "alue",       "stack", "Stack", "xmlns", "log",   "Log"};
    size_t name = text_char(line, 0) == '<' ? name_at(line, 1) : 0;
    Str head = line;
    size_t pairs = 0;

    if (name == 0 || text_char(line, 1 + name) != ' ')
        return false;
    const char *end = memchr(line.at, '>', line.len);
    head.len = end ? (size_t)(end - line.at) : line.len;
    for (size_t at = 1; at + 1 < head.len; at++) {
        if (head.at[at] != '=' || head.at[at + 1] != '"')
            continue;
        size_t start = at;
        while (start > 0 && (is_of_name(head.at[start - 1]) || head.at[start - 1] == ':'))
            start--;
        for (size_t i = 0; i < ARRAY_LEN(says); i++)
            if (text_holds((Str){head.at + start, at - start}, says[i]))
                return false;
        pairs++;
    }
    return pairs > 1 && (!end || from(line, head.len + 1).len == 0);
}

bool written_is_manual(Str line)
{
    Str said = str_trim(line), item = without_article(without_bullet(said));

    bool has_bullet = item.at != said.at;
    return is_table_row(said) || is_described(item, has_bullet) ||
           is_cited_item(item, has_bullet) || is_tracked(item, has_bullet) ||
           STARTS_ANY(without_emphasis(item), titles);
}

bool written_is_markup(Str line)
{
    Str said = str_trim(line), item = without_bullet(said);

    return str_begins(said, "![") || is_link_alone(said) || str_begins(said, "## ") ||
           str_begins(said, "###") || has_link(said) || is_tag(said) || is_definition(said) ||
           is_set_off(said) || is_emphasised(item) || STARTS_ANY(without_emphasis(item), labels);
}
