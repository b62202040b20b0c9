/* Tokens in words that somebody else wrote: made unreadable before the words are shown. */
#ifndef SSISMINER_BASE_REDACT_H
#define SSISMINER_BASE_REDACT_H

/* Puts "(token)" in the place of whatever looks like a signed token or assertion ("eyJ…"), here. */
void redact_tokens(char *text);

#endif
