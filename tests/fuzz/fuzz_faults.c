/*
 * Any text as the sandbox's faults: refused with a message, or a list of which each strikes as
 * often as it says, at its place and no other; and what was read can be read again.
 */
#include "fuzz.h"

#include "../../src/sandbox/wire/faults.h"

static void faults_free_at(Faults **faults)
{
    faults_free(*faults);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(faults_free_at) Faults *faults = NULL;
    AUTO(faults_free_at) Faults *again = NULL;
    Input input = {data, size};
    Err err = {0};

    if (size > 500)
        return 0;
    const char *spec = take_text(&input, &arena);
    Rc rc = faults_parse(spec, &faults, &err);
    must(rc == RC_OK || (rc == RC_USAGE && err.text[0] != '\0' && !faults));
    if (rc != RC_OK)
        return 0;
    must(faults_parse(spec, &again, &err) == RC_OK);
    for (int i = 0; faults && i < 30; i++) {
        FaultEvent event = {.place = (FaultPlace)(i % 3), .text = str_of("select words")};
        const Fault *one = faults_due(faults, &event);
        const Fault *other = faults_due(again, &event);
        must((one != NULL) == (other != NULL));
        must(!one || (one->kind == other->kind && one->at == other->at && one->at > 0));
    }
    return 0;
}
