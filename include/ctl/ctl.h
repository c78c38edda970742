/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CTL_CTL_H
#define CP2FA_CTL_CTL_H

#include <sysexits.h>

#include <jansson.h>

#include "ctl/settings.h"
#include "service/service.h"
#include "store/accounts.h"

/** What was said on the command line; NULL or 0 where nothing was. */
struct cp2fa_options {
    const char *config;
    const char *database; /* DRIVER:PARAMS */
    const char *key_file;
    apr_array_header_t *defines;
    int json;
    int yes;
    int no_mail;
    const char *realm;
    const char *user;
    const char *name;
    int no_confirm;
    int all;
    const char *since;
    const char *graceful;
    const char *settle;
    const char *run_as;
};

struct cp2fa_guise;

/** One run of the program. */
struct cp2fa_ctl {
    apr_pool_t *p;
    struct cp2fa_options options;
    struct cp2fa_settings settings;
    const char *agent; /* for the audit trail: who runs it */
    const char *key_file;
    struct cp2fa_service service;
    struct cp2fa_crypto *crypto;
    struct cp2fa_keyring *keys;
    int64_t now;               /* microseconds */
    char said[256];            /* what the database last complained of */
    struct cp2fa_guise *guise; /* in which we connect to a server, or NULL */
};

/* What a command needs before it runs. */
#define CP2FA_NEEDS_DATABASE 1 /* that is there, of this version */
#define CP2FA_NEEDS_KEYS     2
#define CP2FA_NEEDS_CONFIG   4 /* read; the two above need it, too */

/** A command; returns an exit status of sysexits(3). */
struct cp2fa_command {
    const char *name; /* one word or two */
    const char *args; /* as the usage has them */
    const char *does;
    int (*run)(struct cp2fa_ctl *ctl, int argc, char **argv);
    unsigned needs;
    int min; /* arguments */
    int max;
    const char *options; /* of its own, by the letters of main.c */
};

/** Prints a line on stderr, behind the program's name. */
void cp2fa_ctl_say(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/** Reads the configuration. Returns an exit status. */
int cp2fa_ctl_configure(struct cp2fa_ctl *ctl);

/** Opens what a command needs. Returns an exit status. */
int cp2fa_ctl_open(struct cp2fa_ctl *ctl, unsigned needs);

/** Opens the database alone, whatever is in it. */
int cp2fa_ctl_open_store(struct cp2fa_ctl *ctl);

/** That there is a database: sqlite would make an empty one otherwise. */
int cp2fa_ctl_check_file(struct cp2fa_ctl *ctl);

/** Reads the key file again, as after it was rewritten. */
int cp2fa_ctl_open_keys(struct cp2fa_ctl *ctl);

void cp2fa_ctl_close(struct cp2fa_ctl *ctl);

/** Whose account, for a use case: of --realm and a name. */
struct cp2fa_who cp2fa_ctl_who(struct cp2fa_ctl *ctl, const char *realm,
                               const char *user);

/** Unpredictable bytes; 0, or -1. */
int cp2fa_ctl_random(uint8_t *out, size_t n);

/** Finds the account of --realm and a name: EX_OK, EX_NOUSER, EX_USAGE or
 * EX_TEMPFAIL; what is wrong was said. */
int cp2fa_ctl_account(struct cp2fa_ctl *ctl, const char *user,
                      struct cp2fa_who *who, struct cp2fa_account **account);

/** The exit status of an outcome; anything but DONE is said. */
int cp2fa_ctl_exit(enum cp2fa_outcome outcome);

/** That the database did not answer, said; EX_TEMPFAIL. */
int cp2fa_ctl_unavailable(void);

#endif
