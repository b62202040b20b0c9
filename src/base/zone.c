/* The time zone that times are said in, from the C library's files. */
#include "ssisminer/base/zone.h"

#include "ssisminer/base/sat.h"
#include "ssisminer/os/os.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { NAME_BYTES = 128, PATH_BYTES = 512 };

static bool is_utc = true;
static char chosen[NAME_BYTES] = "UTC";

/* ---- which ----------------------------------------------------------------------------------- */

static const char *folder(void)
{
    const char *own = getenv("TZDIR");

    return own && *own ? own : "/usr/share/zoneinfo";
}

static bool is_safe(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "_+-/";

    return *name && *name != '/' && strlen(name) < NAME_BYTES &&
           strspn(name, letters) == strlen(name);
}

/* Files of zones begin with "TZif". */
static bool is_zone_file(const char *path)
{
    char magic[4] = "";
    int file = open(path, O_RDONLY | O_CLOEXEC);

    if (file < 0)
        return false;
    bool is_one = read(file, magic, sizeof(magic)) == (ssize_t)sizeof(magic) &&
                  memcmp(magic, "TZif", sizeof(magic)) == 0;
    (void)close(file);
    return is_one;
}

static bool has_zones(void)
{
    return access(folder(), X_OK) == 0;
}

/* "europe/berlin" as "Europe/Berlin". */
static bool is_known_otherwise(const char *name, char ret_name[NAME_BYTES])
{
    char path[PATH_BYTES];
    bool is_first = true;

    if (!is_safe(name))
        return false;
    (void)snprintf(ret_name, NAME_BYTES, "%s", name);
    for (char *c = ret_name; *c; c++) {
        bool is_small = *c >= 'a' && *c <= 'z', is_big = *c >= 'A' && *c <= 'Z';
        if (is_first && is_small)
            *c = (char)(*c - ('a' - 'A'));
        else if (!is_first && is_big)
            *c = (char)(*c + ('a' - 'A'));
        is_first = !is_small && !is_big;
    }
    return snprintf(path, sizeof(path), "%s/%s", folder(), ret_name) < PATH_BYTES &&
           is_zone_file(path);
}

static Rc refuse(const char *name, Err *err)
{
    char otherwise[NAME_BYTES];

    (void)FAIL(err, RC_USAGE, "there is no time zone '%s'", name);
    if (!has_zones())
        return err_hint(err, "there are no zones at all in %s: install tzdata", folder());
    if (is_known_otherwise(name, otherwise))
        return err_hint(err, "did you mean %s?", otherwise);
    if (strstr(name, "Standard Time"))
        return err_hint(err,
                        "that is Windows' name for it: write the IANA one, as Europe/Berlin for W. "
                        "Europe Standard Time");
    return err_hint(err,
                    "write UTC, local, or a name as it is spelled in %s: Europe/Berlin, "
                    "America/New_York",
                    folder());
}

static Rc use_named(const char *name, Err *err)
{
    char path[PATH_BYTES];

    if (!is_safe(name) || snprintf(path, sizeof(path), "%s/%s", folder(), name) >= PATH_BYTES ||
        !is_zone_file(path))
        return refuse(name, err);
    (void)snprintf(path, sizeof(path), ":%s", name);
    if (setenv("TZ", path, 1) != 0)
        return FAIL(err, RC_USAGE, "time zone '%s' cannot be set", name);
    (void)snprintf(chosen, sizeof(chosen), "%s", name);
    return RC_OK;
}

/* The name of the machine's zone, where its link tells it. */
static void name_local(void)
{
    static const char within[] = "zoneinfo/";
    char path[PATH_BYTES];
    const char *own = getenv("TZ"), *name = NULL;
    ssize_t len = readlink("/etc/localtime", path, sizeof(path) - 1);

    if (own)
        name = *own == ':' ? own + 1 : own;
    else if (len > 0) {
        path[len] = '\0';
        name = strstr(path, within);
        name = name ? name + strlen(within) : NULL;
    }
    (void)snprintf(chosen, sizeof(chosen), "%s", name && is_safe(name) ? name : "local");
}

/* The C library takes a $TZ that it does not know for UTC, without a word. */
static Rc use_local(Err *err)
{
    const char *own = getenv("TZ");
    char path[PATH_BYTES];

    if (own && *own && is_safe(*own == ':' ? own + 1 : own) && strchr(own, '/')) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder(), *own == ':' ? own + 1 : own);
        if (!is_zone_file(path)) {
            (void)refuse(own, err);
            return err_note(err, "the variable TZ");
        }
    }
    name_local();
    return RC_OK;
}

Rc zone_use(const char *name, Err *err)
{
    static const char *const utc[] = {"UTC", "Z", "GMT", "Etc/UTC"};

    for (size_t i = 0; i < ARRAY_LEN(utc); i++)
        if (str_same_fold(name, utc[i])) {
            is_utc = true;
            (void)snprintf(chosen, sizeof(chosen), "UTC");
            return RC_OK;
        }
    if (str_same_fold(name, "local"))
        TRY(use_local(err));
    else
        TRY(use_named(name, err));
    tzset();
    is_utc = str_same_fold(chosen, "UTC") || str_same_fold(chosen, "Etc/UTC");
    return RC_OK;
}

const char *zone_name(void)
{
    return chosen;
}

bool zone_is_utc(void)
{
    return is_utc;
}

/* ---- instants to the wall -------------------------------------------------------------------- */

static int64_t floor_div(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

/* A million instants of one log lie in few hours, and offsets change on the quarter hour. */
int zone_offset_minutes(int64_t ticks)
{
    static _Thread_local int64_t known_quarter = INT64_MIN;
    static _Thread_local int known_offset;
    const int64_t quarter_ticks = 900 * TICKS_PER_SECOND;
    int64_t quarter = floor_div(ticks, quarter_ticks);

    if (is_utc)
        return 0;
    if (quarter != known_quarter) {
        known_offset = os_zone_minutes(
            floor_div(sat_sub(quarter * quarter_ticks, TICKS_UNIX_EPOCH), TICKS_PER_SECOND));
        known_quarter = quarter;
    }
    return known_offset;
}

Instant zone_put(Instant at)
{
    return at.is_set ? time_instant(at.ticks, zone_offset_minutes(at.ticks)) : at;
}

int64_t zone_wall_ticks(int64_t ticks)
{
    return sat_add(ticks, zone_offset_minutes(ticks) * 60 * TICKS_PER_SECOND);
}

int zone_hour_of_day(int64_t ticks)
{
    int64_t wall = zone_wall_ticks(ticks), hour_ticks = TICKS_PER_DAY / 24;

    return (int)(floor_div(wall, hour_ticks) - floor_div(wall, TICKS_PER_DAY) * 24);
}

int64_t zone_day_start(int64_t ticks)
{
    return floor_div(zone_wall_ticks(ticks), TICKS_PER_DAY) * TICKS_PER_DAY;
}

/* ---- the wall to instants -------------------------------------------------------------------- */

static int64_t less_offset(int64_t wall_ticks, int offset)
{
    return sat_sub(wall_ticks, offset * 60 * TICKS_PER_SECOND);
}

/* Clocks are never moved twice within two days: the offset there was and the one there will be are
 * the only ones that the time can have been shown with. */
ZoneFit zone_fit(int64_t wall_ticks)
{
    int before = zone_offset_minutes(sat_sub(wall_ticks, TICKS_PER_DAY));
    int after = zone_offset_minutes(sat_add(wall_ticks, TICKS_PER_DAY));
    int64_t first = less_offset(wall_ticks, before), last = less_offset(wall_ticks, after);
    bool is_first = zone_offset_minutes(first) == before;
    bool is_last = zone_offset_minutes(last) == after;

    if (!is_first && !is_last)
        return (ZoneFit){time_instant(first, 0), time_instant(first, 0), .is_missing = true};
    if (!is_first)
        first = last;
    if (!is_last)
        last = first;
    return (ZoneFit){time_instant(first < last ? first : last, 0),
                     time_instant(first < last ? last : first, 0), .is_missing = false};
}
