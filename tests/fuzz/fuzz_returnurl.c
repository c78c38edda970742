/* SPDX-License-Identifier: Apache-2.0 */
/* A path that was taken leads nowhere else, in the laxest of browsers. */
#include "fuzz.h"

#include "core/returnurl.h"

/* What is left after a browser's cleaning (WHATWG URL): controls and blanks
 * at the ends go, tabs and line ends everywhere, \ is /, %2e is a dot. */
static char *as_read(const char *url)
{
    char *out = fuzz_alloc(strlen(url) + 1);
    size_t n = 0;
    int in_path = 1;

    while (*url && (uint8_t)*url <= ' ') {
        url++;
    }
    for (; *url; url++) {
        in_path = in_path && *url != '?' && *url != '#';
        if (strchr("\t\r\n", *url)) {
            continue;
        }
        if (in_path && url[0] == '%' && url[1] == '2'
            && (url[2] == 'e' || url[2] == 'E')) {
            out[n++] = '.';
            url += 2;
        }
        else {
            out[n++] = in_path && *url == '\\' ? '/' : *url;
        }
    }
    out[n] = '\0';
    return out;
}

static void check_taken(const char *url)
{
    char *read = as_read(url);
    char *path = read;

    CHECK(strlen(url) <= CP2FA_RETURNURL_MAX);
    CHECK(read[0] == '/' && read[1] != '/');
    CHECK(!strchr(read, '#') && !strchr(read, '\\'));
    for (const char *at = url; *at; at++) {
        CHECK(*at > ' ' && *at < 0x7f); /* nothing that ends a header */
    }
    path[strcspn(path, "?")] = '\0';
    CHECK(!strstr(path, "//"));
    CHECK(!strstr(path, "/./") && !strstr(path, "/../"));
    path = strrchr(path, '/');
    CHECK(strcmp(path, "/.") != 0 && strcmp(path, "/..") != 0);
    free(read);
}

/* What is plain is taken: letters of the input, and whatever in the query. */
static void check_plain(const char *url)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_%";
    char plain[256] = "/";
    size_t n = 1;

    for (; *url && n < sizeof(plain) - 1; url++) {
        if (strchr(letters, *url)) {
            plain[n++] = *url;
        }
    }
    plain[n] = '\0';
    if (!strstr(plain, "%2e")) {
        CHECK(cp2fa_returnurl_safe(plain));
        plain[n / 2 + 1] = '\0';
        plain[n / 2] = '?';
        CHECK(n / 2 == 0 || cp2fa_returnurl_safe(plain));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *url = fuzz_text(data, size);

    if (cp2fa_returnurl_safe(url)) {
        check_taken(url);
    }
    check_plain(url);
    free(url);
    return 0;
}
