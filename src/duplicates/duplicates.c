/* The question put to the server, and what of the answer is wanted. */
#include "ssisminer/duplicates/duplicates.h"

#include "store.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/sat.h"
#include "ssisminer/ssisdb/ends.h"

#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 2048 };

DuplicatesStore *store_new(void)
{
    return mem_alloc(sizeof(DuplicatesStore));
}

void store_free(DuplicatesStore *store)
{
    if (!store)
        return;
    names_done(&store->names);
    contexts_done(&store->contexts);
    seen_done(&store->seen);
    arena_done(&store->arena);
    free(store->runs);
    free(store);
}

const char *store_text(const DuplicatesStore *store, uint32_t number)
{
    return number ? store->names.texts[number] : NULL;
}

DuplicateKey store_key(const DuplicatesStore *store, uint32_t key)
{
    const uint32_t *texts = store->names.keys[key].texts;

    return (DuplicateKey){
        .folder = store_text(store, texts[KEY_FOLDER]),
        .project = store_text(store, texts[KEY_PROJECT]),
        .package = store_text(store, texts[KEY_PACKAGE]),
        .environment_folder = store_text(store, texts[KEY_ENVIRONMENT_FOLDER]),
        .environment = store_text(store, texts[KEY_ENVIRONMENT]),
    };
}

DuplicateKey duplicates_key(const Duplicates *duplicates, uint32_t key)
{
    return store_key(duplicates->store, key);
}

const char *duplicates_text(const Duplicates *duplicates, uint32_t number)
{
    return store_text(duplicates->store, number);
}

/* ---- which groups are wanted ----------------------------------------------------------------- */

typedef struct Chooser {
    DuplicatesStore *store;
    const DuplicatesQuestion *question;
    Duplicates *out;
    DuplicateFinding *list;
    Instant now;
} Chooser;

static uint32_t caller_of(const DuplicatesStore *store, const DuplicateRun *run)
{
    return store->contexts.list[run->context].caller;
}

bool store_passes(const DuplicatesStore *store, const DuplicatesQuestion *question,
                  const DuplicateRun *run)
{
    DuplicateKey key = store_key(store, run->key);
    Execution execution = {
        .id = run->id,
        .folder = key.folder,
        .project = key.project,
        .package = key.package,
        .caller = store_text(store, caller_of(store, run)),
    };

    return execution_passes(&question->filter, &execution);
}

static bool run_passes(const Chooser *chooser, const DuplicateRun *run)
{
    return store_passes(chooser->store, chooser->question, run);
}

static bool group_passes(const Chooser *chooser, const DuplicateGroup *group)
{
    for (size_t i = 0; i < group->count; i++)
        if (run_passes(chooser, &chooser->store->runs[group->members[i]]))
            return true;
    return false;
}

static bool allows(const DuplicatesStore *store, const DuplicatesAllowed *allowed,
                   const DuplicateRun *run)
{
    DuplicateKey key = store_key(store, run->key);
    const char *caller = store_text(store, caller_of(store, run));
    AUTO(buf_done) Buf path = BUF(PATH_BYTES);

    buf_printf(&path, "%s/%s/%s", key.folder ? key.folder : "", key.project ? key.project : "",
               key.package ? key.package : "");
    if (!str_glob(allowed->package, buf_text(&path)))
        return false;
    return !allowed->caller || (caller && str_glob(allowed->caller, caller));
}

static bool has_expired(const DuplicatesAllowed *allowed, Instant now)
{
    return allowed->until.is_set && allowed->until.ticks < now.ticks;
}

bool store_is_allowed(const DuplicatesStore *store, const DuplicatesQuestion *question,
                      const DuplicateRun *run, Instant now)
{
    for (size_t i = 0; i < question->allowed_count; i++)
        if (!has_expired(&question->allowed[i], now) && allows(store, &question->allowed[i], run))
            return true;
    return false;
}

static bool allows_all(const Chooser *chooser, const DuplicatesAllowed *allowed,
                       const DuplicateGroup *group)
{
    if (has_expired(allowed, chooser->now))
        return false;
    for (size_t i = 0; i < group->count; i++)
        if (!allows(chooser->store, allowed, &chooser->store->runs[group->members[i]]))
            return false;
    return true;
}

static const DuplicatesAllowed *find_allowed(const Chooser *chooser, const DuplicateGroup *group)
{
    for (size_t i = 0; i < chooser->question->allowed_count; i++)
        if (allows_all(chooser, &chooser->question->allowed[i], group))
            return &chooser->question->allowed[i];
    return NULL;
}

/* ---- parameters that differ ------------------------------------------------------------------ */

static const DuplicateParameter *find_parameter(const ParameterSet *set,
                                                const DuplicateParameter *like)
{
    for (size_t i = 0; set && i < set->count; i++)
        if (set->list[i].object_type == like->object_type &&
            str_same_fold(set->list[i].name, like->name))
            return &set->list[i];
    return NULL;
}

static bool is_listed(const DuplicateFinding *finding, const char *const *names, const char *name)
{
    for (size_t i = 0; i < finding->differing_count; i++)
        if (str_same_fold(names[i], name))
            return true;
    return false;
}

/* Names that `a` has and `b` has not, or not with that value. */
static void add_differing(const Chooser *chooser, DuplicateFinding *finding, const char ***names,
                          size_t *capacity, const ParameterSet *a, const ParameterSet *b)
{
    for (size_t i = 0; a && i < a->count; i++) {
        const DuplicateParameter *other = find_parameter(b, &a->list[i]);
        if ((other && value_is_same(other, &a->list[i])) ||
            is_listed(finding, *names, a->list[i].name))
            continue;
        *names = arena_grow(&chooser->store->arena, *names, finding->differing_count,
                            finding->differing_count + 1, capacity, sizeof(**names));
        (*names)[finding->differing_count++] = a->list[i].name;
    }
}

static void find_differing(const Chooser *chooser, DuplicateFinding *finding)
{
    const DuplicateRun *runs = chooser->store->runs, *first = &runs[finding->group.members[0]];
    const char **names = NULL;
    size_t capacity = 0;

    if (!(finding->group.reasons & BECAUSE_OTHER_PARAMETERS))
        return;
    for (size_t i = 1; i < finding->group.count; i++) {
        const DuplicateRun *run = &runs[finding->group.members[i]];
        const ParameterSet *a = store_set(chooser->store, first),
                           *b = store_set(chooser->store, run);
        if (run->parameters == PARAMETERS_UNREAD || run->parameters == first->parameters)
            continue;
        add_differing(chooser, finding, &names, &capacity, a, b);
        add_differing(chooser, finding, &names, &capacity, b, a);
    }
    finding->differing = names;
}

/* ---- totals ---------------------------------------------------------------------------------- */

typedef struct Totals {
    DuplicatesTotal *at; // by number of a key or a text
    size_t count;
    size_t *last; // the group that was counted last, plus 1
} Totals;

static Totals totals_of(Arena *arena, size_t count)
{
    return (Totals){arena_alloc_array(arena, count + 1, sizeof(DuplicatesTotal)), count,
                    arena_alloc_array(arena, count + 1, sizeof(size_t))};
}

static void totals_add(Totals *totals, size_t at, size_t group, int64_t wasted)
{
    totals->at[at].executions++;
    totals->at[at].wasted = sat_add(totals->at[at].wasted, wasted);
    if (totals->last[at] == group + 1)
        return;
    totals->last[at] = group + 1;
    totals->at[at].groups++;
}

static int most_first(const void *a, const void *b)
{
    const DuplicatesTotal *x = a, *y = b;

    if (x->groups != y->groups)
        return x->groups < y->groups ? 1 : -1;
    if (x->wasted != y->wasted)
        return x->wasted < y->wasted ? 1 : -1;
    return str_compare_fold(x->name, y->name);
}

/* Those that were counted, with their names, most groups first. */
static size_t totals_close(Totals *totals,
                           void (*name)(DuplicatesStore *, size_t, DuplicatesTotal *),
                           DuplicatesStore *store)
{
    size_t kept = 0;

    for (size_t i = 1; i <= totals->count; i++) {
        if (totals->at[i].groups == 0)
            continue;
        DuplicatesTotal total = totals->at[i];
        name(store, i, &total);
        totals->at[kept++] = total;
    }
    qsort(totals->at, kept, sizeof(*totals->at), most_first);
    return kept;
}

static const char *or_unknown(const char *text)
{
    return text ? text : "?";
}

static void name_package(DuplicatesStore *store, size_t key, DuplicatesTotal *total)
{
    DuplicateKey of = store_key(store, (uint32_t)key);

    total->key = of;
    total->name =
        arena_printf(&store->arena, "%s/%s/%s%s%s", or_unknown(of.folder), or_unknown(of.project),
                     or_unknown(of.package), of.environment ? " with environment " : "",
                     of.environment ? of.environment : "");
}

static void name_caller(DuplicatesStore *store, size_t number, DuplicatesTotal *total)
{
    total->name = store->names.texts[number];
}

/* Time is wasted by all but the first; it is put down to those. */
void store_add_totals(Duplicates *out, DuplicatesStore *store)
{
    Totals packages = totals_of(&store->arena, store->names.key_count);
    Totals callers = totals_of(&store->arena, store->names.count);
    int64_t start, end;

    for (size_t g = 0; g < out->count; g++) {
        const DuplicateGroup *group = &out->list[g].group;
        bool is_first = true;
        for (size_t i = 0; i < group->count; i++) {
            const DuplicateRun *run = &store->runs[group->members[i]];
            bool ran = duplicates_ran(run, store->now, &start, &end);
            int64_t wasted = group->wasted > 0 && ran && !is_first ? end - start : 0;
            is_first = is_first && !ran;
            totals_add(&packages, run->key, g, wasted);
            if (caller_of(store, run))
                totals_add(&callers, caller_of(store, run), g, wasted);
        }
    }
    out->package_count = totals_close(&packages, name_package, store);
    out->packages = packages.at;
    out->caller_count = totals_close(&callers, name_caller, store);
    out->callers = callers.at;
}

/* ---- the answer ------------------------------------------------------------------------------ */

static void choose_group(Chooser *chooser, const DuplicateGroup *group)
{
    Duplicates *out = chooser->out;
    DuplicateFinding finding = {.group = *group};

    if (!group_passes(chooser, group))
        return;
    out->counts[group->verdict]++;
    finding.allowed = find_allowed(chooser, group);
    if (finding.allowed) {
        out->allowed_count++;
        return;
    }
    if (group->confidence < chooser->question->least) {
        out->unsure_count++;
        return;
    }
    if (group->verdict == DUPLICATE_RETRY && !chooser->question->include_retries)
        return;
    find_differing(chooser, &finding);
    out->wasted = sat_add(out->wasted, group->wasted);
    chooser->list[out->count++] = finding;
}

static void choose_groups(Chooser *chooser, const DuplicateGroup *groups, size_t count)
{
    chooser->list = arena_alloc_array(&chooser->store->arena, count + 1, sizeof(*chooser->list));
    for (size_t i = 0; i < count; i++)
        choose_group(chooser, &groups[i]);
    chooser->out->list = chooser->list;
    store_add_totals(chooser->out, chooser->store);
}

static void count_runs(const Chooser *chooser)
{
    const DuplicatesStore *store = chooser->store;
    Duplicates *out = chooser->out;
    int64_t since = chooser->question->since.ticks, last = 0;

    out->runs = store->runs;
    out->run_count = store->count;
    for (size_t i = 0; i < store->count; i++) {
        const DuplicateRun *run = &store->runs[i];
        out->in_window += run->created >= since;
        out->unread_count += run->is_suspect && run->parameters == PARAMETERS_UNREAD;
    }
    if (out->count > 0) // who found something asks no more
        return;
    for (size_t i = 0; i < store->count; i++) {
        const DuplicateRun *run = &store->runs[i];
        if (!run_passes(chooser, run))
            continue;
        out->matching++;
        last = run->created < since && run->created > last ? run->created : last;
    }
    if (last != 0)
        out->last_before = time_instant(last, 0);
}

static bool is_wanted(const Chooser *chooser, const DuplicateGroup *group)
{
    return group_passes(chooser, group) && !find_allowed(chooser, group) &&
           group->confidence >= chooser->question->least &&
           (group->verdict != DUPLICATE_RETRY || chooser->question->include_retries);
}

/* Whether a longer window would find something: all that was read is looked at again. */
static void look_before(Chooser *chooser, DuplicateRules rules)
{
    DuplicatesStore *store = chooser->store;
    Duplicates *out = chooser->out;
    size_t count = 0;

    if (out->count > 0 || rules.since <= 0)
        return;
    rules.since = 0;
    const DuplicateGroup *groups =
        duplicates_group(store->runs, store->count, store->children, store->child_count, &rules,
                         &store->arena, &count);
    for (size_t i = 0; i < count; i++) {
        int64_t last = store->runs[groups[i].members[groups[i].count - 1]].created;
        if (!is_wanted(chooser, &groups[i]))
            continue;
        out->found_before++;
        if (!out->found_at.is_set || last > out->found_at.ticks)
            out->found_at = time_instant(last, 0);
    }
}

/* Without all signs of life there are none: who has been silent for long is then taken for dead. */
static Rc read_signs(DuplicatesStore *store, const Ssisdb *db, const DuplicateRules *rules,
                     Err *err)
{
    Err own = {0};
    Rc rc = store_read_signs(store, db, &own);

    if (rc != RC_OK)
        store->sign_count = 0;
    duplicates_set_lifetimes(store->runs, store->count, store->signs, store->sign_count, rules);
    return missing_record(&store->missing, db, "when suspected executions gave signs of life", rc,
                          &own, &store->arena, err);
}

static Rc read_parameters(DuplicatesStore *store, const Ssisdb *db,
                          const DuplicatesQuestion *question, Err *err)
{
    Err own = {0};
    Rc rc = store_read_parameters(store, db, question, &own);

    return missing_record(&store->missing, db, "the parameters of suspected executions", rc, &own,
                          &store->arena, err);
}

static Rc read_children(DuplicatesStore *store, const Ssisdb *db,
                        const DuplicatesQuestion *question, Err *err)
{
    Err own = {0};
    Rc rc = store_read_children(store, db, question, &own);

    return missing_record(&store->missing, db, "which packages ran as children", rc, &own,
                          &store->arena, err);
}

static Rc read_all(DuplicatesStore *store, const Ssisdb *db, const DuplicatesQuestion *question,
                   const DuplicateRules *rules, Duplicates *out, Err *err)
{
    if (store_read_runs(store, db, question, rules, err) != RC_OK)
        return err_note(err, "reading the executions");
    for (size_t i = 0; i < store->count; i++)
        out->suspect_count += store->runs[i].is_suspect;
    TRY(read_signs(store, db, rules, err));
    TRY(read_parameters(store, db, question, err));
    return read_children(store, db, question, err);
}

Rc duplicates_read(const Ssisdb *db, const DuplicatesQuestion *question,
                   Duplicates **ret_duplicates, Err *err)
{
    AUTO(duplicates_free_at) Duplicates *out = mem_alloc(sizeof(*out));
    DuplicatesStore *store = out->store = store_new();
    DuplicateRules rules = {
        .within = question->within,
        .now = db->server_now.ticks,
        .since = question->since.ticks,
        .ignore_parameters = question->ignore_parameters,
    };
    Chooser chooser = {store, question, out, NULL, db->server_now};
    size_t count = 0;

    store->now = db->server_now.ticks;
    store->latest = ends_latest(db).ticks;
    TRY(read_all(store, db, question, &rules, out, err));
    out->doubted_count = store->doubted_count;
    out->missing = store->missing;
    rules.contexts = out->contexts = store->contexts.list;
    const DuplicateGroup *groups =
        duplicates_group(store->runs, store->count, store->children, store->child_count, &rules,
                         &store->arena, &count);
    choose_groups(&chooser, groups, count);
    count_runs(&chooser);
    look_before(&chooser, rules);
    *ret_duplicates = out;
    out = NULL;
    return RC_OK;
}

void duplicates_free(Duplicates *duplicates)
{
    if (!duplicates)
        return;
    store_free(duplicates->store);
    free(duplicates);
}

void duplicates_free_at(Duplicates **duplicates)
{
    duplicates_free(*duplicates);
}
