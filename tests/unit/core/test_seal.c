/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>

#include "core/seal.h"

static const uint8_t nonce[CP2FA_SEAL_NONCE_LEN] = "nonce-of-12b";
static const uint8_t secret[64] = "12345678901234567890"
                                  "\0\1\2\3\4\5\6\7\377 and so on, up to 64.";

static const struct cp2fa_part place[] = {
    {"device", 6}, {"realm", 5}, {"alice", 5},
};

/* 20 bytes under KEY_A as k1 in that place, by an independent program
 * (Python's cryptography): what version 1 sealed must open for good. */
static const char golden[] = "1.k1.bm9uY2Utb2YtMTJiD05BhNfw1zcs91rNCY7nvVtsUFH"
                             "HeP24t4EHuXEsLqXbMo6J";

struct fixture {
    struct cp2fa_crypto *crypto;
    struct cp2fa_keyring *ring;
};

static int set_up(void **state)
{
    static struct fixture f;

    if (with_crypto((void **)&f.crypto) != 0) {
        return -1;
    }
    f.ring = ring_of(f.crypto, "k1:" KEY_A ":active\nk2:" KEY_B "\n"
                               "twin:" KEY_A "\n");
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    cp2fa_keyring_free(f->ring);
    cp2fa_crypto_free(f->crypto);
    return 0;
}

static void seal(const struct fixture *f, size_t len,
                 char out[CP2FA_SEAL_TEXT_MAX])
{
    assert_int_equal(cp2fa_seal_close(f->crypto, f->ring, nonce, place, 3,
                                      secret, len, out),
                     0);
}

/* What opening text in its place gives, with a plain text checked. */
static int opened(const struct fixture *f, const char *text)
{
    char *copy = exact_copy(text, strlen(text) + 1);
    uint8_t plain[CP2FA_SEAL_PLAIN_MAX];
    int n = cp2fa_seal_open(f->crypto, f->ring, copy, place, 3, plain);

    free(copy);
    if (n >= 0) {
        assert_memory_equal(plain, secret, (size_t)n);
    }
    return n;
}

static void a_blob_of_version_1_is_what_it_ever_was(void **state)
{
    const struct fixture *f = *state;
    char text[CP2FA_SEAL_TEXT_MAX];

    seal(f, 20, text);
    assert_string_equal(text, golden);
    assert_int_equal(opened(f, golden), 20);
}

static void every_length_up_to_64_bytes_opens_again(void **state)
{
    const struct fixture *f = *state;

    for (size_t len = 1; len <= CP2FA_SEAL_PLAIN_MAX; len++) {
        char text[CP2FA_SEAL_TEXT_MAX];

        seal(f, len, text);
        assert_int_equal(strncmp(text, "1.k1.", 5), 0);
        assert_true(strlen(text) < CP2FA_SEAL_TEXT_MAX);
        assert_int_equal(opened(f, text), (int)len);
    }
}

static void more_than_64_bytes_are_refused(void **state)
{
    const struct fixture *f = *state;
    static const uint8_t big[4096];
    char text[CP2FA_SEAL_TEXT_MAX];

    for (size_t len = 65; len <= sizeof(big); len = len * 2 - 1) {
        assert_int_equal(cp2fa_seal_close(f->crypto, f->ring, nonce, place, 3,
                                          big, len, text),
                         -1);
    }
}

static void the_longest_id_and_secret_fit_into_the_maximum(void **state)
{
    const struct fixture *f = *state;
    struct cp2fa_keyring *ring = ring_of(f->crypto,
                                         "0123456789abcdef:" KEY_A);
    char text[CP2FA_SEAL_TEXT_MAX];
    uint8_t plain[CP2FA_SEAL_PLAIN_MAX];

    assert_int_equal(cp2fa_seal_close(f->crypto, ring, nonce, place, 3,
                                      secret, 64, text),
                     0);
    assert_int_equal(cp2fa_seal_open(f->crypto, ring, text, place, 3, plain),
                     64);
    assert_memory_equal(plain, secret, 64);
    cp2fa_keyring_free(ring);
}

/* CRY-02. Every length, as the last digit of base64 may hold idle bits. */
static void no_flipped_bit_of_a_blob_goes_unnoticed(void **state)
{
    const struct fixture *f = *state;
    static const size_t lengths[] = {20, 32, 1, 16, 64, 2, 63};

    for (size_t i = 0; i < COUNT(lengths); i++) {
        char text[CP2FA_SEAL_TEXT_MAX];

        seal(f, lengths[i], text);
        for (size_t bit = 0; bit < strlen(text) * 8; bit++) {
            char changed[CP2FA_SEAL_TEXT_MAX];

            strcpy(changed, text);
            changed[bit / 8] ^= (char)(1u << bit % 8);
            if (opened(f, changed) != -1) {
                fail_msg("%zu bytes, bit %zu: %s opened as %s",
                         lengths[i], bit, changed, text);
            }
        }
    }
}

/* CRY-02: the same below the base64: nonce, text and tag, bit by bit */
static void no_flipped_bit_of_nonce_text_or_tag_goes_unnoticed(void **state)
{
    const struct fixture *f = *state;
    uint8_t raw[48];
    char text[CP2FA_SEAL_TEXT_MAX] = "1.k1.";

    assert_int_equal(cp2fa_bytes_from_base64(golden + 5, strlen(golden + 5),
                                             raw, sizeof(raw)),
                     48);
    for (size_t bit = 0; bit < sizeof(raw) * 8; bit++) {
        raw[bit / 8] ^= (uint8_t)(1u << bit % 8);
        cp2fa_bytes_to_base64(raw, sizeof(raw), text + 5);
        assert_int_equal(opened(f, text), -1);
        raw[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    cp2fa_bytes_to_base64(raw, sizeof(raw), text + 5);
    assert_int_equal(opened(f, text), 20);
}

/* CRY-02 */
static void no_truncated_or_lengthened_blob_opens(void **state)
{
    const struct fixture *f = *state;
    static const char *const tails[] = {
        "A", "=", "==", "====", "AAAA", " ", "\n", ".", ".AAAA", "\001",
    };
    uint8_t raw[48];
    char text[CP2FA_SEAL_TEXT_MAX];

    for (size_t len = 0; len < strlen(golden); len++) {
        memcpy(text, golden, len);
        text[len] = '\0';
        assert_int_equal(opened(f, text), -1);
    }
    for (size_t i = 0; i < COUNT(tails); i++) {
        snprintf(text, sizeof(text), "%s%s", golden, tails[i]);
        assert_int_equal(opened(f, text), -1);
    }
    assert_int_equal(cp2fa_bytes_from_base64(golden + 5, strlen(golden + 5),
                                             raw, sizeof(raw)),
                     48);
    for (size_t len = 1; len < sizeof(raw); len++) {
        strcpy(text, "1.k1.");
        cp2fa_bytes_to_base64(raw, len, text + 5);
        assert_int_equal(opened(f, text), -1);
        cp2fa_bytes_to_base64(raw + len, sizeof(raw) - len, text + 5);
        assert_int_equal(opened(f, text), -1);
    }
}

static void malformed_blobs_are_refused(void **state)
{
    const struct fixture *f = *state;
    static const char body[] = "bm9uY2Utb2YtMTJiD05BhNfw1zcs91rNCY7nvVtsUFHHeP"
                               "24t4EHuXEsLqXbMo6J";
    static const char *const heads[] = {
        "",     ".",      "..",    "1.",    "1..",     "k1.",  "2.k1.",
        "0.k1.", "11.k1.", " 1.k1.", "1.k1 .", "1. k1.", "1:k1:", "1.k1..",
        "1.K1.", "1.k.",  "1.k11.", "1.k3.", "1.k1",    "1k1.", "-1.k1.",
        "1.0123456789abcdefg.", "1.0123456789abcdefghijklmnopqrstuvwxyz.",
    };
    static const char *const whole[] = {"", "1", "1.", "1.k1", "1.k1.", "...."};
    char big[4096] = "1.k1.";

    for (size_t i = 0; i < COUNT(heads); i++) {
        char text[CP2FA_SEAL_TEXT_MAX];

        snprintf(text, sizeof(text), "%s%s", heads[i], body);
        if (opened(f, text) != -1) {
            fail_msg("%s was opened", text);
        }
    }
    for (size_t i = 0; i < COUNT(whole); i++) {
        assert_int_equal(opened(f, whole[i]), -1);
    }
    memset(big + 5, 'A', sizeof(big) - 5);
    for (size_t len = 4001; len <= 4005; len++) {
        big[len] = '\0';
        assert_int_equal(opened(f, big), -1);
        big[len] = 'A';
    }
}

/* CRY-02: swapped between users, columns, or rows */
static void a_moved_blob_does_not_open(void **state)
{
    const struct fixture *f = *state;
    static const struct {
        struct cp2fa_part parts[4];
        size_t count;
    } places[] = {
        {{{"device", 6}, {"realm", 5}, {"bob", 3}}, 3},
        {{{"device", 6}, {"realm", 5}, {"Alice", 5}}, 3},
        {{{"device", 6}, {"realm", 5}, {"alice\0", 6}}, 3},
        {{{"device", 6}, {"realm", 5}, {"alic", 4}}, 3},
        {{{"device", 6}, {"realn", 5}, {"alice", 5}}, 3},
        {{{"mail", 4}, {"realm", 5}, {"alice", 5}}, 3},
        {{{"realm", 5}, {"device", 6}, {"alice", 5}}, 3},
        {{{"devicer", 7}, {"ealm", 4}, {"alice", 5}}, 3},
        {{{"device", 6}, {"realma", 6}, {"lice", 4}}, 3},
        {{{"devicerealmalice", 16}}, 1},
        {{{"device", 6}, {"realm", 5}}, 2},
        {{{"realm", 5}, {"alice", 5}}, 2},
        {{{"device", 6}, {"realm", 5}, {"alice", 5}, {"", 0}}, 4},
        {{{"", 0}, {"device", 6}, {"realm", 5}, {"alice", 5}}, 4},
        {{{"device", 6}, {"", 0}, {"realm", 5}, {"alice", 5}}, 4},
        {{{"", 0}}, 0},
    };

    for (size_t i = 0; i < COUNT(places); i++) {
        uint8_t plain[CP2FA_SEAL_PLAIN_MAX];

        if (cp2fa_seal_open(f->crypto, f->ring, golden, places[i].parts,
                            places[i].count, plain)
            != -1) {
            fail_msg("it opened in place %zu", i);
        }
    }
}

static void every_place_can_hold_a_blob_even_none(void **state)
{
    const struct fixture *f = *state;
    const struct cp2fa_part parts[] = {{"", 0}, {NULL, 0}};

    for (size_t count = 0; count <= 2; count++) {
        char text[CP2FA_SEAL_TEXT_MAX];

        assert_int_equal(cp2fa_seal_close(f->crypto, f->ring, nonce, parts,
                                          count, secret, 20, text),
                         0);
        for (size_t other = 0; other <= 2; other++) {
            uint8_t plain[CP2FA_SEAL_PLAIN_MAX];

            assert_int_equal(cp2fa_seal_open(f->crypto, f->ring, text, parts,
                                             other, plain),
                             other == count ? 20 : -1);
        }
    }
}

/* The id is bound by itself, not only by the key: "twin" has k1's bytes. */
static void a_blob_under_another_key_id_does_not_open(void **state)
{
    const struct fixture *f = *state;
    static const char *const ids[] = {"k2", "twin"};

    for (size_t i = 0; i < COUNT(ids); i++) {
        char text[CP2FA_SEAL_TEXT_MAX];

        snprintf(text, sizeof(text), "1.%s.%s", ids[i], golden + 5);
        assert_int_equal(opened(f, text), -1);
    }
}

/* CRY-04, CRY-01 */
static void rotation_keeps_old_blobs_and_a_lost_key_opens_none(void **state)
{
    const struct fixture *f = *state;
    struct cp2fa_keyring *rotated
        = ring_of(f->crypto, "k1:" KEY_A "\nk2:" KEY_B ":active\n");
    struct cp2fa_keyring *lost = ring_of(f->crypto, "k2:" KEY_B);
    struct cp2fa_keyring *wrong = ring_of(f->crypto, "k1:" KEY_B);
    char text[CP2FA_SEAL_TEXT_MAX];
    uint8_t plain[CP2FA_SEAL_PLAIN_MAX];

    assert_int_equal(cp2fa_seal_open(f->crypto, rotated, golden, place, 3,
                                     plain),
                     20);
    assert_memory_equal(plain, secret, 20);
    assert_int_equal(cp2fa_seal_close(f->crypto, rotated, nonce, place, 3,
                                      secret, 20, text),
                     0);
    assert_int_equal(strncmp(text, "1.k2.", 5), 0);
    assert_int_equal(opened(f, text), 20);
    assert_int_equal(cp2fa_seal_open(f->crypto, lost, text, place, 3, plain),
                     20);
    assert_int_equal(cp2fa_seal_open(f->crypto, lost, golden, place, 3, plain),
                     -1);
    assert_int_equal(cp2fa_seal_open(f->crypto, wrong, golden, place, 3,
                                     plain),
                     -1);
    cp2fa_keyring_free(rotated);
    cp2fa_keyring_free(lost);
    cp2fa_keyring_free(wrong);
}

static void a_refused_blob_leaves_no_plain_text_behind(void **state)
{
    const struct fixture *f = *state;
    uint8_t plain[CP2FA_SEAL_PLAIN_MAX];

    memset(plain, 0, sizeof(plain));
    assert_int_equal(cp2fa_seal_open(f->crypto, f->ring, golden, place, 2,
                                     plain),
                     -1);
    for (size_t i = 0; i < sizeof(plain); i++) {
        assert_int_equal(plain[i], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blob_of_version_1_is_what_it_ever_was),
        cmocka_unit_test(every_length_up_to_64_bytes_opens_again),
        cmocka_unit_test(more_than_64_bytes_are_refused),
        cmocka_unit_test(the_longest_id_and_secret_fit_into_the_maximum),
        cmocka_unit_test(no_flipped_bit_of_a_blob_goes_unnoticed),
        cmocka_unit_test(no_flipped_bit_of_nonce_text_or_tag_goes_unnoticed),
        cmocka_unit_test(no_truncated_or_lengthened_blob_opens),
        cmocka_unit_test(malformed_blobs_are_refused),
        cmocka_unit_test(a_moved_blob_does_not_open),
        cmocka_unit_test(every_place_can_hold_a_blob_even_none),
        cmocka_unit_test(a_blob_under_another_key_id_does_not_open),
        cmocka_unit_test(rotation_keeps_old_blobs_and_a_lost_key_opens_none),
        cmocka_unit_test(a_refused_blob_leaves_no_plain_text_behind),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
