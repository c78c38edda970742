/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/apptoken.h"

/* The checksum by an independent program (Python: zlib.crc32). */
#define ZEROS "cp2fa_" \
    "0000000000000000000000000000000000000000000000000000000000000000" \
    "190a55ad"
#define COUNTED "cp2fa_" \
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" \
    "91267e8a"

static void the_text_is_the_bytes_and_their_crc32(void **state)
{
    uint8_t bytes[CP2FA_APPTOKEN_BYTES] = {0};
    char text[CP2FA_APPTOKEN_TEXT + 1];

    (void)state;
    cp2fa_apptoken_format(bytes, text);
    assert_string_equal(text, ZEROS);
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)i;
    }
    cp2fa_apptoken_format(bytes, text);
    assert_string_equal(text, COUNTED);
    assert_int_equal(strlen(text), CP2FA_APPTOKEN_TEXT);
}

static int reads(const char *text, uint8_t bytes[CP2FA_APPTOKEN_BYTES])
{
    char *copy = exact_copy(text, strlen(text) + 1);
    int rv = cp2fa_apptoken_parse(copy, bytes);

    free(copy);
    return rv;
}

static void what_was_written_is_read_again(void **state)
{
    uint8_t bytes[CP2FA_APPTOKEN_BYTES];

    (void)state;
    assert_int_equal(reads(COUNTED, bytes), 0);
    for (size_t i = 0; i < sizeof(bytes); i++) {
        assert_int_equal(bytes[i], i);
    }
}

static void one_wrong_digit_anywhere_is_found(void **state)
{
    uint8_t bytes[CP2FA_APPTOKEN_BYTES];
    char text[] = COUNTED;

    (void)state;
    for (size_t i = 0; i < CP2FA_APPTOKEN_TEXT; i++) {
        char was = text[i];

        text[i] = was == '0' ? '1' : '0';
        assert_int_equal(reads(text, bytes), -1);
        text[i] = was;
    }
    assert_int_equal(reads(text, bytes), 0);
}

static void what_is_cut_longer_or_in_upper_case_is_none(void **state)
{
    uint8_t bytes[CP2FA_APPTOKEN_BYTES];
    char text[] = COUNTED;

    (void)state;
    assert_int_equal(reads(COUNTED "0", bytes), -1);
    assert_int_equal(reads(" " COUNTED, bytes), -1);
    assert_int_equal(reads("", bytes), -1);
    text[6 + 2 * 10 + 1] = 'A'; /* 0a */
    assert_int_equal(reads(text, bytes), -1);
    for (size_t len = CP2FA_APPTOKEN_TEXT; len-- > 0;) {
        text[len] = '\0';
        assert_int_equal(reads(text, bytes), -1);
    }
}

static void whatever_begins_as_one_looks_like_one(void **state)
{
    (void)state;
    assert_true(cp2fa_apptoken_looks_like(ZEROS));
    assert_true(cp2fa_apptoken_looks_like("cp2fa_"));
    assert_true(cp2fa_apptoken_looks_like("cp2fa_mistyped"));
    assert_false(cp2fa_apptoken_looks_like("cp2fa"));
    assert_false(cp2fa_apptoken_looks_like("CP2FA_"));
    assert_false(cp2fa_apptoken_looks_like(""));
}

static void a_path_is_read_as_it_is_typed(void **state)
{
    static const struct {
        const char *typed;
        const char *path;
    } good[] = {
        {"", "/"},          {"/", "/"},       {"/repo", "/repo"},
        {"/repo/", "/repo"}, {"/a/b.git", "/a/b.git"},
        {"/a b", "/a b"},   {"/ā", "/ā"},     {"/...", "/..."},
        {"/.git", "/.git"},
    };
    char path[CP2FA_APPTOKEN_PATH + 1];

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_int_equal(cp2fa_apptoken_read_path(good[i].typed, path), 0);
        assert_string_equal(path, good[i].path);
    }
}

static void a_path_with_two_readings_is_refused(void **state)
{
    static const char *const bad[] = {
        "repo",     "//",        "/a//b",  "/..",      "/a/../b", "/a/.",
        "/a/..;/b", "/a%2fb",    "/a?b",   "/a#b",     "/a\\b",   "/a\nb",
        "/\xff",    "https://x", "*",      "/a/./b",   "/.;x",
    };
    char path[CP2FA_APPTOKEN_PATH + 1];
    char longest[CP2FA_APPTOKEN_PATH + 2];

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (cp2fa_apptoken_read_path(bad[i], path) == 0) {
            fail_msg("%s was read as %s", bad[i], path);
        }
    }
    memset(longest, 'a', sizeof(longest));
    longest[0] = '/';
    longest[CP2FA_APPTOKEN_PATH] = '\0';
    assert_int_equal(cp2fa_apptoken_read_path(longest, path), 0);
    longest[CP2FA_APPTOKEN_PATH] = 'a';
    longest[CP2FA_APPTOKEN_PATH + 1] = '\0';
    assert_int_equal(cp2fa_apptoken_read_path(longest, path), -1);
}

static void a_path_covers_itself_and_what_is_below(void **state)
{
    static const struct {
        const char *path;
        const char *uri;
        int covers;
    } cases[] = {
        {"/", "/", 1},
        {"/", "/any/thing", 1},
        {"/", "/repo/..;/x", 1},
        {"/", "*", 0},
        {"/", "http://elsewhere/", 0},
        {"/", "", 0},
        {"/repo", "/repo", 1},
        {"/repo", "/repo/", 1},
        {"/repo", "/repo/x/y", 1},
        {"/repo", "/repo/.git/config", 1},
        {"/repo", "/repo/a...b", 1},
        {"/repo", "/repo/100%", 1},
        {"/repo", "/repo/%25", 1},
        {"/repo", "/repository", 0},
        {"/repo", "/rep", 0},
        {"/repo", "/", 0},
        {"/repo", "/Repo/x", 0},
        {"/repo", "//repo/x", 0},
        {"/repo", "/repo/../x", 0},
        {"/repo", "/repo/..", 0},
        {"/repo", "/repo/./x", 0},
        {"/repo", "/repo/..;a=b/x", 0},
        {"/repo", "/repo/%2e%2e/x", 0},
        {"/repo", "/repo/..%2Fx", 0},
        {"/repo", "/repo/a%5Cb", 0},
        {"/repo", "/repo/a\\b", 0},
        {"/repo/a", "/repo/b", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (cp2fa_apptoken_covers(cases[i].path, cases[i].uri)
            != cases[i].covers) {
            fail_msg("%s, %s", cases[i].path, cases[i].uri);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_is_the_bytes_and_their_crc32),
        cmocka_unit_test(what_was_written_is_read_again),
        cmocka_unit_test(one_wrong_digit_anywhere_is_found),
        cmocka_unit_test(what_is_cut_longer_or_in_upper_case_is_none),
        cmocka_unit_test(whatever_begins_as_one_looks_like_one),
        cmocka_unit_test(a_path_is_read_as_it_is_typed),
        cmocka_unit_test(a_path_with_two_readings_is_refused),
        cmocka_unit_test(a_path_covers_itself_and_what_is_below),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
