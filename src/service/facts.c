/* SPDX-License-Identifier: Apache-2.0 */
#include "service/facts.h"

#include <string.h>

#include "store/accounts.h"

/* Seconds that this clock may be behind the one that made the session: the
 * clocks of nodes differ, and time servers correct them. */
#define TOLERANCE 60

enum cp2fa_known cp2fa_facts_enrolled(const struct cp2fa_service *service,
                                      apr_pool_t *p,
                                      const struct cp2fa_who *who)
{
    struct cp2fa_account *account;

    switch (cp2fa_accounts_find(service->store, p, who->realm, who->user,
                                &account)) {
    case CP2FA_DB_OK:
        return account->device_count > 0 ? CP2FA_YES : CP2FA_NO;
    case CP2FA_DB_NONE:
        return CP2FA_NO;
    case CP2FA_DB_FAILED:
        break;
    }
    return CP2FA_UNKNOWN;
}

int cp2fa_facts_session_over(const struct cp2fa_rules *rules,
                             const struct cp2fa_session *session, int64_t now)
{
    int64_t seconds = now / CP2FA_SECOND;

    return seconds >= session->ends
           || seconds >= session->created + rules->session_lifetime
           || seconds >= session->last_seen + rules->session_idle;
}

int cp2fa_facts_session_good(const struct cp2fa_rules *rules,
                             const struct cp2fa_who *who,
                             const struct cp2fa_session *session, int64_t now)
{
    int64_t seconds = now / CP2FA_SECOND;

    return strcmp(session->realm, who->realm) == 0
           && strcmp(session->name, who->user) == 0
           && session->created <= seconds + TOLERANCE
           && session->last_seen <= seconds + TOLERANCE
           && !cp2fa_facts_session_over(rules, session, now);
}
