/* What a program that this one starts sees of its variables: no secrets. */
#include "environment.h"

#include "ssisminer/base/err.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/base/str.h"

#include <string.h>
#include <unistd.h>

extern char **environ;

static bool holds_secret(const char *variable)
{
    static const char *const words[] = {"PASSWORD", "SECRET", "TOKEN", "CREDENTIAL", "HEADER"};
    Str name = {variable, strcspn(variable, "=")};

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (memmem(name.at, name.len, words[i], strlen(words[i])))
            return true;
    return false;
}

char **environment_without_secrets(char *more)
{
    size_t count = 0, kept = 0;

    while (environ[count])
        count++;
    char **list = mem_alloc((count + 2) * sizeof(*list));
    for (size_t i = 0; i < count; i++)
        if (!holds_secret(environ[i]))
            list[kept++] = environ[i];
    list[kept] = more;
    return list;
}
