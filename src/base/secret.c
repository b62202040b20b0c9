/* A text in pages that no core dump and no child holds, overwritten before they go. */
#include "ssisminer/base/secret.h"

#include "ssisminer/base/mem.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static size_t pages_of(size_t cap)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (cap + page) / page * page; // one byte more than the cap at least: the NUL
}

void secret_init(Secret *secret, size_t cap)
{
    size_t size = pages_of(cap);

    void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        mem_fail();
    // Kernels that lack one of these do without: secret_guard_process does not depend on them.
    (void)madvise(pages, size, MADV_DONTDUMP);
    (void)madvise(pages, size, MADV_WIPEONFORK);
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
        (void)munmap(secret->text, pages_of(secret->cap));
    }
    *secret = (Secret){0};
}

void secret_guard_process(void)
{
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
