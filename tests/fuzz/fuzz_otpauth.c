/* SPDX-License-Identifier: Apache-2.0 */
/* An app reads from the URI what was written into it: issuer, account, and
 * the rest of the input as the secret. */
#include "fuzz.h"

#include "core/base32.h"
#include "core/otpauth.h"
#include "core/text.h"

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c - 'A' + 10;
}

/* Reads percent-encoded text up to a delimiter. Returns what is behind. */
static const char *check_encoded(const char *uri, const char *text, char end)
{
    for (; *text; text++) {
        if (*uri == '%') {
            CHECK((char)(hex(uri[1]) << 4 | hex(uri[2])) == *text);
            uri += 3;
        }
        else {
            CHECK(*uri == *text && !strchr(":/?&=", *uri));
            uri++;
        }
    }
    CHECK(*uri == end);
    return uri + 1;
}

static const char *check_constant(const char *uri, const char *text)
{
    CHECK(strncmp(uri, text, strlen(text)) == 0);
    return uri + strlen(text);
}

static void check_uri(const char *uri, const char *issuer, const char *account,
                      const uint8_t *secret, size_t len)
{
    uint8_t back[CP2FA_TOTP_SECRET_MAX];
    size_t n;

    CHECK(strspn(uri, ":/?&=%-._~0123456789abcdefghijklmnopqrstuvwxyz"
                      "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
          == strlen(uri));
    uri = check_constant(uri, "otpauth://totp/");
    uri = check_encoded(uri, issuer, ':');
    uri = check_encoded(uri, account, '?');
    uri = check_constant(uri, "secret=");
    n = strcspn(uri, "&");
    CHECK(cp2fa_base32_decode(uri, n, back, sizeof(back)) == (int)len);
    CHECK(len == 0 || memcmp(back, secret, len) == 0);
    uri = check_constant(uri + n, "&issuer=");
    uri = check_encoded(uri, issuer, '&');
    CHECK(!strcmp(uri, "algorithm=SHA256&digits=6&period=30"));
}

/* What others wrote is a device, or nothing; and ours is read back. */
static void check_parse(const char *uri)
{
    struct cp2fa_otpauth out;
    struct cp2fa_otpauth again;
    char ours[CP2FA_OTPAUTH_MAX];

    if (cp2fa_otpauth_parse(uri, &out) != CP2FA_OTPAUTH_OK) {
        return;
    }
    CHECK(cp2fa_text_is_user(out.account));
    CHECK(!*out.issuer || cp2fa_text_is_name(out.issuer));
    CHECK(out.len > 0 && out.len <= sizeof(out.secret));
    CHECK(cp2fa_totp_supported(&out.totp));
    CHECK(cp2fa_otpauth_uri(&out.totp, out.issuer, out.account, out.secret,
                            out.len, ours, sizeof(ours))
          == 0);
    CHECK(cp2fa_otpauth_parse(ours, &again) == CP2FA_OTPAUTH_OK);
    CHECK(!strcmp(again.issuer, out.issuer));
    CHECK(!strcmp(again.account, out.account) && again.len == out.len);
    CHECK(!memcmp(again.secret, out.secret, out.len));
}

static void check_foreign(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);

    check_parse(text);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cp2fa_totp totp = {CP2FA_TOTP_SHA256, 6, 30};
    const uint8_t *all = data;
    size_t all_size = size;
    char *issuer = fuzz_line(&data, &size);
    char *account = fuzz_line(&data, &size);
    char *uri = fuzz_alloc(CP2FA_OTPAUTH_MAX);
    int written = cp2fa_otpauth_uri(&totp, issuer, account, data, size, uri,
                                    CP2FA_OTPAUTH_MAX)
                  == 0;

    check_foreign(all, all_size);
    if (written) {
        size_t n = strlen(uri);
        char *tight = fuzz_alloc(n + 1);

        check_uri(uri, issuer, account, data, size);
        CHECK(
            cp2fa_otpauth_uri(&totp, issuer, account, data, size, tight, n + 1)
            == 0);
        CHECK(!strcmp(tight, uri));
        tight = fuzz_realloc(tight, n); /* a byte too short */
        CHECK(cp2fa_otpauth_uri(&totp, issuer, account, data, size, tight, n)
              == -1);
        free(tight);
    }
    else {
        CHECK(size > CP2FA_TOTP_SECRET_MAX || strlen(issuer) > CP2FA_NAME_MAX
              || strlen(account) > CP2FA_NAME_MAX);
    }
    free(uri);
    free(account);
    free(issuer);
    return 0;
}
