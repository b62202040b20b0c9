/* The rows of config/codes, looked up by number and by name. */
#include "ssisminer/codes/table.h"

#include <string.h>
#include <strings.h>

const CodeRow *code_row_next(uint32_t code, const CodeRow *from)
{
    size_t count;
    const CodeRow *rows = code_rows(&count);

    for (const CodeRow *row = from ? from + 1 : rows; row < rows + count; row++)
        if (row->has_code && row->code == code)
            return row;
    return NULL;
}

const CodeRow *code_row_named(const char *name)
{
    size_t count;
    const CodeRow *rows = code_rows(&count);

    for (size_t i = 0; i < count; i++)
        if (rows[i].name && strcasecmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}
