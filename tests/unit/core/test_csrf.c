/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <ctype.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/csrf.h"

#define RING_A "k1:" KEY_A
#define RING_B "k2:" KEY_B

/* The field of "session", "realm", "alice" in a ring, and what a check of a
 * field in a ring says. */
static void make(void **state, const char *keys,
                 char field[CP2FA_CSRF_TEXT + 1])
{
    struct cp2fa_keyring *ring = ring_of(*state, keys);

    assert_int_equal(cp2fa_csrf_make(*state, ring, "session", "realm",
                                     "alice", field),
                     0);
    cp2fa_keyring_free(ring);
}

static int check(void **state, const char *keys, const char *field)
{
    struct cp2fa_keyring *ring = ring_of(*state, keys);
    int good = cp2fa_csrf_check(*state, ring, "session", "realm", "alice",
                                field);

    cp2fa_keyring_free(ring);
    return good;
}

static void a_field_is_64_lower_case_hex_digits_and_good_at_home(void **state)
{
    char field[CP2FA_CSRF_TEXT + 1];
    char again[CP2FA_CSRF_TEXT + 1];

    make(state, RING_A, field);
    assert_int_equal(strlen(field), CP2FA_CSRF_TEXT);
    assert_int_equal(strspn(field, "0123456789abcdef"), CP2FA_CSRF_TEXT);
    assert_int_equal(check(state, RING_A, field), 1);
    make(state, RING_A, again);
    assert_string_equal(field, again);
}

/* CSRF-01: another user's, another session's, another realm's */
static void a_field_is_worth_nothing_elsewhere(void **state)
{
    static const struct {
        const char *session, *realm, *user;
    } rows[] = {
        {"session", "realm", "bob"},    {"session", "realm", "Alice"},
        {"session", "realm", ""},       {"session", "Realm", "alice"},
        {"session", "", "alice"},       {"sessioN", "realm", "alice"},
        {"", "realm", "alice"},         {"session2", "realm", "alice"},
        {"realm", "session", "alice"},  {"session", "alice", "realm"},
        {"sessionr", "ealm", "alice"},  {"session", "realma", "lice"},
        {"sessio", "nrealm", "alice"},  {"sessionrealmalice", "", ""},
        {"", "", "sessionrealmalice"},  {"", "", ""},
    };
    struct cp2fa_keyring *ring = ring_of(*state, RING_A);
    char field[CP2FA_CSRF_TEXT + 1];

    make(state, RING_A, field);
    for (size_t i = 0; i < COUNT(rows); i++) {
        char other[CP2FA_CSRF_TEXT + 1];

        assert_int_equal(cp2fa_csrf_check(*state, ring, rows[i].session,
                                          rows[i].realm, rows[i].user, field),
                         0);
        assert_int_equal(cp2fa_csrf_make(*state, ring, rows[i].session,
                                         rows[i].realm, rows[i].user, other),
                         0);
        assert_string_not_equal(field, other);
        assert_int_equal(check(state, RING_A, other), 0);
    }
    cp2fa_keyring_free(ring);
}

static void a_field_with_one_digit_changed_is_refused(void **state)
{
    char field[CP2FA_CSRF_TEXT + 1];

    make(state, RING_A, field);
    for (size_t i = 0; i < CP2FA_CSRF_TEXT; i++) {
        char kept = field[i];

        field[i] = kept == '0' ? '1' : '0';
        assert_int_equal(check(state, RING_A, field), 0);
        field[i] = (char)(kept ^ 0x20);
        assert_int_equal(check(state, RING_A, field), 0);
        field[i] = kept;
    }
    assert_int_equal(check(state, RING_A, field), 1);
}

static void a_field_of_another_length_is_refused(void **state)
{
    char field[CP2FA_CSRF_TEXT + 1];
    char text[8192];

    make(state, RING_A, field);
    for (size_t len = 0; len < CP2FA_CSRF_TEXT; len++) {
        char *cut = exact_copy(field, len + 1);

        cut[len] = '\0';
        assert_int_equal(check(state, RING_A, cut), 0);
        free(cut);
    }
    strcpy(text, field);
    strcat(text, "0");
    assert_int_equal(check(state, RING_A, text), 0);
    memset(text + CP2FA_CSRF_TEXT, 'a', sizeof(text) - CP2FA_CSRF_TEXT - 1);
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(check(state, RING_A, text), 0);
}

/* libcrypto compares, and ASan is blind there: a page nobody may read. */
static void a_short_field_is_not_read_beyond_its_nul(void **state)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *pages = aligned_alloc(page, 2 * page);

    assert_non_null(pages);
    memset(pages, 'a', page);
    pages[page - 1] = '\0';
    assert_int_equal(mprotect(pages + page, page, PROT_NONE), 0);
    for (size_t len = 0; len < CP2FA_CSRF_TEXT; len++) {
        assert_int_equal(check(state, RING_A, pages + page - 1 - len), 0);
    }
    assert_int_equal(mprotect(pages + page, page, PROT_READ | PROT_WRITE), 0);
    free(pages);
}

static void upper_case_is_another_field(void **state)
{
    char field[CP2FA_CSRF_TEXT + 1];

    make(state, RING_A, field);
    assert_true(strpbrk(field, "abcdef") != NULL);
    for (char *c = field; *c; c++) {
        *c = (char)toupper((unsigned char)*c);
    }
    assert_int_equal(check(state, RING_A, field), 0);
}

/* CRY-04: "under any key of the ring" */
static void a_form_shown_before_a_rotation_is_good_after_it(void **state)
{
    char field[CP2FA_CSRF_TEXT + 1];

    make(state, RING_A, field);
    assert_int_equal(check(state, RING_A "\n" RING_B ":active\n", field), 1);
    assert_int_equal(check(state, RING_B ":active\n" RING_A "\n", field), 1);
    assert_int_equal(check(state, RING_B, field), 0);
}

static void the_active_key_makes_the_field(void **state)
{
    char field[CP2FA_CSRF_TEXT + 1];

    make(state, RING_A "\n" RING_B ":active\n", field);
    assert_int_equal(check(state, RING_B, field), 1);
    assert_int_equal(check(state, RING_A, field), 0);
}

/* A MAC made for one purpose must not serve another. */
static void only_the_key_for_csrf_makes_a_field(void **state)
{
    struct cp2fa_keyring *ring = ring_of(*state, RING_A);
    const struct cp2fa_part parts[] = {
        {"session", 7}, {"realm", 5}, {"alice", 5},
    };

    for (int p = 0; p < CP2FA_PURPOSES; p++) {
        uint8_t mac[CP2FA_SHA256_LEN];
        char field[CP2FA_CSRF_TEXT + 1];

        assert_int_equal(
            cp2fa_crypto_mac(*state,
                             cp2fa_keyring_key(ring, "k1",
                                               (enum cp2fa_purpose)p),
                             parts, 3, mac),
            0);
        cp2fa_bytes_to_hex(mac, sizeof(mac), field);
        assert_int_equal(check(state, RING_A, field),
                         p == CP2FA_PURPOSE_CSRF);
    }
    cp2fa_keyring_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_field_is_64_lower_case_hex_digits_and_good_at_home),
        cmocka_unit_test(a_field_is_worth_nothing_elsewhere),
        cmocka_unit_test(a_field_with_one_digit_changed_is_refused),
        cmocka_unit_test(a_field_of_another_length_is_refused),
        cmocka_unit_test(a_short_field_is_not_read_beyond_its_nul),
        cmocka_unit_test(upper_case_is_another_field),
        cmocka_unit_test(a_form_shown_before_a_rotation_is_good_after_it),
        cmocka_unit_test(the_active_key_makes_the_field),
        cmocka_unit_test(only_the_key_for_csrf_makes_a_field),
    };

    return cmocka_run_group_tests(tests, with_crypto, without_crypto);
}
