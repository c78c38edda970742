/* SPDX-License-Identifier: Apache-2.0 */
#include "service/notify.h"

#include <apr_strings.h>

#include "store/events.h"
#include "store/outbox.h"

#define DEFAULT_LANGUAGE "en"

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

/* A line break in a value would make another line of it. */
static const char *one_line(apr_pool_t *p, const char *value)
{
    char *copy = apr_pstrdup(p, text(value));

    for (char *at = copy; *at; at++) {
        if (*at == '\n' || *at == '\r') {
            *at = ' ';
        }
    }
    return copy;
}

enum cp2fa_db_result cp2fa_notify_mail(
    const struct cp2fa_service *service, struct cp2fa_tx *tx, apr_pool_t *p,
    const struct cp2fa_who *who, const char *account, const char *recipient,
    enum cp2fa_notice notice, const char *detail, int64_t now)
{
    int64_t seconds = now / CP2FA_SECOND;
    struct cp2fa_mail mail = {
        .id = cp2fa_service_new_id(service, p),
        .account = account,
        .recipient = recipient,
        .kind = notices[notice].name,
        .language = who->language ? who->language : DEFAULT_LANGUAGE,
        .params = apr_psprintf(p, "address=%s\nagent=%s\ndetail=%s\n",
                               one_line(p, who->address),
                               one_line(p, who->agent), one_line(p, detail)),
        .secret = "",
        .created = seconds,
        .next_try = seconds,
    };

    return mail.id ? cp2fa_outbox_add(tx, p, &mail) : CP2FA_DB_FAILED;
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
        .id = cp2fa_service_new_id(service, p),
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
    if (!notices[notice].mailed || !recipient) {
        return CP2FA_DB_OK;
    }
    return cp2fa_notify_mail(service, tx, p, who, account->id, recipient,
                             notice, detail, now);
}
