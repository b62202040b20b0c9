/* What becomes of one live operation: a pure function of what was read. */
#include "internal.h"

#include "ssisminer/base/sat.h"

static const char *const state_names[RUNNING_STATES] = {
    [RUNNING_HANGS] = "hangs",
    [RUNNING_LATE] = "late",
    [RUNNING_SILENT] = "silent",
    [RUNNING_STOPPING] = "stopping",
    [RUNNING_QUEUED] = "queued",
    [RUNNING_FINE] = "runs",
    [RUNNING_NOT_STARTED] = "not started",
};

const char *running_state_name(RunningState state)
{
    return state_names[state];
}

static int64_t since(Instant at, Instant now)
{
    return at.is_set && now.ticks > at.ticks ? sat_sub(now.ticks, at.ticks) : 0;
}

static Instant began(const RunningOperation *operation)
{
    if (operation->status == STATUS_RUNNING && operation->first_sign.is_set)
        return operation->first_sign;
    return operation->start.is_set ? operation->start : operation->created;
}

static bool is_late(const RunningOperation *operation, const RunningQuestion *question)
{
    const RunningUsual *usual = &operation->usual;
    int64_t bar = sat_add(usual->median, sat_mul(usual->median / 100, question->slower_percent));

    return usual->count > 0 && operation->age > usual->p95 && operation->age > bar;
}

static RunningState state_of(const RunningOperation *operation, const RunningQuestion *question)
{
    bool is_silent = operation->silence >= question->silent_for;

    switch (operation->status) {
    case STATUS_CREATED:
        return RUNNING_NOT_STARTED;
    case STATUS_PENDING: // gives no sign before a worker has it
        return operation->age >= SILENT_TICKS ? RUNNING_HANGS : RUNNING_QUEUED;
    case STATUS_STOPPING:
        return is_silent ? RUNNING_HANGS : RUNNING_STOPPING;
    default:
        break;
    }
    if (is_silent && (operation->usual.count == 0 || is_late(operation, question)))
        return RUNNING_HANGS;
    if (is_late(operation, question))
        return RUNNING_LATE;
    return is_silent ? RUNNING_SILENT : RUNNING_FINE;
}

void running_classify(RunningOperation *operation, const RunningQuestion *question, Instant now)
{
    Instant sign = operation->last_sign.is_set ? operation->last_sign : began(operation);

    operation->age = since(began(operation), now);
    operation->silence = operation->logging_level == 0 ? -1 : since(sign, now);
    operation->state = state_of(operation, question);
}
