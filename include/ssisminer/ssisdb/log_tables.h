/* The tables of the operation log: one list for whoever empties, counts or measures them. */
#ifndef SSISMINER_SSISDB_LOG_TABLES_H
#define SSISMINER_SSISDB_LOG_TABLES_H

#include <stdbool.h>

typedef enum LogTableId {
#define LOG_TABLE(id, ...) LOG_TABLE_##id,
#include "ssisminer/ssisdb/log_tables.def"
#undef LOG_TABLE
    LOG_TABLE_COUNT
} LogTableId;

typedef struct LogTable {
    const char *name;  // in schema internal
    const char *key;   // its column that holds the operation's id
    const char *needs; // "internal.<name>.<key>": ssisdb_has of it says that this build has it
    bool starts_with;  // a never started operation needs its rows to start
    bool is_loose;     // a heap without a foreign key: rows may outlive their operation
    const char *rows;  // what a row is, in the plural
} LogTable;

const LogTable *log_table(LogTableId id);
/* Whatever the case; LOG_TABLE_COUNT if it is none of them. */
LogTableId log_table_find(const char *name);

#endif
