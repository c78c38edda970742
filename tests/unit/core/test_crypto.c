/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

static const uint8_t key[32] = "an HMAC key of thirty-two bytes";

static void mac_of(void **state, const struct cp2fa_part *parts, size_t count,
                   uint8_t out[CP2FA_SHA256_LEN])
{
    assert_int_equal(cp2fa_crypto_mac(*state, key, parts, count, out), 0);
}

static void every_algorithm_is_there_at_once(void **state)
{
    const struct cp2fa_crypto *crypto = *state;

    for (int i = 0; i < CP2FA_HMACS; i++) {
        assert_non_null(crypto->hmac[i]);
    }
    assert_non_null(crypto->sha256);
    assert_non_null(crypto->aes256gcm);
    assert_non_null(crypto->hkdf);
}

static void freeing_nothing_is_fine(void **state)
{
    (void)state;
    cp2fa_crypto_free(NULL);
}

static void a_part_of_text_holds_all_but_the_nul(void **state)
{
    const char *text = "ab";
    struct cp2fa_part part = cp2fa_crypto_text(text);

    (void)state;
    assert_ptr_equal(part.data, text);
    assert_int_equal(part.len, 2);
    assert_int_equal(cp2fa_crypto_text("").len, 0);
}

/* FIPS 180-4, the examples NIST publishes with it */
static void the_sha_256_of_the_fips_180_examples_comes_out(void **state)
{
    static const struct {
        const char *text, *hex;
    } rows[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb924"
             "27ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223"
                "b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039"
         "a33ce45964ff2167f6ecedd419db06c1"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t hash[CP2FA_SHA256_LEN];
        char hex[2 * CP2FA_SHA256_LEN + 1];

        assert_int_equal(cp2fa_crypto_sha256(*state, rows[i].text,
                                             strlen(rows[i].text), hash),
                         0);
        cp2fa_bytes_to_hex(hash, sizeof(hash), hex);
        assert_string_equal(hex, rows[i].hex);
    }
}

static void a_length_is_four_bytes_most_significant_first(void **state)
{
    static const struct {
        size_t len;
        uint8_t bytes[4];
    } rows[] = {
        {0, {0, 0, 0, 0}},
        {1, {0, 0, 0, 1}},
        {255, {0, 0, 0, 255}},
        {256, {0, 0, 1, 0}},
        {0x01020304, {1, 2, 3, 4}},
        {0xfffefdfc, {255, 254, 253, 252}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t out[4];

        cp2fa_crypto_length(rows[i].len, out);
        assert_memory_equal(out, rows[i].bytes, 4);
    }
}

/* Against libcrypto's one-shot HMAC (RFC 2104) of the documented message */
static void the_mac_is_hmac_sha_256_of_pieces_with_lengths(void **state)
{
    static const uint8_t message[] = "\0\0\0\5hello\0\0\0\0\0\0\0\2\0\1";
    const struct cp2fa_part parts[] = {
        {"hello", 5}, {"", 0}, {"\0\1", 2},
    };
    uint8_t expected[CP2FA_SHA256_LEN];
    uint8_t out[CP2FA_SHA256_LEN];

    assert_non_null(HMAC(EVP_sha256(), key, 32, message, sizeof(message) - 1,
                         expected, NULL));
    mac_of(state, parts, 3, out);
    assert_memory_equal(out, expected, sizeof(out));

    assert_non_null(HMAC(EVP_sha256(), key, 32, message, 0, expected, NULL));
    mac_of(state, NULL, 0, out);
    assert_memory_equal(out, expected, sizeof(out));
}

static void no_two_lists_of_pieces_have_one_mac(void **state)
{
    static const struct {
        struct cp2fa_part parts[3];
        size_t count;
    } lists[] = {
        {{{"", 0}}, 0},
        {{{"", 0}}, 1},
        {{{NULL, 0}, {"", 0}}, 2},
        {{{"abc", 3}}, 1},
        {{{"ab", 2}, {"c", 1}}, 2},
        {{{"a", 1}, {"bc", 2}}, 2},
        {{{"bc", 2}, {"a", 1}}, 2},
        {{{"", 0}, {"abc", 3}}, 2},
        {{{"abc", 3}, {"", 0}}, 2},
        {{{"a", 1}, {"b", 1}, {"c", 1}}, 3},
        {{{"abc\0", 4}}, 1},
        {{{"abd", 3}}, 1},
        /* a piece that looks like a length and the next piece */
        {{{"a\0\0\0\1b", 6}}, 1},
        {{{"a", 1}, {"b", 1}}, 2},
    };
    uint8_t macs[COUNT(lists)][CP2FA_SHA256_LEN];

    for (size_t i = 0; i < COUNT(lists); i++) {
        mac_of(state, lists[i].parts, lists[i].count, macs[i]);
        for (size_t j = 0; j < i; j++) {
            if (memcmp(macs[i], macs[j], sizeof(macs[i])) == 0) {
                fail_msg("lists %zu and %zu have one MAC", j, i);
            }
        }
    }
}

static void every_bit_of_the_key_counts(void **state)
{
    const struct cp2fa_part part = {"message", 7};
    uint8_t expected[CP2FA_SHA256_LEN];

    mac_of(state, &part, 1, expected);
    for (size_t bit = 0; bit < 256; bit++) {
        uint8_t other[32];
        uint8_t out[CP2FA_SHA256_LEN];

        memcpy(other, key, sizeof(other));
        other[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(cp2fa_crypto_mac(*state, other, &part, 1, out), 0);
        assert_memory_not_equal(out, expected, sizeof(out));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_algorithm_is_there_at_once),
        cmocka_unit_test(freeing_nothing_is_fine),
        cmocka_unit_test(a_part_of_text_holds_all_but_the_nul),
        cmocka_unit_test(the_sha_256_of_the_fips_180_examples_comes_out),
        cmocka_unit_test(a_length_is_four_bytes_most_significant_first),
        cmocka_unit_test(the_mac_is_hmac_sha_256_of_pieces_with_lengths),
        cmocka_unit_test(no_two_lists_of_pieces_have_one_mac),
        cmocka_unit_test(every_bit_of_the_key_counts),
    };

    return cmocka_run_group_tests(tests, with_crypto, without_crypto);
}
