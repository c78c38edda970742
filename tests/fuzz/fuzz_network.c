/* SPDX-License-Identifier: Apache-2.0 */
/* Whom an address stands for: a customer's addresses are one. */
#include "fuzz.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "core/network.h"

static void check_neighbour(struct in6_addr address, const char *network)
{
    char text[INET6_ADDRSTRLEN];
    char other[CP2FA_NETWORK_MAX];
    int mapped = IN6_IS_ADDR_V4MAPPED(&address);

    address.s6_addr[15] ^= 1;
    CHECK(inet_ntop(AF_INET6, &address, text, sizeof(text)));
    cp2fa_network_of(text, other);
    CHECK(mapped == (strcmp(network, other) != 0));
    address.s6_addr[8] ^= 1; /* the first byte of an interface */
    CHECK(inet_ntop(AF_INET6, &address, text, sizeof(text)));
    cp2fa_network_of(text, other);
    CHECK(mapped || !strcmp(network, other));
    address.s6_addr[7] ^= 1; /* the last one of a network */
    CHECK(inet_ntop(AF_INET6, &address, text, sizeof(text)));
    cp2fa_network_of(text, other);
    CHECK(strcmp(network, other) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *address = fuzz_text(data, size);
    char *network = fuzz_alloc(CP2FA_NETWORK_MAX);
    char again[CP2FA_NETWORK_MAX];
    struct in6_addr v6;

    memset(network, 0xa5, CP2FA_NETWORK_MAX);
    cp2fa_network_of(address, network);
    CHECK(strnlen(network, CP2FA_NETWORK_MAX) < CP2FA_NETWORK_MAX);
    cp2fa_network_of(network, again);
    CHECK(!strcmp(network, again));
    if (inet_pton(AF_INET6, address, &v6) == 1) {
        CHECK(IN6_IS_ADDR_V4MAPPED(&v6) == !strstr(network, "/64"));
        check_neighbour(v6, network);
    }
    else {
        CHECK(strncmp(network, address, CP2FA_NETWORK_MAX - 1) == 0);
    }
    free(network);
    free(address);
    return 0;
}
