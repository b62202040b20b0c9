/*
 * What a character may become: another one of its alphabet. (Within the room.)
 */
#ifndef SSISMINER_ANONYMISE_LETTERS_INTERNAL_H
#define SSISMINER_ANONYMISE_LETTERS_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Letter {
    uint32_t radix; // of its alphabet; 0: it stays as it is
    uint32_t digit; // its place there
    uint32_t first, step;
    uint32_t to_capital; // what to take away; 0: the alphabet has no capitals
} Letter;

Letter letter_of(uint32_t small); // folded
uint32_t letter_at(const Letter *letter, uint32_t digit);

/* Letters, digits, "_" and marks upon letters make words. */
bool letter_is_of_word(uint32_t point);
/* Chinese, Japanese, Korean, Thai: words stand without blanks between them, and each character is
 * one. */
bool letter_is_word(uint32_t point);

#endif
