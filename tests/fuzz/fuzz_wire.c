/*
 * What clients send to the sandbox in a call.
 *
 * The answer that is checked: a decoded parameter, sent back out, decodes to itself.
 */
#include "../../src/loopback/rpc.h"
#include "../../src/loopback/types.h"
#include "ssisminer/packet/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static bool is_same(const SbType *type, const SbValue *a, const SbValue *b)
{
    SbTypeId id = type->id == SB_SQL_VARIANT ? a->held.id : type->id;

    if (a->is_null || b->is_null)
        return a->is_null == b->is_null;
    if (id <= SB_BIGINT)
        return a->i64 == b->i64;
    if (id == SB_FLOAT)
        return memcmp(&a->f64, &b->f64, sizeof(a->f64)) == 0;
    if (id >= SB_DATE && id <= SB_DATETIMEOFFSET) // datetime's thirds of a tick come back rounded
        return llabs(a->time.ticks - b->time.ticks) <= (id == SB_DATETIME ? 17000 : 0);
    return str_equal(a->bytes, b->bytes);
}

/* What can be sent at all must come back as it was. */
static void check_round_trip(const SbParam *param, Arena *arena)
{
    AUTO(buf_done) Buf wire = BUF(16 * 1024 * 1024);
    WireType info;
    SbType type;
    SbValue value;

    types_put_info(&wire, &param->type);
    if (!types_put_value(&wire, &param->type, &param->value) || wire.over)
        return;
    Reader reader = reader_of(buf_text(&wire), wire.len);
    check(types_read_info(&reader, &info));
    check(types_read_value(&reader, &info, arena, &type, &value));
    check(reader.left == 0 && is_same(&param->type, &param->value, &value));
}

static void fuzz_rpc(const uint8_t *data, size_t size)
{
    AUTO(arena_done) Arena arena = {0};
    Reader reader = reader_of(data, size);
    const char *reason;
    Rpc rpc;

    if (!rpc_skip_headers(&reader))
        return;
    while (reader.left > 0 && rpc_decode(&reader, &arena, &rpc, &reason)) {
        for (size_t i = 0; i < rpc.param_count && i < 50; i++)
            check_round_trip(&rpc.params[i], &arena);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0) // the first byte once chose between two decoders: the corpus has it
        fuzz_rpc(data + 1, size - 1);
    return 0;
}
