/* The tables of the operation log, made of log_tables.def. */
#include "ssisminer/ssisdb/log_tables.h"

#include "ssisminer/base/str.h"

static const LogTable tables[LOG_TABLE_COUNT] = {
#define LOG_TABLE(id, table, key, starts, loose, indexed, rows)                                    \
    [LOG_TABLE_##id] = {#table, #key, "internal." #table "." #key, starts, loose, rows},
#include "ssisminer/ssisdb/log_tables.def"
#undef LOG_TABLE
};

const LogTable *log_table(LogTableId id)
{
    return &tables[id];
}

LogTableId log_table_find(const char *name)
{
    LogTableId id = 0;

    while (id < LOG_TABLE_COUNT && !str_same_fold(tables[id].name, name))
        id++;
    return id;
}
