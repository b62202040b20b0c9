/* The catalog's own proof: what its examples promise is what the engine does. */
#include "catalog.h"

#include "ssisminer/base/mem.h"

typedef struct Checker {
    const SigSet *set;
    SigScratch *scratch;
    SigMatch *matches;
    size_t count;
    Buf *problems;
    size_t problem_count;
} Checker;

static void problem_at(Checker *checker, const Signature *signature, const SigExample *example)
{
    checker->problem_count++;
    buf_printf(checker->problems, "%s:%d:%d: signature '%s': ", signature->file, example->line,
               example->column, signature->id);
}

static Rc match_example(Checker *checker, const Signature *signature, const SigExample *example,
                        Err *err)
{
    const SigText text = {str_of(example->text), example->code, example->source_name,
                          example->subcomponent};

    if (sig_match(checker->set, checker->scratch, &text, checker->matches, checker->set->count,
                  &checker->count, err) != RC_OK)
        return err_note(err, "%s:%d:%d", signature->file, example->line, example->column);
    return RC_OK;
}

static bool is_matched(const Checker *checker, const Signature *signature)
{
    for (size_t i = 0; i < checker->count; i++)
        if (checker->matches[i].signature == signature ||
            checker->matches[i].signature->family == signature)
            return true;
    return false;
}

static bool order_is_declared(const Checker *checker, const Signature *a, const Signature *b)
{
    return a->yields != b->yields || sig_beats(checker->set, a, b) || sig_beats(checker->set, b, a);
}

/* The example's own entry wins, but for one that declares to beat it, and causes beat wrappers. */
static void check_winner(Checker *checker, const Signature *signature, const SigExample *example)
{
    const Signature *winner = checker->matches[0].signature;

    if (winner == signature || winner->family == signature ||
        (signature->yields && !winner->yields) || sig_beats(checker->set, winner, signature) ||
        winner->role != signature->role)
        return;
    problem_at(checker, signature, example);
    buf_printf(checker->problems, "the example is won by '%s'\n", winner->id);
}

static void check_rivals(Checker *checker, const Signature *signature, const SigExample *example)
{
    for (size_t i = 0; i < checker->count; i++) {
        const Signature *rival = checker->matches[i].signature;
        if (rival == signature || rival->role != SIG_CAUSE || rival->is_row ||
            signature->role != SIG_CAUSE || order_is_declared(checker, signature, rival))
            continue;
        problem_at(checker, signature, example);
        buf_printf(
            checker->problems,
            "the example is also matched by the cause '%s', and neither is 'before' the other\n",
            rival->id);
    }
}

static Rc check_example(Checker *checker, const Signature *signature, const SigExample *example,
                        Err *err)
{
    TRY(match_example(checker, signature, example, err));
    if (!is_matched(checker, signature)) {
        problem_at(checker, signature, example);
        buf_puts(checker->problems, "the example does not match\n");
        return RC_OK;
    }
    check_winner(checker, signature, example);
    check_rivals(checker, signature, example);
    return RC_OK;
}

static Rc check_near_miss(Checker *checker, const Signature *signature, const SigExample *example,
                          Err *err)
{
    TRY(match_example(checker, signature, example, err));
    if (is_matched(checker, signature)) {
        problem_at(checker, signature, example);
        buf_puts(checker->problems, "the near miss matches\n");
    }
    return RC_OK;
}

static Rc check_entry(Checker *checker, const Signature *signature, Err *err)
{
    for (size_t i = 0; i < signature->example_count; i++)
        TRY(check_example(checker, signature, &signature->examples[i], err));
    for (size_t i = 0; i < signature->near_miss_count; i++)
        TRY(check_near_miss(checker, signature, &signature->near_misses[i], err));
    return RC_OK;
}

Rc sigset_check(const SigSet *set, Buf *ret_problems, Err *err)
{
    AUTO(sig_scratch_free_at) SigScratch *scratch = sig_scratch_new(set);
    AUTO(mem_free_at) SigMatch *matches = mem_alloc((set->count + 1) * sizeof(*matches));
    Checker checker = {
        .set = set, .scratch = scratch, .matches = matches, .problems = ret_problems};

    for (size_t i = 0; i < set->count; i++)
        TRY(check_entry(&checker, &set->entries[i].public, err));
    if (checker.problem_count == 0)
        return RC_OK;
    return FAIL(err, RC_USAGE, "the catalog has %zu problem%s", checker.problem_count,
                checker.problem_count == 1 ? "" : "s");
}
