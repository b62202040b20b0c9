/*
 * What a server sends the relay elsewhere by: the name in a redirect, and a browser's answer. The
 * first byte chooses, and is the browser's port's or the redirect's.
 *
 * Answers that are checked: a place has a host that a resolver may be asked for, and its own text
 * is read as itself; a port is one, and stands in the answer as a number; out of Azure's names
 * nothing leads.
 */
#include "fuzz.h"

#include "../../src/relay/browser.h"
#include "../../src/relay/internal.h"
#include "ssisminer/relay/azure.h"

#include <stdio.h>

static void fuzz_place(const char *text)
{
    char again[RELAY_HOST_MAX + RELAY_INSTANCE_MAX + 16];
    Place place, same, gateway = {.host = "one.database.windows.net", .port = 1433};

    if (!place_parse(text, 11000, &place))
        return;
    must(place.port > 0 && place.port <= UINT16_MAX && place.host[0] != '\0');
    for (const char *at = place.host; *at; at++)
        must((unsigned char)*at > ' ' && *at != '/' && *at != '\\' && *at != ',');
    (void)snprintf(again, sizeof(again), "%s%s%s,%d", place.host, place.instance[0] ? "\\" : "",
                   place.instance, place.port);
    must(place_parse(again, 1, &same));
    must(same.port == place.port && strcmp(same.host, place.host) == 0 &&
         strcmp(same.instance, place.instance) == 0);
    const char *suffix = relay_azure_suffix(place.host);
    must(place_may_lead_to(&gateway, &place) ==
         (suffix && strcmp(suffix, ".database.windows.net") == 0));
}

static void fuzz_browser(const uint8_t *data, size_t size)
{
    char number[16], *text = malloc(size + 1);
    int port = browser_read(data, size, "SSIS");

    if (text && port != 0) {
        must(port > 0 && port <= UINT16_MAX);
        memcpy(text, data, size);
        text[size] = '\0';
        (void)snprintf(number, sizeof(number), "%d", port);
        must(memmem(text, size, number, strlen(number)) != NULL);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_done) Arena arena = {0};

    if (size == 0)
        return 0;
    uint8_t *copy = malloc(size); // of its own size: ASan sees who reads on
    if (!copy)
        return 0;
    memcpy(copy, data + 1, size - 1);
    if (data[0] % 2)
        fuzz_browser(copy, size - 1);
    else
        fuzz_place(arena_copy(&arena, (const char *)copy, size - 1));
    free(copy);
    return 0;
}
