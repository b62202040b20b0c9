/* The statements of sql/ by their SqlId, as the build embedded them. */
#include "ssisminer/asset/sql.h"
#include "ssisminer/asset/table.h"

#include <assert.h>

const SqlAsset *sql_asset(SqlId id)
{
    assert((size_t)id < sql_asset_table_count);
    return &sql_asset_table[id];
}
