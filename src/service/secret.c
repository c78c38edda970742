/* SPDX-License-Identifier: Apache-2.0 */
#include "service/secret.h"

#include <string.h>

#include <apr_strings.h>

#include "core/window.h"

#define PARTS 5

static void bind_to(struct cp2fa_part parts[PARTS], apr_pool_t *p,
                    const struct cp2fa_who *who,
                    const struct cp2fa_device *device)
{
    parts[0] = cp2fa_crypto_text(who->realm);
    parts[1] = cp2fa_crypto_text(who->user);
    parts[2] = cp2fa_crypto_text("cp2fa_device.secret");
    parts[3] = cp2fa_crypto_text(device->id);
    parts[4] = cp2fa_crypto_text(
        apr_psprintf(p, "%s %u %u", cp2fa_totp_alg_name(device->totp.alg),
                     device->totp.digits, device->totp.period));
}

int cp2fa_secret_seal(const struct cp2fa_service *service, apr_pool_t *p,
                      const struct cp2fa_who *who, struct cp2fa_device *device,
                      const uint8_t *secret, size_t len)
{
    struct cp2fa_part parts[PARTS];
    uint8_t nonce[CP2FA_SEAL_NONCE_LEN];
    char *text = apr_palloc(p, CP2FA_SEAL_TEXT_MAX);

    bind_to(parts, p, who, device);
    if (service->random(nonce, sizeof(nonce)) != 0
        || cp2fa_seal_close(service->crypto, service->keys, nonce, parts, PARTS,
                            secret, len, text)
               != 0) {
        return -1;
    }
    device->secret = text;
    return 0;
}

int cp2fa_secret_open(const struct cp2fa_service *service, apr_pool_t *p,
                      const struct cp2fa_who *who,
                      const struct cp2fa_device *device,
                      uint8_t out[CP2FA_SEAL_PLAIN_MAX])
{
    struct cp2fa_part parts[PARTS];
    int len;

    bind_to(parts, p, who, device);
    len = cp2fa_seal_open(service->crypto, service->keys, device->secret, parts,
                          PARTS, out);
    if (len < 0) {
        service->complain(
            service->baton,
            apr_psprintf(p,
                         "the secret of device %s does not open: its key is "
                         "not in the key file, or the row was changed",
                         device->id));
    }
    return len;
}

static const enum cp2fa_outcome outcomes[] = {
    [CP2FA_WINDOW_NO] = CP2FA_OUTCOME_INVALID,
    [CP2FA_WINDOW_USED] = CP2FA_OUTCOME_USED,
    [CP2FA_WINDOW_HALF] = CP2FA_OUTCOME_HALF,
    [CP2FA_WINDOW_YES] = CP2FA_OUTCOME_DONE,
};

static struct cp2fa_window window_of(const struct cp2fa_device *device,
                                     const struct cp2fa_rules *rules,
                                     unsigned failures, unsigned devices)
{
    int64_t reach = rules->clock_skew / device->totp.period;

    return (struct cp2fa_window){
        .reach = reach,
        .skew = device->skew,
        .last_step = device->last_step,
        .half_step = device->half_step,
        /* who confirms a new secret was shown it, and has nothing to guess */
        .alone = device->last_step < 0
                     ? (unsigned)(2 * reach + 1)
                     : cp2fa_window_alone(failures, reach, devices),
    };
}

int64_t cp2fa_secret_ahead(const struct cp2fa_rules *rules,
                           const struct cp2fa_device *device, int64_t now)
{
    int64_t reach = rules->clock_skew / device->totp.period;
    int64_t here = cp2fa_totp_step(&device->totp, now / CP2FA_SECOND);
    int64_t steps = device->last_step - (here + reach);

    return steps > 0 ? steps * device->totp.period : 0;
}

enum cp2fa_outcome cp2fa_secret_match(
    const struct cp2fa_service *service, apr_pool_t *p,
    const struct cp2fa_rules *rules, const struct cp2fa_who *who,
    const struct cp2fa_device *device, unsigned failures, unsigned devices,
    const char *typed, int64_t now, struct cp2fa_match *match)
{
    const struct cp2fa_totp *totp = &device->totp;
    int64_t here = cp2fa_totp_step(totp, now / CP2FA_SECOND);
    struct cp2fa_window window = window_of(device, rules, failures, devices);
    uint8_t secret[CP2FA_SEAL_PLAIN_MAX];
    char token[CP2FA_TOTP_DIGITS_MAX + 1];
    uint64_t matches = 0;
    enum cp2fa_outcome outcome;
    int len;
    int rv;

    if (cp2fa_totp_normalise(totp, typed, strlen(typed), token) != 0) {
        return CP2FA_OUTCOME_MALFORMED;
    }
    len = cp2fa_secret_open(service, p, who, device, secret);
    rv = len < 0 ? -1
                 : cp2fa_totp_match(service->crypto, totp, secret, (size_t)len,
                                    here - window.reach,
                                    (unsigned)(2 * window.reach + 1), token,
                                    &matches);
    cp2fa_bytes_wipe(secret, sizeof(secret));
    cp2fa_bytes_wipe(token, sizeof(token));
    if (rv != 0) {
        return CP2FA_OUTCOME_UNAVAILABLE;
    }
    outcome =
        outcomes[cp2fa_window_judge(&window, here, matches, &match->step)];
    match->skew = cp2fa_window_learn(&window, match->step - here);
    return outcome;
}
