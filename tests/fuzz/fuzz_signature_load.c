/* Any text as a catalog: refused with its place, or loaded, checked and searched. */
#include "ssisminer/base/buf.h"
#include "ssisminer/signature/signature.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What loads can be looked up under its own id, and its proof ends one way or the other. */
static void use(const SigSet *set)
{
    AUTO(buf_done) Buf problems = BUF(1024 * 1024);
    const Signature *found[4];
    Err err = {0};

    for (size_t i = 0; i < sigset_count(set); i++)
        if (sigset_find(set, sigset_at(set, i)->id) != sigset_at(set, i))
            abort();
    Rc rc = sigset_check(set, &problems, &err);
    if ((rc == RC_OK) != (problems.len == 0 && err.rc == RC_OK))
        abort();
    (void)sig_search(set, "a", found, 4);
    (void)sig_explain_code(set, -2, found, 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { CATALOG_MAX = 16 * 1024 };
    AUTO(sigset_free_at) SigSet *set = NULL;
    Err err = {0};

    if (size > CATALOG_MAX)
        return 0;
    if (sigset_load_text("fuzz.yaml", (Str){(const char *)data, size}, &set, &err) == RC_OK)
        use(set);
    else if (set || err.rc != RC_USAGE || !strstr(err.text, "fuzz.yaml"))
        abort();
    return 0;
}
