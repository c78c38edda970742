/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>

#include "core/form.h"
#include "core/returnurl.h"
#include "open_redirects.h"

/* Copied to the byte, so that ASan sees a look behind the NUL. */
static int safe(const char *url)
{
    char *copy = exact_copy(url, strlen(url) + 1);
    int rv = cp2fa_returnurl_safe(copy);

    free(copy);
    return rv;
}

static void all_distinct(const char *const *urls, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (strcmp(urls[i], urls[j]) == 0) {
                fail_msg("'%s' twice", urls[i]);
            }
        }
    }
}

static void the_tables_are_as_long_as_they_should_be(void **state)
{
    (void)state;
    assert_true(COUNT(hostile_urls) >= 150);
    assert_true(COUNT(good_urls) >= 30);
    all_distinct(hostile_urls, COUNT(hostile_urls));
    all_distinct(hostile_posts, COUNT(hostile_posts));
    all_distinct(good_urls, COUNT(good_urls));
}

/* HTTP-05 */
static void no_hostile_url_is_safe(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(hostile_urls); i++) {
        if (safe(hostile_urls[i])) {
            fail_msg("row %zu '%s' passed", i, hostile_urls[i]);
        }
    }
}

/* HTTP-05, INP-01: as the form hands it on, or doesn't */
static void no_hostile_post_is_safe_once_it_is_decoded(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(hostile_posts); i++) {
        char text[256];

        snprintf(text, sizeof(text), "%s", hostile_posts[i]);
        if (cp2fa_form_decode(text) == 0 && safe(text)) {
            fail_msg("row %zu '%s' passed as '%s'", i, hostile_posts[i], text);
        }
    }
}

static void a_path_on_this_origin_with_any_query_is_safe(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good_urls); i++) {
        if (!safe(good_urls[i])) {
            fail_msg("row %zu '%s' was refused", i, good_urls[i]);
        }
    }
}

/* HTTP-05: what a user may need comes back from the token page's return= */
static void a_good_url_survives_encoding_and_decoding(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good_urls); i++) {
        char text[256];

        assert_int_equal(cp2fa_form_encode(good_urls[i], text, sizeof(text)),
                         0);
        assert_int_equal(cp2fa_form_decode(text), 0);
        assert_string_equal(text, good_urls[i]);
        assert_int_equal(safe(text), 1);
    }
}

/* "printable ASCII without backslashes and fragment", in path and query */
static void every_byte_is_judged_alone(void **state)
{
    (void)state;
    for (int c = 1; c < 256; c++) {
        const char urls[][7] = {
            {'/', 'a', (char)c, 'b'},
            {'/', (char)c},
            {'/', 'a', '?', (char)c},
            {'/', 'a', '?', 'b', (char)c, 'c'},
        };
        int printable = c > 0x20 && c < 0x7f && c != '\\' && c != '#';

        for (size_t i = 0; i < COUNT(urls); i++) {
            int segment = strcmp(urls[i], "//") != 0
                          && strcmp(urls[i], "/.") != 0;

            assert_int_equal(safe(urls[i]), printable && segment);
        }
        if (c != '/') {
            const char alone[] = {(char)c, 'a', '\0'};

            assert_int_equal(safe(alone), 0);
        }
    }
}

static void the_longest_url_has_2048_bytes(void **state)
{
    char url[8192];

    (void)state;
    memset(url, 'a', sizeof(url));
    url[0] = '/';
    url[sizeof(url) - 1] = '\0';
    assert_int_equal(safe(url), 0);
    url[CP2FA_RETURNURL_MAX + 1] = '\0';
    assert_int_equal(safe(url), 0);
    url[CP2FA_RETURNURL_MAX] = '\0';
    assert_int_equal(safe(url), 1);
    url[1] = '?';
    assert_int_equal(safe(url), 1);
    url[CP2FA_RETURNURL_MAX - 1] = '\t';
    assert_int_equal(safe(url), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_are_as_long_as_they_should_be),
        cmocka_unit_test(no_hostile_url_is_safe),
        cmocka_unit_test(no_hostile_post_is_safe_once_it_is_decoded),
        cmocka_unit_test(a_path_on_this_origin_with_any_query_is_safe),
        cmocka_unit_test(a_good_url_survives_encoding_and_decoding),
        cmocka_unit_test(every_byte_is_judged_alone),
        cmocka_unit_test(the_longest_url_has_2048_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
