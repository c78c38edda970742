/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/memo.h"

#include <http_config.h>

#include <apr_strings.h>

#include "core/cookie.h"
#include "core/token.h"
#include "gate/conf.h"
#include "gate/module.h"
#include "gate/request.h"

#define NAME_MAX_  96  /* of a cookie */
#define HEADER_MAX 512 /* with more cookies than that, it is no use */
#define TEXTS_MAX  512
#define TEXTS      5 /* of a session */

struct memo {
    char header[HEADER_MAX]; /* secret: the id of a session is in it */
    size_t len;
    char name[NAME_MAX_];
    char hash[CP2FA_HASH_TEXT + 1];

    /* What an application may see of it, in this host and with this name. */
    const server_rec *host; /* NULL: not known */
    const char *base_name;
    int secure;
    int all;
    char left[HEADER_MAX];

    struct cp2fa_session session; /* its texts are those below */
    struct cp2fa_version version; /* where NULL: there is none */
    char texts[TEXTS_MAX];
    size_t texts_len;
};

static struct memo *memo_of(const request_rec *r)
{
    return ap_get_module_config(r->connection->conn_config, &cp2fa_module);
}

static apr_status_t wipe(void *data)
{
    cp2fa_bytes_wipe(data, sizeof(struct memo));
    return APR_SUCCESS;
}

static struct memo *make(conn_rec *c)
{
    struct memo *memo = apr_pcalloc(c->pool, sizeof(*memo));

    apr_pool_cleanup_register(c->pool, memo, wipe, apr_pool_cleanup_null);
    ap_set_module_config(c->conn_config, &cp2fa_module, memo);
    return memo;
}

static void note_hash(request_rec *r, const char *header, size_t len,
                      const char *name, const char *hash)
{
    struct memo *memo = memo_of(r);

    if (len > HEADER_MAX || strlen(name) >= NAME_MAX_) {
        return;
    }
    if (!memo) {
        memo = make(r->connection);
    }
    memo->host = NULL;
    memo->len = len;
    memcpy(memo->header, header, len);
    apr_cpystrn(memo->name, name, sizeof(memo->name));
    memcpy(memo->hash, hash, sizeof(memo->hash));
    cp2fa_request_of(cp2fa_request_first(r))->noted = header;
}

static char *hash_of(request_rec *r, const char *header, const char *name)
{
    uint8_t token[CP2FA_TOKEN_LEN];
    const char *value;
    char *hash;
    size_t len;

    if (cp2fa_cookie_find(header, name, &value, &len) != 1
        || cp2fa_token_parse(value, len, token) != 0) {
        return NULL;
    }
    hash = apr_palloc(r->pool, CP2FA_HASH_TEXT + 1);
    if (cp2fa_token_hash(cp2fa_conf_shared(r->server)->crypto, token, hash)
        != 0) {
        hash = NULL;
    }
    cp2fa_bytes_wipe(token, sizeof(token));
    return hash;
}

const char *cp2fa_memo_hash(request_rec *r, const char *header,
                            const char *name)
{
    const struct memo *memo = memo_of(r);
    size_t len = strlen(header);
    char *hash;

    if (memo && memo->len == len && cp2fa_bytes_equal(memo->header, header, len)
        && strcmp(memo->name, name) == 0) {
        cp2fa_request_of(cp2fa_request_first(r))->noted = header;
        return apr_pmemdup(r->pool, memo->hash, sizeof(memo->hash));
    }
    hash = hash_of(r, header, name);
    if (hash) {
        note_hash(r, header, len, name, hash);
    }
    return hash;
}

/* Of this very request, so that no byte of it need be looked at. */
static struct memo *of_header(request_rec *r, const char *header)
{
    const struct cp2fa_request *first =
        cp2fa_request_peek(cp2fa_request_first(r));

    return first && first->noted == header ? memo_of(r) : NULL;
}

const char *cp2fa_memo_left(request_rec *r, const char *header)
{
    const struct cp2fa_dir *conf = cp2fa_conf_of(r);
    const struct memo *memo = of_header(r, header);

    if (!memo || memo->host != r->server || memo->secure != conf->cookie_secure
        || memo->base_name != conf->cookie_name) {
        return NULL;
    }
    return memo->all     ? header
           : *memo->left ? apr_pstrdup(r->pool, memo->left)
                         : "";
}

void cp2fa_memo_leave(request_rec *r, const char *header, const char *left)
{
    const struct cp2fa_dir *conf = cp2fa_conf_of(r);
    struct memo *memo = of_header(r, header);

    if (memo) {
        memo->host = r->server;
        memo->secure = conf->cookie_secure;
        memo->base_name = conf->cookie_name;
        memo->all = left == header;
        apr_cpystrn(memo->left, memo->all ? "" : left, sizeof(memo->left));
    }
}

/* The texts of a session, as a row: the place of each. */
static void texts_of(struct cp2fa_session *session, const char **text[TEXTS])
{
    text[0] = &session->hash;
    text[1] = &session->account;
    text[2] = &session->realm;
    text[3] = &session->name;
    text[4] = &session->amr;
}

void cp2fa_memo_note(request_rec *r, const struct cp2fa_session *session,
                     const struct cp2fa_version *version)
{
    struct memo *memo = memo_of(r);
    const char **text[TEXTS];
    size_t at = 0;

    if (!memo) {
        return; /* its cookie is too long */
    }
    memo->version.at = NULL;
    memo->session = *session;
    texts_of(&memo->session, text);
    for (int i = 0; i < TEXTS; i++) {
        size_t n = strlen(*text[i]) + 1;

        if (n > TEXTS_MAX - at) {
            return;
        }
        *text[i] = memcpy(memo->texts + at, *text[i], n);
        at += n;
    }
    memo->texts_len = at;
    memo->version = *version;
}

struct cp2fa_session *cp2fa_memo_session(request_rec *r, const char *hash)
{
    struct memo *memo = memo_of(r);
    const char **text[TEXTS];
    struct cp2fa_session *copy;
    char *texts;

    if (!memo || !cp2fa_cache_unchanged(&memo->version)
        || memcmp(memo->session.hash, hash, CP2FA_HASH_TEXT) != 0) {
        return NULL;
    }
    /* the next request may change it while this one is still logged */
    copy = apr_palloc(r->pool, sizeof(*copy) + memo->texts_len);
    texts = (char *)(copy + 1);
    *copy = memo->session;
    memcpy(texts, memo->texts, memo->texts_len);
    texts_of(copy, text);
    for (int i = 0; i < TEXTS; i++) {
        *text[i] = texts + (*text[i] - memo->texts);
    }
    return copy;
}
