/* SPDX-License-Identifier: Apache-2.0 */
#include "service/reseal.h"

#include <string.h>

#include <apr_strings.h>

#include "core/seal.h"
#include "service/prepare.h"
#include "service/secret.h"
#include "store/devices.h"
#include "store/schema.h"
#include "store/survey.h"

static enum cp2fa_db_result reseal(const struct cp2fa_service *service,
                                   apr_pool_t *p,
                                   const struct cp2fa_device_line *line,
                                   struct cp2fa_reseal *walk)
{
    const struct cp2fa_who who = {.realm = line->realm, .user = line->name};
    struct cp2fa_device device = line->device;
    uint8_t secret[CP2FA_SEAL_PLAIN_MAX];
    char id[CP2FA_KEY_ID_MAX + 1];
    enum cp2fa_db_result result = CP2FA_DB_FAILED;
    int len;

    if (cp2fa_seal_key_id(device.secret, id) == 0
        && strcmp(id, cp2fa_keyring_active(service->keys)) == 0) {
        return CP2FA_DB_OK;
    }
    len = cp2fa_secret_open(service, p, &who, &device, secret);
    if (len < 0) {
        walk->unopened++;
        return CP2FA_DB_OK;
    }
    if (cp2fa_secret_seal(service, p, &who, &device, secret, (size_t)len)
        == 0) {
        result = cp2fa_devices_reseal(service->store, p, device.id,
                                      line->device.secret, device.secret);
    }
    cp2fa_bytes_wipe(secret, sizeof(secret));
    walk->resealed += result == CP2FA_DB_OK;
    /* NONE: removed meanwhile */
    return result == CP2FA_DB_FAILED ? result : CP2FA_DB_OK;
}

enum cp2fa_db_result cp2fa_reseal_some(const struct cp2fa_service *service,
                                       apr_pool_t *p, struct cp2fa_reseal *walk)
{
    struct cp2fa_device_line *lines;
    int count;
    enum cp2fa_db_result result =
        cp2fa_survey_devices(service->store, p, walk->after, &lines, &count);

    for (int i = 0; result == CP2FA_DB_OK && i < count; i++) {
        result = reseal(service, p, &lines[i], walk);
        walk->seen++;
        walk->after = lines[i].device.id;
    }
    return result;
}

struct census {
    struct cp2fa_key_use *uses;
    int count;
};

static struct cp2fa_key_use *use_of(struct census *census, const char *id,
                                    size_t len)
{
    struct cp2fa_key_use *use;

    for (int i = 0; i < census->count; i++) {
        if (strlen(census->uses[i].id) == len
            && memcmp(census->uses[i].id, id, len) == 0) {
            return &census->uses[i];
        }
    }
    if (len > CP2FA_KEY_ID_MAX) {
        return NULL;
    }
    /* what there is no room for is counted with the last */
    if (census->count == CP2FA_KEY_USES) {
        return &census->uses[CP2FA_KEY_USES - 1];
    }
    use = &census->uses[census->count++];
    memset(use, 0, sizeof(*use));
    memcpy(use->id, id, len);
    return use;
}

static struct cp2fa_key_use *use_of_blob(struct census *census,
                                         const char *blob)
{
    char id[CP2FA_KEY_ID_MAX + 1];

    return cp2fa_seal_key_id(blob, id) == 0 ? use_of(census, id, strlen(id))
                                            : NULL;
}

/* A pool for the next rows; the one of before stays as it is, as the last row's
 * name is in it. So a million of them need no more memory than two steps. */
static apr_pool_t *next_of(apr_pool_t *pools[2], apr_pool_t *p)
{
    apr_pool_t *older = pools[1];

    pools[1] = pools[0];
    pools[0] = older;
    if (older) {
        apr_pool_clear(older);
    }
    else {
        apr_pool_create(&pools[0], p);
    }
    return pools[0];
}

static enum cp2fa_db_result count_secrets(const struct cp2fa_service *service,
                                          apr_pool_t *p, struct census *census)
{
    apr_pool_t *pools[2] = {NULL, NULL};
    struct cp2fa_device_line *lines;
    const char *after = "";
    enum cp2fa_db_result result;
    int count;

    while ((result = cp2fa_survey_devices(service->store, next_of(pools, p),
                                          after, &lines, &count))
           == CP2FA_DB_OK) {
        for (int i = 0; i < count; i++) {
            struct cp2fa_key_use *use =
                use_of_blob(census, lines[i].device.secret);

            after = lines[i].device.id;
            if (use) {
                use->secrets++;
            }
        }
    }
    return result;
}

static enum cp2fa_db_result count_macs(const struct cp2fa_service *service,
                                       apr_pool_t *p, int mailed,
                                       struct census *census)
{
    apr_pool_t *pools[2] = {NULL, NULL};
    struct cp2fa_rows rows;
    const char *account = "";
    const char *mac = "";
    enum cp2fa_db_result result;

    while ((result = cp2fa_survey_macs(service->store, next_of(pools, p),
                                       mailed, account, mac, &rows))
           == CP2FA_DB_OK) {
        for (int i = 0; i < rows.count; i++) {
            struct cp2fa_key_use *use;

            account = rows.row[i][0];
            mac = rows.row[i][1];
            use = use_of(census, mac, strcspn(mac, ":"));
            if (use) {
                use->codes += !mailed;
                use->mail_tokens += mailed;
            }
        }
    }
    return result;
}

static enum cp2fa_db_result count_mails(const struct cp2fa_service *service,
                                        apr_pool_t *p, struct census *census)
{
    struct cp2fa_mail_line *lines;
    const char *after = "";
    enum cp2fa_db_result result;
    int count;

    while (
        (result = cp2fa_survey_mails(service->store, p, after, &lines, &count))
        == CP2FA_DB_OK) {
        for (int i = 0; i < count; i++) {
            struct cp2fa_key_use *use =
                use_of_blob(census, lines[i].mail.secret);

            after = lines[i].mail.id;
            if (use) {
                use->mails++;
            }
        }
    }
    return result;
}

enum cp2fa_db_result cp2fa_reseal_count(
    const struct cp2fa_service *service, apr_pool_t *p,
    struct cp2fa_key_use uses[CP2FA_KEY_USES], int *count)
{
    struct census census = {uses, 0};
    const char *active = cp2fa_keyring_active(service->keys);
    struct cp2fa_rows notes;
    const char *id;

    if (cp2fa_schema_notes(service->store, p, &notes) != CP2FA_DB_OK) {
        return CP2FA_DB_FAILED;
    }
    for (size_t i = 0; (id = cp2fa_keyring_id(service->keys, i)); i++) {
        struct cp2fa_key_use *use = use_of(&census, id, strlen(id));

        use->in_file = 1;
        use->active = strcmp(id, active) == 0;
        use->known = cp2fa_prepare_knows(service, &notes, id, 0);
        use->sealed = cp2fa_prepare_knows(service, &notes, id, 1);
    }
    if (count_secrets(service, p, &census) == CP2FA_DB_FAILED
        || count_macs(service, p, 0, &census) == CP2FA_DB_FAILED
        || count_macs(service, p, 1, &census) == CP2FA_DB_FAILED
        || count_mails(service, p, &census) == CP2FA_DB_FAILED) {
        return CP2FA_DB_FAILED;
    }
    *count = census.count;
    return CP2FA_DB_OK;
}
