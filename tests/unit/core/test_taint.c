/* SPDX-License-Identifier: Apache-2.0 */
/* RTLD_NEXT */
#define _GNU_SOURCE
#include "support.h"

#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <valgrind/memcheck.h>

#include <openssl/crypto.h>

#include "core/totp.h"

/* Under valgrind (`make memcheck`, which `make test` runs), what the one who
 * guesses must not learn is marked as undefined, as ctgrind does: from then
 * on, memcheck reports each jump and each address that depends on it. Marked
 * are the codes as they are compared, not the secret: RFC 4226's truncation
 * takes an index out of the HMAC, and so would be reported itself. Without
 * valgrind the marks are nothing. */

static const struct cp2fa_totp usual = {CP2FA_TOTP_SHA1, 6, 30};
static const uint8_t secret[20] = "12345678901234567890";

static int compared; /* codes that came by */
static int is_naive; /* compare them with an early exit instead */

/* Stands before libcrypto's, which does the work. */
int CRYPTO_memcmp(const void *a, const void *b, size_t n);
int CRYPTO_memcmp(const void *a, const void *b, size_t n)
{
    static int (*real)(const void *, const void *, size_t);
    const char *code = a, *token = b;

    if (!real) {
        *(void **)&real = dlsym(RTLD_NEXT, "CRYPTO_memcmp");
    }
    compared++;
    (void)VALGRIND_MAKE_MEM_UNDEFINED(a, n);
    if (!is_naive) {
        return real(a, b, n);
    }
    for (size_t i = 0; i < n; i++) {
        if (code[i] != token[i]) {
            return 1;
        }
    }
    return 0;
}

static uint64_t matches_of(void **state, const char *token)
{
    uint64_t matches = 0;

    assert_int_equal(cp2fa_totp_match(*state, &usual, secret, 20, 100, 13,
                                      token, &matches),
                     0);
    (void)VALGRIND_MAKE_MEM_DEFINED(&matches, sizeof(matches));
    return matches;
}

/* OTP-12: of no code in the window is it asked which digits are right. */
static void no_jump_depends_on_a_code_that_a_token_is_compared_with(void **s)
{
    static const int steps[] = {0, 5, 6, 7, 12, -1, 13};
    unsigned before = (unsigned)VALGRIND_COUNT_ERRORS;

    for (size_t i = 0; i < COUNT(steps); i++) {
        char token[CP2FA_TOTP_DIGITS_MAX + 1];
        int is_inside = steps[i] >= 0 && steps[i] < 13;

        assert_int_equal(cp2fa_totp_code(*s, &usual, secret, 20,
                                         100 + steps[i], token),
                         0);
        compared = 0;
        assert_int_equal(matches_of(s, token),
                         is_inside ? UINT64_C(1) << steps[i] : 0);
        assert_int_equal(compared, 13);
    }
    assert_int_equal(VALGRIND_COUNT_ERRORS, before);
}

static void no_jump_depends_on_bytes_compared_as_secrets(void **state)
{
    char right[] = "0123456789abcdef0123456789abcdef";
    unsigned before = (unsigned)VALGRIND_COUNT_ERRORS;

    (void)state;
    for (size_t n = 0; n <= 32; n++) {
        char ours[] = "0123456789abcdef0123456789abcdef";
        int equal = cp2fa_bytes_equal(ours, right, n);

        (void)VALGRIND_MAKE_MEM_DEFINED(&equal, sizeof(equal));
        assert_int_equal(equal, 1);
    }
    assert_int_equal(VALGRIND_COUNT_ERRORS, before);
}

/* What an early exit would come to: valgrind ends the child with an error. */
static void a_comparison_with_an_early_exit_would_be_noticed(void **state)
{
    int status;
    pid_t child;

    if (!RUNNING_ON_VALGRIND) {
        is_naive = 1;
        assert_int_equal(matches_of(state, "000000"), 0);
        is_naive = 0;
        return;
    }
    child = fork();
    if (child == 0) {
        uint64_t matches;

        is_naive = 1;
        (void)!cp2fa_totp_match(*state, &usual, secret, 20, 100, 13, "000000",
                                &matches);
        _exit(VALGRIND_COUNT_ERRORS ? 77 : 0);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            no_jump_depends_on_a_code_that_a_token_is_compared_with),
        cmocka_unit_test(no_jump_depends_on_bytes_compared_as_secrets),
        cmocka_unit_test(a_comparison_with_an_early_exit_would_be_noticed),
    };

    return cmocka_run_group_tests(tests, with_crypto, without_crypto);
}
