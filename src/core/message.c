/* SPDX-License-Identifier: Apache-2.0 */
#include "core/message.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/address.h"
#include "core/text.h"

#define SUBJECT       "Subject: "
#define SUBJECT_PLAIN 66 /* characters, so that its line stays below 76 */
#define SUBJECT_PIECE 39 /* bytes in an encoded word, the same */
#define LINE_7BIT     78 /* RFC 5322 2.1.1 */
#define LINE_QP       76 /* RFC 2045 6.7 */
#define DAY           INT64_C(86400)

struct sink {
    char *out;
    size_t size;
    size_t len;
    int full;
};

static void put(struct sink *s, const char *text, size_t len)
{
    if (s->full || len >= s->size - s->len) {
        s->full = 1;
        return;
    }
    memcpy(s->out + s->len, text, len);
    s->len += len;
    s->out[s->len] = '\0';
}

static void say(struct sink *s, const char *text)
{
    put(s, text, strlen(text));
}

/* The Gregorian calendar from a day's number, counted from 1970; years begin
 * in March here, so that a leap day is a year's last. */
static void put_date(struct sink *s, int64_t seconds)
{
    static const char days[] = "ThuFriSatSunMonTueWed";
    static const char months[] = "MarAprMayJunJulAugSepOctNovDecJanFeb";
    int64_t day = seconds / DAY;
    int64_t of_day = seconds % DAY;
    int64_t z = day + 719468;
    int64_t era = z / 146097;
    int64_t doe = z % 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t month = (5 * doy + 2) / 153; /* 0 is March */
    char text[64];

    snprintf(text, sizeof(text),
             "%.3s, %" PRId64 " %.3s %" PRId64 " %02" PRId64 ":%02" PRId64
             ":%02" PRId64 " +0000",
             days + 3 * (day % 7), doy - (153 * month + 2) / 5 + 1,
             months + 3 * month, yoe + era * 400 + (month >= 10), of_day / 3600,
             of_day / 60 % 60, of_day % 60);
    say(s, text);
}

static int is_ascii(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((uint8_t)text[i] > 0x7e || (uint8_t)text[i] < 0x20) {
            return 0;
        }
    }
    return 1;
}

/* Whole characters of at most SUBJECT_PIECE bytes. */
static size_t piece_of(const char *text, size_t len)
{
    size_t n = len < SUBJECT_PIECE ? len : SUBJECT_PIECE;

    while (n < len && n > 1 && ((uint8_t)text[n] & 0xc0) == 0x80) {
        n--;
    }
    return n;
}

static void put_subject(struct sink *s, const char *text, size_t len)
{
    char base64[CP2FA_BASE64_LEN(SUBJECT_PIECE) + 1];

    say(s, SUBJECT);
    if (is_ascii(text, len) && len <= SUBJECT_PLAIN
        && !memchr(text, '=', len)) { /* "=?" would be decoded */
        put(s, text, len);
        len = 0;
    }
    while (len > 0) {
        size_t n = piece_of(text, len);

        cp2fa_bytes_to_base64((const uint8_t *)text, n, base64);
        say(s, "=?UTF-8?B?");
        say(s, base64);
        say(s, len > n ? "?=\r\n " : "?=");
        text += n;
        len -= n;
    }
    say(s, "\r\n");
}

static int is_7bit(const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n");

        if (len > LINE_7BIT || !is_ascii(text, len)) {
            return 0;
        }
        text += len + (text[len] == '\n');
    }
    return 1;
}

static void put_line_qp(struct sink *s, const char *text, size_t len)
{
    size_t column = 0;

    for (size_t i = 0; i < len; i++) {
        uint8_t c = (uint8_t)text[i];
        char spelled[4] = {text[i], '\0'};

        /* a blank at a line's end would be lost on the way */
        if (c < 0x20 || c > 0x7e || c == '=' || (c == ' ' && i + 1 == len)) {
            snprintf(spelled, sizeof(spelled), "=%02X", c);
        }
        if (column + strlen(spelled) >= LINE_QP) {
            say(s, "=\r\n");
            column = 0;
        }
        say(s, spelled);
        column += strlen(spelled);
    }
}

static void put_body(struct sink *s, const char *text, int plain)
{
    while (*text) {
        size_t len = strcspn(text, "\n");

        if (plain) {
            put(s, text, len);
        }
        else {
            put_line_qp(s, text, len);
        }
        say(s, "\r\n");
        text += len + (text[len] == '\n');
    }
}

static void put_header(struct sink *s, const struct cp2fa_envelope *envelope)
{
    const struct {
        const char *name;
        const char *value;
    } fields[] = {
        {"From: ", envelope->from},
        {"To: ", envelope->to},
    };

    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
        say(s, fields[i].name);
        say(s, fields[i].value);
        say(s, "\r\n");
    }
    say(s, "Date: ");
    put_date(s, envelope->date);
    say(s, "\r\nMessage-ID: <");
    say(s, envelope->id);
    say(s, "@");
    say(s, cp2fa_address_domain(envelope->from));
    /* so that no vacation program answers (RFC 3834) */
    say(s, ">\r\nAuto-Submitted: auto-generated\r\n");
}

int cp2fa_message_write(const struct cp2fa_envelope *envelope, const char *text,
                        char *out, size_t size)
{
    struct sink s = {out, size, 0, 0};
    const char *subject = text + strlen(SUBJECT);
    const char *end = strstr(text, "\n\n");
    size_t len;
    int plain;

    if (strncmp(text, SUBJECT, strlen(SUBJECT)) != 0 || !end
        || !cp2fa_text_is_utf8(text, strlen(text))
        || !cp2fa_address_valid(envelope->from)
        || !cp2fa_address_valid(envelope->to) || envelope->date < 0) {
        return -1;
    }
    len = (size_t)(end - subject);
    if (len == 0 || memchr(subject, '\n', len) || memchr(subject, '\r', len)) {
        return -1;
    }
    plain = is_7bit(end + 2);
    put_header(&s, envelope);
    put_subject(&s, subject, len);
    say(&s, "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: ");
    say(&s, plain ? "7bit\r\n\r\n" : "quoted-printable\r\n\r\n");
    put_body(&s, end + 2, plain);
    return s.full ? -1 : (int)s.len;
}
