/* PCRE2 behind a small door: compiled once, matched under limits. */
#include "regex.h"

#include "ssisminer/base/log.h"
#include "ssisminer/base/mem.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { GROUPS_MAX = 32, JIT_STACK_MIN = 32 * 1024, JIT_STACK_MAX = 1024 * 1024 };

/* Steps an expression may take: some for the expression, some for each byte of the text. */
enum { STEPS_BASE = 200 * 1000, STEPS_PER_BYTE = 32 };

struct Regex {
    pcre2_code *code;
    const char *names[SIG_CAPTURES_MAX];
    uint32_t groups[SIG_CAPTURES_MAX];
    size_t name_count;
    atomic_bool has_given_up; // and a warning said so
};

struct RegexScratch {
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
};

static Rc read_names(Regex *regex, Err *err)
{
    uint32_t count = 0, entry_size = 0;
    PCRE2_SPTR table = NULL;

    pcre2_pattern_info(regex->code, PCRE2_INFO_NAMECOUNT, &count);
    pcre2_pattern_info(regex->code, PCRE2_INFO_NAMEENTRYSIZE, &entry_size);
    pcre2_pattern_info(regex->code, PCRE2_INFO_NAMETABLE, &table);
    if (count > SIG_CAPTURES_MAX)
        return FAIL(err, RC_USAGE, "the expression has more than %d named groups",
                    SIG_CAPTURES_MAX);
    for (uint32_t i = 0; i < count; i++, table += entry_size) {
        regex->groups[i] = (uint32_t)table[0] << 8 | table[1];
        regex->names[i] = (const char *)table + 2;
    }
    regex->name_count = count;
    return RC_OK;
}

static Rc check_groups(const Regex *regex, Err *err)
{
    uint32_t groups = 0;

    pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &groups);
    if (groups >= GROUPS_MAX)
        return FAIL(err, RC_USAGE, "the expression has more than %d groups", GROUPS_MAX - 1);
    return RC_OK;
}

Rc regex_compile(const char *source, Regex **ret_regex, Err *err)
{
    const uint32_t options = PCRE2_CASELESS | PCRE2_DOTALL | PCRE2_UTF | PCRE2_MATCH_INVALID_UTF |
                             PCRE2_NEVER_BACKSLASH_C;
    int number = 0;
    PCRE2_SIZE at = 0;
    Regex *regex = mem_alloc(sizeof(*regex));

    regex->code =
        pcre2_compile((PCRE2_SPTR)source, PCRE2_ZERO_TERMINATED, options, &number, &at, NULL);
    if (!regex->code) {
        char reason[160] = "";
        (void)pcre2_get_error_message(number, (PCRE2_UCHAR *)reason, sizeof(reason));
        regex_free(regex);
        return FAIL(err, RC_USAGE, "the expression is wrong at character %zu: %s", (size_t)at + 1,
                    reason);
    }
    Rc rc = check_groups(regex, err);
    if (rc == RC_OK)
        rc = read_names(regex, err);
    if (rc != RC_OK) {
        regex_free(regex);
        return rc;
    }
    *ret_regex = regex;
    return RC_OK;
}

void regex_prepare(Regex *regex)
{
    /* Without JIT support on this machine the interpreter does the same, slower. */
    if (regex)
        (void)pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE);
}

void regex_free(Regex *regex)
{
    if (!regex)
        return;
    pcre2_code_free(regex->code);
    free(regex);
}

RegexScratch *regex_scratch_new(void)
{
    RegexScratch *scratch = mem_alloc(sizeof(*scratch));

    scratch->data = pcre2_match_data_create(GROUPS_MAX, NULL);
    scratch->context = pcre2_match_context_create(NULL);
    scratch->stack = pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL);
    if (!scratch->data || !scratch->context || !scratch->stack)
        mem_fail();
    pcre2_jit_stack_assign(scratch->context, NULL, scratch->stack);
    return scratch;
}

void regex_scratch_free(RegexScratch *scratch)
{
    if (!scratch)
        return;
    pcre2_match_data_free(scratch->data);
    pcre2_match_context_free(scratch->context);
    pcre2_jit_stack_free(scratch->stack);
    free(scratch);
}

static void set_limit(RegexScratch *scratch, size_t len)
{
    size_t steps = STEPS_BASE + len * STEPS_PER_BYTE;

    pcre2_set_match_limit(scratch->context, steps < UINT32_MAX ? (uint32_t)steps : UINT32_MAX);
}

static void take_captures(const Regex *regex, const RegexScratch *scratch, Str text,
                          SigMatch *match)
{
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(scratch->data);

    match->at = at[0];
    match->capture_count = 0;
    for (size_t i = 0; i < regex->name_count; i++) {
        PCRE2_SIZE start = at[2 * regex->groups[i]], end = at[2 * regex->groups[i] + 1];
        if (start == PCRE2_UNSET || end < start)
            continue;
        match->captures[match->capture_count++] =
            (SigCapture){regex->names[i], {text.at + start, end - start}};
    }
}

static bool is_limit(int rc)
{
    return rc == PCRE2_ERROR_MATCHLIMIT || rc == PCRE2_ERROR_DEPTHLIMIT ||
           rc == PCRE2_ERROR_HEAPLIMIT || rc == PCRE2_ERROR_JIT_STACKLIMIT;
}

/* Whoever wrote the text chose it, or a hard one came by chance: the expression is at fault, and
 * nothing else stops for it. */
static void warn_once(Regex *regex, const char *id, size_t len, const char *reason)
{
    if (!atomic_exchange(&regex->has_given_up, true))
        log_warning("signature '%s': its expression gave up on a message of %zu bytes (%s), which "
                    "counts as no match; write it as 'text' with gaps, or without nested repeats",
                    id, len, reason);
}

Rc regex_find(Regex *regex, RegexScratch *scratch, Str text, bool *ret_found, SigMatch *ret_match,
              Err *err)
{
    set_limit(scratch, text.len);
    int rc = pcre2_match(regex->code, (PCRE2_SPTR)(text.at ? text.at : ""), text.len, 0, 0,
                         scratch->data, scratch->context);

    *ret_found = rc > 0;
    if (rc > 0)
        take_captures(regex, scratch, text, ret_match);
    if (rc >= 0 || rc == PCRE2_ERROR_NOMATCH)
        return RC_OK;

    char reason[160] = "";
    (void)pcre2_get_error_message(rc, (PCRE2_UCHAR *)reason, sizeof(reason));
    if (!is_limit(rc))
        return FAIL(err, RC_USAGE, "its expression failed on a message of %zu bytes: %s", text.len,
                    reason);
    warn_once(regex, ret_match->signature->id, text.len, reason);
    return RC_OK;
}
