/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <apr_file_info.h>
#include <sys/stat.h>

#include "service/courier.h"
#include "service/letter.h"
#include "service/mailtoken.h"

static int64_t now = NOW;
static volatile uint32_t stop;
static enum cp2fa_fate fate;
static char problem[CP2FA_TRANSPORT_PROBLEM];
static int reports;
static struct cp2fa_courier courier;

static int64_t tell_time(void)
{
    return now;
}

static void heard(void *baton, enum cp2fa_fate what,
                  const struct cp2fa_mail *mail, const char *why)
{
    (void)baton;
    (void)mail;
    fate = what;
    reports++;
    apr_cpystrn(problem, why, sizeof(problem));
}

static void write_file(const char *name, const char *text)
{
    FILE *file =
        fopen(apr_psprintf(world.p, "%s/%s", world.folder, name), "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int set_up(void **state)
{
    const char *mails;
    struct cp2fa_transport *transport;

    open_world(state);
    now = NOW;
    stop = 0;
    reports = 0;
    mails = apr_pstrcat(world.p, world.folder, "/out", (char *)NULL);
    mkdir(mails, 0700);
    assert_null(cp2fa_transport_parse(
        world.p, apr_pstrcat(world.p, "file:", mails, (char *)NULL),
        &transport));
    assert_null(cp2fa_transport_check(transport, world.p));
    write_file("locked.txt.en",
               "Subject: Locked, {{user}}\n\n{{agent}} {{detail}}\n");
    write_file("bypass-token.txt.en",
               "Subject: Token\n\n{{token}} {{minutes}}\n");
    courier = (struct cp2fa_courier){
        .service = &world.service,
        .transport = transport,
        .from = "from@example.org",
        .templates = world.folder,
        .stop = &stop,
        .clock = tell_time,
        .report = heard,
    };
    return 0;
}

static void post_at(const char *kind, const uint8_t *token, int64_t expires,
                    int64_t when)
{
    const struct cp2fa_letter letter = {
        .account = alice()->id,
        .recipient = "alice@example.org",
        .kind = kind,
        .detail = "a\nb",
        .token = token,
        .minutes = 10,
        .expires = expires,
    };
    struct cp2fa_tx *tx;

    assert_int_equal(cp2fa_db_begin(world.service.store, world.p, &tx),
                     CP2FA_DB_OK);
    assert_int_equal(
        cp2fa_tx_end(tx, cp2fa_letter_post(&world.service, tx, world.p,
                                           &world.who, &letter, when)),
        CP2FA_DB_OK);
}

static void post(const char *kind, const uint8_t *token, int64_t expires)
{
    post_at(kind, token, expires, NOW);
}

static void run(void)
{
    assert_int_equal(cp2fa_courier_round(&courier, world.p), CP2FA_DB_OK);
}

/* What is due at a time, however far off. */
static struct cp2fa_mail *waiting(int64_t until, int *count)
{
    struct cp2fa_mail *mails;

    assert_int_equal(cp2fa_outbox_due(world.service.store, world.p, until,
                                      &mails, count),
                     CP2FA_DB_OK);
    return mails;
}

static char *sent_mail(void)
{
    static char text[4096];
    FILE *pipe =
        popen(apr_psprintf(world.p, "cat %s/out/*.eml 2>&1", world.folder),
              "r");
    size_t n = fread(text, 1, sizeof(text) - 1, pipe);

    pclose(pipe);
    text[n] = '\0';
    return text;
}

static void a_mail_goes_out_once(void **state)
{
    int count;

    (void)state;
    post("locked", NULL, 0);
    run();
    run();
    assert_int_equal(reports, 1);
    assert_int_equal(fate, CP2FA_FATE_SENT);
    assert_non_null(strstr(sent_mail(), "Subject: Locked, alice\n"));
    assert_non_null(strstr(sent_mail(), "\nBrowser/1 a b\n"));
    assert_null(strchr(sent_mail(), '\r'));
    waiting(INT32_MAX, &count);
    assert_int_equal(count, 0);
}

/* MAIL-02, CRY-01 */
static void a_token_is_sealed_in_its_row_and_clear_in_the_mail(void **state)
{
    static const uint8_t token[CP2FA_MAILTOKEN_LEN] = {0};
    struct cp2fa_mail *mails;
    int count;

    (void)state;
    post("bypass-token", token, 0);
    mails = waiting(NOW / CP2FA_SECOND, &count);
    assert_int_equal(count, 1);
    assert_memory_equal(mails[0].secret, "1.k1.", 5);
    run();
    assert_non_null(
        strstr(sent_mail(), "\n00000-00000-00000-00000-00000-0 10\n"));
}

/* CRY-02 */
static void a_token_moved_to_another_recipient_stays_shut(void **state)
{
    static const uint8_t token[CP2FA_MAILTOKEN_LEN] = {0};
    struct cp2fa_value values[CP2FA_LETTER_VALUES];
    struct cp2fa_mail mail;
    char *secret;
    int count;

    (void)state;
    post("bypass-token", token, 0);
    mail = waiting(NOW / CP2FA_SECOND, &count)[0];
    assert_true(
        cp2fa_letter_values(&world.service, world.p, &mail, values, &secret)
        > 0);
    assert_non_null(secret);
    mail.recipient = "mallory@example.org";
    assert_int_equal(
        cp2fa_letter_values(&world.service, world.p, &mail, values, &secret),
        -1);
    assert_null(secret);
}

/* F12 */
static void a_mail_is_claimed_by_one_courier_and_comes_back(void **state)
{
    struct cp2fa_mail *mails;
    int count;

    (void)state;
    post("locked", NULL, 0);
    mails = waiting(NOW / CP2FA_SECOND, &count);
    assert_int_equal(cp2fa_outbox_claim(world.service.store, world.p,
                                        &mails[0], NOW / CP2FA_SECOND + 180),
                     CP2FA_DB_OK);
    assert_int_equal(cp2fa_outbox_claim(world.service.store, world.p,
                                        &mails[0], NOW / CP2FA_SECOND + 180),
                     CP2FA_DB_NONE);
    run();
    assert_int_equal(reports, 0);
    /* the other one died with it */
    now += 181 * (int64_t)CP2FA_SECOND;
    run();
    assert_int_equal(fate, CP2FA_FATE_SENT);
    assert_non_null(strstr(sent_mail(), mails[0].id));
}

/* F12 */
static void what_fails_is_tried_again_and_given_up_after_a_day(void **state)
{
    int tries = 0;
    int count;

    (void)state;
    post("nothing", NULL, 0); /* has no template */
    for (;;) {
        run();
        assert_int_equal(reports, ++tries);
        assert_non_null(strstr(problem, "nothing.txt.en"));
        if (fate == CP2FA_FATE_DEAD) {
            break;
        }
        assert_int_equal(fate, CP2FA_FATE_LATER);
        run();
        assert_int_equal(reports, tries);
        now += 3600 * (int64_t)CP2FA_SECOND;
    }
    assert_in_range(now - NOW, INT64_C(22) * 3600 * CP2FA_SECOND,
                    INT64_C(25) * 3600 * CP2FA_SECOND);
    waiting(INT32_MAX, &count);
    assert_int_equal(count, 0);
}

/* F12 */
static void a_mail_that_is_too_late_is_never_sent(void **state)
{
    static const uint8_t token[CP2FA_MAILTOKEN_LEN] = {0};

    (void)state;
    post("bypass-token", token, NOW / CP2FA_SECOND + 600);
    now += 600 * (int64_t)CP2FA_SECOND;
    run();
    assert_int_equal(fate, CP2FA_FATE_DEAD);
    assert_null(strstr(sent_mail(), "Subject"));
}

static void nothing_leads_out_of_the_folder_of_templates(void **state)
{
    (void)state;
    write_file("out/secret.txt.en", "Subject: secret\n\nsecret\n");
    post("out/secret", NULL, 0);
    run();
    assert_int_equal(fate, CP2FA_FATE_LATER);
    world.who.language = "../out";
    post("locked", NULL, 0);
    run();
    assert_non_null(strstr(sent_mail(), "Locked"));
}

static void where_no_mail_is_sent_none_is_written(void **state)
{
    int count;

    (void)state;
    world.service.mail = 0;
    post("locked", NULL, 0);
    waiting(INT32_MAX, &count);
    assert_int_equal(count, 0);
}

static void mails_of_one_second_leave_in_the_order_of_what_happened(
    void **state)
{
    struct cp2fa_mail *mails;
    int count;

    (void)state;
    for (int i = 0; i < 9; i++) {
        post_at(i % 2 ? "locked" : "enabled", NULL, 0, NOW + i);
    }
    mails = waiting(INT32_MAX, &count);
    assert_int_equal(count, 9);
    for (int i = 0; i < 9; i++) {
        assert_string_equal(mails[i].kind, i % 2 ? "locked" : "enabled");
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_mail_goes_out_once),
        TEST(a_token_is_sealed_in_its_row_and_clear_in_the_mail),
        TEST(a_token_moved_to_another_recipient_stays_shut),
        TEST(a_mail_is_claimed_by_one_courier_and_comes_back),
        TEST(what_fails_is_tried_again_and_given_up_after_a_day),
        TEST(a_mail_that_is_too_late_is_never_sent),
        TEST(nothing_leads_out_of_the_folder_of_templates),
        TEST(mails_of_one_second_leave_in_the_order_of_what_happened),
        TEST(where_no_mail_is_sent_none_is_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
