/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/crockford.h"

/* Vectors by an independent program (Python: base64.b32encode, its alphabet
 * translated to Crockford's). */
static const struct {
    uint8_t data[16];
    size_t n;
    const char *text;
} vectors[] = {
    {{0}, 1, "00"},
    {{0xff}, 1, "ZW"},
    {{0xde, 0xad, 0xbe, 0xef, 0x01}, 5, "VTPVX-VR1"},
    {{0}, 16, "00000-00000-00000-00000-00000-0"},
    {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
      0xff, 0xff, 0xff, 0xff},
     16,
     "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-W"},
};

static void known_bytes_have_their_known_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        char text[CP2FA_CROCKFORD_LEN(16) + 1];

        cp2fa_crockford_encode(vectors[i].data, vectors[i].n, text);
        assert_string_equal(text, vectors[i].text);
        assert_int_equal(strlen(text), CP2FA_CROCKFORD_LEN(vectors[i].n));
    }
}

static void every_length_comes_back_as_it_went(void **state)
{
    uint8_t data[32];

    (void)state;
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (uint8_t)(i * 37 + 11);
    }
    for (size_t n = 1; n <= sizeof(data); n++) {
        char text[CP2FA_CROCKFORD_LEN(32) + 1];
        uint8_t back[32];

        cp2fa_crockford_encode(data, n, text);
        assert_int_equal(cp2fa_crockford_decode(text, strlen(text), back, n),
                         0);
        assert_memory_equal(back, data, n);
    }
}

static int reads(const char *text, uint8_t out[16])
{
    char *copy = exact_copy(text, strlen(text) + 1);
    int rv = cp2fa_crockford_decode(copy, strlen(text), out, 16);

    free(copy);
    return rv;
}

static void people_may_type_it_as_they_like(void **state)
{
    static const char *const spellings[] = {
        "01011-1ABCD-EFGHJ-KMNPQ-RSTVW-0",
        "010111ABCDEFGHJKMNPQRSTVW0",
        "oioil-iabcd-efghj-kmnpq-rstvw-O",
        "  O1OIL 1abcd efghj kmnpq\trstvw 0\r\n",
        "0-1-0-1-1-1-A-B-C-D-E-F-G-H-J-K-M-N-P-Q-R-S-T-V-W-0",
    };
    uint8_t first[16];
    uint8_t other[16];

    (void)state;
    assert_int_equal(reads(spellings[0], first), 0);
    for (size_t i = 1; i < COUNT(spellings); i++) {
        assert_int_equal(reads(spellings[i], other), 0);
        assert_memory_equal(first, other, 16);
    }
}

static void anything_else_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "-",
        "0",
        "0000000000000000000000000",   /* one less */
        "000000000000000000000000000", /* one more */
        "U0000000000000000000000000",  /* no U in the alphabet */
        "00000000000000000000000001",  /* spare bits set */
        "00000000000000000000000002",
        "0000000000000000000000000!",
        "0000000000000000000000000\xc3\xa9",
        "0000000000000_000000000000",
    };
    uint8_t out[16];

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_int_equal(reads(wrong[i], out), -1);
    }
    assert_int_equal(
        cp2fa_crockford_decode("0000000000000\0000000000000", 26, out, 16),
        -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_bytes_have_their_known_text),
        cmocka_unit_test(every_length_comes_back_as_it_went),
        cmocka_unit_test(people_may_type_it_as_they_like),
        cmocka_unit_test(anything_else_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
