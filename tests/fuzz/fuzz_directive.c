/* SPDX-License-Identifier: Apache-2.0 */
/* Words lie within the line, in its order, and a line without quotes has those
 * that blanks part. */
#include "fuzz.h"

#include "core/directive.h"

#define MOST 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *line = fuzz_text(data, size);
    char *copy = fuzz_text(data, size);
    size_t len = strlen(line);
    char *words[MOST];
    int n = cp2fa_directive_words(line, words, MOST);
    int plain = !strpbrk(copy, "\"'<>\\#");
    char *rest = copy;

    CHECK(n >= 0 && n <= MOST);
    for (int i = 0; i < n; i++) {
        CHECK(words[i] >= line && words[i] + strlen(words[i]) <= line + len);
        CHECK(i == 0 || words[i] > words[i - 1]);
        if (plain) {
            char *word = strtok(i == 0 ? rest : NULL, " \t\r\n\v\f");

            CHECK(word && !strcmp(word, words[i]));
        }
    }
    free(copy);
    free(line);
    return 0;
}
