/* How sure a verdict is, and why: of what speaks for the match, and of whose words
 * the advice is. */
#include "ssisminer/signature/signature.h"

static const char *const names[] = {
    [SIG_SURE] = "sure", [SIG_LIKELY] = "likely", [SIG_FAMILY] = "family", [SIG_FRAME] = "frame"};

/* Neither cause nor remedy is about this error alone. */
static bool is_of_family(const Signature *signature)
{
    return signature->yields ||
           (signature->is_row && signature->family && signature->cause == signature->family->cause);
}

SigConfidence sig_confidence(const SigMatch *match)
{
    if (match->basis == SIG_BY_FRAME || match->signature->role == SIG_WRAPPER)
        return SIG_FRAME;
    if (is_of_family(match->signature))
        return SIG_FAMILY;
    return match->basis == SIG_BY_BOTH ? SIG_SURE : SIG_LIKELY;
}

const char *sig_confidence_name(SigConfidence value)
{
    return names[value];
}

/* The second of each is about a translation that nobody has seen in a log. */
static const char *const evidence[][2] = {
    [SIG_BY_BOTH] = {"number and text agree",
                     "number and text agree, the text in a translation that is not confirmed"},
    [SIG_BY_TEXT] = {"the text alone says so",
                     "the text alone says so, in a translation that is not confirmed"},
    [SIG_BY_NUMBER] = {"the number alone says so", "the number alone says so"},
    [SIG_BY_FRAME] = {"only a number that another sentence repeats",
                      "only a number that another sentence repeats"},
};

static const char *reason_of_family(const SigMatch *match)
{
    if (match->basis != SIG_BY_TEXT)
        return "recognized by its number; the advice is its family's";
    return match->is_unconfirmed ? "recognized by its text, in a translation that is not "
                                   "confirmed; the advice is its family's"
                                 : "recognized by its text; the advice is its family's";
}

const char *sig_confidence_reason(const SigMatch *match)
{
    switch (sig_confidence(match)) {
    case SIG_SURE:
    case SIG_LIKELY:
        return evidence[match->basis][match->is_unconfirmed];
    case SIG_FAMILY:
        return reason_of_family(match);
    case SIG_FRAME:
        break;
    }
    return match->basis == SIG_BY_FRAME
               ? evidence[match->basis][0]
               : "only what stands around the error is known, not what failed inside";
}
