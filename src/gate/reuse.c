/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/reuse.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>

#include "core/text.h"
#include "gate/cache.h"
#include "gate/conf.h"
#include "gate/record.h"
#include "gate/request.h"
#include "gate/session.h"
#include "service/facts.h"

#define ENTRY     "TwoFactorPasswordReuse"
#define VALUE_MAX 320 /* the time, and the user as the provider has him */

/* What an entry is about, for its code: no session's record is one. */
static const char *about(request_rec *r, const struct cp2fa_session *session)
{
    return apr_pstrcat(r->pool, ENTRY " ", session->hash, (char *)NULL);
}

/* Where credentials are the same for sure: Basic, in the field that a server
 * reads, by providers that the configuration alone names. */
static const char *credentials(request_rec *r)
{
    const char *type = ap_auth_type(r);

    return type && ap_cstr_casecmp(type, "Basic") == 0
                   && r->proxyreq != PROXYREQ_PROXY && !r->htaccess
               ? apr_table_get(r->headers_in, "Authorization")
               : NULL;
}

static int make_key(request_rec *r, const struct cp2fa_session *session,
                    const char *header, uint8_t key[CP2FA_SHA256_LEN])
{
    const struct cp2fa_service *service =
        &cp2fa_conf_shared(r->server)->service;
    const uint8_t *secret =
        cp2fa_keyring_key(service->keys, cp2fa_keyring_active(service->keys),
                          CP2FA_PURPOSE_TOKEN);
    const struct cp2fa_part parts[] = {
        cp2fa_crypto_text(ENTRY),
        cp2fa_crypto_text(session->hash),
        cp2fa_crypto_text(session->name),
        cp2fa_crypto_text(cp2fa_conf_realm(r)),
        cp2fa_crypto_text(cp2fa_conf_of(r)->reuse_at),
        cp2fa_crypto_text(header),
    };

    return secret ? cp2fa_crypto_mac(service->crypto, secret, parts,
                                     sizeof(parts) / sizeof(*parts), key)
                  : -1;
}

/* The user of an entry that is young enough, from r->pool, or NULL. */
static const char *accepted(request_rec *r, const struct cp2fa_session *session,
                            const uint8_t *key)
{
    int64_t now = apr_time_sec(apr_time_now());
    char value[CP2FA_RECORD_MAX];
    unsigned len = sizeof(value);
    int64_t since;
    char *user;

    if (cp2fa_cache_read(cp2fa_conf_shared(r->server)->cache, r->server,
                         r->pool, key, value, &len)
        != 0) {
        return NULL;
    }
    len = (unsigned)cp2fa_record_open(r->server, about(r, session), value, len);
    value[len] = '\0';
    user = strchr(value, ' ');
    if (!user) {
        return NULL;
    }
    *user++ = '\0';
    return cp2fa_text_number(value, 0, INT64_MAX / 2, &since) == 0
                   && since <= now && now - since < cp2fa_conf_of(r)->reuse
                   && cp2fa_text_is_user(user)
               ? apr_pstrdup(r->pool, user)
               : NULL;
}

int cp2fa_reuse_check_authn(request_rec *r)
{
    const struct cp2fa_dir *conf = cp2fa_conf_of(r);
    struct cp2fa_request *state;
    const struct cp2fa_session *session;
    const char *header;
    const char *password;
    const char *name;
    const char *user;

    /* an address, too, can come from the provider: the owner's mail goes there */
    if (conf->reuse == 0 || conf->mode == CP2FA_OFF || conf->pages
        || conf->email) {
        return DECLINED;
    }
    state = cp2fa_request_of(r);
    state->reuse_of = NULL;
    header = credentials(r);
    if (!header || ap_get_basic_auth_components(r, &name, &password) != 0
        || !name || !password || cp2fa_session_any(r, &session) != CP2FA_YES
        || !cp2fa_facts_session_passed(session)
        || make_key(r, session, header, state->reuse_key) != 0) {
        return DECLINED;
    }
    user = accepted(r, session, state->reuse_key);
    if (!user) {
        state->reuse_of = session;
        return DECLINED;
    }
    r->user = (char *)user;
    r->ap_auth_type = (char *)"Basic"; /* nobody writes to it */
    return OK;
}

/* The session is asked for his name: a provider may know another user by what
 * was typed, and whose session it is then, the gate finds out. */
void cp2fa_reuse_note(request_rec *r)
{
    struct cp2fa_request *state = cp2fa_request_of(r);
    const struct cp2fa_session *session = state->reuse_of;
    char value[CP2FA_RECORD_MAX];
    apr_time_t now;
    size_t len;

    state->reuse_of = NULL;
    if (!session || !r->user || !r->ap_auth_type
        || ap_cstr_casecmp(r->ap_auth_type, "Basic") != 0
        || strcmp(cp2fa_request_account(r, r->user), session->name) != 0) {
        return;
    }
    now = apr_time_now();
    len = (size_t)apr_snprintf(value, VALUE_MAX, "%" APR_INT64_T_FMT " %s",
                               (apr_int64_t)apr_time_sec(now), r->user);
    len = cp2fa_record_seal(r->server, about(r, session), value, len);
    if (len > 0) {
        cp2fa_cache_write(cp2fa_conf_shared(r->server)->cache, r->server,
                          r->pool, state->reuse_key,
                          now + apr_time_from_sec(cp2fa_conf_of(r)->reuse),
                          value, (unsigned)len);
    }
}
