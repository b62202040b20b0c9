/* What to do about an error of the server, by its number and, where that is not
 * enough, its words. */
#ifndef SSISMINER_SRC_TDS_ADVICE_H
#define SSISMINER_SRC_TDS_ADVICE_H

#include <stdint.h>

typedef enum TdsMoment { TDS_AT_LOGIN = 1, TDS_AT_STATEMENT = 2 } TdsMoment;

/* NULL where nothing better can be said than the server's own words. Never names a command of this
 * program: it may be the one that runs. */
const char *tds_advice(int32_t number, const char *words, TdsMoment moment);

#endif
