/* SPDX-License-Identifier: Apache-2.0 */
#include "service/grant.h"

#include <apr_strings.h>

int cp2fa_grant_make(const struct cp2fa_service *service, apr_pool_t *p,
                     const struct cp2fa_rules *rules,
                     const struct cp2fa_who *who, const char *account,
                     const char *amr, int64_t now, struct cp2fa_grant *grant)
{
    uint8_t token[CP2FA_TOKEN_LEN];
    char *hash = apr_palloc(p, CP2FA_HASH_TEXT + 1);
    int64_t seconds = now / CP2FA_SECOND;
    int rv = -1;

    if (service->random(token, sizeof(token)) == 0
        && cp2fa_token_hash(service->crypto, token, hash) == 0) {
        cp2fa_token_format(token, grant->id);
        grant->session = (struct cp2fa_session){
            .hash = hash,
            .account = account,
            .realm = who->realm,
            .name = who->user,
            .amr = amr,
            .created = seconds,
            .auth_time = seconds,
            .last_seen = seconds,
            .ends = seconds + rules->session_lifetime,
            .address = who->address,
            .agent = who->agent,
        };
        rv = 0;
    }
    cp2fa_bytes_wipe(token, sizeof(token));
    return rv;
}

void cp2fa_grant_replaces(struct cp2fa_grant *grant, apr_pool_t *p,
                          const char *old)
{
    const char **row = apr_palloc(p, sizeof(*row));
    const char *const **rows = apr_palloc(p, sizeof(*rows));

    row[0] = old;
    rows[0] = row;
    grant->ended = (struct cp2fa_rows){rows, old != NULL, 1};
}
