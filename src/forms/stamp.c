/* Times as logs write them. */
#include "stamp.h"

#include "chars.h"
#include "ssisminer/base/zone.h"

/* hh:mm, perhaps with seconds; returns its length. */
static size_t clock_at(Str text, size_t at)
{
    size_t hours = digits_from(text, at);

    if (hours < 1 || hours > 2 || char_at(text, at + hours) != ':' ||
        digits_from(text, at + hours + 1) != 2)
        return 0;
    return hours + 3;
}

/* 2024-05-01, 5/1/2024, 01.05.2024, 20240501; returns its length. */
static size_t date_at(Str text, size_t at)
{
    size_t first = digits_from(text, at), end = at + first;
    char mark = char_at(text, end);

    if (first == 8 && (mark == ' ' || mark == 'T' || mark == '-'))
        return first;
    if ((first != 4 && first != 1 && first != 2) || (mark != '-' && mark != '/' && mark != '.'))
        return 0;
    size_t second = digits_from(text, end + 1);
    if (second == 0 && mark == '-') // 01-May-2024
        while (is_letter(char_at(text, end + 1 + second)))
            second++;
    end += 1 + second;
    size_t third = digits_from(text, end + 1);
    if (second == 0 || second > 9 || char_at(text, end) != mark || third == 0 || third > 4)
        return 0;
    return end + 1 + third - at;
}

/* "May  1 10:00:00" */
static size_t month_at(Str text, size_t at)
{
    static const char months[] = "jan feb mar apr may jun jul aug sep oct nov dec ";

    if (!is_one_of(char_at(text, at), "JFMASONDjfmasond"))
        return 0;
    for (const char *month = months; *month; month += 4) {
        if (!str_equal_fold(str_to(str_from(text, at), 3), (Str){month, 3}))
            continue;
        size_t day = at + 3;
        while (is_blank(char_at(text, day)))
            day++;
        size_t len = digits_from(text, day);
        return len >= 1 && len <= 2 && day > at + 3 ? day + len - at : 0;
    }
    return 0;
}

size_t stamp_end(Str text, size_t at)
{
    size_t day = date_at(text, at), end = at;

    if (day == 0)
        day = month_at(text, at);
    if (day > 0) {
        end = at + day;
        while (is_blank(char_at(text, end)) || char_at(text, end) == 'T' ||
               char_at(text, end) == ',')
            end++;
    }
    size_t clock = clock_at(text, end);
    bool has_seconds = clock > 0 && char_at(text, end + clock) == ':';
    if (clock == 0 || (day == 0 && !has_seconds))
        return at;
    end += clock;
    while (is_digit(char_at(text, end)) || is_one_of(char_at(text, end), ":.,Zz+"))
        end++;
    return end;
}

/* ---- the instant ----------------------------------------------------------------------------- */

static int number_at(Str text, size_t *at)
{
    int value = 0;

    for (; is_digit(char_at(text, *at)) && value < 100000; (*at)++)
        value = 10 * value + (text.at[*at] - '0');
    return value;
}

static int month_named(Str text)
{
    static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";

    for (int i = 0; i < 12; i++)
        if (str_equal_fold(str_to(text, 3), (Str){months + (size_t)i * 3, 3}))
            return i + 1;
    return 0;
}

typedef struct Civil {
    int year, month, day;
} Civil;

/* Three numbers in the order that their mark and size tell. */
static Civil civil_of(int a, int b, int c, size_t a_len, char mark)
{
    Civil civil = {c, a, b};

    if (a_len == 4 || (a_len == 2 && mark == '/' && a > 12 && b <= 12 && c > 12 && c <= 31))
        civil = (Civil){a, b, c};
    else if (mark == '.' || a > 12)
        civil = (Civil){c, b, a};
    if (civil.year < 100)
        civil.year += 2000;
    return civil;
}

static bool read_date(Str text, size_t *at, Civil *ret_civil)
{
    size_t first = digits_from(text, *at);

    if (first == 8) { // 20240501
        int all = 0;
        for (size_t i = 0; i < 8; i++)
            all = 10 * all + (text.at[(*at)++] - '0');
        *ret_civil = (Civil){all / 10000, all / 100 % 100, all % 100};
        return true;
    }
    int a = number_at(text, at), b;
    char mark = char_at(text, *at);
    if (first == 0 || first > 4 || !is_one_of(mark, "-/."))
        return false;
    (*at)++;
    bool is_named = is_letter(char_at(text, *at));
    if (is_named) {
        b = month_named(str_from(text, *at));
        while (is_letter(char_at(text, *at)))
            (*at)++;
    } else {
        b = number_at(text, at);
    }
    if (b == 0 || char_at(text, *at) != mark)
        return false;
    (*at)++;
    int c = number_at(text, at);
    *ret_civil = is_named ? (Civil){c, b, a} : civil_of(a, b, c, first, mark);
    return true;
}

static int64_t read_clock(Str text, size_t *at)
{
    int64_t hour = number_at(text, at), minute = 0, second = 0, ticks = 0;

    if (char_at(text, *at) != ':')
        return -1;
    (*at)++;
    minute = number_at(text, at);
    if (char_at(text, *at) == ':') {
        (*at)++;
        second = number_at(text, at);
    }
    if (is_one_of(char_at(text, *at), ".,") && digits_from(text, *at + 1) > 0) {
        (*at)++;
        for (int64_t unit = TICKS_PER_SECOND / 10; is_digit(char_at(text, *at));
             (*at)++, unit /= 10)
            ticks += unit * (text.at[*at] - '0');
    }
    size_t half = *at + (char_at(text, *at) == ' ');
    char letter = str_fold(char_at(text, half));
    if ((letter == 'a' || letter == 'p') && (str_fold(char_at(text, half + 1)) == 'm' ||
                                             STARTS_FOLD(str_from(text, half + 1), ".m."))) {
        hour = hour % 12 + (letter == 'p' ? 12 : 0);
        *at = half + 2;
    }
    if (hour > 23 || minute > 59 || second > 59)
        return -1;
    return ((hour * 60 + minute) * 60 + second) * TICKS_PER_SECOND + ticks;
}

/* Z, +02:00, -0530, after blanks; false if there is none. */
static bool read_offset(Str text, size_t at, int64_t *ret_ticks)
{
    while (char_at(text, at) == ' ')
        at++;
    char sign = char_at(text, at);
    size_t start = at + 1;
    *ret_ticks = 0;
    if (sign == 'Z')
        return true;
    if ((sign != '+' && sign != '-') || digits_from(text, start) < 2)
        return false;
    int64_t hours = (text.at[start] - '0') * 10 + (text.at[start + 1] - '0');
    size_t rest = start + 2 + (char_at(text, start + 2) == ':');
    int64_t minutes =
        digits_from(text, rest) >= 2 ? (text.at[rest] - '0') * 10 + (text.at[rest + 1] - '0') : 0;
    *ret_ticks = (sign == '-' ? -1 : 1) * (hours * 60 + minutes) * 60 * TICKS_PER_SECOND;
    return true;
}

int64_t stamp_ticks(Str text)
{
    size_t at = 0;
    Civil civil;

    if (!read_date(text, &at, &civil) || civil.month < 1 || civil.month > 12 || civil.day < 1 ||
        civil.day > 31 || civil.year < 1 || civil.year > 9999)
        return 0;
    while (is_one_of(char_at(text, at), " \tT,"))
        at++;
    int64_t days = time_days_from_civil(civil.year, civil.month, civil.day) * TICKS_PER_DAY;
    int64_t clock = read_clock(text, &at);
    int64_t wall = clock < 0 ? days : days + clock, offset;
    if (read_offset(text, at, &offset))
        return wall - offset;
    return zone_is_utc() ? wall : zone_fit(wall).first.ticks;
}
