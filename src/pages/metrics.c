/* SPDX-License-Identifier: Apache-2.0 */
#include <http_protocol.h>

#include "gate/headcount.h"
#include "gate/tally.h"
#include "pages/render.h"

/* The text format of Prometheus, version 0.0.4. */
#define TYPE "text/plain; version=0.0.4; charset=utf-8"

struct writer {
    request_rec *r;
    const char *name; /* the last one, whose kind was said */
};

static void say_kind(struct writer *writer, const char *name, const char *help,
                     const char *kind)
{
    if (!writer->name || strcmp(writer->name, name) != 0) {
        ap_rprintf(writer->r, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
                   kind);
        writer->name = name;
    }
}

static void write_counter(void *baton, const struct cp2fa_sample *sample)
{
    struct writer *writer = baton;

    say_kind(writer, sample->name, sample->help, "counter");
    ap_rprintf(writer->r, "%s%s%s%s %" APR_UINT64_T_FMT "\n", sample->name,
               *sample->labels ? "{" : "", sample->labels,
               *sample->labels ? "}" : "", (apr_uint64_t)sample->value);
}

static void write_gauge(struct writer *writer, const char *name,
                        const char *help, int64_t value)
{
    say_kind(writer, name, help, "gauge");
    ap_rprintf(writer->r, "%s %" APR_INT64_T_FMT "\n", name,
               (apr_int64_t)value);
}

static void write_totals(struct writer *writer,
                         const struct cp2fa_totals *totals, int64_t pending)
{
    int64_t devices = totals->devices - pending;

    write_gauge(writer, "cp2fa_sessions", "Sessions that have not ended.",
                totals->sessions);
    write_gauge(writer, "cp2fa_accounts", "Accounts, enrolled or not.",
                totals->accounts);
    write_gauge(writer, "cp2fa_devices", "Devices that are enrolled.",
                devices > 0 ? devices : 0);
}

static void write_census(struct writer *writer,
                         const struct cp2fa_census *census, int64_t now)
{
    write_gauge(writer, "cp2fa_accounts_locked",
                "Accounts whose second factor is locked.", census->locked);
    write_gauge(writer, "cp2fa_mail_queued", "Mails that wait.",
                census->queued);
    write_gauge(writer, "cp2fa_mail_dead", "Mails that were given up.",
                census->dead);
    write_gauge(writer, "cp2fa_mail_oldest_seconds",
                "Age of the oldest mail that waits.",
                census->oldest > 0 ? now - census->oldest : 0);
}

int cp2fa_metrics_get(struct cp2fa_page *page)
{
    const struct cp2fa_shared *shared = cp2fa_conf_shared(page->r->server);
    struct writer writer = {page->r, NULL};
    struct cp2fa_census census;
    struct cp2fa_totals totals;
    int64_t now = apr_time_sec(page->now);
    enum cp2fa_db_result counted = CP2FA_DB_FAILED;

    if (page->service->store
        && cp2fa_census_take(page->service->store, page->r->pool, &census)
               == CP2FA_DB_OK) {
        counted = cp2fa_headcount_ask(shared->headcount, page->service->store,
                                      page->r->pool, now, &totals);
    }
    ap_set_content_type(page->r, TYPE);
    if (shared->tally) {
        cp2fa_tally_each(shared->tally, page->r->pool, write_counter, &writer);
    }
    write_gauge(&writer, "cp2fa_database_up", "The database answers.",
                counted != CP2FA_DB_FAILED);
    if (counted == CP2FA_DB_OK) {
        write_totals(&writer, &totals, census.pending);
    }
    if (counted != CP2FA_DB_FAILED) {
        write_census(&writer, &census, now);
    }
    return OK;
}
