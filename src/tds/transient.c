#include "ssisminer/tds/transient.h"

#include "ssisminer/base/err.h"

static const TdsTransient transients[] = {
    {20, TDS_TRANSPORT, "connection broken"},
    {64, TDS_TRANSPORT, "network name gone"},
    {233, TDS_TRANSPORT, "no process at the other end"},
    {615, TDS_PASSING, "database id out of date"},
    {926, TDS_PASSING, "database marked suspect"},
    {1205, TDS_CONTENDED, "deadlock victim"},
    {1222, TDS_CONTENDED, "lock time-out"},
    {4060, TDS_REOPENING, "database cannot be opened"},
    {4221, TDS_PASSING, "read secondary not ready"},
    {10053, TDS_TRANSPORT, "connection aborted"},
    {10054, TDS_TRANSPORT, "connection reset"},
    {10060, TDS_TRANSPORT, "connection timed out"},
    {10928, TDS_GOVERNED, "resource limit reached"},
    {10929, TDS_GOVERNED, "server too busy"},
    {10936, TDS_GOVERNED, "resource limit of the pool reached"},
    {40020, TDS_PASSING, "service failing over"},
    {40143, TDS_PASSING, "service failing over"},
    {40166, TDS_PASSING, "service failing over"},
    {40197, TDS_PASSING, "service error while processing"},
    {40501, TDS_PASSING, "service busy"},
    {40540, TDS_PASSING, "service failing over"},
    {40613, TDS_PASSING, "database not available"},
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
