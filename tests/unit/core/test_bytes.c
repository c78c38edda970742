/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/bytes.h"

static void wiping_clears_every_byte_and_no_more(void **state)
{
    uint8_t data[34];

    (void)state;
    memset(data, 0xa5, sizeof(data));
    cp2fa_bytes_wipe(data + 1, 32);
    assert_int_equal(data[0], 0xa5);
    for (size_t i = 1; i <= 32; i++) {
        assert_int_equal(data[i], 0);
    }
    assert_int_equal(data[33], 0xa5);
    cp2fa_bytes_wipe(data, 0);
    assert_int_equal(data[0], 0xa5);
}

static void equal_bytes_are_equal_whatever_follows_them(void **state)
{
    const uint8_t a[] = {1, 0, 3, 4};
    const uint8_t b[] = {1, 0, 3, 5};

    (void)state;
    assert_int_equal(cp2fa_bytes_equal(a, a, 4), 1);
    assert_int_equal(cp2fa_bytes_equal(a, b, 3), 1);
    assert_int_equal(cp2fa_bytes_equal(a, b, 0), 1);
    assert_int_equal(cp2fa_bytes_equal(a, b, 4), 0);
}

static void one_flipped_bit_anywhere_makes_bytes_unequal(void **state)
{
    uint8_t a[64];
    uint8_t b[64];

    (void)state;
    for (size_t i = 0; i < sizeof(a); i++) {
        a[i] = (uint8_t)(i * 7); /* has zeros, where strcmp would stop */
    }
    for (size_t bit = 0; bit < sizeof(a) * 8; bit++) {
        memcpy(b, a, sizeof(b));
        b[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(cp2fa_bytes_equal(a, b, sizeof(a)), 0);
    }
}

static void every_byte_has_its_two_lower_case_digits(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        static const char digits[] = "0123456789abcdef";
        const uint8_t byte = (uint8_t)i;
        const char expected[] = {digits[i / 16], digits[i % 16], '\0'};
        char out[4] = "!!!";
        uint8_t back = (uint8_t)~byte;

        cp2fa_bytes_to_hex(&byte, 1, out);
        assert_string_equal(out, expected);
        assert_int_equal(out[3], 0);
        assert_int_equal(cp2fa_bytes_from_hex(expected, 2, &back, 1), 0);
        assert_int_equal(back, byte);
    }
}

static void hex_of_many_bytes_keeps_their_order(void **state)
{
    const uint8_t data[] = {0xde, 0xad, 0x00, 0xbe, 0xef};
    char out[11];
    uint8_t back[5];

    (void)state;
    cp2fa_bytes_to_hex(data, 5, out);
    assert_string_equal(out, "dead00beef");
    assert_int_equal(cp2fa_bytes_from_hex(out, 10, back, 5), 0);
    assert_memory_equal(back, data, 5);
    cp2fa_bytes_to_hex(data, 0, out);
    assert_string_equal(out, "");
    assert_int_equal(cp2fa_bytes_from_hex("", 0, back, 0), 0);
}

static void one_value_has_one_spelling_in_hex(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) {
        int good = c != 0 && strchr("0123456789abcdef", c) != NULL;
        const char first[] = {(char)c, '0'};
        const char second[] = {'0', (char)c};
        uint8_t out;

        assert_int_equal(cp2fa_bytes_from_hex(first, 2, &out, 1),
                         good ? 0 : -1);
        assert_int_equal(cp2fa_bytes_from_hex(second, 2, &out, 1),
                         good ? 0 : -1);
    }
}

static void hex_of_another_length_is_refused(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 8; len++) {
        char *text = exact_copy("00112233", len);
        uint8_t out[2];

        assert_int_equal(cp2fa_bytes_from_hex(text, len, out, 2),
                         len == 4 ? 0 : -1);
        free(text);
    }
}

/* RFC 4648 section 10, and the two digits that set base64 apart */
static const struct {
    const char *plain, *text;
} base64_vectors[] = {
    {"f", "Zg=="},        {"fo", "Zm8="},         {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="},  {"foobar", "Zm9vYmFy"},
    {"\373\377", "+/8="}, {"\377\357\276", "/+++"},
};

static void the_vectors_of_rfc_4648_come_out_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(base64_vectors); i++) {
        const char *plain = base64_vectors[i].plain;
        const char *text = base64_vectors[i].text;
        char out[16];
        uint8_t back[8];

        cp2fa_bytes_to_base64((const uint8_t *)plain, strlen(plain), out);
        assert_string_equal(out, text);
        assert_int_equal(strlen(out), CP2FA_BASE64_LEN(strlen(plain)));
        assert_int_equal(cp2fa_bytes_from_base64(text, strlen(text), back,
                                                 sizeof(back)),
                         (int)strlen(plain));
        assert_memory_equal(back, plain, strlen(plain));
    }
}

static void nothing_is_written_as_nothing(void **state)
{
    char out[4] = "!";

    (void)state;
    cp2fa_bytes_to_base64((const uint8_t *)"", 0, out);
    assert_string_equal(out, "");
    assert_int_equal(CP2FA_BASE64_LEN(0), 0);
}

/* RFC 4648 section 10: BASE64("") = "" */
static void nothing_is_read_as_nothing(void **state)
{
    uint8_t out[1];

    (void)state;
    assert_int_equal(cp2fa_bytes_from_base64("", 0, out, sizeof(out)), 0);
}

static void base64_of_every_length_round_trips(void **state)
{
    uint8_t data[96];

    (void)state;
    for (size_t n = 1; n <= sizeof(data); n++) {
        char text[CP2FA_BASE64_LEN(96) + 1];
        uint8_t back[96];

        for (size_t i = 0; i < n; i++) {
            data[i] = (uint8_t)(i * 59 + n * 83);
        }
        cp2fa_bytes_to_base64(data, n, text);
        assert_int_equal(strlen(text), CP2FA_BASE64_LEN(n));
        assert_int_equal(cp2fa_bytes_from_base64(text, strlen(text), back, n),
                         (int)n);
        assert_memory_equal(back, data, n);
    }
}

static void malformed_base64_is_refused(void **state)
{
    static const struct {
        const char *text;
        size_t len;
    } bad[] = {
        {"Z", 1},         {"Zg", 2},         {"Zg=", 3},
        {"Zg===", 5},     {"A===", 4},       {"====", 4},
        {"=", 1},         {"Zm=v", 4},       {"=m9v", 4},
        {"Zm9vA===", 8},
        {"Zg==Zg==", 8},  {"Zm9v====", 8},   {"Zm9v\n", 5},
        {" Zm9v", 5},     {"Zm9v    ", 8},   {"    Zm9v", 8},
        {"Zm 9", 4},      {"Zm\r\n", 4},     {"Zm9\t", 4},
        {"Zm-_", 4},      {"Zm9\0", 4},      {"\0\0\0\0", 4},
        {"Zm9v\0\0\0\0", 8},                 {"Zm\303\244", 4},
        {"Zm9\377", 4},   {"Zm9.", 4},       {"Zm%3", 4},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        uint8_t out[64];
        int n = cp2fa_bytes_from_base64(bad[i].text, bad[i].len, out,
                                        sizeof(out));

        if (n != -1) {
            fail_msg("row %zu '%s' gave %d bytes", i, bad[i].text, n);
        }
    }
}

/* RFC 4648 section 3.5: bits that no byte has must be zero, or a sealed
 * blob could be changed and still open (CRY-02). */
static void stray_bits_behind_the_last_byte_are_refused(void **state)
{
    static const char *const bad[] = {"Zh==", "Zv==", "Zm9=", "Zm/="};

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        uint8_t out[4];

        if (cp2fa_bytes_from_base64(bad[i], 4, out, sizeof(out)) != -1) {
            fail_msg("%s is a second spelling of another text", bad[i]);
        }
    }
}

static void bytes_beyond_the_buffer_are_refused_and_never_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(base64_vectors); i++) {
        const char *text = base64_vectors[i].text;
        size_t len = strlen(base64_vectors[i].plain);

        for (size_t size = 0; size <= len; size++) {
            uint8_t *out = (uint8_t *)exact_copy(text, size);

            assert_int_equal(cp2fa_bytes_from_base64(text, strlen(text), out,
                                                     size),
                             size < len ? -1 : (int)len);
            free(out);
        }
    }
}

static void no_byte_behind_the_base64_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(base64_vectors); i++) {
        size_t len = strlen(base64_vectors[i].text);
        char *text = exact_copy(base64_vectors[i].text, len);
        uint8_t out[8];

        assert_int_equal(cp2fa_bytes_from_base64(text, len, out, 8),
                         (int)strlen(base64_vectors[i].plain));
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wiping_clears_every_byte_and_no_more),
        cmocka_unit_test(equal_bytes_are_equal_whatever_follows_them),
        cmocka_unit_test(one_flipped_bit_anywhere_makes_bytes_unequal),
        cmocka_unit_test(every_byte_has_its_two_lower_case_digits),
        cmocka_unit_test(hex_of_many_bytes_keeps_their_order),
        cmocka_unit_test(one_value_has_one_spelling_in_hex),
        cmocka_unit_test(hex_of_another_length_is_refused),
        cmocka_unit_test(the_vectors_of_rfc_4648_come_out_both_ways),
        cmocka_unit_test(nothing_is_written_as_nothing),
        cmocka_unit_test(nothing_is_read_as_nothing),
        cmocka_unit_test(base64_of_every_length_round_trips),
        cmocka_unit_test(malformed_base64_is_refused),
        cmocka_unit_test(stray_bits_behind_the_last_byte_are_refused),
        cmocka_unit_test(
            bytes_beyond_the_buffer_are_refused_and_never_written),
        /* last: an over-read ends the program under ASan */
        cmocka_unit_test(no_byte_behind_the_base64_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
