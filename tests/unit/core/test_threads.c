/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <pthread.h>

#include "core/csrf.h"
#include "core/seal.h"
#include "core/token.h"
#include "core/totp.h"

#define THREADS 8
#define ROUNDS  200

/* What httpd's threads share of the core: the algorithms and the keys. */
struct shared {
    const struct cp2fa_crypto *crypto;
    const struct cp2fa_keyring *ring;
    pthread_barrier_t *start;
    int number;
    int right; /* rounds in which everything came out as it must */
};

static const struct cp2fa_totp usual = {CP2FA_TOTP_SHA1, 6, 30};
static const uint8_t secret[20] = "12345678901234567890";
static const struct cp2fa_part place[] = {{"device", 6}, {"alice", 5}};

/* A code of its own for each thread and round, among 13. */
static int finds_its_code(const struct shared *s, int64_t step)
{
    char code[CP2FA_TOTP_DIGITS_MAX + 1];
    uint64_t matches = 0;

    return cp2fa_totp_code(s->crypto, &usual, secret, 20, step, code) == 0
           && cp2fa_totp_match(s->crypto, &usual, secret, 20, step - 6, 13,
                               code, &matches) == 0
           && (matches >> 6 & 1);
}

static int opens_what_it_sealed(const struct shared *s, int round)
{
    uint8_t nonce[CP2FA_SEAL_NONCE_LEN] = {(uint8_t)s->number,
                                           (uint8_t)round};
    uint8_t plain[CP2FA_SEAL_PLAIN_MAX];
    char text[CP2FA_SEAL_TEXT_MAX];

    return cp2fa_seal_close(s->crypto, s->ring, nonce, place, 2, secret, 20,
                            text) == 0
           && cp2fa_seal_open(s->crypto, s->ring, text, place, 2, plain) == 20
           && memcmp(plain, secret, 20) == 0
           && cp2fa_seal_open(s->crypto, s->ring, text, place, 1, plain) == -1;
}

static int knows_its_form(const struct shared *s)
{
    const char user[] = {'u', (char)('0' + s->number), '\0'};
    char field[CP2FA_CSRF_TEXT + 1];

    return cp2fa_csrf_make(s->crypto, s->ring, "session", "realm", user,
                           field) == 0
           && cp2fa_csrf_check(s->crypto, s->ring, "session", "realm", user,
                               field) == 1
           && cp2fa_csrf_check(s->crypto, s->ring, "session", "realm", "u9",
                               field) == 0;
}

/* A ring of its own comes and goes, as at a graceful restart. */
static int reads_a_key_file(const struct shared *s)
{
    static const char text[] = "k2:" KEY_B "\n";
    struct cp2fa_keyring *ring = NULL;
    unsigned line;
    int good = cp2fa_keyring_parse(s->crypto, text, strlen(text), &ring, &line)
               == CP2FA_KEYRING_OK;

    good = good && strcmp(cp2fa_keyring_active(ring), "k2") == 0
           && cp2fa_keyring_key(s->ring, "k2", CP2FA_PURPOSE_SEAL) == NULL;
    cp2fa_keyring_free(ring);
    return good;
}

static void *work(void *arg)
{
    struct shared *s = arg;

    pthread_barrier_wait(s->start);
    for (int round = 0; round < ROUNDS; round++) {
        uint8_t token[CP2FA_TOKEN_LEN] = {(uint8_t)round};
        char hash[CP2FA_HASH_TEXT + 1];

        s->right += finds_its_code(s, 1000 * s->number + round + 7)
                    && opens_what_it_sealed(s, round) && knows_its_form(s)
                    && reads_a_key_file(s)
                    && cp2fa_token_hash(s->crypto, token, hash) == 0;
    }
    return NULL;
}

/* F24: `make tsan` runs this, too. Without a lock, since nothing is written. */
static void threads_share_the_algorithms_and_the_keys_unharmed(void **state)
{
    struct cp2fa_keyring *ring = ring_of(*state, "k1:" KEY_A ":active\n");
    struct shared shared[THREADS];
    pthread_t threads[THREADS];
    pthread_barrier_t start;

    pthread_barrier_init(&start, NULL, THREADS);
    for (int i = 0; i < THREADS; i++) {
        shared[i] = (struct shared){*state, ring, &start, i, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &shared[i]),
                         0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(shared[i].right, ROUNDS);
    }
    pthread_barrier_destroy(&start);
    cp2fa_keyring_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_share_the_algorithms_and_the_keys_unharmed),
    };

    return cmocka_run_group_tests(tests, with_crypto, without_crypto);
}
