/* What a capture reads, as lines instead of a file: a row of a statement, a line. */
#include "ssisminer/capture/stream.h"

#include "reading.h"

/* ---- rows ------------------------------------------------------------------------------------ */

static Rc put_value(const Capturing *to, const TdsRows *rows, const SqlAsset *asset, size_t column,
                    Err *err)
{
    const SqlColumn *of = &asset->columns[column];
    int from = (int)column;
    Str text;

    if (tds_is_null(rows, from)) {
        lines_null(to->lines, of->name);
        return RC_OK;
    }
    switch (of->type) {
    case SQL_TYPE_BIT:
        lines_bit(to->lines, of->name, tds_i64(rows, from) != 0);
        return RC_OK;
    case SQL_TYPE_INT:
    case SQL_TYPE_BIGINT:
        lines_i64(to->lines, of->name, tds_i64(rows, from));
        return RC_OK;
    case SQL_TYPE_FLOAT:
        lines_f64(to->lines, of->name, tds_f64(rows, from));
        return RC_OK;
    case SQL_TYPE_DATETIMEOFFSET:
        lines_time(to->lines, of->name, tds_time(rows, from));
        return RC_OK;
    case SQL_TYPE_DECIMAL:
    case SQL_TYPE_NVARCHAR:
    case SQL_TYPE_UNIQUEIDENTIFIER:
    case SQL_TYPE_VARBINARY:
        TRY(anonymised_value(to->anonymised, asset, rows, column, &text, err));
        lines_text(to->lines, of->name, text);
        return RC_OK;
    }
    return RC_OK;
}

/* The question and the answer are no names of a column, and yet hold some. */
static void put_answer(const Capturing *to, const TdsRows *rows)
{
    Str question = tds_text(rows, SQL_CAPTURE_ANSWERS__QUESTION);

    lines_text(to->lines, "question", anonymised_question(to->anonymised, question));
    if (tds_is_null(rows, SQL_CAPTURE_ANSWERS__NUMBER))
        lines_null(to->lines, "number");
    else
        lines_i64(to->lines, "number", tds_i64(rows, SQL_CAPTURE_ANSWERS__NUMBER));
    lines_text(
        to->lines, "text",
        anonymised_answer(to->anonymised, question, tds_text(rows, SQL_CAPTURE_ANSWERS__TEXT)));
}

static Rc put_row(Capturing *to, const Part *part, const TdsRows *rows, Err *err)
{
    const SqlAsset *asset = sql_asset(part->id);

    lines_begin(to->lines, part->lines);
    if (part->put == put_ANSWERS)
        put_answer(to, rows);
    else
        for (size_t i = 0; i < asset->column_count; i++)
            TRY(put_value(to, rows, asset, i, err));
    return lines_end(to->lines, err);
}

/* All that follows is read of the operations between the first and the last one. */
static void note_operation(Capturing *to, int64_t id, bool is_first)
{
    to->first_id = is_first || id < to->first_id ? id : to->first_id;
    to->last_id = is_first || id > to->last_id ? id : to->last_id;
}

Rc part_put_lines(Capturing *to, const Part *part, TdsRows *rows, int64_t *ret_rows, Err *err)
{
    bool has_row = false;

    *ret_rows = 0;
    for (;; ++*ret_rows) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            return RC_OK;
        if (part->put == put_OPERATIONS)
            note_operation(to, tds_i64(rows, SQL_CAPTURE_OPERATIONS__OPERATION_ID), *ret_rows == 0);
        TRY(put_row(to, part, rows, err));
    }
}

/* ---- the first line and the last ones -------------------------------------------------------- */

static Rc put_begin(const Capturing *to, Err *err)
{
    const CaptureHead *head = &to->captured.head;
    Lines *lines = to->lines;

    lines_begin(lines, "capture_begin");
    lines_i64(lines, "layout", STREAM_LAYOUT);
    lines_text(lines, "program", str_of(head->program));
    lines_text(lines, "flavor", str_of(head->flavor));
    lines_time(lines, "since", head->since);
    lines_bit(lines, "all_messages", head->has_all_messages);
    lines_bit(lines, "sees_all", to->db->sees_all);
    lines_bit(lines, "anonymised", *head->key_id != '\0');
    lines_text(lines, "key_id", *head->key_id ? str_of(head->key_id) : (Str){0});
    return lines_end(lines, err);
}

static Rc put_table(const Capturing *to, const CapturedPart *part, Err *err)
{
    lines_begin(to->lines, "capture_tables");
    lines_text(to->lines, "table_name", str_of(part->lines));
    lines_i64(to->lines, "row_count", part->rows);
    lines_text(to->lines, "left_out",
               part->left_out ? str_of(anonymised_text(to->anonymised, part->left_out, to->arena))
                              : (Str){0});
    return lines_end(to->lines, err);
}

/* Whoever finds the last line has all that is before it. */
static Rc put_end(const Capturing *to, Err *err)
{
    const Captured *captured = &to->captured;
    int64_t rows = 0;

    for (size_t i = 0; i < captured->part_count; i++) {
        TRY(put_table(to, &captured->parts[i], err));
        rows += captured->parts[i].rows;
    }
    lines_begin(to->lines, "capture_end");
    lines_i64(to->lines, "table_count", (int64_t)captured->part_count);
    lines_i64(to->lines, "row_count", rows);
    TRY(lines_end(to->lines, err));
    return lines_flush(to->lines, err);
}

/* ---- the run --------------------------------------------------------------------------------- */

static void set_head(Capturing *to)
{
    const CaptureQuestion *question = to->question;
    const Ssisdb *db = to->db;

    to->captured.is_first = true;
    to->captured.read_since = question->since;
    to->captured.head =
        (CaptureHead){.run = 1,
                      .server = anonymised_name(to->anonymised, db->server_name, to->arena),
                      .database = anonymised_name(to->anonymised, db->database_name, to->arena),
                      .program = question->program,
                      .flavor = capture_flavor(db),
                      .now = db->server_now,
                      .since = question->since,
                      .has_all_messages = question->wants_all_messages,
                      .key_id = question->anonymiser ? anonymise_key_id(question->anonymiser)
                                : question->key_id   ? question->key_id
                                                     : ""};
}

Rc capture_stream(const Ssisdb *db, const CaptureQuestion *question, Lines *lines, Arena *arena,
                  Captured *ret_captured, Err *err)
{
    AUTO(anonymised_free_at) Anonymised *anonymised = NULL;
    Capturing to = {.db = db,
                    .question = question,
                    .lines = lines,
                    .arena = arena,
                    .all_messages = question->wants_all_messages,
                    .first_id = INT64_MIN,
                    .last_id = INT64_MAX};

    TRY(lines_restart(lines, err));
    if (question->anonymiser)
        TRY(anonymised_new(question->anonymiser, &anonymised, err));
    to.anonymised = anonymised;
    set_head(&to);
    lines_set_same(lines, to.captured.head.server, to.captured.head.database, db->server_now);
    TRY(put_begin(&to, err));
    TRY(parts_read_all(&to, err));
    TRY(put_end(&to, err));
    *ret_captured = to.captured;
    return RC_OK;
}
