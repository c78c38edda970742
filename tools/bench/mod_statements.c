/* SPDX-License-Identifier: Apache-2.0 */
/* An httpd module that answers by the statements of a log-in and nothing else:
 * what httpd costs, whatever a log-in is made of.
 *
 *     Statements DRIVER PARAMS REALM
 *     SetHandler statements
 *
 * A request for /any?N logs in personN. Each child has one connection. */
#include <httpd.h>

#include <http_config.h>
#include <http_protocol.h>

#include <apr_thread_mutex.h>

#include "statements.h"

static void fail(const char *what)
{
    fprintf(stderr, "%s failed\n", what);
    abort();
}

static const char *driver, *params, *realm;
static struct client client;
static apr_thread_mutex_t *mutex;

static int handle(request_rec *r)
{
    if (!r->handler || strcmp(r->handler, "statements") != 0) {
        return DECLINED;
    }
    apr_thread_mutex_lock(mutex);
    if (!client.handle) {
        open_database(&client, driver, params);
    }
    log_in(&client, realm, r->args ? atoi(r->args) : 0);
    apr_pool_clear(client.p);
    apr_thread_mutex_unlock(mutex);
    apr_table_setn(r->headers_out, "Location", "/console");
    return HTTP_SEE_OTHER;
}

static void start_child(apr_pool_t *p, server_rec *s)
{
    (void)s;
    apr_thread_mutex_create(&mutex, APR_THREAD_MUTEX_DEFAULT, p);
}

static const char *set(cmd_parms *cmd, void *dir, const char *one,
                       const char *two, const char *three)
{
    (void)cmd;
    (void)dir;
    driver = one;
    params = two;
    realm = three;
    return NULL;
}

static const command_rec commands[] = {
    AP_INIT_TAKE3("Statements", set, NULL, RSRC_CONF, "a database, a realm"),
    {NULL}};

static void hooks(apr_pool_t *p)
{
    (void)p;
    ap_hook_handler(handle, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_child_init(start_child, NULL, NULL, APR_HOOK_MIDDLE);
}

AP_DECLARE_MODULE(statements) = {
    STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, commands, hooks};
