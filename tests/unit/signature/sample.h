/* A small catalogue that uses every means of the format, and messages made of its parts. */
#ifndef TESTS_UNIT_SIGNATURE_SAMPLE_H
#define TESTS_UNIT_SIGNATURE_SAMPLE_H

#include "ssisminer/base/buf.h"

#define SAMPLE_HEAD(id, role)                                                                      \
    "- id: " id "\n  title: T\n  source: user\n  class: data\n  role: " role                       \
    "\n  severity: error\n  retry: safe\n  cause: C\n  actions: [A]\n  examples: [x]\n"

static const char *const sample_entries[] = {
    SAMPLE_HEAD("not-found", "cause")
    "  match: {any: [{text: 'The connection {name:quoted} is not found'}]}\n",
    SAMPLE_HEAD("limit", "cause")
    "  match: {any: [{text: 'The request limit for the {kind:word} is {limit:number} and has been reached'}, {code: [10928, 10936]}]}\n",
    SAMPLE_HEAD("busy", "cause")
    "  match: {any: [{code: 40501}, {text: 'service is currently busy'}]}\n  before: [limit]\n",
    SAMPLE_HEAD("timeout", "cause")
    "  match: {any: [{code: -2, not: 'exit code'}, {text: 'Timeout expired'}]}\n",
    SAMPLE_HEAD("oledb", "wrapper")
    "  match: {any: [{code: 0xC0202009}, {text: 'An OLE DB error has occurred'}]}\n",
    SAMPLE_HEAD("access-violation", "cause")
    "  match: {any: [{code: -1073741819}]}\n",
    SAMPLE_HEAD("killed", "cause")
    "  match: {any: [{text: 'exit code: -1', not: ['Staging task', '2906']}]}\n",
    SAMPLE_HEAD("staging", "cause")
    "  match: {all: [{text: 'Staging task'}, {text: 'exit code: -1'}, {code: 2906}]}\n  before: [busy]\n",
    SAMPLE_HEAD("any-gap", "symptom")
    "  match: {any: [{text: 'failed to acquire {what:any} because {why:any}.'}]}\n",
    SAMPLE_HEAD("skip", "cause")
    "  match: {any: [{text: 'failed to acquire ... Login failed for user {user:quoted}'}]}\n  before: [login]\n",
    SAMPLE_HEAD("login", "cause")
    "  match: {any: [{code: 18456}, {text: 'Login failed for user {user:quoted}'}]}\n",
    SAMPLE_HEAD("assembly", "cause")
    "  match: {any: [{text: 'Could not load file or assembly {name:quoted}', with_any: [gateway, 'Integration Runtime', DIAHost]}]}\n",
    SAMPLE_HEAD("guid", "analysis")
    "  command: slow\n  match: {any: [{text: 'operation guid {guid:guid} did not end'}]}\n",
    SAMPLE_HEAD("path", "cause")
    "  match: {any: [{text: 'Cannot open file {path:path}'}]}\n",
    SAMPLE_HEAD("regex", "cause")
    "  match: {any: [{regex: 'row +[0-9]+ of (?:table|view) +[a-z]+', with: 'row'}]}\n",
    SAMPLE_HEAD("regex-alone", "symptom")
    "  match: {any: [{regex: 'x[0-9]{3}y'}]}\n",
    SAMPLE_HEAD("sender", "cause")
    "  match: {any: [{code: 0xC002F304, source_name: '*mail*'}, {text: 'Failure sending mail', subcomponent: '!SQL*'}]}\n  before: [files]\n",
    SAMPLE_HEAD("files", "wrapper")
    "  match: {any: [{code: [0xC002F304]}]}\n",
    SAMPLE_HEAD("wont", "cause")
    "  match: {any: [{text: \"The service won't start\"}, {text: 'can not be {what:word}, {n:number} tries'}]}\n",
    SAMPLE_HEAD("rest", "symptom")
    "  match: {any: [{text: 'Possible reason: {reason:any}'}]}\n",
    SAMPLE_HEAD("pair", "cause")
    "  match: {any: [{text: 'error {what:any} code {n:number}'}], all: [{text: 'busy'}]}\n",
    SAMPLE_HEAD("ends", "symptom")
    "  match: {any: [{text: 'w failed'}, {text: 'ot found'}, {text: 'service will'}]}\n",
};

/* The catalogue as one text. */
static inline void sample_catalogue(Buf *ret_yaml)
{
    for (size_t i = 0; i < ARRAY_LEN(sample_entries); i++)
        buf_puts(ret_yaml, sample_entries[i]);
}

/* What messages are made of. */
static const char *const sample_pieces[] = {
    "The connection ", "\"Sales DB\"", "''Orders''", "\xE2\x80\x9CStage\xE2\x80\x9D", "&quot;DW&quot;", "\\\"ODS\\\"",
    " is not found", " isn't found", " isn''t found", " isn\xE2\x80\x99t found", " is\r\nnot  found", "\"\"", "''",
    "The request limit for the ", "database", "elastic pool", " is ", "200", "1,205", "-17", "0x1F", " and has been reached",
    "10928", "10936", "40501", "-2", "18456", "2906", "1073741819", "-1073741819", "3221225477", "0xC0000005", "c0000005",
    "C0202009", "0xc0202009", "0x00C0202009", "-1071636471", "3223330825", "0xC002F304", "-1073548540",
    "Msg ", "Error: ", "error ", "SQL error ", "Error Number:", "Number: ", "Native Error: ", "ErrorCode=", "(code ",
    "\"code\": ", "[SQLSTATE 42S02] (", "EvtID: ", "exit code: ", "exit code ", "HRESULT: ", "status ", "zip code ",
    "line number ", "error no. ", "Fehler Nr. ", "Fehler ", "\xE3\x82\xA8\xE3\x83\xA9\xE3\x83\xBC: ",
    "\xE9\x94\x99\xE8\xAF\xAF\xEF\xBC\x9A", "ErrorCode\\\":", "errorcode&quot;:&quot;", "<Number>", "Error-", "error - ",
    ")", "]", "\"", "'", " rows", " rows were sent", ".", ", ", ": ", "; ", " ", "  ", "\n", "\r\n", "\\n", "\\r\\n", "\t",
    "\xC2\xA0", "_x000D_", "&#10;", "&#39;", "&amp;quot;", "\\u0027", "\\u0020", "\xE2\x80\xA6", "\xE2\x80\x94",
    "service is currently busy", "SERVICE IS CURRENTLY BUSY", "busy", "Timeout expired", "An OLE DB error has occurred",
    "Staging task ", "failed to acquire ", "the lock", " because ", "it was held", "Login failed for user ", "'bob'",
    "Could not load file or assembly ", "Couldn't load file or assembly ", "could n't", "gateway", "Integration Runtime",
    "DIAHostService", "operation guid ", "{1B2C3D4E-0000-4111-8222-ABCDEF012345}", "1b2c3d4e-0000-4111-8222-abcdef012345",
    " did not end", " didn't end", "Cannot open file ", "Can't open file ", "Can not open file ", "cannot", "can't", "won't",
    "C:\\data\\new.csv", "\\\\srv\\temp\\a.txt", "\"D:\\\\in\\\\x.csv\"", "/mnt/x", "row 12 of table orders", "row 7  of VIEW v",
    "x123y", "Failure sending mail", "The service won't start", "The service will not start", "can not be ", "cannot be ",
    "can't be ", "loaded, ", "3 tries", "Possible reason: ", "disk", "error ", " code 5", "code 12 ", "w failed", "will",
    "service will", "n't", "t", "not", "o", "n", "\xFF", "\xE2\x80", "\\", "\\\\", "&", "_", "0x", "x", "A", "9", "-", "(", "=", "#",
};

#endif
