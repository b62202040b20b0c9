/* Types, statuses and codes as the cells of a table write them. */
#include "internal.h"

#include "ssisminer/ssisdb/ssisdb.h"

#include <string.h>

typedef struct Word {
    const char *text;
    int value;
} Word;

static const Word types[] = {
    {"error", MESSAGE_ERROR},
    {"onerror", MESSAGE_ERROR},
    {"fatal", MESSAGE_ERROR},
    {"critical", MESSAGE_ERROR},
    {"warning", MESSAGE_WARNING},
    {"warn", MESSAGE_WARNING},
    {"onwarning", MESSAGE_WARNING},
    {"task failed", MESSAGE_TASK_FAILED},
    {"task_failed", MESSAGE_TASK_FAILED},
    {"task-failed", MESSAGE_TASK_FAILED},
    {"taskfailed", MESSAGE_TASK_FAILED},
    {"ontaskfailed", MESSAGE_TASK_FAILED},
    {"query cancel", MESSAGE_QUERY_CANCEL},
    {"onquerycancel", MESSAGE_QUERY_CANCEL},
    {"information", MESSAGE_INFORMATION},
    {"informational", MESSAGE_INFORMATION},
    {"info", MESSAGE_INFORMATION},
    {"oninformation", MESSAGE_INFORMATION},
    {"verbose", MESSAGE_INFORMATION},
    {"debug", MESSAGE_INFORMATION},
    {"trace", MESSAGE_INFORMATION},
    {"progress", 60},
    {"onprogress", 60},
};

static const Word statuses[] = {
    {"created", STATUS_CREATED},
    {"running", STATUS_RUNNING},
    {"inprogress", STATUS_RUNNING},
    {"canceled", STATUS_CANCELED},
    {"cancelled", STATUS_CANCELED},
    {"failed", STATUS_FAILED},
    {"pending", STATUS_PENDING},
    {"queued", STATUS_PENDING},
    {"ended unexpectedly", STATUS_ENDED_UNEXPECTEDLY},
    {"ended-unexpectedly", STATUS_ENDED_UNEXPECTEDLY},
    {"succeeded", STATUS_SUCCEEDED},
    {"stopping", STATUS_STOPPING},
    {"completed", STATUS_COMPLETED},
};

static int word_value(const Word *words, size_t count, Str text)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal_fold(str_of(words[i].text), text))
            return words[i].value;
    return 0;
}

/* Exports write 120 as "120.0", too. */
static bool read_whole(Str text, int64_t *ret_value)
{
    const char *point = memchr(text.at, '.', text.len);
    Str whole = {text.at, point ? (size_t)(point - text.at) : text.len};

    for (size_t i = whole.len + 1; i < text.len; i++)
        if (text.at[i] != '0')
            return false;
    return str_to_i64(whole, ret_value);
}

static int small(int64_t value)
{
    return value > INT32_MAX || value < INT32_MIN ? 0 : (int)value;
}

int value_message_type(Str text)
{
    int64_t value;

    text = str_trim(text);
    if (text.len > 0 && read_whole(text, &value))
        return small(value);
    return word_value(types, ARRAY_LEN(types), text);
}

int value_status(Str text)
{
    int64_t value;

    text = str_trim(text);
    if (text.len > 0 && read_whole(text, &value))
        return small(value);
    return word_value(statuses, ARRAY_LEN(statuses), text);
}

int64_t value_code(Str text)
{
    int64_t value = 0;

    text = str_trim(text);
    if (text.len > 2 && text.len <= 10 && text.at[0] == '0' && str_fold(text.at[1]) == 'x') {
        for (size_t i = 2; i < text.len; i++) {
            const char *digits = "0123456789abcdef", *found = strchr(digits, str_fold(text.at[i]));
            if (!found || *found == '\0')
                return 0;
            value = value * 16 + (found - digits);
        }
        return value;
    }
    return text.len > 0 && read_whole(text, &value) ? value : 0;
}
