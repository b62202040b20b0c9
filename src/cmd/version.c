/* `version`: which version this is. */
#include "page.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/conf/conf.h"

static Rc version_run(Conf *conf, Err *err)
{
    AUTO(buf_done) Buf page = BUF(PAGE_MAX_BYTES);

    (void)conf;
    buf_puts(&page, "ssisminer " SSISMINER_VERSION "\n");
    return page_print(&page, NULL, err);
}

const Command cmd_version = {
    .name = "version",
    .args = "",
    .summary = "Show the version",
    .details = "",
    .takes = BY_VERSION,
    .run = version_run,
};
