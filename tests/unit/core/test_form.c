/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>

#include "core/form.h"

static int parse(struct cp2fa_form *form, const char *body, size_t len)
{
    memset(form, 0xa5, sizeof(*form));
    memcpy(form->body, body, len);
    form->len = len;
    return cp2fa_form_parse(form);
}

static int parse_text(struct cp2fa_form *form, const char *body)
{
    return parse(form, body, strlen(body));
}

static void fields_are_decoded_and_found_by_name(void **state)
{
    static const struct {
        const char *body, *name, *value;
    } rows[] = {
        {"token=123456", "token", "123456"},
        {"token=123456&csrf=ab", "csrf", "ab"},
        {"token=123+456", "token", "123 456"},
        {"token=123%20456", "token", "123 456"},
        {"a=%2B%26%3D%25", "a", "+&=%"},
        {"a=b=c", "a", "b=c"},
        {"a=", "a", ""},
        {"a", "a", ""},
        {"=x", "", "x"},
        {"&&a=1&&b=2&", "b", "2"},
        {"%74oken=1", "token", "1"},
        {"a+b=1", "a b", "1"},
        {"a=%c3%a4%C3%84", "a", "\303\244\303\204"},
        {"a=\303\244", "a", "\303\244"},
        {"a=%f0%9f%94%92", "a", "\360\237\224\222"},
        {"a=%0d%0A%09", "a", "\r\n\t"},
        {"a=%2525", "a", "%25"},
        {"A=1&a=2", "a", "2"},
        {"return=%2Fa%3Fx%3D1%26y%3D2", "return", "/a?x=1&y=2"},
    };
    struct cp2fa_form form;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (parse_text(&form, rows[i].body) != 0) {
            fail_msg("'%s' was refused", rows[i].body);
        }
        assert_non_null(cp2fa_form_get(&form, rows[i].name));
        assert_string_equal(cp2fa_form_get(&form, rows[i].name),
                            rows[i].value);
    }
}

static void a_field_that_is_not_there_is_null(void **state)
{
    struct cp2fa_form form;

    (void)state;
    assert_int_equal(parse_text(&form, ""), 0);
    assert_int_equal(form.count, 0);
    assert_null(cp2fa_form_get(&form, ""));
    assert_int_equal(parse_text(&form, "token=1"), 0);
    assert_int_equal(form.count, 1);
    assert_null(cp2fa_form_get(&form, "Token"));
    assert_null(cp2fa_form_get(&form, "toke"));
    assert_null(cp2fa_form_get(&form, "token2"));
    assert_null(cp2fa_form_get(&form, ""));
}

/* INP-01, ASVS 15.3.7 */
static void a_field_given_twice_is_refused_in_any_spelling(void **state)
{
    static const char *const bodies[] = {
        "a=1&a=2",     "a=1&a=1",       "a=1&b=2&a=3", "a=&a=",
        "a&a",         "a=1&a",         "%61=1&a=2",   "a=1&%61=2",
        "a+b=1&a%20b=2", "=1&=2",       "a=1&&&a=2",   "=&=",
        "%c3%a4=1&\303\244=2",          "x=1&a=1&y=1&z=1&a",
    };
    struct cp2fa_form form;

    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        if (parse_text(&form, bodies[i]) != -1) {
            fail_msg("'%s' was taken", bodies[i]);
        }
    }
}

/* in a name, in a value, in a later field */
static const struct {
    const char *text;
    size_t len;
} hostile[] = {
    {"%", 1},          {"%%", 2},          {"%2", 2},
    {"%4", 2},         {"a%", 2},          {"%g0", 3},
    {"%0g", 3},        {"%-1", 3},         {"%+1", 3},
    {"% 1", 3},        {"%1 ", 3},         {"%0x41", 5},
    {"%u0041", 6},     {"%%41", 4},        {"%:0", 3},
    {"%@0", 3},        {"%G0", 3},         {"%`0", 3},
    {"%/0", 3},        {"%00", 3},         {"a%00b", 5},
    {"%2\0", 3},       {"\0", 1},          {"a\0b", 3},
    {"%c3", 3},        {"%c3%28", 6},      {"%80", 3},
    {"%bf", 3},        {"%ff", 3},         {"%fe", 3},
    /* RFC 3629 sections 3 and 10: overlong, surrogates, beyond U+10FFFF */
    {"%c0%80", 6},     {"%c0%af", 6},      {"%c1%bf", 6},
    {"%e0%80%af", 9},  {"%e0%9f%bf", 9},   {"%f0%80%80%af", 12},
    {"%f0%8f%bf%bf", 12},                  {"%ed%a0%80", 9},
    {"%ed%bf%bf", 9},  {"%ed%a0%bd%ed%b4%92", 18},
    {"%f4%90%80%80", 12},                  {"%f8%88%80%80%80", 15},
    {"\300\257", 2},   {"\355\240\200", 3}, {"\364\220\200\200", 4},
    {"\377", 1},       {"\303", 1},        {"%e2%82", 6},
    /* a character split over bytes raw and escaped, then cut */
    {"%f0\237%94", 7}, {"\342%82+", 5},
};

/* INP-01 */
static void broken_escapes_nuls_and_bad_utf_8_are_refused(void **state)
{
    struct cp2fa_form form;

    (void)state;
    for (size_t i = 0; i < COUNT(hostile); i++) {
        static const char *const frames[][2] = {
            {"a=", ""}, {"a=", "&b=1"}, {"", "=1"}, {"b=1&", ""},
            {"b=1&a=x", "&c=2"},
        };

        for (size_t j = 0; j < COUNT(frames); j++) {
            char body[64];
            size_t len = strlen(frames[j][0]);

            memcpy(body, frames[j][0], len);
            memcpy(body + len, hostile[i].text, hostile[i].len);
            len += hostile[i].len;
            memcpy(body + len, frames[j][1], strlen(frames[j][1]));
            len += strlen(frames[j][1]);
            if (parse(&form, body, len) != -1) {
                fail_msg("row %zu '%s' in frame %zu was taken", i,
                         hostile[i].text, j);
            }
        }
    }
}

static void a_text_is_decoded_in_place_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(hostile); i++) {
        char *text;

        if (memchr(hostile[i].text, '\0', hostile[i].len)) {
            continue; /* ends there */
        }
        text = exact_copy(hostile[i].text, hostile[i].len + 1);
        text[hostile[i].len] = '\0';
        if (cp2fa_form_decode(text) != -1) {
            fail_msg("row %zu '%s' was decoded", i, hostile[i].text);
        }
        free(text);
    }
}

static void every_escape_is_its_byte_in_either_case(void **state)
{
    (void)state;
    for (unsigned c = 1; c < 0x80; c++) {
        const char byte[] = {(char)c, '\0'};
        char text[8];

        snprintf(text, sizeof(text), "%%%02x", c);
        assert_int_equal(cp2fa_form_decode(text), 0);
        assert_string_equal(text, byte);
        snprintf(text, sizeof(text), "%%%02X", c);
        assert_int_equal(cp2fa_form_decode(text), 0);
        assert_string_equal(text, byte);
    }
    for (unsigned c = 0x80; c < 0x100; c++) {
        const char text[] = {(char)(0xc0 | c >> 6), (char)(0x80 | (c & 63)),
                             '\0'};
        char escaped[8];

        snprintf(escaped, sizeof(escaped), "%%%02x%%%02X",
                 (unsigned)(uint8_t)text[0], (unsigned)(uint8_t)text[1]);
        assert_int_equal(cp2fa_form_decode(escaped), 0);
        assert_string_equal(escaped, text);
    }
}

static void thirty_two_fields_are_taken_and_one_more_is_not(void **state)
{
    char body[512] = "";
    struct cp2fa_form form;

    (void)state;
    for (int i = 0; i < CP2FA_FORM_FIELDS; i++) {
        sprintf(body + strlen(body), "f%d=%d&", i, i);
    }
    assert_int_equal(parse_text(&form, body), 0);
    assert_int_equal(form.count, CP2FA_FORM_FIELDS);
    assert_string_equal(cp2fa_form_get(&form, "f0"), "0");
    assert_string_equal(cp2fa_form_get(&form, "f31"), "31");
    strcat(body, "more");
    assert_int_equal(parse_text(&form, body), -1);
}

/* F21, INP-01: the cap itself */
static void a_body_of_8_kib_is_parsed_whole(void **state)
{
    struct cp2fa_form form;
    char body[CP2FA_FORM_MAX];
    const char *value;

    (void)state;
    memset(body, 'x', sizeof(body));
    body[1] = '=';
    assert_int_equal(parse(&form, body, sizeof(body)), 0);
    value = cp2fa_form_get(&form, "x");
    assert_non_null(value);
    assert_int_equal(strlen(value), CP2FA_FORM_MAX - 2);
    memcpy(body + sizeof(body) - 2, "%4", 2); /* cut by the cap */
    assert_int_equal(parse(&form, body, sizeof(body)), -1);
    body[sizeof(body) - 2] = 'x';
    body[sizeof(body) - 1] = '\0';
    assert_int_equal(parse(&form, body, sizeof(body)), -1);
    memset(body, '&', sizeof(body));
    assert_int_equal(parse(&form, body, sizeof(body)), 0);
    assert_int_equal(form.count, 0);
    for (size_t i = 0; i < sizeof(body); i += 2) {
        memcpy(body + i, "a&", 2);
    }
    assert_int_equal(parse(&form, body, sizeof(body)), -1);
}

/* RFC 3986 section 2.3 "unreserved", and the slash */
static void all_but_unreserved_and_slash_is_encoded(void **state)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz"
                                "0123456789-._~/";

    (void)state;
    for (unsigned c = 1; c < 256; c++) {
        const char text[] = {(char)c, '\0'};
        char expected[4];
        char out[8];

        if (strchr(plain, (int)c)) {
            strcpy(expected, text);
        }
        else {
            snprintf(expected, sizeof(expected), "%%%02X", c);
        }
        assert_int_equal(cp2fa_form_encode(text, out, sizeof(out)), 0);
        assert_string_equal(out, expected);
    }
}

static void what_was_encoded_is_decoded_again(void **state)
{
    static const char *const texts[] = {
        "", "/a?b=c&d=e+f#g%h", "\303\244 \360\237\224\222", "\r\n\t\001\177",
        "%41", "%00", "\"'<>",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        char out[128];

        assert_int_equal(cp2fa_form_encode(texts[i], out, sizeof(out)), 0);
        assert_null(strpbrk(out, "?&=+# \"'<>\r\n"));
        assert_int_equal(cp2fa_form_decode(out), 0);
        assert_string_equal(out, texts[i]);
    }
}

/* The header: -1 if it does not fit; so 0 if it does, to the last byte */
static void a_text_is_encoded_exactly_when_it_fits(void **state)
{
    static const struct {
        const char *text;
        size_t needed;
    } rows[] = {{"", 1}, {"?", 4}, {"a?", 5}, {"a", 2}, {"?a", 5}, {"/ab", 4}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (size_t size = 0; size <= rows[i].needed + 3; size++) {
            char *out = malloc(size); /* ASan guards its end */
            int rv = cp2fa_form_encode(rows[i].text, out, size);

            free(out);
            if (rv != (size < rows[i].needed ? -1 : 0)) {
                fail_msg("'%s' in %zu bytes: %d", rows[i].text, size, rv);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_decoded_and_found_by_name),
        cmocka_unit_test(a_field_that_is_not_there_is_null),
        cmocka_unit_test(a_field_given_twice_is_refused_in_any_spelling),
        cmocka_unit_test(broken_escapes_nuls_and_bad_utf_8_are_refused),
        cmocka_unit_test(a_text_is_decoded_in_place_or_refused),
        cmocka_unit_test(every_escape_is_its_byte_in_either_case),
        cmocka_unit_test(thirty_two_fields_are_taken_and_one_more_is_not),
        cmocka_unit_test(a_body_of_8_kib_is_parsed_whole),
        cmocka_unit_test(all_but_unreserved_and_slash_is_encoded),
        cmocka_unit_test(what_was_encoded_is_decoded_again),
        cmocka_unit_test(a_text_is_encoded_exactly_when_it_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
