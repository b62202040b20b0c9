/*
 * Temporary files and directories that a signal must not leave behind.
 *
 * Whoever makes one blocks the signals, makes it, adds it and releases them; whoever removes or
 * renames it drops it afterwards. base/stop.h's handlers call guard_remove_all before a signal
 * ends the program.
 *
 * Limits: sixteen at a time, names below 4096 bytes; what is beyond is not guarded.
 */
#ifndef SSISMINER_BASE_GUARD_H
#define SSISMINER_BASE_GUARD_H

#include <signal.h>

void guard_block(sigset_t *ret_before);
void guard_release(const sigset_t *before);
void guard_add(const char *path);
void guard_drop(const char *path); // that is not there is fine
void guard_remove_all(void);       // async-signal-safe

#endif
