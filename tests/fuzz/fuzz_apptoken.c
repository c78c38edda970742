/* SPDX-License-Identifier: Apache-2.0 */
/* What a program shows as its password, and the path and address of it. */
#include "fuzz.h"

#include "core/apptoken.h"

static void check_token(const char *text)
{
    uint8_t bytes[CP2FA_APPTOKEN_BYTES];
    char again[CP2FA_APPTOKEN_TEXT + 1];

    if (cp2fa_apptoken_parse(text, bytes) == 0) {
        CHECK(cp2fa_apptoken_looks_like(text));
        cp2fa_apptoken_format(bytes, again);
        CHECK(strcmp(again, text) == 0); /* one token, one spelling */
    }
}

/* What is below a path, for who reads it segment by segment. */
static void check_covers(const char *path, const char *uri)
{
    size_t len = strlen(path);

    if (len > 1 && path[0] == '/' && cp2fa_apptoken_covers(path, uri)) {
        CHECK(strncmp(path, uri, len) == 0);
        CHECK(uri[len] == '\0' || uri[len] == '/');
        CHECK(!strstr(uri, "/../") && !strstr(uri, "/./"));
        CHECK(!strchr(uri, '\\'));
    }
}

static void check_path(const char *typed, const char *uri)
{
    char path[CP2FA_APPTOKEN_PATH + 1];
    char again[CP2FA_APPTOKEN_PATH + 1];

    if (cp2fa_apptoken_read_path(typed, path) == 0) {
        CHECK(path[0] == '/');
        CHECK(cp2fa_apptoken_read_path(path, again) == 0);
        CHECK(strcmp(path, again) == 0);
        CHECK(cp2fa_apptoken_covers(path, path));
        check_covers(path, uri);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_alloc(size + 2);

    memcpy(text, data, size);
    text[size] = text[size + 1] = '\0';
    check_token(text);
    check_path(text, text + strlen(text) + 1);
    check_covers(text, text + strlen(text) + 1);
    free(text);
    return 0;
}
