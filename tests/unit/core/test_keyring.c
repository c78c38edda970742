/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>

/* HKDF-SHA-256 (RFC 5869) of KEY_A without salt, info "mod_cp2fa seal" and
 * so on, by an independent program (Python's hmac). Change one, and no
 * database sealed before opens any more. */
static const char *const derived_from_a[CP2FA_PURPOSES] = {
    [CP2FA_PURPOSE_SEAL] = "cbfdac5200dd6256a108585b2cff9f21"
                           "a6a0dd60eebc000efa3989a62e1953f1",
    [CP2FA_PURPOSE_CSRF] = "17adf7d03e015732cfe3d7ddf8573852"
                           "2099c34c01b0a61731b32e4e52c0193b",
    [CP2FA_PURPOSE_TOKEN] = "cbf014d7a31f84796f852135fbd5f34c"
                            "349e542e8f7a0f4599f8d40bf0ee98ec",
    [CP2FA_PURPOSE_SESSION] = "0234e97bfcf6bbf6535dd870bdbdc9aa"
                              "05250b17abe0e07cb0db97f9b505abaf",
};

static enum cp2fa_keyring_error parse(void **state, const char *text,
                                      size_t len,
                                      struct cp2fa_keyring **ring,
                                      unsigned *line)
{
    char *file = exact_copy(text, len); /* a file has no NUL behind it */
    enum cp2fa_keyring_error error;

    *line = 4711;
    error = cp2fa_keyring_parse(*state, file, len, ring, line);
    free(file);
    return error;
}

static void good_files_name_their_active_key(void **state)
{
    static const struct {
        const char *text, *active;
        size_t count;
    } rows[] = {
        {"k1:" KEY_A, "k1", 1},
        {"k1:" KEY_A "\n", "k1", 1},
        {"k1:" KEY_A ":active", "k1", 1},
        {"k1:" KEY_A ":active\n", "k1", 1},
        {"\n\n# new\n#\nk1:" KEY_A "\n\n# end", "k1", 1},
        {"k1:" KEY_A "\nk2:" KEY_B ":active\n", "k2", 2},
        {"k1:" KEY_A ":active\nk2:" KEY_B "\n", "k1", 2},
        {"k1:" KEY_A "\nK1:" KEY_A ":active\n", "K1", 2},
        {"k:" KEY_A "\nk1:" KEY_B ":active\n", "k1", 2},
        {"k11:" KEY_A "\nk1:" KEY_B ":active\n", "k1", 2},
        {"_-09azAZ:" KEY_A, "_-09azAZ", 1},
        {"active:" KEY_A, "active", 1},
        {"0123456789abcdef:" KEY_A, "0123456789abcdef", 1},
        {"#k0:" KEY_B ":active\nk1:" KEY_A ":active\n", "k1", 1},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cp2fa_keyring *ring;
        unsigned line;

        if (parse(state, rows[i].text, strlen(rows[i].text), &ring, &line)
            != CP2FA_KEYRING_OK) {
            fail_msg("row %zu was refused at line %u", i, line);
        }
        assert_string_equal(cp2fa_keyring_active(ring), rows[i].active);
        assert_non_null(cp2fa_keyring_id(ring, rows[i].count - 1));
        assert_null(cp2fa_keyring_id(ring, rows[i].count));
        assert_null(cp2fa_keyring_id(ring, SIZE_MAX));
        cp2fa_keyring_free(ring);
    }
}

/* CRY-03: one clear line about the very line at fault */
static void bad_files_are_refused_with_the_line_at_fault(void **state)
{
    static const struct {
        const char *text;
        size_t len; /* 0: up to the NUL */
        enum cp2fa_keyring_error error;
        unsigned line;
    } rows[] = {
        {"", 0, CP2FA_KEYRING_EMPTY, 0},
        {"\n\n", 0, CP2FA_KEYRING_EMPTY, 0},
        {"# k1:" KEY_A, 0, CP2FA_KEYRING_EMPTY, 0},
        {"k1", 0, CP2FA_KEYRING_SYNTAX, 1},
        {KEY_A "\n", 0, CP2FA_KEYRING_SYNTAX, 1},
        {" \nk1:" KEY_A, 0, CP2FA_KEYRING_SYNTAX, 1},
        {"k1:" KEY_A ":", 0, CP2FA_KEYRING_SYNTAX, 1},
        {"k1:" KEY_A ":Active", 0, CP2FA_KEYRING_SYNTAX, 1},
        {"k1:" KEY_A ":activ", 0, CP2FA_KEYRING_SYNTAX, 1},
        {"k1:" KEY_A ":activE", 0, CP2FA_KEYRING_SYNTAX, 1},
        {"k1:" KEY_A ":active:", 0, CP2FA_KEYRING_SYNTAX, 1},
        {"k1:" KEY_A ":active \n", 0, CP2FA_KEYRING_SYNTAX, 1},
        {"k1:" KEY_A ":active\r\n", 0, CP2FA_KEYRING_SYNTAX, 1},
        {"k1:" KEY_A ":old\n", 0, CP2FA_KEYRING_SYNTAX, 1},
        {"\n#\nk1:" KEY_A "\nk2\n", 0, CP2FA_KEYRING_SYNTAX, 4},
        {":" KEY_A, 0, CP2FA_KEYRING_BAD_ID, 1},
        {"0123456789abcdefg:" KEY_A, 0, CP2FA_KEYRING_BAD_ID, 1},
        {"k.1:" KEY_A, 0, CP2FA_KEYRING_BAD_ID, 1},
        {"k 1:" KEY_A, 0, CP2FA_KEYRING_BAD_ID, 1},
        {" k1:" KEY_A, 0, CP2FA_KEYRING_BAD_ID, 1},
        {" # k1:" KEY_A, 0, CP2FA_KEYRING_BAD_ID, 1},
        {"\303\244:" KEY_A, 0, CP2FA_KEYRING_BAD_ID, 1},
        {"k\0:" KEY_A, 47, CP2FA_KEYRING_BAD_ID, 1},
        {"k1:", 0, CP2FA_KEYRING_BAD_KEY, 1},
        {"k1:\n", 0, CP2FA_KEYRING_BAD_KEY, 1},
        {"k1: " KEY_A, 0, CP2FA_KEYRING_BAD_KEY, 1},
        {"k1:" KEY_A " \n", 0, CP2FA_KEYRING_BAD_KEY, 1},
        {"k1:" KEY_A "\r\n", 0, CP2FA_KEYRING_BAD_KEY, 1},
        {"k1:" KEY_A "\0\n", 49, CP2FA_KEYRING_BAD_KEY, 1},
        {"k1:AAAA\n", 0, CP2FA_KEYRING_BAD_KEY, 1},
        /* 31 and 33 bytes, hex, base64url, one digit short */
        {"k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n", 0,
         CP2FA_KEYRING_BAD_KEY, 1},
        {"k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", 0,
         CP2FA_KEYRING_BAD_KEY, 1},
        {"k1:000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f"
         "\n", 0, CP2FA_KEYRING_BAD_KEY, 1},
        {"k1:__________________________________________8=\n", 0,
         CP2FA_KEYRING_BAD_KEY, 1},
        {"k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", 0,
         CP2FA_KEYRING_BAD_KEY, 1},
        {"k1:" KEY_A "\nk2:" KEY_B "x\n", 0, CP2FA_KEYRING_BAD_KEY, 2},
        {"k1:" KEY_A "\nk1:" KEY_B ":active\n", 0,
         CP2FA_KEYRING_DUPLICATE_ID, 2},
        {"a:" KEY_A "\n\nb:" KEY_A ":active\na:" KEY_A "\n", 0,
         CP2FA_KEYRING_DUPLICATE_ID, 4},
        {"k1:" KEY_A "\nk2:" KEY_B "\n", 0, CP2FA_KEYRING_NO_ACTIVE, 0},
        {"k1:" KEY_A ":active\nk2:" KEY_B ":active\n", 0,
         CP2FA_KEYRING_TWO_ACTIVE, 2},
        {"a:" KEY_A ":active\nb:" KEY_B "\n#\nc:" KEY_B ":active", 0,
         CP2FA_KEYRING_TWO_ACTIVE, 4},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t len = rows[i].len ? rows[i].len : strlen(rows[i].text);
        struct cp2fa_keyring *ring = NULL;
        unsigned line;
        enum cp2fa_keyring_error error = parse(state, rows[i].text, len,
                                               &ring, &line);

        if (error != rows[i].error || line != rows[i].line) {
            fail_msg("row %zu: error %d at line %u", i, (int)error, line);
        }
        assert_null(ring);
    }
}

static void sixteen_keys_are_taken_and_a_seventeenth_is_not(void **state)
{
    char text[2048] = "k0:" KEY_A ":active\n";
    struct cp2fa_keyring *ring;
    unsigned line;

    for (int i = 1; i < 16; i++) {
        sprintf(text + strlen(text), "k%d:" KEY_B "\n", i);
    }
    ring = ring_of(*state, text);
    for (size_t i = 0; i < 16; i++) {
        char id[8];

        snprintf(id, sizeof(id), "k%zu", i);
        assert_string_equal(cp2fa_keyring_id(ring, i), id);
        assert_non_null(cp2fa_keyring_key(ring, id, CP2FA_PURPOSE_SEAL));
    }
    assert_null(cp2fa_keyring_id(ring, 16));
    cp2fa_keyring_free(ring);
    strcat(text, "more:" KEY_B "\n");
    assert_int_equal(parse(state, text, strlen(text), &ring, &line),
                     CP2FA_KEYRING_TOO_MANY);
    assert_int_equal(line, 17);
    assert_null(ring);
}

/* No prefix of a good file is taken for another good file of that key. */
static void a_truncated_file_is_refused(void **state)
{
    static const char text[] = "k1:" KEY_A ":active";

    for (size_t len = 0; len < sizeof(text) - 1; len++) {
        struct cp2fa_keyring *ring;
        unsigned line;

        if (len == strlen("k1:" KEY_A)) {
            continue; /* the mark is not needed */
        }
        assert_int_not_equal(parse(state, text, len, &ring, &line),
                             CP2FA_KEYRING_OK);
    }
}

static void every_purpose_has_the_key_of_rfc_5869(void **state)
{
    struct cp2fa_keyring *ring = ring_of(*state, "k1:" KEY_A);

    for (int p = 0; p < CP2FA_PURPOSES; p++) {
        const uint8_t *key = cp2fa_keyring_key(ring, "k1",
                                               (enum cp2fa_purpose)p);
        char hex[2 * CP2FA_KEY_LEN + 1];

        assert_non_null(key);
        cp2fa_bytes_to_hex(key, CP2FA_KEY_LEN, hex);
        assert_string_equal(hex, derived_from_a[p]);
    }
    cp2fa_keyring_free(ring);
}

/* CRY-04: after a rotation the old id still has its old keys */
static void a_key_depends_on_its_bytes_and_purpose_alone(void **state)
{
    struct cp2fa_keyring *one = ring_of(*state, "k1:" KEY_A);
    struct cp2fa_keyring *two = ring_of(*state, "k2:" KEY_B ":active\n"
                                                "k1:" KEY_A "\n"
                                                "k3:" KEY_A "\n");

    for (int i = 0; i < CP2FA_PURPOSES; i++) {
        enum cp2fa_purpose p = (enum cp2fa_purpose)i;
        const uint8_t *key = cp2fa_keyring_key(one, "k1", p);

        assert_memory_equal(key, cp2fa_keyring_key(two, "k1", p), 32);
        assert_memory_equal(key, cp2fa_keyring_key(two, "k3", p), 32);
        assert_memory_not_equal(key, cp2fa_keyring_key(two, "k2", p), 32);
        assert_memory_not_equal(key, "0123456789abcdefghijklmnopqrstuv", 32);
    }
    cp2fa_keyring_free(one);
    cp2fa_keyring_free(two);
}

static void an_id_is_found_only_by_all_of_its_letters(void **state)
{
    static const char *const strange[] = {
        "", "k", "k11", "K1", " k1", "k1 ", "k2", "k1:", "0123456789abcdefgh",
    };
    struct cp2fa_keyring *ring = ring_of(*state, "k1:" KEY_A);

    for (size_t i = 0; i < COUNT(strange); i++) {
        assert_null(cp2fa_keyring_key(ring, strange[i], CP2FA_PURPOSE_SEAL));
    }
    cp2fa_keyring_free(ring);
}

static void every_error_has_words_of_its_own(void **state)
{
    (void)state;
    for (int i = CP2FA_KEYRING_OK; i <= CP2FA_KEYRING_CRYPTO; i++) {
        const char *text
            = cp2fa_keyring_strerror((enum cp2fa_keyring_error)i);

        assert_non_null(text);
        assert_true(*text);
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(
                text, cp2fa_keyring_strerror((enum cp2fa_keyring_error)j));
        }
    }
}

static void a_new_file_is_read_back_with_its_key(void **state)
{
    const uint8_t *raw = (const uint8_t *)"0123456789abcdefghijklmnopqrstuv";
    char text[CP2FA_KEYFILE_MAX];
    int n = cp2fa_keyring_format("2026-01", raw, text, sizeof(text));
    struct cp2fa_keyring *ring;
    char hex[65];

    assert_int_equal(n, strlen(text));
    assert_int_equal(text[n - 1], '\n');
    ring = ring_of(*state, text);
    assert_string_equal(cp2fa_keyring_active(ring), "2026-01");
    assert_null(cp2fa_keyring_id(ring, 1));
    cp2fa_bytes_to_hex(cp2fa_keyring_key(ring, "2026-01", CP2FA_PURPOSE_CSRF),
                       32, hex);
    assert_string_equal(hex, derived_from_a[CP2FA_PURPOSE_CSRF]);
    cp2fa_keyring_free(ring);

    /* Marked, so that a second key can be added without a thought. */
    strcat(text, "k2:" KEY_B "\n");
    ring = ring_of(*state, text);
    assert_string_equal(cp2fa_keyring_active(ring), "2026-01");
    cp2fa_keyring_free(ring);
    for (size_t size = 0; size <= (size_t)n + 1; size++) {
        char *out = malloc(size);

        assert_int_equal(cp2fa_keyring_format("2026-01", raw, out, size),
                         size <= (size_t)n ? -1 : n);
        free(out);
    }
}

static void freeing_nothing_is_fine(void **state)
{
    (void)state;
    cp2fa_keyring_free(NULL);
}

/* Rewrites text; what a server reads of it. */
static struct cp2fa_keyring *rewritten(void **state, const char *text,
                                       const char *active, const char *drop,
                                       const char *add, char out[512])
{
    static const uint8_t fresh[CP2FA_KEY_LEN] = {1};
    struct cp2fa_keyring *ring = NULL;
    unsigned line;
    int len = cp2fa_keyring_rewrite(text, strlen(text), active, drop, add,
                                    add ? fresh : NULL, out, 511);

    if (len < 0) {
        return NULL;
    }
    out[len] = '\0';
    assert_int_equal(parse(state, out, (size_t)len, &ring, &line),
                     CP2FA_KEYRING_OK);
    return ring;
}

/* CRY-04: the three changes that a rotation makes to the file */
static void a_file_is_rewritten_and_the_rest_of_it_stays(void **state)
{
    char out[512];
    struct cp2fa_keyring *ring;

    ring = rewritten(state, "# mine\na:" KEY_A "\n", "a", NULL, "b", out);
    assert_string_equal(cp2fa_keyring_active(ring), "a");
    assert_string_equal(cp2fa_keyring_id(ring, 1), "b");
    assert_int_equal(strncmp(out, "# mine\na:" KEY_A ":active\nb:", 62), 0);
    cp2fa_keyring_free(ring);
    ring = rewritten(state, "a:" KEY_A ":active\nb:" KEY_B, "b", NULL, NULL,
                     out);
    assert_string_equal(out, "a:" KEY_A "\nb:" KEY_B ":active\n");
    cp2fa_keyring_free(ring);
    ring = rewritten(state, "a:" KEY_A "\n\nab:" KEY_B ":active\n", "ab", "a",
                     NULL, out);
    assert_string_equal(out, "\nab:" KEY_B ":active\n");
    cp2fa_keyring_free(ring);
}

static void a_rewriting_without_an_active_key_is_refused(void **state)
{
    char out[512];

    assert_null(rewritten(state, "a:" KEY_A "\n", "b", NULL, NULL, out));
    assert_null(rewritten(state, "a:" KEY_A "\n", "a", "a", NULL, out));
    assert_int_equal(cp2fa_keyring_rewrite("a:" KEY_A, 46, "a", NULL, NULL,
                                           NULL, out, 50), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_purpose_has_the_key_of_rfc_5869),
        cmocka_unit_test(a_key_depends_on_its_bytes_and_purpose_alone),
        cmocka_unit_test(an_id_is_found_only_by_all_of_its_letters),
        cmocka_unit_test(sixteen_keys_are_taken_and_a_seventeenth_is_not),
        cmocka_unit_test(every_error_has_words_of_its_own),
        cmocka_unit_test(a_new_file_is_read_back_with_its_key),
        cmocka_unit_test(freeing_nothing_is_fine),
        cmocka_unit_test(good_files_name_their_active_key),
        cmocka_unit_test(bad_files_are_refused_with_the_line_at_fault),
        cmocka_unit_test(a_truncated_file_is_refused),
        cmocka_unit_test(a_file_is_rewritten_and_the_rest_of_it_stays),
        cmocka_unit_test(a_rewriting_without_an_active_key_is_refused),
    };

    return cmocka_run_group_tests(tests, with_crypto, without_crypto);
}
