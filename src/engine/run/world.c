/* What the binder asks, answered of a session and its batch (bind/bind.h). */
#include "exec.h"

#include <stdio.h>
#include <string.h>

static bool may(void *who, const char *permission, const Object *object)
{
    const Run *run = who;
    return session_may(run->session, permission, object);
}

static const Object *temp(void *who, Str name)
{
    const Run *run = who;
    return session_temp(run->session, name);
}

static bool has_role(void *who, Str role, bool of_server, bool *ret_exists)
{
    const Run *run = who;
    return session_has_role(run->session, role, of_server, ret_exists);
}

/* What a capture's server said; else first the right that is missing, then that something is. */
static void see(void *who, const Object *view, Fault *fault)
{
    Session *session = ((const Run *)who)->session;
    sqlite3_stmt *refused = session_answer(session, "SELECT", str_of(view->name));
    const char *words = (const char *)sqlite3_column_text(refused, 0);
    char text[256];

    if (words)
        fault_set(fault, 0, sqlite3_column_int(refused, 0), "%s",
                  words + strspn(words, "-0123456789 "));
    sqlite3_finalize(refused);
    if (words || !view->is_state || session_may_state(session))
        return;
    (void)snprintf(text, sizeof text, "%s permission denied in database '%s'.",
                   engine_state_right(session->engine), session->engine->database);
    if (session->sink && !fault->number && session->try_depth == 0)
        (void)session->sink->error(session->sink->context, 262, 1, fault_severity(262), text, "",
                                   1);
    fault_set(fault, 0, MSG(297));
}

Variable *frame_find(Frame *frame, Str name)
{
    for (size_t i = 0; i < frame->variable_count; i++)
        if (str_equal_fold(str_of(frame->variables[i].name), name))
            return &frame->variables[i];
    return NULL;
}

static ptrdiff_t variable(void *who, Str name, SbType *ret_type, const Object **ret_table)
{
    Run *run = who;
    const Variable *found = frame_find(&run->frame, name);
    if (!found)
        return -1;
    *ret_type = found->type;
    *ret_table = found->table;
    return found - run->frame.variables;
}

Binder run_binder(Run *run)
{
    Session *session = run->session;
    run->world = (World){.catalog = CATALOG(session),
                         .database = session->engine->database,
                         .identity_insert = session->identity_insert,
                         .is_definer = run->frame.is_definer,
                         .who = run,
                         .may = may,
                         .temp = temp,
                         .has_role = has_role,
                         .see = see,
                         .variable = variable};
    return (Binder){.world = &run->world,
                    .has_variables = true,
                    .arena = &run->arena,
                    .fault = &session->fault};
}
