/* Runs the checks over what was read, and puts what they found in order. */
#include "ssisminer/doctor/doctor.h"

#include "checks.h"

#include "ssisminer/base/mem.h"

#include <stdlib.h>

const char *doctor_priority_name(DoctorPriority priority)
{
    static const char *const names[] = {[DOCTOR_CRITICAL] = "critical",
                                        [DOCTOR_ERROR] = "error",
                                        [DOCTOR_WARNING] = "warning",
                                        [DOCTOR_INFO] = "info"};

    return names[priority];
}

const DoctorCheck *doctor_check(size_t index)
{
    return index < check_row_count ? &check_rows[index].check : NULL;
}

const DoctorCheck *doctor_find_check(const char *id)
{
    for (size_t i = 0; i < check_row_count; i++)
        if (str_same(check_rows[i].check.id, id))
            return &check_rows[i].check;
    return NULL;
}

static bool is_skipped(const DoctorQuestion *question, const char *id)
{
    for (size_t i = 0; i < question->skip_count; i++)
        if (str_same(question->skip[i], id))
            return true;
    return false;
}

/* The check's own, then those about this evidence. */
static void list_actions(const DoctorCheck *check, const Said *said, DoctorResult *result)
{
    enum { OWN_MAX = ARRAY_LEN(check->actions) };
    const char **list = arena_alloc_array(said->arena, OWN_MAX + ACTIONS_MAX, sizeof(*list));

    for (size_t i = 0; i < OWN_MAX && check->actions[i]; i++)
        list[result->action_count++] = check->actions[i];
    for (size_t i = 0; i < said->action_count; i++)
        list[result->action_count++] = said->actions[i];
    result->actions = list;
}

static DoctorResult run_check(const CheckRow *row, const Facts *facts,
                              const DoctorQuestion *question)
{
    Said said = {.arena = facts->arena, .priority = row->check.priority};
    DoctorResult result = {.check = &row->check, .outcome = DOCTOR_SKIPPED};

    if (!is_skipped(question, row->check.id))
        result.outcome = row->run(facts, &said);
    result.priority = said.priority;
    result.evidence = said.evidence;
    result.evidence_count = said.count;
    result.reason = said.reason;
    list_actions(&row->check, &said, &result);
    return result;
}

Rc doctor_examine(const Ssisdb *db, const DoctorQuestion *question, Doctor **ret_doctor, Err *err)
{
    AUTO(doctor_free_at) Doctor *out = mem_alloc(sizeof(*out));
    Facts facts;

    if (facts_read(db, question->record, &out->arena, &facts, err) != RC_OK)
        return err_note(err, "reading the state of the catalog");
    DoctorResult *results = arena_alloc_array(&out->arena, check_row_count, sizeof(*results));
    for (size_t i = 0; i < check_row_count; i++)
        results[out->count++] = run_check(&check_rows[i], &facts, question);
    out->results = results;
    out->tables = facts.tables;
    out->table_count = facts.table_count;
    out->operations = facts.no_purges ? -1 : facts.extent.operations;
    out->oldest = facts.extent.oldest;
    out->connection = arena_text(&out->arena, tds_describe(db->tds));
    *ret_doctor = out;
    out = NULL;
    return RC_OK;
}

bool doctor_worst(const Doctor *doctor, DoctorPriority *ret_priority)
{
    bool is_any = false;

    for (size_t i = 0; i < doctor->count; i++) {
        const DoctorResult *result = &doctor->results[i];
        if (result->outcome != DOCTOR_FOUND)
            continue;
        if (!is_any || result->priority < *ret_priority)
            *ret_priority = result->priority;
        is_any = true;
    }
    return is_any;
}

const Finding *doctor_findings(const Doctor *doctor, Arena *arena)
{
    Finding *list = arena_alloc_array(arena, doctor->count, sizeof(*list));

    for (size_t i = 0; i < doctor->count; i++) {
        const DoctorResult *result = &doctor->results[i];
        if (result->outcome != DOCTOR_FINE)
            list[i] = (Finding){.key = result->check->id,
                                .title = result->check->title,
                                .is_unseen = result->outcome != DOCTOR_FOUND};
    }
    return list;
}

void doctor_keep(Doctor *doctor, const bool *wanted)
{
    DoctorResult *kept = arena_alloc_array(&doctor->arena, doctor->count, sizeof(*kept));
    size_t count = 0;

    for (size_t i = 0; i < doctor->count; i++)
        if (wanted[i] || doctor->results[i].outcome != DOCTOR_FOUND)
            kept[count++] = doctor->results[i];
    doctor->results = kept;
    doctor->count = count;
}

void doctor_free(Doctor *doctor)
{
    if (!doctor)
        return;
    arena_done(&doctor->arena);
    free(doctor);
}

void doctor_free_at(Doctor **doctor)
{
    doctor_free(*doctor);
}
