/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_TESTS_FUZZ_FUZZ_H
#define CP2FA_TESTS_FUZZ_FUZZ_H

/* What the fuzz targets share. A target is one function, called with bytes by
 * libFuzzer or by replay.c; it aborts when something that must hold doesn't. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/crypto.h"
#include "core/keyring.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(holds)                                                           \
    do {                                                                       \
        if (!(holds)) {                                                        \
            fprintf(stderr, "ERROR: %s:%d: %s\n", __FILE__, __LINE__, #holds); \
            abort();                                                           \
        }                                                                      \
    } while (0)

/* Two keys of 32 bytes in base64; their ids differ by a bit. */
#define FUZZ_KEYS                                                              \
    "a:MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=:active\n"                  \
    "c://////////////////////////////////////////8=\n"

/** Memory that ends where it ends: ASan sees a touch behind it. To be freed. */
static inline void *fuzz_alloc(size_t size)
{
    void *made = malloc(size > 0 ? size : 1);

    CHECK(made);
    return made;
}

/** Memory to be written over, in which nothing that was there is kept. */
static inline void *fuzz_realloc(void *old, size_t size)
{
    free(old);
    return fuzz_alloc(size);
}

/** A copy with a NUL behind it. To be freed. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
    char *text = fuzz_alloc(size + 1);

    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    return text;
}

/** Cuts off the first line, without its end. A copy, to be freed. */
static inline char *fuzz_line(const uint8_t **data, size_t *size)
{
    const uint8_t *end = *size > 0 ? memchr(*data, '\n', *size) : NULL;
    size_t len = end ? (size_t)(end - *data) : *size;
    char *line = fuzz_text(*data, len);

    len += end != NULL;
    *data += len;
    *size -= len;
    return line;
}

/** The algorithms, and a ring of FUZZ_KEYS; made once, for all inputs. */
static inline const struct cp2fa_crypto *fuzz_crypto(void)
{
    static struct cp2fa_crypto *crypto;

    if (!crypto) {
        crypto = cp2fa_crypto_new();
        CHECK(crypto);
    }
    return crypto;
}

static inline const struct cp2fa_keyring *fuzz_ring(void)
{
    static struct cp2fa_keyring *ring;
    unsigned line;

    if (!ring) {
        CHECK(cp2fa_keyring_parse(fuzz_crypto(), FUZZ_KEYS, strlen(FUZZ_KEYS),
                                  &ring, &line)
              == CP2FA_KEYRING_OK);
    }
    return ring;
}

#endif
