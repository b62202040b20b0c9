/*
 * The terminal: is it one, how wide, may it have color; and text made safe for it.
 */
#ifndef SSISMINER_BASE_TERM_H
#define SSISMINER_BASE_TERM_H

#include "ssisminer/base/buf.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

int term_columns(FILE *stream); // 80 when it is no terminal; COLUMNS in the environment wins
int term_rows(FILE *stream);    // 24 when it is no terminal; LINES in the environment wins
bool term_is(FILE *stream);

/* A line that somebody types, without its end and cut to size - 1 bytes; what there is at the end
 * of the input. RC_STOPPED when the wish to stop comes first. */
Rc term_read_line(int fd, char *line, size_t size, Err *err) MUST_CHECK;

/* Appends text so that no terminal obeys it: C0 and C1 controls, DEL, ESC, bidirectional
 * overrides become visible as \x1B or \u202E; line breaks and tabs become a blank when
 * one_line, else stay. */
void term_put_safe(Buf *buf, const char *text, size_t len, bool one_line);

/* Controls, and what reorders or breaks the line it is in: none of them beyond U+FFFF. */
bool term_obeys(uint32_t point);

/* Columns that text takes (wide and combining characters counted as such). */
size_t term_width(const char *text, size_t len);

/* Largest count <= len of whole characters that fits `columns`. */
size_t term_fit(const char *text, size_t len, size_t columns);

#endif
