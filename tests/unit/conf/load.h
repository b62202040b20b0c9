/* conf_load for tests: a table of commands, a home of its own, a clean environment. */
#ifndef TESTS_UNIT_CONF_LOAD_H
#define TESTS_UNIT_CONF_LOAD_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/file.h"
#include "ssisminer/conf/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static const Command load_report = {
    .name = "report",
    .args = "",
    .summary = "Recent failures",
    .details = "",
    .takes = BY_REPORT,
    .first = {OPT_SINCE, OPT_FORMAT},
};
static const Command load_scan = {
    .name = "scan",
    .args = "[FILE...]",
    .summary = "Diagnose files",
    .details = "First paragraph\nover two lines.\n\n    verbatim  line\n\nLast 'one'.",
    .takes = BY_SCAN,
};
static const Command load_help = {
    .name = "help",
    .args = "[COMMAND]",
    .summary = "Show help",
    .details = "",
    .takes = BY_HELP,
};
static const Command load_cleanup = {
    .name = "cleanup",
    .args = "",
    .summary = "Purge",
    .details = "",
    .takes = BY_CLEANUP,
    .cannot_be_undone = true,
};
static const Command load_config = {
    .name = "config",
    .args = "",
    .summary = "Show settings",
    .details = "",
    .takes = BY_ALL & ~BY_HELP,
};
static const Command *const load_commands[] = {&load_report, &load_scan, &load_cleanup,
                                               &load_config, &load_help};

static Arena load_arena;
static char *load_home;
static char *load_argv[64]; // as main gets it, after the last load

static inline void load_clean_environment(void)
{
    char name[OPT_ENV_MAX];

    for (OptId id = 0; id < OPT_COUNT; id++) {
        opt_env(id, name);
        if (*name)
            (void)unsetenv(name);
    }
    (void)unsetenv("XDG_CONFIG_HOME");
    (void)unsetenv("CREDENTIALS_DIRECTORY");
    (void)setenv("SSISMINER_NOW", "2026-11-22T12:00:00Z", 1);
    (void)setenv("HOME", load_home, 1);
}

static inline int load_set_up(void **state)
{
    Err err = {0};
    (void)state;

    if (file_temp_dir("ssisminer-conf", &load_arena, &load_home, &err) != RC_OK)
        return -1;
    load_clean_environment();
    return 0;
}

static inline int load_tear_down(void **state)
{
    (void)state;
    load_clean_environment();
    file_remove_tree(load_home);
    arena_done(&load_arena);
    return 0;
}

/* A file in the home; its path. */
static inline const char *load_put(const char *name, const char *text)
{
    const char *path = arena_printf(&load_arena, "%s/%s", load_home, name);
    char *folder = arena_text(&load_arena, path);

    for (char *c = folder + strlen(load_home) + 1; *c; c++) {
        if (*c == '/') {
            *c = '\0';
            (void)mkdir(folder, 0700);
            *c = '/';
        }
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
    return path;
}

/* Arguments parted by blanks; "\x01" stands for a blank inside one. */
static inline Rc load_try(const char *line, Conf **ret_conf, Err *err)
{
    Str rest = str_of(line), piece;
    int argc = 1;

    load_argv[0] = arena_text(&load_arena, "ssisminer");
    while (*line && str_split(&rest, ' ', &piece)) {
        load_argv[argc] = arena_copy(&load_arena, piece.at, piece.len);
        for (char *c = load_argv[argc]; *c; c++)
            *c = *c == '\x01' ? ' ' : *c;
        argc++;
    }
    load_argv[argc] = NULL;
    return conf_load(argc, load_argv, load_commands, ARRAY_LEN(load_commands), ret_conf, err);
}

static inline Conf *load(const char *line)
{
    Conf *conf = NULL;
    Err err = {0};

    if (load_try(line, &conf, &err) != RC_OK)
        fail_msg("%s: %s (%s)", line, err.text, err.hint);
    return conf;
}

static inline void load_free(Conf **conf)
{
    conf_free(*conf);
}

static inline void load_refused(const char *line, const char *text, const char *hint)
{
    Conf *conf = NULL;
    Err err = {0};

    if (load_try(line, &conf, &err) == RC_OK)
        fail_msg("taken: %s", line);
    assert_int_equal(err.rc, RC_USAGE);
    assert_string_equal(err.text, text);
    assert_string_equal(err.hint, hint);
    assert_null(conf);
}

#endif
