/*
 * Names and values become pseudonyms of the same shape; what a product wrote stays as it is.
 *
 * A name is replaced word by word: a letter by a letter of its script and case, a digit by a digit,
 * all else (blanks, dots, underscores, slashes) stays, so that a path keeps its parts, a GUID and
 * an address stay one, and what two texts share is the same in both. The same key gives the same
 * pseudonyms, and two words never one: under the key it is a permutation of the words of one shape
 * (a Feistel network whose rounds are HMAC-SHA256), in either case of the letters.
 *
 * Of a text are replaced: names that were learnt, as whole words; what looks like a path, a file,
 * an address, a host, a GUID, a login of a domain; what is quoted, unless it is prose; values of
 * connection strings and keys; names in SQL. Passwords and keys are left out. All else is taken for
 * the product's own words. A name of ordinary words alone ("Error", "Data Source") is replaced in
 * its column, in quotes and in paths, and stays where a text says those words.
 *
 * What stays everywhere: the product's names (kept.def: "Package", "OLE DB Source", SSISDB),
 * endings of files, the ends of host names.
 *
 * Ownership: an Anonymiser is closed by anonymise_close; texts given are copied.
 * Errors:    RC_USAGE: the key cannot be made or read, or others may read it.
 * Limits:    names of up to ANONYMISE_NAME_MAX bytes are learnt, 200,000 of them.
 * Threads:   one Anonymiser per thread.
 */
#ifndef SSISMINER_ANONYMISE_ANONYMISE_H
#define SSISMINER_ANONYMISE_ANONYMISE_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/buf.h"
#include "ssisminer/base/err.h"
#include "ssisminer/base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum { ANONYMISE_KEY_BYTES = 32, ANONYMISE_ID_BYTES = 17, ANONYMISE_NAME_MAX = 1024 };

typedef struct Anonymiser Anonymiser;

/* Where the key lies unless somebody says otherwise: $XDG_STATE_HOME/ssisminer/anonymise.key, or
 * .local/state in $HOME; makes the folders (0700). RC_USAGE where neither is set. */
Rc anonymise_key_path(Arena *arena, const char **ret_path, Err *err) MUST_CHECK;
/* Reads the key of that file, or makes one there (0600, random) where there is none. */
Rc anonymise_open(const char *key_path, Anonymiser **ret_anonymiser, Err *err) MUST_CHECK;
Rc anonymise_new(const unsigned char key[ANONYMISE_KEY_BYTES], Anonymiser **ret_anonymiser,
                 Err *err) MUST_CHECK;
void anonymise_close(Anonymiser *anonymiser); // accepts NULL; the key is wiped
void anonymise_close_at(Anonymiser **anonymiser);

/* What tells two keys apart and gives away neither: 16 hex digits. */
const char *anonymise_key_id(const Anonymiser *anonymiser);

/* A name that texts are to be searched for from now on. */
void anonymise_learn(Anonymiser *anonymiser, Str name);

/* Each appends the pseudonym. */
void anonymise_name(Anonymiser *anonymiser, Str name, Buf *out); // a path, login, host, GUID too
/* "\Package.Connections[DWH].Properties[ServerName]": what the product calls things stays. */
void anonymise_property(Anonymiser *anonymiser, Str path, Buf *out);
/* A number stays a number; truth values and times stay as they are. */
void anonymise_value(Anonymiser *anonymiser, Str value, Buf *out);

typedef struct AnonymisePiece {
    size_t start, end;
} AnonymisePiece;

typedef enum AnonymiseReach {
    ANONYMISE_ALL,
    ANONYMISE_SURE // not what is only quoted, or named in SQL, or looks like a file
} AnonymiseReach;

/* `product`: pieces of the text that are known to be the product's own, by rising start. What lies
 * within one of them stays. */
void anonymise_text(Anonymiser *anonymiser, Str text, const AnonymisePiece *product, size_t count,
                    AnonymiseReach reach, Buf *out);

#endif
