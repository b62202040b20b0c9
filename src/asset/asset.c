#include "ssisminer/asset/file.h"
#include "ssisminer/asset/sql.h"
#include "ssisminer/asset/table.h"

#include <assert.h>
#include <string.h>

const SqlAsset *sql_asset(SqlId id)
{
    assert((size_t)id < sql_asset_table_count);
    return &sql_asset_table[id];
}

const AssetFile *asset_file(const char *path)
{
    size_t count;
    const AssetFile *files = asset_files(&count);

    for (size_t i = 0; i < count; i++)
        if (strcmp(files[i].path, path) == 0)
            return &files[i];
    return NULL;
}
