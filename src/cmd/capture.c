/* `capture`: writes what the other commands read into a file. */
#include "ssisminer/capture/capture.h"

#include "sandbox.h"

#include "ssisminer/base/file.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/cmd/connect.h"
#include "ssisminer/cmd/filter.h"
#include "ssisminer/cmd/output.h"
#include "ssisminer/conf/conf.h"

enum { DAYS = 30 }; // unless --since says otherwise

static Rc check_output(const char *path, Err *err)
{
    if (path && path[0] && !(path[0] == '-' && !path[1]))
        return RC_OK;
    (void)FAIL(err, RC_USAGE, "no file given to capture into");
    return err_hint(err, "name it with --output: -o catalogue.db");
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
static Rc read_source(const Conf *conf, CaptureQuestion *question, Arena *arena, Err *err)
{
    const char *source = conf_text(conf, OPT_FROM);
    CaptureHead head;

    if (!source)
        return RC_OK;
    if (!conf_flag(conf, OPT_ANONYMISE)) {
        (void)FAIL(err, RC_USAGE, "--from means nothing to capture without --anonymise");
        return err_hint(err,
                        "a capture is a file: cp copies it; --anonymise makes one to share of it");
    }
    if (file_is_same(source, question->path))
        return FAIL(err, RC_USAGE, "'%s' cannot be both --from and --output", source);
    TRY(capture_head_read(source, arena, &head, err));
    if (*head.key_id)
        return FAIL(err, RC_USAGE, "'%s' is anonymised already", source);
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

static Rc command_run(Conf *conf, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(output_close) Output output = {0};
    AUTO(connect_close) Connection connection = {0};
    AUTO(anonymise_close_at) Anonymiser *anonymiser = NULL;
    CaptureQuestion question;
    Captured captured;
    Ssisdb *db = NULL;

    read_question(conf, &question);
    TRY(check_output(question.path, err));
    TRY(read_source(conf, &question, &arena, err));
    TRY(open_anonymiser(conf, &arena, &anonymiser, err));
    question.anonymiser = anonymiser;
    TRY(output_open_beside(conf, &output, err));
    TRY(connect_open(conf, "capture", &connection, err));
    TRY(ssisdb_probe(connection.tds, &arena, &db, err));
    TRY(filter_begun(db, question.since, err));
    TRY(capture(conf, &connection, db, &question, &arena, &captured, err));

    Report *report = capture_report(db, &question, &captured, &arena);
    filter_tell_clock(db, report, &arena);
    TRY(output_write(&output, report, err));
    return filter_complete(db, "the capture is", err);
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
        "The answer tells what was read, and what the login or the server left out.\n"
        "\n"
        "    ssisminer capture -S prod --since 30d -o catalogue.db\n"
        "    ssisminer capture --from catalogue.db --anonymise -o share.db\n"
        "    ssisminer report --from catalogue.db --since 7d",
    .takes = BY_CAPTURE,
    .first = {OPT_SERVER, OPT_DATABASE, OPT_USER, OPT_SINCE, OPT_ALL_MESSAGES, OPT_ANONYMISE,
              OPT_OUTPUT, OPT_FORMAT},
    .run = command_run,
};
