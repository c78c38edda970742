/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/janitor.h"

#include <apr_strings.h>
#include <mod_watchdog.h>

#include "gate/clock.h"
#include "gate/conf.h"
#include "gate/log.h"
#include "service/courier.h"
#include "service/keyfile.h"
#include "store/purge.h"

#define WATCHDOG     "_cp2fa_" /* a thread of our own: mail may stall it */
#define EVERY        apr_time_from_sec(1)
#define PURGE_ROUNDS 300 /* rounds between two purges */
#define PURGE_STEPS  10  /* small ones that a round makes at most */
#define PURGE_PAUSE  apr_time_from_msec(20) /* for who waits to write */
#define REST_ROUNDS  10 /* that are left out while the database is away */
#define DEFAULT_URL  "sendmail:/usr/sbin/sendmail"

/* The janitor's own, made in post_config, written by its thread alone; but
 * `stop`, which mod_watchdog's end sets from another. */
struct janitor {
    server_rec *s;
    struct cp2fa_courier courier;
    volatile uint32_t stop;
    int until_purge;
    int rest;
    apr_time_t zero; /* the clock's */
};

static const char *read_credentials(apr_pool_t *pconf,
                                    struct cp2fa_shared *shared)
{
    const char *path = cp2fa_transport_credentials(shared->transport);
    char line[512];
    const char *problem;

    if (!path) {
        return NULL;
    }
    problem = cp2fa_keyfile_slurp(pconf, "credentials file", path, line,
                                  sizeof(line));
    if (!problem
        && cp2fa_transport_log_in(shared->transport, pconf, line) != 0) {
        problem = apr_psprintf(pconf,
                               "credentials file %s must hold one line, "
                               "user:password",
                               path);
    }
    cp2fa_bytes_wipe(line, sizeof(line));
    return problem;
}

const char *cp2fa_janitor_check(apr_pool_t *pconf, server_rec *s)
{
    struct cp2fa_shared *shared = cp2fa_conf_shared(s);
    const char *problem = NULL;

    if (!shared->mail_from) {
        return NULL;
    }
    if (!ap_find_linked_module("mod_watchdog.c")) {
        return "TwoFactorMailFrom needs mod_watchdog, which sends the mail: "
               "add LoadModule watchdog_module";
    }
    if (!shared->mail_templates) {
        return "TwoFactorMailFrom needs TwoFactorMailTemplates: Include "
               "conf/cp2fa.conf";
    }
    if (!shared->transport) {
        problem = cp2fa_transport_parse(pconf, DEFAULT_URL, &shared->transport);
    }
    if (!problem) {
        problem = cp2fa_transport_check(shared->transport, pconf);
    }
    return problem ? problem : read_credentials(pconf, shared);
}

static int64_t clock_now(void)
{
    return apr_time_now();
}

static void report(void *baton, enum cp2fa_fate fate,
                   const struct cp2fa_mail *mail, const char *problem)
{
    const struct janitor *janitor = baton;
    apr_pool_t *p;

    apr_pool_create(&p, NULL);
    switch (fate) {
    case CP2FA_FATE_SENT:
        ap_log_error(APLOG_MARK, APLOG_INFO, 0, janitor->s,
                     "CP2FA401: mail %s (%s) sent, user %s, realm %s", mail->id,
                     mail->kind, CP2FA_LOGGED(p, mail->name),
                     CP2FA_LOGGED(p, mail->realm));
        break;
    case CP2FA_FATE_LATER:
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, janitor->s,
                     "CP2FA402: mail %s (%s) not sent yet, try %d: %s",
                     mail->id, mail->kind, (int)mail->tries + 1,
                     CP2FA_LOGGED(p, problem));
        break;
    case CP2FA_FATE_DEAD:
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, janitor->s,
                     "CP2FA403: mail %s (%s) given up, user %s, realm %s: %s",
                     mail->id, mail->kind, CP2FA_LOGGED(p, mail->name),
                     CP2FA_LOGGED(p, mail->realm), CP2FA_LOGGED(p, problem));
        break;
    }
    apr_pool_destroy(p);
}

/* Goes on with the next round where there is more than one can take. */
static enum cp2fa_db_result purge(struct janitor *janitor, apr_pool_t *p)
{
    struct cp2fa_store *store = janitor->courier.service->store;
    enum cp2fa_db_result result = CP2FA_DB_OK;
    int more = 1;

    for (int i = 0;
         i < PURGE_STEPS && more && result == CP2FA_DB_OK && !janitor->stop;
         i++) {
        if (i > 0) {
            apr_sleep(PURGE_PAUSE);
        }
        result = cp2fa_purge_run(store, p, clock_now() / CP2FA_SECOND, &more);
    }
    janitor->until_purge = more ? 0 : PURGE_ROUNDS;
    return result;
}

static void work(struct janitor *janitor, apr_pool_t *p)
{
    const struct cp2fa_service *service = janitor->courier.service;
    enum cp2fa_db_result result = CP2FA_DB_OK;

    if (!service->store || janitor->rest-- > 0) {
        return;
    }
    janitor->rest = 0;
    if (service->mail) {
        result = cp2fa_courier_round(&janitor->courier, p);
    }
    if (result == CP2FA_DB_OK && janitor->until_purge-- <= 0) {
        result = purge(janitor, p);
    }
    if (result != CP2FA_DB_OK) {
        janitor->rest = REST_ROUNDS;
    }
}

static apr_status_t tick(int state, void *data, apr_pool_t *p)
{
    struct janitor *janitor = data;

    if (state == AP_WATCHDOG_STATE_STOPPING) {
        janitor->stop = 1;
    }
    else if (state == AP_WATCHDOG_STATE_RUNNING && !janitor->stop) {
        cp2fa_clock_watch(janitor->s, &janitor->zero);
        work(janitor, p);
    }
    return APR_SUCCESS;
}

static const char *start(apr_pool_t *pconf, struct janitor *janitor)
{
    APR_OPTIONAL_FN_TYPE(ap_watchdog_get_instance) *get =
        APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_get_instance);
    APR_OPTIONAL_FN_TYPE(ap_watchdog_register_callback) *add =
        APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_register_callback);
    ap_watchdog_t *watchdog;
    apr_status_t rv;

    if (!get || !add) {
        return NULL; /* without mail, nobody need purge */
    }
    rv = get(&watchdog, WATCHDOG, 0, 1, pconf);
    if (rv == APR_SUCCESS) {
        rv = add(watchdog, EVERY, janitor, tick);
    }
    return rv == APR_SUCCESS
               ? NULL
               : apr_psprintf(pconf, "mod_watchdog gives no thread: %pm", &rv);
}

const char *cp2fa_janitor_hire(apr_pool_t *pconf, server_rec *s)
{
    struct cp2fa_shared *shared = cp2fa_conf_shared(s);
    struct janitor *janitor = apr_pcalloc(pconf, sizeof(*janitor));

    shared->service.mail = shared->mail_from != NULL;
    if (!shared->mail_from) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, s,
                     "CP2FA404: no mail is sent, and the way out of a lost "
                     "phone is closed: TwoFactorMailFrom is not set");
    }
    janitor->s = s;
    janitor->courier = (struct cp2fa_courier){
        .service = &shared->service,
        .transport = shared->transport,
        .from = shared->mail_from,
        .templates = shared->mail_templates,
        .stop = &janitor->stop,
        .clock = clock_now,
        .report = report,
        .baton = janitor,
    };
    return start(pconf, janitor);
}
