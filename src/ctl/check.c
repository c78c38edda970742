/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/commands.h"

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <apr_strings.h>

#include "ctl/findings.h"
#include "ctl/terminal.h"
#include "service/keyfile.h"
#include "service/prepare.h"
#include "service/transport.h"
#include "store/schema.h"
#include "store/survey.h"

#define DEFAULT_MAIL "sendmail:/usr/sbin/sendmail"
#define DRIFT_MOST   30 /* seconds between our clock and the database's */

void cp2fa_findings_add(struct cp2fa_findings *findings, int wrong,
                        const char *about, const char *change,
                        const char *format, ...)
{
    va_list args;
    const char *text;

    va_start(args, format);
    text = apr_pvsprintf(findings->ctl->p, format, args);
    va_end(args);
    json_array_append_new(
        findings->rows, json_pack("{s:b,s:s,s:o,s:o}", "wrong", wrong, "about",
                                  about, "finding", cp2fa_terminal_text(text),
                                  "change", cp2fa_terminal_text(change)));
    findings->wrong += wrong != 0;
}

static const char *folder_of(apr_pool_t *p, const char *file)
{
    const char *slash = strrchr(file, '/');

    return slash && slash > file
               ? apr_pstrmemdup(p, file, (apr_size_t)(slash - file))
               : ".";
}

/* Who may rename what is in a folder can put another key file there; of a
 * sticky one, its owner alone can. */
static const char *check_folder(const struct cp2fa_ctl *ctl, const char *folder)
{
    struct stat file;
    struct stat st;

    if (stat(folder, &st) != 0 || stat(ctl->key_file, &file) != 0) {
        return NULL; /* the file was read from there */
    }
    if (st.st_uid != 0 && st.st_uid != file.st_uid) {
        return apr_psprintf(ctl->p,
                            "its owner, user %lu, can put another file in the "
                            "key file's place: folder %s",
                            (unsigned long)st.st_uid, folder);
    }
    if (st.st_mode & 022 && !(st.st_mode & S_ISVTX)) {
        return apr_psprintf(ctl->p,
                            "others can put another file in the key file's "
                            "place: folder %s has mode %04o",
                            folder, (unsigned)(st.st_mode & 07777));
    }
    return NULL;
}

static void check_key_file(struct cp2fa_findings *f)
{
    struct cp2fa_ctl *ctl = f->ctl;
    const char *problem;
    int missing;

    if (!ctl->key_file) {
        cp2fa_findings_add(f, 1, "keys", "Include conf/cp2fa.conf",
                           "no TwoFactorKeyFile in the configuration");
        return;
    }
    ctl->crypto = cp2fa_crypto_new();
    ctl->service.crypto = ctl->crypto;
    problem = cp2fa_keyfile_read(ctl->p, ctl->key_file, ctl->crypto, &ctl->keys,
                                 &missing);
    ctl->service.keys = ctl->keys;
    if (problem) {
        cp2fa_findings_add(f, 1, "keys",
                           missing ? "put the key file back; for a new "
                                     "set-up, cp2factl init makes one"
                                   : "as it says",
                           "%s", problem);
        return;
    }
    problem = check_folder(ctl, folder_of(ctl->p, ctl->key_file));
    cp2fa_findings_add(
        f, problem != NULL, "keys", problem ? "chown root it, chmod 01770" : "",
        "%s",
        problem ? problem
                : apr_psprintf(ctl->p, "key file %s: key \"%s\" is active",
                               ctl->key_file, cp2fa_keyring_active(ctl->keys)));
}

/* A file of sqlite's, and whether httpd's children can use it. */
static int check_database_file(struct cp2fa_findings *f)
{
    struct cp2fa_ctl *ctl = f->ctl;
    const char *file = ctl->settings.params;
    const char *run_as = ctl->settings.run_as;
    const struct passwd *owner =
        run_as && !strstr(run_as, "${") ? getpwnam(run_as) : NULL;
    struct stat st;

    if (stat(file, &st) != 0) {
        cp2fa_findings_add(f, 1, "database",
                           errno == ENOENT ? "cp2factl init, or start httpd"
                                           : "be root",
                           "database %s: %s", file, strerror(errno));
        return -1;
    }
    if (owner && geteuid() == 0 && st.st_uid != owner->pw_uid) {
        cp2fa_findings_add(f, 1, "database",
                           apr_psprintf(ctl->p, "chown %s %s*", run_as, file),
                           "database %s does not belong to %s, whom httpd's "
                           "children run as",
                           file, run_as);
    }
    if (st.st_mode & 077) {
        cp2fa_findings_add(f, 1, "database",
                           apr_psprintf(ctl->p, "chmod 0600 %s*", file),
                           "database %s is open to others (mode %04o)", file,
                           (unsigned)(st.st_mode & 07777));
    }
    if (access(file, R_OK | W_OK) != 0) {
        cp2fa_findings_add(f, 1, "database",
                           errno == EROFS ? "let it be written" : "be root",
                           "database %s: %s", file, strerror(errno));
        return -1;
    }
    return 0;
}

static int version_of(const struct cp2fa_rows *notes)
{
    for (int i = 0; i < notes->count; i++) {
        if (strcmp(notes->row[i][0], "schema") == 0) {
            return (int)cp2fa_db_int(notes->row[i][1]);
        }
    }
    return 0;
}

static void check_clock(struct cp2fa_findings *f)
{
    int64_t theirs = cp2fa_survey_clock(f->ctl->service.store, f->ctl->p);
    int64_t drift = theirs - f->ctl->now / CP2FA_SECOND;
    int wrong = llabs(drift) > DRIFT_MOST;

    if (theirs < 0) {
        cp2fa_findings_add(f, 1, "clock", "look at the database by hand",
                           "the database does not tell its time");
        return;
    }
    cp2fa_findings_add(f, wrong, "clock", wrong ? "set both clocks by NTP" : "",
                       "this clock and the database's are %" APR_INT64_T_FMT
                       " s apart",
                       (apr_int64_t)drift);
}

static void check_database(struct cp2fa_findings *f)
{
    struct cp2fa_ctl *ctl = f->ctl;
    struct cp2fa_rows notes;
    const char *problem;

    if (!ctl->settings.driver) {
        cp2fa_findings_add(f, 1, "database", "Include conf/cp2fa.conf",
                           "no TwoFactorDatabase in the configuration");
        return;
    }
    if (strcmp(ctl->settings.driver, "sqlite3") == 0
        && check_database_file(f) != 0) {
        return;
    }
    if (cp2fa_ctl_open_store(ctl) != EX_OK
        || cp2fa_schema_notes(ctl->service.store, ctl->p, &notes)
               == CP2FA_DB_FAILED) {
        cp2fa_findings_add(f, 1, "database", "see the lines on stderr",
                           "the database can't be read");
        return;
    }
    if (version_of(&notes) != CP2FA_SCHEMA_VERSION) {
        cp2fa_findings_add(f, 1, "database",
                           version_of(&notes) < CP2FA_SCHEMA_VERSION
                               ? "cp2factl migrate"
                               : "the newer module",
                           "the tables are of version %d, not %d",
                           version_of(&notes), CP2FA_SCHEMA_VERSION);
        return;
    }
    cp2fa_findings_add(f, 0, "database", "", "the tables are of version %d",
                       CP2FA_SCHEMA_VERSION);
    problem = ctl->keys ? cp2fa_prepare_check(&ctl->service, ctl->p) : NULL;
    if (problem) {
        cp2fa_findings_add(f, 1, "keys", "as it says", "%s", problem);
    }
    check_clock(f);
}

static void check_mail(struct cp2fa_findings *f)
{
    struct cp2fa_ctl *ctl = f->ctl;
    const struct cp2fa_settings *s = &ctl->settings;
    struct cp2fa_transport *transport;
    const char *problem;

    if (!s->mail_from) {
        cp2fa_findings_add(f, 0, "mail", "TwoFactorMailFrom, if there is mail",
                           "no mail is sent: nobody hears of changes, and "
                           "there is no way out by mail");
        return;
    }
    problem = cp2fa_transport_parse(ctl->p, s->mail ? s->mail : DEFAULT_MAIL,
                                    &transport);
    if (!problem) {
        problem = cp2fa_transport_check(transport, ctl->p);
    }
    if (!problem
        && (!s->mail_templates
            || access(apr_pstrcat(ctl->p, s->mail_templates, "/enabled.txt.en",
                                  (char *)NULL),
                      R_OK)
                   != 0)) {
        problem = "TwoFactorMailTemplates is no folder of mails";
    }
    cp2fa_findings_add(f, problem != NULL, "mail",
                       problem ? "mend TwoFactorMail, or what it names" : "",
                       "%s",
                       problem ? problem : "the way out of mail is there");
}

static int is_plain(const struct cp2fa_settings_host *host)
{
    size_t len = strlen(host->address);

    return len > 3 && strcmp(host->address + len - 3, ":80") == 0;
}

/* The same site without the gate: a host of the same name, or the one on port
 * 80 beside it. */
static int is_sibling(const struct cp2fa_settings_host *open,
                      const struct cp2fa_settings_host *guarded)
{
    return guarded->guards && guarded != open
           && (strcasecmp(open->name, guarded->name) == 0
               || (is_plain(open) && !open->name[0]));
}

static void check_hosts(struct cp2fa_findings *f)
{
    const struct cp2fa_settings *s = &f->ctl->settings;
    struct cp2fa_settings_host **hosts =
        (struct cp2fa_settings_host **)s->hosts->elts;
    int guarded = s->guards;

    for (int i = 0; i < s->hosts->nelts; i++) {
        guarded |= hosts[i]->guards;
        for (int j = 0; j < s->hosts->nelts; j++) {
            if (!hosts[i]->guards && !hosts[i]->redirects && !s->guards
                && is_sibling(hosts[i], hosts[j])) {
                cp2fa_findings_add(
                    f, 1, "gate",
                    apr_psprintf(f->ctl->p, "Redirect permanent / https://%s/",
                                 hosts[j]->name),
                    "virtual host %s (%s) is not guarded, but %s (%s) is",
                    hosts[i]->address, hosts[i]->name, hosts[j]->address,
                    hosts[j]->name);
                break;
            }
        }
    }
    if (s->files > 0) {
        cp2fa_findings_add(f, 0, "gate",
                           guarded ? ""
                                   : "TwoFactor optional where it guards; "
                                     "--config wants the server's whole "
                                     "configuration",
                           guarded ? "TwoFactor is on"
                                   : "TwoFactor is on nowhere in these files");
    }
}

int cp2fa_check(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    static cp2fa_columns columns = {"wrong", "about", "finding", "change",
                                    NULL};
    struct cp2fa_findings findings = {ctl, json_array(), 0};
    int status;

    (void)argc;
    (void)argv;
    for (int i = 0; i < ctl->settings.problems->nelts; i++) {
        cp2fa_findings_add(
            &findings, 1, "config", "mend the configuration", "%s",
            APR_ARRAY_IDX(ctl->settings.problems, i, const char *));
    }
    check_key_file(&findings);
    check_database(&findings);
    check_mail(&findings);
    check_hosts(&findings);
    status = cp2fa_terminal_list(ctl, findings.rows, columns);
    return status == EX_OK && findings.wrong > 0 ? EX_CONFIG : status;
}
