/* `capture`: writes what the other commands read into a file, or as a stream of JSON. */
#include "ssisminer/capture/stream.h"

#include "sandbox.h"

#include "connect.h"
#include "filter.h"
#include "output.h"
#include "ssisminer/base/file.h"
#include "ssisminer/base/log.h"
#include "ssisminer/base/str.h"
#include "ssisminer/base/term.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/conf/conf.h"

#include <string.h>

enum { DAYS = 30 }; // unless --since says otherwise

static bool is_stdout(const char *path)
{
    return !path || !path[0] || str_same(path, "-");
}

static bool ends_in(const char *path, const char *ending)
{
    size_t len = strlen(path), end = strlen(ending);

    return len > end && str_same(path + len - end, ending);
}

static bool wants_stream(const Conf *conf)
{
    const char *path = conf_text(conf, OPT_OUTPUT);
    FormatChoice format = conf_choice_format(conf);

    return format == CHOICE_FORMAT_NDJSON ||
           (format == CHOICE_FORMAT_UNSET && path && ends_in(path, ".ndjson"));
}

/* What a stream cannot be: a capture that grows, or one that --from reads. */
static Rc check_stream(const char *path, Err *err)
{
    static const char *const endings[] = {".db", ".sqlite", ".sqlite3"};

    for (size_t i = 0; i < ARRAY_LEN(endings) && !is_stdout(path); i++)
        if (ends_in(path, endings[i])) {
            (void)FAIL(err, RC_USAGE,
                       "'%s' is to be a SQLite file, and --format ndjson writes JSON", path);
            return err_hint(err, "end its name in .ndjson for a stream; for a file that --from "
                                 "reads, name another --format");
        }
    if (is_stdout(path) || !file_has_bytes(path))
        return RC_OK;
    (void)FAIL(err, RC_USAGE, "'%s' is there already, and a stream is not added to a file", path);
    return err_hint(err, "name a new file for each stream (--since tells from when on); 'ssisminer "
                         "capture -o catalog.db' makes the file that grows");
}

static Rc check_output(const char *path, bool is_stream, Err *err)
{
    if (is_stream)
        return check_stream(path, err);
    if (!is_stdout(path))
        return RC_OK;
    (void)FAIL(err, RC_USAGE, "no file given to capture into");
    return err_hint(err, "name it with --output: -o catalog.db; --format ndjson writes a stream "
                         "to standard output");
}

static void read_question(const Conf *conf, CaptureQuestion *question)
{
    *question = (CaptureQuestion){
        .path = conf_text(conf, OPT_OUTPUT),
        .program = "ssisminer " SSISMINER_VERSION,
        .since = conf_is_set(conf, OPT_SINCE)
                     ? conf_time(conf, OPT_SINCE)
                     : time_add(conf_time(conf, OPT_SINCE), -(DAYS - 1) * TICKS_PER_DAY),
        .wants_all_messages = conf_flag(conf, OPT_ALL_MESSAGES)};
}

/* Of a capture all that it holds, unless somebody says from when on. */
static Rc read_source(const Conf *conf, bool is_stream, CaptureQuestion *question, Arena *arena,
                      Err *err)
{
    const char *source = conf_text(conf, OPT_FROM);
    CaptureHead head;

    if (!source)
        return RC_OK;
    if (!conf_flag(conf, OPT_ANONYMISE) && !is_stream) {
        (void)FAIL(err, RC_USAGE,
                   "--from means nothing to capture without --anonymise or --format ndjson");
        return err_hint(err,
                        "a capture is a file: cp copies it; --anonymise makes one to share of it");
    }
    if (!is_stdout(question->path) && file_is_same(source, question->path))
        return FAIL(err, RC_USAGE, "'%s' cannot be both --from and --output", source);
    TRY(capture_head_read(source, arena, &head, err));
    if (*head.key_id && conf_flag(conf, OPT_ANONYMISE))
        return FAIL(err, RC_USAGE, "'%s' is anonymised already", source);
    if (*head.key_id)
        question->key_id = head.key_id;
    if (!conf_is_set(conf, OPT_SINCE))
        question->since = head.since;
    question->wants_all_messages |= head.has_all_messages;
    return RC_OK;
}

static Rc open_anonymiser(const Conf *conf, Arena *arena, Anonymiser **ret_anonymiser, Err *err)
{
    const char *path = conf_text(conf, OPT_ANONYMISE_KEY);

    if (!conf_flag(conf, OPT_ANONYMISE)) {
        if (!conf_is_given(conf, OPT_ANONYMISE_KEY))
            return RC_OK;
        return FAIL(err, RC_USAGE, "--anonymise-key means nothing without --anonymise");
    }
    if (!path)
        TRY(anonymise_key_path(arena, &path, err));
    return anonymise_open(path, ret_anonymiser, err);
}

/* The engine knows how its tables look: it makes an empty file, whose tables the capture takes
 * over. */
static Rc make_template(const Conf *conf, const Ssisdb *db, const char *folder, Arena *arena,
                        const char **ret_path, Err *err)
{
    const char *path = arena_printf(arena, "%s/template.db", folder);
    const SandboxFile file = {path, capture_flavor(db), db->database_name, db->server_now};

    TRY(sandbox_make_file(conf, &file, arena, err));
    *ret_path = path;
    return RC_OK;
}

static void remove_folder(char **folder)
{
    if (*folder)
        file_remove_tree(*folder);
}

static Rc capture(Conf *conf, Connection *connection, const Ssisdb *db, CaptureQuestion *question,
                  Arena *arena, Captured *captured, Err *err)
{
    AUTO(remove_folder) char *folder = NULL;

    TRY(file_temp_dir("ssisminer-", arena, &folder, err));
    TRY(make_template(conf, db, folder, arena, &question->template_path, err));
    CONNECT_READ(connection, capture_run(db, question, arena, captured, err), err);
    return RC_OK;
}

static const char answer[] = "the capture is"; // for filter_complete

/* Into the file of --output, and the answer goes to standard output. */
static Rc to_file(Conf *conf, CaptureQuestion *question, Arena *arena, Err *err)
{
    AUTO(output_close) Output output = {0};
    AUTO(connect_close) Connection connection = {0};
    Captured captured;
    Ssisdb *db = NULL;

    TRY(output_open_beside(conf, &output, err));
    TRY(connect_open(conf, "capture", &connection, err));
    TRY(ssisdb_probe(connection.tds, arena, &db, err));
    TRY(filter_begun(db, question->since, err));
    TRY(capture(conf, &connection, db, question, arena, &captured, err));

    Report *report = capture_report(db, question, &captured, arena);
    filter_tell_clock(db, report, arena);
    TRY(output_write(&output, report, err));
    return filter_complete(db, answer, err);
}

/* ---- a stream -------------------------------------------------------------------------------- */

/* The answer stands beside what was asked for. */
static Rc tell(const Conf *conf, Report *report, Err *err)
{
    const ReportStyle style = {.columns = term_columns(stderr)};

    output_tell(report);
    return conf_flag(conf, OPT_QUIET) ? RC_OK
                                      : report_writer("text")->write(report, &style, stderr, err);
}

/* A reader that went away ends the program by SIGPIPE, without a word but this one. */
static Rc fail_stream(const FileOut *file, const Lines *lines, Err *err)
{
    if (lines->count == 0)
        return err->rc;
    if (file->temporary)
        return err_hint(err, "nothing is left of '%s': capture again", file->path);
    if (file_stdout_is_broken())
        log_warning("the stream is not whole: its reader went away before the last line, that of "
                    "the table capture_end");
    return err_hint(err, "the stream is not whole: it lacks its last line, that of the table "
                         "capture_end. What was loaded of it is to go; capture again");
}

/* A file that nobody sees yet is begun again when the connection is lost; what others have read
 * already cannot be. */
static Rc stream(Connection *connection, const Ssisdb *db, const CaptureQuestion *question,
                 FileOut *file, Arena *arena, Captured *captured, Err *err)
{
    AUTO(lines_done) Lines lines;
    Rc rc;

    lines_init(&lines, file->stream);
    while ((rc = capture_stream(db, question, &lines, arena, captured, err)) != RC_OK)
        if ((lines.count > 0 && !file->temporary) || !connect_may_reread(connection, err))
            return fail_stream(file, &lines, err);
    return file_out_commit(file, err);
}

static Rc to_stream(Conf *conf, CaptureQuestion *question, Arena *arena, Err *err)
{
    AUTO(file_out_done) FileOut file = {0};
    AUTO(connect_close) Connection connection = {0};
    Captured captured;
    Ssisdb *db = NULL;

    TRY(file_out_open(&file, is_stdout(question->path) ? NULL : question->path, err));
    file_out_private(&file);
    question->path = file.path;
    TRY(connect_open(conf, "capture", &connection, err));
    TRY(ssisdb_probe(connection.tds, arena, &db, err));
    TRY(filter_begun(db, question->since, err));
    TRY(stream(&connection, db, question, &file, arena, &captured, err));

    Report *report = capture_report(db, question, &captured, arena);
    filter_tell_clock(db, report, arena);
    TRY(tell(conf, report, err));
    return filter_complete(db, answer, err);
}

/* ---- the command ----------------------------------------------------------------------------- */

static Rc command_run(Conf *conf, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(anonymise_close_at) Anonymiser *anonymiser = NULL;
    bool is_stream = wants_stream(conf);
    CaptureQuestion question;

    read_question(conf, &question);
    TRY(check_output(question.path, is_stream, err));
    TRY(read_source(conf, is_stream, &question, &arena, err));
    TRY(open_anonymiser(conf, &arena, &anonymiser, err));
    question.anonymiser = anonymiser;
    return (is_stream ? to_stream : to_file)(conf, &question, &arena, err);
}

const Command cmd_capture = {
    .name = "capture",
    .args = "",
    .summary = "Write what the other commands read into a file, for --from",
    .details =
        "Reads executions and operations of the window (the last 30 days unless --since says "
        "otherwise) with the messages of what did not end well, tasks, phases, parameters that are "
        "not sensitive, and what the server is, into the SQLite file of --output. Every other "
        "command reads it with --from as if it were the server, whose clock then stands.\n"
        "\n"
        "Capturing into the same file again brings what is new and what was live; what the server "
        "has purged since stays. A capture that is interrupted leaves the file as it was. The file "
        "is this user's alone (0600): messages may hold what their authors did not mean to show.\n"
        "\n"
        "--anonymise makes a file that can be given away: names of folders, projects, packages, "
        "tasks, environments, servers, logins, hosts, paths, addresses, GUIDs and values, in "
        "messages too, become pseudonyms of the same shape, and every cause, count and time stays. "
        "The key that they come of stays on this machine, in a file of this user's (0600); the "
        "same key gives the same pseudonyms. With --from such a file is made of a capture.\n"
        "\n"
        "--format ndjson writes the same records as lines of JSON instead, to standard output or "
        "to the file of --output, for DuckDB, ClickHouse or Azure Data Explorer: each with its "
        "table, server, database and time of capture. The last line, of the table capture_end, is "
        "there when the stream is whole. A stream is not added to a file, and --from does not read "
        "it; with --from one is made of a capture.\n"
        "\n"
        "The answer tells what was read, and what the login or the server left out; of a stream on "
        "standard error.\n"
        "\n"
        "    ssisminer capture -S prod --since 30d -o catalog.db\n"
        "    ssisminer capture --from catalog.db --anonymise -o share.db\n"
        "    ssisminer capture -S prod --since 90d --format ndjson -o log.ndjson\n"
        "    ssisminer report --from catalog.db --since 7d",
    .takes = BY_CAPTURE,
    .first = {OPT_SERVER, OPT_DATABASE, OPT_USER, OPT_SINCE, OPT_ALL_MESSAGES, OPT_ANONYMISE,
              OPT_OUTPUT, OPT_FORMAT},
    .run = command_run,
};
