/* What Linux does in its own way. */
#include "ssisminer/os/os.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* ---- the process ----------------------------------------------------------------------------- */

static void occupy_standard_descriptors(void)
{
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

void os_start(void)
{
    occupy_standard_descriptors();
    (void)signal(SIGPIPE, SIG_IGN);
}

void os_keep_private(void)
{
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* As if SIGPIPE had never been ignored. */
void os_end_by_broken_pipe(void)
{
    (void)signal(SIGPIPE, SIG_DFL);
    (void)raise(SIGPIPE);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static size_t whole_pages(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (bytes + page - 1) / page * page;
}

void *os_pages_new(size_t bytes)
{
    size_t size = whole_pages(bytes);

    void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return NULL;
    // Kernels that lack one of these do without.
    (void)madvise(pages, size, MADV_DONTDUMP);
    (void)madvise(pages, size, MADV_WIPEONFORK);
    return pages;
}

void os_pages_free(void *pages, size_t bytes)
{
    (void)munmap(pages, whole_pages(bytes));
}

bool os_random(void *ret_bytes, size_t len)
{
    return getrandom(ret_bytes, len, 0) == (ssize_t)len;
}

size_t os_processors(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);

    return count < 1 ? 1 : (size_t)count;
}

/* ---- the terminal ---------------------------------------------------------------------------- */

bool os_is_terminal(int fd)
{
    return isatty(fd) == 1;
}

bool os_terminal_size(int fd, int *ret_columns, int *ret_rows)
{
    struct winsize size = {0};

    if (!os_is_terminal(fd) || ioctl(fd, TIOCGWINSZ, &size) != 0)
        return false;
    *ret_columns = size.ws_col;
    *ret_rows = size.ws_row;
    return true;
}

struct OsSilent {
    int fd;
    struct termios before;
};

static OsSilent *fail_silent(OsSilent *silent)
{
    int failure = errno;

    if (silent && silent->fd >= 0)
        (void)close(silent->fd);
    free(silent);
    errno = failure;
    return NULL;
}

OsSilent *os_silent_open(void)
{
    OsSilent *silent = calloc(1, sizeof(*silent));
    struct termios quiet;

    if (!silent)
        return NULL;
    silent->fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (silent->fd < 0 || tcgetattr(silent->fd, &silent->before) != 0)
        return fail_silent(silent);
    quiet = silent->before;
    quiet.c_lflag &= (tcflag_t)~ECHO;
    return tcsetattr(silent->fd, TCSAFLUSH, &quiet) == 0 ? silent : fail_silent(silent);
}

int os_silent_in(const OsSilent *silent)
{
    return silent->fd;
}

int os_silent_out(const OsSilent *silent)
{
    return silent->fd;
}

void os_silent_close(OsSilent *silent)
{
    if (!silent)
        return;
    (void)tcsetattr(silent->fd, TCSAFLUSH, &silent->before);
    ssize_t written = write(silent->fd, "\n", 1);
    (void)written;
    (void)close(silent->fd);
    free(silent);
}

/* ---- files ----------------------------------------------------------------------------------- */

static int is_visible(const struct dirent *item)
{
    return item->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

int os_list(const char *folder, char ***ret_names)
{
    struct dirent **items = NULL;
    int count = scandir(folder, &items, is_visible, by_bytes);

    if (count < 0)
        return -1;
    char **names = calloc((size_t)count + 1, sizeof(*names));
    bool is_whole = names != NULL;
    for (int i = 0; i < count; i++) {
        if (is_whole)
            is_whole = (names[i] = strdup(items[i]->d_name)) != NULL;
        free(items[i]);
    }
    free(items);
    if (!is_whole) {
        os_names_free(names, names ? count : 0);
        errno = ENOMEM;
        return -1;
    }
    *ret_names = names;
    return count;
}

void os_names_free(char **names, int count)
{
    for (int i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

bool os_file(const char *path, OsFile *ret_file)
{
    struct stat info;

    if (stat(path, &info) != 0)
        return false;
    *ret_file = (OsFile){info.st_dev, info.st_ino, S_ISREG(info.st_mode)};
    return true;
}

/* ---- the machine ----------------------------------------------------------------------------- */

int os_zone_minutes(int64_t unix_s)
{
    time_t second = (time_t)unix_s;
    struct tm local;

    return localtime_r(&second, &local) ? (int)(local.tm_gmtoff / 60) : 0;
}

bool os_full_name(const char *host, char *ret_name, size_t size)
{
    struct addrinfo want = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_CANONNAME}, *found = NULL;

    if (getaddrinfo(host, NULL, &want, &found) != 0)
        return false;
    const char *name = found->ai_canonname;
    bool fits = name && strlen(name) < size;
    if (fits)
        (void)snprintf(ret_name, size, "%s", name);
    freeaddrinfo(found);
    return fits;
}

/* ---- libraries ------------------------------------------------------------------------------- */

void *os_library(const char *name)
{
    return dlopen(name, RTLD_NOW | RTLD_LOCAL);
}

bool os_function(void *library, const char *name, void *ret_function)
{
    void *symbol = dlsym(library, name);

    (void)memcpy(ret_function, &symbol, sizeof(symbol)); // ISO C casts no data to a function
    return symbol != NULL;
}
