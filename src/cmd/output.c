/* Where an answer goes and in which format; on a terminal that it does not fit, to a pager. */
#include "output.h"

#include "pager.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/str.h"
#include "ssisminer/base/term.h"
#include "ssisminer/report/combine.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static Buf *keeper, *keeper_beside, *watcher;
static bool is_one_of_several;

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

/* By the ending of the file, else text. */
static Rc pick_by_file(const char *path, const ReportWriter **ret_writer, Err *err)
{
    const ReportWriter *writer = path ? report_writer_for_file(path) : NULL;

    if (!writer && path && has_ending(path))
        return refuse_ending(path, err);
    *ret_writer = writer ? writer : report_writer("text");
    return RC_OK;
}

static Rc pick_writer(const Conf *conf, const char *path, Output *output, Err *err)
{
    output->format = conf_choice_format(conf);
    if (output->format == CHOICE_FORMAT_UNSET)
        TRY(pick_by_file(path, &output->writer, err));
    else
        output->writer = report_writer(conf_text(conf, OPT_FORMAT));
    assert(output->writer); // every format has one
    output->format = (FormatChoice)opt_choice(OPT_FORMAT, output->writer->name);
    assert(output->format != CHOICE_FORMAT_UNSET);
    return RC_OK;
}

static bool wants_color(const Conf *conf, FILE *stream)
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

/* Text for somebody who sits there. */
static bool may_page(const Conf *conf, const char *path, const Output *output)
{
    return !conf_flag(conf, OPT_NO_PAGER) && !path && output->format == CHOICE_FORMAT_TEXT &&
           term_is(stdout) && !str_same(getenv("TERM"), "dumb");
}

static Rc open_at(const Conf *conf, const char *path, Output *ret_output, Err *err)
{
    Output output = {0};

    TRY(pick_writer(conf, path, &output, err));
    output.is_part = is_one_of_several;
    if (opt_is_taken(opt_spec(OPT_LIMIT), conf_command(conf)))
        output.limit = (size_t)conf_count(conf, OPT_LIMIT);
    if (keeper) { // the file is the parent's
        *ret_output = output;
        return RC_OK;
    }
    TRY(file_out_open(&output.file, path, err));
    output.may_page = may_page(conf, path, &output);
    output.style.columns = term_columns(output.file.stream);
    output.style.color = wants_color(conf, output.file.stream);
    *ret_output = output;
    return RC_OK;
}

Rc output_open(const Conf *conf, Output *ret_output, Err *err)
{
    return open_at(conf, conf_text(conf, OPT_OUTPUT), ret_output, err);
}

Rc output_open_beside(const Conf *conf, Output *ret_output, Err *err)
{
    return open_at(conf, NULL, ret_output, err);
}

void output_keep(Buf *kept, bool is_of_several)
{
    keeper = kept;
    is_one_of_several = is_of_several;
}

void output_keep_beside(Buf *beside)
{
    keeper_beside = beside;
}

Buf *output_beside(void)
{
    return keeper_beside;
}

void output_watch(Buf *copy)
{
    watcher = copy;
}

void output_tell(const Report *report)
{
    if (!watcher || keeper) // of one of several the parent tells
        return;
    buf_reset(watcher);
    report_put(report, watcher);
}

static bool is_higher(Str text, int rows)
{
    int lines = 1; // the prompt

    for (size_t i = 0; i < text.len && lines <= rows; i++)
        lines += text.at[i] == '\n';
    return lines > rows;
}

static void free_text(char **text)
{
    free(*text);
}

static Rc write_paged(Output *output, const Report *report, Err *err)
{
    AUTO(free_text) char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);

    if (!stream)
        mem_fail();
    Rc rc = output->writer->write(report, &output->style, stream, err);
    if (fclose(stream) != 0)
        mem_fail();
    TRY(rc);
    (void)fflush(stderr);
    if (!is_higher((Str){text, size}, term_rows(output->file.stream)) ||
        !pager_show((Str){text, size}))
        (void)fwrite(text, 1, size, output->file.stream);
    return file_out_commit(&output->file, err);
}

static bool is_for_people(const Output *output)
{
    return output->format == CHOICE_FORMAT_TEXT || output->format == CHOICE_FORMAT_HTML ||
           output->format == CHOICE_FORMAT_MARKDOWN;
}

Rc output_write(Output *output, Report *report, Err *err)
{
    output_tell(report);
    if (output->limit > 0 && is_for_people(output))
        report_cut(report, output->limit);
    if (keeper) {
        report_put(report, keeper);
        return buf_check(keeper, "the answer", err);
    }
    if (output->may_page)
        return write_paged(output, report, err);
    TRY(output->writer->write(report, &output->style, output->file.stream, err));
    return file_out_commit(&output->file, err);
}

Rc output_commit(Output *output, const Report *report, Err *err)
{
    output_tell(report);
    return file_out_commit(&output->file, err);
}

void output_close(Output *output)
{
    file_out_done(&output->file);
}

Remedies output_remedies(const Conf *conf)
{
    switch (conf_choice_remedies(conf)) {
    case CHOICE_REMEDIES_SHOWN:
        return REMEDIES_SHOWN;
    case CHOICE_REMEDIES_ALL:
        return REMEDIES_ALL;
    case CHOICE_REMEDIES_NONE:
        break;
    }
    return REMEDIES_NONE;
}
