/* The drivers to try when none is named: FreeTDS, wherever it lies. */
#include "connstr.h"

#include <glob.h>

const TdsDialect tds_default_dialect = TDS_DIALECT_FREETDS;

static const char *const driver_places[] = {
    "/usr/lib/*/odbc/libtdsodbc.so", "/usr/lib64/libtdsodbc.so*", "/usr/lib/odbc/libtdsodbc.so",
    "/usr/local/lib/libtdsodbc.so",  "/usr/lib/libtdsodbc.so*",   "/opt/homebrew/lib/libtdsodbc.so",
};

const char *const *tds_driver_names(const TdsTarget *target, Arena *arena, size_t *ret_count)
{
    const char **names = NULL;
    size_t count = 0, capacity = 0;
    glob_t found;

    names = arena_grow(arena, names, 0, 1, &capacity, sizeof(*names));
    names[count++] = target->driver ? target->driver : "FreeTDS";
    for (size_t i = 0; !target->driver && !target->dsn && i < ARRAY_LEN(driver_places); i++) {
        if (glob(driver_places[i], 0, NULL, &found) != 0)
            continue;
        for (size_t k = 0; k < found.gl_pathc; k++) {
            names = arena_grow(arena, names, count, count + 1, &capacity, sizeof(*names));
            names[count++] = arena_text(arena, found.gl_pathv[k]);
        }
        globfree(&found);
    }
    *ret_count = count;
    return names;
}
