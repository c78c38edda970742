/* SPDX-License-Identifier: Apache-2.0 */
/* A key file is a whole ring, or none and a line to look at. */
#include "fuzz.h"

static unsigned lines_of(const uint8_t *data, size_t size)
{
    unsigned count = 1;

    for (size_t i = 0; i < size; i++) {
        count += data[i] == '\n';
    }
    return count;
}

static void check_key(const struct cp2fa_keyring *ring, const char *id)
{
    const uint8_t *keys[CP2FA_PURPOSES];

    CHECK(strlen(id) > 0 && strlen(id) <= CP2FA_KEY_ID_MAX);
    CHECK(strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                     "0123456789_-")
          == strlen(id));
    for (unsigned i = 0; i < CP2FA_PURPOSES; i++) {
        keys[i] = cp2fa_keyring_key(ring, id, (enum cp2fa_purpose)i);
        CHECK(keys[i]);
        for (unsigned j = 0; j < i; j++) {
            CHECK(memcmp(keys[i], keys[j], CP2FA_KEY_LEN) != 0);
        }
    }
}

static void check_ring(const struct cp2fa_keyring *ring)
{
    const char *id;
    size_t count = 0;
    unsigned active = 0;

    while ((id = cp2fa_keyring_id(ring, count)) != NULL) {
        check_key(ring, id);
        for (size_t i = 0; i < count; i++) {
            CHECK(strcmp(cp2fa_keyring_id(ring, i), id) != 0);
        }
        active += !strcmp(cp2fa_keyring_active(ring), id);
        count++;
    }
    CHECK(count >= 1 && count <= CP2FA_KEYS_MAX && active == 1);
    CHECK(!cp2fa_keyring_key(ring, "", CP2FA_PURPOSE_SEAL));
}

/* The file that the module makes itself. */
static void check_format(const uint8_t *data, size_t size)
{
    uint8_t key[CP2FA_KEY_LEN] = {0};
    char text[CP2FA_KEYFILE_MAX];
    struct cp2fa_keyring *ring;
    unsigned line;
    int n;

    if (size > 0) {
        memcpy(key, data, size < sizeof(key) ? size : sizeof(key));
    }
    n = cp2fa_keyring_format("k1", key, text, sizeof(text));
    CHECK(n > 0 && strlen(text) == (size_t)n);
    CHECK(cp2fa_keyring_parse(fuzz_crypto(), text, (size_t)n, &ring, &line)
          == CP2FA_KEYRING_OK);
    CHECK(!strcmp(cp2fa_keyring_active(ring), "k1"));
    cp2fa_keyring_free(ring);
    CHECK(cp2fa_keyring_format("k1", key, text, (size_t)n) == -1);
}

/* A rotation's change to a file that was read: the keys are the same, one is
 * active. */
static void check_rewrite(const uint8_t *data, size_t size,
                          const struct cp2fa_keyring *ring)
{
    char *out = fuzz_alloc(size + 32);
    const char *first = cp2fa_keyring_id(ring, 0);
    struct cp2fa_keyring *after;
    unsigned line;
    int n = cp2fa_keyring_rewrite((const char *)data, size, first, NULL, NULL,
                                  NULL, out, size + 32);

    CHECK(n > 0);
    CHECK(cp2fa_keyring_parse(fuzz_crypto(), out, (size_t)n, &after, &line)
          == CP2FA_KEYRING_OK);
    CHECK(!strcmp(cp2fa_keyring_active(after), first));
    for (size_t i = 0; cp2fa_keyring_id(ring, i); i++) {
        const char *id = cp2fa_keyring_id(ring, i);

        CHECK(!strcmp(cp2fa_keyring_id(after, i), id));
        CHECK(!memcmp(cp2fa_keyring_key(after, id, CP2FA_PURPOSE_SEAL),
                      cp2fa_keyring_key(ring, id, CP2FA_PURPOSE_SEAL),
                      CP2FA_KEY_LEN));
    }
    cp2fa_keyring_free(after);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cp2fa_keyring *ring;
    unsigned line;
    enum cp2fa_keyring_error error = cp2fa_keyring_parse(
        fuzz_crypto(), (const char *)data, size, &ring, &line);

    CHECK(*cp2fa_keyring_strerror(error));
    if (error == CP2FA_KEYRING_OK) {
        CHECK(ring && line == 0);
        check_ring(ring);
        check_rewrite(data, size, ring);
    }
    else {
        CHECK(!ring && line <= lines_of(data, size));
    }
    cp2fa_keyring_free(ring);
    check_format(data, size);
    return 0;
}
