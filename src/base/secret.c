/* A text in pages that no core dump and no child holds, overwritten before they go. */
#include "ssisminer/base/secret.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/os/os.h"

#include <string.h>

void secret_init(Secret *secret, size_t cap)
{
    void *pages = os_pages_new(cap + 1); // the NUL

    if (!pages)
        mem_fail();
    *secret = (Secret){.text = pages, .cap = cap};
}

void secret_put(Secret *secret, const void *bytes, size_t len)
{
    if (secret->over || len == 0)
        return;
    if (len > secret->cap - secret->len) {
        secret_wipe(secret);
        secret->over = true;
        return;
    }
    (void)memcpy(secret->text + secret->len, bytes, len);
    secret->len += len;
}

void secret_puts(Secret *secret, const char *text)
{
    secret_put(secret, text, strlen(text));
}

void secret_set(Secret *secret, Str text)
{
    secret_wipe(secret);
    secret_put(secret, text.at, text.len);
}

Str secret_str(const Secret *secret)
{
    return (Str){secret->text ? secret->text : "", secret->len};
}

void secret_take(Secret *to, Secret *from)
{
    secret_done(to);
    *to = *from;
    *from = (Secret){0};
}

void secret_wipe(Secret *secret)
{
    if (secret->text)
        explicit_bzero(secret->text, secret->len);
    secret->len = 0;
    secret->over = false;
}

void secret_done(Secret *secret)
{
    if (secret->text) {
        explicit_bzero(secret->text, secret->cap);
        os_pages_free(secret->text, secret->cap + 1);
    }
    *secret = (Secret){0};
}

void secret_guard_process(void)
{
    os_keep_private();
}
