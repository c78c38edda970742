/* SPDX-License-Identifier: Apache-2.0 */
/* Four lines: a session, a realm, a user, and a field that came back. */
#include "fuzz.h"

#include "core/csrf.h"

static int checked(const char *session, const char *realm, const char *user,
                   const char *field)
{
    return cp2fa_csrf_check(fuzz_crypto(), fuzz_ring(), session, realm, user,
                            field);
}

static void check_elsewhere(const char *session, const char *realm,
                            const char *user, const char *field)
{
    size_t size = strlen(session) + strlen(realm) + strlen(user) + 2;
    char *longer = fuzz_alloc(size);

    snprintf(longer, size, "%s%s", session, realm);
    CHECK(!*realm || !checked(longer, "", user, field));
    snprintf(longer, size, "%s%s", realm, user);
    CHECK(!*user || !checked(session, longer, "", field));
    snprintf(longer, size, "%sx", user);
    CHECK(!checked(session, realm, longer, field));
    CHECK(!strcmp(realm, user) || !checked(session, user, realm, field));
    free(longer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *session = fuzz_line(&data, &size);
    char *realm = fuzz_line(&data, &size);
    char *user = fuzz_line(&data, &size);
    char *foreign = fuzz_text(data, size);
    char field[CP2FA_CSRF_TEXT + 1];
    char longer[CP2FA_CSRF_TEXT + 2];

    CHECK(
        cp2fa_csrf_make(fuzz_crypto(), fuzz_ring(), session, realm, user, field)
        == 0);
    CHECK(strspn(field, "0123456789abcdef") == CP2FA_CSRF_TEXT);
    CHECK(checked(session, realm, user, field));
    CHECK(!strcmp(foreign, field) || !checked(session, realm, user, foreign));
    check_elsewhere(session, realm, user, field);
    snprintf(longer, sizeof(longer), "%s%c", field, *foreign ? *foreign : '0');
    CHECK(!checked(session, realm, user, longer));
    /* one digit changed; all of them would take too long for one input */
    field[size % CP2FA_CSRF_TEXT] ^= 1;
    CHECK(!checked(session, realm, user, field));
    free(foreign);
    free(user);
    free(realm);
    free(session);
    return 0;
}
