/* SPDX-License-Identifier: Apache-2.0 */
/* A mail says what its text said, and has the header fields that we wrote. */
#include "fuzz.h"

#include <time.h>

#include "core/message.h"
#include "core/text.h"

#define SIZE         32768
#define LINE_LONGEST 78
#define FIELDS       9
#define ENCODED      "=?UTF-8?B?"
#define LAST_DATE    INT64_C(253402300799) /* of the year 9999 */

/* Lines end in CRLF, are short, and hold printable ASCII alone. */
static void check_lines(const char *mail)
{
    while (*mail) {
        size_t n = strcspn(mail, "\r\n");

        CHECK(n <= LINE_LONGEST && strncmp(mail + n, "\r\n", 2) == 0);
        for (size_t i = 0; i < n; i++) {
            CHECK(mail[i] >= ' ' && mail[i] <= '~');
        }
        mail += n + 2;
    }
}

static const char *after(const char *mail, const char *text)
{
    const char *at = strstr(mail, text);

    CHECK(at);
    return at + strlen(text);
}

static void check_header(const char *mail, int64_t date)
{
    const char *end = strstr(mail, "\r\n\r\n");
    char expected[64];
    time_t seconds = date;
    struct tm tm;
    unsigned fields = 0;

    CHECK(end);
    for (const char *at = mail; at < end; at = after(at, "\r\n")) {
        fields += *at != ' ';
    }
    CHECK(fields == FIELDS);
    CHECK(gmtime_r(&seconds, &tm));
    strftime(expected, sizeof(expected), "\r\nDate: %a, %-d %b %Y %T +0000\r\n",
             &tm);
    after(mail, expected);
}

/* Decodes the Subject (RFC 2047). */
static void check_subject(const char *mail, const char *text, size_t len)
{
    const char *at = after(mail, "\r\nSubject: ");
    uint8_t *out = fuzz_alloc(len + 64);
    size_t n = 0;

    while (strncmp(at, ENCODED, strlen(ENCODED)) == 0) {
        const char *end = after(at + strlen(ENCODED), "?=");
        int got;

        at += strlen(ENCODED);
        got = cp2fa_bytes_from_base64(at, (size_t)(end - 2 - at), out + n,
                                      len + 64 - n);
        CHECK(got > 0 && cp2fa_text_is_utf8((char *)out + n, (size_t)got));
        n += (size_t)got;
        CHECK(n <= len);
        at = end + (strncmp(end, "\r\n ", 3) == 0 ? 3 : 0);
    }
    if (n == 0) {
        n = strcspn(at, "\r");
        CHECK(n == len && strncmp(at, text, n) == 0);
        at += n;
    }
    else {
        CHECK(n == len && memcmp(out, text, n) == 0);
    }
    CHECK(strncmp(at, "\r\n", 2) == 0);
    free(out);
}

static char hex_byte(const char *at)
{
    static const char digits[] = "0123456789ABCDEF";

    CHECK(at[0] && strchr(digits, at[0]) && at[1] && strchr(digits, at[1]));
    return (char)((strchr(digits, at[0]) - digits) << 4
                  | (strchr(digits, at[1]) - digits));
}

/* Decodes the body, whose last line we may have ended. */
static void check_body(const char *mail, const char *text)
{
    int qp = strstr(mail, "\r\nContent-Transfer-Encoding: quoted-printable\r\n")
             != NULL;
    const char *at = after(mail, "\r\n\r\n");

    while (*at) {
        if (qp && strncmp(at, "=\r\n", 3) == 0) {
            at += 3;
        }
        else if (strncmp(at, "\r\n", 2) == 0) {
            CHECK(*text == '\n' || (*text == '\0' && at[2] == '\0'));
            CHECK(!qp || at[-1] != ' '); /* it would be lost */
            text += *text == '\n';
            at += 2;
        }
        else if (qp && *at == '=') {
            CHECK(hex_byte(at + 1) == *text++);
            at += 3;
        }
        else {
            CHECK(*at++ == *text++);
        }
    }
    CHECK(*text == '\0');
}

static void check_mail(const struct cp2fa_envelope *envelope, const char *text,
                       const char *mail, size_t n)
{
    const char *subject = text + strlen("Subject: ");
    const char *body = after(text, "\n\n");
    char *tight = fuzz_alloc(n + 1);

    CHECK(strlen(mail) == n);
    check_lines(mail);
    check_header(mail, envelope->date);
    check_subject(mail, subject, (size_t)(body - 2 - subject));
    check_body(mail, body);
    CHECK(cp2fa_message_write(envelope, text, tight, n + 1) == (int)n);
    CHECK(!strcmp(tight, mail));
    tight = fuzz_realloc(tight, n); /* a byte too short */
    CHECK(cp2fa_message_write(envelope, text, tight, n) == -1);
    free(tight);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cp2fa_envelope envelope = {"id1", "noreply@x.test", "u@y.test", 0};
    char *text = fuzz_text(data, size);
    char *mail = fuzz_alloc(SIZE);
    uint64_t day = 0;
    int n;

    /* a day of any year */
    for (size_t i = 0; i < size; i++) {
        day = (day ^ data[i]) * UINT64_C(1099511628211);
    }
    envelope.date = (int64_t)(day % (uint64_t)LAST_DATE);
    n = cp2fa_message_write(&envelope, text, mail, SIZE);
    if (n >= 0) {
        check_mail(&envelope, text, mail, (size_t)n);
    }
    free(mail);
    free(text);
    return 0;
}
