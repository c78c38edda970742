/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/settings.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <apr_file_io.h>
#include <apr_strings.h>

#include "core/directive.h"
#include "core/text.h"
#include "ctl/envvars.h"
#include "ctl/realms.h"

#define DEPTH_MAX 32
#define WORDS_MAX 16
#define LINE_MAX_ 8192

/* A reading of files, one in the other. */
struct reader {
    apr_pool_t *p;
    struct cp2fa_settings *settings;
    apr_table_t *defines;
    apr_table_t *variables; /* of the environment that httpd will have */
    const char *root;       /* ServerRoot */
    struct cp2fa_settings_host *host; /* we are in, or NULL */
    struct cp2fa_place *place;
    int skipped; /* sections open whose content is not */
    int depth;
};

/* ${NAME} by Define, then by the environment, ours and that of apachectl; else
 * as it stands. */
static const char *expand(struct reader *r, const char *text)
{
    const char *at = strstr(text, "${");
    const char *end = at ? strchr(at, '}') : NULL;
    const char *name;
    const char *value;

    if (!end) {
        return text;
    }
    name = apr_pstrmemdup(r->p, at + 2, (apr_size_t)(end - at - 2));
    value = apr_table_get(r->defines, name);
    value = value ? value : getenv(name);
    value = value ? value : apr_table_get(r->variables, name);
    return apr_pstrcat(
        r->p, apr_pstrmemdup(r->p, text, (apr_size_t)(at - text)),
        value ? value : apr_pstrmemdup(r->p, at, (apr_size_t)(end - at + 1)),
        expand(r, end + 1), (char *)NULL);
}

static const char *under_root(struct reader *r, const char *path)
{
    return path[0] == '/' ? apr_pstrdup(r->p, path)
                          : apr_pstrcat(r->p, r->root, "/", path, (char *)NULL);
}

static int read_file(struct reader *r, const char *path);

static void include(struct reader *r, const char *path, int optional)
{
    const char *pattern = under_root(r, path);
    glob_t found;

    if (glob(pattern, 0, NULL, &found) != 0) {
        if (!optional) {
            APR_ARRAY_PUSH(r->settings->problems, const char *) = apr_psprintf(
                r->p, "%s, which is included, is not there", pattern);
        }
        return;
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        if (read_file(r, found.gl_pathv[i]) != 0) {
            APR_ARRAY_PUSH(r->settings->problems, const char *) =
                apr_psprintf(r->p, "%s can't be read: %s", found.gl_pathv[i],
                             strerror(errno));
        }
    }
    globfree(&found);
}

/* Whether a section's content counts: <IfDefine NAME>, <IfFile path>. */
static int holds(struct reader *r, const char *name, const char *argument)
{
    int negated = argument[0] == '!';
    int is = 1;

    argument += negated;
    if (strcasecmp(name, "<IfDefine") == 0) {
        is = apr_table_get(r->defines, argument) != NULL;
    }
    else if (strcasecmp(name, "<IfFile") == 0) {
        is = access(under_root(r, argument), F_OK) == 0;
    }
    else if (strncasecmp(name, "<If", 3) != 0 || strcasecmp(name, "<If") == 0
             || strcasecmp(name, "<Else") == 0
             || strcasecmp(name, "<ElseIf") == 0) {
        return 1; /* a place, or an expression about requests */
    }
    return is != negated;
}

static void begin_section(struct reader *r, char **words, int n)
{
    if (r->skipped > 0 || !holds(r, words[0], n > 1 ? words[1] : "")) {
        r->skipped++;
        return;
    }
    r->place = cp2fa_realms_enter(r->p, r->settings, r->place, words[0],
                                  n > 1 ? words[1] : "");
    if (strcasecmp(words[0], "<VirtualHost") == 0) {
        r->host = apr_pcalloc(r->p, sizeof(*r->host));
        r->host->address = apr_pstrdup(r->p, n > 1 ? words[1] : "");
        r->host->name = "";
        APR_ARRAY_PUSH(r->settings->hosts, struct cp2fa_settings_host *) =
            r->host;
    }
}

static void end_section(struct reader *r, const char *name)
{
    if (r->skipped > 0) {
        r->skipped--;
        return;
    }
    r->place = cp2fa_realms_leave(r->place, name);
    if (strcasecmp(name, "/VirtualHost") == 0) {
        r->host = NULL;
    }
}

/* Directives whose one word is kept. */
static const struct {
    const char *name;
    size_t where;
    int is_path;
} kept[] = {
    {"TwoFactorKeyFile", offsetof(struct cp2fa_settings, key_file), 1},
    {"TwoFactorMail", offsetof(struct cp2fa_settings, mail), 0},
    {"TwoFactorMailFrom", offsetof(struct cp2fa_settings, mail_from), 0},
    {"TwoFactorMailTemplates", offsetof(struct cp2fa_settings, mail_templates),
     1},
    {"TwoFactorBaseURL", offsetof(struct cp2fa_settings, base_url), 0},
    {"TwoFactorPath", offsetof(struct cp2fa_settings, path), 0},
    {"User", offsetof(struct cp2fa_settings, run_as), 0},
};

static int keep(struct reader *r, const char *name, const char *word)
{
    for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++) {
        if (strcasecmp(name, kept[i].name) == 0) {
            *(const char **)((char *)r->settings + kept[i].where) =
                kept[i].is_path ? under_root(r, word) : apr_pstrdup(r->p, word);
            return 1;
        }
    }
    return 0;
}

static void set_database(struct reader *r, char **words, int n)
{
    if (n > 2) {
        r->settings->driver = apr_pstrdup(r->p, words[1]);
        /* sqlite's parameter is a file */
        r->settings->params = strcmp(words[1], "sqlite3") == 0
                                  ? under_root(r, words[2])
                                  : apr_pstrdup(r->p, words[2]);
    }
}

static void set_token(struct reader *r, char **words, int n)
{
    struct cp2fa_totp totp;
    int64_t digits;
    int64_t period;

    if (n > 3 && cp2fa_totp_alg_find(words[1], &totp.alg) == 0
        && cp2fa_text_number(words[2], 6, 8, &digits) == 0
        && cp2fa_text_number(words[3], 1, 300, &period) == 0) {
        totp.digits = (unsigned)digits;
        totp.period = (unsigned)period;
        r->settings->totp = totp;
    }
}

static void set_guard(struct reader *r, const char *mode)
{
    int on = strcasecmp(mode, "off") != 0;

    if (r->host) {
        r->host->guards |= on;
    }
    else {
        r->settings->guards |= on;
    }
}

static void set_ours(struct reader *r, char **words, int n)
{
    int64_t skew;

    if (strcasecmp(words[0], "TwoFactorDatabase") == 0) {
        set_database(r, words, n);
    }
    else if (strcasecmp(words[0], "TwoFactorToken") == 0) {
        set_token(r, words, n);
    }
    else if (strcasecmp(words[0], "TwoFactor") == 0) {
        set_guard(r, words[1]);
    }
    else if (strcasecmp(words[0], "TwoFactorClockSkew") == 0
             && cp2fa_text_number(words[1], 0, 600, &skew) == 0
             && skew > r->settings->clock_skew) {
        r->settings->clock_skew = skew;
    }
}

static void set_host(struct reader *r, char **words, int n)
{
    if (!r->host) {
        return;
    }
    if (strcasecmp(words[0], "ServerName") == 0) {
        r->host->name = apr_pstrdup(r->p, words[1]);
    }
    else if (strcasecmp(words[0], "Redirect") == 0 && n > 2
             && strcmp(words[n - 2], "/") == 0) {
        r->host->redirects = 1;
    }
}

static void directive(struct reader *r, char **words, int n)
{
    const char *name = words[0];

    if (n > 1 && strcasecmp(name, "Define") == 0) {
        apr_table_set(r->defines, words[1], n > 2 ? words[2] : "");
    }
    else if (n > 1 && strcasecmp(name, "UnDefine") == 0) {
        apr_table_unset(r->defines, words[1]);
    }
    else if (n > 1 && strcasecmp(name, "ServerRoot") == 0) {
        r->root = apr_pstrdup(r->p, words[1]);
    }
    else if (n > 1 && strcasecmp(name, "Include") == 0) {
        include(r, words[1], 0);
    }
    else if (n > 1 && strcasecmp(name, "IncludeOptional") == 0) {
        include(r, words[1], 1);
    }
    else if (n > 1 && !keep(r, name, words[1])) {
        cp2fa_realms_set(r->p, r->place, name, words[1]);
        set_ours(r, words, n);
        set_host(r, words, n);
    }
}

static void take_line(struct reader *r, const char *text)
{
    char *words[WORDS_MAX];
    /* Define names what it sets; all else is told its value */
    char *line = apr_pstrdup(r->p, expand(r, text));
    int n = cp2fa_directive_words(line, words, WORDS_MAX);

    if (n == 0) {
        return;
    }
    if (words[0][0] == '<' && words[0][1] == '/') {
        end_section(r, words[0] + 1);
    }
    else if (words[0][0] == '<') {
        begin_section(r, words, n);
    }
    else if (r->skipped == 0) {
        directive(r, words, n);
    }
}

/* A line that ends in a backslash goes on in the next. */
static int read_file(struct reader *r, const char *path)
{
    char line[LINE_MAX_];
    apr_file_t *file;
    apr_status_t rv;
    size_t used = 0;

    if (r->depth >= DEPTH_MAX) {
        errno = ELOOP;
        return -1;
    }
    errno = apr_file_open(&file, path, APR_FOPEN_READ | APR_FOPEN_BUFFERED,
                          APR_FPROT_OS_DEFAULT, r->p);
    if (errno != 0) {
        return -1;
    }
    r->depth++;
    r->settings->files++;
    while ((rv = apr_file_gets(line + used, (int)(sizeof(line) - used), file))
           == APR_SUCCESS) {
        used = strcspn(line, "\r\n");
        if (used > 0 && line[used - 1] == '\\' && used < sizeof(line) - 2) {
            used--;
            line[used] = '\0';
            continue;
        }
        line[used] = '\0';
        take_line(r, line);
        used = 0;
    }
    apr_file_close(file);
    r->depth--;
    errno = APR_STATUS_IS_EOF(rv) ? 0 : rv; /* a folder's is not */
    return errno == 0 ? 0 : -1;
}

void cp2fa_settings_clear(apr_pool_t *p, struct cp2fa_settings *settings)
{
    memset(settings, 0, sizeof(*settings));
    settings->totp = (struct cp2fa_totp){CP2FA_TOTP_SHA1, 6, 30};
    settings->hosts =
        apr_array_make(p, 4, sizeof(struct cp2fa_settings_host *));
    settings->places = apr_array_make(p, 8, sizeof(struct cp2fa_place *));
    settings->problems = apr_array_make(p, 4, sizeof(const char *));
}

const char *cp2fa_settings_read(apr_pool_t *p, const char *file,
                                const apr_array_header_t *defines,
                                struct cp2fa_settings *settings)
{
    struct reader r = {
        .p = p,
        .settings = settings,
        .defines = apr_table_make(p, 16),
        .variables = cp2fa_envvars_read(p, file),
        .root = "/etc/apache2",
    };

    cp2fa_settings_clear(p, settings);
    r.place = cp2fa_realms_server(p, settings);
    for (int i = 0; i < defines->nelts; i++) {
        const char *define = APR_ARRAY_IDX(defines, i, const char *);
        const char *equals = strchr(define, '=');

        apr_table_set(
            r.defines,
            equals ? apr_pstrmemdup(p, define, (apr_size_t)(equals - define))
                   : define,
            equals ? equals + 1 : "");
    }
    if (read_file(&r, file) != 0) {
        return apr_psprintf(p, "%s can't be read: %s", file, strerror(errno));
    }
    return NULL;
}
