/*
 * Any bytes as the answer to PRELOGIN: what is read of it is what a plain walk over the options
 * finds, and nothing beyond the packet is looked at.
 */
#include "fuzz.h"

#include "../../src/tds/network.h"

static int plain_offer(const uint8_t *data, size_t size)
{
    int found = -1;

    if (size < 8 || data[0] != 4)
        return -1;
    for (size_t at = 8; at + 5 <= size && data[at] != 0xFF; at += 5) {
        size_t place = 8 + (size_t)data[at + 1] * 256 + data[at + 2];
        if (data[at] == 1 && place < size)
            found = data[place] & 3;
    }
    return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TdsNetwork network = {.reach = TDS_REACH_NO_REPLY};
    int expected = plain_offer(data, size);
    uint8_t *copy = malloc(size + (size == 0)); // of its own size: ASan sees who reads on

    if (!copy)
        return 0;
    memcpy(copy, data, size);
    tds_network_read_offer(copy, size, &network);
    bool is_tls = size >= 2 && (data[0] == 0x15 || data[0] == 0x16) && data[1] == 0x03;
    must(network.reach == (expected >= 0 ? TDS_REACH_ANSWERS
                           : is_tls      ? TDS_REACH_TLS
                                         : TDS_REACH_NOT_TDS));
    must(expected < 0 || network.offer == (TdsOffer)expected);
    free(copy);
    return 0;
}
