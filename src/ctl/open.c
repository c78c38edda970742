/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <apr_strings.h>
#include <openssl/rand.h>

#include "core/text.h"
#include "ctl/guise.h"
#include "ctl/realms.h"
#include "service/keyfile.h"
#include "service/operator.h"
#include "service/prepare.h"
#include "store/dialect.h"
#include "store/schema.h"
#include "store/survey.h"

#define DEFAULT_CONFIG "/etc/apache2/apache2.conf"

static void complain(void *baton, const char *line)
{
    (void)baton;
    cp2fa_ctl_say("%s", line);
}

/* Each try says why it failed: once is enough. */
static void complain_once(void *baton, const char *line)
{
    struct cp2fa_ctl *ctl = baton;

    if (strcmp(ctl->said, line) != 0) {
        apr_cpystrn(ctl->said, line, sizeof(ctl->said));
        cp2fa_ctl_say("%s", line);
    }
}

int cp2fa_ctl_random(uint8_t *out, size_t n)
{
    return RAND_bytes(out, (int)n) == 1 ? 0 : -1;
}

/* --database DRIVER:PARAMS */
static int take_database(struct cp2fa_ctl *ctl, const char *text)
{
    const char *colon = strchr(text, ':');

    if (!colon || colon == text || !colon[1]) {
        cp2fa_ctl_say("--database is DRIVER:PARAMS, for example "
                      "sqlite3:/var/lib/cp2fa/cp2fa.db");
        return EX_USAGE;
    }
    ctl->settings.driver =
        apr_pstrmemdup(ctl->p, text, (apr_size_t)(colon - text));
    ctl->settings.params = colon + 1;
    return EX_OK;
}

int cp2fa_ctl_configure(struct cp2fa_ctl *ctl)
{
    const struct cp2fa_options *options = &ctl->options;
    const char *problem;
    int status = EX_OK;

    cp2fa_settings_clear(ctl->p, &ctl->settings);
    ctl->service.mail = !options->no_mail;
    if (options->config || !options->database) {
        const char *file = options->config ? options->config : DEFAULT_CONFIG;

        problem =
            cp2fa_settings_read(ctl->p, file, options->defines, &ctl->settings);
        if (problem) {
            cp2fa_ctl_say("%s%s", problem,
                          options->config ? "" : ": say --config FILE");
            return errno == EACCES ? EX_NOPERM : EX_CONFIG;
        }
        ctl->service.mail &= ctl->settings.mail_from != NULL;
    }
    if (options->database) {
        status = take_database(ctl, options->database);
    }
    ctl->key_file =
        options->key_file ? options->key_file : ctl->settings.key_file;
    if (ctl->settings.clock_skew == 0) {
        ctl->settings.clock_skew = 180;
    }
    ctl->service.random = cp2fa_ctl_random;
    ctl->service.complain = complain;
    return status;
}

/* Another file than sqlite's: trying again would not help. An empty one is a
 * database without tables. Before it is opened: to close it then would take
 * sqlite's locks away. */
static int is_database(const char *file)
{
    static const char magic[16] = "SQLite format 3";
    char head[sizeof(magic)];
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t got = fd < 0 ? 0 : read(fd, head, sizeof(head));

    if (fd >= 0) {
        close(fd);
    }
    return got == 0
           || (got == (ssize_t)sizeof(head)
               && memcmp(head, magic, sizeof(head)) == 0);
}

int cp2fa_ctl_check_file(struct cp2fa_ctl *ctl)
{
    const char *file = ctl->settings.params;

    if (strcmp(ctl->settings.driver, "sqlite3") != 0) {
        return EX_OK;
    }
    if (access(file, R_OK | W_OK) == 0) {
        if (is_database(file)) {
            return EX_OK;
        }
        cp2fa_ctl_say("%s is no SQLite database", file);
        return EX_CONFIG;
    }
    cp2fa_ctl_say("database %s: %s%s", file, strerror(errno),
                  errno == ENOENT ? "; cp2factl init makes one" : "");
    return errno == EACCES || errno == EPERM || errno == EROFS ? EX_NOPERM
                                                               : EX_CONFIG;
}

int cp2fa_ctl_open_store(struct cp2fa_ctl *ctl)
{
    struct cp2fa_store_options options = {
        .driver = ctl->settings.driver,
        .params = ctl->settings.params,
        .connections = 1,
        .patience = apr_time_from_sec(2),
        .complain = complain_once,
        .baton = ctl,
    };
    const struct cp2fa_dialect *dialect;
    const char *problem;

    if (!options.driver || !options.params) {
        cp2fa_ctl_say("no TwoFactorDatabase in the configuration: is it all "
                      "in --config, or else say --database DRIVER:PARAMS");
        return EX_CONFIG;
    }
    dialect = cp2fa_dialect_find(options.driver);
    problem =
        dialect ? cp2fa_dialect_problem(dialect, ctl->p, options.params) : NULL;
    if (dialect && dialect->server && !ctl->options.database) {
        cp2fa_guise_choose(ctl);
        options.connecting = cp2fa_guise_turn;
    }
    if (!problem) {
        problem = cp2fa_store_open(ctl->p, &options, &ctl->service.store);
    }
    if (problem) {
        cp2fa_ctl_say("%s", problem);
        return EX_CONFIG;
    }
    return EX_OK;
}

static int check_version(struct cp2fa_ctl *ctl)
{
    struct cp2fa_rows notes;
    int64_t version = 0;

    if (cp2fa_schema_notes(ctl->service.store, ctl->p, &notes)
        == CP2FA_DB_FAILED) {
        if (cp2fa_survey_clock(ctl->service.store, ctl->p) < 0) {
            return cp2fa_ctl_unavailable();
        }
        cp2fa_ctl_say("its tables can't be read: where there are none, "
                      "cp2factl init makes them");
        return EX_CONFIG;
    }
    for (int i = 0; i < notes.count; i++) {
        if (strcmp(notes.row[i][0], "schema") == 0) {
            version = cp2fa_db_int(notes.row[i][1]);
        }
    }
    if (version != CP2FA_SCHEMA_VERSION) {
        cp2fa_ctl_say("the tables are of version %d, this program is for "
                      "version %d: %s",
                      (int)version, CP2FA_SCHEMA_VERSION,
                      version < CP2FA_SCHEMA_VERSION
                          ? "cp2factl migrate"
                          : "take the cp2factl of the newer module");
        return EX_CONFIG;
    }
    return EX_OK;
}

int cp2fa_ctl_open_keys(struct cp2fa_ctl *ctl)
{
    const char *problem;
    int missing;
    int fd;

    if (!ctl->key_file) {
        cp2fa_ctl_say("no TwoFactorKeyFile in the configuration: is it all "
                      "in --config, or else say --key-file FILE");
        return EX_CONFIG;
    }
    if (!ctl->crypto) {
        ctl->crypto = cp2fa_crypto_new();
        ctl->service.crypto = ctl->crypto;
    }
    if (!ctl->crypto) {
        cp2fa_ctl_say("libcrypto lacks what is needed");
        return EX_SOFTWARE;
    }
    fd = open(ctl->key_file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == EACCES) {
        cp2fa_ctl_say("key file %s: %s; be root", ctl->key_file,
                      strerror(errno));
        return EX_NOPERM;
    }
    if (fd >= 0) {
        close(fd);
    }
    cp2fa_keyring_free(ctl->keys);
    problem = cp2fa_keyfile_read(ctl->p, ctl->key_file, ctl->crypto, &ctl->keys,
                                 &missing);
    ctl->service.keys = ctl->keys;
    if (problem) {
        cp2fa_ctl_say("%s", problem);
        return EX_CONFIG;
    }
    return EX_OK;
}

int cp2fa_ctl_open(struct cp2fa_ctl *ctl, unsigned needs)
{
    int status = EX_OK;

    if (needs & CP2FA_NEEDS_KEYS) {
        status = cp2fa_ctl_open_keys(ctl);
    }
    if (status == EX_OK && needs & CP2FA_NEEDS_DATABASE) {
        status = cp2fa_ctl_open_store(ctl);
        if (status == EX_OK) {
            status = cp2fa_ctl_check_file(ctl);
        }
        if (status == EX_OK) {
            status = check_version(ctl);
        }
    }
    if (status == EX_OK && needs == (CP2FA_NEEDS_DATABASE | CP2FA_NEEDS_KEYS)) {
        const char *problem = cp2fa_prepare_check(&ctl->service, ctl->p);

        if (problem) {
            cp2fa_ctl_say("%s", problem);
            status = EX_CONFIG;
        }
    }
    return status;
}

void cp2fa_ctl_close(struct cp2fa_ctl *ctl)
{
    cp2fa_keyring_free(ctl->keys);
    cp2fa_crypto_free(ctl->crypto);
}

/* The pages' address as mail has it. */
static const char *site_of(struct cp2fa_ctl *ctl)
{
    const struct cp2fa_settings *settings = &ctl->settings;

    return settings->base_url
               ? apr_pstrcat(ctl->p, settings->base_url,
                             settings->path ? settings->path : "/2fa",
                             (char *)NULL)
               : NULL;
}

struct cp2fa_who cp2fa_ctl_who(struct cp2fa_ctl *ctl, const char *realm,
                               const char *user)
{
    char *name = apr_pstrdup(ctl->p, user);

    if (cp2fa_realms_fold(&ctl->settings, realm)) {
        cp2fa_text_fold_case(name);
    }
    return (struct cp2fa_who){
        .realm = realm,
        .user = name,
        .address = CP2FA_OPERATOR,
        .agent = ctl->agent,
        .site = site_of(ctl),
    };
}

int cp2fa_ctl_account(struct cp2fa_ctl *ctl, const char *user,
                      struct cp2fa_who *who, struct cp2fa_account **account)
{
    if (!ctl->options.realm) {
        cp2fa_ctl_say("say --realm REALM: the same name in two realms is two "
                      "accounts (cp2factl user list shows them)");
        return EX_USAGE;
    }
    *who = cp2fa_ctl_who(ctl, ctl->options.realm, user);
    switch (cp2fa_accounts_find(ctl->service.store, ctl->p, who->realm,
                                who->user, account)) {
    case CP2FA_DB_OK:
        return EX_OK;
    case CP2FA_DB_NONE:
        cp2fa_ctl_say("no account of that name in that realm");
        return EX_NOUSER;
    case CP2FA_DB_FAILED:
        break;
    }
    return cp2fa_ctl_unavailable();
}

int cp2fa_ctl_unavailable(void)
{
    cp2fa_ctl_say("the database does not answer, or is busy: try again");
    return EX_TEMPFAIL;
}

int cp2fa_ctl_exit(enum cp2fa_outcome outcome)
{
    if (outcome == CP2FA_OUTCOME_DONE) {
        return EX_OK;
    }
    if (outcome == CP2FA_OUTCOME_UNAVAILABLE) {
        return cp2fa_ctl_unavailable();
    }
    cp2fa_ctl_say("%s", cp2fa_service_outcome_name(outcome));
    return EX_DATAERR;
}
