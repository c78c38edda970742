/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <openssl/crypto.h>

#include "core/csrf.h"
#include "core/seal.h"
#include "core/token.h"
#include "core/totp.h"

static long countdown; /* allocations until one fails; 0: none fails */
static int for_good;
static int failed;

static int fails(void)
{
    if (countdown == 0 || (countdown > 1 && --countdown > 0)) {
        return 0;
    }
    countdown = for_good;
    failed = 1;
    return 1;
}

static void *meagre_malloc(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : malloc(n);
}

static void *meagre_realloc(void *old, size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : realloc(old, n);
}

static void meagre_free(void *old, const char *file, int line)
{
    (void)file;
    (void)line;
    free(old);
}

static const struct cp2fa_totp usual = {CP2FA_TOTP_SHA1, 6, 30};
static const uint8_t secret[20] = "12345678901234567890";
static const uint8_t nonce[CP2FA_SEAL_NONCE_LEN] = "nonce-of-12b";
static const struct cp2fa_part place[] = {{"device", 6}, {"alice", 5}};
static const struct cp2fa_part other[] = {{"device", 6}, {"mallory", 7}};

struct fixture {
    struct cp2fa_crypto *crypto;
    struct cp2fa_keyring *ring;
    char code[CP2FA_TOTP_DIGITS_MAX + 1];
    char sealed[CP2FA_SEAL_TEXT_MAX];
};

/* Each says 1 if it went as it does with memory enough, 0 for an error, and
 * fails the test for a wrong yes. */

static int right_token(struct fixture *f)
{
    uint64_t matches;
    int rv = cp2fa_totp_match(f->crypto, &usual, secret, 20, 100, 13, f->code,
                              &matches);

    assert_true(rv == 0 ? matches == 1 << 6 : matches == 0);
    return rv == 0;
}

static int wrong_token(struct fixture *f)
{
    uint64_t matches;
    int rv = cp2fa_totp_match(f->crypto, &usual, secret, 20, 107, 13, f->code,
                              &matches);

    assert_int_equal(matches, 0);
    return rv == 0;
}

static int own_secret(struct fixture *f)
{
    uint8_t plain[CP2FA_SEAL_PLAIN_MAX];
    int len = cp2fa_seal_open(f->crypto, f->ring, f->sealed, place, 2, plain);

    assert_true(len == -1 || (len == 20 && memcmp(plain, secret, 20) == 0));
    return len == 20;
}

static int moved_secret(struct fixture *f)
{
    uint8_t plain[CP2FA_SEAL_PLAIN_MAX];

    assert_int_equal(cp2fa_seal_open(f->crypto, f->ring, f->sealed, other, 2,
                                     plain),
                     -1);
    return !failed;
}

static int new_secret(struct fixture *f)
{
    char text[CP2FA_SEAL_TEXT_MAX];
    int rv = cp2fa_seal_close(f->crypto, f->ring, nonce, place, 2, secret, 20,
                              text);

    if (rv == 0) {
        assert_string_equal(text, f->sealed);
    }
    return rv == 0;
}

static int key_file(struct fixture *f)
{
    static const char text[] = "k1:" KEY_A ":active\n";
    struct cp2fa_keyring *ring = NULL;
    unsigned line;
    int good = cp2fa_keyring_parse(f->crypto, text, strlen(text), &ring, &line)
               == CP2FA_KEYRING_OK;

    assert_int_equal(good, ring != NULL);
    cp2fa_keyring_free(ring);
    return good;
}

static int algorithms(struct fixture *f)
{
    struct cp2fa_crypto *crypto = cp2fa_crypto_new();

    (void)f;
    cp2fa_crypto_free(crypto);
    return crypto != NULL;
}

static int form_field(struct fixture *f)
{
    char field[CP2FA_CSRF_TEXT + 1];

    if (cp2fa_csrf_make(f->crypto, f->ring, "session", "realm", "alice",
                        field) != 0) {
        return 0;
    }
    return cp2fa_csrf_check(f->crypto, f->ring, "session", "realm", "alice",
                            field);
}

static int session_hash(struct fixture *f)
{
    static const uint8_t token[CP2FA_TOKEN_LEN] = {1};
    char hash[CP2FA_HASH_TEXT + 1];

    return cp2fa_token_hash(f->crypto, token, hash) == 0;
}

/* F19: libcrypto's k-th allocation fails, or all from the k-th on, for every
 * k until a scenario needs no more: an error then, never a yes. */
static void memory_that_ends_is_an_error_and_never_a_yes(void **state)
{
    static int (*const scenarios[])(struct fixture *) = {
        right_token,  wrong_token, own_secret,   moved_secret,
        new_secret,   key_file,    algorithms,   form_field,
        session_hash,
    };

    for (size_t i = 0; i < COUNT(scenarios) * 2; i++) {
        int went_well;
        long k = 0;

        for_good = i % 2;
        do {
            failed = 0;
            countdown = ++k;
            went_well = scenarios[i / 2](*state);
            countdown = 0;
        } while (failed);
        assert_true(went_well);
        assert_in_range(k, i / 2 < 8 ? 2 : 1, 10000);
        failed = 0;
        assert_true(scenarios[i / 2](*state)); /* nothing stays broken */
    }
}

static int set_up(void **state)
{
    static struct fixture f;

    if (with_crypto((void **)&f.crypto) != 0
        || cp2fa_totp_code(f.crypto, &usual, secret, 20, 106, f.code) != 0) {
        return -1;
    }
    f.ring = ring_of(f.crypto, "k1:" KEY_A ":active\n");
    *state = &f;
    return cp2fa_seal_close(f.crypto, f.ring, nonce, place, 2, secret, 20,
                            f.sealed);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    cp2fa_keyring_free(f->ring);
    cp2fa_crypto_free(f->crypto);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_that_ends_is_an_error_and_never_a_yes),
    };

    if (!CRYPTO_set_mem_functions(meagre_malloc, meagre_realloc,
                                  meagre_free)) {
        return 1;
    }
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
