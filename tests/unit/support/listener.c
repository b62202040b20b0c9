/* A socket on loopback that does one thing, for tests of the network. */
#include "listener.h"

#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_CLIENTS = 16 };

typedef struct Job { // what the thread needs; the caller's struct may move
    int fd, stop_fd;
    const char *answer;
    size_t len;
} Job;

static void answer_one(const Job *job, int client)
{
    char waste[4096];

    if (recv(client, waste, sizeof(waste), 0) > 0 && job->len > 0)
        (void)!send(client, job->answer, job->len, MSG_NOSIGNAL);
}

static void *serve(void *context)
{
    Job job = *(Job *)context;
    struct pollfd fds[] = {{.fd = job.fd, .events = POLLIN}, {.fd = job.stop_fd, .events = POLLIN}};
    int clients[MOST_CLIENTS];
    size_t count = 0;

    free(context);
    while (poll(fds, 2, -1) > 0 && fds[1].revents == 0 && count < MOST_CLIENTS) {
        int client = accept(job.fd, NULL, NULL);
        if (client < 0)
            continue;
        if (job.len == LISTENER_SILENT) {
            clients[count++] = client;
            continue;
        }
        answer_one(&job, client);
        (void)close(client);
    }
    while (count > 0)
        (void)close(clients[--count]);
    return NULL;
}

Listener listener_start(const char *answer, size_t len)
{
    Listener listener = {.answer = answer, .len = len};
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(at);

    listener.fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener.fd, (const struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(listener.fd, 8), 0);
    assert_int_equal(getsockname(listener.fd, (struct sockaddr *)&at, &size), 0);
    listener.port = ntohs(at.sin_port);
    assert_int_equal(pipe(listener.stop_fds), 0);

    Job *job = malloc(sizeof(*job));
    *job = (Job){listener.fd, listener.stop_fds[0], answer, len};
    assert_int_equal(pthread_create(&listener.thread, NULL, serve, job), 0);
    return listener;
}

void listener_stop(Listener *listener)
{
    assert_int_equal(write(listener->stop_fds[1], "", 1), 1);
    (void)pthread_join(listener->thread, NULL);
    (void)close(listener->fd);
    (void)close(listener->stop_fds[0]);
    (void)close(listener->stop_fds[1]);
}

size_t listener_prelogin(int offer, char *ret_answer)
{
    static const char answer[] = {
        0x04,       0x01, 0x00, 0x1A, 0x00,       0x00, 0x01, 0x00, // header: 26 bytes
        0x00,       0x00, 0x0B, 0x00, 0x06,                         // VERSION
        0x01,       0x00, 0x11, 0x00, 0x01,                         // ENCRYPTION
        (char)0xFF, 0x10, 0x00, 0x03, (char)0xE8, 0x00, 0x00, 0x02,
    };

    memcpy(ret_answer, answer, sizeof(answer));
    ret_answer[8 + 0x11] = (char)offer;
    return sizeof(answer);
}
