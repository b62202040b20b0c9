/* The start script that may be run again: a statement of sql/, printed instead of sent. */
#include "ssisminer/duplicates/duplicates.h"

#include <inttypes.h>
#include <string.h>

enum { PATH_PARTS = 3, NAME_MAX_BYTES = 1024 };

static const char *const part_names[PATH_PARTS] = {"folder_name", "project_name", "package_name"};

static Rc refuse(const char *path, Err *err)
{
    (void)FAIL(err, RC_USAGE, "'%s' is not the path of a package", path);
    return err_hint(err, "write folder/project/package, as the catalogue spells them");
}

static Rc take_parts(const char *path, Str ret_parts[PATH_PARTS], Err *err)
{
    Str rest = str_of(path);
    size_t count = 0;

    for (Str part; str_split(&rest, '/', &part); count++) {
        part = str_trim(part);
        if (count == PATH_PARTS || part.len == 0 || part.len > NAME_MAX_BYTES)
            return refuse(path, err);
        if (memchr(part.at, '*', part.len) || memchr(part.at, '?', part.len)) // one package
            return refuse(path, err);
        ret_parts[count] = part;
    }
    return count == PATH_PARTS ? RC_OK : refuse(path, err);
}

/* A literal of T-SQL; a line break would be one in a name, and stays one. */
static void put_quoted(Buf *out, Str text, const char *ending)
{
    bool has_ending =
        str_ends(ending, ".dtsx") && text.len > strlen(ending) &&
        str_equal_fold((Str){text.at + text.len - strlen(ending), strlen(ending)}, str_of(ending));

    buf_puts(out, "N'");
    for (size_t i = 0; i < text.len; i++) {
        buf_putc(out, text.at[i]);
        if (text.at[i] == '\'')
            buf_putc(out, '\'');
    }
    buf_printf(out, "%s'", has_ending ? "" : ending);
}

static void put_declaration(Buf *out, const SqlParam *param, const Str parts[PATH_PARTS],
                            int64_t within)
{
    buf_printf(out, "DECLARE @%s %s = ", param->name, param->declared);
    for (int i = 0; i < PATH_PARTS; i++)
        if (str_same(param->name, part_names[i]))
            put_quoted(out, parts[i], i == PATH_PARTS - 1 ? ".dtsx" : "");
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
        "-- Starts a package of the SSIS catalogue, unless that has been done already: safe to run "
        "again.\n-- Run it in the catalogue database (SSISDB). It returns the id of the "
        "execution.\n");
    for (size_t i = 0; i < asset->param_count; i++)
        put_declaration(out, &asset->params[i], parts, within);
    for (size_t i = 0; i < asset->line_count; i++)
        buf_printf(out, "%s\n", asset->lines[i].text);
    return RC_OK;
}
