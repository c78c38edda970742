/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a client calls itself, people read one of our own words. */
#include "fuzz.h"

#include <ctype.h>

#include "core/agent.h"

static void check_word(const char *word)
{
    CHECK(!word || (strlen(word) > 2 && strlen(word) < 20));
    for (; word && *word; word++) {
        CHECK(isalpha((uint8_t)*word) || *word == ' ');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *agent = fuzz_text(data, size);
    const char *browser = cp2fa_agent_browser(agent);
    const char *system = cp2fa_agent_system(agent);

    check_word(browser);
    check_word(system);
    CHECK(!browser || strchr(agent, '/'));
    free(agent);
    return 0;
}
