/* SPDX-License-Identifier: Apache-2.0 */
#include "core/address.h"

#include <string.h>

#define LOCAL_MAX 64 /* RFC 5321 4.5.3.1.1 */
#define LABEL_MAX 63 /* RFC 1035 2.3.4 */
#define ALNUM     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* Of RFC 5322's atext: not what shells, old mailers and routes act on. */
static int is_local(const char *text, size_t len)
{
    if (len == 0 || len > LOCAL_MAX
        || strspn(text, ALNUM ".!#&'*+-=_~") < len) {
        return 0;
    }
    /* a leading dash would be an option to a mailer */
    if (text[0] == '-' || text[0] == '.' || text[len - 1] == '.') {
        return 0;
    }
    for (size_t i = 1; i < len; i++) {
        if (text[i] == '.' && text[i - 1] == '.') {
            return 0;
        }
    }
    return 1;
}

static int is_host(const char *text)
{
    while (*text) {
        size_t len = strspn(text, ALNUM "-");

        if (len == 0 || len > LABEL_MAX || text[0] == '-'
            || text[len - 1] == '-' || (text[len] != '\0' && text[len] != '.')
            || (text[len] == '.' && text[len + 1] == '\0')) {
            return 0;
        }
        text += len + (text[len] == '.');
    }
    return 1;
}

int cp2fa_address_valid(const char *text)
{
    const char *at = strchr(text, '@');

    return at && strlen(text) <= CP2FA_ADDRESS_MAX && at[1] != '\0'
           && is_local(text, (size_t)(at - text)) && is_host(at + 1);
}

const char *cp2fa_address_domain(const char *address)
{
    return strchr(address, '@') + 1;
}
