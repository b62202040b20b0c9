/*
 * What clients send to the sandbox in a call. The first byte chooses the decoder.
 *
 * Answers that are checked: a decoded parameter, sent back out, decodes to itself; a value that was
 * converted is one of its declared type.
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

static void check_conversions(const SbParam *param, Arena *arena)
{
    static const SbType targets[] = {
        {.id = SB_INT},
        {.id = SB_NVARCHAR, .max_chars = 5},
        {.id = SB_DECIMAL, .precision = 9, .scale = 2},
        {.id = SB_DATETIMEOFFSET, .scale = 7},
        {.id = SB_SQL_VARIANT},
    };

    for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
        SbParam copy = *param;
        if (rpc_convert(&copy, &targets[i], arena))
            check_round_trip(&copy, arena);
    }
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
        for (size_t i = 0; i < rpc.param_count && i < 50; i++) {
            check_round_trip(&rpc.params[i], &arena);
            check_conversions(&rpc.params[i], &arena);
        }
    }
}

static void fuzz_declarations(const uint8_t *data, size_t size)
{
    AUTO(arena_done) Arena arena = {0};
    Declaration *list = NULL;
    size_t count = 0;
    const char *reason = NULL;

    if (!rpc_parse_declarations((Str){(const char *)data, size}, &arena, &list, &count, &reason)) {
        check(reason != NULL);
        return;
    }
    for (size_t i = 0; i < count; i++)
        check(list[i].name[0] == '@' && list[i].type.max_chars <= 8000 && list[i].type.scale <= 38);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const targets[])(const uint8_t *, size_t) = {fuzz_rpc, fuzz_declarations};

    if (size > 0)
        targets[data[0] % ARRAY_LEN(targets)](data + 1, size - 1);
    return 0;
}
