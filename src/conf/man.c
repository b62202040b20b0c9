/* The man pages, made of options.def and the commands. */
#include "page.h"

#include <string.h>

/* roff text: a backslash and a hyphen have meanings of their own, and so has a dot or a
 * quote at the start of a line. */
static void put_text(Buf *out, Str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool is_start = i == 0 || text.at[i - 1] == '\n';
        if (is_start && (c == '.' || c == '\''))
            buf_puts(out, "\\&");
        if (c == '\\')
            buf_puts(out, "\\e");
        else if (c == '-')
            buf_puts(out, "\\-");
        else
            buf_putc(out, c);
    }
}

void conf_put_man_text(Buf *out, const char *text)
{
    put_text(out, str_of(text));
}

static void put_line(Buf *out, const char *text)
{
    put_text(out, str_of(text));
    buf_putc(out, '\n');
}

static void put_option(Buf *out, OptId id, bool is_product)
{
    AUTO(buf_done) Buf text = BUF(4096);
    const OptSpec *spec = opt_spec(id);
    char variable[OPT_ENV_MAX];

    page_put_names(&text, spec);
    buf_puts(out, ".TP\n.B ");
    put_line(out, buf_text(&text));
    buf_reset(&text);
    page_put_meaning(&text, spec);
    buf_puts(&text, ".");
    if (is_product) {
        buf_puts(&text, " Commands: ");
        page_put_takers(&text, spec);
        buf_puts(&text, ".");
    }
    opt_env(id, variable);
    if (spec->key)
        buf_printf(&text, " Configuration: %s.", spec->key);
    if (*variable)
        buf_printf(&text, " Environment: %s.", variable);
    put_line(out, buf_text(&text));
}

static void put_options(Buf *out, bool is_product)
{
    buf_puts(out, ".SH OPTIONS\n");
    for (OptGroup group = 0; group < GROUP_COUNT; group++) {
        bool is_first = true;
        for (OptId id = 0; id < opt_count(); id++) {
            if (opt_spec(id)->group != group)
                continue;
            if (is_first)
                buf_printf(out, ".SS %s\n", opt_group_title(group));
            is_first = false;
            put_option(out, id, is_product);
        }
    }
}

static void put_details(Buf *out, const char *details)
{
    Str rest = str_of(details), paragraph;
    bool is_verbatim;

    while (page_paragraph(&rest, &paragraph, &is_verbatim)) {
        buf_puts(out, is_verbatim ? ".PP\n.nf\n" : ".PP\n");
        put_text(out, paragraph);
        buf_puts(out, is_verbatim ? "\n.fi\n" : "\n");
    }
}

static bool takes_whole_group(const Command *command, OptGroup group)
{
    bool has_any = false;

    for (OptId id = 0; id < opt_count(); id++) {
        if (opt_spec(id)->group != group)
            continue;
        if (!opt_is_taken(opt_spec(id), command))
            return false;
        has_any = true;
    }
    return has_any;
}

/* A group that is taken whole by its title, else the names of its options. */
static void put_taken(Buf *out, const Command *command)
{
    const char *before = "Takes: ";

    for (OptGroup group = 0; group < GROUP_COUNT; group++) {
        bool is_whole = takes_whole_group(command, group);
        if (is_whole)
            buf_printf(out, "%sthe options under %s", before, opt_group_title(group));
        before = is_whole ? ", " : before;
        for (OptId id = 0; id < opt_count() && !is_whole; id++) {
            if (opt_spec(id)->group != group || !opt_is_taken(opt_spec(id), command))
                continue;
            buf_puts(out, before);
            put_text(out, str_of("--"));
            put_text(out, str_of(opt_spec(id)->flag));
            before = ", ";
        }
    }
    if (before[0] == ',')
        buf_puts(out, ".\n");
}

static void put_command(Buf *out, const Command *command)
{
    buf_printf(out, ".SS %s %s\n", command->name, command->args);
    put_line(out, command->summary);
    put_details(out, command->details);
    buf_puts(out, ".PP\n");
    put_taken(out, command);
}

static void put_exit_codes(Buf *out)
{
    size_t count;
    const PageExitCode *codes = page_exit_codes(&count);

    buf_puts(out, ".SH EXIT STATUS\n");
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, ".TP\n.B %d\n", codes[i].code);
        put_line(out, codes[i].meaning);
    }
}

static void put_values(Buf *out)
{
    buf_puts(out, ".SH VALUES\n");
    for (size_t i = 0; page_values(i); i++) {
        buf_puts(out, ".PP\n");
        put_line(out, page_values(i));
    }
}

static void put_rest(Buf *out)
{
    buf_puts(out, ".SH ENVIRONMENT\n"
                  "An option is also read from the variable named with it, by the commands that "
                  "take it; the command line is stronger, the configuration file weaker. Names "
                  "that begin with SSISMINER_ and mean nothing are warned of, and refused by "
                  "cleanup.\n"
                  ".TP\n"
                  ".B NO_COLOR\n"
                  "When set, no color.\n"
                  ".TP\n"
                  ".B CREDENTIALS_DIRECTORY\n"
                  "Directory, set by systemd, whose file ssisminer\\-password holds the password, "
                  "ssisminer\\-token an access token, and ssisminer\\-notify\\-NAME the URL or "
                  "password of a channel.\n"
                  ".TP\n"
                  ".B SSISMINER_TOKEN\n"
                  "An access token to log in with.\n"
                  ".TP\n"
                  ".B AZURE_CLIENT_SECRET\n"
                  "Secret of the application that AZURE_CLIENT_ID names.\n"
                  ".TP\n"
                  ".B AZURE_CLIENT_CERTIFICATE_PASSWORD\n"
                  "Password of its certificate's file.\n"
                  ".TP\n"
                  ".B AZURE_FEDERATED_TOKEN_FILE\n"
                  "File with the token of a workload identity (AKS).\n"
                  ".TP\n"
                  ".BR IDENTITY_ENDPOINT , IDENTITY_HEADER , IMDS_ENDPOINT , MSI_ENDPOINT , "
                  "MSI_SECRET\n"
                  "Where the platform gives tokens of a managed identity.\n"
                  ".TP\n"
                  ".BR SSL_CERT_FILE , SSL_CERT_DIR\n"
                  "Certificates to trust where tokens come from and notifications go, instead of "
                  "the system's.\n"
                  ".SH FILES\n"
                  ".TP\n"
                  ".I ~/.config/ssisminer/ssisminer.yaml\n"
                  "Configuration of the user ($XDG_CONFIG_HOME is honored).\n"
                  ".TP\n"
                  ".I /etc/ssisminer/ssisminer.yaml\n"
                  "Configuration of the machine, read when the user has none.\n");
}

/* ".TH SSISMINER\-SANDBOX 1 ...", and the name. */
static void put_head(Buf *out, const char *name, int section, const char *kind, const char *summary)
{
    AUTO(buf_done) Buf title = BUF(256);

    for (const char *c = name; *c; c++)
        buf_putc(&title, *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c);
    buf_puts(out, ".\\\" Made by the program itself; do not edit.\n.TH ");
    put_text(out, str_of(buf_text(&title)));
    buf_printf(out, " %d \"\" \"ssisminer " SSISMINER_VERSION "\" \"%s\"\n.SH NAME\n", section,
               kind);
    put_text(out, str_of(name));
    buf_printf(out, " \\- %s\n", summary);
}

void conf_put_man(Buf *out, const ManPage *page, const Command *const *commands,
                  size_t command_count)
{
    put_head(out, page->program, 1, "User Commands", page->summary);
    buf_puts(out, ".SH SYNOPSIS\n.B ");
    put_line(out, page->program);
    buf_puts(out, "[options] COMMAND [options] [arguments]\n.SH DESCRIPTION\n");
    put_line(out, page->purpose);
    buf_puts(out, ".SH COMMANDS\n");
    for (size_t i = 0; i < command_count; i++)
        put_command(out, commands[i]);
    put_options(out, page->is_product);
    if (page->is_product) {
        put_values(out);
        put_exit_codes(out);
        put_rest(out);
    }
}

void conf_put_product_man(Buf *out, const Command *const *commands, size_t command_count)
{
    const ManPage page = {.program = "ssisminer",
                          .summary = "find out why SSIS executions failed",
                          .purpose = page_purpose(),
                          .is_product = true};

    conf_put_man(out, &page, commands, command_count);
    buf_puts(out, ".SH SEE ALSO\n.BR ssisminer.yaml (5),\n.BR ssisminer\\-sandbox (1)\n");
}

/* ---- the configuration file ------------------------------------------------------------------ */

static void put_key(Buf *out, const OptSpec *spec)
{
    AUTO(buf_done) Buf text = BUF(4096);

    buf_puts(out, ".TP\n.B ");
    put_line(out, spec->key);
    page_put_meaning(&text, spec);
    buf_printf(&text, ". As --%s.", spec->flag);
    put_line(out, buf_text(&text));
}

static void put_channels(Buf *out)
{
    static const struct {
        const char *keys, *meaning;
    } keys[] = {
        {"name", "One word, for --notify."},
        {"type", "teams (a workflow's webhook), slack, json or mail."},
        {"when", "What is worth telling: any finding (default), new, warning, error, critical, or "
                 "always. A run that failed is always told."},
        {"url_file, url_env",
         "Of a webhook: the file whose first line is its URL, or the variable. The URL is a secret "
         "and does not stand in here. http is for this machine only."},
        {"server", "Of mail: host or host:port; 587 unless given, 465 with tls, 25 with none."},
        {"tls", "starttls (default), tls from the first byte, or none, to this machine only."},
        {"from, to", "Of mail: addresses alone; to may be a list."},
        {"user, password_file, password_env", "Of mail: to log in. No user: no login."},
        {"ca_file", "Certificates to trust, in PEM form, instead of the system's."},
        {"timeout", "For all attempts (default 60s, 1s to 10min)."},
        {"retry, retry_wait", "Further attempts (default 3, 0 to 10) and the first wait before one "
                              "(default 2s), which doubles; Retry-After is heeded."},
    };

    buf_puts(out,
             ".SH NOTIFY\n"
             "A list of channels for \\-\\-notify. Without a file or a variable the secret is "
             "systemd's credential ssisminer\\-notify\\-NAME.\n.PP\n.nf\n"
             "notify:\n"
             "  \\- {name: ops, type: teams, url_file: /etc/ssisminer/teams.url, when: error}\n"
             "  \\- name: dba\n"
             "    type: mail\n"
             "    server: smtp.example.com\n"
             "    from: ssisminer@example.com\n"
             "    to: [dba@example.com, night@example.com]\n"
             ".fi\n");
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        buf_puts(out, ".TP\n.B ");
        put_line(out, keys[i].keys);
        put_line(out, keys[i].meaning);
    }
}

void conf_put_yaml_man(Buf *out)
{
    put_head(out, "ssisminer.yaml", 5, "File Formats", "configuration of ssisminer");
    buf_puts(
        out,
        ".SH SYNOPSIS\n"
        ".I ~/.config/ssisminer/ssisminer.yaml\n"
        ".br\n"
        ".I /etc/ssisminer/ssisminer.yaml\n"
        ".SH DESCRIPTION\n"
        "One file in YAML is read: that of \\-\\-config, else of $SSISMINER_CONFIG, else the "
        "user's, else the machine's. Its values are weaker than the environment and the command "
        "line. A key that does not exist, a value that means nothing or an empty one is an error "
        "that says where it stands. No password belongs in it: name a password_file.\n"
        ".PP\n"
        "Command 'ssisminer help \\-\\-config\\-yaml' prints a file with every key at its default, "
        "'ssisminer config' what is in force and where each value comes from.\n"
        ".SH KEYS\n"
        "A dot stands between a section and its key: output.format is key format under output. "
        "Under a command's own name (report: {caller: adf}) a filter is for that command alone.\n");
    for (OptId id = 0; id < opt_count(); id++)
        if (opt_spec(id)->key)
            put_key(out, opt_spec(id));
    buf_puts(out,
             ".SH TARGETS\n"
             "A list of servers for \\-\\-target: each has a name and the keys of the file, "
             "connection's without their section; defaults has keys for all of them.\n.PP\n.nf\n"
             "defaults: {authentication: ActiveDirectoryManagedIdentity}\n"
             "targets:\n"
             "  \\- {name: prod, server: prod.database.windows.net, cleanup: {keep: 90d}}\n"
             "  \\- {name: test, server: test.database.windows.net, report: {folder: Sales}}\n"
             ".fi\n");
    put_channels(out);
    put_values(out);
    buf_puts(out, ".SH SEE ALSO\n.BR ssisminer (1)\n");
}
