/* Vectorscan on the same messages: match_vectorscan EXPRESSIONS FILE. Not part of the program. */
#define _DEFAULT_SOURCE // strsep

#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char *read_file(const char *path, size_t *ret_len)
{
    FILE *file = fopen(path, "rb");

    if (!file || fseek(file, 0, SEEK_END) != 0) {
        perror(path);
        exit(2);
    }
    *ret_len = (size_t)ftell(file);
    char *text = malloc(*ret_len + 1);
    rewind(file);
    if (!text || fread(text, 1, *ret_len, file) != *ret_len) {
        perror(path);
        exit(2);
    }
    text[*ret_len] = '\0';
    fclose(file);
    return text;
}

/* Splits at line breaks, in place. */
static size_t split(char *text, const char **lines, size_t max)
{
    size_t count = 0;

    for (char *line = NULL; count < max && (line = strsep(&text, "\n"));)
        if (*line != '\0')
            lines[count++] = line;
    return count;
}

static int on_match(unsigned int id, unsigned long long from, unsigned long long to,
                    unsigned int flags, void *context)
{
    (void)id, (void)from, (void)to, (void)flags;
    *(int *)context = 1;
    return 0;
}

static hs_database_t *compile(char *expressions)
{
    enum { MAX = 40000 };
    static const char *lines[MAX];
    static unsigned int flags[MAX], ids[MAX];
    size_t count = split(expressions, lines, MAX);
    hs_database_t *database = NULL;
    hs_compile_error_t *error = NULL;

    for (size_t i = 0; i < count; i++) {
        flags[i] = HS_FLAG_CASELESS | HS_FLAG_DOTALL | HS_FLAG_SINGLEMATCH;
        ids[i] = (unsigned int)i;
    }
    if (hs_compile_multi(lines, flags, ids, (unsigned int)count, HS_MODE_BLOCK, NULL, &database,
                         &error) != HS_SUCCESS) {
        fprintf(stderr, "match_vectorscan: %s (%s)\n", error->message,
                error->expression >= 0 ? lines[error->expression] : "");
        exit(2);
    }
    return database;
}

static double cpu_seconds(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    size_t len = 0, expressions_len = 0, known = 0;
    hs_scratch_t *scratch = NULL;
    double best = 1e9;

    if (argc != 3)
        return 2;
    hs_database_t *database = compile(read_file(argv[1], &expressions_len));
    char *text = read_file(argv[2], &len);
    if (hs_alloc_scratch(database, &scratch) != HS_SUCCESS)
        return 2;
    for (int round = 0; round < 3; round++) {
        double start = cpu_seconds();
        known = 0;
        for (char *line = text, *end = text + len; line < end;) {
            char *next = memchr(line, '\n', (size_t)(end - line));
            int matched = 0;
            next = next ? next : end;
            (void)hs_scan(database, line, (unsigned int)(next - line), 0, scratch, on_match,
                          &matched);
            known += (size_t)matched;
            line = next + 1;
        }
        double taken = cpu_seconds() - start;
        best = taken < best ? taken : best;
    }
    printf("%.0f MB/s, %zu known\n", (double)len / best / 1e6, known);
    return 0;
}
