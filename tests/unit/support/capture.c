/* Catches what a function writes, for tests that compare it. */
#include "capture.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char *read_whole(FILE *file)
{
    char *text = NULL;
    long size;

    (void)fseek(file, 0, SEEK_END);
    size = ftell(file);
    rewind(file);
    text = calloc(1, (size_t)size + 1);
    assert(text && fread(text, 1, (size_t)size, file) == (size_t)size);
    (void)fclose(file);
    return text;
}

Capture capture_begin(int fd)
{
    (void)fflush(NULL);
    Capture capture = {.fd = fd, .kept = dup(fd), .file = tmpfile()};
    assert(capture.kept >= 0 && capture.file);
    (void)dup2(fileno(capture.file), fd);
    return capture;
}

char *capture_end(Capture *capture)
{
    (void)fflush(NULL);
    (void)dup2(capture->kept, capture->fd);
    (void)close(capture->kept);
    return read_whole(capture->file);
}

int capture_program(const char *const *argv, char **ret_text)
{
    FILE *output = tmpfile();
    char *args[32];
    int status;
    size_t count = 0;

    for (; argv[count]; count++)
        args[count] = strdup(argv[count]);
    args[count] = NULL;
    (void)fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        (void)dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
        (void)dup2(fileno(output), STDOUT_FILENO);
        (void)dup2(fileno(output), STDERR_FILENO);
        (void)execvp(args[0], args);
        _exit(127);
    }
    (void)waitpid(pid, &status, 0);
    while (count > 0)
        free(args[--count]);
    *ret_text = read_whole(output);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
