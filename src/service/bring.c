/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <apr_strings.h>

#include "core/text.h"
#include "service/notify.h"
#include "service/operator.h"
#include "service/secret.h"
#include "store/devices.h"
#include "store/sessions.h"

#define DEFAULT_NAME "Authenticator"
#define NAMESAKES    100

static int has_name(const struct cp2fa_account *account, const char *name)
{
    for (int i = 0; i < account->device_count; i++) {
        if (strcmp(account->devices[i].name, name) == 0) {
            return 1;
        }
    }
    return 0;
}

/* An enrolment takes the place of its namesake; what is brought along must
 * not: it may be another phone. */
static const char *free_name(apr_pool_t *p, const struct cp2fa_account *account,
                             const char *wish)
{
    const char *name = wish;

    for (int i = 2; has_name(account, name) && i < NAMESAKES; i++) {
        name = apr_psprintf(p, "%s %d", wish, i);
    }
    return name;
}

/* 1, 0, or -1: a secret does not open, and nobody can tell. */
static int has_secret(const struct cp2fa_service *service, apr_pool_t *p,
                      const struct cp2fa_who *who,
                      const struct cp2fa_account *account,
                      const struct cp2fa_brought *brought)
{
    uint8_t secret[CP2FA_SEAL_PLAIN_MAX];
    int found = 0;

    for (int i = 0; found == 0 && i < account->device_count; i++) {
        int len =
            cp2fa_secret_open(service, p, who, &account->devices[i], secret);

        if (len < 0) {
            found = -1;
        }
        else if ((size_t)len == brought->len) {
            found = cp2fa_bytes_equal(secret, brought->secret, brought->len);
        }
    }
    cp2fa_bytes_wipe(secret, sizeof(secret));
    return found;
}

static enum cp2fa_outcome add(const struct cp2fa_service *service,
                              apr_pool_t *p, const struct cp2fa_who *who,
                              const struct cp2fa_account *account,
                              const struct cp2fa_device *device, int64_t now)
{
    int64_t seconds = now / CP2FA_SECOND;
    struct cp2fa_rows ended;
    struct cp2fa_tx *tx;
    /* no session can confirm it: its hash would have 64 digits */
    const char *session = CP2FA_OPERATOR;
    enum cp2fa_db_result result = cp2fa_db_begin(service->store, p, &tx);

    if (result != CP2FA_DB_OK) {
        return CP2FA_OUTCOME_UNAVAILABLE;
    }
    result =
        cp2fa_devices_add(tx, p, account->id, device, session, seconds + 1);
    if (result == CP2FA_DB_OK) {
        result =
            cp2fa_devices_confirm(tx, p, account->id, device, session,
                                  device->last_step, device->skew, seconds);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_sessions_end_all(tx, account->id, &ended);
    }
    if (result == CP2FA_DB_OK) {
        result =
            cp2fa_notify(service, tx, p, who, account,
                         account->device_count == 0 ? CP2FA_NOTICE_ENABLED
                                                    : CP2FA_NOTICE_DEVICE_ADDED,
                         device->name, now);
    }
    return cp2fa_service_outcome(cp2fa_tx_end(tx, result),
                                 CP2FA_OUTCOME_UNAVAILABLE);
}

enum cp2fa_outcome cp2fa_operator_bring(const struct cp2fa_service *service,
                                        apr_pool_t *p,
                                        const struct cp2fa_who *who,
                                        const struct cp2fa_brought *brought,
                                        int64_t now, int *added)
{
    const char *name = brought->name ? brought->name : DEFAULT_NAME;
    struct cp2fa_device device = {
        .id = cp2fa_service_new_id(service, p),
        .type = "totp",
        .totp = brought->totp,
        .last_step = brought->last_step,
        .half_step = -1,
        .skew = brought->skew,
        .created = now / CP2FA_SECOND,
    };
    struct cp2fa_account *account;
    enum cp2fa_outcome outcome = CP2FA_OUTCOME_UNAVAILABLE;
    int known;

    *added = 0;
    if (!cp2fa_text_is_name(name) || !cp2fa_text_is_name(who->realm)
        || !cp2fa_text_is_user(who->user)) {
        return CP2FA_OUTCOME_BAD_NAME;
    }
    if (brought->len < CP2FA_BROUGHT_MIN || brought->len > CP2FA_SEAL_PLAIN_MAX
        || !cp2fa_totp_supported(&brought->totp)) {
        return CP2FA_OUTCOME_MALFORMED;
    }
    account = cp2fa_service_account(service, p, who, now);
    known = account ? has_secret(service, p, who, account, brought) : -1;
    if (known != 0) {
        return known > 0 ? CP2FA_OUTCOME_DONE : CP2FA_OUTCOME_UNAVAILABLE;
    }
    device.name = free_name(p, account, name);
    if (device.id
        && cp2fa_secret_seal(service, p, who, &device, brought->secret,
                             brought->len)
               == 0) {
        outcome = add(service, p, who, account, &device, now);
    }
    *added = outcome == CP2FA_OUTCOME_DONE;
    return outcome;
}
