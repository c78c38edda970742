/* SPDX-License-Identifier: Apache-2.0 */
#include "core/network.h"

#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>

void cp2fa_network_of(const char *address, char out[CP2FA_NETWORK_MAX])
{
    struct in6_addr v6;
    char text[INET6_ADDRSTRLEN] = "";

    if (inet_pton(AF_INET6, address, &v6) != 1) {
        snprintf(out, CP2FA_NETWORK_MAX, "%s", address);
    }
    else if (IN6_IS_ADDR_V4MAPPED(&v6)) {
        inet_ntop(AF_INET, v6.s6_addr + 12, out, CP2FA_NETWORK_MAX);
    }
    else {
        memset(v6.s6_addr + 8, 0, 8);
        inet_ntop(AF_INET6, &v6, text, sizeof(text));
        snprintf(out, CP2FA_NETWORK_MAX, "%s/64", text);
    }
}
