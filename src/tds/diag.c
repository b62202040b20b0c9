/* What the driver says when something fails, read once and put in order. */
#include "diag.h"

#include "advice.h"

#include "ssisminer/base/log.h"
#include "ssisminer/base/str.h"
#include "ssisminer/base/utf.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { MOST_RECORDS = 32, WORDS_UNITS = 480 };

/* ---- records --------------------------------------------------------------------------------- */

/* Off with "[FreeTDS][SQL Server]" in front and a full stop behind: an Err has neither. */
static Str bare(Str text)
{
    text = str_trim(text);
    while (text.len > 0 && text.at[0] == '[') {
        const char *end = memchr(text.at, ']', text.len);
        if (!end)
            break;
        text.len -= (size_t)(end + 1 - text.at);
        text.at = end + 1;
    }
    text = str_trim(text);
    while (text.len > 0 && text.at[text.len - 1] == '.')
        text.len--;
    return text;
}

/* Reads record `number`; false when there is none. */
static bool read_record(const TdsDriver *driver, SQLSMALLINT type, SQLHANDLE handle, int number,
                        TdsFault *ret_record)
{
    SQLWCHAR state[6] = {0}, units[WORDS_UNITS] = {0};
    char text[UTF_FROM_UTF16_MAX(WORDS_UNITS)];
    SQLINTEGER native = 0;
    SQLSMALLINT len = 0;

    SQLRETURN rc = driver->get_diag_rec(type, handle, (SQLSMALLINT)number, state, &native, units,
                                        WORDS_UNITS, &len);
    if (rc != SQL_SUCCESS && rc != SQL_SUCCESS_WITH_INFO)
        return false;
    size_t count = len < 0 ? 0 : (size_t)len;
    if (count > WORDS_UNITS - 1)
        count = WORDS_UNITS - 1; // the driver cut it

    *ret_record = (TdsFault){.native = (int32_t)native};
    for (size_t i = 0; i < 5; i++)
        ret_record->state[i] = (char)(state[i] & 0x7F);
    size_t bytes = utf_show_nuls(text, utf_from_utf16(units, count, text));
    Str words = bare((Str){text, bytes});
    static_assert(sizeof(text) < sizeof(ret_record->words), "what a driver gives has room");
    memcpy(ret_record->words, words.at, words.len);
    return true;
}

/* FreeTDS numbers its own messages 20000 to 20999 and gives the server's as they are. With a
 * SQLSTATE of class 08 a number may be the system's (104, 10054). */
static bool is_server_number(int32_t native, const char *state)
{
    const TdsTransient *known = tds_transient(native);

    if (native <= 0 || (native >= 20000 && native <= 20999))
        return false;
    if (!str_starts(state, "08"))
        return true;
    return native >= 900 && !(known && known->transience == TDS_TRANSPORT);
}

static bool is_info(const TdsFault *record)
{
    return record->native == 5701 || record->native == 5703;
}

/* How much a record tells: the server's error most (18456 less than the reason that comes with
 * it), then a time-out, the server's warnings, the driver's own reasons, and least its "connection
 * failed". */
static int weight(const TdsFault *record)
{
    bool is_warning = str_starts(record->state, "01");

    if (is_info(record))
        return 0;
    if (is_server_number(record->native, record->state))
        return is_warning ? 3 : record->native == 18456 ? 5 : 6;
    if (str_starts(record->state, "HYT"))
        return 4;
    return record->native != 0 && record->native != 20002 ? 2 : 1;
}

/* ---- kinds ----------------------------------------------------------------------------------- */

/* FreeTDS's: read failed, write failed, unexpected end, connection dead. */
static bool is_loss_number(int32_t native)
{
    return native == 20004 || native == 20006 || native == 20017 || native == 20047;
}

static bool is_loss(const TdsFault *record)
{
    if (record->native == 20009) // FreeTDS could not connect at all; its SQLSTATE is 08S01 too
        return false;
    return is_loss_number(record->native) || str_same(record->state, "08S01") ||
           str_same(record->state, "08003") || str_same(record->state, "08007");
}

static bool is_missing_driver(const TdsFault *record)
{
    return str_same(record->state, "IM002") || str_same(record->state, "IM003") ||
           str_starts(record->words, "Can't open lib");
}

static void classify(TdsFault *fault)
{
    if (is_server_number(fault->native, fault->state))
        fault->number = fault->native;
    if (fault->number == 0 && str_starts(fault->state, "HYT")) { // 1222 comes as HYT00 too
        fault->is_timeout = true;
        fault->number = TDS_NUMBER_TIMEOUT;
        return;
    }
    const TdsTransient *known = tds_transient(fault->number);
    if (known && known->transience != TDS_TRANSPORT)
        fault->transience = known->transience;
    else if (fault->is_lost && fault->number == 0)
        fault->transience = TDS_TRANSPORT;
}

void tds_fault_read(const TdsDriver *driver, SQLSMALLINT type, SQLHANDLE handle,
                    TdsFault *ret_fault)
{
    TdsFault best = {.words = "the driver gave no reason"}, record;
    bool is_lost = false, is_driver_missing = false;
    int best_weight = 0;

    for (int i = 1; i <= MOST_RECORDS && read_record(driver, type, handle, i, &record); i++) {
        is_lost |= is_loss(&record);
        is_driver_missing |= is_missing_driver(&record);
        if (weight(&record) > best_weight) {
            best = record;
            best_weight = weight(&record);
        }
    }
    best.is_lost = is_lost;
    best.is_driver_missing = is_driver_missing;
    classify(&best);
    *ret_fault = best;
}

bool tds_fault_tells(const TdsFault *fault)
{
    return fault->words[0] != '\0' && !str_same(fault->words, "Unknown error");
}

void tds_fault_log_infos(const TdsDriver *driver, SQLHSTMT stmt)
{
    TdsFault record;

    if (log_level() < LOG_VERBOSE)
        return;
    for (int i = 1; i <= MOST_RECORDS && read_record(driver, SQL_HANDLE_STMT, stmt, i, &record);
         i++)
        if (!is_info(&record))
            log_detail("the server says: %s", record.words);
}

/* ---- errors ---------------------------------------------------------------------------------- */

static const int32_t rights_numbers[] = {229, 230, 262, 297, 300, 371, 6004, 15247, 15562};

static Rc rc_of_statement(int32_t number)
{
    for (size_t i = 0; i < ARRAY_LEN(rights_numbers); i++)
        if (rights_numbers[i] == number)
            return RC_RIGHTS;
    return RC_QUERY;
}

static Rc flood_of_statement(Err *err)
{
    (void)err_set(err, RC_QUERY, "the server sent far more than one row can be");
    return err_hint(err, "that is no sane answer: check what listens there, and what is between "
                         "here and there");
}

Rc tds_fault_of_statement(const TdsFault *fault, int query_timeout_s, Err *err)
{
    const char *hint = tds_advice(fault->number, fault->words, TDS_AT_STATEMENT);
    Rc rc = rc_of_statement(fault->number);

    if (fault->is_flood)
        return flood_of_statement(err);
    if (fault->is_too_large) {
        (void)err_set(err, rc, "the answer is too large: 1 GB of memory is used up");
        return err_hint(err, "ask for less: a shorter window (--since), one folder or package");
    }
    if (fault->is_slow)
        (void)err_set(err, rc, "the server sent no whole row and no end within %d s",
                      query_timeout_s);
    else if (fault->is_timeout)
        (void)err_set(err, rc, "the server sent nothing for %d s", query_timeout_s);
    else if (fault->number != 0)
        (void)err_set(err, rc, "%s (error %d)", fault->words, (int)fault->number);
    else if (fault->is_lost)
        (void)err_set(err, rc, "the connection was lost%s%s", tds_fault_tells(fault) ? ": " : "",
                      tds_fault_tells(fault) ? fault->words : "");
    else
        (void)err_set(err, rc, "%s", fault->words);
    err->number = fault->number;
    if (!hint && fault->is_lost)
        hint = "run it again; if it happens again look at the server's error log and at what is "
               "between here and there";
    return hint ? err_hint(err, "%s", hint) : rc;
}

Rc tds_fault_of_login(const TdsFault *fault, Err *err)
{
    const char *hint = tds_advice(fault->number, fault->words, TDS_AT_LOGIN);

    (void)err_set(err, RC_CONNECT, "%s (error %d)", fault->words, (int)fault->number);
    err->number = fault->number;
    return hint ? err_hint(err, "%s", hint) : RC_CONNECT;
}
