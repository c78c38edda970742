/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_NOTIFY_H
#define CP2FA_SERVICE_NOTIFY_H

#include "service/service.h"
#include "store/accounts.h"

/** What happens to an account; notify.c has the name of each, which is also
 * its mail template's, and whether the owner is told. */
enum cp2fa_notice {
    CP2FA_NOTICE_ENABLED,
    CP2FA_NOTICE_DEVICE_ADDED,
    CP2FA_NOTICE_DEVICE_REMOVED,
    CP2FA_NOTICE_DISABLED,
    CP2FA_NOTICE_DISABLED_BY_MAIL,
    CP2FA_NOTICE_RECOVERY_USED,
    CP2FA_NOTICE_CODES_MADE,
    CP2FA_NOTICE_THIRD_FAILURE,
    CP2FA_NOTICE_LOCKED,
    CP2FA_NOTICE_EMAIL_CHANGED,
    CP2FA_NOTICE_APP_TOKEN_MADE,
    CP2FA_NOTICE_APP_TOKEN_ENDED,
    CP2FA_NOTICE_UNLOCKED, /* these by an operator */
    CP2FA_NOTICE_DISABLED_BY_OPERATOR,
    CP2FA_NOTICE_SESSIONS_ENDED,
    CP2FA_NOTICE_CODES_VOIDED,
    CP2FA_NOTICE_COUNT
};

/** The address that mail of this account goes to, or NULL: TwoFactorEmail's
 * answer, else the one in the database. */
const char *cp2fa_notify_address(const struct cp2fa_who *who,
                                 const struct cp2fa_account *account);

/**
 * Records a notice and mails it to every registered address, in the transaction
 * of the change. detail is what it was about (a device's name), or "". now is
 * in microseconds. OK or FAILED.
 */
enum cp2fa_db_result cp2fa_notify(const struct cp2fa_service *service,
                                  struct cp2fa_tx *tx, apr_pool_t *p,
                                  const struct cp2fa_who *who,
                                  const struct cp2fa_account *account,
                                  enum cp2fa_notice notice, const char *detail,
                                  int64_t now) CP2FA_USE_RESULT;

/** Mails a notice to one more address, such as the old one after a change. */
enum cp2fa_db_result cp2fa_notify_mail(
    const struct cp2fa_service *service, struct cp2fa_tx *tx, apr_pool_t *p,
    const struct cp2fa_who *who, const char *account, const char *recipient,
    enum cp2fa_notice notice, const char *detail, int64_t now) CP2FA_USE_RESULT;

#endif
