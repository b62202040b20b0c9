/* The question put to the server. */
#include "ssisminer/slow/slow.h"

#include "read_details.h"

#include "ssisminer/base/mem.h"

#include <stdlib.h>

static Instant look_back_from(const SlowQuestion *question)
{
    Instant from = question->since;

    from.is_set = true; // unset means from the first one on
    from.ticks = from.ticks > question->look_back ? from.ticks - question->look_back : 0;
    return from;
}

/* Quarters need a beginning: a window without one begins with the first run. */
static void set_rules(Slow *out, const Ssisdb *db, const SlowQuestion *question)
{
    SlowRules *rules = &out->rules;

    rules->now = db->server_now.ticks;
    rules->until = rules->now + 1; // no window reaches beyond now
    if (question->until.is_set && question->until.ticks < rules->until)
        rules->until = question->until.ticks > 0 ? question->until.ticks : 1;
    rules->since = question->since.is_set && question->since.ticks > 0
                       ? question->since.ticks
                       : runs_first_start(&out->runs, rules->until - 1);
    if (rules->since >= rules->until)
        rules->since = rules->until - 1;
    rules->slower_percent = question->slower_percent;
    rules->least_runs = question->least_runs;
    rules->filter = &question->filter;
    rules->runs = &out->runs;
}

static Rc add_details(Slow *out, const Ssisdb *db, Err *err)
{
    size_t count = out->figures.count < SLOW_DETAILED ? out->figures.count : SLOW_DETAILED;
    SlowDetail *details = arena_alloc_array(&out->arena, count + 1, sizeof(*details));

    if (count == 0)
        return RC_OK;
    TRY(read_details(db, out->figures.list, count, &out->arena, details, err));
    out->details = details;
    out->detail_count = count;
    return RC_OK;
}

Rc slow_read(const Ssisdb *db, const SlowQuestion *question, Slow **ret_slow, Err *err)
{
    AUTO(slow_free_at) Slow *out = mem_alloc(sizeof(*out));

    if (runs_read(db, look_back_from(question), question->until, &out->runs, err) != RC_OK)
        return err_note(err, "reading the executions");
    set_rules(out, db, question);
    out->figures = slow_figures(out->runs.list, out->runs.count, &out->rules, &out->arena);
    TRY(add_details(out, db, err));
    *ret_slow = out;
    out = NULL;
    return RC_OK;
}

void slow_free(Slow *slow)
{
    if (!slow)
        return;
    runs_done(&slow->runs);
    arena_done(&slow->arena);
    free(slow);
}

void slow_free_at(Slow **slow)
{
    slow_free(*slow);
}
