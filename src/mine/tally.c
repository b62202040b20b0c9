/* Counting by hour, package and signature in tables of fixed size. */
#include "tally.h"

#include "ssisminer/base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { PACKAGE_TABLE = 4 * MINE_PACKAGES, HOUR_TABLE = 65536 };
_Static_assert((PACKAGE_TABLE & (PACKAGE_TABLE - 1)) == 0 && HOUR_TABLE > 2 * MINE_HOURS,
               "the tables are powers of two and never full");

void count_add(MineCount *count, const Seen *seen)
{
    count->messages++;
    count->errors += seen->is_error;
    count->tasks_failed += seen->is_task_failed;
    count->warnings += seen->is_warning;
    count->known += seen->is_known;
    if (!count->first_seen.is_set || seen->ticks < count->first_seen.ticks)
        count->first_seen = (Instant){.ticks = seen->ticks, .is_set = true};
    if (seen->ticks > count->last_seen.ticks)
        count->last_seen = (Instant){.ticks = seen->ticks, .is_set = true};
}

/* ---- packages -------------------------------------------------------------------------------- */

void packages_init(Packages *packages)
{
    *packages = (Packages){.at = mem_alloc(MINE_PACKAGES * sizeof(MinePackage)),
                           .table = mem_alloc(PACKAGE_TABLE * sizeof(uint32_t)),
                           .last = MINE_PACKAGES};
}

void packages_done(Packages *packages)
{
    free(packages->at);
    free(packages->table);
    arena_done(&packages->arena);
    *packages = (Packages){0};
}

static bool is_named(const MinePackage *package, Str name)
{
    return strncmp(package->name, name.len > 0 ? name.at : "", name.len) == 0 &&
           package->name[name.len] == '\0';
}

static size_t find_package(const Packages *packages, Str name)
{
    size_t at =
        str_hash(STR_HASH_SEED, name.len > 0 ? name.at : "", name.len) & (PACKAGE_TABLE - 1);

    while (packages->table[at] != 0 && !is_named(&packages->at[packages->table[at] - 1], name))
        at = (at + 1) & (PACKAGE_TABLE - 1);
    return at;
}

size_t packages_place(Packages *packages, Str name, const char *folder, const char *project,
                      size_t package)
{
    if (packages->last < packages->count && is_named(&packages->at[packages->last], name))
        return packages->last;
    uint32_t *slot = &packages->table[find_package(packages, name)];
    if (*slot == 0) {
        if (packages->count == MINE_PACKAGES)
            return MINE_PACKAGES;
        MinePackage *added = &packages->at[packages->count];
        added->name = arena_copy(&packages->arena, name.len > 0 ? name.at : "", name.len);
        added->folder = folder ? arena_text(&packages->arena, folder) : NULL;
        added->project = project ? arena_text(&packages->arena, project) : NULL;
        added->package = added->name + name.len - package;
        *slot = (uint32_t)++packages->count;
    }
    packages->last = *slot - 1;
    return packages->last;
}

/* ---- hours ----------------------------------------------------------------------------------- */

#define TICKS_PER_HOUR (INT64_C(3600) * TICKS_PER_SECOND)

void hours_init(Hours *hours)
{
    *hours = (Hours){.at = mem_alloc(MINE_HOURS * sizeof(MineHour)),
                     .table = mem_alloc(HOUR_TABLE * sizeof(uint32_t)),
                     .last_hour = -1};
}

void hours_done(Hours *hours)
{
    free(hours->at);
    free(hours->table);
    *hours = (Hours){0};
}

static size_t find_hour(const Hours *hours, int64_t hour)
{
    size_t at = (size_t)hour & (HOUR_TABLE - 1);

    while (hours->table[at] != 0 &&
           hours->at[hours->table[at] - 1].start.ticks != hour * TICKS_PER_HOUR)
        at = (at + 1) & (HOUR_TABLE - 1);
    return at;
}

size_t hours_place(Hours *hours, int64_t ticks)
{
    int64_t hour = ticks / TICKS_PER_HOUR;

    if (hour == hours->last_hour)
        return hours->last;
    uint32_t *slot = &hours->table[find_hour(hours, hour)];
    if (*slot == 0) {
        if (hours->count == MINE_HOURS)
            return MINE_HOURS;
        hours->at[hours->count].start = (Instant){.ticks = hour * TICKS_PER_HOUR, .is_set = true};
        *slot = (uint32_t)++hours->count;
    }
    hours->last = *slot - 1;
    hours->last_hour = hour;
    return hours->last;
}

/* ---- signatures ------------------------------------------------------------------------------ */

static size_t slot_of(const Signatures *signatures, const Signature *signature)
{
    size_t at =
        str_hash(STR_HASH_SEED, &signature, sizeof(signature)) & (signatures->table_size - 1);

    while (signatures->keys[at] && signatures->keys[at] != signature)
        at = (at + 1) & (signatures->table_size - 1);
    return at;
}

void signatures_init(Signatures *signatures, const SigSet *set)
{
    size_t count = sigset_count(set), size = 16;

    while (size < 2 * count)
        size *= 2;
    *signatures = (Signatures){
        .at = mem_alloc((count + 1) * sizeof(MineSignature)),
        .packages = mem_alloc((count + 1) * sizeof(uint8_t *)),
        .keys = mem_alloc(size * sizeof(Signature *)),
        .places = mem_alloc(size * sizeof(uint32_t)),
        .count = count,
        .table_size = size,
    };
    for (size_t i = 0; i < count; i++) {
        size_t slot = slot_of(signatures, sigset_at(set, i));
        signatures->keys[slot] = sigset_at(set, i);
        signatures->places[slot] = (uint32_t)i;
        signatures->at[i].signature = sigset_at(set, i);
    }
}

void signatures_done(Signatures *signatures)
{
    for (size_t i = 0; i < signatures->count; i++)
        free(signatures->packages[i]);
    free(signatures->packages);
    free(signatures->at);
    free(signatures->keys);
    free(signatures->places);
    *signatures = (Signatures){0};
}

void signatures_count(Signatures *signatures, const Signature *signature, const Seen *seen,
                      size_t package)
{
    size_t place = signatures->places[slot_of(signatures, signature)];
    uint8_t bit = (uint8_t)(1U << (package % 8));

    count_add(&signatures->at[place].count, seen);
    if (!signatures->packages[place])
        signatures->packages[place] = mem_alloc(MINE_PACKAGES / 8 + 1);
    if (signatures->packages[place][package / 8] & bit)
        return;
    signatures->packages[place][package / 8] |= bit;
    signatures->at[place].packages++;
}
