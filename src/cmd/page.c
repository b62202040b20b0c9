/* Pages of text for stdout or a file: help, version, completion, T-SQL. */
#include "page.h"

#include "ssisminer/base/file.h"

Rc page_print(const Buf *page, const char *path, Err *err)
{
    AUTO(file_out_done) FileOut out = {0};

    TRY(buf_check(page, "the page", err));
    TRY(file_out_open(&out, path, err));
    (void)fwrite(buf_text(page), 1, page->len, out.stream);
    return file_out_commit(&out, err);
}
