/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/cookie.h"

#define NAME "__Host-cp2fa"

static void a_cookie_is_found_with_its_first_value_and_its_number(void **state)
{
    static const struct {
        const char *header;
        unsigned count;
        const char *value; /* of the first one */
    } rows[] = {
        {NAME "=v", 1, "v"},
        {"a=1; " NAME "=v; b=2", 1, "v"},
        {"a=1; b=2; " NAME "=v", 1, "v"},
        {"a=1;" NAME "=v;b=2", 1, "v"},
        {NAME "=v;", 1, "v"},
        {";;; " NAME "=v", 1, "v"},
        {"\t" NAME "=v\t", 1, "v"},
        {NAME "=", 1, ""},
        {NAME "=; a=1", 1, ""},
        {NAME "=a=b==", 1, "a=b=="},
        {NAME "=\"v\"", 1, "\"v\""},
        {NAME "=v" NAME "=w", 1, "v" NAME "=w"},
        {NAME "=one; " NAME "=two", 2, "one"},
        {NAME "=; " NAME "=two", 2, ""},
        {NAME "=v; a=1; " NAME "=v; " NAME "=v", 3, "v"},
        {NAME "=\377\200", 1, "\377\200"},
        {NAME "=a,b " NAME "=c", 1, "a,b " NAME "=c"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *value = NULL;
        size_t len = 0;

        if (cp2fa_cookie_find(rows[i].header, NAME, &value, &len)
            != rows[i].count) {
            fail_msg("number in '%s'", rows[i].header);
        }
        if (len != strlen(rows[i].value)
            || memcmp(value, rows[i].value, len) != 0) {
            fail_msg("value in '%s'", rows[i].header);
        }
    }
}

/* CK-02: with its case, and nothing but the whole name */
static void another_name_is_another_cookie(void **state)
{
    static const char *const headers[] = {
        "",
        ";",
        " ; ; ",
        "=",
        "=v",
        NAME,
        NAME "; a=1",
        "__host-cp2fa=v",
        "__HOST-CP2FA=v",
        "__Host-CP2FA=v",
        "__Host-cp2f=v",
        "__Host-cp2fa2=v",
        "__Host-cp2fa-x=v",
        "x__Host-cp2fa=v",
        "x" NAME "=v",
        "a=" NAME "=v",
        "a=1 " NAME "=v",
        "a=1, " NAME "=v",
        "\"; " NAME "\"=v",
        "$" NAME "=v",
        "%5f_Host-cp2fa=v",
        "__Host-cp2fa\001=v",
        "__Host-cp2fa\302\240=v",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(headers); i++) {
        const char *value;
        size_t len;

        if (cp2fa_cookie_find(headers[i], NAME, &value, &len) != 0) {
            fail_msg("found in '%s'", headers[i]);
        }
    }
}

/* CK-02: the twin does not hide or multiply the real one. */
static void the_twin_in_lower_case_changes_nothing(void **state)
{
    const char *value;
    size_t len;

    (void)state;
    assert_int_equal(cp2fa_cookie_find("__host-cp2fa=evil; " NAME "=good; "
                                       "__HOST-cp2fa=evil",
                                       NAME, &value, &len),
                     1);
    assert_int_equal(len, 4);
    assert_memory_equal(value, "good", 4);
}

static void a_cookie_is_taken_out_and_the_others_stay(void **state)
{
    static const struct {
        const char *header, *rest;
    } rows[] = {
        {NAME "=v", ""},
        {NAME "=v; a=1", "a=1"},
        {"a=1; " NAME "=v", "a=1"},
        {"a=1; " NAME "=v; b=2", "a=1; b=2"},
        {"a=1;" NAME "=v;b=2", "a=1;b=2"},
        {NAME "=v; " NAME "=w", ""},
        {NAME "=v; a=1; " NAME "=w; b=2; " NAME "=x", "a=1; b=2"},
        {NAME "=", ""},
        {NAME "=;a=1", "a=1"},
        {"a=1; b=2", "a=1; b=2"},
        {"a=" NAME "=v; b=\"x y\"", "a=" NAME "=v; b=\"x y\""},
        {"__host-cp2fa=v; x" NAME "=v", "__host-cp2fa=v; x" NAME "=v"},
        {"alone; " NAME "=v; =nameless", "alone; =nameless"},
        {NAME "; a=1", NAME "; a=1"},
        {"", ""},
        {"b=2; a=1; b=2; " NAME "=v", "b=2; a=1; b=2"},
        {"z=\377; " NAME "=v; y=\001", "z=\377; y=\001"},
        /* two fields, which httpd has joined */
        {"a=1, " NAME "=v", "a=1"},
        {NAME "=v, a=1", "a=1"},
        {"a=1,2; b=2, " NAME "=v, c=3,4; d=5", "a=1,2; b=2, c=3,4; d=5"},
        {"a=1,,\t" NAME " = v,, " NAME "=w;b=2", "a=1,;b=2"},
        {"a=1, b=" NAME "=v, c", "a=1, b=" NAME "=v, c"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *header = exact_copy(rows[i].header, strlen(rows[i].header) + 1);

        cp2fa_cookie_remove(header, NAME);
        if (strcmp(header, rows[i].rest) != 0) {
            fail_msg("'%s' became '%s'", rows[i].header, header);
        }
        free(header);
    }
}

/* Every header of up to six of these pieces: what is found before is gone
 * after, and of any other cookie there are as many as before. */
static void whatever_the_header_nothing_is_left_and_nothing_lost(void **state)
{
    static const char *const pieces[] = {
        "a=v", "A=v", "b=w", ";", " ", "=",
    };
    unsigned all = 1;

    (void)state;
    for (unsigned depth = 0; depth < 6; depth++) {
        all *= COUNT(pieces);
    }
    for (unsigned n = 0; n < all; n++) {
        char header[32] = "";
        unsigned others[2];
        const char *value;
        size_t len;

        for (unsigned depth = 0, left = n; depth < 6; depth++) {
            strcat(header, pieces[left % COUNT(pieces)]);
            left /= COUNT(pieces);
        }
        others[0] = cp2fa_cookie_find(header, "A", &value, &len);
        others[1] = cp2fa_cookie_find(header, "b", &value, &len);
        cp2fa_cookie_remove(header, "a");
        if (cp2fa_cookie_find(header, "a", &value, &len) != 0
            || cp2fa_cookie_find(header, "A", &value, &len) != others[0]
            || cp2fa_cookie_find(header, "b", &value, &len) != others[1]) {
            fail_msg("header %u became '%s'", n, header);
        }
    }
}

static void a_header_of_8_kib_is_searched_to_its_end(void **state)
{
    char header[8192 + 64] = "";
    const char *value;
    size_t len;

    (void)state;
    memset(header, ';', 4096);
    memset(header + 4096, 'x', 4096);
    strcpy(header + 8192, "=1; " NAME "=v");
    assert_int_equal(cp2fa_cookie_find(header, NAME, &value, &len), 1);
    assert_int_equal(len, 1);
    cp2fa_cookie_remove(header, NAME);
    assert_int_equal(cp2fa_cookie_find(header, NAME, &value, &len), 0);
    assert_non_null(strstr(header, "xxx=1"));
}

/* One browser in two consoles: neither application sees a session. */
static void the_cookies_of_other_realms_are_taken_out(void **state)
{
    static const struct {
        const char *header;
        const char *left;
    } rows[] = {
        {NAME "+b+2fa=v", ""},
        {NAME "+b+2fa-pre=v; a=1", "a=1"},
        {"a=1; " NAME "+b+2fa=v; b=2", "a=1; b=2"},
        {NAME "=v; " NAME "-pre=w", NAME "=v; " NAME "-pre=w"},
        {NAME "x+y=1; x" NAME "+b=1", NAME "x+y=1; x" NAME "+b=1"},
        {NAME "+", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char header[128];

        strcpy(header, rows[i].header);
        cp2fa_cookie_remove_realms(header, NAME);
        assert_string_equal(header, rows[i].left);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_cookie_is_found_with_its_first_value_and_its_number),
        cmocka_unit_test(another_name_is_another_cookie),
        cmocka_unit_test(the_twin_in_lower_case_changes_nothing),
        cmocka_unit_test(a_cookie_is_taken_out_and_the_others_stay),
        cmocka_unit_test(
            whatever_the_header_nothing_is_left_and_nothing_lost),
        cmocka_unit_test(the_cookies_of_other_realms_are_taken_out),
        cmocka_unit_test(a_header_of_8_kib_is_searched_to_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
