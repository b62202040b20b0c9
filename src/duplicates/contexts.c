/* What many executions have in common, once each; and who starts them. */
#include "store.h"

#include "ssisminer/base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_FIRST = 64 };

/* ---- by number ------------------------------------------------------------------------------- */

static uint64_t hash_of(const DuplicateContext *context)
{
    const uint64_t parts[] = {(uint64_t)context->caller << 32 | context->executed_as,
                              (uint64_t)context->machine << 32 | context->caller_info,
                              (uint64_t)context->environment << 32 | context->run_id,
                              (uint64_t)context->project_lsn,
                              (uint64_t)context->starter << 1 | context->is_32bit};
    uint64_t hash = str_hash(STR_HASH_SEED, parts, sizeof(parts));

    return hash ^ hash >> 32;
}

static bool is_same(const DuplicateContext *a, const DuplicateContext *b)
{
    return a->caller == b->caller && a->executed_as == b->executed_as && a->machine == b->machine &&
           a->caller_info == b->caller_info && a->environment == b->environment &&
           a->run_id == b->run_id && a->project_lsn == b->project_lsn && a->starter == b->starter &&
           a->is_32bit == b->is_32bit;
}

static void put(Contexts *contexts, uint32_t number)
{
    size_t at = (size_t)hash_of(&contexts->list[number]) & (contexts->slot_count - 1);

    while (contexts->slots[at] != 0)
        at = (at + 1) & (contexts->slot_count - 1);
    contexts->slots[at] = number + 1;
}

/* At most half full, so that a search is short and ends. */
static void make_room(Contexts *contexts)
{
    if (contexts->slot_count > 2 * contexts->count)
        return;
    free(contexts->slots);
    contexts->slot_count = contexts->slot_count ? 2 * contexts->slot_count : SLOTS_FIRST;
    contexts->slots = mem_alloc(contexts->slot_count * sizeof(*contexts->slots));
    for (size_t i = 0; i < contexts->count; i++)
        put(contexts, (uint32_t)i);
}

uint32_t contexts_number(Contexts *contexts, const DuplicateContext *context)
{
    make_room(contexts);
    for (size_t at = (size_t)hash_of(context) & (contexts->slot_count - 1);;
         at = (at + 1) & (contexts->slot_count - 1)) {
        uint32_t number = contexts->slots[at];
        if (number != 0 && is_same(&contexts->list[number - 1], context))
            return number - 1;
        if (number != 0)
            continue;
        if (contexts->count == contexts->capacity) {
            contexts->capacity = contexts->capacity ? 2 * contexts->capacity : SLOTS_FIRST;
            contexts->list =
                mem_resize(contexts->list, contexts->capacity * sizeof(*contexts->list));
        }
        contexts->list[contexts->count] = *context;
        contexts->slots[at] = (uint32_t)++contexts->count;
        return contexts->slots[at] - 1;
    }
}

void contexts_done(Contexts *contexts)
{
    free(contexts->list);
    free(contexts->slots);
}

/* ---- who starts ------------------------------------------------------------------------------ */

static bool has_one_of(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; text && i < count; i++)
        if (str_glob(words[i], text))
            return true;
    return false;
}

/* A name of somebody's own: of a domain or a tenant, with nothing in it of a service. */
static bool is_person(const char *caller)
{
    static const char *const services[] = {
        "*svc*",  "*service*", "*sql*",   "*agent*",  "*admin*",   "*$",        "*etl*",
        "*job*",  "*batch*",   "*sched*", "*ssis*",   "*adf*",     "*factory*", "*app*",
        "*team*", "*robot*",   "*proxy*", "*runner*", "*synapse*", "*system*",  "*orchestr*",
        "*dba*",  "*task*",    "*prod*",  "*deploy*", "*automat*", "NT *",
    };
    const char *name = caller ? strchr(caller, '\\') : NULL;

    if (!caller || (!name && !strchr(caller, '@')))
        return false;
    return !has_one_of(name ? name + 1 : caller, services, ARRAY_LEN(services));
}

DuplicateStarter starter_of(const char *caller, const char *caller_info)
{
    static const char *const agents[] = {"*sqlagent*", "*sqlserveragent*", "*sql server agent*"};
    static const char *const factories[] = {"*pipeline*",
                                            "*datafactory*",
                                            "*data factory*",
                                            "*data-factory*",
                                            "*synapse*",
                                            "adf",
                                            "adf[-_]*",
                                            "adf-*",
                                            "adf_*",
                                            "*-adf",
                                            "*-adf-*",
                                            "*_adf",
                                            "AzureIntegrationService*"};

    if (has_one_of(caller_info, agents, ARRAY_LEN(agents)))
        return STARTER_AGENT;
    if (has_one_of(caller_info, factories, ARRAY_LEN(factories)))
        return STARTER_DATA_FACTORY;
    if (has_one_of(caller, agents, ARRAY_LEN(agents)))
        return STARTER_AGENT;
    if (has_one_of(caller, factories, ARRAY_LEN(factories)))
        return STARTER_DATA_FACTORY;
    return is_person(caller) ? STARTER_PERSON : STARTER_UNKNOWN;
}
