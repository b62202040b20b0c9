/* Files embedded at build time: the shipped signatures, and for the sandbox its schema. */
#ifndef SSISMINER_ASSET_FILE_H
#define SSISMINER_ASSET_FILE_H

#include <stddef.h>

typedef struct AssetFile {
    const char *path; // "config/signatures/azure-sql.yaml"
    const char *text; // NUL-terminated
    size_t len;
} AssetFile;

/* config/signatures in the order of their paths, each as the bytes of its tree (yaml_unpack). */
const AssetFile *asset_trees(size_t *ret_count);

/* The schema files sql/schema; not in the main program, which runs none of them. */
const AssetFile *schema_asset_files(size_t *ret_count);

#endif
