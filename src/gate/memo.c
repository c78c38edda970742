/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/memo.h"

#include <http_config.h>

#include <apr_strings.h>

#include "core/token.h"
#include "gate/conf.h"
#include "gate/module.h"

/* Of one connection, which one request uses at a time. The proxy before us
 * may share it among browsers: then it is replaced again and again. */
struct memo {
    char token[CP2FA_TOKEN_TEXT]; /* the id of a session: secret */
    char hash[CP2FA_HASH_TEXT + 1];
};

static apr_status_t wipe(void *data)
{
    cp2fa_bytes_wipe(data, sizeof(struct memo));
    return APR_SUCCESS;
}

static void remember(conn_rec *c, const char *value, const char *hash)
{
    struct memo *memo = ap_get_module_config(c->conn_config, &cp2fa_module);

    if (!memo) {
        memo = apr_palloc(c->pool, sizeof(*memo));
        apr_pool_cleanup_register(c->pool, memo, wipe, apr_pool_cleanup_null);
        ap_set_module_config(c->conn_config, &cp2fa_module, memo);
    }
    memcpy(memo->token, value, sizeof(memo->token));
    memcpy(memo->hash, hash, sizeof(memo->hash));
}

const char *cp2fa_memo_hash(request_rec *r, const char *value, size_t len)
{
    const struct memo *memo =
        ap_get_module_config(r->connection->conn_config, &cp2fa_module);
    uint8_t token[CP2FA_TOKEN_LEN];
    char *hash;

    if (memo && len == sizeof(memo->token)
        && cp2fa_bytes_equal(memo->token, value, len)) {
        return apr_pmemdup(r->pool, memo->hash, sizeof(memo->hash));
    }
    if (cp2fa_token_parse(value, len, token) != 0) {
        return NULL;
    }
    hash = apr_palloc(r->pool, CP2FA_HASH_TEXT + 1);
    if (cp2fa_token_hash(cp2fa_conf_shared(r->server)->crypto, token, hash)
        == 0) {
        remember(r->connection, value, hash);
    }
    else {
        hash = NULL;
    }
    cp2fa_bytes_wipe(token, sizeof(token));
    return hash;
}
