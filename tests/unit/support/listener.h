/* A port on the loopback that answers one thing, whatever is sent. */
#ifndef SSISMINER_TESTS_LISTENER_H
#define SSISMINER_TESTS_LISTENER_H

#include <pthread.h>
#include <stddef.h>

#define LISTENER_SILENT ((size_t)-1)

typedef struct Listener {
    int port;
    int fd;
    int stop_fds[2];
    const char *answer;
    size_t len;
    pthread_t thread;
} Listener;

/* len 0 closes without an answer, LISTENER_SILENT takes connections and says nothing. The
 * answer is borrowed until listener_stop. */
Listener listener_start(const char *answer, size_t len);
void listener_stop(Listener *listener);

/* A PRELOGIN answer with that ENCRYPTION byte; ret_answer holds 32 bytes. */
size_t listener_prelogin(int offer, char *ret_answer);

#endif
