/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_CURL_H
#define CP2FA_SERVICE_CURL_H

/* Types and constants alone: the macro that checks arguments would call what
 * is not linked. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "core/bytes.h"

/** What of libcurl sends mail by SMTP. */
struct cp2fa_curl {
    CURL *(*easy_init)(void);
    CURLcode (*easy_setopt)(CURL *curl, CURLoption option, ...);
    CURLcode (*easy_perform)(CURL *curl);
    CURLcode (*easy_getinfo)(CURL *curl, CURLINFO info, ...);
    const char *(*easy_strerror)(CURLcode code);
    void (*easy_cleanup)(CURL *curl);
    struct curl_slist *(*slist_append)(struct curl_slist *list,
                                       const char *text);
    void (*slist_free_all)(struct curl_slist *list);
};

/**
 * Loads libcurl, which stays: with all that it needs it is 1.5 MiB of a
 * process, and of httpd's children one sends mail. Returns NULL, or what is
 * wrong, in the loader's words, which are good until this thread's next call.
 */
const char *cp2fa_curl_load(struct cp2fa_curl *curl) CP2FA_USE_RESULT;

/** Whether it can be loaded: asked of a process of its own, since some of what
 * libcurl needs is never let go of, and would be in each of httpd's children. */
int cp2fa_curl_is_there(void) CP2FA_USE_RESULT;

#endif
