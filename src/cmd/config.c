#include "ssisminer/base/str.h"
#include "ssisminer/base/term.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/cmd/page.h"
#include "ssisminer/conf/conf.h"

#include <string.h>

/* What has neither a key nor a variable is no setting: --help and the like. */
static bool is_setting(OptId id)
{
    char variable[OPT_ENV_MAX];

    opt_env(id, variable);
    return opt_spec(id)->key || *variable;
}

static void put_list(Buf *out, const Conf *conf, OptId id)
{
    size_t count;
    const char *const *items = conf_list(conf, id, &count);

    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%s%s", i ? ", " : "", items[i]);
}

/* As the user would write it; "-" for unset, "***" for a secret. */
static void put_value(Buf *out, const Conf *conf, OptId id)
{
    const char *text = conf_text(conf, id);

    if (opt_spec(id)->type == OPT_TYPE_FLAG)
        buf_puts(out, conf_flag(conf, id) ? "yes" : "no");
    else if (!text)
        buf_puts(out, "-");
    else if (opt_spec(id)->type == OPT_TYPE_SECRET)
        buf_puts(out, "***");
    else if (opt_spec(id)->type == OPT_TYPE_LIST)
        put_list(out, conf, id);
    else
        buf_puts(out, text);
}

typedef struct Widths {
    size_t name, value;
} Widths;

static Widths widest(const Conf *conf)
{
    AUTO(buf_done) Buf value = BUF(PAGE_MAX_BYTES);
    enum { WIDEST_VALUE = 40 };
    Widths widths = {0};

    for (OptId id = 0; id < OPT_COUNT; id++) {
        size_t name = strlen(opt_spec(id)->flag);
        if (!is_setting(id))
            continue;
        buf_reset(&value);
        put_value(&value, conf, id);
        size_t width = term_width(buf_text(&value), value.len);
        if (name > widths.name)
            widths.name = name;
        if (width > widths.value && width <= WIDEST_VALUE)
            widths.value = width;
    }
    return widths;
}

static void put_line(Buf *page, const Conf *conf, OptId id, Widths widths)
{
    AUTO(buf_done) Buf value = BUF(PAGE_MAX_BYTES);
    size_t start = page->len;

    put_value(&value, conf, id);
    buf_printf(page, "%-*s  ", (int)widths.name, opt_spec(id)->flag);
    start = page->len;
    term_put_safe(page, buf_text(&value), value.len, true);
    size_t width = term_width(buf_text(page) + start, page->len - start);
    buf_pad(page, ' ', width < widths.value ? widths.value - width : 0);
    buf_printf(page, "  %s\n", conf_origin(conf, id));
}

static Rc config_run(Conf *conf, Err *err)
{
    AUTO(buf_done) Buf page = BUF(PAGE_MAX_BYTES);
    Widths widths = widest(conf);

    for (OptId id = 0; id < OPT_COUNT; id++)
        if (is_setting(id))
            put_line(&page, conf, id, widths);
    return page_print(&page, conf_text(conf, OPT_OUTPUT), err);
}

const Command cmd_config = {
    .name = "config",
    .args = "",
    .summary = "Show every setting, its value and where it came from",
    .details =
        "Takes the options of every command, so that what a command line would mean can be seen "
        "before it is run. A secret is shown as ***.\n\n"
        "From strong to weak: the command line, the environment, the configuration file, the "
        "default. 'ssisminer help --config-yaml' prints a file to start from.",
    .groups = ~(unsigned)GROUP_HELP,
    .run = config_run,
};
