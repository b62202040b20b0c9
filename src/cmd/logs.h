/* How the logs are to be read that a command line names: form, encoding, window. */
#ifndef SSISMINER_CMD_LOGS_H
#define SSISMINER_CMD_LOGS_H

#include "ssisminer/conf/conf.h"
#include "ssisminer/forms/forms.h"

/* Without a window all of the files is read, however old it is. `on_record` is the caller's. */
LogRequest logs_request(const Conf *conf);

#endif
