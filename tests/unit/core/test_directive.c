/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/directive.h"

/* The words of a line, joined with |. */
static const char *words(const char *line)
{
    static char out[256];
    char copy[256];
    char *word[4];
    int n;

    strcpy(copy, line);
    n = cp2fa_directive_words(copy, word, 4);
    out[0] = '\0';
    for (int i = 0; i < n; i++) {
        strcat(strcat(out, word[i]), "|");
    }
    return out;
}

static void a_line_is_split_as_httpd_does(void **state)
{
    static const char *const lines[][2] = {
        {"", ""},
        {"  # comment", ""},
        {"TwoFactor optional", "TwoFactor|optional|"},
        {"\tA  b\tc  ", "A|b|c|"},
        {"A \"b c\" 'd \"e'", "A|b c|d \"e|"},
        {"A \"b \\\" c\" \"\\d\"", "A|b \" c|\\d|"},
        {"A \"\" b", "A||b|"},
        {"A \"unclosed b", "A|unclosed b|"},
        {"<VirtualHost *:443 *:80>", "<VirtualHost|*:443|*:80|"},
        {"<Location \"/\"> ", "<Location|/|"},
        {"</Location>", "</Location|"},
        {"A > b", "A|>|b|"},
        {"a b c d e", "a|b|c|d|"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++) {
        assert_string_equal(words(lines[i][0]), lines[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_split_as_httpd_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
