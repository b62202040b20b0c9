/* The record of what clients sent, a line of JSON a request. */
#include "traffic.h"

#include "ssisminer/base/json.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/base/time.h"
#include "types.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 256 * 1024 * 1024, VALUE_SHOWN_BYTES = 256 };

struct Traffic {
    FILE *file;
    pthread_mutex_t lock;
    uint64_t count;
};

Rc traffic_open(const char *path, Traffic **ret_traffic, Err *err)
{
    if (!path) {
        *ret_traffic = NULL;
        return RC_OK;
    }

    FILE *file = fopen(path, "we");
    if (!file)
        return FAIL(err, RC_USAGE, "cannot write '%s': %s", path, strerror(errno));
    Traffic *traffic = mem_alloc(sizeof(*traffic));
    traffic->file = file;
    pthread_mutex_init(&traffic->lock, NULL);
    *ret_traffic = traffic;
    return RC_OK;
}

void traffic_close(Traffic *traffic)
{
    if (!traffic)
        return;
    fclose(traffic->file);
    pthread_mutex_destroy(&traffic->lock);
    free(traffic);
}

static void put_member(Buf *line, const char *name, const char *value)
{
    buf_printf(line, ",\"%s\":", name);
    json_put_text(line, str_of(value));
}

static void put_value(Buf *line, const SbParam *param)
{
    char time[TIME_TEXT_MAX];
    SbTypeId id = param->type.id == SB_SQL_VARIANT ? param->value.held.id : param->type.id;

    if (param->value.is_null) {
        buf_puts(line, "null");
    } else if (id <= SB_BIGINT) {
        buf_printf(line, "%" PRId64, param->value.i64);
    } else if (id == SB_FLOAT) {
        buf_printf(line, "%.17g", param->value.f64);
    } else if (id >= SB_DATE && id <= SB_DATETIMEOFFSET) {
        time_iso_utc(param->value.time, 7, time);
        buf_printf(line, "\"%s\"", time);
    } else if (id == SB_VARBINARY) {
        buf_printf(line, "\"%zu bytes\"", param->value.bytes.len);
    } else {
        json_put_text(line, text_cut(param->value.bytes, VALUE_SHOWN_BYTES));
    }
}

static void put_params(Buf *line, const TrafficEntry *entry)
{
    buf_puts(line, ",\"params\":[");
    for (size_t i = 0; i < entry->param_count; i++) {
        const SbParam *param = &entry->params[i];
        buf_puts(line, i ? ",{\"name\":" : "{\"name\":");
        json_put_text(line, str_of(param->name));
        put_member(line, "type", types_name(&param->type));
        buf_puts(line, ",\"value\":");
        put_value(line, param);
        buf_putc(line, '}');
    }
    buf_putc(line, ']');
}

/* Numbers the line and writes it out at once: a test may kill the server. */
static void write_line(Traffic *traffic, const Buf *rest)
{
    pthread_mutex_lock(&traffic->lock);
    fprintf(traffic->file, "{\"n\":%" PRIu64 "%s}\n", ++traffic->count, buf_text(rest));
    fflush(traffic->file);
    pthread_mutex_unlock(&traffic->lock);
}

void traffic_write(Traffic *traffic, const TrafficEntry *entry)
{
    AUTO(buf_done) Buf line = BUF(LINE_MAX_BYTES);

    if (!traffic)
        return;
    buf_printf(&line, ",\"session\":%d", entry->session);
    put_member(&line, "login", entry->login);
    put_member(&line, "kind", entry->kind);
    if (entry->procedure)
        put_member(&line, "procedure", entry->procedure);
    if (entry->text.at) {
        buf_puts(&line, ",\"text\":");
        json_put_text(&line, entry->text);
    }
    if (entry->param_count > 0)
        put_params(&line, entry);
    write_line(traffic, &line);
}

void traffic_write_login(Traffic *traffic, int session, const Login *login, const char *tls)
{
    AUTO(buf_done) Buf line = BUF(LINE_MAX_BYTES);

    if (!traffic)
        return;
    buf_printf(&line, ",\"session\":%d", session);
    put_member(&line, "login", login->user);
    put_member(&line, "kind", "login");
    put_member(&line, "application", login->application);
    put_member(&line, "database", login->database);
    buf_printf(&line, ",\"encrypted\":%s,\"read_only_intent\":%s", tls ? "true" : "false",
               login->type_flags & LOGIN_READ_ONLY_INTENT ? "true" : "false");
    if (tls)
        put_member(&line, "tls", tls);
    put_member(&line, "server", login->server);
    buf_printf(&line, ",\"token\":%s", login->has_fed_auth ? "true" : "false");
    write_line(traffic, &line);
}
