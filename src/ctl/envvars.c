/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/envvars.h"

#include <string.h>

#include <apr_file_io.h>
#include <apr_strings.h>

#include "core/directive.h"

#define LINE_MAX_ 1024
#define EXPORT    "export"

static void take_line(apr_table_t *variables, char *line)
{
    char *words[2];
    char *equals;

    if (cp2fa_directive_words(line, words, 2) != 2
        || strcmp(words[0], EXPORT) != 0) {
        return;
    }
    equals = strchr(words[1], '=');
    /* what a shell would have to reckon is left out */
    if (equals && !strpbrk(equals, "$`\\")) {
        *equals = '\0';
        apr_table_set(variables, words[1], equals + 1);
    }
}

apr_table_t *cp2fa_envvars_read(apr_pool_t *p, const char *config)
{
    apr_table_t *variables = apr_table_make(p, 8);
    const char *slash = strrchr(config, '/');
    int folder = slash ? (int)(slash - config) + 1 : 0;
    char line[LINE_MAX_];
    apr_file_t *file;

    if (apr_file_open(&file, apr_psprintf(p, "%.*senvvars", folder, config),
                      APR_FOPEN_READ | APR_FOPEN_BUFFERED, APR_FPROT_OS_DEFAULT,
                      p)
        != APR_SUCCESS) {
        return variables;
    }
    while (apr_file_gets(line, sizeof(line), file) == APR_SUCCESS) {
        take_line(variables, line);
    }
    apr_file_close(file);
    return variables;
}
