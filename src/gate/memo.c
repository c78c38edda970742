/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/memo.h"

#include <http_config.h>

#include <apr_strings.h>

#include "core/cookie.h"
#include "core/token.h"
#include "gate/conf.h"
#include "gate/keep.h"
#include "gate/module.h"
#include "gate/request.h"

#define NAME_MAX_  96  /* of a cookie */
#define HEADER_MAX 512 /* with more cookies than that, it is no use */

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

    struct cp2fa_pass pass;
    struct cp2fa_version version; /* where NULL: there is none */

    /* What a request with all that was let in under, and how long that is so. */
    const server_rec *door; /* NULL: it was not */
    struct cp2fa_dir conf;
    const struct cp2fa_dir *lasting; /* that, if it lasts */
    apr_time_t since;
    apr_time_t until;
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

    /* HTTP/2: each stream is a connection, and ends with its request */
    if (r->connection->master || len > HEADER_MAX
        || strlen(name) >= NAME_MAX_) {
        return;
    }
    if (!memo) {
        memo = make(r->connection);
    }
    memo->host = NULL;
    memo->door = NULL;
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

/* One text more into those of a pass. */
static void add(struct cp2fa_pass *pass, const char **text)
{
    size_t n = strlen(*text) + 1;

    if (pass->len + n <= sizeof(pass->texts)) {
        *text = memcpy(pass->texts + pass->len, *text, n);
    }
    pass->len += n; /* beyond their end, if it has no room */
}

static int is_noted(const struct memo *memo,
                    const struct cp2fa_session *session,
                    const struct cp2fa_version *version)
{
    return memo->version.at && memo->version.at == version->at
           && memo->version.number == version->number
           && memcmp(memo->pass.session.hash, session->hash, CP2FA_HASH_TEXT)
                  == 0;
}

void cp2fa_memo_note(request_rec *r, const struct cp2fa_session *session,
                     const struct cp2fa_version *version)
{
    struct memo *memo = memo_of(r);
    struct cp2fa_pass *pass;

    if (!memo) {
        return; /* its cookie is too long, or it is a stream of HTTP/2 */
    }
    if (is_noted(memo, session, version)) {
        return;
    }
    pass = &memo->pass;
    pass->session = *session;
    pass->user = session->name;
    pass->auth_time = apr_ltoa(r->pool, (long)session->auth_time);
    pass->len = 0;
    add(pass, &pass->session.hash);
    add(pass, &pass->session.account);
    add(pass, &pass->session.realm);
    add(pass, &pass->session.name);
    add(pass, &pass->session.amr);
    add(pass, &pass->user);
    add(pass, &pass->auth_time);
    memo->door = NULL;
    memo->version = *version;
    if (pass->len > sizeof(pass->texts)) {
        memo->version.at = NULL;
    }
}

/* The next request may change it while this one is still logged. */
static struct cp2fa_pass *copy_of(request_rec *r, const struct memo *memo)
{
    const char *from = memo->pass.texts;
    struct cp2fa_pass *copy =
        apr_pmemdup(r->pool, &memo->pass,
                    offsetof(struct cp2fa_pass, texts) + memo->pass.len);

    copy->session.hash = copy->texts + (copy->session.hash - from);
    copy->session.account = copy->texts + (copy->session.account - from);
    copy->session.realm = copy->texts + (copy->session.realm - from);
    copy->session.name = copy->texts + (copy->session.name - from);
    copy->session.amr = copy->texts + (copy->session.amr - from);
    copy->user = copy->texts + (copy->user - from);
    copy->auth_time = copy->texts + (copy->auth_time - from);
    return copy;
}

void cp2fa_memo_pass(request_rec *r, const struct cp2fa_session *session,
                     apr_time_t since, apr_time_t until)
{
    const char *header = cp2fa_request_cookies(r);
    struct memo *memo = header ? of_header(r, header) : NULL;
    const struct cp2fa_dir *conf = cp2fa_conf_of(r);

    if (memo && memo->version.at && !conf->fleeting
        && memcmp(memo->pass.session.hash, session->hash, CP2FA_HASH_TEXT)
               == 0) {
        memo->conf = *conf;
        memo->lasting = conf->lasts ? conf : NULL;
        memo->door = r->server;
        memo->since = since;
        memo->until = until;
    }
}

struct cp2fa_pass *cp2fa_memo_again(request_rec *r, apr_time_t now)
{
    const struct memo *memo = memo_of(r);
    const struct cp2fa_dir *conf = cp2fa_conf_of(r);
    struct cp2fa_request *state;
    struct cp2fa_pass *pass;
    const char *header;

    if (!memo || memo->door != r->server || now < memo->since
        || now >= memo->until
        || (memo->lasting != conf && !cp2fa_conf_is_same(&memo->conf, conf))) {
        return NULL;
    }
    header = apr_table_get(r->headers_in, "Cookie");
    if (!header || strlen(header) != memo->len
        || !cp2fa_bytes_equal(memo->header, header, memo->len)) {
        return NULL;
    }
    /* in this order: now may be when it hears that the session has ended */
    if (!cp2fa_keep_is_current(r->server, r->pool, now)
        || !cp2fa_keep_vouches(r->server, memo->since)
        || !cp2fa_version_stands(&memo->version)) {
        return NULL;
    }
    state = cp2fa_request_of(r);
    state->cookie_saved = 1;
    state->cookie = header;
    state->noted = header;
    pass = copy_of(r, memo);
    pass->alone = memo->host == r->server && !memo->all && !*memo->left;
    return pass;
}
