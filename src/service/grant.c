/* SPDX-License-Identifier: Apache-2.0 */
#include "service/grant.h"

#include <apr_strings.h>

int cp2fa_grant_id(const struct cp2fa_service *service, apr_pool_t *p,
                   char id[CP2FA_TOKEN_TEXT + 1], const char **hash)
{
    uint8_t token[CP2FA_TOKEN_LEN];
    char *made = apr_palloc(p, CP2FA_HASH_TEXT + 1);
    int rv = -1;

    if (service->random(token, sizeof(token)) == 0
        && cp2fa_token_hash(service->crypto, token, made) == 0) {
        cp2fa_token_format(token, id);
        *hash = made;
        rv = 0;
    }
    cp2fa_bytes_wipe(token, sizeof(token));
    return rv;
}

int cp2fa_grant_make(const struct cp2fa_service *service, apr_pool_t *p,
                     const struct cp2fa_rules *rules,
                     const struct cp2fa_who *who, const char *account,
                     const char *amr, int64_t now, struct cp2fa_grant *grant)
{
    int64_t seconds = now / CP2FA_SECOND;

    grant->session = (struct cp2fa_session){
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
    return cp2fa_grant_id(service, p, grant->id, &grant->session.hash);
}

void cp2fa_grant_wipe(struct cp2fa_grant *grant)
{
    cp2fa_bytes_wipe(grant->id, sizeof(grant->id));
    cp2fa_bytes_wipe(grant->browser_id, sizeof(grant->browser_id));
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
