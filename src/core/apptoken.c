/* SPDX-License-Identifier: Apache-2.0 */
#include "core/apptoken.h"

#include <string.h>

#include "core/text.h"

#define PREFIX_LEN (sizeof(CP2FA_APPTOKEN_PREFIX) - 1)
#define CHECK_LEN  4

/* CRC-32 (ISO 3309): it finds what was mistyped, and proves nothing. */
static void checksum(const uint8_t bytes[CP2FA_APPTOKEN_BYTES],
                     uint8_t out[CHECK_LEN])
{
    uint32_t crc = 0xffffffff;

    for (size_t i = 0; i < CP2FA_APPTOKEN_BYTES; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (0xedb88320 & (0 - (crc & 1)));
        }
    }
    crc = ~crc;
    for (int i = 0; i < CHECK_LEN; i++) {
        out[i] = (uint8_t)(crc >> (24 - 8 * i));
    }
}

int cp2fa_apptoken_looks_like(const char *text)
{
    return strncmp(text, CP2FA_APPTOKEN_PREFIX, PREFIX_LEN) == 0;
}

void cp2fa_apptoken_format(const uint8_t bytes[CP2FA_APPTOKEN_BYTES],
                           char out[CP2FA_APPTOKEN_TEXT + 1])
{
    uint8_t check[CHECK_LEN];

    checksum(bytes, check);
    memcpy(out, CP2FA_APPTOKEN_PREFIX, PREFIX_LEN);
    cp2fa_bytes_to_hex(bytes, CP2FA_APPTOKEN_BYTES, out + PREFIX_LEN);
    cp2fa_bytes_to_hex(check, CHECK_LEN,
                       out + PREFIX_LEN + 2 * CP2FA_APPTOKEN_BYTES);
}

int cp2fa_apptoken_parse(const char *text, uint8_t bytes[CP2FA_APPTOKEN_BYTES])
{
    const char *hex = text + PREFIX_LEN;
    uint8_t said[CHECK_LEN];
    uint8_t check[CHECK_LEN];

    if (!cp2fa_apptoken_looks_like(text) || strlen(text) != CP2FA_APPTOKEN_TEXT
        || cp2fa_bytes_from_hex(hex, (size_t)2 * CP2FA_APPTOKEN_BYTES, bytes,
                                CP2FA_APPTOKEN_BYTES)
               != 0
        || cp2fa_bytes_from_hex(hex + 2 * CP2FA_APPTOKEN_BYTES,
                                (size_t)2 * CHECK_LEN, said, CHECK_LEN)
               != 0) {
        return -1;
    }
    checksum(bytes, check);
    return memcmp(said, check, CHECK_LEN) == 0 ? 0 : -1;
}

/* "." and "..", and what servlet containers read as such: "..;x". */
static int is_dots(const char *segment, size_t len)
{
    size_t dots = strspn(segment, ".");

    return dots >= 1 && dots <= 2
           && (dots == len || (dots < len && segment[dots] == ';'));
}

/* An escape that is still there after decoding: an application that decodes
 * once more would see a slash, a backslash or a dot. */
static int has_escape(const char *text)
{
    while ((text = strchr(text, '%')) != NULL) {
        if ((text[1] == '2' && text[2] && strchr("eEfF", text[2]))
            || (text[1] == '5' && text[2] && strchr("cC", text[2]))) {
            return 1;
        }
        text++;
    }
    return 0;
}

static int has_one_reading(const char *path)
{
    if (strchr(path, '\\') || has_escape(path)) {
        return 0;
    }
    while (*path) {
        size_t len = strcspn(path, "/");

        if (is_dots(path, len)) {
            return 0;
        }
        path += len + (path[len] == '/');
    }
    return 1;
}

int cp2fa_apptoken_read_path(const char *typed,
                             char out[CP2FA_APPTOKEN_PATH + 1])
{
    size_t len = strlen(typed);

    if (len == 0) {
        typed = "/";
        len = 1;
    }
    if (typed[0] != '/' || len > CP2FA_APPTOKEN_PATH
        || !cp2fa_text_is_name(typed) || strpbrk(typed, "%?#")
        || strstr(typed, "//") || !has_one_reading(typed)) {
        return -1;
    }
    memcpy(out, typed, len + 1);
    if (len > 1 && out[len - 1] == '/') {
        out[len - 1] = '\0';
    }
    return 0;
}

int cp2fa_apptoken_covers(const char *path, const char *uri)
{
    size_t len = strlen(path);

    if (uri[0] != '/' || path[0] != '/') {
        return 0; /* a forward proxy's request, "*" */
    }
    if (len == 1) {
        return 1;
    }
    return strncmp(uri, path, len) == 0 && (uri[len] == '\0' || uri[len] == '/')
           && has_one_reading(uri);
}
