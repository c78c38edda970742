/* SPDX-License-Identifier: Apache-2.0 */
#include "service/apptoken.h"

#include <string.h>

#include <apr_strings.h>

#include "core/text.h"
#include "service/notify.h"
#include "service/tokenmac.h"

#define PURPOSE        "app"
#define OFFER_LIFETIME 600 /* seconds */
#define DAY            86400
#define DEFAULT_LIFE   (90 * DAY)
#define LONGEST_LIFE   (366 * DAY)
#define SHORTEST_LIFE  60
#define TOUCH_EVERY    60 /* seconds between notes that one is used */

/* What can't be is told before anybody is asked. */
static enum cp2fa_outcome read_wish(const struct cp2fa_apptoken_wish *wish,
                                    char path[CP2FA_APPTOKEN_PATH + 1],
                                    int64_t *lifetime)
{
    *lifetime = DEFAULT_LIFE;
    if (!cp2fa_text_is_name(wish->name)) {
        return CP2FA_OUTCOME_BAD_NAME;
    }
    if (cp2fa_apptoken_read_path(wish->path, path) != 0) {
        return CP2FA_OUTCOME_BAD_PATH;
    }
    if (wish->expires[0]
        && (cp2fa_text_duration(wish->expires, lifetime) != 0
            || *lifetime < SHORTEST_LIFE || *lifetime > LONGEST_LIFE)) {
        return CP2FA_OUTCOME_BAD_EXPIRY;
    }
    return CP2FA_OUTCOME_DONE;
}

static enum cp2fa_outcome check_room(const struct cp2fa_service *service,
                                     apr_pool_t *p, const struct cp2fa_who *who,
                                     struct cp2fa_account **account)
{
    struct cp2fa_app_token *tokens;
    int count;
    enum cp2fa_db_result result =
        cp2fa_accounts_find(service->store, p, who->realm, who->user, account);

    if (result == CP2FA_DB_NONE
        || (result == CP2FA_DB_OK && (*account)->device_count == 0)) {
        return CP2FA_OUTCOME_NOT_ENABLED;
    }
    if (result != CP2FA_DB_OK
        || cp2fa_apptokens_list(service->store, p, (*account)->id, &tokens,
                                &count)
               != CP2FA_DB_OK) {
        return CP2FA_OUTCOME_UNAVAILABLE;
    }
    return count < CP2FA_APPTOKEN_LIMIT ? CP2FA_OUTCOME_DONE
                                        : CP2FA_OUTCOME_TOO_MANY;
}

enum cp2fa_outcome cp2fa_apptoken_offer(const struct cp2fa_service *service,
                                        apr_pool_t *p,
                                        const struct cp2fa_who *who,
                                        const struct cp2fa_apptoken_wish *wish,
                                        const char *session, int64_t now)
{
    char path[CP2FA_APPTOKEN_PATH + 1];
    int64_t seconds = now / CP2FA_SECOND;
    int64_t lifetime;
    struct cp2fa_account *account;
    struct cp2fa_app_token token = {.name = wish->name, .path = path};
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result;
    enum cp2fa_outcome outcome = read_wish(wish, path, &lifetime);

    if (outcome == CP2FA_OUTCOME_DONE) {
        outcome = check_room(service, p, who, &account);
    }
    if (outcome != CP2FA_OUTCOME_DONE) {
        return outcome;
    }
    token.id = cp2fa_service_new_id(service, p);
    if (!token.id || cp2fa_db_begin(service->store, p, &tx) != CP2FA_DB_OK) {
        return CP2FA_OUTCOME_UNAVAILABLE;
    }
    token.account = account->id;
    token.created = seconds;
    token.expires = seconds + lifetime;
    result = cp2fa_accounts_standing(tx, account->id, session);
    if (result == CP2FA_DB_OK) {
        result = cp2fa_apptokens_offer(tx, p, &token, session,
                                       seconds + OFFER_LIFETIME);
    }
    return cp2fa_service_outcome(cp2fa_tx_end(tx, result),
                                 CP2FA_OUTCOME_NOT_ALLOWED);
}

/* The secret is bound to its row and account: moved to another, it is none. */
static int mac_of(const struct cp2fa_service *service, const char *key_id,
                  const char *account,
                  const uint8_t bytes[CP2FA_APPTOKEN_BYTES],
                  char mac[CP2FA_TOKENMAC_TEXT + 1])
{
    return cp2fa_tokenmac_make(service, key_id, PURPOSE, account, bytes,
                               CP2FA_APPTOKEN_BYTES, mac);
}

static int make_secret(const struct cp2fa_service *service, const char *id,
                       const char *account, char text[CP2FA_APPTOKEN_TEXT + 1],
                       char mac[CP2FA_TOKENMAC_TEXT + 1])
{
    uint8_t bytes[CP2FA_APPTOKEN_BYTES];
    int rv = -1;

    if (cp2fa_bytes_from_hex(id, strlen(id), bytes, CP2FA_APPTOKEN_ID) == 0
        && service->random(bytes + CP2FA_APPTOKEN_ID, CP2FA_APPTOKEN_SECRET)
               == 0
        && mac_of(service, NULL, account, bytes, mac) == 0) {
        cp2fa_apptoken_format(bytes, text);
        rv = 0;
    }
    cp2fa_bytes_wipe(bytes, sizeof(bytes));
    return rv;
}

static enum cp2fa_db_result make(const struct cp2fa_service *service,
                                 struct cp2fa_tx *tx, apr_pool_t *p,
                                 const struct cp2fa_who *who,
                                 const struct cp2fa_account *account,
                                 const char *session, int64_t now,
                                 struct cp2fa_apptoken_made *made)
{
    int64_t seconds = now / CP2FA_SECOND;
    char mac[CP2FA_TOKENMAC_TEXT + 1];
    struct cp2fa_app_token token;
    enum cp2fa_db_result result =
        cp2fa_apptokens_offered(tx, p, account->id, session, seconds, &token);

    if (result == CP2FA_DB_OK
        && make_secret(service, token.id, account->id, made->text, mac) != 0) {
        result = CP2FA_DB_FAILED;
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_apptokens_take(tx, p, token.id, mac, session, seconds);
    }
    if (result == CP2FA_DB_OK) {
        made->name = token.name;
        made->path = token.path;
        made->expires = token.expires;
        result = cp2fa_notify(service, tx, p, who, account,
                              CP2FA_NOTICE_APP_TOKEN_MADE, token.name, now);
    }
    return result;
}

enum cp2fa_outcome cp2fa_apptoken_take(const struct cp2fa_service *service,
                                       apr_pool_t *p,
                                       const struct cp2fa_who *who,
                                       const char *session, int64_t now,
                                       struct cp2fa_apptoken_made *made)
{
    struct cp2fa_account *account;
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result =
        cp2fa_accounts_find(service->store, p, who->realm, who->user, &account);

    if (result == CP2FA_DB_OK && account->device_count == 0) {
        result = CP2FA_DB_NONE;
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_db_begin(service->store, p, &tx);
    }
    if (result == CP2FA_DB_OK) {
        result = make(service, tx, p, who, account, session, now, made);
        result = cp2fa_tx_end(tx, result);
    }
    if (result != CP2FA_DB_OK) {
        cp2fa_bytes_wipe(made, sizeof(*made));
    }
    return cp2fa_service_outcome(result, CP2FA_OUTCOME_NOT_PENDING);
}

enum cp2fa_outcome cp2fa_apptoken_list(const struct cp2fa_service *service,
                                       apr_pool_t *p,
                                       const struct cp2fa_who *who,
                                       struct cp2fa_app_token **tokens,
                                       int *count)
{
    struct cp2fa_account *account;
    enum cp2fa_db_result result =
        cp2fa_accounts_find(service->store, p, who->realm, who->user, &account);

    *tokens = NULL;
    *count = 0;
    if (result == CP2FA_DB_OK) {
        result =
            cp2fa_apptokens_list(service->store, p, account->id, tokens, count);
    }
    return result == CP2FA_DB_FAILED ? CP2FA_OUTCOME_UNAVAILABLE
                                     : CP2FA_OUTCOME_DONE;
}

static const char *name_of(const struct cp2fa_app_token *tokens, int count,
                           const char *id)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(tokens[i].id, id) == 0) {
            return tokens[i].name;
        }
    }
    return NULL;
}

enum cp2fa_outcome cp2fa_apptoken_end(const struct cp2fa_service *service,
                                      apr_pool_t *p,
                                      const struct cp2fa_who *who,
                                      const char *id, int64_t now)
{
    struct cp2fa_app_token *tokens;
    int count = 0;
    const char *name = NULL;
    struct cp2fa_account *account;
    struct cp2fa_tx *tx;
    enum cp2fa_db_result result =
        cp2fa_accounts_find(service->store, p, who->realm, who->user, &account);

    if (result == CP2FA_DB_OK) {
        result = cp2fa_apptokens_list(service->store, p, account->id, &tokens,
                                      &count);
        name = count > 0 ? name_of(tokens, count, id) : NULL;
    }
    if (result == CP2FA_DB_OK && !name) {
        result = CP2FA_DB_NONE;
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_db_begin(service->store, p, &tx);
    }
    if (result == CP2FA_DB_OK) {
        result = cp2fa_apptokens_end(tx, account->id, id);
        if (result == CP2FA_DB_OK) {
            result = cp2fa_notify(service, tx, p, who, account,
                                  CP2FA_NOTICE_APP_TOKEN_ENDED, name, now);
        }
        result = cp2fa_tx_end(tx, result);
    }
    return cp2fa_service_outcome(result, CP2FA_OUTCOME_NO_APP_TOKEN);
}

/* The key is the one that the row names; the comparison takes as long for any
 * secret. */
static enum cp2fa_apptoken_said check_secret(
    const struct cp2fa_service *service, apr_pool_t *p,
    const struct cp2fa_app_token *token,
    const uint8_t bytes[CP2FA_APPTOKEN_BYTES])
{
    const char *colon = strchr(token->mac, ':');
    char mac[CP2FA_TOKENMAC_TEXT + 1];

    if (!colon
        || mac_of(
               service,
               apr_pstrmemdup(p, token->mac, (apr_size_t)(colon - token->mac)),
               token->account, bytes, mac)
               != 0) {
        return CP2FA_APPTOKEN_CANT_TELL; /* a key that is not in the file */
    }
    return strlen(token->mac) == strlen(mac)
                   && cp2fa_bytes_equal(token->mac, mac, strlen(mac))
               ? CP2FA_APPTOKEN_GOOD
               : CP2FA_APPTOKEN_UNKNOWN;
}

void cp2fa_apptoken_used(const struct cp2fa_service *service, apr_pool_t *p,
                         const struct cp2fa_app_token *token,
                         const char *address, int64_t now)
{
    int64_t seconds = now / CP2FA_SECOND;

    if (seconds >= token->last_used + TOUCH_EVERY
        && cp2fa_apptokens_touch(service->store, p, token->id,
                                 address ? address : "", seconds,
                                 seconds - TOUCH_EVERY)
               == CP2FA_DB_FAILED
        && service->complain) {
        /* it is good all the same, as a session is */
        service->complain(service->baton,
                          apr_psprintf(p,
                                       "can't note that application token "
                                       "%.8s is in use",
                                       token->id));
    }
}

enum cp2fa_apptoken_said cp2fa_apptoken_check(
    const struct cp2fa_service *service, apr_pool_t *p, const char *text,
    int64_t now, const struct cp2fa_app_token **token)
{
    uint8_t bytes[CP2FA_APPTOKEN_BYTES];
    char id[2 * CP2FA_APPTOKEN_ID + 1];
    struct cp2fa_app_token *found;
    enum cp2fa_apptoken_said said = CP2FA_APPTOKEN_MALFORMED;

    *token = NULL;
    if (cp2fa_apptoken_parse(text, bytes) != 0) {
        goto done;
    }
    cp2fa_bytes_to_hex(bytes, CP2FA_APPTOKEN_ID, id);
    switch (cp2fa_apptokens_find(service->store, p, id, &found)) {
    case CP2FA_DB_OK:
        said = check_secret(service, p, found, bytes);
        break;
    case CP2FA_DB_NONE:
        said = CP2FA_APPTOKEN_UNKNOWN;
        break;
    case CP2FA_DB_FAILED:
        said = CP2FA_APPTOKEN_CANT_TELL;
        break;
    }
    if (said == CP2FA_APPTOKEN_GOOD && now / CP2FA_SECOND >= found->expires) {
        said = CP2FA_APPTOKEN_EXPIRED;
    }
    if (said == CP2FA_APPTOKEN_GOOD) {
        *token = found;
    }
done:
    cp2fa_bytes_wipe(bytes, sizeof(bytes));
    return said;
}
