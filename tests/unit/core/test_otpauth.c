/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>

#include "core/otpauth.h"

static const uint8_t secret[64] = "12345678901234567890";
static const struct cp2fa_totp usual = {CP2FA_TOTP_SHA1, 6, 30};

#define SECRET32 "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
#define TAIL     "&algorithm=SHA1&digits=6&period=30"

/* ENR-06: names that would break a URI put together carelessly */
static const char *const hostile[] = {
    "a",
    "alice@example.org",
    "a:b",
    "a&issuer=evil",
    "a?secret=AAAA",
    "a#fragment",
    "100%",
    "%41",
    "%3A",
    "a b",
    "a+b",
    "a/b",
    "../..",
    "a=b",
    "\"'<>&;",
    "J\303\244nis B\304\223rzi\305\206\305\241",
    "\346\227\245\346\234\254",
    "\360\237\224\222",
    "\342\200\256evil",
    "\r\nX: y",
    "\001\177",
    "\377\376",
    "%n%s%x",
    "-._~",
    "!*'(),$@[]{}|\\^`",
};

static int hex(char c)
{
    static const char digits[] = "0123456789ABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* Undoes percent-encoding up to one of stop; asserts that all in between is
 * unreserved or %XX. Returns where it stopped. */
static const char *take(const char *at, const char *stop, char *out)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "abcdefghijklmnopqrstuvwxyz"
                                     "0123456789-._~";

    while (*at && !strchr(stop, *at)) {
        if (*at == '%') {
            int high = hex(at[1]);
            int low = high < 0 ? -1 : hex(at[2]);

            assert_true(low >= 0);
            *out++ = (char)(high << 4 | low);
            at += 3;
        }
        else {
            assert_non_null(strchr(unreserved, *at));
            *out++ = *at++;
        }
    }
    *out = '\0';
    return at;
}

static const char *expect(const char *at, const char *text)
{
    assert_int_equal(strncmp(at, text, strlen(text)), 0);
    return at + strlen(text);
}

static void round_trips(const char *issuer, const char *account)
{
    char uri[CP2FA_OTPAUTH_MAX];
    char part[CP2FA_OTPAUTH_MAX];
    const char *at;

    assert_int_equal(cp2fa_otpauth_uri(&usual, issuer, account, secret, 20,
                                       uri, sizeof(uri)),
                     0);
    at = take(expect(uri, "otpauth://totp/"), ":", part);
    assert_string_equal(part, issuer);
    at = take(expect(at, ":"), "?", part);
    assert_string_equal(part, account);
    at = take(expect(at, "?secret=" SECRET32 "&issuer="), "&", part);
    assert_string_equal(part, issuer);
    assert_string_equal(at, TAIL);
}

/* ENR-05: issuer twice, no padding, every parameter written out */
static void the_uri_of_a_usual_enrolment_is_as_apps_expect_it(void **state)
{
    char uri[CP2FA_OTPAUTH_MAX];

    (void)state;
    assert_int_equal(cp2fa_otpauth_uri(&usual, "Cloud console", "alice@x.lv",
                                       secret, 20, uri, sizeof(uri)),
                     0);
    assert_string_equal(uri, "otpauth://totp/Cloud%20console:alice%40x.lv"
                             "?secret=" SECRET32
                             "&issuer=Cloud%20console" TAIL);
}

static void every_parameter_is_the_device_s_own(void **state)
{
    static const struct {
        struct cp2fa_totp totp;
        const char *tail;
    } rows[] = {
        {{CP2FA_TOTP_SHA1, 8, 60}, "&algorithm=SHA1&digits=8&period=60"},
        {{CP2FA_TOTP_SHA256, 7, 20}, "&algorithm=SHA256&digits=7&period=20"},
        {{CP2FA_TOTP_SHA512, 6, 300}, "&algorithm=SHA512&digits=6&period=300"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char uri[CP2FA_OTPAUTH_MAX];

        assert_int_equal(cp2fa_otpauth_uri(&rows[i].totp, "I", "a", secret, 20,
                                           uri, sizeof(uri)),
                         0);
        assert_string_equal(expect(uri, "otpauth://totp/I:a?secret=" SECRET32
                                        "&issuer=I"),
                            rows[i].tail);
    }
}

/* ENR-05: lengths that would need padding have none */
static void a_secret_of_any_length_up_to_64_bytes_has_no_padding(void **state)
{
    (void)state;
    for (size_t len = 1; len <= CP2FA_TOTP_SECRET_MAX; len++) {
        char uri[CP2FA_OTPAUTH_MAX];
        const char *at;

        assert_int_equal(cp2fa_otpauth_uri(&usual, "I", "a", secret, len, uri,
                                           sizeof(uri)),
                         0);
        at = expect(uri, "otpauth://totp/I:a?secret=");
        assert_int_equal(strcspn(at, "=&"), (len * 8 + 4) / 5);
        expect(at + strcspn(at, "=&"), "&issuer=I&");
    }
}

/* ENR-06 */
static void hostile_names_still_make_one_well_formed_uri(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(hostile); i++) {
        for (size_t j = 0; j < COUNT(hostile); j++) {
            round_trips(hostile[i], hostile[j]);
        }
    }
}

/* ENR-06 */
static void every_byte_of_a_name_comes_back(void **state)
{
    (void)state;
    for (int c = 1; c < 256; c++) {
        const char name[] = {'x', (char)c, 'y', '\0'};

        round_trips(name, name);
    }
}

/* ENR-06: 255 bytes, each of them three characters */
static void the_longest_names_fit_into_the_maximum(void **state)
{
    char name[256];
    char uri[CP2FA_OTPAUTH_MAX];
    const struct cp2fa_totp totp = {CP2FA_TOTP_SHA512, 8, 300};

    (void)state;
    memset(name, ':', 255);
    name[255] = '\0';
    round_trips(name, name);
    assert_int_equal(cp2fa_otpauth_uri(&totp, name, name, secret, 64, uri,
                                       sizeof(uri)),
                     0);
}

static void a_uri_that_does_not_fit_is_refused_and_never_cut(void **state)
{
    char uri[CP2FA_OTPAUTH_MAX];
    size_t needed;

    (void)state;
    assert_int_equal(cp2fa_otpauth_uri(&usual, "A B", "\303\244", secret, 20,
                                       uri, sizeof(uri)),
                     0);
    needed = strlen(uri) + 1;
    for (size_t size = 0; size <= needed + 1; size++) {
        char *out = malloc(size); /* ASan guards its end */

        assert_int_equal(cp2fa_otpauth_uri(&usual, "A B", "\303\244", secret,
                                           20, out, size),
                         size < needed ? -1 : 0);
        free(out);
    }
}

static void a_secret_over_64_bytes_is_refused(void **state)
{
    static const uint8_t big[4096];
    char uri[16384];

    (void)state;
    assert_int_equal(cp2fa_otpauth_uri(&usual, "I", "a", big, 65, uri,
                                       sizeof(uri)),
                     -1);
    assert_int_equal(cp2fa_otpauth_uri(&usual, "I", "a", big, sizeof(big),
                                       uri, sizeof(uri)),
                     -1);
}

static void what_was_written_is_read_back(void **state)
{
    struct cp2fa_otpauth back;
    const struct cp2fa_totp totp = {CP2FA_TOTP_SHA512, 8, 60};
    char uri[CP2FA_OTPAUTH_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(hostile); i++) {
        /* names that no account can have are refused */
        int can = cp2fa_text_is_user(hostile[i])
                  && cp2fa_text_is_name(hostile[i]);

        assert_int_equal(cp2fa_otpauth_uri(&totp, hostile[i], hostile[i],
                                           secret, 20, uri, sizeof(uri)), 0);
        assert_int_equal(cp2fa_otpauth_parse(uri, &back),
                         can ? CP2FA_OTPAUTH_OK : CP2FA_OTPAUTH_MALFORMED);
        if (can) {
            assert_string_equal(back.issuer, hostile[i]);
            assert_string_equal(back.account, hostile[i]);
            assert_int_equal(back.len, 20);
            assert_memory_equal(back.secret, secret, 20);
            assert_memory_equal(&back.totp, &totp, sizeof(totp));
        }
    }
}

static void apps_write_it_in_many_ways(void **state)
{
    static const struct {
        const char *uri;
        const char *issuer;
        const char *account;
    } good[] = {
        {"otpauth://totp/alice?secret=" SECRET32, "", "alice"},
        {"OTPAUTH://TOTP/A%20B%3Aalice?secret=gezdgnbvgy3tqojq", "A B",
         "alice"},
        {"otpauth://totp/A:%20alice?image=x&secret=GEZDGNBVGY3TQOJQ&issuer=B",
         "B", "alice"},
        {"otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ&algorithm=sha1#x", "", "a"},
    };
    struct cp2fa_otpauth back;

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_int_equal(cp2fa_otpauth_parse(good[i].uri, &back),
                         CP2FA_OTPAUTH_OK);
        assert_string_equal(back.issuer, good[i].issuer);
        assert_string_equal(back.account, good[i].account);
        assert_memory_equal(&back.totp, &usual, sizeof(usual));
    }
}

static void what_is_no_uri_of_ours_is_told_apart(void **state)
{
    static const struct {
        const char *uri;
        enum cp2fa_otpauth_result result;
    } bad[] = {
        {"", CP2FA_OTPAUTH_MALFORMED},
        {"otpauth://", CP2FA_OTPAUTH_MALFORMED},
        {"otpauth://totp/?secret=" SECRET32, CP2FA_OTPAUTH_MALFORMED},
        {"otpauth://totp/a", CP2FA_OTPAUTH_MALFORMED},
        {"otpauth://totp/a?secret=", CP2FA_OTPAUTH_MALFORMED},
        {"otpauth://totp/a?secret=1", CP2FA_OTPAUTH_MALFORMED},
        {"otpauth://totp/a%0?secret=" SECRET32, CP2FA_OTPAUTH_MALFORMED},
        {"otpauth://totp/a%00b?secret=" SECRET32, CP2FA_OTPAUTH_MALFORMED},
        {"otpauth://totp/a%0ab?secret=" SECRET32, CP2FA_OTPAUTH_MALFORMED},
        {"https://totp/a?secret=" SECRET32, CP2FA_OTPAUTH_MALFORMED},
        {"otpauth://hotp/a?secret=" SECRET32, CP2FA_OTPAUTH_COUNTER},
        {"otpauth://totp/a?digits=9&secret=" SECRET32,
         CP2FA_OTPAUTH_UNSUPPORTED},
        {"otpauth://totp/a?period=10&secret=" SECRET32,
         CP2FA_OTPAUTH_UNSUPPORTED},
        {"otpauth://totp/a?algorithm=MD5&secret=" SECRET32,
         CP2FA_OTPAUTH_UNSUPPORTED},
    };
    struct cp2fa_otpauth back;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(cp2fa_otpauth_parse(bad[i].uri, &back),
                         bad[i].result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_uri_of_a_usual_enrolment_is_as_apps_expect_it),
        cmocka_unit_test(every_parameter_is_the_device_s_own),
        cmocka_unit_test(
            a_secret_of_any_length_up_to_64_bytes_has_no_padding),
        cmocka_unit_test(hostile_names_still_make_one_well_formed_uri),
        cmocka_unit_test(every_byte_of_a_name_comes_back),
        cmocka_unit_test(the_longest_names_fit_into_the_maximum),
        cmocka_unit_test(a_uri_that_does_not_fit_is_refused_and_never_cut),
        cmocka_unit_test(a_secret_over_64_bytes_is_refused),
        cmocka_unit_test(what_was_written_is_read_back),
        cmocka_unit_test(apps_write_it_in_many_ways),
        cmocka_unit_test(what_is_no_uri_of_ours_is_told_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
