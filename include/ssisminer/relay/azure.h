/* The names of Azure's own SQL services. */
#ifndef SSISMINER_RELAY_AZURE_H
#define SSISMINER_RELAY_AZURE_H

/* ".database.windows.net" and its like that the host's name ends in, in either case and with the
 * root's point or without; NULL for any other name. */
const char *relay_azure_suffix(const char *host);

#endif
