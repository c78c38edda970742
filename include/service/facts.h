/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_FACTS_H
#define CP2FA_SERVICE_FACTS_H

#include "core/policy.h"
#include "service/service.h"
#include "store/sessions.h"

/** Whether the account has an active device. */
enum cp2fa_known cp2fa_facts_enrolled(const struct cp2fa_service *service,
                                      apr_pool_t *p,
                                      const struct cp2fa_who *who);

/**
 * Whether it is a session, of this realm and neither ended, idle for too long,
 * nor from the future (the clock was set back). `now` is in microseconds.
 */
int cp2fa_facts_session_alive(const struct cp2fa_rules *rules,
                              const char *realm,
                              const struct cp2fa_session *session, int64_t now);

/** Whether it is also this account's. */
int cp2fa_facts_session_good(const struct cp2fa_rules *rules,
                             const struct cp2fa_who *who,
                             const struct cp2fa_session *session, int64_t now);

/** How many seconds a session's begin, or its last request, is ahead of this
 * clock, if that is more than clocks of nodes may differ; else 0. */
int64_t cp2fa_facts_session_ahead(const struct cp2fa_session *session,
                                  int64_t now);

/** Whether a session is over for good: its end has come, it was idle for too
 * long, or it is ahead. No later time must bring it to life again. */
int cp2fa_facts_session_over(const struct cp2fa_rules *rules,
                             const struct cp2fa_session *session, int64_t now);

/** The amr of a session that a remembered browser began. */
#define CP2FA_AMR_REMEMBERED "pwd remembered"

/** The amr of a row that remembers a browser, and is no session. */
#define CP2FA_AMR_BROWSER "browser"

/** Whether it is one: a row among the sessions that opens nothing. */
int cp2fa_facts_is_browser(const struct cp2fa_session *session);

/** Whether this is such a row, its time has not come, and it is this
 * account's. A shorter TwoFactorRememberDevice counts from the next request. */
int cp2fa_facts_browser_good(const struct cp2fa_rules *rules,
                             const struct cp2fa_who *who,
                             const struct cp2fa_session *browser, int64_t now);

/** Whether it has passed a second factor; "pwd" alone is the first. */
int cp2fa_facts_session_passed(const struct cp2fa_session *session);

#endif
