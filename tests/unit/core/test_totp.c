/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/totp.h"

/* RFC 6238 appendix B in the form its erratum 2866 gives: a seed as long as
 * the hash. A shorter algorithm uses the head of it. */
static const uint8_t seed[] = "1234567890123456789012345678901234567890"
                              "123456789012345678901234";
static const size_t seed_len[] = {20, 32, 64};

#define OTP6 ((struct cp2fa_totp){CP2FA_TOTP_SHA1, 6, 30})

static void code_of(void **state, const struct cp2fa_totp *totp, int64_t step,
                    char code[CP2FA_TOTP_DIGITS_MAX + 1])
{
    assert_int_equal(cp2fa_totp_code(*state, totp, seed, 20, step, code), 0);
}

static uint64_t matches_of(void **state, const struct cp2fa_totp *totp,
                           int64_t first, unsigned count, const char *token)
{
    uint64_t matches = UINT64_MAX;

    assert_int_equal(cp2fa_totp_match(*state, totp, seed, 20, first, count,
                                      token, &matches),
                     0);
    return matches;
}

/* OTP-01 */
static void
a_code_of_the_appendix_b_vector_comes_out_for_every_algorithm(void **state)
{
    static const struct {
        int64_t time;
        int64_t step;
        const char *codes[3];
    } rows[] = {
        {59, 0x1, {"94287082", "46119246", "90693936"}},
        {1111111109, 0x23523EC, {"07081804", "68084774", "25091201"}},
        {1111111111, 0x23523ED, {"14050471", "67062674", "99943326"}},
        {1234567890, 0x273EF07, {"89005924", "91819424", "93441116"}},
        {2000000000, 0x3F940AA, {"69279037", "90698825", "38618901"}},
        {20000000000, 0x27BC86AA, {"65353130", "77737706", "47863826"}},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        for (int alg = CP2FA_TOTP_SHA1; alg <= CP2FA_TOTP_SHA512; alg++) {
            const struct cp2fa_totp totp = {(enum cp2fa_totp_alg)alg, 8, 30};
            char code[CP2FA_TOTP_DIGITS_MAX + 1];

            assert_int_equal(cp2fa_totp_step(&totp, rows[i].time),
                             rows[i].step);
            assert_int_equal(cp2fa_totp_code(*state, &totp, seed,
                                             seed_len[alg], rows[i].step,
                                             code),
                             0);
            assert_string_equal(code, rows[i].codes[alg]);
        }
    }
}

/* RFC 4226 appendix D */
static void the_codes_of_rfc_4226_appendix_d_come_out(void **state)
{
    static const char *const codes[] = {
        "755224", "287082", "359152", "969429", "338314",
        "254676", "287922", "162583", "399871", "520489",
    };

    for (size_t i = 0; i < COUNT(codes); i++) {
        char code[CP2FA_TOTP_DIGITS_MAX + 1];

        code_of(state, &OTP6, (int64_t)i, code);
        assert_string_equal(code, codes[i]);
        assert_int_equal(matches_of(state, &OTP6, 0, 10, codes[i]),
                         UINT64_C(1) << i);
    }
}

/* RFC 4226 5.3: a code is the tail of the longer one, zeros and all */
static void a_shorter_code_is_the_tail_of_the_longer_one(void **state)
{
    for (int64_t step = 0; step < 50; step++) {
        char codes[9][CP2FA_TOTP_DIGITS_MAX + 1];

        for (unsigned digits = 6; digits <= 8; digits++) {
            const struct cp2fa_totp totp = {CP2FA_TOTP_SHA1, digits, 30};

            code_of(state, &totp, step, codes[digits]);
            assert_int_equal(strlen(codes[digits]), digits);
        }
        assert_string_equal(codes[8] + 1, codes[7]);
        assert_string_equal(codes[7] + 1, codes[6]);
    }
}

/* OTP-08: steps whose codes begin with zeros */
static void leading_zeros_are_kept(void **state)
{
    static const struct {
        int64_t step;
        const char *code;
    } rows[] = {{36, "003784"}, {44, "000152"}, {366, "000866"}};

    for (size_t i = 0; i < COUNT(rows); i++) {
        char code[CP2FA_TOTP_DIGITS_MAX + 1];

        code_of(state, &OTP6, rows[i].step, code);
        assert_string_equal(code, rows[i].code);
    }
}

static void a_step_begins_exactly_at_its_period(void **state)
{
    (void)state;
    for (unsigned period = 20; period <= 300; period += 10) {
        const struct cp2fa_totp totp = {CP2FA_TOTP_SHA1, 6, period};
        int64_t start = INT64_C(1111111) * period;

        assert_int_equal(cp2fa_totp_step(&totp, 0), 0);
        assert_int_equal(cp2fa_totp_step(&totp, period - 1), 0);
        assert_int_equal(cp2fa_totp_step(&totp, start - 1), 1111110);
        assert_int_equal(cp2fa_totp_step(&totp, start), 1111111);
        assert_int_equal(cp2fa_totp_step(&totp, start + period - 1), 1111111);
        assert_int_equal(cp2fa_totp_step(&totp, start + period), 1111112);
    }
}

static void an_algorithm_is_found_by_its_name_alone(void **state)
{
    static const char *const names[] = {"SHA1", "SHA256", "SHA512"};
    static const char *const strange[] = {
        "", "sha1", "SHA", "SHA-1", "SHA11", "SHA384", "MD5", " SHA1",
        "SHA1 ", "SHA2566",
    };
    enum cp2fa_totp_alg alg;

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_string_equal(cp2fa_totp_alg_name((enum cp2fa_totp_alg)i),
                            names[i]);
        assert_int_equal(cp2fa_totp_alg_find(names[i], &alg), 0);
        assert_int_equal(alg, i);
    }
    for (size_t i = 0; i < COUNT(strange); i++) {
        assert_int_equal(cp2fa_totp_alg_find(strange[i], &alg), -1);
    }
}

static void digits_6_to_8_and_periods_20_to_300_are_supported(void **state)
{
    static const struct {
        unsigned digits, period;
        int supported;
    } rows[] = {
        {6, 30, 1},  {7, 30, 1},  {8, 30, 1},   {6, 20, 1},  {6, 300, 1},
        {5, 30, 0},  {9, 30, 0},  {0, 30, 0},   {6, 19, 0},  {6, 301, 0},
        {6, 0, 0},   {6, 1, 0},   {8, 301, 0},  {10, 30, 0},
        {(unsigned)-1, 30, 0},    {6, (unsigned)-1, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct cp2fa_totp totp = {CP2FA_TOTP_SHA1, rows[i].digits,
                                        rows[i].period};

        assert_int_equal(cp2fa_totp_supported(&totp), rows[i].supported);
    }
}

/* OTP-08 */
static void blanks_and_dashes_are_dropped_from_what_was_typed(void **state)
{
    static const char *const typed[] = {
        "012345",   "012 345",       " 012345", "012345 ",      "012-345",
        "01-23-45", "\t012\t345\t",  "- 0 1 2 3 4 5 -", "0 1  2---345",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(typed); i++) {
        char *text = exact_copy(typed[i], strlen(typed[i]));
        char out[CP2FA_TOTP_DIGITS_MAX + 1] = "!";

        assert_int_equal(cp2fa_totp_normalise(&OTP6, text, strlen(typed[i]),
                                              out),
                         0);
        assert_string_equal(out, "012345");
        free(text);
    }
}

/* OTP-08, OTP-04, INP-01 */
static void anything_but_the_device_s_digits_is_refused(void **state)
{
    static const struct {
        const char *typed;
        size_t len;
    } bad[] = {
        {"", 0},           {" ", 1},           {"-", 1},
        {"12345", 5},      {"1234567", 7},     {"12345678", 8},
        {"12345 ", 6},     {"1 2 3 4 5", 9},   {"123456 7", 8},
        {"+23456", 6},     {"+123456", 7},     {"0x1234", 6},
        {"12345a", 6},     {"abcdef", 6},      {"1e1234", 6},
        {"12345\0", 6},    {"123456\0", 7},    {"\000123456", 7},
        {"123\000456", 7}, {"12345.", 6},      {"123,456", 7},
        {"123456\n", 7},   {"123456\r\n", 8},  {"12345\v6", 7},
        {"12345\f6", 7},   {"123456;", 7},     {"123456'", 7},
        {"%31%32", 6},     {"12345%36", 8},    {"123456\303\244", 8},
        /* full-width and Arabic-Indic digits, no-break space, minus */
        {"\357\274\221\357\274\222\357\274\223", 9},
        {"12345\331\246", 7},
        {"123\302\240456", 8},
        {"123\342\210\222456", 9},
        {"123456\377", 7},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        char *typed = exact_copy(bad[i].typed, bad[i].len);
        char out[CP2FA_TOTP_DIGITS_MAX + 1];
        int rv = cp2fa_totp_normalise(&OTP6, typed, bad[i].len, out);

        free(typed);
        if (rv != -1) {
            fail_msg("row %zu '%s' was taken", i, bad[i].typed);
        }
    }
}

static void a_token_has_as_many_digits_as_its_device_shows(void **state)
{
    (void)state;
    for (unsigned digits = 6; digits <= 8; digits++) {
        const struct cp2fa_totp totp = {CP2FA_TOTP_SHA1, digits, 30};

        for (size_t len = 0; len <= 12; len++) {
            char out[CP2FA_TOTP_DIGITS_MAX + 1];

            assert_int_equal(cp2fa_totp_normalise(&totp, "123456789012", len,
                                                  out),
                             len == digits ? 0 : -1);
        }
    }
}

static void the_length_typed_is_what_counts_not_a_nul(void **state)
{
    char long_one[8192];
    char out[CP2FA_TOTP_DIGITS_MAX + 1];

    (void)state;
    memset(long_one, ' ', sizeof(long_one));
    assert_int_equal(cp2fa_totp_normalise(&OTP6, long_one, sizeof(long_one),
                                          out),
                     -1);
    memcpy(long_one + 8000, "012345", 6);
    assert_int_equal(cp2fa_totp_normalise(&OTP6, long_one, sizeof(long_one),
                                          out),
                     0);
    assert_string_equal(out, "012345");
}

/* OTP-06, unit part: from -8 to +8 around a window of every width */
static void a_token_matches_inside_the_window_and_nowhere_else(void **state)
{
    const int64_t now = 40000000;

    for (int width = 0; width <= 6; width++) {
        for (int64_t off = -8; off <= 8; off++) {
            char code[CP2FA_TOTP_DIGITS_MAX + 1];
            uint64_t expected = 0;

            code_of(state, &OTP6, now + off, code);
            if (off >= -width && off <= width) {
                expected = UINT64_C(1) << (off + width);
            }
            assert_int_equal(matches_of(state, &OTP6, now - width,
                                        (unsigned)(2 * width + 1), code),
                             expected);
        }
    }
}

static void each_bit_stands_for_its_own_step_up_to_the_63rd(void **state)
{
    for (int alg = CP2FA_TOTP_SHA1; alg <= CP2FA_TOTP_SHA512; alg++) {
        const struct cp2fa_totp totp = {(enum cp2fa_totp_alg)alg, 8, 30};

        for (unsigned i = 0; i < CP2FA_TOTP_WINDOW_MAX; i++) {
            char code[CP2FA_TOTP_DIGITS_MAX + 1];

            code_of(state, &totp, INT64_C(1000000) + i, code);
            assert_int_equal(matches_of(state, &totp, 1000000,
                                        CP2FA_TOTP_WINDOW_MAX, code),
                             UINT64_C(1) << i);
        }
    }
}

/* Found by search: for this seed these two steps have one code. */
static void two_steps_with_one_code_set_two_bits(void **state)
{
    assert_int_equal(matches_of(state, &OTP6, 2386, 9, "709847"), 0x101);
    assert_int_equal(matches_of(state, &OTP6, 2380, 40, "709847"),
                     UINT64_C(0x101) << 6);
    assert_int_equal(matches_of(state, &OTP6, 2386, 8, "709847"), 0x1);
    assert_int_equal(matches_of(state, &OTP6, 2387, 8, "709847"), 0x80);
    assert_int_equal(matches_of(state, &OTP6, 2387, 7, "709847"), 0);
}

static void a_wrong_token_sets_no_bit(void **state)
{
    static const char *const wrong[] = {
        "000000", "999999", "755225", "655224", "755234", "755214", "752224",
        "765224", "422557", "      ", "75522:",
    };

    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_int_equal(matches_of(state, &OTP6, 0, 1, wrong[i]), 0);
    }
    assert_int_equal(matches_of(state, &OTP6, 0, 1, "755224"), 1);
}

static void every_digit_of_a_token_counts(void **state)
{
    for (unsigned digits = 6; digits <= 8; digits++) {
        const struct cp2fa_totp totp = {CP2FA_TOTP_SHA1, digits, 30};

        for (unsigned i = 0; i < digits; i++) {
            char code[CP2FA_TOTP_DIGITS_MAX + 1];

            code_of(state, &totp, 1, code);
            assert_int_equal(matches_of(state, &totp, 1, 1, code), 1);
            code[i] = code[i] == '9' ? '0' : (char)(code[i] + 1);
            assert_int_equal(matches_of(state, &totp, 1, 1, code), 0);
        }
    }
}

static void another_secret_another_algorithm_or_period_is_wrong(void **state)
{
    const struct cp2fa_totp sha256 = {CP2FA_TOTP_SHA256, 6, 30};
    uint64_t matches = 1;
    uint8_t other[20];

    memcpy(other, seed, sizeof(other));
    other[19] ^= 1;
    assert_int_equal(cp2fa_totp_match(*state, &OTP6, other, 20, 0, 1, "755224",
                                      &matches),
                     0);
    assert_int_equal(matches, 0);
    assert_int_equal(matches_of(state, &sha256, 0, 1, "755224"), 0);
}

static void more_than_63_steps_are_refused_without_a_match(void **state)
{
    static const unsigned counts[] = {64, 65, 128, (unsigned)-1};

    for (size_t i = 0; i < COUNT(counts); i++) {
        uint64_t matches = UINT64_MAX;

        assert_int_equal(cp2fa_totp_match(*state, &OTP6, seed, 20, 0,
                                          counts[i], "755224", &matches),
                         -1);
        assert_int_equal(matches, 0);
    }
    assert_int_equal(matches_of(state, &OTP6, 0, 0, "755224"), 0);
    assert_int_equal(matches_of(state, &OTP6, 0, 63, "755224"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_code_of_the_appendix_b_vector_comes_out_for_every_algorithm),
        cmocka_unit_test(the_codes_of_rfc_4226_appendix_d_come_out),
        cmocka_unit_test(a_shorter_code_is_the_tail_of_the_longer_one),
        cmocka_unit_test(leading_zeros_are_kept),
        cmocka_unit_test(a_step_begins_exactly_at_its_period),
        cmocka_unit_test(an_algorithm_is_found_by_its_name_alone),
        cmocka_unit_test(digits_6_to_8_and_periods_20_to_300_are_supported),
        cmocka_unit_test(blanks_and_dashes_are_dropped_from_what_was_typed),
        cmocka_unit_test(anything_but_the_device_s_digits_is_refused),
        cmocka_unit_test(a_token_has_as_many_digits_as_its_device_shows),
        cmocka_unit_test(the_length_typed_is_what_counts_not_a_nul),
        cmocka_unit_test(a_token_matches_inside_the_window_and_nowhere_else),
        cmocka_unit_test(each_bit_stands_for_its_own_step_up_to_the_63rd),
        cmocka_unit_test(two_steps_with_one_code_set_two_bits),
        cmocka_unit_test(a_wrong_token_sets_no_bit),
        cmocka_unit_test(every_digit_of_a_token_counts),
        cmocka_unit_test(another_secret_another_algorithm_or_period_is_wrong),
        cmocka_unit_test(more_than_63_steps_are_refused_without_a_match),
    };

    return cmocka_run_group_tests(tests, with_crypto, without_crypto);
}
