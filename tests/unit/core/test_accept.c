/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/accept.h"

static const struct {
    const char *accept;
    int names_html;
} cases[] = {
    {"text/html", 1},
    {"TEXT/HTML", 1},
    {"text/html;q=0.5", 1},
    {"text/html ; q=0.001", 1},
    {"application/json, text/html;q=0.1", 1},
    {"text/html;level=1;q=1", 1},
    {"text/html, text/html;q=0", 1},
    {" ,, text/html", 1},
    {"text/html;q=0", 0},
    {"text/html;q=0.000", 0},
    {"text/html;q=0., application/json", 0},
    {"text/html; q=0 ;x=y", 0},
    {"text/html;level=1;Q=0", 0},
    {"text/html;q=0,*/*", 0},
    {"*/*", 0},
    {"text/*", 0},
    {"text/htmlx", 0},
    {"xtext/html", 0},
    {"application/xhtml+xml", 0},
    {"text/plain;note=text/html", 0},
    {"text/html;;;q=0", 0},
    {"", 0},
    {",", 0},
    {";", 0},
};

static void a_type_is_named_when_it_is_there_with_a_weight(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        if (cp2fa_accept_names(cases[i].accept, "text/html")
            != cases[i].names_html) {
            fail_msg("\"%s\"", cases[i].accept);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_type_is_named_when_it_is_there_with_a_weight),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
