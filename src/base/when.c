/* Times as people say them: "yesterday 18:00", "last friday", "2h ago". */
#include "ssisminer/base/when.h"

#include <stdio.h>
#include <string.h>

enum { WORDS_MAX = 4, DAYS_OF_WEEK = 7 };

typedef struct Words {
    Str at[WORDS_MAX];
    size_t count, next;
} Words;

static bool split(const char *text, Words *ret_words)
{
    Str rest = str_of(text), word;
    Words words = {0};

    while (str_split(&rest, ' ', &word)) {
        if (word.len == 0)
            continue;
        if (words.count == WORDS_MAX)
            return false;
        words.at[words.count++] = word;
    }
    *ret_words = words;
    return words.count > 0;
}

static bool take(Words *words, const char *word)
{
    if (words->next == words->count || !str_equal_fold(words->at[words->next], str_of(word)))
        return false;
    words->next++;
    return true;
}

/* 0 is Monday, as 0001-01-01 was one. */
static bool take_weekday(Words *words, int64_t *ret_day)
{
    static const char *const names[DAYS_OF_WEEK] = {"monday", "tuesday",  "wednesday", "thursday",
                                                    "friday", "saturday", "sunday"};
    enum { SHORT = 3 };

    if (words->next == words->count)
        return false;
    Str word = words->at[words->next];
    for (int64_t i = 0; i < DAYS_OF_WEEK; i++) {
        if (!str_equal_fold(word, str_of(names[i])) &&
            !str_equal_fold(word, (Str){names[i], SHORT}))
            continue;
        words->next++;
        *ret_day = i;
        return true;
    }
    return false;
}

/* ---- days ------------------------------------------------------------------------------------ */

typedef struct Reader {
    Words words;
    int64_t now;   // wall ticks
    int64_t today; // its start, wall ticks
} Reader;

static bool take_clock(Reader *reader, int64_t *ret_ticks)
{
    Words *words = &reader->words;

    *ret_ticks = 0;
    if (words->next == words->count)
        return true;
    (void)take(words, "at");
    return words->next + 1 == words->count && time_read_clock(words->at[words->next++], ret_ticks);
}

/* Every so many days: the latest that is not after now. */
static int64_t not_after(const Reader *reader, int64_t wall, int64_t days)
{
    return wall > reader->now ? wall - days * TICKS_PER_DAY : wall;
}

static bool read_weekday(Reader *reader, bool is_before_today, int64_t *ret_wall)
{
    int64_t weekday, clock;

    if (!take_weekday(&reader->words, &weekday) || !take_clock(reader, &clock))
        return false;
    int64_t today = reader->today / TICKS_PER_DAY % DAYS_OF_WEEK;
    int64_t back = (today - weekday + DAYS_OF_WEEK) % DAYS_OF_WEEK;
    if (is_before_today && back == 0)
        back = DAYS_OF_WEEK;
    *ret_wall = not_after(reader, reader->today - back * TICKS_PER_DAY + clock, DAYS_OF_WEEK);
    return true;
}

static bool read_day(Reader *reader, int64_t *ret_wall)
{
    int64_t clock, back = 0;

    if (take(&reader->words, "last"))
        return read_weekday(reader, true, ret_wall);
    if (take(&reader->words, "yesterday"))
        back = TICKS_PER_DAY;
    else if (!take(&reader->words, "today"))
        return read_weekday(reader, false, ret_wall);
    if (!take_clock(reader, &clock))
        return false;
    *ret_wall = reader->today - back + clock;
    return true;
}

static bool read_clock_alone(Reader *reader, int64_t *ret_wall)
{
    int64_t clock;

    (void)take(&reader->words, "at");
    if (reader->words.next + 1 != reader->words.count || !take_clock(reader, &clock))
        return false;
    *ret_wall = not_after(reader, reader->today + clock, 1);
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static bool in_range(int64_t wall)
{
    return wall >= TICKS_PER_DAY && wall <= TICKS_MAX - TICKS_PER_DAY;
}

static When when_of_wall(int64_t wall)
{
    ZoneFit fit = zone_fit(wall);
    WhenFit how = fit.is_missing                      ? WHEN_MISSING
                  : fit.first.ticks != fit.last.ticks ? WHEN_TWICE
                                                      : WHEN_ONCE;

    return (When){zone_put(fit.first), zone_put(fit.last), how};
}

static bool read_words(const char *text, Instant now, When *ret_when)
{
    Reader reader = {.now = zone_wall_ticks(now.ticks), .today = zone_day_start(now.ticks)};
    int64_t wall;

    if (!split(text, &reader.words))
        return false;
    if (!read_day(&reader, &wall)) {
        reader.words.next = 0;
        if (!read_clock_alone(&reader, &wall))
            return false;
    }
    if (!in_range(wall))
        return false;
    *ret_when = when_of_wall(wall);
    return true;
}

static bool read_form(const char *text, When *ret_when)
{
    TimeForm form;

    if (!time_read_form(text, &form))
        return false;
    if (!form.has_offset && !zone_is_utc() && in_range(form.wall_ticks)) {
        *ret_when = when_of_wall(form.wall_ticks);
        return true;
    }
    ret_when->first = ret_when->last = form.at;
    ret_when->fit = WHEN_ONCE;
    return true;
}

/* "2h ago" */
static void without_ago(const char *text, char *ret_text, size_t size)
{
    Words words;

    ret_text[0] = '\0';
    if (split(text, &words) && words.count == 2 && str_equal_fold(words.at[1], str_of("ago")) &&
        words.at[0].len < size) {
        memcpy(ret_text, words.at[0].at, words.at[0].len);
        ret_text[words.at[0].len] = '\0';
    }
}

static Rc refuse(const char *text, Err *err)
{
    (void)FAIL(err, RC_USAGE, "'%s' is not a time", text);
    return err_hint(err,
                    "write a duration ago (24h, 7d), a day and time of day (yesterday 18:00, last "
                    "friday 06:00, monday), a time of day (18:00), a date (2026-11-22), a date and "
                    "time with an optional offset (2026-11-22 03:04, 2026-11-22T03:04:05Z, "
                    "2026-11-22 03:04+01:00) or now; without an offset it is %s",
                    zone_is_utc() ? "UTC, unless --time-zone says otherwise" : zone_name());
}

/* "20261122": nobody has been told so many days. */
static bool is_bare_date(const char *text)
{
    enum { DIGITS = 8, YEAR = 4, MONTH = 2 };
    char dashed[TIME_TEXT_MAX];
    TimeForm form;

    if (strlen(text) != DIGITS || strspn(text, "0123456789") != DIGITS)
        return false;
    (void)snprintf(dashed, sizeof(dashed), "%.*s-%.*s-%s", YEAR, text, MONTH, text + YEAR,
                   text + YEAR + MONTH);
    return time_read_form(dashed, &form);
}

static Rc refuse_bare_date(const char *text, Err *err)
{
    (void)FAIL(err, RC_USAGE, "'%s' has neither unit nor hyphens", text);
    return err_hint(err, "write %.4s-%.2s-%s for the date", text, text + 4, text + 6);
}

Rc when_parse(const char *text, Instant now, When *ret_when, Err *err)
{
    char bare[TIME_TEXT_MAX];

    if (is_bare_date(text))
        return refuse_bare_date(text, err);

    if (read_form(text, ret_when) || read_words(text, now, ret_when))
        return RC_OK;
    without_ago(text, bare, sizeof(bare));
    const char *rest = bare[0] ? bare : text;
    if (!str_same_fold(rest, "now") && !time_is_like_duration(rest))
        return refuse(text, err);
    TRY(time_parse(rest, now, &ret_when->first, err));
    ret_when->last = ret_when->first;
    ret_when->fit = WHEN_ONCE;
    return RC_OK;
}
