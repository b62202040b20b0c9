/* Shared inside the room: a source, what it asks of the world, what an answer holds. */
#ifndef SSISMINER_TOKEN_INTERNAL_H
#define SSISMINER_TOKEN_INTERNAL_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/buf.h"
#include "ssisminer/base/secret.h"
#include "ssisminer/base/str.h"
#include "ssisminer/http/http.h"
#include "ssisminer/token/token.h"

#include <pthread.h>
#include <stdint.h>

/* What lies outside; a script in unit tests. */
typedef struct TokenOutside {
    Rc (*send)(const HttpRequest *request, HttpReply *ret_reply, Err *err);
    /* Runs a program without a shell and takes what it prints; argv ends with NULL. */
    Rc (*run)(const char *const *argv, long limit_ms, Secret *ret_printed, Err *err);
    Rc (*sleep_ms)(long ms, Err *err);
    int64_t (*now_ms)(void); // goes on while the machine sleeps, whatever is done to its clock
    int64_t (*now_unix_s)(void);
} TokenOutside;

extern const TokenOutside token_outside;

/* Variables by which a platform says that it is there; NULL for unset and for empty. */
typedef enum TokenVariable {
    VAR_IDENTITY_ENDPOINT,
    VAR_IDENTITY_HEADER,
    VAR_IDENTITY_SERVER_THUMBPRINT,
    VAR_IMDS_ENDPOINT,
    VAR_MSI_ENDPOINT,
    VAR_MSI_SECRET,
    VAR_AZURE_FEDERATED_TOKEN_FILE,
    VAR_COUNT
} TokenVariable;

/* A token, how long it lasts and whose it is. */
typedef struct TokenAnswer {
    Secret token;
    int64_t life_s;    // from now; -1 when nothing says
    int64_t refresh_s; // when the service wishes to be asked again, from now; -1
    char client_id[64], object_id[64], resource_id[512]; // of the identity, if it was said, or ""
    const char *origin;                                  // lives as long as the source
} TokenAnswer;

struct TokenSource {
    Arena arena;
    TokenOptions options; // texts in the arena, secrets below
    Secret client_secret, certificate_password, text;
    const char *authority, *audience;
    const char *variables[VAR_COUNT];
    const TokenOutside *outside;

    pthread_mutex_t lock; // of all below
    Secret token;         // the one kept
    int64_t expires_ms;   // of now_ms; 0 when nothing says
    int64_t refresh_ms;   // from then on a new one is asked for
    int64_t deadline_ms;  // of the fetch that runs
    const char *origin;
    char whose[TOKEN_WHOSE_MAX];
};

void token_answer_done(TokenAnswer *answer);

/* With another world. */
Rc token_source_new_in(const TokenOutside *outside, const TokenOptions *options,
                       TokenSource **ret_source, Err *err) MUST_CHECK;

/* ---- ways to a token: each fills *ret_answer ------------------------------------------------- */

/* Whether the way is the one that `auto` means; is_absent: it is not to be had on this machine. */
typedef struct TokenAttempt {
    bool is_probe;
    bool is_absent;
} TokenAttempt;

Rc token_from_platform(TokenSource *source, TokenAttempt *attempt, TokenAnswer *ret_answer,
                       Err *err) MUST_CHECK;
Rc token_from_secret(TokenSource *source, TokenAttempt *attempt, TokenAnswer *ret_answer,
                     Err *err) MUST_CHECK;
Rc token_from_workload(TokenSource *source, TokenAttempt *attempt, TokenAnswer *ret_answer,
                       Err *err) MUST_CHECK;
Rc token_from_az(TokenSource *source, TokenAttempt *attempt, TokenAnswer *ret_answer,
                 Err *err) MUST_CHECK;
Rc token_from_given(TokenSource *source, TokenAttempt *attempt, TokenAnswer *ret_answer,
                    Err *err) MUST_CHECK;

/* ---- asking ---------------------------------------------------------------------------------- */

/* What passes by itself, and how long one waits for it. */
typedef struct TokenPatience {
    const long *waits_ms; // before the second try, the third, …
    size_t wait_count;
    bool (*is_passing)(int status);
    bool waits_for_update; // 410 means that the service is back within 70 seconds
    size_t absent_tries;   // further ones when nobody answers at all
} TokenPatience;

typedef Rc TokenAsk(TokenSource *source, void *context, HttpReply *ret_reply, Err *err);

/* Asks until the answer, of any status, is no passing one; says that it waits for `who`. */
Rc token_ask(TokenSource *source, const char *who, const TokenPatience *patience, TokenAsk *ask,
             void *context, HttpReply *ret_reply, Err *err) MUST_CHECK;

/* Milliseconds for one thing to do: `most`, or what is left of the fetch. */
long token_time_left(const TokenSource *source, long most);
/* Milliseconds that a service has to answer in. */
long token_answer_ms(const TokenSource *source);

/* ---- reading --------------------------------------------------------------------------------- */

Rc token_read_reply(Str body, int64_t now_unix_s, TokenAnswer *ret_answer, Err *err) MUST_CHECK;
/* What a file or a command gives: a bare token, or JSON with one. */
Rc token_read_given(Str text, int64_t now_unix_s, TokenAnswer *ret_answer, Err *err) MUST_CHECK;
/* Of somebody's own token, as far as it says whom it is for. */
Rc token_check_audience(Str token, const char *audience, Err *err) MUST_CHECK;
/* "application … of tenant …", or a person's name, as far as the token says; else "". */
void token_read_whose(Str token, char *ret_whose); // TOKEN_WHOSE_MAX
/* A status other than 200, in the service's words; `who` as in "the managed identity of this VM".
 * What is in `hidden`, ended by NULL, is in no words. */
Rc token_fail_status(const char *who, const HttpReply *reply, const char *const *hidden,
                     Err *err) MUST_CHECK;
/* Whether words repeat one of `hidden` (ended by NULL) or 8 bytes of it: plain, in either case, as
 * percent escapes (twice, too), in hexadecimal, in either base64 wherever it begins there. */
bool token_is_echoed(const char *words, const char *const *hidden);
/* First line, without tokens, at most 300 bytes; ret_words holds TOKEN_WORDS_MAX. */
enum { TOKEN_WORDS_MAX = 304 };
void token_first_line(Str text, char *ret_words);

/* Whole file of at most `most` bytes, into ret_text, which this initializes. */
Rc token_read_file(const char *what, const char *path, size_t most, Secret *ret_text,
                   Err *err) MUST_CHECK;
/* Letters that may stand in a header or a form as they are: no blank, no control. */
bool token_is_plain(Str text);

/* The key that Arc's challenge names ("Basic realm=…"), out of `directory` alone. */
Rc token_arc_key(const char *directory, const char *challenge, Secret *ret_key,
                 Err *err) MUST_CHECK;

/* ---- a certificate's assertion (RFC 7523) ---------------------------------------------------- */

typedef struct TokenClaims {
    const char *audience, *client_id;
    int64_t now_unix_s;
} TokenClaims;

Rc token_sign(const char *path, const char *password, const TokenClaims *claims,
              Secret *ret_assertion, Err *err) MUST_CHECK;

/* Splits a command at blanks; quotes hold together. NULL-ended, in the arena. */
Rc token_split_command(const char *command, Arena *arena, const char *const **ret_argv,
                       Err *err) MUST_CHECK;
Rc token_run(const char *const *argv, long limit_ms, Secret *ret_printed, Err *err) MUST_CHECK;

#endif
