/* SPDX-License-Identifier: Apache-2.0 */
#include "core/agent.h"

#include <stddef.h>
#include <string.h>

struct mark {
    const char *text;
    const char *name;
};

/* The first that is found counts: browsers claim to be their forerunners. */
static const struct mark browsers[] = {
    {"Edg/", "Edge"},        {"EdgA/", "Edge"},
    {"OPR/", "Opera"},       {"SamsungBrowser/", "Samsung Internet"},
    {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
    {"CriOS/", "Chrome"},    {"Chrome/", "Chrome"},
    {"Safari/", "Safari"},   {"curl/", "curl"},
    {"Wget/", "Wget"},       {"python-requests/", "Python"},
};

static const struct mark systems[] = {
    {"Android", "Android"}, {"iPhone", "iPhone"},   {"iPad", "iPad"},
    {"Windows", "Windows"}, {"CrOS", "ChromeOS"},   {"Mac OS X", "macOS"},
    {"Linux", "Linux"},     {"FreeBSD", "FreeBSD"}, {"OpenBSD", "OpenBSD"},
};

static const char *find(const struct mark *marks, size_t count,
                        const char *agent)
{
    for (size_t i = 0; i < count; i++) {
        if (strstr(agent, marks[i].text)) {
            return marks[i].name;
        }
    }
    return NULL;
}

const char *cp2fa_agent_browser(const char *agent)
{
    return find(browsers, sizeof(browsers) / sizeof(*browsers), agent);
}

const char *cp2fa_agent_system(const char *agent)
{
    return find(systems, sizeof(systems) / sizeof(*systems), agent);
}
