/* SPDX-License-Identifier: Apache-2.0 */
#include "service/service.h"

#include <apr_strings.h>
#include <apr_time.h>

#include "store/accounts.h"

enum cp2fa_outcome cp2fa_service_outcome(enum cp2fa_db_result result,
                                         enum cp2fa_outcome none)
{
    switch (result) {
    case CP2FA_DB_OK:
        return CP2FA_OUTCOME_DONE;
    case CP2FA_DB_NONE:
        return none;
    case CP2FA_DB_FAILED:
        break;
    }
    return CP2FA_OUTCOME_UNAVAILABLE;
}

const char *cp2fa_service_outcome_name(enum cp2fa_outcome outcome)
{
    static const char *const names[CP2FA_OUTCOMES] = {
        [CP2FA_OUTCOME_DONE] = "accepted",
        [CP2FA_OUTCOME_MALFORMED] = "malformed",
        [CP2FA_OUTCOME_INVALID] = "wrong",
        [CP2FA_OUTCOME_USED] = "otp_replay",
        [CP2FA_OUTCOME_HALF] = "first of two",
        [CP2FA_OUTCOME_WAIT] = "too soon",
        [CP2FA_OUTCOME_LOCKED] = "locked",
        [CP2FA_OUTCOME_NOT_ENROLLED] = "not enrolled",
        [CP2FA_OUTCOME_NOT_PENDING] = "nothing pending",
        [CP2FA_OUTCOME_BAD_NAME] = "bad name",
        [CP2FA_OUTCOME_NOT_ALLOWED] = "no longer signed in",
        [CP2FA_OUTCOME_BAD_CODE] = "no such code",
        [CP2FA_OUTCOME_NOT_ENABLED] = "not enabled",
        [CP2FA_OUTCOME_NO_DEVICE] = "no such device",
        [CP2FA_OUTCOME_LAST_DEVICE] = "last device",
        [CP2FA_OUTCOME_NO_SESSION] = "no such session",
        [CP2FA_OUTCOME_BAD_PATH] = "bad path",
        [CP2FA_OUTCOME_BAD_EXPIRY] = "bad expiry",
        [CP2FA_OUTCOME_TOO_MANY] = "too many",
        [CP2FA_OUTCOME_NO_APP_TOKEN] = "no such application token",
        [CP2FA_OUTCOME_UNAVAILABLE] = "unavailable",
    };

    return names[outcome];
}

const char *cp2fa_service_time(apr_pool_t *p, int64_t seconds)
{
    apr_time_exp_t t;
    char text[32];
    apr_size_t len;

    apr_time_exp_gmt(&t, apr_time_from_sec(seconds));
    apr_strftime(text, &len, sizeof(text), "%Y-%m-%d %H:%M UTC", &t);
    return apr_pstrdup(p, text);
}

const char *cp2fa_service_new_id(const struct cp2fa_service *service,
                                 apr_pool_t *p)
{
    uint8_t random[CP2FA_ID_TEXT / 2];
    char *id = apr_palloc(p, CP2FA_ID_TEXT + 1);

    if (service->random(random, sizeof(random)) != 0) {
        return NULL;
    }
    cp2fa_bytes_to_hex(random, sizeof(random), id);
    return id;
}

const char *cp2fa_service_rising_id(const struct cp2fa_service *service,
                                    apr_pool_t *p, int64_t now)
{
    const char *id = cp2fa_service_new_id(service, p);

    return id ? apr_psprintf(p, "%016" APR_UINT64_T_HEX_FMT "%s",
                             (apr_uint64_t)now, id + 16)
              : NULL;
}

struct cp2fa_account *cp2fa_service_account(const struct cp2fa_service *service,
                                            apr_pool_t *p,
                                            const struct cp2fa_who *who,
                                            int64_t now)
{
    struct cp2fa_account *account = NULL;
    enum cp2fa_db_result found =
        cp2fa_accounts_find(service->store, p, who->realm, who->user, &account);

    if (found == CP2FA_DB_NONE) {
        const char *id = cp2fa_service_new_id(service, p);

        if (id
            && cp2fa_accounts_ensure(service->store, p, id, who->realm,
                                     who->user, now / CP2FA_SECOND)
                   == CP2FA_DB_OK) {
            found = cp2fa_accounts_find(service->store, p, who->realm,
                                        who->user, &account);
        }
    }
    return found == CP2FA_DB_OK ? account : NULL;
}
