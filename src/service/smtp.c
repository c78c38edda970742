/* SPDX-License-Identifier: Apache-2.0 */
#include "ways.h"

#include <string.h>

#include <apr_strings.h>

#include "core/address.h"
#include "curl.h"

#define CONNECT_SECONDS 10

struct upload {
    const struct cp2fa_parcel *parcel;
    size_t done;
};

struct mailer {
    struct cp2fa_curl lib;
    CURL *curl;
    char said[CURL_ERROR_SIZE];
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
static void set_tls(const struct mailer *m,
                    const struct cp2fa_transport *transport)
{
    m->lib.easy_setopt(m->curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    m->lib.easy_setopt(m->curl, CURLOPT_SSL_VERIFYPEER, 1L);
    m->lib.easy_setopt(m->curl, CURLOPT_SSL_VERIFYHOST, 2L);
    m->lib.easy_setopt(m->curl, CURLOPT_SSLVERSION,
                       (long)CURL_SSLVERSION_TLSv1_2);
    if (transport->ca) {
        m->lib.easy_setopt(m->curl, CURLOPT_CAINFO, transport->ca);
        m->lib.easy_setopt(m->curl, CURLOPT_CAPATH, NULL);
    }
    if (transport->user) {
        m->lib.easy_setopt(m->curl, CURLOPT_USERNAME, transport->user);
        m->lib.easy_setopt(m->curl, CURLOPT_PASSWORD, transport->password);
    }
}

static void set_limits(const struct mailer *m)
{
    m->lib.easy_setopt(m->curl, CURLOPT_NOSIGNAL, 1L);
    m->lib.easy_setopt(m->curl, CURLOPT_NOPROGRESS, 0L);
    m->lib.easy_setopt(m->curl, CURLOPT_XFERINFOFUNCTION, watch);
    m->lib.easy_setopt(m->curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    m->lib.easy_setopt(m->curl, CURLOPT_PROXY, "");
    m->lib.easy_setopt(m->curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    m->lib.easy_setopt(m->curl, CURLOPT_TIMEOUT, (long)CP2FA_WAY_SECONDS);
    /* a name server that doesn't answer is not waited for at the end */
    m->lib.easy_setopt(m->curl, CURLOPT_QUICK_EXIT, 1L);
}

/* What 5xx means depends on what it was said to: about this mail it is final;
 * a greeting, a log-in or a STARTTLS that is refused says nothing of it. curl
 * has SEND_ERROR for MAIL, RCPT and DATA, and WEIRD_SERVER_REPLY for the
 * greeting as well as for the mail's end. */
static enum cp2fa_sent judge(const struct mailer *m, CURLcode rc,
                             const struct upload *upload,
                             char problem[CP2FA_TRANSPORT_PROBLEM])
{
    long code = 0;

    if (rc == CURLE_OK) {
        return CP2FA_SENT_OK;
    }
    m->lib.easy_getinfo(m->curl, CURLINFO_RESPONSE_CODE, &code);
    apr_snprintf(problem, CP2FA_TRANSPORT_PROBLEM, "%s (%ld)",
                 *m->said ? m->said : m->lib.easy_strerror(rc), code);
    return code >= 500 && code <= 599
                   && (rc == CURLE_SEND_ERROR
                       || (rc == CURLE_WEIRD_SERVER_REPLY && upload->done > 0))
               ? CP2FA_SENT_NEVER
               : CP2FA_SENT_LATER;
}

static enum cp2fa_sent send_by(struct mailer *m, apr_pool_t *p,
                               const struct cp2fa_transport *transport,
                               const struct cp2fa_parcel *parcel,
                               char problem[CP2FA_TRANSPORT_PROBLEM])
{
    struct upload upload = {parcel, 0};
    struct curl_slist *to = m->lib.slist_append(NULL, parcel->to);
    enum cp2fa_sent sent = CP2FA_SENT_LATER;

    m->curl = m->lib.easy_init();
    if (!m->curl || !to) {
        apr_cpystrn(problem, "no memory", CP2FA_TRANSPORT_PROBLEM);
        goto done;
    }
    /* the path is what we call ourselves in EHLO */
    m->lib.easy_setopt(m->curl, CURLOPT_URL,
                       apr_pstrcat(p, transport->target, "/",
                                   cp2fa_address_domain(parcel->from),
                                   (char *)NULL));
    m->lib.easy_setopt(m->curl, CURLOPT_ERRORBUFFER, m->said);
    m->lib.easy_setopt(m->curl, CURLOPT_MAIL_FROM, parcel->from);
    m->lib.easy_setopt(m->curl, CURLOPT_MAIL_RCPT, to);
    m->lib.easy_setopt(m->curl, CURLOPT_UPLOAD, 1L);
    m->lib.easy_setopt(m->curl, CURLOPT_READFUNCTION, give);
    m->lib.easy_setopt(m->curl, CURLOPT_READDATA, &upload);
    m->lib.easy_setopt(m->curl, CURLOPT_XFERINFODATA, &upload);
    set_limits(m);
    set_tls(m, transport);
    sent = judge(m, m->lib.easy_perform(m->curl), &upload, problem);
done:
    m->lib.easy_cleanup(m->curl);
    m->lib.slist_free_all(to);
    return sent;
}

enum cp2fa_sent cp2fa_smtp_send(const struct cp2fa_transport *transport,
                                apr_pool_t *p,
                                const struct cp2fa_parcel *parcel,
                                char problem[CP2FA_TRANSPORT_PROBLEM])
{
    struct mailer mailer = {.curl = NULL};
    const char *wrong = cp2fa_curl_load(&mailer.lib);

    if (wrong) {
        apr_snprintf(problem, CP2FA_TRANSPORT_PROBLEM,
                     "libcurl can't be loaded: %s", wrong);
        return CP2FA_SENT_LATER;
    }
    return send_by(&mailer, p, transport, parcel, problem);
}
