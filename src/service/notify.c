/* SPDX-License-Identifier: Apache-2.0 */
#include "service/notify.h"

#include <string.h>

#include "service/letter.h"
#include "store/events.h"

static const struct {
    const char *name;
    int mailed;
} notices[CP2FA_NOTICE_COUNT] = {
    [CP2FA_NOTICE_ENABLED] = {"enabled", 1},
    [CP2FA_NOTICE_DEVICE_ADDED] = {"device-added", 1},
    [CP2FA_NOTICE_DEVICE_REMOVED] = {"device-removed", 1},
    [CP2FA_NOTICE_DISABLED] = {"disabled", 1},
    [CP2FA_NOTICE_DISABLED_BY_MAIL] = {"disabled-by-mail", 1},
    [CP2FA_NOTICE_RECOVERY_USED] = {"recovery-used", 1},
    [CP2FA_NOTICE_CODES_MADE] = {"codes-made", 0},
    [CP2FA_NOTICE_THIRD_FAILURE] = {"third-failure", 1},
    [CP2FA_NOTICE_LOCKED] = {"locked", 1},
    [CP2FA_NOTICE_EMAIL_CHANGED] = {"email-changed", 1},
    [CP2FA_NOTICE_APP_TOKEN_MADE] = {"app-token-made", 1},
    [CP2FA_NOTICE_APP_TOKEN_ENDED] = {"app-token-ended", 1},
    [CP2FA_NOTICE_UNLOCKED] = {"unlocked", 1},
    [CP2FA_NOTICE_DISABLED_BY_OPERATOR] = {"disabled-by-operator", 1},
    [CP2FA_NOTICE_SESSIONS_ENDED] = {"sessions-ended", 1},
    [CP2FA_NOTICE_CODES_VOIDED] = {"codes-voided", 1},
};

static const char *text(const char *value)
{
    return value ? value : "";
}

const char *cp2fa_notify_address(const struct cp2fa_who *who,
                                 const struct cp2fa_account *account)
{
    if (who->email) {
        return who->email[0] ? who->email : NULL;
    }
    return account->email[0] ? account->email : NULL;
}

enum cp2fa_db_result cp2fa_notify_mail(
    const struct cp2fa_service *service, struct cp2fa_tx *tx, apr_pool_t *p,
    const struct cp2fa_who *who, const char *account, const char *recipient,
    enum cp2fa_notice notice, const char *detail, int64_t now)
{
    const struct cp2fa_letter letter = {
        .account = account,
        .recipient = recipient,
        .kind = notices[notice].name,
        .detail = detail,
    };

    return cp2fa_letter_post(service, tx, p, who, &letter, now);
}

enum cp2fa_db_result cp2fa_notify(const struct cp2fa_service *service,
                                  struct cp2fa_tx *tx, apr_pool_t *p,
                                  const struct cp2fa_who *who,
                                  const struct cp2fa_account *account,
                                  enum cp2fa_notice notice, const char *detail,
                                  int64_t now)
{
    const char *recipient = cp2fa_notify_address(who, account);
    struct cp2fa_event event = {
        .id = cp2fa_service_rising_id(service, p, now),
        .at = now / CP2FA_SECOND,
        .account = account->id,
        .realm = who->realm,
        .name = who->user,
        .kind = notices[notice].name,
        .address = text(who->address),
        .agent = text(who->agent),
        .detail = detail,
    };

    if (!event.id || cp2fa_events_add(tx, p, &event) != CP2FA_DB_OK) {
        return CP2FA_DB_FAILED;
    }
    if (!notices[notice].mailed) {
        return CP2FA_DB_OK;
    }
    if (recipient
        && cp2fa_notify_mail(service, tx, p, who, account->id, recipient,
                             notice, detail, now)
               != CP2FA_DB_OK) {
        return CP2FA_DB_FAILED;
    }
    /* every registered address: the database's, too, where TwoFactorEmail
     * has another */
    if (account->email[0]
        && (!recipient || strcmp(recipient, account->email) != 0)) {
        return cp2fa_notify_mail(service, tx, p, who, account->id,
                                 account->email, notice, detail, now);
    }
    return CP2FA_DB_OK;
}
