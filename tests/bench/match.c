/*
 * How fast the catalog reads messages; makes what tests/bench/match compares it with.
 *
 *   match messages N         N messages of about 180 bytes, one in a hundred known, to stdout
 *   match signatures N       N further signatures as YAML
 *   match literals [YAML]    the longest plain words of each text, and the codes, one a line
 *   match expressions [YAML] the texts and codes of the catalog as regular expressions, one a
 * line match run FILE [YAML]    matches every line of FILE; prints megabytes a second of one core
 */
#include "../../src/signature/catalog.h"
#include "ssisminer/base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t random_state = 0x9E3779B97F4A7C15u;

static uint32_t random_below(size_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)((random_state >> 33) % limit);
}

#define PICK(list) (list)[random_below(ARRAY_LEN(list))]

static SigSet *load(const char *path)
{
    SigSet *set = NULL;
    Err err = {0};
    const char *const paths[] = {path};

    if (sigset_load(paths, path ? 1 : 0, &set, &err) != RC_OK) {
        fprintf(stderr, "match: %s\n", err.text);
        exit(2);
    }
    return set;
}

/* ---- messages -------------------------------------------------------------------------------- */

static const char *const tasks[] = {"Load Fact Sales",      "DFT Orders",       "Stage Customers",
                                    "Archive Files",        "Load Dim Product", "Extract CRM",
                                    "SQL Truncate Staging", "Send Mail Done"};
static const char *const parts[] = {
    "OLE DB Source",    "OLE DB Destination",  "Derived Column", "Lookup Product",   "Union All",
    "Flat File Source", "ADO NET Destination", "Sort by Date",   "Conditional Split"};
static const char *const sentences[] = {
    "Validation phase is beginning.",
    "Execute phase is beginning.",
    "Prepare for Execute phase is beginning.",
    "Pre-Execute phase is beginning.",
    "Post Execute phase is beginning.",
    "Cleanup phase is beginning.",
    "\"%p\" wrote %n rows.",
    "The processing of file \"D:\\import\\crm\\%t_%n.csv\" has started.",
    "The total number of data rows processed for file \"D:\\import\\crm\\%t_%n.csv\" is %n.",
    "The component \"%p\" (%n) has cached a total of %n rows.",
    "The \"%p\" processed %n rows in the cache. The processing time was %n.%n second(s). The cache "
    "used %n bytes of memory.",
    "Buffer manager allocated %n kilobyte(s) in %n physical buffer(s).",
    "Executing query \"EXEC dbo.usp_Merge_%n @BatchID = %n, @LoadDate = '2026-03-%n'\".: 100%% "
    "complete",
    "Start, %n:%n:%n.",
    "Finished, %n:%n:%n, Elapsed time: 00:%n:%n.%n.",
    "The package is attempting to configure from the environment variable \"%t_%n\".",
    "rows sent by path \"%p Output\" (%n) from \"%p\" to \"%p\": %n, buffer %n of %n",
};

static void put_sentence(const char *template, Buf *line)
{
    for (; *template != '\0'; template ++) {
        if (*template != '%') {
            buf_putc(line, *template);
            continue;
        }
        switch (*++template) {
        case 'n':
            buf_printf(line, "%u", random_below(100000));
            break;
        case 'p':
            buf_puts(line, PICK(parts));
            break;
        case 't':
            buf_puts(line, PICK(tasks));
            break;
        default:
            buf_putc(line, *template);
        }
    }
}

static void put_known(const SigSet *set, Buf *line)
{
    const Signature *signature = sigset_at(set, random_below(sigset_count(set)));

    while (signature->example_count == 0)
        signature = sigset_at(set, random_below(sigset_count(set)));
    for (const char *c = signature->examples[random_below(signature->example_count)].text;
         *c != '\0'; c++)
        buf_putc(line, (unsigned char)*c < ' ' ? ' ' : *c);
}

static void put_message(const SigSet *set, Buf *line)
{
    enum { KNOWN_IN = 100, SHORTEST = 138 };

    buf_reset(line);
    buf_printf(line, "%s:", PICK(tasks));
    if (random_below(KNOWN_IN) == 0) {
        buf_puts(line, "Error: ");
        put_known(set, line);
        return;
    }
    buf_puts(line, "Information: ");
    do {
        put_sentence(PICK(sentences), line);
        buf_putc(line, ' ');
    } while (line->len < SHORTEST);
    line->len--;
}

static int messages(size_t count)
{
    AUTO(sigset_free_at) SigSet *set = load(NULL);
    AUTO(buf_done) Buf line = BUF(1024 * 1024);

    for (size_t i = 0; i < count; i++) {
        put_message(set, &line);
        (void)fwrite(line.text, 1, line.len, stdout);
        (void)putchar('\n');
    }
    return 0;
}

/* ---- signatures ------------------------------------------------------------------------------ */

/* Sentences of the same few words as real messages: nothing makes them easy to tell apart. */
static int signatures(size_t count)
{
    static const char *const who[] = {"component", "task",   "connection",  "package",
                                      "data flow", "lookup", "destination", "source",
                                      "provider",  "buffer", "file",        "service",
                                      "gateway",   "agent",  "server",      "driver"};
    static const char *const what[] = {
        "validate", "open",    "write",   "read",     "acquire",  "convert", "load",    "reach",
        "lock",     "execute", "process", "register", "allocate", "parse",   "resolve", "commit"};
    static const char *const whom[] = {"column",      "row",       "path",   "cache",
                                       "variable",    "output",    "input",  "session",
                                       "certificate", "partition", "schema", "expression",
                                       "credential",  "handle",    "index",  "stream"};
    static const char *const why[] = {"timed out",          "was refused",    "is read only",
                                      "is too large",       "does not exist", "is out of range",
                                      "was canceled",       "has no owner",   "is locked",
                                      "is of another type", "ended early"};

    for (size_t i = 0; i < count; i++) {
        const char *a = PICK(who), *b = PICK(what), *c = PICK(whom), *d = PICK(whom),
                   *e = PICK(why);
        printf("- id: made-%zu\n  title: Made for the bench\n  source: user\n  class: defect\n  "
               "role: cause\n  severity: error\n"
               "  retry: never\n  cause: None.\n  actions: [None.]\n  match:\n    any:\n"
               "      - text: \"The %s could not %s the %s {name:quoted}: %s %zu %s\"\n      - "
               "code: %zu\n"
               "  examples: [\"The %s could not %s the %s 'x': %s %zu %s\"]\n",
               i, a, b, c, d, i, e, 60000 + i, a, b, c, d, i, e);
    }
    return 0;
}

/* ---- expressions ----------------------------------------------------------------------------- */

static void put_literal(Str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == FOLD_BLANK)
            (void)fputs("\\s+", stdout);
        else if (c == FOLD_QUOTE)
            (void)fputs("['\"]", stdout);
        else if (strchr("\\.+*?()|[]{}^$", c))
            printf("\\%c", c);
        else
            (void)putchar(c);
    }
}

static void put_expression(const Pattern *pattern)
{
    static const char *const gaps[] = {[GAP_NUMBER] = "[-+]?[0-9][0-9.,]*",
                                       [GAP_WORD] = "[^\\s'\",;]+",
                                       [GAP_QUOTED] = "['\"][^'\"]*['\"]",
                                       [GAP_GUID] = "[{]?[0-9a-f-]{36}[}]?",
                                       [GAP_PATH] = "\\S+",
                                       [GAP_ANY] = ".*"};

    for (size_t i = 0; i < pattern->item_count; i++) {
        if (pattern->items[i].is_gap)
            (void)fputs(gaps[pattern->items[i].gap], stdout);
        else
            put_literal(pattern->items[i].literal);
    }
    (void)putchar('\n');
}

static void put_codes(const SigSet *set, const Rule *rule)
{
    for (size_t i = 0; i < rule->code_count; i++) {
        uint32_t code = set->codes.codes[rule->codes[i]];
        if (code >= CODE_WIDE_MIN)
            printf("0x0*%08x\\b|%d\\b\n", code, (int32_t)code);
        else
            printf("(msg|error|number|code)['\":=# (]{1,4}%u\\b\n", code);
    }
}

static int expressions(const char *path)
{
    AUTO(sigset_free_at) SigSet *set = load(path);

    for (size_t i = 0; i < engine_of(set)->rule_count; i++) {
        if (engine_of(set)->rules[i]->text)
            put_expression(engine_of(set)->rules[i]->text);
        else
            put_codes(set, engine_of(set)->rules[i]);
    }
    return 0;
}

/* Without gaps, quotes and negations: the least that a search for fixed strings must look for. */
static void put_longest_literal(const Pattern *pattern)
{
    Str best = {0};

    for (size_t i = 0; i < pattern->item_count; i++) {
        Str rest = pattern->items[i].literal, piece = {0};
        while (str_split(&rest, FOLD_QUOTE, &piece))
            best = piece.len > best.len ? piece : best;
    }
    printf("%.*s\n", STR_FMT(best));
}

static int literals(const char *path)
{
    AUTO(sigset_free_at) SigSet *set = load(path);

    for (size_t i = 0; i < engine_of(set)->rule_count; i++)
        if (engine_of(set)->rules[i]->text)
            put_longest_literal(engine_of(set)->rules[i]->text);
    for (size_t i = 0; i < set->codes.count; i++)
        printf(set->codes.codes[i] >= CODE_WIDE_MIN ? "0x%08X\n" : "Error: %u\n",
               set->codes.codes[i]);
    return 0;
}

/* ---- the run --------------------------------------------------------------------------------- */

static double cpu_seconds(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static size_t match_all(const SigSet *set, SigScratch *scratch, Str text, size_t *ret_lines)
{
    size_t known = 0;
    Str line = {0};
    Err err = {0};

    *ret_lines = 0;
    while (str_split(&text, '\n', &line)) {
        SigMatch match[4];
        size_t count = 0;
        if (sig_match(set, scratch, &(SigText){.text = line}, match, ARRAY_LEN(match), &count,
                      &err) != RC_OK) {
            fprintf(stderr, "match: %s\n", err.text);
            exit(2);
        }
        known += count > 0;
        ++*ret_lines;
    }
    return known;
}

static int run(const char *file, const char *path)
{
    enum { ROUNDS = 5 };
    AUTO(sigset_free_at) SigSet *set = load(path);
    AUTO(sig_scratch_free_at) SigScratch *scratch = sig_scratch_new(set);
    AUTO(arena_done) Arena arena = {0};
    Str text = {0};
    Err err = {0};
    double best = 1e9;
    size_t known = 0, lines = 0;

    if (file_read(file, SIZE_MAX / 4, &arena, &text, &err) != RC_OK) {
        fprintf(stderr, "match: %s\n", err.text);
        return 2;
    }
    for (int round = 0; round < ROUNDS; round++) {
        double start = cpu_seconds();
        known = match_all(set, scratch, text, &lines);
        double taken = cpu_seconds() - start;
        best = taken < best ? taken : best;
    }
    printf("%.0f MB/s, %.0f ns a message, %zu of %zu known, %zu signatures, tables %.1f + %.1f + "
           "%.1f MB\n",
           (double)text.len / best / 1e6, best / (double)lines * 1e9, known, lines,
           sigset_count(set), (double)automaton_bytes(engine_of(set)->first) / 1e6,
           (double)grams_bytes(engine_of(set)->second) / 1e6,
           (double)grams_bytes(engine_of(set)->third) / 1e6);
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (strcmp(what, "messages") == 0 && argc == 3)
        return messages(strtoul(argv[2], NULL, 10));
    if (strcmp(what, "signatures") == 0 && argc == 3)
        return signatures(strtoul(argv[2], NULL, 10));
    if (strcmp(what, "literals") == 0 && argc <= 3)
        return literals(argc > 2 ? argv[2] : NULL);
    if (strcmp(what, "expressions") == 0 && argc <= 3)
        return expressions(argc > 2 ? argv[2] : NULL);
    if (strcmp(what, "run") == 0 && (argc == 3 || argc == 4))
        return run(argv[2], argc > 3 ? argv[3] : NULL);
    fprintf(stderr, "usage: match messages N | signatures N | literals [YAML] | expressions [YAML] "
                    "| run FILE [YAML]\n");
    return 2;
}
