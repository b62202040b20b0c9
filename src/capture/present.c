/* What a capture holds and what it left out, as a report. */
#include "ssisminer/capture/capture.h"

#include "ssisminer/report/words.h"

#include <inttypes.h>

static const char *from_when(Instant since, Arena *arena)
{
    char text[TIME_TEXT_MAX];

    if (!since.is_set)
        return "the first operation on";
    report_time_text(since, text);
    return arena_text(arena, text);
}

static void add_facts(Report *report, const Ssisdb *db, const CaptureQuestion *question,
                      const Captured *captured, Arena *arena)
{
    const CaptureHead *head = &captured->head;

    report_head(report, &(ReportHead){.title = ssisdb_title(db, arena),
                                      .server = db->server_name,
                                      .database = db->database_name,
                                      .sees_all = db->sees_all,
                                      .now = db->server_now});
    report_fact(report, FOR_ALL, "file", "file",
                value_text(question->path ? question->path : "standard output"));
    report_fact(report, FOR_PEOPLE, "holds", "holds",
                value_text(arena_printf(arena, "from %s, %s", from_when(head->since, arena),
                                        head->has_all_messages
                                            ? "with all messages"
                                            : "with the messages of what did not end well")));
    if (question->anonymiser)
        report_fact(report, FOR_ALL, "names", "names", value_text("anonymised"));
    report_fact(report, FOR_DATA, "since", "since", value_time(head->since));
    report_fact(report, FOR_DATA, "all_messages", "all messages",
                value_flag(head->has_all_messages));
    report_fact(report, FOR_DATA, "run", "run", value_count(head->run));
    if (!captured->is_first)
        report_fact(report, FOR_PEOPLE, "read", "read this time",
                    value_text(arena_printf(arena, "what was live, and from %s",
                                            from_when(captured->read_since, arena))));
}

static void add_warnings(Report *report, const Ssisdb *db, const Captured *captured)
{
    if (!db->sees_all)
        report_warning(report,
                       "this login sees its own executions only, and so does who reads the file: "
                       "capture with a member of %s",
                       ssisdb_reading_role(db));
    if (captured->lost > 0)
        report_warning(report,
                       "%" PRId64 " operation%s live in the file and gone from the server: how it "
                       "ended is not known",
                       captured->lost, captured->lost == 1 ? " is" : "s are");
}

/* clang-format off */
#define PART_COLUMNS(COLUMN) \
    COLUMN("what", "what", value_text(part->what), .tone = TONE_STRONG) \
    COLUMN("rows", "rows", value_count(part->rows), .align_right = true)
/* clang-format on */

static void add_parts(Report *report, const Captured *captured)
{
    static const Column columns[] = {PART_COLUMNS(COLUMN_ENTRY)};
    Section *section = report_section(report, FOR_ALL, "captured", "Read", LAYOUT_TABLE, columns,
                                      ARRAY_LEN(columns), NULL);

    for (size_t i = 0; i < captured->part_count; i++) {
        const CapturedPart *part = &captured->parts[i];
        if (part->left_out || part->rows == 0)
            continue;
        row_set_all(section_row(section), ROW_VALUES(PART_COLUMNS));
    }
}

/* clang-format off */
#define LEFT_OUT_COLUMNS(COLUMN) \
    COLUMN("what", "what", value_text(captured->parts[i].what), .tone = TONE_STRONG) \
    COLUMN("reason", "why", value_text(captured->parts[i].left_out), .may_wrap = true)
/* clang-format on */

static void add_left_out(Report *report, const Captured *captured)
{
    static const Column columns[] = {LEFT_OUT_COLUMNS(COLUMN_ENTRY)};
    Section *section = report_section(report, FOR_ALL, "left_out", "Left out", LAYOUT_TABLE,
                                      columns, ARRAY_LEN(columns), NULL);

    for (size_t i = 0; i < captured->part_count; i++) {
        if (!captured->parts[i].left_out)
            continue;
        row_set_all(section_row(section), ROW_VALUES(LEFT_OUT_COLUMNS));
    }
}

Report *capture_report(const Ssisdb *db, const CaptureQuestion *question, const Captured *captured,
                       Arena *arena)
{
    Report *report = report_new(arena, "capture", "Captured");

    add_facts(report, db, question, captured, arena);
    add_warnings(report, db, captured);
    add_parts(report, captured);
    add_left_out(report, captured);
    return report;
}
