/* Faults on request: what goes wrong, where, and how often. */
#include "faults.h"

#include "hooks.h"
#include "ssisminer/base/arena.h"
#include "ssisminer/base/log.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/base/time.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct Faults {
    Arena arena;
    Fault *list;
    size_t count;
    bool has_row;
    pthread_mutex_t lock;
};

const char hooks_fault_help[] =
    "  drop@connect            close at once\n"
    "  drop@login              close instead of answering the login\n"
    "  drop@statement=N        close instead of running statement N\n"
    "  drop@row=N              close in the middle of row N of an answer\n"
    "  drop@end=N              close when all of answer N is sent but its end\n"
    "  drop@walk[=N[:ROWS]]    cut the first client at its first point (login, statement, row,\n"
    "                          end of an answer), the second at its second, and so on; the\n"
    "                          connection that follows a cut is spared. N: begin with that point.\n"
    "                          ROWS: of an answer's rows the first three and each such one count\n"
    "  reset@... close@...     the same, but break the connection (RST), or take leave in TLS\n"
    "                          (close_notify) before it is closed; drop takes none\n"
    "  lose@statement=N        run statement N, then close without an answer\n"
    "  error=NUMBER@login      refuse the login with this error\n"
    "  error=NUMBER@statement=N  answer statement N with this error, without running it\n"
    "  error=NUMBER@ids=LO-HI[:MS]\n"
    "                          answer each statement whose @first_id to @last_id meet these with\n"
    "                          this error, for MS milliseconds from the first one; else for good\n"
    "  stall@connect  stall@login  stall@statement=N[:MS]\n"
    "                          stay silent (MS milliseconds; else until the client gives up)\n"
    "  hang@statement=N        go silent for good, even to a cancel\n"
    "  garbage@login  garbage@statement=N  garbage@row=N\n"
    "                          send bytes that make no sense, then close\n"
    "  slow=BYTES_PER_SECOND   a slow line\n"
    "  slow=BYTES_PER_SECOND@login  slow=BYTES_PER_SECOND@statement=N\n"
    "                          a line that is slow from there on\n"
    "  flood=KIND@statement=N  send without an end, and heed no cancel: messages, results, rows, "
    "value\n"
    "                          (a part of one row), between (messages behind the first row);\n"
    "                          flood=messages@login too\n"
    "  route=HOST,PORT         send every login on to another server\n"
    "Instead of statement=N a fault may say text=WORDS or text=WORDS#N: the Nth statement that\n"
    "contains these words, in either case. A fault strikes once; /every behind it repeats it at\n"
    "each Nth. Statements are batches and procedure calls that run SQL, counted over the life of\n"
    "the server; preparing, transaction requests and a driver's own \"set textsize\" do not "
    "count.\n";

static const FaultError errors[] = {
#define ERROR(number, severity, state, text) {number, severity, state, text},
#include "errors.def"
#undef ERROR
};

FaultError faults_error(int32_t number)
{
    for (size_t i = 0; i < ARRAY_LEN(errors); i++)
        if (errors[i].number == number)
            return errors[i];
    return (FaultError){number, 16, 1, "An error was asked for by --fault."};
}

/* ---- parsing --------------------------------------------------------------------------------- */

enum { VALUE_NONE, VALUE_NUMBER, VALUE_RATE, VALUE_FLOOD, VALUE_ADDRESS };

#define AT(place) (1u << (place))
#define ANYWHERE                                                                                   \
    (AT(FAULT_AT_CONNECT) | AT(FAULT_AT_LOGIN) | AT(FAULT_AT_STATEMENT) | AT(FAULT_AT_ROW) |       \
     AT(FAULT_AT_END) | AT(FAULT_AT_WALK))
static const struct {
    const char *name;
    FaultKind kind;
    int value;
    unsigned places; // 0: none is named
} kinds[] = {
    {"drop", FAULT_DROP, VALUE_NONE, ANYWHERE},
    {"close", FAULT_CLOSE, VALUE_NONE, ANYWHERE},
    {"reset", FAULT_RESET, VALUE_NONE, ANYWHERE},
    {"lose", FAULT_LOSE, VALUE_NONE, AT(FAULT_AT_STATEMENT)},
    {"error", FAULT_ERROR, VALUE_NUMBER,
     AT(FAULT_AT_LOGIN) | AT(FAULT_AT_STATEMENT) | AT(FAULT_AT_IDS)},
    {"stall", FAULT_STALL, VALUE_NONE,
     AT(FAULT_AT_CONNECT) | AT(FAULT_AT_LOGIN) | AT(FAULT_AT_STATEMENT)},
    {"hang", FAULT_HANG, VALUE_NONE, AT(FAULT_AT_STATEMENT)},
    {"garbage", FAULT_GARBAGE, VALUE_NONE,
     AT(FAULT_AT_LOGIN) | AT(FAULT_AT_STATEMENT) | AT(FAULT_AT_ROW)},
    {"slow", FAULT_SLOW, VALUE_RATE, AT(FAULT_AT_LOGIN) | AT(FAULT_AT_STATEMENT)},
    {"flood", FAULT_FLOOD, VALUE_FLOOD, AT(FAULT_AT_LOGIN) | AT(FAULT_AT_STATEMENT)},
    {"route", FAULT_ROUTE, VALUE_ADDRESS, 0},
};

static const struct {
    const char *name;
    FaultPlace place;
    bool is_text;
} places[] = {
    {"connect", FAULT_AT_CONNECT, false},
    {"login", FAULT_AT_LOGIN, false},
    {"statement", FAULT_AT_STATEMENT, false},
    {"text", FAULT_AT_STATEMENT, true},
    {"row", FAULT_AT_ROW, false},
    {"end", FAULT_AT_END, false},
    {"walk", FAULT_AT_WALK, false},
    {"ids", FAULT_AT_IDS, false},
};

static const char *const flood_names[] = {
    [FLOOD_MESSAGES] = "messages", [FLOOD_RESULTS] = "results", [FLOOD_ROWS] = "rows",
    [FLOOD_VALUE] = "value",       [FLOOD_BETWEEN] = "between",
};

/* What is before `at`; the rest stays, empty if there is no `at`. */
static Str cut_at(Str *rest, char at)
{
    Str head = {0};

    (void)str_split(rest, at, &head);
    return head;
}

static bool positive(Str text, int64_t most, int64_t *ret_value)
{
    return str_to_i64(text, ret_value) && *ret_value > 0 && *ret_value <= most;
}

static bool parse_address(Str value, Arena *arena, Fault *fault)
{
    Str rest = value;
    int64_t port = 0;
    Str host = cut_at(&rest, ':');

    // Port 0 is one that no client may follow.
    if (host.len == 0 || !(str_equal(rest, str_of("0")) || positive(rest, UINT16_MAX, &port)))
        return false;
    fault->host = arena_copy(arena, host.at, host.len);
    fault->port = (int)port;
    return true;
}

static bool parse_flood(Str value, Fault *fault)
{
    for (size_t i = 0; i < ARRAY_LEN(flood_names); i++)
        if (str_equal(value, str_of(flood_names[i]))) {
            fault->flood = (FloodKind)i;
            return true;
        }
    return false;
}

static bool parse_value(Str value, int wanted, Faults *faults, Fault *fault)
{
    int64_t number = 0;

    if (wanted == VALUE_NONE)
        return value.len == 0;
    if (wanted == VALUE_FLOOD)
        return parse_flood(value, fault);
    if (wanted == VALUE_ADDRESS)
        return parse_address(value, &faults->arena, fault);
    if (!positive(value, INT32_MAX, &number))
        return false;
    fault->number = (int32_t)number; // of an error, or
    fault->rate = (long)number;
    return true;
}

static bool parse_range(Str value, Fault *fault)
{
    Str last = value;
    Str first = cut_at(&last, '-');

    return positive(first, INT64_MAX, &fault->at) && positive(last, INT64_MAX, &fault->last) &&
           fault->at <= fault->last;
}

/* "PLACE", "PLACE=N", "statement=N:MS", "text=WORDS#N:MS" */
static bool parse_place(Str text, unsigned allowed, Arena *arena, Fault *fault)
{
    Str value = text;
    Str name = cut_at(&value, '=');
    const char *colon = value.len > 0 ? memrchr(value.at, ':', value.len) : NULL;
    int64_t ms = 0;

    if (colon &&
        positive((Str){colon + 1, (size_t)(value.at + value.len - colon - 1)}, INT32_MAX, &ms))
        value.len = (size_t)(colon - value.at);
    fault->ms = (long)ms;
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        if (!str_equal(name, str_of(places[i].name)) || !(allowed & AT(places[i].place)))
            continue;
        fault->place = places[i].place;
        if (places[i].is_text) {
            Str words = cut_at(&value, '#');
            if (words.len == 0)
                return false;
            fault->text = arena_copy(arena, words.at, words.len);
        }
        if (fault->place == FAULT_AT_IDS)
            return parse_range(value, fault);
        return value.len == 0 || positive(value, INT64_MAX, &fault->at);
    }
    return false;
}

static bool parse_one(Str text, Faults *faults, Fault *fault)
{
    Str place = text;
    Str value = cut_at(&place, '@');
    Str name = cut_at(&value, '=');

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (!str_equal(name, str_of(kinds[i].name)))
            continue;
        fault->kind = kinds[i].kind;
        if (!parse_value(value, kinds[i].value, faults, fault))
            return false;
        if (kinds[i].places == 0)
            return place.len == 0;
        if (fault->kind == FAULT_SLOW && place.len == 0) // from the first byte on
            return fault->is_every = true;
        return parse_place(place, kinds[i].places, &faults->arena, fault) &&
               (fault->place != FAULT_AT_LOGIN || fault->flood == FLOOD_MESSAGES);
    }
    return false;
}

/* The next fault; "route=HOST,PORT" has a comma of its own. */
static Str next_piece(Arena *arena, Str *rest)
{
    Str piece = cut_at(rest, ',');

    if (piece.len > 6 && memcmp(piece.at, "route=", 6) == 0 && !memchr(piece.at, ':', piece.len)) {
        Str port = cut_at(rest, ',');
        return str_of(arena_printf(arena, "%.*s:%.*s", STR_FMT(piece), STR_FMT(port)));
    }
    return piece;
}

static Rc parse_all(Faults *faults, Str rest, Err *err)
{
    static const char every[] = "/every";

    while (rest.len > 0) {
        Str piece = str_trim(next_piece(&faults->arena, &rest));
        Fault fault = {.at = 1, .spec = arena_copy(&faults->arena, piece.at, piece.len)};
        Str body = piece;

        if (piece.len > 6 && memcmp(piece.at + piece.len - 6, every, 6) == 0) {
            fault.is_every = true;
            body.len -= 6;
        }
        if (!parse_one(body, faults, &fault)) {
            (void)FAIL(err, RC_USAGE, "unknown fault '%.*s'", STR_FMT(piece));
            return err_hint(err, "`ssisminer-sandbox help serve` lists the faults");
        }
        fault.is_every |= fault.kind == FAULT_ROUTE;
        if (fault.kind == FAULT_ROUTE)
            fault.place = FAULT_AT_LOGIN;
        faults->has_row |= fault.place == FAULT_AT_ROW || fault.place == FAULT_AT_WALK;
        *ARENA_PUSH(&faults->arena, faults->list, faults->count) = fault;
    }
    return RC_OK;
}

Rc faults_parse(const char *spec, Faults **ret_faults, Err *err)
{
    Faults *faults = mem_alloc(sizeof(*faults));

    pthread_mutex_init(&faults->lock, NULL);
    if (parse_all(faults, str_of(spec), err) != RC_OK) {
        faults_free(faults);
        return err->rc;
    }
    *ret_faults = faults;
    return RC_OK;
}

void faults_free(Faults *faults)
{
    if (!faults)
        return;
    pthread_mutex_destroy(&faults->lock);
    arena_done(&faults->arena);
    free(faults);
}

/* ---- striking -------------------------------------------------------------------------------- */

static bool contains_fold(Str text, const char *words)
{
    Str needle = str_of(words);

    for (size_t i = 0; i + needle.len <= text.len; i++)
        if (str_equal_fold((Str){text.at + i, needle.len}, needle))
            return true;
    return false;
}

static bool strikes(Fault *fault)
{
    fault->seen++;
    return fault->is_every ? fault->seen % fault->at == 0 : fault->seen == fault->at;
}

/* Of many rows one is like the other. */
static bool is_point(const Fault *fault, FaultPlace place, int64_t row)
{
    enum { ROWS_ALL = 3 };

    if (place == FAULT_AT_ROW && fault->ms > 0)
        return row <= ROWS_ALL || row % fault->ms == 0;
    return place != FAULT_AT_CONNECT;
}

/* A client begins with its login. Whoever comes after a cut is taken for the one that was cut. */
static bool walk_strikes(Fault *fault, FaultPlace place, int64_t row)
{
    if (!is_point(fault, place, row))
        return false;
    if (place == FAULT_AT_LOGIN) {
        fault->is_spared = fault->has_struck;
        fault->has_struck = false;
        fault->seen = 0;
    }
    if (fault->is_spared || ++fault->seen != fault->at)
        return false;
    fault->at++;
    return fault->has_struck = true;
}

/* Of an answer's rows each is the `row`th: no count over the life of the server. */
static bool row_strikes(Fault *fault, int64_t row)
{
    if (fault->at != row || (fault->seen && !fault->is_every))
        return false;
    fault->seen++;
    return true;
}

static bool ids_strike(Fault *fault, const FaultEvent *event)
{
    int64_t now = time_monotonic_ms();

    if (event->last < fault->at || event->first > fault->last)
        return false;
    if (fault->ms > 0 && fault->until_ms == 0)
        fault->until_ms = now + fault->ms;
    return fault->ms == 0 || now < fault->until_ms;
}

static bool is_due(Fault *fault, const FaultEvent *event)
{
    if (fault->place == FAULT_AT_WALK)
        return walk_strikes(fault, event->place, event->row);
    if (fault->place == FAULT_AT_IDS)
        return event->last > 0 && ids_strike(fault, event);
    if (fault->place != event->place || (fault->text && !contains_fold(event->text, fault->text)))
        return false;
    return event->place == FAULT_AT_ROW ? row_strikes(fault, event->row) : strikes(fault);
}

const Fault *faults_due(Faults *faults, const FaultEvent *event)
{
    const Fault *due = NULL;

    if (event->place == FAULT_AT_ROW && !faults->has_row)
        return NULL;
    pthread_mutex_lock(&faults->lock);
    for (size_t i = 0; i < faults->count; i++) {
        Fault *fault = &faults->list[i];
        if (!is_due(fault, event) || due)
            continue;
        due = fault;
        log_note("fault %s strikes (%" PRId64 ")", fault->spec, fault->seen);
    }
    pthread_mutex_unlock(&faults->lock);
    return due;
}
