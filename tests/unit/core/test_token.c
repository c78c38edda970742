/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/token.h"

static void a_token_is_64_lower_case_hex_digits(void **state)
{
    uint8_t token[CP2FA_TOKEN_LEN];
    char text[CP2FA_TOKEN_TEXT + 1];

    (void)state;
    for (size_t i = 0; i < sizeof(token); i++) {
        token[i] = (uint8_t)(i * 8 + 7);
    }
    cp2fa_token_format(token, text);
    assert_string_equal(text, "070f171f272f373f474f575f676f777f"
                              "878f979fa7afb7bfc7cfd7dfe7eff7ff");
}

static void what_was_formatted_is_read_back(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 256; seed++) {
        uint8_t token[CP2FA_TOKEN_LEN];
        uint8_t back[CP2FA_TOKEN_LEN];
        char text[CP2FA_TOKEN_TEXT + 1];

        memset(token, (int)seed, sizeof(token));
        token[seed % sizeof(token)] ^= 0x5a;
        cp2fa_token_format(token, text);
        assert_int_equal(cp2fa_token_parse(text, strlen(text), back), 0);
        assert_memory_equal(back, token, sizeof(token));
    }
}

/* SES-09, INP-01: an ill-formed cookie costs no look at the database */
static void only_64_lower_case_hex_digits_are_a_token(void **state)
{
    static const char good[] = "0123456789abcdef0123456789abcdef"
                               "0123456789abcdef0123456789abcdef";
    uint8_t token[CP2FA_TOKEN_LEN];
    char text[CP2FA_TOKEN_TEXT + 3];

    (void)state;
    for (size_t len = 0; len < CP2FA_TOKEN_TEXT; len++) {
        assert_int_equal(cp2fa_token_parse(good, len, token), -1);
    }
    assert_int_equal(cp2fa_token_parse(good, CP2FA_TOKEN_TEXT, token), 0);
    memcpy(text, good, sizeof(good));
    strcat(text, "00");
    assert_int_equal(cp2fa_token_parse(text, 65, token), -1);
    assert_int_equal(cp2fa_token_parse(text, 66, token), -1);
    for (size_t at = 0; at < CP2FA_TOKEN_TEXT; at++) {
        static const char bad[] = {'A', 'F', 'g', '\0', ' ', '-', '%', '\200'};

        for (size_t i = 0; i < sizeof(bad); i++) {
            memcpy(text, good, sizeof(good));
            text[at] = bad[i];
            assert_int_equal(cp2fa_token_parse(text, CP2FA_TOKEN_TEXT, token),
                             -1);
        }
    }
}

static void the_text_of_a_token_needs_no_nul(void **state)
{
    uint8_t token[CP2FA_TOKEN_LEN];
    char hex[CP2FA_TOKEN_TEXT];
    char *text;

    (void)state;
    memset(hex, 'a', sizeof(hex));
    text = exact_copy(hex, sizeof(hex));
    assert_int_equal(cp2fa_token_parse(text, sizeof(hex), token), 0);
    free(text);
}

/* Values of sha256sum(1) over 32 times 0x00 and 32 times 0xff */
static void what_is_stored_is_the_sha_256_of_the_bytes(void **state)
{
    static const struct {
        int byte;
        const char *hash;
    } rows[] = {
        {0x00, "66687aadf862bd776c8fc18b8e9f8e20"
               "089714856ee233b3902a591d0d5f2925"},
        {0xff, "af9613760f72635fbdb44a5a0a63c39f"
               "12af30f950a6ee5c971be188e89c4051"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t token[CP2FA_TOKEN_LEN];
        char hash[CP2FA_HASH_TEXT + 1];

        memset(token, rows[i].byte, sizeof(token));
        assert_int_equal(cp2fa_token_hash(*state, token, hash), 0);
        assert_string_equal(hash, rows[i].hash);
    }
}

/* SES-01: the database holds nothing a browser could send */
static void the_hash_shows_every_bit_of_the_token_and_is_not_it(void **state)
{
    const uint8_t token[CP2FA_TOKEN_LEN] = {0};
    char first[CP2FA_HASH_TEXT + 1];
    char text[CP2FA_TOKEN_TEXT + 1];

    assert_int_equal(cp2fa_token_hash(*state, token, first), 0);
    cp2fa_token_format(token, text);
    assert_string_not_equal(first, text);
    for (size_t bit = 0; bit < CP2FA_TOKEN_LEN * 8; bit++) {
        uint8_t other[CP2FA_TOKEN_LEN] = {0};
        char hash[CP2FA_HASH_TEXT + 1];

        other[bit / 8] = (uint8_t)(1u << bit % 8);
        assert_int_equal(cp2fa_token_hash(*state, other, hash), 0);
        assert_string_not_equal(hash, first);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_64_lower_case_hex_digits),
        cmocka_unit_test(what_was_formatted_is_read_back),
        cmocka_unit_test(only_64_lower_case_hex_digits_are_a_token),
        cmocka_unit_test(the_text_of_a_token_needs_no_nul),
        cmocka_unit_test(what_is_stored_is_the_sha_256_of_the_bytes),
        cmocka_unit_test(the_hash_shows_every_bit_of_the_token_and_is_not_it),
    };

    return cmocka_run_group_tests(tests, with_crypto, without_crypto);
}
