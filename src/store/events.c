/* SPDX-License-Identifier: Apache-2.0 */
#include "store/events.h"

enum cp2fa_db_result cp2fa_events_add(struct cp2fa_tx *tx, apr_pool_t *p,
                                      const struct cp2fa_event *event)
{
    const char *args[] = {
        event->id,      cp2fa_db_number(p, event->at),
        event->account, event->realm,
        event->name,    event->kind,
        event->address, event->agent,
        event->detail,
    };

    return cp2fa_tx_run(tx, CP2FA_SQL_EVENT_ADD, args) == CP2FA_DB_OK
               ? CP2FA_DB_OK
               : CP2FA_DB_FAILED;
}
