/* Access tokens in others' words, made unreadable before the words are shown. */
#include "ssisminer/base/redact.h"

#include <stddef.h>
#include <string.h>

static const char shown[] = "(token)";
/* What base64url text of '{"' begins with: every JOSE header does. */
static const char begin[] = "eyJ";

static size_t token_len(const char *text)
{
    return strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/%");
}

void redact_tokens(char *text)
{
    enum { LEAST = 12 }; // shorter ones are words, and hold nothing

    for (char *at = text; (at = strstr(at, begin)) != NULL;) {
        size_t len = token_len(at);
        if (len < LEAST) {
            at += len;
            continue;
        }
        (void)memcpy(at, shown, sizeof(shown) - 1);
        (void)memmove(at + sizeof(shown) - 1, at + len, strlen(at + len) + 1);
        at += sizeof(shown) - 1;
    }
}
