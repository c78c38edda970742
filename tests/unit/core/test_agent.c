/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/agent.h"

static void a_browser_is_called_by_its_own_name(void **state)
{
    static const struct {
        const char *agent;
        const char *browser;
        const char *system;
    } rows[] = {
        {"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101"
         " Firefox/128.0", "Firefox", "Linux"},
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML,"
         " like Gecko) Chrome/131.0.0.0 Safari/537.36", "Chrome", "Windows"},
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML,"
         " like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0", "Edge",
         "Windows"},
        {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15"
         " (KHTML, like Gecko) Version/18.1 Safari/605.1.15", "Safari",
         "macOS"},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X)"
         " AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1"
         " Mobile/15E148 Safari/604.1", "Safari", "iPhone"},
        {"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like"
         " Gecko) Chrome/131.0.0.0 Mobile Safari/537.36", "Chrome", "Android"},
        {"curl/7.88.1", "curl", NULL},
        {"", NULL, NULL},
        {"something else", NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *browser = cp2fa_agent_browser(rows[i].agent);
        const char *system = cp2fa_agent_system(rows[i].agent);

        assert_string_equal(browser ? browser : "-",
                            rows[i].browser ? rows[i].browser : "-");
        assert_string_equal(system ? system : "-",
                            rows[i].system ? rows[i].system : "-");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_browser_is_called_by_its_own_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
