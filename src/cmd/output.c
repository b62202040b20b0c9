#include "ssisminer/cmd/output.h"

#include "ssisminer/base/str.h"
#include "ssisminer/base/term.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static Rc refuse_ending(const char *path, Err *err)
{
    (void)FAIL(err, RC_USAGE, "--output: no format has the ending of '%s'", path);
    return err_hint(err, "name the format with --format, or end the file in .txt, .json, .ndjson, "
                         ".csv, .html, .md or .prom");
}

/* "report" and "-" have no ending, and nor has ".hidden". */
static bool has_ending(const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');

    return dot && dot > base;
}

static const char *const names[] = {
    [CHOICE_FORMAT_TEXT] = "text",
    [CHOICE_FORMAT_JSON] = "json",
    [CHOICE_FORMAT_NDJSON] = "ndjson",
    [CHOICE_FORMAT_CSV] = "csv",
    [CHOICE_FORMAT_HTML] = "html",
    [CHOICE_FORMAT_MARKDOWN] = "markdown",
    [CHOICE_FORMAT_PROMETHEUS] = "prometheus",
};

static Rc pick_by_file(const char *path, FormatChoice *ret_format, Err *err)
{
    const ReportWriter *writer = report_writer_for_file(path);

    *ret_format = CHOICE_FORMAT_TEXT;
    if (!writer && has_ending(path))
        return refuse_ending(path, err);
    for (size_t i = 0; writer && i < ARRAY_LEN(names); i++)
        if (str_same(writer->name, names[i]))
            *ret_format = (FormatChoice)i;
    return RC_OK;
}

static Rc pick_format(const Conf *conf, const char *path, FormatChoice *ret_format, Err *err)
{
    *ret_format = conf_choice_format(conf);
    if (*ret_format == CHOICE_FORMAT_UNSET && path)
        return pick_by_file(path, ret_format, err);
    if (*ret_format == CHOICE_FORMAT_UNSET)
        *ret_format = CHOICE_FORMAT_TEXT;
    return RC_OK;
}

static bool wants_colour(const Conf *conf, FILE *stream)
{
    const char *no_color = getenv("NO_COLOR");

    switch (conf_choice_color(conf)) {
    case CHOICE_COLOR_ALWAYS:
        return true;
    case CHOICE_COLOR_NEVER:
        return false;
    case CHOICE_COLOR_AUTO:
        break;
    }
    return !(no_color && *no_color) && term_is(stream) && !str_same(getenv("TERM"), "dumb");
}

Rc output_open(const Conf *conf, Output *ret_output, Err *err)
{
    const char *path = conf_text(conf, OPT_OUTPUT);
    Output output = {0};

    TRY(pick_format(conf, path, &output.format, err));
    output.writer = report_writer(names[output.format]);
    assert(output.writer); // every format has one
    TRY(file_out_open(&output.file, path, err));
    output.style.columns = term_columns(output.file.stream);
    output.style.colour = wants_colour(conf, output.file.stream);
    *ret_output = output;
    return RC_OK;
}

Rc output_write(Output *output, const Report *report, Err *err)
{
    TRY(output->writer->write(report, &output->style, output->file.stream, err));
    return file_out_commit(&output->file, err);
}

void output_close(Output *output)
{
    file_out_done(&output->file);
}
