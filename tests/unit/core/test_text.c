/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/text.h"

/* RFC 3629 by its grammar, the slow way: decode, then judge. */
static int is_character(const uint8_t *s, size_t n)
{
    static const uint32_t least[] = {0, 1, 0x80, 0x800, 0x10000};
    size_t len = s[0] < 0x80 ? 1 : s[0] >> 5 == 6 ? 2 : s[0] >> 4 == 14 ? 3
                 : s[0] >> 3 == 30 ? 4 : 0;
    uint32_t c = len > 1 ? s[0] & (0x7fu >> len) : s[0];

    if (len == 0 || len != n) {
        return 0;
    }
    for (size_t i = 1; i < len; i++) {
        if (s[i] >> 6 != 2) {
            return 0;
        }
        c = c << 6 | (s[i] & 63u);
    }
    return c >= least[len] && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

static int is_utf8(const uint8_t *s, size_t len)
{
    char *copy = exact_copy((const char *)s, len);
    int rv = cp2fa_text_is_utf8(copy, len);

    free(copy);
    return rv;
}

/* INP-01, RFC 3629: overlong, surrogates, NUL, beyond U+10FFFF */
static void every_one_two_and_three_bytes_are_judged_right(void **state)
{
    (void)state;
    for (unsigned a = 0; a < 256; a++) {
        uint8_t s[3] = {(uint8_t)a};

        assert_int_equal(is_utf8(s, 1), is_character(s, 1));
        for (unsigned b = 0; b < 256; b++) {
            int pair;

            s[1] = (uint8_t)b;
            pair = is_character(s, 2)
                   || (is_character(s, 1) && is_character(s + 1, 1));
            assert_int_equal(is_utf8(s, 2), pair);
            for (unsigned c = 0x7e; a >= 0xe0 && a < 0xf0 && c < 0xc2; c++) {
                s[2] = (uint8_t)c;
                if (cp2fa_text_is_utf8((char *)s, 3) != is_character(s, 3)) {
                    fail_msg("%02x %02x %02x", a, b, c);
                }
            }
        }
    }
}

static void every_four_bytes_are_judged_right(void **state)
{
    static const uint8_t ends[] = {0x7f, 0x80, 0xbf, 0xc0};

    (void)state;
    for (unsigned a = 0xf0; a < 256; a++) {
        for (unsigned b = 0; b < 256; b++) {
            for (size_t i = 0; i < 16; i++) {
                const uint8_t s[] = {(uint8_t)a, (uint8_t)b, ends[i / 4],
                                     ends[i % 4]};

                if (cp2fa_text_is_utf8((const char *)s, 4)
                    != is_character(s, 4)) {
                    fail_msg("%02x %02x %02x %02x", a, b, s[2], s[3]);
                }
            }
        }
    }
}

static void a_character_cut_short_is_not_utf_8(void **state)
{
    static const char *const texts[] = {
        "\303\244", "\342\202\254", "\360\237\224\222", "\364\217\277\277",
    };

    (void)state;
    assert_int_equal(cp2fa_text_is_utf8("", 0), 1);
    for (size_t i = 0; i < COUNT(texts); i++) {
        const uint8_t *text = (const uint8_t *)texts[i];

        assert_int_equal(is_utf8(text, strlen(texts[i])), 1);
        for (size_t len = 1; len < strlen(texts[i]); len++) {
            assert_int_equal(is_utf8(text, len), 0);
            assert_int_equal(is_utf8(text + len, strlen(texts[i]) - len), 0);
        }
    }
    assert_int_equal(cp2fa_text_is_utf8("a\0b", 3), 0);
    assert_int_equal(cp2fa_text_is_utf8("a\0", 2), 0);
}

/* INP-01 */
static void a_name_is_text_without_control_characters(void **state)
{
    static const struct {
        const char *text;
        int good;
    } rows[] = {
        {"a", 1},
        {"alice", 1},
        {"alice@example.org", 1},
        {"EXAMPLE\\alice", 1},
        {"J\304\201nis B\304\223rzi\305\206\305\241", 1},
        {" ", 1},
        {"'\";--<svg>%n:&#", 1},
        {"\302\240", 1},     /* U+00A0, the first behind C1 */
        {"\302\277", 1},
        {"\303\202\303\200", 1},
        {"\302\242\303\237", 1},
        {"\360\237\224\222", 1},
        {"", 0},
        {"\r\nSet-Cookie: x", 0},
        {"a\tb", 0},
        {"\033[31m", 0},
        {"a\177", 0},
        {"\302\200", 0},     /* U+0080 to U+009F: C1 */
        {"a\302\205b", 0},
        {"\302\233" "31m", 0},
        {"\302\237", 0},
        {"\302", 0},
        {"a\303", 0},
        {"\377", 0},
        {"\300\257", 0},
        {"\355\240\200", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (cp2fa_text_is_name(rows[i].text) != rows[i].good) {
            fail_msg("row %zu '%s'", i, rows[i].text);
        }
    }
    for (int c = 1; c < 128; c++) {
        const char text[] = {'x', (char)c, '\0'};

        assert_int_equal(cp2fa_text_is_name(text), c >= 0x20 && c != 0x7f);
    }
}

static void a_name_has_at_most_255_bytes(void **state)
{
    char name[70000];

    (void)state;
    memset(name, 'a', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    assert_int_equal(cp2fa_text_is_name(name), 0);
    name[256] = '\0';
    assert_int_equal(cp2fa_text_is_name(name), 0);
    name[255] = '\0';
    assert_int_equal(cp2fa_text_is_name(name), 1);
    memcpy(name + 253, "\303\244", 2); /* bytes count, not characters */
    assert_int_equal(cp2fa_text_is_name(name), 1);
    memcpy(name + 254, "\303\244", 3);
    assert_int_equal(cp2fa_text_is_name(name), 0);
}

/* INP-03 */
static void only_ascii_letters_are_folded(void **state)
{
    (void)state;
    for (unsigned c = 1; c < 256; c++) {
        char text[] = {'X', (char)c, 'Z', '\0'};
        const char folded[] = {
            'x', (char)(c >= 'A' && c <= 'Z' ? c + 32 : c), 'z', '\0',
        };

        cp2fa_text_fold_case(text);
        assert_string_equal(text, folded);
    }
}

/* THR-10: 21900 days overflowed another project's lock-out */
static void a_duration_is_a_whole_number_and_a_unit(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds; /* or -1 */
    } rows[] = {
        {"0", 0},           {"1", 1},          {"90", 90},
        {"90s", 90},        {"5m", 300},       {"5min", 300},
        {"12h", 43200},     {"30d", 2592000},  {"0d", 0},
        {"007", 7},         {"3650d", 315360000},
        {"87600h", 315360000},                 {"315360000", 315360000},
        {"5256000m", 315360000},               {"", -1},
        {"-1", -1},         {"+1", -1},        {" 1", -1},
        {"1 ", -1},         {"1 h", -1},       {"h", -1},
        {"1.5h", -1},       {"1e3", -1},       {"0x10", -1},
        {"1H", -1},         {"1D", -1},        {"1S", -1},
        {"1mi", -1},        {"1mins", -1},     {"1ms", -1},
        {"1w", -1},         {"1y", -1},        {"1d12h", -1},
        {"1hh", -1},        {"-1d", -1},       {"\3751", -1},
        {"3661d", -1},      {"21900d", -1},    {"87900h", -1},
        {"5300000min", -1}, {"320000000", -1}, {"2147483648d", -1},
        {"4294967296", -1}, {"9223372036854775807", -1},
        {"9223372036854775808", -1},           {"18446744073709551616", -1},
        {"18446744073709551617s", -1},         {"106751991167301d", -1},
        {"99999999999999999999999999999999h", -1},
        {"213503982334602d", -1},              {"00000000000000000000001", 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t seconds = 4711;
        int rv = cp2fa_text_duration(rows[i].text, &seconds);

        if (rv != (rows[i].seconds < 0 ? -1 : 0)
            || (rv == 0 && seconds != rows[i].seconds)) {
            fail_msg("'%s': %d, %lld", rows[i].text, rv, (long long)seconds);
        }
    }
}

/* THR-10 */
static void a_number_is_taken_from_its_least_to_its_most(void **state)
{
    static const struct {
        const char *text;
        int64_t min, max, out; /* out -1: refused */
    } rows[] = {
        {"1", 1, 100, 1},      {"20", 1, 100, 20},   {"100", 1, 100, 100},
        {"020", 1, 100, 20},   {"0", 0, 0, 0},       {"5", 5, 5, 5},
        {"6", 6, 8, 6},        {"8", 6, 8, 8},       {"10", 0, 10, 10},
        {"9223372036854775807", 0, INT64_MAX, INT64_MAX},
        {"0", 1, 100, -1},     {"101", 1, 100, -1},  {"-1", 1, 100, -1},
        {"", 0, 100, -1},      {" 1", 0, 100, -1},   {"1 ", 0, 100, -1},
        {"+1", 0, 100, -1},    {"1.0", 0, 100, -1},  {"1e1", 0, 100, -1},
        {"0x1", 0, 100, -1},   {"1s", 0, 100, -1},   {"a", 0, 100, -1},
        {"2147483648", 1, 100, -1},
        {"4294967297", 1, 100, -1},
        {"18446744073709551617", 1, 100, -1},
        {"9223372036854775808", 0, INT64_MAX, -1},
        {"5", 6, 8, -1},       {"19", 20, 300, -1},  {"301", 20, 300, -1},
        {"11", 0, 10, -1},     {"19", 0, 10, -1},    {"109", 0, 100, -1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t out = -1;
        int rv = cp2fa_text_number(rows[i].text, rows[i].min, rows[i].max,
                                   &out);

        if (rv != (rows[i].out < 0 ? -1 : 0) || out != rows[i].out) {
            fail_msg("'%s' of %lld to %lld: %d, %lld", rows[i].text,
                     (long long)rows[i].min, (long long)rows[i].max, rv,
                     (long long)out);
        }
    }
}

/* One digit above a most of one digit: TwoFactorToken SHA1 9 30 */
static void a_number_above_a_small_most_is_refused(void **state)
{
    (void)state;
    for (int64_t max = 0; max <= 120; max++) {
        for (int64_t n = 0; n <= 130; n++) {
            const char text[] = {(char)('0' + n / 100),
                                 (char)('0' + n / 10 % 10),
                                 (char)('0' + n % 10), '\0'};
            int64_t out;

            if (cp2fa_text_number(text, 0, max, &out) != (n <= max ? 0 : -1)) {
                fail_msg("%s of 0 to %lld", text, (long long)max);
            }
        }
    }
}

/* The failure inside, whatever it is, must not be a number of the range. */
static void a_malformed_number_is_no_negative_one(void **state)
{
    static const char *const bad[] = {"", "999", "99999999999999999999"};

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t out;

        assert_int_equal(cp2fa_text_number(bad[i], -10, 10, &out), -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_one_two_and_three_bytes_are_judged_right),
        cmocka_unit_test(every_four_bytes_are_judged_right),
        cmocka_unit_test(a_character_cut_short_is_not_utf_8),
        cmocka_unit_test(a_name_is_text_without_control_characters),
        cmocka_unit_test(a_name_has_at_most_255_bytes),
        cmocka_unit_test(only_ascii_letters_are_folded),
        cmocka_unit_test(a_duration_is_a_whole_number_and_a_unit),
        cmocka_unit_test(a_number_is_taken_from_its_least_to_its_most),
        cmocka_unit_test(a_number_above_a_small_most_is_refused),
        cmocka_unit_test(a_malformed_number_is_no_negative_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
