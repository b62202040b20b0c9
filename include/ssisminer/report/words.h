/*
 * Small wordings that every answer needs: plurals, lengths, spans of time.
 *
 * Ownership: texts live in the arena given, or for ever.
 */
#ifndef SSISMINER_REPORT_WORDS_H
#define SSISMINER_REPORT_WORDS_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/buf.h"
#include "ssisminer/base/time.h"
#include "ssisminer/report/report.h"

#include <stdint.h>

/* Of what an answer says what to do: of what is shown, of all there is, or of nothing. */
typedef enum Remedies { REMEDIES_SHOWN, REMEDIES_ALL, REMEDIES_NONE } Remedies;

const char *words_plural(int64_t count);               // "" or "s"
const char *words_or_unknown(const char *text);        // "?" for NULL
Severity words_severity(const char *name);             // of "critical" and so on; none for others
const char *words_taken(Buf *buf, Arena *arena);       // its text; frees the buffer
const char *words_length(int64_t ticks, Arena *arena); // "3 min 20 s"; "-" for a negative one
/* "2026-03-02 05:44Z to 06:10Z": to the minute, the day once; "" when one is unset. */
const char *words_span(Instant first, Instant last, Arena *arena);
/* "03-02 05:44:10": in the zone in use, for a column whose heading says UTC; "" when unset. */
const char *words_when(Instant at, Arena *arena);
/* The columns, with "UTC" taken out of their headings when another zone is in use (the head of the
 * answer names it). */
const Column *words_zone_columns(const Column *columns, size_t count, Arena *arena);
/* Columns of a list (report.h): the parts of a package's path, which programs tell packages apart
 * by, and monitoring labels them with. Of `const char *const parts[WORDS_PARTS]`. */
enum { WORDS_PARTS = 5 };
/* clang-format off */
#define WORDS_PART_COLUMNS(COLUMN, parts) \
    COLUMN("folder", "folder", value_text((parts)[0]), .audience = FOR_DATA) \
    COLUMN("project", "project", value_text((parts)[1]), .audience = FOR_DATA) \
    COLUMN("package_name", "package", value_text((parts)[2]), .audience = FOR_DATA) \
    COLUMN("environment_folder", "folder of the environment", value_text((parts)[3]), .audience = FOR_DATA) \
    COLUMN("environment", "environment", value_text((parts)[4]), .audience = FOR_DATA)
/* clang-format on */
/* "2026-03-01 06:00Z to 2026-03-02 06:00Z (1 d 0 h)", until `now` where `until` is unset; "all
 * there is" from the first instant on. */
const char *words_window(Instant since, Instant until, Instant now, Arena *arena);
/* "prod/SSISDB, 2026-03-01 06:00Z to …": what a first screen was asked about. Names may be NULL. */
const char *words_where(const char *server, const char *database, const char *window, Arena *arena);
/* "Packages (12)", or "Packages (the first 10 of 12)". */
const char *words_list_title(const char *what, size_t shown, size_t count, Arena *arena);

#endif
