/* A message against a catalog that uses every means: the engine says what the slow
 * matcher says. */
#include "../unit/signature/sample.h"
#include "../unit/signature/slow_match.h"
#include "ssisminer/signature/signature.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static SigSet *set; // kept for all inputs
static SigScratch *scratch;
static YamlNode *root;
static Arena kept;

static void load(void)
{
    AUTO(buf_done) Buf yaml = BUF(64 * 1024);
    Err err = {0};

    sample_catalog(&yaml);
    const char *text = arena_copy(&kept, yaml.text, yaml.len);
    if (sigset_load_text("sample", (Str){text, yaml.len}, &set, &err) != RC_OK ||
        yaml_parse("sample", (Str){text, yaml.len}, &kept, &root, &err) != RC_OK)
        abort();
    scratch = sig_scratch_new(set);
}

static void compare(SlowMessage *message)
{
    enum { MATCHES_MAX = 64 };
    SigMatch fast[MATCHES_MAX];
    SlowMatch slow[MATCHES_MAX];
    const SigText text = {message->raw, (int64_t)message->code, message->source_name, NULL};
    size_t count = 0;
    Err err = {0};

    if (sig_match(set, scratch, &text, fast, MATCHES_MAX, &count, &err) != RC_OK)
        abort();
    if (count != slow_match(root, message, slow, MATCHES_MAX))
        abort();
    for (size_t i = 0; i < count; i++)
        if (strcmp(fast[i].signature->id, slow[i].id) != 0 || fast[i].at != slow[i].at)
            abort();
}

/* The first byte chooses what stands beside the text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint32_t codes[] = {0, 0, 40501, 0xC002F304};
    enum { MESSAGE_MAX = 4096 };
    AUTO(arena_done) Arena arena = {0};

    if (!set)
        load();
    if (size == 0 || size > MESSAGE_MAX)
        return 0;
    SlowMessage message = {
        .raw = {(const char *)data + 1, size - 1},
        .code = codes[data[0] & 3],
        .source_name = data[0] & 4 ? "Send mail" : NULL,
        .arena = &arena,
    };
    compare(&message);
    return 0;
}
