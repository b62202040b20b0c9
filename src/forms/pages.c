/*
 * A page is right where the letters that it makes of the bytes stand as letters do: accented ones
 * within words of plain ones, Cyrillic ones, Hangul and kana among themselves, and those Chinese
 * characters that messages are made of. Each character has a weight; the page with the best mean
 * wins.
 */
#include "pages.h"

#include "ssisminer/base/err.h"
#include "ssisminer/base/utf.h"

#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef enum Script {
    SCRIPT_LATIN,
    SCRIPT_CYRILLIC,
    SCRIPT_JAPANESE,
    SCRIPT_KOREAN,
    SCRIPT_CHINESE
} Script;

/* Of two alike the earlier. */
static const struct {
    const char *name;
    Script script;
} pages[] = {
    {"CP1252", SCRIPT_LATIN},    {"CP850", SCRIPT_LATIN},    {"CP437", SCRIPT_LATIN},
    {"CP1251", SCRIPT_CYRILLIC}, {"CP866", SCRIPT_CYRILLIC}, {"CP932", SCRIPT_JAPANESE},
    {"CP949", SCRIPT_KOREAN},    {"CP936", SCRIPT_CHINESE},  {"CP950", SCRIPT_CHINESE},
};

enum { SAMPLE_MAX = 2048, POINTS_MAX = 4 * SAMPLE_MAX };
enum { GOOD = 6, FAIR = 4, POOR = 2, ODD = -6, BROKEN = -12 };

/* ---- the sample ------------------------------------------------------------------------------ */

/* Lines that hold other bytes than ASCII, as many as fit. */
static size_t take_sample(const char *bytes, size_t len, char *sample)
{
    size_t taken = 0;

    for (size_t at = 0; at < len && taken < SAMPLE_MAX;) {
        const char *end = memchr(bytes + at, '\n', len - at);
        size_t line = end ? (size_t)(end + 1 - (bytes + at)) : len - at;
        size_t first = 0;
        while (first < line && (unsigned char)bytes[at + first] < 0x80)
            first++;
        size_t skip = first > 64 ? first - 64 : 0; // words of its own before it
        size_t want = first == line ? 0 : line - skip;
        want = want < SAMPLE_MAX - taken ? want : SAMPLE_MAX - taken;
        memcpy(sample + taken, bytes + at + skip, want);
        taken += want;
        at += line;
    }
    return taken;
}

/* Code points; 0xFFFD for what the page has not. */
static size_t decode(const char *page, char *bytes, size_t len, uint32_t *points)
{
    iconv_t to = iconv_open("UCS-4LE", page);
    char *in = bytes, *out = (char *)points;
    size_t in_left = len, out_left = POINTS_MAX * sizeof(*points);

    if (to == (iconv_t)-1)
        return 0;
    while (in_left > 0 && iconv(to, &in, &in_left, &out, &out_left) == (size_t)-1) {
        if (errno != EILSEQ || out_left < sizeof(*points))
            break; // half a character at the end
        memcpy(out, &(uint32_t){0xFFFD}, sizeof(*points));
        out += sizeof(*points);
        out_left -= sizeof(*points);
        in++;
        in_left--;
    }
    (void)iconv_close(to);
    return POINTS_MAX - out_left / sizeof(*points);
}

/* ---- weights --------------------------------------------------------------------------------- */

static bool is_ascii_letter(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_ascii_small(uint32_t c)
{
    return c >= 'a' && c <= 'z';
}

static bool holds_point(const char *text, uint32_t point)
{
    size_t len = strlen(text), bytes;

    for (size_t at = 0; at < len; at += bytes)
        if (utf_next(text + at, len - at, &bytes) == point)
            return true;
    return false;
}

static int weight_of_latin(uint32_t before, uint32_t c, uint32_t after)
{
    bool is_in_word = is_ascii_letter(before) || is_ascii_letter(after);

    if (before >= 0x80 && after >= 0x80)
        return ODD; // hardly ever three together
    if (!is_in_word && holds_point("àèéóÀÈÉ", c))
        return FAIR; // words of their own
    if (holds_point("äöüßéèàçñóíáã", c))
        return is_in_word ? GOOD : POOR;
    if (holds_point("êâôõúùûîïëåøæœìò", c))
        return is_in_word ? FAIR : POOR;
    if (holds_point("ÄÖÜÉÈÀÇÑÓÍÁÃÊÂÔÕÚÅØÆ", c))
        return is_ascii_small(before) || !is_in_word ? ODD : FAIR;
    if (c == 0x2026 && before == ' ' && after == ' ')
        return 0; // three dots follow a word
    if (holds_point("«»“”‘’„‚–—…°§¿¡·ªº€®©\xC2\xA0", c))
        return is_ascii_letter(before) && is_ascii_letter(after) && !holds_point("’", c) ? ODD
                                                                                         : POOR;
    return ODD;
}

static bool is_cyrillic(uint32_t c)
{
    return (c >= 0x410 && c <= 0x44F) || c == 0x401 || c == 0x451;
}

static int weight_of_cyrillic(uint32_t before, uint32_t c, uint32_t after)
{
    bool is_small = (c >= 0x430 && c <= 0x44F) || c == 0x451;
    bool is_small_before = before >= 0x430 && before <= 0x44F;

    if (!is_cyrillic(c))
        return holds_point("«»“”„–—…№\xC2\xA0", c) ? POOR : ODD;
    if (is_ascii_letter(before) || is_ascii_letter(after))
        return ODD;
    if (!is_small && is_small_before)
        return ODD;
    return is_cyrillic(before) || is_cyrillic(after) ? GOOD : 0;
}

static bool is_han(uint32_t c)
{
    return c >= 0x4E00 && c <= 0x9FFF;
}

/* Two bytes make a syllable of Korean out of most that is none: seldom one of these. */
static int weight_of_hangul(uint32_t c)
{
    // of which messages are made
    // clang-format off
    static const char common[] =
        "이가은는을를에의로으도서와과하지한수없있습니다않았었였할된되음오류연"
        "결실패그인사용자버데터베스파일시간초열행변환값형식잘못권거부디크공족"
        "메모리작업패키구성요소실행암호대상개체름찾정확드중복제약조건삽입취종"
        "료원격트끊겼강접근액세경로다른프지계만기타미내외퍼또고러나면해당여전"
        "보관매개합니것위때문입력출";
    // clang-format on

    return holds_point(common, c) ? GOOD + FAIR : POOR;
}

static bool is_full_width(uint32_t c)
{
    return (c >= 0x3000 && c <= 0x303F) || (c >= 0xFF01 && c <= 0xFF5E);
}

static int weight_of_asian(Script script, uint32_t before, uint32_t c, uint32_t after)
{
    // of which messages are made
    // clang-format off
    static const char common[] =
        "的不在是有了未法能无被为与和此上中时到已可请用户登录错误连接"
        "失败服务器数据库文件名称对象操作执行超务建立网络例程实找访问"
        "支持列表值类型转换发生结果内存磁空间足权限拒绝密码安全认证無"
        "為與時請戶錯誤連線敗伺資料庫檔案稱對執行建網路程實訪問類轉換"
        "發結內記憶體磁碟間權絕碼認證使者";
    // clang-format on

    if (is_ascii_letter(before) && is_ascii_letter(after))
        return ODD;
    if (before < 0x80 && is_ascii_small(after)) // alone before a small letter: an accented one
        return ODD;
    if (is_full_width(c))
        return FAIR;
    switch (script) {
    case SCRIPT_JAPANESE:
        return c >= 0x3041 && c <= 0x30FF ? GOOD : is_han(c) ? FAIR : ODD;
    case SCRIPT_KOREAN:
        return c >= 0xAC00 && c <= 0xD7A3 ? weight_of_hangul(c) : ODD;
    default:
        return !is_han(c) ? ODD : holds_point(common, c) ? GOOD + FAIR : POOR;
    }
}

static int weight_of(Script script, uint32_t before, uint32_t c, uint32_t after)
{
    if (c == 0xFFFD || (c >= 0xE000 && c <= 0xF8FF) || c < 0xA0)
        return BROKEN;
    if (script == SCRIPT_LATIN)
        return weight_of_latin(before, c, after);
    return script == SCRIPT_CYRILLIC ? weight_of_cyrillic(before, c, after)
                                     : weight_of_asian(script, before, c, after);
}

/* Mean weight of the characters outside ASCII, in thousandths. */
static long score_of(Script script, const uint32_t *points, size_t count)
{
    long sum = 0, counted = 0;

    for (size_t i = 0; i < count; i++) {
        if (points[i] < 0x80)
            continue;
        sum += weight_of(script, i > 0 ? points[i - 1] : ' ', points[i],
                         i + 1 < count ? points[i + 1] : ' ');
        counted++;
    }
    return counted > 0 ? 1000 * sum / counted : 1000L * BROKEN;
}

const char *page_of(const char *bytes, size_t len)
{
    char sample[SAMPLE_MAX];
    uint32_t points[POINTS_MAX];
    size_t taken = take_sample(bytes, len, sample), best = 0;
    long most = 1000L * BROKEN - 1;

    for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
        size_t count = decode(pages[i].name, sample, taken, points);
        long score = count > 0 ? score_of(pages[i].script, points, count) : most;
        if (score <= most)
            continue;
        most = score;
        best = i;
    }
    return pages[best].name;
}
