/* SPDX-License-Identifier: Apache-2.0 */
#include "core/support.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "service/transport.h"

struct desk {
    apr_pool_t *p;
    char folder[64];
    struct cp2fa_parcel parcel;
    char problem[CP2FA_TRANSPORT_PROBLEM];
};

static int with_desk(void **state)
{
    struct desk *desk = calloc(1, sizeof(*desk));

    apr_initialize();
    apr_pool_create(&desk->p, NULL);
    strcpy(desk->folder, "/tmp/cp2fa-transport-XXXXXX");
    desk->parcel = (struct cp2fa_parcel){
        .id = "id",
        .created = 1790000000,
        .from = "from@x",
        .to = "-to@y",
        .data = "Subject: a\r\n\r\n.\r\nb\r\n",
        .len = 21,
    };
    *state = desk;
    return mkdtemp(desk->folder) ? 0 : -1;
}

static int without_desk(void **state)
{
    struct desk *desk = *state;
    int rv = system(apr_pstrcat(desk->p, "rm -r ", desk->folder, NULL));

    apr_pool_destroy(desk->p);
    apr_terminate();
    free(desk);
    return rv;
}

static struct cp2fa_transport *transport_of(struct desk *desk, const char *url)
{
    struct cp2fa_transport *transport;

    assert_null(cp2fa_transport_parse(desk->p, url, &transport));
    return transport;
}

static const char *text_of(struct desk *desk, const char *name)
{
    const char *path = apr_pstrcat(desk->p, desk->folder, name, NULL);
    FILE *in = fopen(path, "r");
    char *text = apr_pcalloc(desk->p, 512);

    assert_non_null(in);
    assert_true(fread(text, 1, 511, in) > 0);
    fclose(in);
    return text;
}

/* A program in sendmail's place, which does that. */
static struct cp2fa_transport *program(struct desk *desk, const char *does)
{
    const char *path = apr_pstrcat(desk->p, desk->folder, "/program", NULL);
    FILE *out = fopen(path, "w");

    assert_non_null(out);
    fprintf(out, "#!/bin/sh\ncd %s\n%s\n", desk->folder, does);
    fclose(out);
    chmod(path, 0700);
    return transport_of(desk, apr_pstrcat(desk->p, "sendmail:", path, NULL));
}

static enum cp2fa_sent sends(struct desk *desk,
                             const struct cp2fa_transport *transport)
{
    desk->problem[0] = '\0';
    return cp2fa_transport_send(transport, desk->p, &desk->parcel,
                                desk->problem);
}

static void sendmail_gets_the_mail_and_its_addresses(void **state)
{
    struct desk *desk = *state;
    struct cp2fa_transport *transport =
        program(desk, "echo \"$@\" > args; env > env; cat > mail");

    assert_null(cp2fa_transport_check(transport, desk->p));
    assert_int_equal(sends(desk, transport), CP2FA_SENT_OK);
    assert_string_equal(text_of(desk, "/args"), "-i -f from@x -- -to@y\n");
    assert_string_equal(text_of(desk, "/mail"), "Subject: a\n\n.\nb\n");
    assert_null(strstr(text_of(desk, "/env"), "HOME="));
}

/* F12 */
static void what_sendmail_ends_with_says_whether_to_try_again(void **state)
{
    static const struct {
        const char *does;
        enum cp2fa_sent said;
        const char *words;
    } cases[] = {
        {"cat >/dev/null; exit 67", CP2FA_SENT_NEVER, "ended with status 67"},
        {"cat >/dev/null; exit 68", CP2FA_SENT_NEVER, "ended with status 68"},
        {"cat >/dev/null; exit 65", CP2FA_SENT_NEVER, "ended with status 65"},
        {"cat >/dev/null; exit 75", CP2FA_SENT_LATER, "ended with status 75"},
        {"cat >/dev/null; kill -9 $$", CP2FA_SENT_LATER, "was killed"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct desk *desk = *state;

        assert_int_equal(sends(desk, program(desk, cases[i].does)),
                         cases[i].said);
        assert_non_null(strstr(desk->problem, cases[i].words));
    }
}

static void a_program_that_is_not_there_is_tried_again(void **state)
{
    struct desk *desk = *state;
    struct cp2fa_transport *transport = program(desk, "");

    unlink(apr_pstrcat(desk->p, desk->folder, "/program", NULL));
    assert_non_null(cp2fa_transport_check(transport, desk->p));
    assert_int_equal(sends(desk, transport), CP2FA_SENT_LATER);
    assert_non_null(strstr(desk->problem, "/program: "));
}

static void a_program_that_does_not_end_is_killed_at_the_stop(void **state)
{
    struct desk *desk = *state;
    volatile uint32_t stop = 1;

    desk->parcel.stop = &stop;
    assert_int_equal(sends(desk, program(desk, "exec sleep 60")),
                     CP2FA_SENT_LATER);
    assert_non_null(strstr(desk->problem, "was killed, or took too long"));
}

static void a_folder_gets_a_file_that_is_the_same_each_time(void **state)
{
    struct desk *desk = *state;
    const char *url = apr_pstrcat(desk->p, "file:", desk->folder, NULL);
    struct cp2fa_transport *transport = transport_of(desk, url);

    assert_null(cp2fa_transport_check(transport, desk->p));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(sends(desk, transport), CP2FA_SENT_OK);
        assert_string_equal(text_of(desk, "/1790000000-id.eml"),
                            "Subject: a\n\n.\nb\n");
    }
    assert_int_equal(access(apr_pstrcat(desk->p, desk->folder, "/.id.new",
                                        NULL), F_OK), -1);
}

static void a_folder_that_is_not_there_is_tried_again(void **state)
{
    struct desk *desk = *state;
    struct cp2fa_transport *transport =
        transport_of(desk, "file:/no/such/folder");

    assert_non_null(cp2fa_transport_check(transport, desk->p));
    assert_int_equal(sends(desk, transport), CP2FA_SENT_LATER);
    assert_non_null(strstr(desk->problem, "folder /no/such/folder: "));
    /* a folder in the file's place */
    transport = transport_of(
        desk, apr_pstrcat(desk->p, "file:", desk->folder, NULL));
    mkdir(apr_pstrcat(desk->p, desk->folder, "/1790000000-id.eml", NULL), 0700);
    assert_int_equal(sends(desk, transport), CP2FA_SENT_LATER);
}

static void a_mail_server_that_is_not_there_is_tried_again(void **state)
{
    struct desk *desk = *state;
    struct cp2fa_transport *transport =
        transport_of(desk, "smtp://127.0.0.1:1");

    assert_null(cp2fa_transport_check(transport, desk->p));
    assert_int_equal(sends(desk, transport), CP2FA_SENT_LATER);
    assert_true(strlen(desk->problem) > 0);
    assert_null(strstr(desk->problem, "can't be loaded"));
}

#define TEST_DESK(test) \
    cmocka_unit_test_setup_teardown(test, with_desk, without_desk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_DESK(sendmail_gets_the_mail_and_its_addresses),
        TEST_DESK(what_sendmail_ends_with_says_whether_to_try_again),
        TEST_DESK(a_program_that_is_not_there_is_tried_again),
        TEST_DESK(a_program_that_does_not_end_is_killed_at_the_stop),
        TEST_DESK(a_folder_gets_a_file_that_is_the_same_each_time),
        TEST_DESK(a_folder_that_is_not_there_is_tried_again),
        TEST_DESK(a_mail_server_that_is_not_there_is_tried_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
