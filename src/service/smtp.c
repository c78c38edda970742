/* SPDX-License-Identifier: Apache-2.0 */
#include "ways.h"

#include <string.h>

#include <apr_strings.h>
#include <curl/curl.h>

#include "core/address.h"

#define CONNECT_SECONDS 10

struct upload {
    const struct cp2fa_parcel *parcel;
    size_t done;
};

static size_t give(char *buffer, size_t size, size_t count, void *data)
{
    struct upload *upload = data;
    size_t left = upload->parcel->len - upload->done;
    size_t n = left < size * count ? left : size * count;

    memcpy(buffer, upload->parcel->data + upload->done, n);
    upload->done += n;
    return n;
}

/* Asked about once a second: a stalled server must not hold up a restart. */
static int watch(void *data, curl_off_t dt, curl_off_t dn, curl_off_t ut,
                 curl_off_t un)
{
    const struct upload *upload = data;

    (void)dt;
    (void)dn;
    (void)ut;
    (void)un;
    return upload->parcel->stop && *upload->parcel->stop;
}

/* TLS, verified, or nothing: CURLUSESSL_ALL fails where STARTTLS is missing,
 * stripped by somebody on the way or not. */
static void set_tls(CURL *curl, const struct cp2fa_transport *transport)
{
    curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (transport->ca) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, transport->ca);
        curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    }
    if (transport->user) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, transport->user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, transport->password);
    }
}

static void set_limits(CURL *curl)
{
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)CP2FA_WAY_SECONDS);
    /* a name server that doesn't answer is not waited for at the end */
    curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
}

/* What 5xx means depends on what it was said to: about this mail it is final;
 * a greeting, a log-in or a STARTTLS that is refused says nothing of it. curl
 * has SEND_ERROR for MAIL, RCPT and DATA, and WEIRD_SERVER_REPLY for the
 * greeting as well as for the mail's end. */
static enum cp2fa_sent judge(CURL *curl, CURLcode rc, const char *said,
                             const struct upload *upload,
                             char problem[CP2FA_TRANSPORT_PROBLEM])
{
    long code = 0;

    if (rc == CURLE_OK) {
        return CP2FA_SENT_OK;
    }
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    apr_snprintf(problem, CP2FA_TRANSPORT_PROBLEM, "%s (%ld)",
                 *said ? said : curl_easy_strerror(rc), code);
    return code >= 500 && code <= 599
                   && (rc == CURLE_SEND_ERROR
                       || (rc == CURLE_WEIRD_SERVER_REPLY && upload->done > 0))
               ? CP2FA_SENT_NEVER
               : CP2FA_SENT_LATER;
}

enum cp2fa_sent cp2fa_smtp_send(const struct cp2fa_transport *transport,
                                apr_pool_t *p,
                                const struct cp2fa_parcel *parcel,
                                char problem[CP2FA_TRANSPORT_PROBLEM])
{
    char said[CURL_ERROR_SIZE] = "";
    struct upload upload = {parcel, 0};
    struct curl_slist *to = curl_slist_append(NULL, parcel->to);
    enum cp2fa_sent sent = CP2FA_SENT_LATER;
    CURL *curl = curl_easy_init();

    if (!curl || !to) {
        apr_cpystrn(problem, "no memory", CP2FA_TRANSPORT_PROBLEM);
        goto done;
    }
    /* the path is what we call ourselves in EHLO */
    curl_easy_setopt(curl, CURLOPT_URL,
                     apr_pstrcat(p, transport->target, "/",
                                 cp2fa_address_domain(parcel->from),
                                 (char *)NULL));
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, said);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, parcel->from);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(curl, CURLOPT_READDATA, &upload);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &upload);
    set_limits(curl);
    set_tls(curl, transport);
    sent = judge(curl, curl_easy_perform(curl), said, &upload, problem);
done:
    curl_easy_cleanup(curl);
    curl_slist_free_all(to);
    return sent;
}
