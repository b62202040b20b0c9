/*
 * Where a command's answer goes: the format (--format, else the ending of --output, else text)
 * and the file, whole or not at all; on a terminal that it does not fit, a pager.
 */
#ifndef SSISMINER_SRC_CMD_OUTPUT_H
#define SSISMINER_SRC_CMD_OUTPUT_H

#include "ssisminer/base/buf.h"
#include "ssisminer/base/err.h"
#include "ssisminer/base/file.h"
#include "ssisminer/conf/conf.h"
#include "ssisminer/report/report.h"
#include "ssisminer/report/words.h"

typedef struct Output { // {0} is a closed one
    FileOut file;
    FormatChoice format; // never unset
    const ReportWriter *writer;
    ReportStyle style;
    bool may_page; // a terminal: what does not fit goes through the pager
    bool is_part;  // it stands beside those of other targets
    size_t limit;  // --limit; 0: none
} Output;

/* Before the work, so that a path that cannot be written costs no time. */
Rc output_open(const Conf *conf, Output *ret_output, Err *err) MUST_CHECK;
/* --output is no answer, but a file that is made besides: the answer goes to stdout. */
Rc output_open_beside(const Conf *conf, Output *ret_output, Err *err) MUST_CHECK;
/* With --limit lists that people read are cut to it (report_cut). */
Rc output_write(Output *output, Report *report, Err *err) MUST_CHECK;
/* For rows that a command has written itself: ends the file; the report tells what they come to. */
Rc output_commit(Output *output, const Report *report, Err *err) MUST_CHECK;
void output_close(Output *output);

Remedies output_remedies(const Conf *conf); // --remedies

/* From now on the last report that is written is kept as bytes, too, for whoever is to be told. */
void output_watch(Buf *copy);
void output_tell(const Report *report); // instead of what was written

/* From now on an answer is kept as bytes (report/combine.h) instead of being written: for the
 * process of one target. The text of `kept` is empty until there is one. */
void output_keep(Buf *kept, bool is_of_several);

/* Where a command puts what it has for its likes on other targets (cmd/across.h): NULL when it
 * stands alone. */
void output_keep_beside(Buf *beside);
Buf *output_beside(void);

#endif
