/* SPDX-License-Identifier: Apache-2.0 */
/* An address that was taken is harmless in a header, in SMTP and as an
 * argument; and one is taken exactly if it has the form of one. */
#include "fuzz.h"

#include <regex.h>

#include "core/address.h"

#define ATOM "[A-Za-z0-9!#&'*+=_~-]+"
#define FORM                                                                   \
    "^" ATOM "(\\." ATOM ")*@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"           \
    "(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$"

static int has_form(const char *text)
{
    static regex_t form;
    static int made;

    if (!made) {
        CHECK(regcomp(&form, FORM, REG_EXTENDED | REG_NOSUB) == 0);
        made = 1;
    }
    return regexec(&form, text, 0, NULL, 0) == 0;
}

static int is_short(const char *text)
{
    const char *at = strchr(text, '@');

    if (!at || at - text > 64 || strlen(text) > CP2FA_ADDRESS_MAX) {
        return 0;
    }
    for (at++; *at; at += at[0] == '.') {
        size_t label = strcspn(at, ".");

        if (label > 63) {
            return 0;
        }
        at += label;
    }
    return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);

    if (cp2fa_address_valid(text)) {
        CHECK(text[0] != '-' && has_form(text) && is_short(text));
        CHECK(cp2fa_address_domain(text)[-1] == '@');
        CHECK(!strpbrk(text, " \t\r\n\"\\<>(),;:[]%`$|/{}^?"));
    }
    else {
        CHECK(text[0] == '-' || !is_short(text) || !has_form(text));
    }
    free(text);
    return 0;
}
