/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/commands.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <apr_strings.h>

#include "service/keyfile.h"
#include "service/prepare.h"
#include "store/schema.h"

/* What root makes must be of use to httpd's children. */
static int make_folder(struct cp2fa_ctl *ctl, const char *file,
                       const struct passwd *owner)
{
    const char *problem =
        cp2fa_prepare_folder(ctl->p, file, owner ? owner->pw_gid : (gid_t)-1);

    if (problem) {
        cp2fa_ctl_say("%s", problem);
    }
    return problem ? EX_CANTCREAT : EX_OK;
}

/* Root makes the tables as the user that httpd's children run as. */
static int find_owner(struct cp2fa_ctl *ctl, const struct passwd **owner)
{
    const char *name =
        ctl->options.run_as ? ctl->options.run_as : ctl->settings.run_as;

    *owner = NULL;
    if (geteuid() != 0) {
        return EX_OK;
    }
    if (!name || strstr(name, "${")) {
        cp2fa_ctl_say("say --run-as USER: whom httpd's children run as "
                      "(Debian: www-data)");
        return EX_USAGE;
    }
    *owner = getpwnam(name);
    if (!*owner) {
        cp2fa_ctl_say("there is no user %s", name);
        return EX_CONFIG;
    }
    return EX_OK;
}

static int become(const struct passwd *owner)
{
    /* libpq looks for certificates there, and root's are not for him */
    if (owner && setenv("HOME", owner->pw_dir, 1) != 0) {
        return EX_OSERR;
    }
    if (owner && owner->pw_uid != 0
        && (setgid(owner->pw_gid) != 0
            || initgroups(owner->pw_name, owner->pw_gid) != 0
            || setuid(owner->pw_uid) != 0)) {
        cp2fa_ctl_say("can't become user %s: %s", owner->pw_name,
                      strerror(errno));
        return EX_NOPERM;
    }
    return EX_OK;
}

static int make_keys(struct cp2fa_ctl *ctl, const struct passwd *owner)
{
    const char *problem;
    int status;

    if (!ctl->key_file || access(ctl->key_file, F_OK) == 0) {
        return EX_OK;
    }
    status = make_folder(ctl, ctl->key_file, owner);
    if (status != EX_OK) {
        return status;
    }
    problem = cp2fa_keyfile_make(ctl->p, ctl->key_file, cp2fa_ctl_random);
    if (problem) {
        cp2fa_ctl_say("%s", problem);
        return EX_CANTCREAT;
    }
    cp2fa_ctl_say("made key file %s: keep a copy of it apart from the "
                  "database's",
                  ctl->key_file);
    return EX_OK;
}

static int ensure(struct cp2fa_ctl *ctl)
{
    int64_t version;

    switch (cp2fa_schema_ensure(ctl->service.store, ctl->p, &version)) {
    case CP2FA_SCHEMA_READY:
        cp2fa_ctl_say("the tables are there, of version %d",
                      CP2FA_SCHEMA_VERSION);
        return EX_OK;
    case CP2FA_SCHEMA_MADE:
        cp2fa_ctl_say("made the tables, of version %d", CP2FA_SCHEMA_VERSION);
        return EX_OK;
    case CP2FA_SCHEMA_OLDER:
        cp2fa_ctl_say("the tables are of version %d: cp2factl migrate brings "
                      "them to version %d",
                      (int)version, CP2FA_SCHEMA_VERSION);
        return EX_CONFIG;
    case CP2FA_SCHEMA_OTHER:
        cp2fa_ctl_say("the tables are of version %d, and this program, which "
                      "is for version %d, knows no way from there",
                      (int)version, CP2FA_SCHEMA_VERSION);
        return EX_CONFIG;
    case CP2FA_SCHEMA_AWAY:
    case CP2FA_SCHEMA_FAILED:
        break;
    }
    return cp2fa_ctl_unavailable();
}

int cp2fa_setup_init(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    const struct passwd *owner;
    int status = find_owner(ctl, &owner);

    (void)argc;
    (void)argv;
    umask(077); /* the database is for the children alone */
    if (status == EX_OK) {
        status = make_keys(ctl, owner);
    }
    if (status == EX_OK && ctl->settings.driver
        && strcmp(ctl->settings.driver, "sqlite3") == 0) {
        status = make_folder(ctl, ctl->settings.params, owner);
    }
    if (status == EX_OK) {
        status = become(owner);
    }
    if (status == EX_OK) {
        status = cp2fa_ctl_open_store(ctl);
    }
    return status == EX_OK ? ensure(ctl) : status;
}

/* A server has tools of its own for that; we say so. */
static int back_up(struct cp2fa_ctl *ctl, int64_t version)
{
    const char *file;

    if (strcmp(ctl->settings.driver, "sqlite3") != 0) {
        cp2fa_ctl_say("not backed up: that is for the server's own tools "
                      "(pg_dump, mariadb-dump)");
        return EX_OK;
    }
    file = apr_psprintf(ctl->p, "%s.version-%d", ctl->settings.params,
                        (int)version);
    umask(077);
    if (cp2fa_schema_backup(ctl->service.store, ctl->p, file) != CP2FA_DB_OK) {
        cp2fa_ctl_say("no copy could be written to %s, nothing was changed",
                      file);
        return EX_CANTCREAT;
    }
    cp2fa_ctl_say("a copy of before is in %s", file);
    return EX_OK;
}

static int migrate(struct cp2fa_ctl *ctl, int64_t version)
{
    int status = back_up(ctl, version);

    if (status != EX_OK) {
        return status;
    }
    if (cp2fa_schema_migrate(ctl->service.store, ctl->p, &version)
        != CP2FA_SCHEMA_READY) {
        return cp2fa_ctl_unavailable();
    }
    cp2fa_ctl_say("brought the tables from version %d to %d", (int)version,
                  CP2FA_SCHEMA_VERSION);
    return EX_OK;
}

int cp2fa_setup_migrate(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    int status = cp2fa_ctl_open_store(ctl);
    int64_t version;

    (void)argc;
    (void)argv;
    if (status == EX_OK) {
        status = cp2fa_ctl_check_file(ctl);
    }
    if (status != EX_OK) {
        return status;
    }
    return cp2fa_schema_look(ctl->service.store, ctl->p, &version)
                   == CP2FA_SCHEMA_OLDER
               ? migrate(ctl, version)
               : ensure(ctl);
}
