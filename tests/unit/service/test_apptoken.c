/* SPDX-License-Identifier: Apache-2.0 */
#include "service/fixture.h"

#include "service/apptoken.h"

#define HOUR (60 * MINUTE)

static const struct cp2fa_apptoken_wish git = {"git", "/repo/", "1d"};

/* Alice has a phone and is logged in with it: her session. */
static const char *signed_in(struct world *world)
{
    struct secret phone;

    enrolled(world, &alice, "phone", T0 - MINUTE, &phone);
    return browser(world, &alice);
}

static enum cp2fa_outcome offer(struct world *world,
                                const struct cp2fa_who *who,
                                const struct cp2fa_apptoken_wish *wish,
                                const char *session, int64_t now)
{
    return cp2fa_apptoken_offer(&world->service, world->p, who, wish, session,
                                now);
}

static enum cp2fa_outcome take(struct world *world, const char *session,
                               int64_t now, struct cp2fa_apptoken_made *made)
{
    return cp2fa_apptoken_take(&world->service, world->p, &alice, session, now,
                               made);
}

static struct cp2fa_apptoken_made made_by(struct world *world,
                                          const char *session)
{
    struct cp2fa_apptoken_made made;

    assert_int_equal(offer(world, &alice, &git, session, T0),
                     CP2FA_OUTCOME_DONE);
    assert_int_equal(take(world, session, T0, &made), CP2FA_OUTCOME_DONE);
    return made;
}

static enum cp2fa_apptoken_said check(struct world *world, const char *text,
                                      int64_t now,
                                      const struct cp2fa_app_token **token)
{
    return cp2fa_apptoken_check(&world->service, world->p, text, now, token);
}

static int64_t tokens(struct world *world)
{
    return counted(world->place, "SELECT count(*) FROM cp2fa_app_token"
                                 " WHERE mac <> ''");
}

static void what_was_made_is_good_and_says_for_whom_and_where(void **state)
{
    struct world *world = *state;
    struct cp2fa_apptoken_made made = made_by(world, signed_in(world));
    const struct cp2fa_app_token *token;

    assert_string_equal(made.name, "git");
    assert_string_equal(made.path, "/repo");
    assert_int_equal(made.expires, T0 / SECOND + 86400);
    assert_int_equal(check(world, made.text, T0, &token), CP2FA_APPTOKEN_GOOD);
    assert_string_equal(token->user, "alice");
    assert_string_equal(token->realm, "realm");
    assert_string_equal(token->path, "/repo");
    assert_int_equal(token->created, T0 / SECOND);
}

static void one_is_shown_once_to_the_session_that_asked(void **state)
{
    struct world *world = *state;
    const char *session = signed_in(world);
    struct cp2fa_apptoken_made made;

    assert_int_equal(offer(world, &alice, &git, session, T0),
                     CP2FA_OUTCOME_DONE);
    assert_int_equal(tokens(world), 0);
    assert_int_equal(take(world, "another", T0, &made),
                     CP2FA_OUTCOME_NOT_PENDING);
    assert_int_equal(take(world, session, T0 + 11 * MINUTE, &made),
                     CP2FA_OUTCOME_NOT_PENDING);
    assert_int_equal(take(world, session, T0 + MINUTE, &made),
                     CP2FA_OUTCOME_DONE);
    assert_int_equal(take(world, session, T0 + MINUTE, &made),
                     CP2FA_OUTCOME_NOT_PENDING);
    assert_int_equal(made.text[0], '\0');
    assert_int_equal(tokens(world), 1);
}

static void an_offer_ends_with_its_session(void **state)
{
    struct world *world = *state;
    const char *session = signed_in(world);
    struct cp2fa_apptoken_made made;

    assert_int_equal(offer(world, &alice, &git, session, T0),
                     CP2FA_OUTCOME_DONE);
    hand(world->place, "DELETE FROM cp2fa_session");
    assert_int_equal(take(world, session, T0, &made),
                     CP2FA_OUTCOME_NOT_PENDING);
    assert_int_equal(offer(world, &alice, &git, session, T0),
                     CP2FA_OUTCOME_NOT_ALLOWED);
}

/* CRY-01: the database holds its HMAC alone. */
static void the_database_does_not_know_the_secret(void **state)
{
    struct world *world = *state;
    struct cp2fa_apptoken_made made = made_by(world, signed_in(world));
    const char *row = seen(world->place,
                           "SELECT mac || ' ' || id || ' ' || name || path ||"
                           " session FROM cp2fa_app_token");
    char secret[2 * CP2FA_APPTOKEN_SECRET + 1];

    memcpy(secret, made.text + 6 + 2 * CP2FA_APPTOKEN_ID, sizeof(secret) - 1);
    secret[sizeof(secret) - 1] = '\0';
    assert_null(strstr(row, secret));
    assert_memory_equal(row, "k1:", 3);
}

static void another_secret_id_or_account_is_unknown(void **state)
{
    struct world *world = *state;
    struct cp2fa_apptoken_made made = made_by(world, signed_in(world));
    const struct cp2fa_app_token *token;
    uint8_t bytes[CP2FA_APPTOKEN_BYTES];
    char text[CP2FA_APPTOKEN_TEXT + 1];
    struct secret phone;

    for (size_t i = 0; i < sizeof(bytes); i++) {
        assert_int_equal(cp2fa_apptoken_parse(made.text, bytes), 0);
        bytes[i] ^= 1;
        cp2fa_apptoken_format(bytes, text);
        assert_int_equal(check(world, text, T0, &token),
                         CP2FA_APPTOKEN_UNKNOWN);
        assert_null(token);
    }
    /* as if somebody had moved his token to another account */
    enrolled(world, &bob, "phone", T0, &phone);
    hand(world->place, "UPDATE cp2fa_app_token SET account = (SELECT id FROM"
                       " cp2fa_account WHERE name = 'bob')");
    assert_int_equal(check(world, made.text, T0, &token),
                     CP2FA_APPTOKEN_UNKNOWN);
}

static void it_expires_at_its_time(void **state)
{
    struct world *world = *state;
    struct cp2fa_apptoken_made made = made_by(world, signed_in(world));
    const struct cp2fa_app_token *token;

    assert_int_equal(check(world, made.text, T0 + DAY - SECOND, &token),
                     CP2FA_APPTOKEN_GOOD);
    assert_int_equal(check(world, made.text, T0 + DAY, &token),
                     CP2FA_APPTOKEN_EXPIRED);
    assert_null(token);
}

static void what_can_not_be_asked_for_is_refused(void **state)
{
    static const struct {
        struct cp2fa_apptoken_wish wish;
        enum cp2fa_outcome outcome;
    } wishes[] = {
        {{"", "/", "1d"}, CP2FA_OUTCOME_BAD_NAME},
        {{"a\nb", "/", "1d"}, CP2FA_OUTCOME_BAD_NAME},
        {{"git", "repo", "1d"}, CP2FA_OUTCOME_BAD_PATH},
        {{"git", "/..", "1d"}, CP2FA_OUTCOME_BAD_PATH},
        {{"git", "/", "367d"}, CP2FA_OUTCOME_BAD_EXPIRY},
        {{"git", "/", "59s"}, CP2FA_OUTCOME_BAD_EXPIRY},
        {{"git", "/", "0"}, CP2FA_OUTCOME_BAD_EXPIRY},
        {{"git", "/", "never"}, CP2FA_OUTCOME_BAD_EXPIRY},
        {{"git", "/", "366d"}, CP2FA_OUTCOME_DONE},
        {{"git", "", ""}, CP2FA_OUTCOME_DONE},
    };
    struct world *world = *state;
    const char *session = signed_in(world);

    for (size_t i = 0; i < COUNT(wishes); i++) {
        if (offer(world, &alice, &wishes[i].wish, session, T0)
            != wishes[i].outcome) {
            fail_msg("wish %zu", i);
        }
    }
    assert_int_equal(offer(world, &bob, &git, "browser", T0),
                     CP2FA_OUTCOME_NOT_ENABLED);
}

static void an_account_has_no_more_than_the_limit(void **state)
{
    struct world *world = *state;
    const char *session = signed_in(world);
    struct cp2fa_app_token *list;
    int count;

    for (int i = 0; i < CP2FA_APPTOKEN_LIMIT; i++) {
        (void)made_by(world, session);
    }
    assert_int_equal(offer(world, &alice, &git, session, T0),
                     CP2FA_OUTCOME_TOO_MANY);
    assert_int_equal(cp2fa_apptoken_list(&world->service, world->p, &alice,
                                         &list, &count), CP2FA_OUTCOME_DONE);
    assert_int_equal(count, CP2FA_APPTOKEN_LIMIT);
    assert_int_equal(cp2fa_apptoken_end(&world->service, world->p, &alice,
                                        list[3].id, T0), CP2FA_OUTCOME_DONE);
    assert_int_equal(offer(world, &alice, &git, session, T0),
                     CP2FA_OUTCOME_DONE);
}

static void its_owner_alone_ends_one_and_hears_of_it(void **state)
{
    struct world *world = *state;
    struct cp2fa_apptoken_made made = made_by(world, signed_in(world));
    const struct cp2fa_app_token *token;
    const char *id = seen(world->place, "SELECT id FROM cp2fa_app_token");
    struct secret phone;

    enrolled(world, &bob, "phone", T0, &phone);
    assert_int_equal(cp2fa_apptoken_end(&world->service, world->p, &bob, id,
                                        T0), CP2FA_OUTCOME_NO_APP_TOKEN);
    assert_int_equal(check(world, made.text, T0, &token), CP2FA_APPTOKEN_GOOD);
    assert_int_equal(cp2fa_apptoken_end(&world->service, world->p, &alice, id,
                                        T0), CP2FA_OUTCOME_DONE);
    assert_int_equal(check(world, made.text, T0, &token),
                     CP2FA_APPTOKEN_UNKNOWN);
    assert_int_equal(cp2fa_apptoken_end(&world->service, world->p, &alice, id,
                                        T0), CP2FA_OUTCOME_NO_APP_TOKEN);
    assert_string_equal(seen(world->place,
                             "SELECT group_concat(kind || ' ' || detail) FROM"
                             " (SELECT kind, detail FROM cp2fa_event WHERE kind"
                             " LIKE 'app-%' ORDER BY rowid)"),
                        "app-token-made git,app-token-ended git");
}

/* It stands for a second factor, and goes with it. */
static void disabling_ends_all_and_no_device_lets_none_in(void **state)
{
    struct world *world = *state;
    struct cp2fa_apptoken_made made = made_by(world, signed_in(world));
    const struct cp2fa_app_token *token;
    struct cp2fa_rows ended;

    hand(world->place, "UPDATE cp2fa_device SET state = 'pending'");
    assert_int_equal(check(world, made.text, T0, &token),
                     CP2FA_APPTOKEN_UNKNOWN);
    hand(world->place, "UPDATE cp2fa_device SET state = 'active'");
    assert_int_equal(check(world, made.text, T0, &token), CP2FA_APPTOKEN_GOOD);
    assert_int_equal(cp2fa_disable_all(&world->service, world->p, &alice, NULL,
                                       CP2FA_NOTICE_DISABLED, T0, &ended),
                     CP2FA_OUTCOME_DONE);
    assert_int_equal(tokens(world), 0);
}

static void its_use_is_noted_once_a_minute(void **state)
{
    struct world *world = *state;
    struct cp2fa_apptoken_made made = made_by(world, signed_in(world));
    const struct {
        int64_t at;
        const char *address;
        const char *noted;
    } uses[] = {
        {T0 + HOUR, "192.0.2.1", "192.0.2.1"},
        {T0 + HOUR + 59 * SECOND, "192.0.2.2", "192.0.2.1"},
        {T0 + HOUR + 60 * SECOND, "192.0.2.3", "192.0.2.3"},
    };

    for (size_t i = 0; i < COUNT(uses); i++) {
        const struct cp2fa_app_token *token;

        assert_int_equal(check(world, made.text, uses[i].at, &token),
                         CP2FA_APPTOKEN_GOOD);
        cp2fa_apptoken_used(&world->service, world->p, token, uses[i].address,
                            uses[i].at);
        assert_string_equal(seen(world->place, "SELECT last_address FROM"
                                               " cp2fa_app_token"),
                            uses[i].noted);
    }
}

/* FAIL-01: "could not tell" is neither yes nor no. */
static void without_the_database_nobody_can_tell(void **state)
{
    struct world *world = *state;
    struct cp2fa_apptoken_made made = made_by(world, signed_in(world));
    const struct cp2fa_app_token *token;

    hand(world->place, "UPDATE cp2fa_app_token SET mac = 'k9' || substr(mac,"
                       " 3)");
    assert_int_equal(check(world, made.text, T0, &token),
                     CP2FA_APPTOKEN_CANT_TELL);
    hand(world->place, "DROP TABLE cp2fa_app_token");
    assert_int_equal(check(world, made.text, T0, &token),
                     CP2FA_APPTOKEN_CANT_TELL);
    assert_null(token);
    assert_int_equal(check(world, "cp2fa_nonsense", T0, &token),
                     CP2FA_APPTOKEN_MALFORMED);
}

static void without_random_bytes_none_is_made(void **state)
{
    struct world *world = *state;
    const char *session = signed_in(world);
    struct cp2fa_apptoken_made made;

    dice.fail_at = 1;
    assert_int_equal(offer(world, &alice, &git, session, T0),
                     CP2FA_OUTCOME_UNAVAILABLE);
    assert_int_equal(offer(world, &alice, &git, session, T0),
                     CP2FA_OUTCOME_DONE);
    dice.fail_at = 1;
    assert_int_equal(take(world, session, T0, &made),
                     CP2FA_OUTCOME_UNAVAILABLE);
    assert_int_equal(tokens(world), 0);
    assert_int_equal(take(world, session, T0, &made), CP2FA_OUTCOME_DONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(what_was_made_is_good_and_says_for_whom_and_where),
        TEST_WORLD(one_is_shown_once_to_the_session_that_asked),
        TEST_WORLD(an_offer_ends_with_its_session),
        TEST_WORLD(the_database_does_not_know_the_secret),
        TEST_WORLD(another_secret_id_or_account_is_unknown),
        TEST_WORLD(it_expires_at_its_time),
        TEST_WORLD(what_can_not_be_asked_for_is_refused),
        TEST_WORLD(an_account_has_no_more_than_the_limit),
        TEST_WORLD(its_owner_alone_ends_one_and_hears_of_it),
        TEST_WORLD(disabling_ends_all_and_no_device_lets_none_in),
        TEST_WORLD(its_use_is_noted_once_a_minute),
        TEST_WORLD(without_the_database_nobody_can_tell),
        TEST_WORLD(without_random_bytes_none_is_made),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
