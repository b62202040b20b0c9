/*
 * Where a Microsoft Entra access token for a server comes from, and one that is valid.
 *
 * A source fetches when it is asked, keeps the token, and fetches again before it expires, so that
 * whoever logs in asks each time. Azure looks at a token at the login only: a session outlives it.
 *
 * Ownership: a source is freed by token_source_free; the texts of its options are copied.
 * Errors:    RC_USAGE what the options lack, or name wrongly; RC_CONNECT what a service refused or
 *            did not answer, in its own words; RC_STOPPED. No token, secret or assertion is in any.
 * Time:      token_get may take as long as TOKEN_LONGEST_MS, with a service that asks to be tried
 *            again later: ask before the login's own time begins. From its cache it is at once.
 * Threads:   every function may be called from any thread; two that ask wait for one fetch.
 * Process:   a source made, the process leaves no core dump (base/secret.h).
 */
#ifndef SSISMINER_TOKEN_TOKEN_H
#define SSISMINER_TOKEN_TOKEN_H

#include "ssisminer/base/err.h"
#include "ssisminer/base/secret.h"

#include <stdbool.h>
#include <stdint.h>

enum { TOKEN_MAX = 64 * 1024 - 1, TOKEN_LONGEST_MS = 150000 };

typedef enum TokenKind {
    TOKEN_AUTO, // service principal, workload identity, managed identity, az: the first set up
    TOKEN_MANAGED_IDENTITY,
    TOKEN_WORKLOAD_IDENTITY,
    TOKEN_SERVICE_PRINCIPAL,
    TOKEN_AZURE_CLI,
    TOKEN_GIVEN // a text, a file, or what a command prints
} TokenKind;

typedef enum TokenCloud {
    TOKEN_CLOUD_BY_SERVER, // by the end of its name; the public one for any other name
    TOKEN_CLOUD_PUBLIC,
    TOKEN_CLOUD_USGOV,
    TOKEN_CLOUD_CHINA
} TokenCloud;

/* What a person chose; NULL for what he left out, which the variables of the platform may say. */
typedef struct TokenOptions {
    TokenKind kind;
    const char *server; // host name
    TokenCloud cloud;
    const char *authority; // "https://login.microsoftonline.com" instead of the cloud's
    const char *audience;  // "https://database.windows.net/" instead of the cloud's
    const char *tenant;    // of an application
    const char *az_tenant; // NULL: the one that az is logged in to
    const char *client_id; // of a managed identity also "object:<id>", or "/subscriptions/…"
    const char *client_secret;
    const char *certificate;          // path: key and certificate, PEM or PFX
    const char *certificate_password; // NULL for none
    const char *text;                 // TOKEN_GIVEN: one of these three
    bool text_is_of_pipe;             // and how it is called
    const char *file;
    const char *command; // split at blanks, quotes heeded; no shell runs it
    long login_ms; // a service that stays silent has no longer than a login; 0: as long as it has
} TokenOptions;

typedef struct TokenSource TokenSource;

/* Checks the options as far as that goes without a network. */
Rc token_source_new(const TokenOptions *options, TokenSource **ret_source, Err *err) MUST_CHECK;
void token_source_free(TokenSource *source); // accepts NULL
void token_source_free_at(TokenSource **source);

/* A token that is good for a login now, into ret_token, which this initializes. */
typedef enum TokenWish {
    TOKEN_ANY_VALID,
    TOKEN_NEW // the server would not have the last one ("Token is expired"): fetched again
} TokenWish;
Rc token_get(TokenSource *source, TokenWish wish, Secret *ret_token, Err *err) MUST_CHECK;

/* Seconds until the last token ends; -1 when nothing says. */
int64_t token_lasts_s(TokenSource *source);

/* Of what gives its text once, as a pipe does, the text, which this initializes; is_once is false
 * for what can be read again, and that is not read. */
Rc token_read_once(const char *path, Secret *ret_text, bool *ret_is_once, Err *err) MUST_CHECK;

/* Where the last token came from, "the managed identity of this VM"; NULL before the first. */
const char *token_origin(TokenSource *source);

/* Whom the last token is of, as it says itself: "application <id> of tenant <id>", or a user's
 * name;
 * "" for what cannot be read. */
enum { TOKEN_WHOSE_MAX = 256 };
void token_whose(TokenSource *source, char *ret_whose);

#endif
