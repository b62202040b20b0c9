/*
 * What one operating system does otherwise than another: the floor below base, and the only room
 * that may ask which one it is. os_posix.c is the file for Linux; a second one is for Windows.
 *
 * Shapes:    paths and texts are UTF-8; a descriptor is the C library's.
 * Errors:    what fails says so by its result and leaves the reason in errno; nothing is printed.
 *            Outputs are untouched then.
 * Threads:   any, but for os_start.
 */
#ifndef SSISMINER_OS_OS_H
#define SSISMINER_OS_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- the process ----------------------------------------------------------------------------- */

/* Before anything else in main. A standard descriptor that is closed is taken, by what refuses what
 * it is for: the next file or socket would get its number, and output would go there. Writing to
 * a pipe that nobody reads is an error of that write, and ends nothing. */
void os_start(void);

/* From now on the whole process leaves no core dump, and no other process of the same user may read
 * its memory; a program that this one starts is as it was. */
void os_keep_private(void);

/* Ends the process as one that wrote to a pipe that nobody reads, which a shell tells from an
 * error; on Windows with the code that it shows then. */
void os_end_by_broken_pipe(void);

/* ---- memory ---------------------------------------------------------------------------------- */

/* Pages of zeros, at least so many bytes, that no core dump holds and that a child process does not
 * get (where the system can do that: os_keep_private does not depend on it); NULL without memory.
 * os_pages_free takes the same size, and does not overwrite them. */
void *os_pages_new(size_t bytes);
void os_pages_free(void *pages, size_t bytes);

/* That many bytes nobody can guess; false when the system has none. */
bool os_random(void *ret_bytes, size_t len);

size_t os_processors(void); // that are there for us; 1 when the system does not tell

/* ---- the terminal ---------------------------------------------------------------------------- */

bool os_is_terminal(int fd);

/* How many columns and rows it has; false when it is none, or does not say. */
bool os_terminal_size(int fd, int *ret_columns, int *ret_rows);

/* The terminal that the process was started from, whatever stdin is, with what is typed not shown.
 * NULL when there is none. The descriptors, of which one reads and one writes, go with
 * os_silent_close, which ends the line on the screen. */
typedef struct OsSilent OsSilent;
OsSilent *os_silent_open(void);
int os_silent_in(const OsSilent *silent);
int os_silent_out(const OsSilent *silent);
void os_silent_close(OsSilent *silent); // accepts NULL

/* ---- files ----------------------------------------------------------------------------------- */

/* The names in a folder, in the order of their bytes, without those that begin with a dot. Returns
 * how many, -1 when it cannot be read. os_names_free frees them. */
int os_list(const char *folder, char ***ret_names);
void os_names_free(char **names, int count);

/* What a file is, by whatever name. */
typedef struct OsFile {
    uint64_t volume, number;
    bool is_regular;
} OsFile;
bool os_file(const char *path, OsFile *ret_file); // links are followed; false: there is none

/* ---- the machine ----------------------------------------------------------------------------- */

/* Minutes that clocks are ahead of UTC at that second since 1970, in the zone of the process. */
int os_zone_minutes(int64_t unix_s);

/* The name that a host's administrators gave it, with its domain; false when the resolver has
 * none. */
bool os_full_name(const char *host, char *ret_name, size_t size);

/* ---- libraries that are loaded when they are needed ------------------------------------------ */

/* By name or path; it stays loaded to the end. NULL when there is none, or none that works. */
void *os_library(const char *name);

/* Sets the pointer to a function that lies at `ret_function`, to NULL when the library lacks it. */
bool os_function(void *library, const char *name, void *ret_function);

#endif
