#include "internal.h"

#include <stdio.h>
#include <stdlib.h>

/* A variable that is set but empty counts as not set. */
Rc env_read(Conf *conf, Err *err)
{
    char name[OPT_ENV_MAX], origin[OPT_ENV_MAX + 16];

    for (OptId id = 0; id < OPT_COUNT; id++) {
        opt_env(id, name);
        const char *value = *name ? getenv(name) : NULL;
        if (!value || *value == '\0')
            continue;
        (void)snprintf(origin, sizeof(origin), "environment %s", name);
        TRY(conf_assign(conf, id, value, FROM_ENVIRONMENT, name, origin, err));
    }
    return RC_OK;
}
