/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <ctype.h>

#include "core/base32.h"

/* RFC 4648 section 10, with and without the padding */
static const struct {
    const char *plain, *text, *padded;
} vectors[] = {
    {"", "", ""},
    {"f", "MY", "MY======"},
    {"fo", "MZXQ", "MZXQ===="},
    {"foo", "MZXW6", "MZXW6==="},
    {"foob", "MZXW6YQ", "MZXW6YQ="},
    {"fooba", "MZXW6YTB", "MZXW6YTB"},
    {"foobar", "MZXW6YTBOI", "MZXW6YTBOI======"},
};

static void decodes_to(const char *text, const char *plain)
{
    uint8_t out[64];
    int n = cp2fa_base32_decode(text, strlen(text), out, sizeof(out));

    if (n != (int)strlen(plain) || memcmp(out, plain, strlen(plain)) != 0) {
        fail_msg("'%s' gave %d bytes, not '%s'", text, n, plain);
    }
}

static void the_vectors_of_rfc_4648_are_written_without_padding(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        const char *plain = vectors[i].plain;
        char out[32];

        cp2fa_base32_encode((const uint8_t *)plain, strlen(plain), out);
        assert_string_equal(out, vectors[i].text);
        assert_int_equal(strlen(out), CP2FA_BASE32_LEN(strlen(plain)));
    }
}

static void the_vectors_of_rfc_4648_are_read_in_either_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        char lower[32];

        decodes_to(vectors[i].text, vectors[i].plain);
        decodes_to(vectors[i].padded, vectors[i].plain);
        strcpy(lower, vectors[i].padded);
        for (char *c = lower; *c; c++) {
            *c = (char)tolower((unsigned char)*c);
        }
        decodes_to(lower, vectors[i].plain);
    }
}

static void every_length_up_to_an_imported_secret_round_trips(void **state)
{
    uint8_t data[64];

    (void)state;
    for (size_t n = 0; n <= sizeof(data); n++) {
        char text[CP2FA_BASE32_LEN(64) + 2];
        uint8_t back[64];

        for (size_t i = 0; i < n; i++) {
            data[i] = (uint8_t)(i * 37 + n * 101 + 255);
        }
        memset(text, '!', sizeof(text));
        cp2fa_base32_encode(data, n, text);
        assert_int_equal(strlen(text), CP2FA_BASE32_LEN(n));
        assert_int_equal(text[CP2FA_BASE32_LEN(n) + 1], '!');
        assert_int_equal(cp2fa_base32_decode(text, strlen(text), back,
                                             sizeof(back)),
                         (int)n);
        assert_memory_equal(back, data, n);
    }
}

static void a_new_secret_takes_32_characters(void **state)
{
    (void)state;
    assert_int_equal(CP2FA_BASE32_LEN(20), 32);
}

static void blanks_dashes_and_padding_are_ignored(void **state)
{
    static const char *const spellings[] = {
        "MZXW6YTBOI",      "mzxw 6ytb oi",        " MZXW6YTBOI",
        "MZXW6YTBOI  ",    "MZXW-6YTB-OI",        "MZXW - 6YTB - OI ======",
        "-M Z-X W6YTBOI-", "MZXW6YTBOI= = =   =", "  mZxW6yTbOi======  ",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(spellings); i++) {
        decodes_to(spellings[i], "foobar");
    }
    decodes_to(" - ", "");
}

/* The header says blanks; POSIX has two of them. */
static void a_tab_is_a_blank_too(void **state)
{
    (void)state;
    decodes_to("MZXW\t6YTB\tOI", "foobar");
}

static void what_is_not_base32_is_refused(void **state)
{
    static const struct {
        const char *text;
        size_t len;
    } bad[] = {
        {"M", 1},           {"MZX", 3},         {"MZXW6Y", 6},
        {"A", 1},           {"AAA", 3},         {"AAAAAA", 6},
        {"AAAAAAAAA", 9},   {"MZ", 2},          {"MZXR", 4},
        {"MZXW7", 5},       {"MZXW6YR", 7},     {"MY======MY", 10},
        {"M=Y", 3},         {"=MY", 3},         {"MY\0Y", 4},
        {"\0\0", 2},        {"MY\0", 3},        {"MY\n", 3},
        {"M\303\211Y", 4},  {"M\377Y", 3},      {"\357\274\255Y", 4},
        {"M_Y", 3},         {"M+Y/", 4},        {"MY%", 3},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        char *text = exact_copy(bad[i].text, bad[i].len);
        uint8_t out[64];
        int n = cp2fa_base32_decode(text, bad[i].len, out, sizeof(out));

        free(text);
        if (n != -1) {
            fail_msg("row %zu '%s' gave %d bytes", i, bad[i].text, n);
        }
    }
}

static void only_the_alphabet_of_rfc_4648_counts_as_a_digit(void **state)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "abcdefghijklmnopqrstuvwxyz234567";

    (void)state;
    for (int c = 0; c < 256; c++) {
        const char text[2] = {(char)c, 'A'};
        uint8_t out[4];
        int good = c != 0 && strchr(alphabet, c) != NULL;

        assert_int_equal(cp2fa_base32_decode(text, 2, out, sizeof(out)),
                         good ? 1 : -1);
    }
}

static void bytes_beyond_the_buffer_are_refused_and_never_written(void **state)
{
    uint8_t out[8];

    (void)state;
    for (size_t size = 0; size <= 7; size++) {
        memset(out, 0xa5, sizeof(out));
        assert_int_equal(cp2fa_base32_decode("MZXW6YTBOI", 10, out, size),
                         size < 6 ? -1 : 6);
        for (size_t i = size < 6 ? size : 6; i < sizeof(out); i++) {
            assert_int_equal(out[i], 0xa5);
        }
    }
}

static void the_text_needs_no_nul_behind_it(void **state)
{
    char *text = exact_copy("MZXW6YTBOI======", 16);
    uint8_t out[6];

    (void)state;
    assert_int_equal(cp2fa_base32_decode(text, 10, out, sizeof(out)), 6);
    assert_int_equal(cp2fa_base32_decode(text, 16, out, sizeof(out)), 6);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_rfc_4648_are_written_without_padding),
        cmocka_unit_test(the_vectors_of_rfc_4648_are_read_in_either_case),
        cmocka_unit_test(every_length_up_to_an_imported_secret_round_trips),
        cmocka_unit_test(a_new_secret_takes_32_characters),
        cmocka_unit_test(blanks_dashes_and_padding_are_ignored),
        cmocka_unit_test(a_tab_is_a_blank_too),
        cmocka_unit_test(what_is_not_base32_is_refused),
        cmocka_unit_test(only_the_alphabet_of_rfc_4648_counts_as_a_digit),
        cmocka_unit_test(
            bytes_beyond_the_buffer_are_refused_and_never_written),
        cmocka_unit_test(the_text_needs_no_nul_behind_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
