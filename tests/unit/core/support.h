/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_TESTS_UNIT_CORE_SUPPORT_H
#define CP2FA_TESTS_UNIT_CORE_SUPPORT_H

/* What the tests of the core share; cmocka.h wants the first four. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/crypto.h"
#include "core/keyring.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Two keys of 32 bytes in base64: "0123…" and 32 times 0xff. */
#define KEY_A "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY="
#define KEY_B "//////////////////////////////////////////8="

/** A copy that ends where it ends: ASan sees a read behind it. */
static inline char *exact_copy(const char *text, size_t len)
{
    char *copy = malloc(len);

    assert_non_null(copy);
    memcpy(copy, text, len);
    return copy;
}

/** A group's set-up and tear-down: *state holds the algorithms. */
static inline int with_crypto(void **state)
{
    *state = cp2fa_crypto_new();
    return *state ? 0 : -1;
}

static inline int without_crypto(void **state)
{
    cp2fa_crypto_free(*state);
    return 0;
}

/** The ring of a key file that must be good. */
static inline struct cp2fa_keyring *ring_of(const struct cp2fa_crypto *crypto,
                                            const char *text)
{
    struct cp2fa_keyring *ring;
    unsigned line;

    assert_int_equal(cp2fa_keyring_parse(crypto, text, strlen(text), &ring,
                                         &line),
                     CP2FA_KEYRING_OK);
    assert_non_null(ring);
    return ring;
}

#endif
