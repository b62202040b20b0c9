/* The start script that may be run again: a statement of sql/, printed instead of sent. */
#include "ssisminer/duplicates/duplicates.h"

#include "ssisminer/base/utf.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

enum { PATH_PARTS = 3 };

static const struct {
    const char *name, *ending;
    int units_max; // UTF-16, as it is declared
} named_parts[PATH_PARTS] = {
    {"folder_name", "", 128}, {"project_name", "", 128}, {"package_name", ".dtsx", 260}};

static Rc refuse(const char *path, Err *err)
{
    (void)FAIL(err, RC_USAGE, "'%s' is not the path of a package", path);
    return err_hint(err, "write folder/project/package, as the catalog spells them");
}

static bool has_ending(Str text, const char *ending)
{
    size_t len = strlen(ending);

    return text.len > len && str_equal_fold((Str){text.at + text.len - len, len}, str_of(ending));
}

/* UTF-16 units, in which the server counts. */
static size_t units_of(Str text)
{
    size_t units = 0, bytes;

    for (; text.len > 0; text.at += bytes, text.len -= bytes)
        units += utf_next(text.at, text.len, &bytes) > UINT16_MAX ? 2 : 1;
    return units;
}

/* A line break in a name could make a GO of what follows it. */
static Rc check_part(size_t at, Str part, Err *err)
{
    size_t units = units_of(part) +
                   (has_ending(part, named_parts[at].ending) ? 0 : strlen(named_parts[at].ending));

    for (size_t i = 0; i < part.len; i++)
        if (iscntrl((unsigned char)part.at[i])) {
            (void)FAIL(err, RC_USAGE, "a control character in %s", named_parts[at].name);
            return err_hint(err, "write folder/project/package, as the catalog spells them");
        }
    if (units <= (size_t)named_parts[at].units_max)
        return RC_OK;
    (void)FAIL(err, RC_USAGE, "%s is longer than the %d characters that the catalog takes",
               named_parts[at].name, named_parts[at].units_max);
    return err_hint(err, "write folder/project/package, as the catalog spells them");
}

static Rc take_parts(const char *path, Str ret_parts[PATH_PARTS], Err *err)
{
    Str rest = str_of(path);
    size_t count = 0;

    for (Str part; str_split(&rest, '/', &part); count++) {
        part = str_trim(part);
        if (count == PATH_PARTS || part.len == 0)
            return refuse(path, err);
        if (memchr(part.at, '*', part.len) || memchr(part.at, '?', part.len)) // one package
            return refuse(path, err);
        TRY(check_part(count, part, err));
        ret_parts[count] = part;
    }
    return count == PATH_PARTS ? RC_OK : refuse(path, err);
}

/* A literal of T-SQL. */
static void put_quoted(Buf *out, Str text, const char *ending)
{
    buf_puts(out, "N'");
    for (size_t i = 0; i < text.len; i++) {
        buf_putc(out, text.at[i]);
        if (text.at[i] == '\'')
            buf_putc(out, '\'');
    }
    buf_printf(out, "%s'", has_ending(text, ending) ? "" : ending);
}

static void put_declaration(Buf *out, const SqlParam *param, const Str parts[PATH_PARTS],
                            int64_t within)
{
    buf_printf(out, "DECLARE @%s %s = ", param->name, param->declared);
    for (int i = 0; i < PATH_PARTS; i++)
        if (str_same(param->name, named_parts[i].name))
            put_quoted(out, parts[i], named_parts[i].ending);
    if (str_same(param->name, "within_seconds"))
        buf_printf(out, "%" PRId64, within / TICKS_PER_SECOND);
    buf_puts(out, ";\n");
}

Rc duplicates_put_guard(Buf *out, const char *path, int64_t within, Err *err)
{
    const SqlAsset *asset = sql_asset(SQL_DUPLICATES_GUARD);
    Str parts[PATH_PARTS];

    TRY(take_parts(path, parts, err));
    buf_puts(
        out,
        "-- Starts a package of the SSIS catalog, unless that has been done already: safe to run "
        "again.\n-- Run it in the catalog database (SSISDB). It returns the id of the "
        "execution.\n");
    for (size_t i = 0; i < asset->param_count; i++)
        put_declaration(out, &asset->params[i], parts, within);
    for (size_t i = 0; i < asset->line_count; i++)
        buf_printf(out, "%s\n", asset->lines[i].text);
    return RC_OK;
}
