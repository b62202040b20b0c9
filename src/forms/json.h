/* Between the readers of JSON. */
#ifndef SSISMINER_FORMS_JSON_INTERNAL_H
#define SSISMINER_FORMS_JSON_INTERNAL_H

#include "internal.h"
#include "runs.h"

#include <cjson/cJSON.h>

enum { NESTED_MAX = 64 };

typedef struct Json {
    Reader *reader;
    Rows *rows;  // of tables, told at the end
    Runs *runs;  // of activities, likewise
    size_t line; // where the value at hand begins
    int depth;
    cJSON *nested[NESTED_MAX]; // parsed out of texts of the value at hand
    size_t nested_count;
    cJSON *columns; // Kusto: of the table whose rows come in pieces
} Json;

const cJSON *json_get(const cJSON *object, const char *key); // in any case
const cJSON *json_first_of(const cJSON *object, const char *const *keys, size_t count);
#define FIRST_OF(object, ...)                                                                      \
    json_first_of((object), (const char *const[]){__VA_ARGS__},                                    \
                  sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))
/* A text, or a number as one; at NULL for anything else. */
Str json_text_of(const cJSON *value, Arena *arena);
const char *json_name_of(const cJSON *value); // a text that is not empty, else NULL
int64_t json_ticks_of(const cJSON *value);
int json_status_of(const cJSON *object, Arena *arena);
/* The object itself, or the one that a text holds, also where it is cut off; NULL if neither. */
const cJSON *json_object_in(Json *json, const cJSON *value);

/* One value: parsed where it lies, and taken; as a row of these columns, unless NULL. */
Rc json_take_text(Json *json, char *text, size_t len, const cJSON *row_columns,
                  Err *err) MUST_CHECK;
/* One of the messages of a run whose list is too long to be held; what is left of the run when all
 * were added. */
Rc json_add_message(Json *json, Run *run, char *text, size_t len, Err *err) MUST_CHECK;
Rc json_end_run(Json *json, Run *run, char *text, size_t len, Err *err) MUST_CHECK;
/* All that is left of the file, which is one value. */
Rc json_stream(Json *json, Err *err) MUST_CHECK;

/* Activities of Data Factory. */
bool activity_is_one(Json *json, const cJSON *object);
Rc activity_tell(Json *json, const cJSON *object, const cJSON *outer, Err *err) MUST_CHECK;

/* An event of the Windows event log. */
bool event_is_one(const cJSON *object);
Rc event_tell(Json *json, const cJSON *object, Err *err) MUST_CHECK;

#endif
