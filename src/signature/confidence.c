/* How sure a verdict is, and why: of what speaks for the match, and of whose words the advice is.
 */
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

static const char *evidence_of(SigBasis basis)
{
    switch (basis) {
    case SIG_BY_BOTH:
        return "number and text agree";
    case SIG_BY_TEXT:
        return "the text alone says so";
    case SIG_BY_NUMBER:
        return "the number alone says so";
    case SIG_BY_FRAME:
        break;
    }
    return "only a number that another sentence repeats";
}

const char *sig_confidence_reason(const SigMatch *match)
{
    switch (sig_confidence(match)) {
    case SIG_SURE:
    case SIG_LIKELY:
        return evidence_of(match->basis);
    case SIG_FAMILY:
        return match->basis == SIG_BY_TEXT ? "recognised by its text; the advice is its family's"
                                           : "recognised by its number; the advice is its family's";
    case SIG_FRAME:
        break;
    }
    return match->basis == SIG_BY_FRAME
               ? evidence_of(match->basis)
               : "only what stands around the error is known, not what failed inside";
}
