#include "ssisminer/cmd/output.h"

#include "ssisminer/base/str.h"
#include "ssisminer/base/term.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const ReportWriter *pick_writer(const Conf *conf, const char *path)
{
    const char *asked = conf_text(conf, OPT_FORMAT);
    const ReportWriter *writer = NULL;

    if (asked)
        writer = report_writer(asked);
    else if (path)
        writer = report_writer_for_file(path);
    return writer ? writer : report_writer("text");
}

static bool wants_colour(const Conf *conf, FILE *stream)
{
    const char *when = conf_text(conf, OPT_COLOR);
    const char *no_color = getenv("NO_COLOR");

    if (str_same(when, "always"))
        return true;
    if (str_same(when, "never") || (no_color && *no_color))
        return false;
    return term_is(stream) && !str_same(getenv("TERM"), "dumb");
}

Rc output_open(const Conf *conf, Output *ret_output, Err *err)
{
    const char *path = conf_text(conf, OPT_OUTPUT);
    Output output = {.writer = pick_writer(conf, path)};

    assert(output.writer); // conf lets no other format through
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
