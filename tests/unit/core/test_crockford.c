/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/crockford.h"

static void digits_are_crockfords_in_groups_of_five(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *text;
    } rows[] = {
        {"\x00", 1, "00"},
        {"\xff", 1, "ZW"},
        {"\x00\x44\x32\x14\xc7", 5, "01234-567"},
        {"\x42\x54\xb6\x35\xcf", 5, "89ABC-DEF"},
        {"\x84\x65\x3a\x56\xd7", 5, "GHJKM-NPQ"},
        {"\xc6\x75\xbe\x77\xdf", 5, "RSTVW-XYZ"},
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 16,
         "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-W"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[64];

        memset(text, 'x', sizeof(text));
        cp2fa_crockford_encode((const uint8_t *)rows[i].bytes, rows[i].n, text);
        assert_string_equal(text, rows[i].text);
        assert_int_equal(strlen(text), CP2FA_CROCKFORD_LEN(rows[i].n));
    }
}

static void what_was_encoded_is_read_back_at_any_length(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 40; n++) {
        uint8_t data[40];
        uint8_t back[40];
        char text[80];

        for (size_t i = 0; i < n; i++) {
            data[i] = (uint8_t)(i * 37 + n * 11);
        }
        cp2fa_crockford_encode(data, n, text);
        assert_int_equal(cp2fa_crockford_decode(text, strlen(text), back, n),
                         0);
        assert_memory_equal(back, data, n);
    }
}

static void people_may_type_it_as_they_read_it(void **state)
{
    static const char *const typed[] = {
        "01234-567",   "01234567",  "oIL34-567", "OlI34567",
        " 0 1234 567", "0123-4567", "0-1-2-3-4-5-6-7\t",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(typed); i++) {
        uint8_t out[5];
        /* of the letters O, I and L the last two are both 1 */
        int is_exact = strpbrk(typed[i], "lL") == NULL;

        assert_int_equal(
            cp2fa_crockford_decode(typed[i], strlen(typed[i]), out, 5), 0);
        assert_memory_equal(
            out, is_exact ? "\x00\x44\x32\x14\xc7" : "\x00\x42\x32\x14\xc7", 5);
    }
}

static void what_is_no_code_is_refused(void **state)
{
    static const char *const typed[] = {
        "",          "-",          "0123456",   "012345678", "01234-56U",
        "01234-56u", "01234-56!",  "01234 56é", "01234_567", "01234.567",
        "01234567=", "01234567\n", "0123456\v7"};

    (void)state;
    for (size_t i = 0; i < COUNT(typed); i++) {
        uint8_t out[5];

        assert_int_equal(
            cp2fa_crockford_decode(typed[i], strlen(typed[i]), out, 5), -1);
    }
}

static void a_nul_is_no_digit(void **state)
{
    uint8_t out[5];

    (void)state;
    assert_int_equal(cp2fa_crockford_decode("0123456\0", 8, out, 5), -1);
}

static void one_value_has_one_last_digit(void **state)
{
    uint8_t out[1];

    (void)state;
    assert_int_equal(cp2fa_crockford_decode("ZW", 2, out, 1), 0);
    assert_int_equal(cp2fa_crockford_decode("ZX", 2, out, 1), -1);
    assert_int_equal(cp2fa_crockford_decode("ZZ", 2, out, 1), -1);
}

static void the_text_needs_no_nul(void **state)
{
    char *text = exact_copy("01234-567", 9);
    uint8_t out[5];

    (void)state;
    assert_int_equal(cp2fa_crockford_decode(text, 9, out, 5), 0);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_are_crockfords_in_groups_of_five),
        cmocka_unit_test(what_was_encoded_is_read_back_at_any_length),
        cmocka_unit_test(people_may_type_it_as_they_read_it),
        cmocka_unit_test(what_is_no_code_is_refused),
        cmocka_unit_test(a_nul_is_no_digit),
        cmocka_unit_test(one_value_has_one_last_digit),
        cmocka_unit_test(the_text_needs_no_nul),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
