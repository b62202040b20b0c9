/* A filter as T-SQL: globs become LIKE, names are quoted. */
#include "like.h"

#include <ctype.h>
#include <string.h>

enum { FILTER_MAX_BYTES = 256 * 1024 };

/* Where the filter belongs in a statement; always true, as the id is the key. */
static const char place[] = "AND o.operation_id IS NOT NULL";

static void put_quoted_char(Buf *out, char c)
{
    if (c == '\'')
        buf_puts(out, "''");
    else if (c == '%' || c == '_' || c == '[' || c == '$') // of $(x) sqlcmd makes a variable
        buf_printf(out, "[%c]", c);
    else
        buf_putc(out, c);
}

void like_put_pattern(Buf *out, const char *glob)
{
    for (; *glob; glob++) {
        if (str_glob_is_escape(glob)) {
            put_quoted_char(out, glob[1]);
            glob += 2;
        } else if (*glob == '*')
            buf_putc(out, '%');
        else if (*glob == '?')
            buf_putc(out, '_');
        else
            put_quoted_char(out, *glob);
    }
}

/* A package is meant with and without its ending. */
static void put_like(Buf *out, const char *column, const char *glob)
{
    bool is_package = strcmp(column, "e.package_name") == 0;

    buf_printf(out, "%s%s LIKE N'", is_package ? "(" : "", column);
    like_put_pattern(out, glob);
    if (is_package) {
        buf_printf(out, "' OR %s LIKE N'", column);
        like_put_pattern(out, glob);
        buf_puts(out, ".dtsx')");
    } else {
        buf_putc(out, '\'');
    }
}

/* Any of those without !, none of those with. */
static void put_list(Buf *out, const char *margin, const char *column, const char *const *globs,
                     size_t count)
{
    const char *before = "AND (";

    for (size_t i = 0; i < count; i++) {
        if (globs[i][0] != '!')
            continue;
        buf_puts(out, "AND NOT ");
        put_like(out, column, globs[i] + 1);
        buf_printf(out, "\n%s", margin);
    }
    for (size_t i = 0; i < count; i++) {
        if (globs[i][0] == '!')
            continue;
        buf_puts(out, before);
        put_like(out, column, globs[i]);
        before = " OR ";
    }
    if (strcmp(before, "AND (") != 0)
        buf_printf(out, ")\n%s", margin);
}

static void put_filter(Buf *out, const char *margin, const ExecutionFilter *filter)
{
    buf_printf(out, "AND e.execution_id IS NOT NULL\n%s", margin);
    put_list(out, margin, "e.folder_name", filter->folders, filter->folder_count);
    put_list(out, margin, "e.project_name", filter->projects, filter->project_count);
    put_list(out, margin, "e.package_name", filter->packages, filter->package_count);
}

static Rc check_list(const char *option, const char *const *globs, size_t count, Err *err)
{
    for (size_t i = 0; i < count; i++)
        for (const char *at = globs[i]; *at; at++)
            if (iscntrl((unsigned char)*at)) {
                (void)FAIL(err, RC_USAGE, "a control character in --%s", option);
                return err_hint(err, "write ? where a name has one");
            }
    return RC_OK;
}

Rc like_check(const ExecutionFilter *filter, Err *err)
{
    TRY(check_list("folder", filter->folders, filter->folder_count, err));
    TRY(check_list("project", filter->projects, filter->project_count, err));
    return check_list("package", filter->packages, filter->package_count, err);
}

/* ---- in its place ---------------------------------------------------------------------------- */

/* Of the blanks that lead to `at`, as many as there are. */
static size_t margin_of(const char *text, const char *at)
{
    size_t len = 0;

    while (at - len > text && at[-(ptrdiff_t)len - 1] == ' ')
        len++;
    return len;
}

static void put_in_place(Buf *out, size_t margin_len, const ExecutionFilter *filter)
{
    AUTO(buf_done) Buf text = BUF(FILTER_MAX_BYTES);
    char margin[64] = "";

    (void)memset(margin, ' ', margin_len < sizeof(margin) ? margin_len : sizeof(margin) - 1);
    put_filter(&text, margin, filter);
    // the last line break and margin are those of the line that follows
    buf_put(out, buf_text(&text), text.len - strlen(margin) - 1);
}

void like_put_filtered(Buf *out, const char *text, const ExecutionFilter *filter)
{
    const char *rest = text, *at;

    for (; (at = strstr(rest, place)) != NULL; rest = at + strlen(place)) {
        size_t margin = margin_of(rest, at);
        if (!execution_filter_is_open(filter)) {
            buf_put(out, rest, (size_t)(at - rest));
            put_in_place(out, margin, filter);
            continue;
        }
        buf_put(out, rest, (size_t)(at - rest) - margin - 1); // the line goes, with its break
    }
    buf_puts(out, rest);
}
