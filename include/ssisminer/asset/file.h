/* Files of config/ embedded at build time: the shipped signatures and templates. */
#ifndef SSISMINER_ASSET_FILE_H
#define SSISMINER_ASSET_FILE_H

#include <stddef.h>

typedef struct AssetFile {
    const char *path; // "config/signatures/azure-sql.yaml"
    const char *text; // NUL-terminated
    size_t len;
} AssetFile;

/* All embedded files in the order of their paths. */
const AssetFile *asset_files(size_t *ret_count);
const AssetFile *asset_file(const char *path); // NULL if there is none

/* The schema files sql/schema/NN-*.sql; not in the main program, which runs none of them. */
const AssetFile *schema_asset_files(size_t *ret_count);

#endif
