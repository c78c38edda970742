/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_AGENT_H
#define CP2FA_CORE_AGENT_H

/* What a User-Agent says in a word, for people to tell their sessions apart.
 * It is what the client says of itself: nothing is decided by it. */

/** The browser's name, "Firefox" say, or NULL. */
const char *cp2fa_agent_browser(const char *agent);

/** The system's name, "Windows" say, or NULL. */
const char *cp2fa_agent_system(const char *agent);

#endif
