/* What the generated build/gen/sql_assets.c defines; for src/asset only. */
#ifndef SSISMINER_ASSET_TABLE_H
#define SSISMINER_ASSET_TABLE_H

#include "ssisminer/asset/sql.h"

extern const SqlAsset sql_asset_table[]; // one more than the count, so that it is never empty
extern const size_t sql_asset_table_count;

#endif
