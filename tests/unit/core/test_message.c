/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/message.h"

static const struct cp2fa_envelope envelope = {
    .id = "0123abcd",
    .from = "two-factor@console.example",
    .to = "alice@example.org",
    .date = 1795508473,
};

static char out[8192];

static int make(const char *text)
{
    return cp2fa_message_write(&envelope, text, out, sizeof(out));
}

static void a_plain_text_goes_out_as_it_is(void **state)
{
    int len = make("Subject: Hello\n\nHi,\n\n.\nbye");

    (void)state;
    assert_int_equal(len, strlen(out));
    assert_string_equal(
        out, "From: two-factor@console.example\r\n"
             "To: alice@example.org\r\n"
             "Date: Tue, 24 Nov 2026 08:21:13 +0000\r\n"
             "Message-ID: <0123abcd@console.example>\r\n"
             "Auto-Submitted: auto-generated\r\n"
             "Subject: Hello\r\n"
             "MIME-Version: 1.0\r\n"
             "Content-Type: text/plain; charset=utf-8\r\n"
             "Content-Transfer-Encoding: 7bit\r\n"
             "\r\n"
             "Hi,\r\n\r\n.\r\nbye\r\n");
}

static void dates_are_those_of_the_calendar(void **state)
{
    /* by date -u -R */
    static const struct {
        int64_t seconds;
        const char *text;
    } dates[] = {
        {0, "Thu, 1 Jan 1970 00:00:00 +0000"},
        {951782400, "Tue, 29 Feb 2000 00:00:00 +0000"},
        {951868799, "Tue, 29 Feb 2000 23:59:59 +0000"},
        {951868800, "Wed, 1 Mar 2000 00:00:00 +0000"},
        {1704067199, "Sun, 31 Dec 2023 23:59:59 +0000"},
        {4107542399, "Sun, 28 Feb 2100 23:59:59 +0000"},
        {4107542400, "Mon, 1 Mar 2100 00:00:00 +0000"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(dates); i++) {
        struct cp2fa_envelope e = envelope;

        e.date = dates[i].seconds;
        assert_true(cp2fa_message_write(&e, "Subject: x\n\ny", out,
                                        sizeof(out))
                    > 0);
        assert_non_null(strstr(out, dates[i].text));
    }
}

static void check_lines(size_t most)
{
    for (const char *at = out; *at;) {
        size_t len = strcspn(at, "\r");

        assert_true(len <= most);
        assert_memory_equal(at + len, "\r\n", 2);
        at += len + 2;
    }
}

static void other_text_is_quoted_printable(void **state)
{
    (void)state;
    assert_true(make("Subject: x\n\nZa\xc5\xbe\xc4\x81 = k\xc5\xab ka \n\tx")
                > 0);
    assert_non_null(strstr(out, "quoted-printable\r\n\r\n"
                                "Za=C5=BE=C4=81 =3D k=C5=AB ka=20\r\n"
                                "=09x\r\n"));
    check_lines(76);
}

static void long_lines_are_broken_softly(void **state)
{
    char text[1200] = "Subject: x\n\n";

    (void)state;
    memset(text + 12, 'a', 1000);
    assert_true(make(text) > 0);
    check_lines(76);
    assert_non_null(strstr(out, "a=\r\na"));
}

static void a_subject_of_other_letters_is_encoded_in_whole_ones(void **state)
{
    char text[512] = "Subject: ";

    (void)state;
    assert_true(make("Subject: P\xc4\xabns\n\nx") > 0);
    assert_non_null(strstr(out, "\r\nSubject: =?UTF-8?B?UMSrbnM=?=\r\n"));
    for (int i = 0; i < 100; i++) {
        strcat(text, "\xe6\x97\xa5");
    }
    strcat(text, "\n\nx");
    assert_true(make(text) > 0);
    check_lines(76);
    /* 13 characters of 3 bytes: 39 bytes, 52 characters of base64 */
    assert_non_null(strstr(out, "?=\r\n =?UTF-8?B?5pel5pel"));
}

static void a_subject_that_looks_encoded_is_encoded(void **state)
{
    (void)state;
    assert_true(make("Subject: =?UTF-8?B?eA==?=\n\nx") > 0);
    assert_null(strstr(out, "eA=="));
}

/* MAIL-09 */
static void what_makes_no_mail_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "Hello",
        "Subject: x",
        "Subject: x\nBcc: y\n\nz",
        "Subject: x\r\n\nz",
        "Subject: \n\nz",
        "subject: x\n\nz",
        "\nSubject: x\n\nz",
        "Subject: x\n\n\xff",
        "Subject: \xc3\n\nx",
    };
    struct cp2fa_envelope e = envelope;

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        assert_int_equal(make(texts[i]), -1);
    }
    e.to = "alice@example.org\r\nBcc: bob@example.org";
    assert_int_equal(
        cp2fa_message_write(&e, "Subject: x\n\ny", out, sizeof(out)), -1);
    e = envelope;
    e.from = "nobody";
    assert_int_equal(
        cp2fa_message_write(&e, "Subject: x\n\ny", out, sizeof(out)), -1);
}

static void what_does_not_fit_is_refused(void **state)
{
    int len = make("Subject: x\n\ny");

    (void)state;
    for (int size = 1; size <= len + 1; size++) {
        char *small = malloc((size_t)size);

        assert_int_equal(cp2fa_message_write(&envelope, "Subject: x\n\ny",
                                             small, (size_t)size),
                         size > len ? len : -1);
        free(small);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_text_goes_out_as_it_is),
        cmocka_unit_test(dates_are_those_of_the_calendar),
        cmocka_unit_test(other_text_is_quoted_printable),
        cmocka_unit_test(long_lines_are_broken_softly),
        cmocka_unit_test(a_subject_of_other_letters_is_encoded_in_whole_ones),
        cmocka_unit_test(a_subject_that_looks_encoded_is_encoded),
        cmocka_unit_test(what_makes_no_mail_is_refused),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
