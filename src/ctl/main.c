/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "core/text.h"
#include "ctl/commands.h"
#include "ctl/terminal.h"

#define DB     CP2FA_NEEDS_DATABASE
#define KEYS   CP2FA_NEEDS_KEYS
#define CONFIG CP2FA_NEEDS_CONFIG

#define SAID_MAX 4096 /* bytes of a line on stderr */

#define GLOBAL    "cDdkjymh"
#define AT(field) offsetof(struct cp2fa_options, field)

/* The options, each a letter of its own that only this file knows. */
static const struct {
    char letter;
    const char *name;
    const char *value; /* NULL: takes none */
    size_t where;      /* in struct cp2fa_options */
    const char *does;
} options[] = {
    {'c', "config", "FILE", AT(config),
     "httpd's configuration (/etc/apache2/apache2.conf)"},
    {'D', "define", "NAME[=VALUE]", 0, "a Define that goes before it"},
    {'d', "database", "DRIVER:PARAMS", AT(database),
     "in the place of TwoFactorDatabase"},
    {'k', "key-file", "FILE", AT(key_file), "in the place of TwoFactorKeyFile"},
    {'j', "json", NULL, AT(json), "listings as JSON"},
    {'y', "yes", NULL, AT(yes), "does not ask before it destroys"},
    {'m', "no-mail", NULL, AT(no_mail), "tells the owners nothing"},
    {'h', "help", NULL, 0, "prints this"},
    {'r', "realm", "REALM", AT(realm), "whose accounts"},
    {'u', "user", "USER", AT(user), "of one account alone"},
    {'n', "name", "NAME", AT(name), "of the device"},
    {'N', "no-confirm", NULL, AT(no_confirm), "asks for no code"},
    {'a', "all", NULL, AT(all), "all of them"},
    {'s', "since", "TIME", AT(since),
     "2026-11-24T06:45Z, 2026-11-24, or 2h ago"},
    {'g', "graceful", "COMMAND", AT(graceful),
     "reloads every server: apachectl graceful"},
    {'t', "settle", "SECONDS", AT(settle), "until old children are done (5)"},
    {'R', "run-as", "USER", AT(run_as), "whom httpd's children run as"},
};

#define OPTIONS (sizeof(options) / sizeof(*options))

static const struct cp2fa_command commands[] = {
    {"init", "", "makes key file and tables", cp2fa_setup_init, CONFIG, 0, 0,
     "R"},
    {"migrate", "", "brings the tables to this version", cp2fa_setup_migrate,
     CONFIG, 0, 0, ""},
    {"check", "", "says what is wrong with a set-up", cp2fa_check, CONFIG, 0, 0,
     ""},
    {"user list", "", "accounts, of all realms or one", cp2fa_user_list, DB, 0,
     0, "r"},
    {"user show", "USER", "one account with its devices", cp2fa_user_show, DB,
     1, 1, "r"},
    {"user enroll", "USER", "a device for it: QR code and otpauth URI",
     cp2fa_user_enroll, DB | KEYS, 1, 1, "rnN"},
    {"user email", "USER ADDRESS", "registers an address, \"\" for none",
     cp2fa_user_email, DB | KEYS, 2, 2, "r"},
    {"user unlock", "USER", "forgets wrong tokens and the lock",
     cp2fa_user_unlock, DB | KEYS, 1, 1, "r"},
    {"user disable", "USER", "removes every device, code and session",
     cp2fa_user_disable, DB | KEYS, 1, 1, "r"},
    {"session list", "", "who is logged in", cp2fa_session_list, DB, 0, 0,
     "ru"},
    {"session end", "[ID]", "one, all of --user, or --all", cp2fa_session_end,
     DB | KEYS, 0, 1, "rua"},
    {"revoke", "", "after an old backup: what was used --since", cp2fa_revoke,
     DB | KEYS, 0, 0, "rs"},
    {"key new", "FILE", "makes a key file with one key", cp2fa_key_new, 0, 1, 1,
     ""},
    {"key status", "", "what is under which key", cp2fa_key_status, DB | KEYS,
     0, 0, ""},
    {"key rotate", "", "the next step to a new key", cp2fa_key_rotate,
     DB | KEYS, 0, 0, "gt"},
    {"key retire", "ID", "takes out a key that nothing is under",
     cp2fa_key_retire, DB | KEYS, 1, 1, ""},
    {"import google-authenticator", "FILE", "a user's file of the PAM module",
     cp2fa_import_google, DB | KEYS, 1, 1, "run"},
    {"import otpauth", "[FILE]", "URIs, a line each, or from stdin",
     cp2fa_import_otpauth, DB | KEYS, 0, 1, "rn"},
    {"import authn-otp", "FILE", "mod_authn_otp's users file",
     cp2fa_import_authnotp, DB | KEYS, 1, 1, "rn"},
    {"export", "", "otpauth URIs, sealed to nobody", cp2fa_export, DB | KEYS, 0,
     0, "ru"},
    {"mail list", "", "the outbox", cp2fa_mail_list, DB, 0, 0, ""},
    {"mail retry", "[ID]", "sends it once more; --all dead letters",
     cp2fa_mail_retry, DB, 0, 1, "a"},
    {"mail drop", "[ID]", "removes it; --all dead letters", cp2fa_mail_drop, DB,
     0, 1, "a"},
    {"log", "", "the audit trail", cp2fa_log, DB, 0, 0, "rus"},
    {"purge", "", "deletes what has expired", cp2fa_purge, DB, 0, 0, ""},
};

#define COMMANDS (sizeof(commands) / sizeof(*commands))

void cp2fa_ctl_say(const char *format, ...)
{
    char line[SAID_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    /* a database's words, and names that others chose, may be in it */
    cp2fa_terminal_disarm(line);
    fprintf(stderr, "cp2factl: %s\n", line);
}

static int help(void)
{
    puts("cp2factl [OPTION...] COMMAND\n\nCommands:");
    for (size_t i = 0; i < COMMANDS; i++) {
        char usage[64];

        snprintf(usage, sizeof(usage), "%s %s", commands[i].name,
                 commands[i].args);
        printf("  %-34s %s\n", usage, commands[i].does);
    }
    puts("\nOptions:");
    for (size_t i = 0; i < OPTIONS; i++) {
        char usage[64];

        snprintf(usage, sizeof(usage), "--%s%s%s", options[i].name,
                 options[i].value ? " " : "",
                 options[i].value ? options[i].value : "");
        printf("  %-34s %s\n", usage, options[i].does);
    }
    puts("\ncp2factl(8) has the rest.");
    return EX_OK;
}

static void take(struct cp2fa_options *o, int letter, const char *value)
{
    for (size_t i = 0; i < OPTIONS; i++) {
        char *field = (char *)o + options[i].where;

        if (options[i].letter != letter) {
            continue;
        }
        if (letter == 'D') {
            APR_ARRAY_PUSH(o->defines, const char *) = value;
        }
        else if (options[i].value) {
            *(const char **)(void *)field = value;
        }
        else {
            *(int *)(void *)field = 1;
        }
    }
}

/* Which were given, as letters. Returns an exit status, or -1 to go on. */
static int parse_options(struct cp2fa_ctl *ctl, int argc, char **argv,
                         char given[OPTIONS + 1])
{
    struct option longs[OPTIONS + 1] = {{0}};
    size_t n = 0;
    int letter;

    for (size_t i = 0; i < OPTIONS; i++) {
        longs[i] = (struct option){
            options[i].name, options[i].value ? required_argument : no_argument,
            NULL, options[i].letter};
    }
    while ((letter = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        if (letter == '?') {
            cp2fa_ctl_say("cp2factl --help lists commands and options");
            return EX_USAGE;
        }
        if (letter == 'h') {
            return help();
        }
        take(&ctl->options, letter, optarg);
        if (n < OPTIONS && !memchr(given, letter, n)) {
            given[n++] = (char)letter;
        }
    }
    given[n] = '\0';
    return -1;
}

static const struct cp2fa_command *find(int argc, char **argv, int *words)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        const char *name = commands[i].name;
        const char *blank = strchr(name, ' ');
        size_t first = blank ? (size_t)(blank - name) : strlen(name);

        *words = blank ? 2 : 1;
        if (argc >= *words && strlen(argv[0]) == first
            && memcmp(argv[0], name, first) == 0
            && (!blank || strcmp(argv[1], blank + 1) == 0)) {
            return &commands[i];
        }
    }
    return NULL;
}

/* Options that this command has no use for are a mistake. */
static int check_usage(const struct cp2fa_command *command, int args,
                       const char *given)
{
    for (; *given; given++) {
        if (!strchr(GLOBAL, *given) && !strchr(command->options, *given)) {
            for (size_t i = 0; i < OPTIONS; i++) {
                if (options[i].letter == *given) {
                    cp2fa_ctl_say("%s takes no --%s", command->name,
                                  options[i].name);
                }
            }
            return EX_USAGE;
        }
    }
    if (args < command->min || args > command->max) {
        cp2fa_ctl_say("usage: cp2factl %s %s", command->name, command->args);
        return EX_USAGE;
    }
    return EX_OK;
}

static const char *who_runs(apr_pool_t *p)
{
    const char *name = getenv("SUDO_USER");
    const struct passwd *own = getpwuid(getuid());

    if (!name || !cp2fa_text_is_name(name)) {
        name = own ? own->pw_name : "";
    }
    return apr_psprintf(p, "cp2factl, run by %.64s", name);
}

static int run(struct cp2fa_ctl *ctl, int argc, char **argv)
{
    char given[OPTIONS + 1] = "";
    const struct cp2fa_command *command;
    int words;
    int status = parse_options(ctl, argc, argv, given);

    if (status >= 0) {
        return status;
    }
    argc -= optind;
    argv += optind;
    command = find(argc, argv, &words);
    if (!command) {
        cp2fa_ctl_say("%s: cp2factl --help lists commands and options",
                      argc > 0 ? "no such command" : "no command");
        return EX_USAGE;
    }
    status = check_usage(command, argc - words, given);
    if (status == EX_OK && (command->needs)) {
        status = cp2fa_ctl_configure(ctl);
    }
    if (status == EX_OK) {
        status = cp2fa_ctl_open(ctl, command->needs);
    }
    return status == EX_OK ? command->run(ctl, argc - words, argv + words)
                           : status;
}

int main(int argc, char **argv)
{
    struct cp2fa_ctl ctl = {0};
    int status;

    if (apr_initialize() != APR_SUCCESS
        || apr_pool_create(&ctl.p, NULL) != APR_SUCCESS) {
        return EX_OSERR;
    }
    ctl.options.defines = apr_array_make(ctl.p, 4, sizeof(const char *));
    ctl.agent = who_runs(ctl.p);
    ctl.now = apr_time_now();
    status = run(&ctl, argc, argv);
    cp2fa_ctl_close(&ctl);
    apr_pool_destroy(ctl.p);
    apr_terminate();
    return status;
}
