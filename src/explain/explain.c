/* From a number or a name to everything it may mean. */
#include "ssisminer/explain/explain.h"

#include "internal.h"

#include "ssisminer/base/nearest.h"
#include "ssisminer/codes/table.h"
#include "ssisminer/ssisdb/ssisdb.h"
#include "ssisminer/tds/transient.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    READINGS_MAX = 24,
    ENTRIES_MAX = 32,
    SQL_NUMBER_MAX = 65535,
    FIRST_OF_SSISDB = 27100, // error numbers of its procedures
    LAST_OF_SSISDB = 27299,
    FIRST_EVENT = 12288, // what Integration Services writes to the Windows event log
    LAST_EVENT = 12558
};

typedef struct Answer {
    const SigSet *set;
    Arena *arena;
    Explanation out;
    Reading *readings;
    const Signature **entries;
    size_t vague_count; // of the readings
} Answer;

/* ---- collecting ------------------------------------------------------------------------------ */

static void add_reading(Answer *answer, const char *kind, const char *name, const char *text)
{
    if (answer->out.reading_count == READINGS_MAX)
        return;
    answer->readings[answer->out.reading_count++] = (Reading){kind, name, text};
}

/* Of a range, or where else to look: no hit. */
static void add_vague(Answer *answer, const char *kind, const char *name, const char *text)
{
    answer->vague_count += answer->out.reading_count < READINGS_MAX;
    add_reading(answer, kind, name, text);
}

static void add_entry(Answer *answer, const Signature *entry)
{
    for (size_t i = 0; i < answer->out.entry_count; i++)
        if (answer->entries[i] == entry)
            return;
    if (answer->out.entry_count < ENTRIES_MAX)
        answer->entries[answer->out.entry_count++] = entry;
}

static void add_entries_of_code(Answer *answer, int64_t code)
{
    const Signature *found[ENTRIES_MAX];
    size_t count = sig_explain_code(answer->set, code, found, ENTRIES_MAX);

    for (size_t i = 0; i < count; i++)
        add_entry(answer, found[i]);
}

/* ---- enumerations of the catalog ------------------------------------------------------------- */

typedef struct Meaning {
    int value;
    const char *name, *text;
} Meaning;

static const Meaning statuses[] = {
    {STATUS_CREATED, "created",
     "create_execution was called and start_execution was not: it waits to be started, or was "
     "forgotten"},
    {STATUS_RUNNING, "running",
     "the operation is under way, or its process died without anybody noticing"},
    {STATUS_CANCELED, "canceled", "somebody stopped it: stopped_by_name tells who"},
    {STATUS_FAILED, "failed",
     "it ended with an error: 'ssisminer report --execution ID' shows the cause"},
    {STATUS_PENDING, "pending",
     "it was started and waits for a worker: see 'ssisminer capacity' when it waits for long"},
    {STATUS_ENDED_UNEXPECTEDLY, "ended unexpectedly",
     "its process is gone without having said how it ended"},
    {STATUS_SUCCEEDED, "succeeded", "it ended well"},
    {STATUS_STOPPING, "stopping", "a stop was asked for and is not done yet"},
    {STATUS_COMPLETED, "completed",
     "it ended, and its result counts neither as success nor as failure"},
};

static const Meaning operation_types[] = {
    {1, "startup", "the catalog repaired its state after a start of the server"},
    {2, "retention_cleanup", "the retention purge of the operation log"},
    {3, "version_cleanup", "the purge of old project versions"},
    {101, "deploy_project", "a project was deployed"},
    {106, "restore_project", "an earlier version of a project was restored"},
    {200, "create_execution", "a package was, or was to be, executed"},
    {202, "stop_operation", "another operation was to be stopped"},
    {300, "validate_project", "a project was validated"},
    {301, "validate_package", "a package was validated"},
    {1000, "configure_catalog", "a property of the catalog was changed"},
};

static const Meaning message_types[] = {
    {-1, "unknown", "a message of no known type"},
    {10, "pre-validate", "an executable is about to be validated"},
    {20, "post-validate", "an executable was validated"},
    {MESSAGE_PRE_EXECUTE, "pre-execute", "an executable is about to run"},
    {40, "post-execute", "an executable has run"},
    {50, "status change", "an executable changed its status"},
    {60, "progress", "how far an executable is"},
    {MESSAGE_INFORMATION, "information", "a note that needs no action"},
    {80, "variable changed", "a variable got another value"},
    {90, "diagnostic", "what a connection or provider does; logging level Verbose"},
    {MESSAGE_QUERY_CANCEL, "query cancel", "a task asked whether it was to stop"},
    {MESSAGE_WARNING, "warning", "something is odd and the run goes on"},
    {MESSAGE_ERROR, "error", "an error event: causes are among these"},
    {MESSAGE_TASK_FAILED, "task failed",
     "a task ended as failed; its errors are messages of their own"},
    {140, "diagnostic ex", "diagnostic data as XML"},
    {200, "custom", "an event of a task's own"},
    {400, "non-diagnostic", "an event of a kind of its own"},
};

static const Meaning dtexec_codes[] = {
    {0, "DTSER_SUCCESS", "the package ran successfully"},
    {1, "DTSER_FAILURE", "the package failed: read its messages"},
    {3, "DTSER_CANCELED", "the package was canceled by its user"},
    {4, NULL, "dtexec could not find the package: check path, folder and server"},
    {5, NULL, "dtexec could not load the package: damaged, of a newer version, or protected"},
    {6, NULL, "dtexec did not understand its command line"},
};

static const Meaning process_codes[] = {
    {0, NULL, "the process of the package (ISServerExec, SSIS Executor) ended normally"},
    {-1, NULL, "the process of the package was ended from outside, or could not start"},
};

/* Event ids of the sources SQLISPackage…; the log provider's differ between its versions. */
static const Meaning windows_events[] = {
    {12249, NULL, "a warning of a package, by the event log provider (newer versions: 12549)"},
    {12250, NULL, "an error of a package, by the event log provider (newer versions: 12550)"},
    {12251, NULL, "a task failed, by the event log provider"},
    {12258, NULL, "information of a package, by the event log provider (newer versions: 12558)"},
    {12288, "package started", "the package started"},
    {12289, "package finished", "the package ended successfully"},
    {12290, "package canceled", "the package was canceled"},
    {12291, "package failed", "the package failed: its own messages say why"},
    {12544, NULL, "an event of no special kind, by the event log provider"},
    {12546, "post-execute", "an executable has run, by the event log provider"},
    {12547, "pre-validate", "an executable is about to be validated, by the event log provider"},
    {12548, "post-validate", "an executable was validated, by the event log provider"},
    {12549, "warning", "a warning of a package, by the event log provider"},
    {12550, "error", "an error of a package, by the event log provider: its text is the cause"},
    {12551, "task failed", "a task failed, by the event log provider"},
    {12552, "progress", "how far an executable is, by the event log provider"},
    {12556, "package start", "the package started, by the event log provider"},
    {12557, "package end", "the package ended, by the event log provider"},
    {12558, "information", "information of a package, by the event log provider"},
};

static const Meaning windows_errors[] = {
    {2, "ERROR_FILE_NOT_FOUND", "the file was not found"},
    {3, "ERROR_PATH_NOT_FOUND", "the path was not found"},
    {5, "ERROR_ACCESS_DENIED", "access was denied"},
    {32, "ERROR_SHARING_VIOLATION", "another process holds the file open"},
    {53, "ERROR_BAD_NETPATH", "the network path was not found"},
    {64, "ERROR_NETNAME_DELETED", "the network name is no longer there: the connection was cut"},
    {67, "ERROR_BAD_NET_NAME", "the network name was not found"},
    {87, "ERROR_INVALID_PARAMETER", "a parameter is wrong"},
    {112, "ERROR_DISK_FULL", "the disk is full"},
    {121, "ERROR_SEM_TIMEOUT", "the semaphore time-out expired: mostly the network went away"},
    {1326, "ERROR_LOGON_FAILURE", "the user name or the password is wrong"},
    {1450, "ERROR_NO_SYSTEM_RESOURCES", "Windows has no resources left"},
    {1455, "ERROR_COMMITMENT_LIMIT", "the page file is too small: memory ran out"},
    {10053, "WSAECONNABORTED", "software on this machine ended the connection"},
    {10054, "WSAECONNRESET", "the other end reset the connection"},
    {10060, "WSAETIMEDOUT", "the connection attempt timed out"},
    {10061, "WSAECONNREFUSED", "nothing listens at the other end"},
    {11001, "WSAHOST_NOT_FOUND", "the host name is unknown"},
};

/* Words that may stand before a number, and what it then is. */
typedef struct Kind {
    const char *name;
    const char *words; // "a|b": what people write before the number
    const Meaning *meanings;
    size_t count;
} Kind;

#define EXIT_WORDS  "exited with code|exited with exit code|ended with code|terminated with code"
#define EVENT_WORDS "event id|event|eventid|windows event"

#define KIND(name, words, list)                                                                    \
    {                                                                                              \
        name, words, list, ARRAY_LEN(list)                                                         \
    }

static const Kind kinds[] = {
    KIND("operation status", "status|operation status|execution status", statuses),
    KIND("message type", "message type|message_type", message_types),
    KIND("operation type", "operation type|operation_type", operation_types),
    KIND("dtexec exit code", "exit code|dtexec|dtexec exit code|return code|returned|" EXIT_WORDS,
         dtexec_codes),
    KIND("package process exit code",
         "exit code|isserverexec|ssis executor exit code|executor exit code|" EXIT_WORDS,
         process_codes),
    KIND("SSIS event", EVENT_WORDS, windows_events),
    KIND("Windows error", "windows error|win32 error|win32|windows|system error|os error",
         windows_errors),
};

static bool is_word_of(const char *words, Str word)
{
    Str rest = str_of(words), one;

    while (str_split(&rest, '|', &one))
        if (str_equal_fold(one, word))
            return true;
    return false;
}

/* A status has an entry of its own when it is all that an execution says. */
static void add_meaning(Answer *answer, const Kind *kind, const Meaning *meaning, const char *as)
{
    const Signature *entry = sigset_for_status(answer->set, meaning->value);

    add_reading(answer, as, meaning->name, meaning->text);
    if (kind->meanings == statuses && entry)
        add_entry(answer, entry);
}

/* With no word before it, a number may be of any kind. */
static void read_enumerations(Answer *answer, Str word, int64_t number)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (word.len > 0 && !is_word_of(kinds[i].words, word))
            continue;
        for (size_t k = 0; k < kinds[i].count; k++)
            if (kinds[i].meanings[k].value == number)
                add_meaning(answer, &kinds[i], &kinds[i].meanings[k], kinds[i].name);
    }
}

static bool is_kind_word(Str word)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (is_word_of(kinds[i].words, word))
            return true;
    return false;
}

/* "ended unexpectedly", "deploy_project", "task failed" */
static void read_enumeration_names(Answer *answer, const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        for (size_t k = 0; k < kinds[i].count; k++) {
            const Meaning *meaning = &kinds[i].meanings[k];
            if (meaning->name && str_same_fold(meaning->name, name))
                add_meaning(answer, &kinds[i], meaning,
                            arena_printf(answer->arena, "%s %d", kinds[i].name, meaning->value));
        }
}

/* ---- the tables of codes --------------------------------------------------------------------- */

static bool is_of_data_factory(const CodeRow *row)
{
    return !row->by_number && str_starts(row->id, "adf-");
}

static const char *kind_of_row(const CodeRow *row, const char *otherwise)
{
    if (is_of_data_factory(row))
        return "Data Factory error";
    return str_starts(row->id, "ir-") ? "runtime error" : otherwise;
}

/* "wrapper: The PrimeOutput method on …" */
static const char *text_of_row(const Answer *answer, const CodeRow *row)
{
    static const char *const says[] = {
        [CODE_CAUSE] = "", [CODE_WRAPPER] = "a wrapper; ", [CODE_DETAIL] = "a detail, no cause; "};

    const Signature *first = answer->out.entry_count > 0 ? answer->entries[0] : NULL;

    if (!row->cause && first && !first->is_row)
        return first->title;
    if (row->cause)
        return arena_printf(answer->arena, "%s%s", says[row->kind], row->cause);
    return arena_printf(answer->arena, "%sits text holds \"%s\"", says[row->kind],
                        row->fragment ? row->fragment : "");
}

static void add_row(Answer *answer, const CodeRow *row, const char *kind)
{
    const Signature *entry = sigset_find(answer->set, row->id);

    add_reading(answer, kind_of_row(row, kind), row->name, text_of_row(answer, row));
    if (entry)
        add_entry(answer, entry);
}

static void add_rows_of_code(Answer *answer, uint32_t code, const char *kind)
{
    for (const CodeRow *row = code_row_next(code, NULL); row; row = code_row_next(code, row))
        add_row(answer, row, kind);
}

/* ---- codes of 32 bits ------------------------------------------------------------------------ */

typedef struct Code {
    uint32_t value;
    const char *name, *text;
} Code;

static const Code codes[] = {
#define CODE(value, name, text) {UINT32_C(value), name, text},
#include "codes.def"
#undef CODE
};

const char *code_def_at(size_t index, uint32_t *ret_code)
{
    if (index >= ARRAY_LEN(codes))
        return NULL;
    *ret_code = codes[index].value;
    return codes[index].name;
}

static const struct {
    uint32_t first, last;
    const char *kind, *text;
} ranges[] = {
    {0xC0010000, 0xC001FFFF, "SSIS error",
     "an error of the Integration Services runtime (package, variables, connections)"},
    {0xC0020000, 0xC002FFFF, "SSIS error", "an error of an Integration Services task"},
    {0xC0040000, 0xC004FFFF, "SSIS error", "an error of the Integration Services data flow engine"},
    {0xC00F0000, 0xC00FFFFF, "SSIS error",
     "an error of an Integration Services connection manager"},
    {0xC0200000, 0xC020FFFF, "SSIS error",
     "an error of an Integration Services data flow component"},
    {0x80010000, 0x8001FFFF, "SSIS warning or RPC error",
     "a warning of the Integration Services runtime (DTS_W_), or a failure of COM's remoting"},
    {0x80040000, 0x8004FFFF, "HRESULT",
     "an error of an OLE DB provider or of another COM interface (facility ITF)"},
    {0x80047000, 0x80047FFF, "SSIS warning",
     "a warning of the Integration Services data flow engine (DTS_W_)"},
    {0x80020000, 0x8002FFFF, "HRESULT", "an error of COM automation (facility DISPATCH)"},
    {0x80070000, 0x8007FFFF, "HRESULT",
     "a Windows error: its number is in the lower 16 bits (facility WIN32)"},
    {0x80090000, 0x8009FFFF, "HRESULT",
     "an error of Windows security: TLS, Kerberos, keys (facility SECURITY)"},
    {0x800B0000, 0x800BFFFF, "HRESULT",
     "a certificate or signature was not accepted (facility CERT)"},
    {0x80130000, 0x8013FFFF, "HRESULT", "an exception of .NET"},
    {0xC0000000, 0xC000FFFF, "NTSTATUS", "how Windows ended the process"},
    {0x40000000, 0x400FFFFF, "SSIS information", "a note of Integration Services, no error"},
};

/* The range that says most: the one inside the others comes later in the table. */
static void read_range(Answer *answer, uint32_t code)
{
    const char *kind = NULL, *text = NULL;

    for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
        if (code >= ranges[i].first && code <= ranges[i].last) {
            kind = ranges[i].kind;
            text = ranges[i].text;
        }
    if (kind)
        add_vague(answer, kind, NULL, text);
}

static const char *kind_of_code(uint32_t code)
{
    const char *kind = code >= 0x80000000 ? "HRESULT" : "code";

    for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            kind = ranges[i].kind;
    return kind;
}

/* 0x80070020 holds Windows error 32. */
static void read_windows_part(Answer *answer, uint32_t code)
{
    enum { FACILITY_WIN32 = 0x8007 };

    if (code >> 16 != FACILITY_WIN32)
        return;
    for (size_t i = 0; i < ARRAY_LEN(windows_errors); i++)
        if (windows_errors[i].value == (int)(code & 0xFFFF))
            add_reading(answer,
                        arena_printf(answer->arena, "Windows error %d", windows_errors[i].value),
                        windows_errors[i].name, windows_errors[i].text);
}

static void read_code(Answer *answer, uint32_t code)
{
    const char *symbol = sig_symbol_of(answer->set, code);
    size_t before = answer->out.reading_count;

    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (codes[i].value == code)
            add_reading(answer, kind_of_code(code), codes[i].name, codes[i].text);
    if (answer->out.reading_count == before)
        add_rows_of_code(answer, code, kind_of_code(code));
    if (answer->out.reading_count == before && symbol)
        add_reading(answer, kind_of_code(code), symbol,
                    answer->out.entry_count > 0 ? answer->entries[0]->title
                                                : "known by its name alone");
    if (answer->out.reading_count == before)
        read_windows_part(answer, code);
    if (answer->out.reading_count == before)
        read_range(answer, code);
}

/* ---- SQL error numbers ----------------------------------------------------------------------- */

static const char *transience_text(TdsTransience transience)
{
    switch (transience) {
    case TDS_PASSING:
        return "passes by itself: the service moves or restarts";
    case TDS_GOVERNED:
        return "a limit of the service is reached: later, and less at once";
    case TDS_REOPENING:
        return "passes by itself if the database was open before; else a wrong name or a missing "
               "right";
    case TDS_CONTENDED:
        return "lost against another transaction: run the whole transaction again";
    case TDS_OVERSIZED:
        return "ended for its size: run it again with less at a time";
    case TDS_FULL:
        return "passes when there is room again: after a log backup, or when something is freed";
    case TDS_TRANSPORT:
        return "the connection broke";
    case TDS_PERMANENT:
        break;
    }
    return "does not pass by itself";
}

static bool is_event_id(int64_t number)
{
    return number >= FIRST_EVENT && number <= LAST_EVENT;
}

static void read_sql_number(Answer *answer, int64_t number)
{
    const TdsTransient *transient = tds_transient((int32_t)number);

    if (transient) {
        add_reading(answer, "SQL error", transient->name, transience_text(transient->transience));
        return;
    }
    size_t before = answer->out.reading_count;
    add_rows_of_code(answer, (uint32_t)number, "SQL error");
    if (answer->out.reading_count > before)
        return;
    if (answer->out.entry_count > 0)
        add_reading(answer, "SQL error", NULL, answer->entries[0]->title);
    else if (number >= FIRST_OF_SSISDB && number <= LAST_OF_SSISDB)
        add_vague(answer, "SQL error", NULL,
                  "raised by a procedure of SSISDB (schemas catalog and internal); the message "
                  "beside it tells what it refused");
    else if (number >= 100 && !is_event_id(number))
        add_vague(
            answer, "SQL error", NULL,
            arena_printf(answer->arena,
                         "no entry in this catalog; a server has its text in sys.messages, by "
                         "message_id %" PRId64 " and language_id 1033",
                         number));
}

static bool is_sql_word(Str word)
{
    return is_word_of("msg|error|sql error|sql|error number|native error|number", word);
}

/* ---- numbers --------------------------------------------------------------------------------- */

static bool parse_hex(Str text, int64_t *ret_number)
{
    uint64_t value = 0;

    if (text.len == 0 || text.len > 8)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = str_fold(text.at[i]);
        bool is_digit = c >= '0' && c <= '9';
        if (!is_digit && (c < 'a' || c > 'f'))
            return false;
        value = value * 16 + (uint64_t)(is_digit ? c - '0' : c - 'a' + 10);
    }
    *ret_number = (int64_t)value;
    return true;
}

bool explain_parse_number(Str text, int64_t *ret_number, bool *ret_is_hex)
{
    bool has_prefix = text.len > 2 && text.at[0] == '0' && str_fold(text.at[1]) == 'x';

    *ret_is_hex = false;
    if (text.len > 0 && text.at[0] != '+' && str_to_i64(text, ret_number))
        return true;
    *ret_is_hex = true;
    if (has_prefix)
        return parse_hex((Str){text.at + 2, text.len - 2}, ret_number);
    return text.len == 8 && parse_hex(text, ret_number);
}

/* 3221225477, -1073741819 and 0xC0000005 are one code. */
static bool code_from(int64_t number, uint32_t *ret_code)
{
    if (number < INT32_MIN || number > UINT32_MAX)
        return false;
    *ret_code = (uint32_t)number;
    return true;
}

/* Between the ids that have a name stand more of the log provider's. */
static void read_event(Answer *answer, Str word, int64_t number)
{
    if (is_event_id(number) && answer->out.reading_count == 0 &&
        (word.len == 0 || is_word_of(EVENT_WORDS, word)))
        add_vague(answer, "SSIS event", NULL,
                  "written to the Windows event log by Integration Services; its text says what");
}

static void read_number(Answer *answer, Str word, int64_t number)
{
    bool is_kind = is_kind_word(word);
    uint32_t code = 0;

    if (!code_from(number, &code))
        return;
    answer->out.is_number = true;
    answer->out.number = (int32_t)code;
    if (!is_kind || code > SQL_NUMBER_MAX)
        add_entries_of_code(answer, number);
    if (code > SQL_NUMBER_MAX && (int32_t)code != -1 && (int32_t)code != -2)
        read_code(answer, code);
    else if (!is_kind && (number > 0 || (int32_t)code == -2))
        read_sql_number(answer, (int32_t)code);
    if (!is_sql_word(word))
        read_enumerations(answer, word, (int32_t)code);
    read_event(answer, word, number);
}

bool is_word_of_number(Str word)
{
    return is_kind_word(word) || is_sql_word(word) || is_word_of("hresult|code|ntstatus|0x", word);
}

/* 0xC0202009L of a program's text. */
static Str without_suffix(Str number)
{
    bool has_prefix = number.len > 2 && number.at[0] == '0' && str_fold(number.at[1]) == 'x';

    while (has_prefix && number.len > 0 && strchr("LlUuHh", number.at[number.len - 1]))
        number.len--;
    return number;
}

/* "exit code: -1", "Msg 208": the last word is the number, the others say of what. */
static bool read_as_number(Answer *answer, Str text)
{
    size_t at = text.len;
    int64_t number;
    bool is_hex;

    while (at > 0 && !strchr(" \t:=", text.at[at - 1]))
        at--;
    Str digits = without_suffix((Str){text.at + at, text.len - at});
    if (!explain_parse_number(digits, &number, &is_hex))
        return false;
    Str word = str_trim((Str){text.at, at});
    while (word.len > 0 && strchr(":= ", word.at[word.len - 1]))
        word.len--;
    if (word.len > 0 && !is_word_of_number(word))
        return false;
    read_number(answer, word, number);
    return true;
}

/* ---- names ----------------------------------------------------------------------------------- */

/* "capacity": what the command of that name finds. */
static void add_entries_of_command(Answer *answer, const char *name)
{
    for (size_t i = 0; i < sigset_count(answer->set); i++)
        if (str_same(sigset_at(answer->set, i)->command, name))
            add_entry(answer, sigset_at(answer->set, i));
}

/* Integration Services has more than a thousand names; the nearest that is known may be meant. */
static void read_unknown_symbol(Answer *answer, const char *name)
{
    Nearest nearest = {.word = name};

    if (!str_starts(name, "DTS_"))
        return;
    for (size_t i = 0; i < sigset_count(answer->set); i++)
        for (size_t k = 0; k < sigset_at(answer->set, i)->symbol_count; k++)
            nearest_offer(&nearest, sigset_at(answer->set, i)->symbols[k].name);
    size_t count = 0;
    const CodeRow *rows = code_rows(&count);
    for (size_t i = 0; i < count; i++)
        if (rows[i].name)
            nearest_offer(&nearest, rows[i].name);
    add_vague(answer, "SSIS name", nearest_answer(&nearest),
              nearest_answer(&nearest)
                  ? "perhaps this one is meant; the name asked for is not known here"
                  : "a code of Integration Services that is not known here by its name: explain "
                    "the number that stands beside it in the message");
}

static bool read_row_name(Answer *answer, const char *name)
{
    const CodeRow *row = code_row_named(name);

    if (!row)
        return false;
    if (row->has_code) {
        answer->out.is_number = true;
        answer->out.number = (int32_t)row->code;
        add_entries_of_code(answer, row->code);
    }
    add_row(answer, row, row->has_code ? kind_of_code(row->code) : "runtime error");
    return true;
}

static void read_name(Answer *answer, const char *name)
{
    const Signature *entry = sigset_find(answer->set, name);
    uint32_t code;

    if (entry)
        add_entry(answer, entry);
    add_entries_of_command(answer, name);
    if (sig_find_symbol(answer->set, name, &code)) {
        answer->out.is_number = true;
        answer->out.number = (int32_t)code;
        add_entries_of_code(answer, code);
        read_code(answer, code);
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (str_same_fold(codes[i].name, name)) {
            answer->out.is_number = true;
            answer->out.number = (int32_t)codes[i].value;
            add_entries_of_code(answer, codes[i].value);
            add_reading(answer, kind_of_code(codes[i].value), codes[i].name, codes[i].text);
            return;
        }
    if (read_row_name(answer, name))
        return;
    read_enumeration_names(answer, name);
    read_unknown_symbol(answer, name);
}

/* As it stands in a sentence: "DTS_E_OLEDBERROR.", (0x80004005), 'E_FAIL'. */
static Str without_marks(Str text)
{
    text = str_trim(text);
    while (text.len > 0 && strchr(".,;:!?\"')]}>", text.at[text.len - 1]))
        text.len--;
    while (text.len > 0 && strchr("\"'([{<#", text.at[0]))
        text = (Str){text.at + 1, text.len - 1};
    return str_trim(text);
}

bool explanation_is_hit(const Explanation *known)
{
    return known->reading_count + known->entry_count > 0 && !known->is_vague;
}

Explanation explain(const SigSet *set, const char *what, Arena *arena)
{
    Answer answer = {
        .set = set,
        .arena = arena,
        .readings = arena_alloc_array(arena, READINGS_MAX, sizeof(Reading)),
        .entries = arena_alloc_array(arena, ENTRIES_MAX, sizeof(Signature *)),
    };
    Str text = without_marks(str_of(what));

    if (!read_as_number(&answer, text))
        read_name(&answer, arena_copy(arena, text.at, text.len));
    answer.out.is_vague = answer.out.entry_count == 0 && answer.out.reading_count > 0 &&
                          answer.out.reading_count == answer.vague_count;
    if (!explanation_is_hit(&answer.out))
        answer.out.nearest = nearest_to(set, text, arena);
    answer.out.readings = answer.readings;
    answer.out.entries = answer.entries;
    return answer.out;
}
