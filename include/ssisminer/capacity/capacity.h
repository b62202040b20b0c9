/*
 * Whether packages wait for a free worker, and what would help: the question behind `capacity`.
 *
 * Two statements: the executions of the window with their first signs of work, and the workers,
 * where the build has them. analysis.h says what is computed.
 *
 * The catalog does not know how many packages a node may run at once; an Azure-SSIS integration
 * runtime has nodes x (maximum parallel executions per node) slots. Both may be given; the number
 * of nodes is else that of the workers that are online, or of the machines that ran something.
 *
 * What was measured is believed before what is given: where packages waited long and never more
 * than so many ran, there are so many slots; where more ran at once than are given, there are more.
 *
 * Ownership: a Capacity owns everything reachable from it.
 */
#ifndef SSISMINER_CAPACITY_CAPACITY_H
#define SSISMINER_CAPACITY_CAPACITY_H

#include "ssisminer/capacity/analysis.h"
#include "ssisminer/report/report.h"
#include "ssisminer/ssisdb/missing.h"
#include "ssisminer/ssisdb/workers.h"

typedef struct CapacityQuestion {
    Instant since, until;   // until unset: now
    int nodes, per_node;    // 0: not given
    int64_t target_wait;    // ticks
    ExecutionFilter filter; // of the lists; concurrency is that of all
    size_t most_listed;     // longest waits that are kept; 0: CAPACITY_LISTED
} CapacityQuestion;

enum { CAPACITY_LISTED = 1000 };

typedef enum NodesFrom { NODES_UNKNOWN, NODES_GIVEN, NODES_WORKERS, NODES_MACHINES } NodesFrom;

typedef struct CapacityPackage {
    uint32_t key;
    size_t started;
    Waits waits;
} CapacityPackage;

typedef struct Capacity {
    Runs runs;         // the names; the runs themselves are in few bytes
    CapacityRun *list; // by start
    size_t count;
    Workers workers;
    Missing missing; // the answer is partial, and says so
    bool has_queue;  // the server has a queue before its workers; on others packages start at once
    CapacityRules rules;
    CapacityFigures figures;
    int nodes, per_node; // 0: unknown
    NodesFrom nodes_from;
    int slots_given;    // nodes x per_node; 0 if unknown. rules.slots is what is believed
    int slots_measured; // the most that ran while packages waited; 0: too few did
    size_t silent;      // dead by all appearance: they hold no slot
    int64_t pending;    // longest that one has been pending without a sign of work
    const CapacityReplay *replays; // of the slots there are, of those needed, and between
    size_t replay_count;
    int slots_needed;          // 0 if unknown
    CapacityPackage *packages; // longest p95 wait first
    size_t package_count;
    const Run *longest; // those that waited longest first, wait known
    size_t longest_kept, longest_count;
    const Run *idle; // created and never started, or pending without a sign: oldest first
    size_t idle_kept, idle_count;
    Arena arena;
} Capacity;

Rc capacity_read(const Ssisdb *db, const CapacityQuestion *question, Capacity **ret_capacity,
                 Err *err) MUST_CHECK;

/* The p95 wait of some hour was above the target, or an execution has been pending for longer. */
bool capacity_is_short(const Capacity *capacity, const CapacityQuestion *question);

typedef struct CapacityView {
    const Ssisdb *db;
    const CapacityQuestion *question;
    size_t limit; // longest waits that are listed, 0: a few for people, a thousand for programs
    Instant now;
} CapacityView;

Report *capacity_report(const Capacity *capacity, const CapacityView *view, Arena *arena);

void capacity_free(Capacity *capacity); // accepts NULL
void capacity_free_at(Capacity **capacity);

#endif
