/*
 * FreeTDS's configuration, made anew for each connection.
 *
 * FreeTDS verifies a certificate only when freetds.conf names a CA, and reads freetds.conf
 * only for `Servername=` (docs/facts.md#freetds), so each connection gets a private one.
 * It lives in memory (memfd) where /proc is there to name it, else in a private directory.
 * FREETDSCONF points at it; of one in memory it does so from the first connection on and for
 * good, since other threads may read the environment then.
 */
#ifndef SSISMINER_SRC_TDS_FREETDS_H
#define SSISMINER_SRC_TDS_FREETDS_H

#include "server.h"

#include "ssisminer/base/arena.h"
#include "ssisminer/base/buf.h"
#include "ssisminer/tds/tds.h"

/* Bytes of one value that are asked for: enough to see that it is longer than what is kept. */
enum { TDS_TEXT_SIZE = 2 * TDS_TEXT_MAX + 16 };

/* The text of the file; its one section is named after the host, which Servername= then names,
 * because FreeTDS tells the server that name and Azure's gateway goes by it. RC_USAGE when the CA
 * path cannot be written in it or read. */
Rc tds_freetds_conf(const TdsTarget *target, const TdsServer *server, Buf *ret_conf,
                    Err *err) MUST_CHECK;

/* RC_USAGE when it cannot be read. */
Rc tds_check_ca_file(const char *path, Err *err) MUST_CHECK;

/* Before the first thread of a connection is begun: sets what FreeTDS reads in the environment. */
void tds_conf_prepare(void);

/* The file, while it is filled. {.fd = -1} is none. */
typedef struct TdsConfFile {
    int fd;
    char path[512];  // what FREETDSCONF is set to
    Arena arena;     // holds the directory's name
    char *directory; // NULL when the file is in memory
} TdsConfFile;

/* Writes the file. Takes a lock that close gives back: it and the environment are the process's. */
Rc tds_conf_file_open(const char *conf, TdsConfFile *ret_file, Err *err) MUST_CHECK;
void tds_conf_file_close(TdsConfFile *file);

#endif
