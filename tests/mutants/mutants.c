/* The switch of mutants.h. */
#include "mutants.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MOST = 4096 };

static unsigned chosen; // 0: none
static unsigned char *seen;

__attribute__((constructor)) static void begin(void)
{
    const char *number = getenv("MUTANT"), *file = getenv("MUTANT_SEEN");
    int fd = file ? open(file, O_RDWR | O_CLOEXEC) : -1;

    chosen = number ? (unsigned)strtoul(number, NULL, 10) : 0;
    if (fd < 0)
        return;
    seen = mmap(NULL, MOST, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (seen == MAP_FAILED)
        seen = NULL;
    close(fd);
}

bool mutant_is(unsigned number)
{
    if (seen && number < MOST)
        seen[number] = 1;
    return number == chosen;
}
