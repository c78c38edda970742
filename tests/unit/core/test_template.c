/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/template.h"

static const struct cp2fa_value values[] = {
    {"user", "alice"},
    {"evil", "a\r\nBcc: b\tc\x7f"
             "d\xc2\x85"
             "e"},
    {"nested", "{{user}}"},
    {"empty", ""},
};

static const char *wrong;

static int render(const char *text, char *out, size_t size)
{
    return cp2fa_template_render(text, values, COUNT(values), out, size,
                                 &wrong);
}

static void names_are_filled_in(void **state)
{
    char out[64];

    (void)state;
    assert_int_equal(render("Hi {{user}}{{empty}}, {{user}}!", out,
                            sizeof(out)),
                     16);
    assert_string_equal(out, "Hi alice, alice!");
    assert_int_equal(render("", out, sizeof(out)), 0);
    assert_int_equal(render("no { names } here }}", out, sizeof(out)), 20);
}

/* MAIL-09 */
static void a_value_stays_on_its_line(void **state)
{
    char out[64];

    (void)state;
    assert_true(render("Subject: {{evil}}\n\nx", out, sizeof(out)) > 0);
    assert_string_equal(out, "Subject: a  Bcc: b c d  e\n\nx");
}

static void a_value_is_not_looked_through_again(void **state)
{
    char out[64];

    (void)state;
    assert_int_equal(render("{{nested}}", out, sizeof(out)), 8);
    assert_string_equal(out, "{{user}}");
}

static void what_is_no_name_is_an_error_that_says_where(void **state)
{
    static const char *const bad[] = {
        "{{", "{{user", "{{}}", "{{User}}", "{{user }}", "{{nobody}}",
        "{{user}} {{x}}", "{{user\n}}",
    };
    char out[64];

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(render(bad[i], out, sizeof(out)), -1);
        assert_non_null(wrong);
        assert_memory_equal(wrong, "{{", 2);
    }
}

static void what_does_not_fit_is_an_error(void **state)
{
    (void)state;
    for (size_t size = 1; size <= 11; size++) {
        char *out = malloc(size);

        assert_int_equal(render("{{user}}alice", out, size),
                         size > 10 ? 10 : -1);
        assert_null(wrong);
        free(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_filled_in),
        cmocka_unit_test(a_value_stays_on_its_line),
        cmocka_unit_test(a_value_is_not_looked_through_again),
        cmocka_unit_test(what_is_no_name_is_an_error_that_says_where),
        cmocka_unit_test(what_does_not_fit_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
