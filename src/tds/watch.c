/* Keeps the time that a driver does not, and breaks its socket when it is over. */
#include "watch.h"

#include "socket.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/base/time.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
    TICK_MS = 25,
    ASK_MS = 1000,  // between two cancels
    LATE_MS = 500,  // after a login's limit: the driver's own words tell more
    BACK_MS = 700,  // a driver has to come back after its connection is broken
    CLOSE_MS = 0,   // a close has the grace alone
    LEFT_LOOKS = 4, // in a row, of one call, before it counts as overlooked
    SPUN_MS = 1000, // of CPU, in a login that has no socket: all else it does there is quick
    LOGIN_BYTES = 256 * 1024
};

typedef enum Phase { PHASE_IDLE, PHASE_CONNECT, PHASE_STATEMENT, PHASE_CLOSE } Phase;

/* What the clock knows of the call that runs. */
typedef struct Look {
    unsigned call;
    int64_t since_ms;
    uint64_t since_bytes;
    int64_t broken_ms; // when its connection was broken from here; 0: it was not
    int left;          // looks at which the server had left
    int64_t cpu_ms;    // of the thread that calls, as it was last seen
    int64_t spun_ms;   // of it in a login without a socket
} Look;

struct TdsWatch {
    const TdsDriver *driver;
    atomic_uint call; // its number; 0 between two
    unsigned calls;   // so far
    pthread_t clock, canceller;
    bool is_started;
    int clock_fd, cancel_fd; // wake them
    int stop_fd;             // of base/stop.h

    pthread_mutex_t lock; // guards what follows; never held over a call that may wait
    Phase phase;
    long limit_ms;
    uint64_t bytes;
    int relay_port;
    pthread_t caller; // of the login
    TdsBroke broke;
    TdsSockets before, sockets; // before: that were there when connecting began
    bool is_ticking, is_ending;
    int64_t stop_ms; // when the wish to stop was first seen
    int64_t ask_ms;  // when a cancel may be asked for next

    pthread_mutex_t cancel_lock; // held over SQLCancel
    SQLHSTMT stmt;               // under cancel_lock; SQL_NULL_HSTMT while none runs
};

TdsWatch *tds_watch_new(const TdsDriver *driver)
{
    TdsWatch *watch = mem_alloc(sizeof(*watch));

    watch->driver = driver;
    watch->clock_fd = watch->cancel_fd = -1;
    if (pthread_mutex_init(&watch->lock, NULL) != 0 ||
        pthread_mutex_init(&watch->cancel_lock, NULL) != 0)
        mem_fail();
    return watch;
}

static void lock(TdsWatch *watch)
{
    (void)pthread_mutex_lock(&watch->lock);
}

static void unlock(TdsWatch *watch)
{
    (void)pthread_mutex_unlock(&watch->lock);
}

/* ---- the canceller --------------------------------------------------------------------------- */

static bool is_ending(TdsWatch *watch)
{
    lock(watch);
    bool ending = watch->is_ending;
    unlock(watch);
    return ending;
}

/* A cancel that comes just before the statement starts is lost: the clock asks again. */
static void *cancel_when_asked(void *context)
{
    TdsWatch *watch = context;
    eventfd_t count;

    while (eventfd_read(watch->cancel_fd, &count) == 0 && !is_ending(watch)) {
        (void)pthread_mutex_lock(&watch->cancel_lock);
        if (watch->stmt != SQL_NULL_HSTMT)
            (void)watch->driver->cancel(watch->stmt);
        (void)pthread_mutex_unlock(&watch->cancel_lock);
    }
    return NULL;
}

/* ---- the clock ------------------------------------------------------------------------------- */

/* A driver that does not come back from a broken connection takes the program with it. */
static void give_up(const TdsWatch *watch)
{
    static const char *const words[] = {
        [TDS_BROKE_NOT] = "the driver does not come back from the server",
        [TDS_BROKE_TIME] = "the server took too long, and the driver does not come back from it",
        [TDS_BROKE_BYTES] = "the server sent far more than one row can be",
        [TDS_BROKE_MEMORY] = "the answer is too large, and the driver does not come back from it",
        [TDS_BROKE_STOP] = "the driver does not come back from the server",
        [TDS_BROKE_LEFT] = "the server left, and the driver does not come back from it",
        [TDS_BROKE_SPUN] = "the driver does not come back from what the server said to the login "
                           "(leave out --relay never or --encrypt off, and the relay shows it; or "
                           "try tsql)",
    };

    stop_hard(watch->phase == PHASE_CONNECT ? RC_CONNECT : RC_QUERY, words[watch->broke]);
}

static void break_off(TdsWatch *watch, Look *look, TdsBroke why)
{
    TdsSockets found;
    int64_t now_ms = time_monotonic_ms();

    if (watch->broke == TDS_BROKE_NOT)
        watch->broke = why;
    if (watch->phase == PHASE_CONNECT) {
        tds_sockets_find(&watch->before, watch->relay_port, &found);
        tds_sockets_break(&found);
    } else {
        tds_sockets_break(&watch->sockets);
    }
    if (look->call == 0)
        return;
    if (look->broken_ms == 0)
        look->broken_ms = now_ms;
    else if (now_ms - look->broken_ms >= BACK_MS)
        give_up(watch);
}

/* Not for a time-out: the driver has its own for a server that is slow to begin. And never once
 * the connection is broken: SQLCancel beside a driver manager that reads messages crashes FreeTDS.
 */
static void ask_to_cancel(TdsWatch *watch, const Look *look, int64_t now_ms)
{
    if (watch->phase != PHASE_STATEMENT || look->broken_ms != 0 || now_ms < watch->ask_ms)
        return;
    watch->ask_ms = now_ms + ASK_MS;
    if (watch->broke == TDS_BROKE_NOT)
        watch->broke = TDS_BROKE_STOP;
    (void)eventfd_write(watch->cancel_fd, 1);
}

/* A login has nothing that a cancel could keep: it is broken off at once. */
static void heed_stop(TdsWatch *watch, Look *look, int64_t now_ms)
{
    if (watch->stop_ms == 0)
        watch->stop_ms = now_ms;
    ask_to_cancel(watch, look, now_ms);
    if (watch->phase == PHASE_CONNECT || now_ms - watch->stop_ms >= TDS_WATCH_GRACE_MS)
        break_off(watch, look, TDS_BROKE_STOP);
}

static void heed_time(TdsWatch *watch, Look *look, int64_t spent_ms)
{
    long grace_ms = watch->phase == PHASE_CONNECT ? LATE_MS : TDS_WATCH_GRACE_MS;

    if (spent_ms >= watch->limit_ms + grace_ms)
        break_off(watch, look, TDS_BROKE_TIME);
}

static bool is_memory_used_up(const TdsWatch *watch)
{
    struct rusage usage;

    return watch->phase == PHASE_STATEMENT && getrusage(RUSAGE_SELF, &usage) == 0 &&
           usage.ru_maxrss > TDS_WATCH_MEMORY_KB;
}

static int64_t cpu_of(pthread_t thread)
{
    struct timespec spent;
    clockid_t clock;

    if (pthread_getcpuclockid(thread, &clock) != 0 || clock_gettime(clock, &spent) != 0)
        return 0;
    return (int64_t)spent.tv_sec * 1000 + spent.tv_nsec / 1000000;
}

/* A login whose socket is gone has only words to bring back, or is yet to begin. */
static void count_spun(const TdsWatch *watch, Look *look, const TdsSockets *sockets)
{
    int64_t cpu_ms = watch->phase == PHASE_CONNECT ? cpu_of(watch->caller) : 0;

    if (cpu_ms > 0 && look->cpu_ms > 0 && sockets->count == 0)
        look->spun_ms += cpu_ms - look->cpu_ms;
    look->cpu_ms = cpu_ms;
}

static const TdsSockets *watched(const TdsWatch *watch, TdsSockets *place)
{
    if (watch->phase != PHASE_CONNECT)
        return &watch->sockets;
    tds_sockets_find(&watch->before, watch->relay_port, place);
    return place;
}

static void tick(TdsWatch *watch, Look *look)
{
    TdsSockets place;
    unsigned call = atomic_load(&watch->call);
    int64_t now_ms = time_monotonic_ms();
    const TdsSockets *sockets = watched(watch, &place);
    uint64_t bytes = tds_sockets_taken(sockets);

    if (call != look->call || call == 0 || call != atomic_load(&watch->call))
        *look = (Look){.call = call, .since_ms = now_ms, .since_bytes = bytes};
    if (stop_wanted())
        heed_stop(watch, look, now_ms);
    if (call == 0)
        return;
    look->left = tds_sockets_are_left(sockets) ? look->left + 1 : 0;
    count_spun(watch, look, sockets);
    if (look->broken_ms != 0)
        break_off(watch, look, watch->broke);
    else if (look->left >= LEFT_LOOKS)
        break_off(watch, look, TDS_BROKE_LEFT);
    else if (look->spun_ms >= SPUN_MS)
        break_off(watch, look, TDS_BROKE_SPUN);
    else if (bytes > look->since_bytes + watch->bytes)
        break_off(watch, look, TDS_BROKE_BYTES);
    else if (is_memory_used_up(watch))
        break_off(watch, look, TDS_BROKE_MEMORY);
    heed_time(watch, look, now_ms - look->since_ms);
}

static void *keep_time(void *context)
{
    TdsWatch *watch = context;
    struct pollfd fds[] = {{.fd = watch->clock_fd, .events = POLLIN},
                           {.fd = watch->stop_fd, .events = POLLIN}};
    Look look = {0};
    eventfd_t count;

    lock(watch);
    while (!watch->is_ending) {
        watch->is_ticking = watch->phase != PHASE_IDLE;
        int wait_ms = watch->is_ticking ? TICK_MS : -1;
        unlock(watch);
        // once the wish is there its descriptor stays readable: then look at the clock only
        if (poll(fds, stop_wanted() ? 1 : 2, wait_ms) > 0 && fds[0].revents)
            (void)eventfd_read(watch->clock_fd, &count);
        lock(watch);
        if (watch->phase != PHASE_IDLE)
            tick(watch, &look);
    }
    unlock(watch);
    return NULL;
}

/* ---- threads --------------------------------------------------------------------------------- */

static bool start_thread(pthread_t *thread, void *run(void *context), TdsWatch *watch)
{
    sigset_t all, kept;

    (void)sigfillset(&all); // signals stay with the threads that had them
    (void)pthread_sigmask(SIG_SETMASK, &all, &kept);
    int failed = pthread_create(thread, NULL, run, watch);
    (void)pthread_sigmask(SIG_SETMASK, &kept, NULL);
    return failed == 0;
}

static void end_canceller(TdsWatch *watch)
{
    lock(watch);
    watch->is_ending = true;
    unlock(watch);
    (void)eventfd_write(watch->cancel_fd, 1);
    (void)pthread_join(watch->canceller, NULL);
}

/* Without them the driver's own time-outs are all there is. */
static void start(TdsWatch *watch)
{
    watch->clock_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    watch->cancel_fd = eventfd(0, EFD_CLOEXEC);
    watch->stop_fd = stop_fd();
    if (watch->clock_fd < 0 || watch->cancel_fd < 0 ||
        !start_thread(&watch->canceller, cancel_when_asked, watch))
        return;
    watch->is_started = start_thread(&watch->clock, keep_time, watch);
    if (!watch->is_started)
        end_canceller(watch);
}

void tds_watch_free(TdsWatch *watch)
{
    if (!watch)
        return;
    if (watch->is_started) {
        end_canceller(watch);
        (void)eventfd_write(watch->clock_fd, 1);
        (void)pthread_join(watch->clock, NULL);
    }
    if (watch->clock_fd >= 0)
        (void)close(watch->clock_fd);
    if (watch->cancel_fd >= 0)
        (void)close(watch->cancel_fd);
    (void)pthread_mutex_destroy(&watch->lock);
    (void)pthread_mutex_destroy(&watch->cancel_lock);
    free(watch);
}

/* ---- what is watched ------------------------------------------------------------------------- */

static void begin(TdsWatch *watch, Phase phase, long limit_ms, uint64_t bytes)
{
    lock(watch);
    watch->phase = phase;
    watch->limit_ms = limit_ms;
    watch->bytes = bytes;
    watch->broke = TDS_BROKE_NOT;
    bool sleeps = !watch->is_ticking;
    unlock(watch);
    if (watch->clock_fd < 0)
        start(watch);
    else if (sleeps)
        (void)eventfd_write(watch->clock_fd, 1);
}

static void end(TdsWatch *watch)
{
    lock(watch);
    watch->phase = PHASE_IDLE;
    unlock(watch);
}

static void set_stmt(TdsWatch *watch, SQLHSTMT stmt)
{
    (void)pthread_mutex_lock(&watch->cancel_lock);
    watch->stmt = stmt;
    (void)pthread_mutex_unlock(&watch->cancel_lock);
}

void tds_watch_connect(TdsWatch *watch, long limit_ms, int relay_port)
{
    lock(watch);
    watch->relay_port = relay_port;
    watch->caller = pthread_self();
    tds_sockets_find(NULL, 0, &watch->before);
    watch->sockets.count = 0;
    unlock(watch);
    begin(watch, PHASE_CONNECT, limit_ms, LOGIN_BYTES);
    tds_watch_enter(watch);
}

void tds_watch_connected(TdsWatch *watch)
{
    tds_watch_leave(watch);
    end(watch);
    tds_sockets_find(&watch->before, watch->relay_port, &watch->sockets);
    tds_sockets_keep(&watch->sockets); // FreeTDS leaves them to every child
}

void tds_watch_arm(TdsWatch *watch, SQLHSTMT stmt, long limit_ms, uint64_t bytes)
{
    set_stmt(watch, stmt);
    begin(watch, PHASE_STATEMENT, limit_ms, bytes);
}

void tds_watch_allow(TdsWatch *watch, uint64_t bytes)
{
    lock(watch);
    watch->bytes = bytes;
    unlock(watch);
}

/* A cancel that is under way is waited for, within the limit. */
void tds_watch_close(TdsWatch *watch)
{
    lock(watch);
    watch->phase = PHASE_CLOSE;
    watch->limit_ms = CLOSE_MS;
    unlock(watch);
    tds_watch_enter(watch);
    set_stmt(watch, SQL_NULL_HSTMT);
}

void tds_watch_closed(TdsWatch *watch)
{
    tds_watch_leave(watch);
    end(watch);
}

void tds_watch_enter(TdsWatch *watch)
{
    if (++watch->calls == 0)
        watch->calls = 1;
    atomic_store(&watch->call, watch->calls);
}

void tds_watch_leave(TdsWatch *watch)
{
    atomic_store(&watch->call, 0);
}

TdsBroke tds_watch_broke(TdsWatch *watch)
{
    lock(watch);
    TdsBroke broke = watch->broke;
    unlock(watch);
    return broke;
}

bool tds_watch_is_dead(const TdsWatch *watch)
{
    return tds_sockets_are_dead(&watch->sockets);
}

void tds_watch_forget(TdsWatch *watch)
{
    lock(watch);
    watch->sockets.count = 0;
    unlock(watch);
}
