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

int64_t cp2fa_facts_session_ahead(const struct cp2fa_session *session,
                                  int64_t now)
{
    int64_t latest = session->created > session->last_seen ? session->created
                                                           : session->last_seen;
    int64_t ahead = latest - now / CP2FA_SECOND;

    return ahead > TOLERANCE ? ahead : 0;
}

int cp2fa_facts_session_over(const struct cp2fa_rules *rules,
                             const struct cp2fa_session *session, int64_t now)
{
    int64_t seconds = now / CP2FA_SECOND;

    return cp2fa_facts_session_ahead(session, now) > 0
           || seconds >= session->ends
           || seconds >= session->created + rules->session_lifetime
           || seconds >= session->last_seen + rules->session_idle;
}

int cp2fa_facts_is_browser(const struct cp2fa_session *session)
{
    return strcmp(session->amr, CP2FA_AMR_BROWSER) == 0;
}

int cp2fa_facts_session_alive(const struct cp2fa_rules *rules,
                              const char *realm,
                              const struct cp2fa_session *session, int64_t now)
{
    return !cp2fa_facts_is_browser(session)
           && strcmp(session->realm, realm) == 0
           && !cp2fa_facts_session_over(rules, session, now);
}

int cp2fa_facts_browser_good(const struct cp2fa_rules *rules,
                             const struct cp2fa_who *who,
                             const struct cp2fa_session *browser, int64_t now)
{
    int64_t seconds = now / CP2FA_SECOND;

    return cp2fa_facts_is_browser(browser)
           && strcmp(browser->realm, who->realm) == 0
           && strcmp(browser->name, who->user) == 0
           && cp2fa_facts_session_ahead(browser, now) == 0
           && seconds < browser->ends
           && seconds < browser->created + rules->remember;
}

int cp2fa_facts_session_good(const struct cp2fa_rules *rules,
                             const struct cp2fa_who *who,
                             const struct cp2fa_session *session, int64_t now)
{
    return cp2fa_facts_session_alive(rules, who->realm, session, now)
           && strcmp(session->name, who->user) == 0;
}

int cp2fa_facts_session_passed(const struct cp2fa_session *session)
{
    const char *blank = strrchr(session->amr, ' ');
    const char *last = blank ? blank + 1 : session->amr;

    return strcmp(last, "otp") == 0 || strcmp(last, "rc") == 0
           || strcmp(last, "remembered") == 0;
}
