/* SPDX-License-Identifier: Apache-2.0 */
#include "core/support.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "ctl/realms.h"
#include "ctl/settings.h"

/* A folder of configuration files, and what was read of them. */
struct desk {
    apr_pool_t *p;
    char folder[64];
    struct cp2fa_settings read;
};

static int with_desk(void **state)
{
    struct desk *desk = calloc(1, sizeof(*desk));

    apr_initialize();
    apr_pool_create(&desk->p, NULL);
    strcpy(desk->folder, "/tmp/cp2fa-settings-XXXXXX");
    *state = desk;
    return mkdtemp(desk->folder) ? 0 : -1;
}

static int without_desk(void **state)
{
    struct desk *desk = *state;
    char command[128];

    snprintf(command, sizeof(command), "rm -r %s", desk->folder);
    apr_pool_destroy(desk->p);
    apr_terminate();
    free(desk);
    return system(command);
}

static const char *file(struct desk *desk, const char *name, const char *text)
{
    const char *path =
        apr_pstrcat(desk->p, desk->folder, "/", name, (char *)NULL);
    FILE *out = fopen(path, "w");

    assert_non_null(out);
    fputs(text, out);
    fclose(out);
    return path;
}

static struct cp2fa_settings *read_with(struct desk *desk, const char *path,
                                        const char *define)
{
    apr_array_header_t *defines =
        apr_array_make(desk->p, 1, sizeof(const char *));

    if (define) {
        APR_ARRAY_PUSH(defines, const char *) = define;
    }
    assert_null(cp2fa_settings_read(desk->p, path, defines, &desk->read));
    return &desk->read;
}

static struct cp2fa_settings *reads(struct desk *desk, const char *text)
{
    return read_with(desk, file(desk, "httpd.conf", text), NULL);
}

static void the_project_s_own_file_has_its_defaults(void **state)
{
    struct cp2fa_settings *s = read_with(*state, "conf/cp2fa.conf", NULL);

    assert_string_equal(s->driver, "sqlite3");
    assert_string_equal(s->params, "/var/lib/cp2fa/cp2fa.db");
    assert_string_equal(s->key_file, "/var/lib/cp2fa/cp2fa.key");
    assert_string_equal(s->path, "/2fa");
    assert_null(s->mail_from);
    s = read_with(*state, "conf/cp2fa.conf", "CP2FA_STATE=/srv/x");
    assert_string_equal(s->key_file, "/srv/x/cp2fa.key");
}

static void a_define_of_before_wins_and_sections_are_skipped(void **state)
{
    struct cp2fa_settings *s =
        reads(*state, "Define A /a\n"
                      "<IfDefine !A>\n<IfModule x>\nDefine A /b\n</IfModule>\n"
                      "TwoFactorMailFrom no@x\n</IfDefine>\n"
                      "<IfDefine A>\nTwoFactorKeyFile \"${A}/key${B}\"\n"
                      "</IfDefine>\n<IfModule !mod_x.c>\n"
                      "TwoFactorPath /no\n</IfModule>\nUnDefine A\n"
                      "TwoFactorMail ${A}\n");

    assert_string_equal(s->key_file, "/a/key${B}");
    assert_null(s->mail_from);
    assert_null(s->path);
    assert_string_equal(s->mail, "${A}");
}

static void a_variable_may_be_the_environment_s(void **state)
{
    struct cp2fa_settings *s;

    setenv("CP2FA_TEST_USER", "www-x", 1);
    s = reads(*state, "User ${CP2FA_TEST_USER}\n"
                      "TwoFactorClockSkew 90\nTwoFactorToken SHA256 8 60\n");
    assert_string_equal(s->run_as, "www-x");
    assert_int_equal(s->clock_skew, 90);
    assert_int_equal(s->totp.alg, CP2FA_TOTP_SHA256);
    assert_int_equal(s->totp.digits, 8);
    assert_int_equal(s->totp.period, 60);
}

static void a_variable_may_be_one_that_apachectl_sets(void **state)
{
    struct desk *desk = *state;
    struct cp2fa_settings *s;

    file(desk, "envvars",
         "# export CP2FA_A=no\nunset HOME\n"
         "if [ x ]; then SUFFIX=; fi\n"
         "export CP2FA_A=www-y\nexport CP2FA_B=/x$SUFFIX\n"
         "export CP2FA_C\n");
    s = reads(desk, "User ${CP2FA_A}\nTwoFactorMail ${CP2FA_B}\n"
                    "TwoFactorMailFrom ${CP2FA_C}\n");
    assert_string_equal(s->run_as, "www-y");
    assert_string_equal(s->mail, "${CP2FA_B}");
    assert_string_equal(s->mail_from, "${CP2FA_C}");
    s = reads(desk, "Define CP2FA_A www-z\nUser ${CP2FA_A}\n");
    assert_string_equal(s->run_as, "www-z");
}

static void files_include_others_and_say_what_is_missing(void **state)
{
    struct desk *desk = *state;
    struct cp2fa_settings *s;

    file(desk, "a.inc", "TwoFactorMailFrom a@x\n");
    file(desk, "b.inc", "TwoFactorDatabase sqlite3 \\\n  db\n");
    s = reads(desk, apr_psprintf(desk->p,
                                 "ServerRoot %s\nInclude *.inc\n"
                                 "IncludeOptional none/*\nInclude gone\n",
                                 desk->folder));
    assert_string_equal(s->mail_from, "a@x");
    assert_string_equal(s->params,
                        apr_pstrcat(desk->p, desk->folder, "/db", NULL));
    assert_int_equal(s->files, 3);
    assert_int_equal(s->problems->nelts, 1);
    assert_non_null(
        strstr(APR_ARRAY_IDX(s->problems, 0, const char *), "gone"));
}

static void a_file_that_includes_itself_comes_to_an_end(void **state)
{
    struct desk *desk = *state;
    struct cp2fa_settings *s = reads(
        desk, apr_psprintf(desk->p, "Include %s/httpd.conf\n", desk->folder));

    assert_int_equal(s->problems->nelts, 1);
}

static void virtual_hosts_are_guarded_or_not(void **state)
{
    struct cp2fa_settings *s =
        reads(*state, "<VirtualHost *:443>\nServerName a.example\n"
                      "<Location \"/\">\nTwoFactor optional\n</Location>\n"
                      "</VirtualHost>\n<VirtualHost *:80>\n"
                      "ServerName a.example\nTwoFactor off\n</VirtualHost>\n"
                      "<VirtualHost *:80>\nRedirect permanent / https://b/\n"
                      "Redirect /x https://b/\n</VirtualHost>\n");
    struct cp2fa_settings_host **hosts =
        (struct cp2fa_settings_host **)s->hosts->elts;

    assert_int_equal(s->hosts->nelts, 3);
    assert_string_equal(hosts[0]->name, "a.example");
    assert_string_equal(hosts[0]->address, "*:443");
    assert_int_equal(hosts[0]->guards, 1);
    assert_int_equal(hosts[1]->guards, 0);
    assert_int_equal(hosts[1]->redirects, 0);
    assert_int_equal(hosts[2]->redirects, 1);
    assert_int_equal(s->guards, 0);
}

static void names_are_folded_by_realm(void **state)
{
    struct cp2fa_settings *s =
        reads(*state, "<IfModule x>\nAuthName server\n</IfModule>\n"
                      "<VirtualHost *:443>\n<Location \"/b/2fa\">\n"
                      "TwoFactorPages on\n</Location>\n<Location />\n"
                      "AuthName A\n</Location>\n<Location \"/b\">\n"
                      "AuthName B\nTwoFactorFoldUserCase On\n</Location>\n"
                      "<Location \"/bc\">\nTwoFactorRealm C\n</Location>\n"
                      "<Location \"/b/d\">\nTwoFactorRealm D\n"
                      "<If \"true\">\nAuthName A\n</If>\n</Location>\n"
                      "<Location \"/b/e\">\nTwoFactorRealm E\n"
                      "TwoFactorFoldUserCase off\n</Location>\n</VirtualHost>\n"
                      "<VirtualHost *:444>\n<Location \"/b/f\">\nAuthName F\n"
                      "</Location>\n</VirtualHost>\n");

    assert_int_equal(cp2fa_realms_fold(s, "A"), 0);
    assert_int_equal(cp2fa_realms_fold(s, "B"), 1);
    assert_int_equal(cp2fa_realms_fold(s, "C"), 0);
    assert_int_equal(cp2fa_realms_fold(s, "D"), 1);
    assert_int_equal(cp2fa_realms_fold(s, "E"), 0);
    assert_int_equal(cp2fa_realms_fold(s, "F"), 0);
    assert_int_equal(cp2fa_realms_fold(s, "server"), 0);
}

static void what_the_server_says_of_case_holds_for_all_that_say_nothing(
    void **state)
{
    struct cp2fa_settings *s =
        reads(*state, "TwoFactorFoldUserCase on\n"
                      "<Directory /srv>\nAuthName A\n</Directory>\n"
                      "<VirtualHost *:443>\nTwoFactorFoldUserCase off\n"
                      "<Directory /srv/b>\nAuthName B\n</Directory>\n"
                      "</VirtualHost>\n");

    assert_int_equal(cp2fa_realms_fold(s, "A"), 1);
    assert_int_equal(cp2fa_realms_fold(s, "B"), 0);
    assert_int_equal(cp2fa_realms_fold(s, "of another server"), 1);
    s = reads(*state, "AuthName A\n</Location>\n");
    assert_int_equal(cp2fa_realms_fold(s, "A"), 0);
    cp2fa_settings_clear(((struct desk *)*state)->p, s);
    assert_int_equal(cp2fa_realms_fold(s, "A"), 0);
}

#define TEST_DESK(test)                                                        \
    cmocka_unit_test_setup_teardown(test, with_desk, without_desk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_DESK(the_project_s_own_file_has_its_defaults),
        TEST_DESK(a_define_of_before_wins_and_sections_are_skipped),
        TEST_DESK(a_variable_may_be_the_environment_s),
        TEST_DESK(a_variable_may_be_one_that_apachectl_sets),
        TEST_DESK(files_include_others_and_say_what_is_missing),
        TEST_DESK(a_file_that_includes_itself_comes_to_an_end),
        TEST_DESK(virtual_hosts_are_guarded_or_not),
        TEST_DESK(names_are_folded_by_realm),
        TEST_DESK(what_the_server_says_of_case_holds_for_all_that_say_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
