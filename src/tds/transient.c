/* Which error numbers pass by themselves, and what helps against the others. */
#include "ssisminer/tds/transient.h"

#include "ssisminer/base/err.h"

static const TdsTransient transients[] = {
    {20, TDS_TRANSPORT, "connection broken"},
    {64, TDS_TRANSPORT, "network name gone"},
    {121, TDS_TRANSPORT, "network time-out"},
    {233, TDS_TRANSPORT, "no process at the other end"},
    {615, TDS_PASSING, "database id out of date"},
    {701, TDS_OVERSIZED, "not enough memory for the statement"},
    {802, TDS_OVERSIZED, "not enough memory in the buffer pool"},
    {921, TDS_PASSING, "database not recovered yet"},
    {922, TDS_PASSING, "database being recovered"},
    {926, TDS_PASSING, "database marked suspect"},
    {952, TDS_PASSING, "database in transition"},
    {976, TDS_REOPENING, "replica not readable"},
    {978, TDS_REOPENING, "replica for read intent only"},
    {982, TDS_REOPENING, "secondary not open for reads"},
    {983, TDS_PASSING, "replica is resolving its role"},
    {988, TDS_PASSING, "availability group without quorum"},
    {997, TDS_PASSING, "connection could not be initialized"},
    {1101, TDS_FULL, "no space for a page"},
    {1105, TDS_FULL, "no space in the filegroup"},
    {1132, TDS_FULL, "storage limit of the pool reached"},
    {1204, TDS_OVERSIZED, "no more locks"},
    {1205, TDS_CONTENDED, "deadlock victim"},
    {1222, TDS_CONTENDED, "lock time-out"},
    {3906, TDS_REOPENING, "database is read-only"},
    {3935, TDS_PASSING, "transaction context in use"},
    {3960, TDS_CONTENDED, "snapshot conflict"},
    {3966, TDS_CONTENDED, "version store conflict"},
    {4060, TDS_REOPENING, "database cannot be opened"},
    {4221, TDS_PASSING, "read secondary not ready"},
    {6005, TDS_PASSING, "server shutting down"},
    {8645, TDS_OVERSIZED, "waited too long for memory"},
    {8651, TDS_OVERSIZED, "not enough memory"},
    {9002, TDS_FULL, "transaction log full"},
    {10053, TDS_TRANSPORT, "connection aborted"},
    {10054, TDS_TRANSPORT, "connection reset"},
    {10060, TDS_TRANSPORT, "connection timed out"},
    {10928, TDS_GOVERNED, "resource limit reached"},
    {10929, TDS_GOVERNED, "server too busy"},
    {10936, TDS_GOVERNED, "resource limit of the pool reached"},
    {17142, TDS_PASSING, "server paused"},
    {17197, TDS_PASSING, "login took too long under load"},
    {18401, TDS_PASSING, "server being upgraded"},
    {40020, TDS_PASSING, "service failing over"},
    {40143, TDS_PASSING, "service failing over"},
    {40166, TDS_PASSING, "service failing over"},
    {40197, TDS_PASSING, "service error while processing"},
    {40501, TDS_PASSING, "service busy"},
    {40540, TDS_PASSING, "service failing over"},
    {40544, TDS_FULL, "database has reached its size"},
    {40549, TDS_OVERSIZED, "transaction too long"},
    {40550, TDS_OVERSIZED, "too many locks"},
    {40551, TDS_OVERSIZED, "too much of tempdb"},
    {40552, TDS_OVERSIZED, "too much of the log"},
    {40553, TDS_OVERSIZED, "too much memory"},
    {40613, TDS_PASSING, "database not available"},
    {40642, TDS_GOVERNED, "server too busy"},
    {41301, TDS_CONTENDED, "commit dependency failed"},
    {41302, TDS_CONTENDED, "row changed meanwhile"},
    {41305, TDS_CONTENDED, "repeatable read failed"},
    {41325, TDS_CONTENDED, "serializable validation failed"},
    {41839, TDS_CONTENDED, "too many commit dependencies"},
    {42108, TDS_PASSING, "database paused"},
    {42109, TDS_PASSING, "database waking up"},
    {49918, TDS_PASSING, "not enough resources for the request"},
    {49919, TDS_PASSING, "too many create or update operations"},
    {49920, TDS_PASSING, "too many operations in progress"},
};

const TdsTransient *tds_transients(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(transients);
    return transients;
}

const TdsTransient *tds_transient(int32_t number)
{
    for (size_t i = 0; i < ARRAY_LEN(transients); i++)
        if (transients[i].number == number)
            return &transients[i];
    return NULL;
}

TdsRemedy tds_remedy(int32_t number)
{
    enum { TIME_OUT = -2 };
    const TdsTransient *known = tds_transient(number);

    if (number == TIME_OUT)
        return TDS_SMALLER;
    switch (known ? known->transience : TDS_PERMANENT) {
    case TDS_PERMANENT:
        return TDS_HOPELESS;
    case TDS_PASSING:
    case TDS_GOVERNED:
    case TDS_REOPENING:
    case TDS_TRANSPORT:
        return TDS_WAITING;
    case TDS_CONTENDED:
    case TDS_OVERSIZED:
        return TDS_SMALLER;
    case TDS_FULL:
        return TDS_ROOM_FIRST;
    }
    return TDS_HOPELESS;
}
