/*
 * Entries of the catalog as a section of a report: what failed, why, what to do.
 */
#ifndef SSISMINER_CMD_ENTRY_H
#define SSISMINER_CMD_ENTRY_H

#include "ssisminer/report/report.h"
#include "ssisminer/signature/signature.h"

typedef enum EntryDetail {
    ENTRY_REMEDY, // title, cause, actions, links
    ENTRY_WHOLE   // its codes, examples and place too
} EntryDetail;

typedef struct EntrySection {
    Section *section;
    EntryDetail detail;
    Arena *arena;
} EntrySection;

EntrySection entry_section(Report *report, Audience audience, const char *key, const char *title,
                           EntryDetail detail, Arena *arena);
void entry_add(EntrySection *to, const Signature *signature);
/* With when it was seen, for a page; NULL: not known. */
void entry_add_seen(EntrySection *to, const Signature *signature, const char *seen);

/* One line each: id, role, title. */
Section *entry_table(Report *report, const char *key, const char *title, const char *empty);
void entry_table_add(Section *table, const Signature *signature);

/* "10928", "-2", "0xC0202009", into the arena. */
const char *entry_code_text(uint32_t code, Arena *arena);

#endif
