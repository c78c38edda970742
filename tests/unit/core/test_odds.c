/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>

#include "core/odds.h"
#include "core/totp.h"
#include "core/window.h"

#define SECOND INT64_C(1000000)
#define HOUR   (3600 * SECOND)
#define DAY    (24 * HOUR)
#define YEAR   (8766 * HOUR) /* 365.25 days */
#define NOW    (INT64_C(1767225600) * SECOND)
#define REACH  6 /* TwoFactorClockSkew 180, steps of 30 s */

/* TwoFactorFailureLimit 20 30d */
static const struct cp2fa_throttle usual = {20, 30 * DAY};

/* Seeded, so that a run is like every other: splitmix64. */
static uint64_t dice;

static uint64_t roll(void)
{
    uint64_t z = dice += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* An account under attack by who has its password, and the attacker's plan:
 * to begin when no more than so many failures count, and to stop at others. */
struct attack {
    const struct cp2fa_throttle *throttle;
    struct cp2fa_attempts account;
    int64_t now, end;
    unsigned begin, stop;
    unsigned devices;
    int64_t codes; /* that would have let in alone, over all attempts */
};

static struct attack attack_on(const struct cp2fa_throttle *throttle,
                               unsigned devices, unsigned begin, unsigned stop)
{
    return (struct attack){.throttle = throttle, .now = NOW, .end = NOW + YEAR,
                           .begin = begin, .stop = stop, .devices = devices};
}

static unsigned count(const struct attack *attack)
{
    return cp2fa_throttle_count(attack->throttle, &attack->account,
                                attack->now);
}

/* On to the time of the next attempt. 0 when the year, or the account, is
 * over. */
static int next_attempt(struct attack *attack)
{
    unsigned wait;

    if (count(attack) >= attack->stop) {
        while (count(attack) > attack->begin) {
            const char *all = attack->account.failures;
            size_t len = strlen(all);

            attack->now = strtoll(all + len - count(attack)
                                              * CP2FA_FAILURE_LEN, NULL, 10)
                          + attack->throttle->window;
        }
    }
    switch (cp2fa_throttle_ask(&attack->account, attack->now, &wait)) {
    case CP2FA_THROTTLE_WAIT:
        attack->now = attack->account.next_try;
        break;
    case CP2FA_THROTTLE_LOCKED:
        return 0;
    case CP2FA_THROTTLE_GO:
        break;
    }
    assert_int_equal(cp2fa_throttle_ask(&attack->account, attack->now, &wait),
                     CP2FA_THROTTLE_GO);
    return attack->now < attack->end;
}

/* An attempt, reserved. How many codes of each device let in alone. */
static unsigned reserve(struct attack *attack)
{
    const struct cp2fa_attempts before = attack->account;
    unsigned alone = cp2fa_window_alone(count(attack), REACH, attack->devices);
    char entry[CP2FA_FAILURE_LEN + 1];

    cp2fa_throttle_reserve(attack->throttle, &before, attack->now,
                           &attack->account, entry);
    attack->codes += (int64_t)alone * attack->devices;
    return alone;
}

/* A year of attempts that are never right, and what they tried in it. */
static int64_t codes_in_a_year(const struct cp2fa_throttle *throttle,
                               unsigned devices, unsigned begin, unsigned stop)
{
    struct attack attack = attack_on(throttle, devices, begin, stop);

    while (next_attempt(&attack)) {
        reserve(&attack);
    }
    return attack.codes;
}

struct victim {
    struct cp2fa_window windows[CP2FA_WINDOW_DEVICES];
    uint8_t secrets[CP2FA_WINDOW_DEVICES][CP2FA_TOTP_SECRET_LEN];
};

static void enrol(struct victim *victim, unsigned devices)
{
    for (unsigned i = 0; i < devices; i++) {
        for (unsigned j = 0; j < CP2FA_TOTP_SECRET_LEN; j++) {
            victim->secrets[i][j] = (uint8_t)roll();
        }
        victim->windows[i] = (struct cp2fa_window){
            .reach = REACH, .last_step = NOW / SECOND / 30 - 100,
            .half_step = -1,
        };
    }
}

/* One guess at every device, as the service compares it. */
static enum cp2fa_window_verdict guess(const struct cp2fa_crypto *crypto,
                                       const struct cp2fa_totp *totp,
                                       struct attack *attack,
                                       struct victim *victim)
{
    const struct cp2fa_attempts before = attack->account;
    unsigned alone = reserve(attack);
    int64_t here = cp2fa_totp_step(totp, attack->now / SECOND);
    enum cp2fa_window_verdict best = CP2FA_WINDOW_NO;
    char token[24];

    snprintf(token, sizeof(token), "%020llu", (unsigned long long)roll());
    for (unsigned i = 0; i < attack->devices; i++) {
        enum cp2fa_window_verdict one;
        uint64_t matches;
        int64_t step;

        victim->windows[i].alone = alone;
        assert_int_equal(cp2fa_totp_match(crypto, totp, victim->secrets[i],
                                          CP2FA_TOTP_SECRET_LEN, here - REACH,
                                          2 * REACH + 1,
                                          token + 20 - totp->digits, &matches),
                         0);
        one = cp2fa_window_judge(&victim->windows[i], here, matches, &step);
        if (one == CP2FA_WINDOW_HALF) {
            victim->windows[i].half_step = step;
        }
        best = one > best ? one : best;
    }
    if (best == CP2FA_WINDOW_HALF) { /* costs no attempt */
        attack->account = before;
        attack->account.next_try = 0;
    }
    return best;
}

/* How many of so many accounts are broken into within a year each. */
static unsigned broken(const struct cp2fa_crypto *crypto, unsigned digits,
                       unsigned devices, unsigned victims, double *hours)
{
    const struct cp2fa_totp totp = {CP2FA_TOTP_SHA1, digits, 30};
    unsigned lost = 0;

    *hours = 0;
    for (unsigned i = 0; i < victims; i++) {
        /* the best plan: bursts, as the next test finds */
        struct attack attack =
            attack_on(&usual, devices, 0, devices > 1 ? 8 : 18);
        struct victim victim;
        int in = 0;

        enrol(&victim, devices);
        while (!in && next_attempt(&attack)) {
            in = guess(crypto, &totp, &attack, &victim) == CP2FA_WINDOW_YES;
        }
        lost += (unsigned)in;
        attack.now = attack.now < attack.end ? attack.now : attack.end;
        *hours += (double)(attack.now - NOW) / (double)HOUR;
    }
    return lost;
}

/* The chance that one of so many single codes hits. */
static double chance(int64_t codes, unsigned digits)
{
    double miss = 1, one = 1;

    for (unsigned i = 0; i < digits; i++) {
        one /= 10;
    }
    while (codes-- > 0) {
        miss *= 1 - one;
    }
    return 1 - miss;
}

static void the_odds_of_a_year_are_below_1_in_1000(void **state)
{
    /* 13 windows begin in a year */
    static const int64_t codes[] = {13 * (2 * 13 + 16 * 3),
                                    13 * (2 * 26 + 4 * 6), 13 * 8 * 9,
                                    13 * 6 * 12, 13 * 5 * 15, 13 * 4 * 18,
                                    13 * 3 * 21, 13 * 3 * 24, 0, 0};

    (void)state;
    for (unsigned i = 0; i < COUNT(codes); i++) {
        assert_int_equal(cp2fa_odds_codes(&usual, REACH, i + 1), codes[i]);
        assert_true(chance(codes[i], 6) < 1.0 / 1000);
    }
    print_message("one device: 1 in %.0f a year, two: 1 in %.0f\n",
                  1 / chance(codes[0], 6), 1 / chance(codes[1], 6));
    assert_int_equal(cp2fa_odds_one_in(&usual, REACH, 6), 1012);
    assert_int_equal(cp2fa_odds_one_in(&usual, REACH, 8), 101214);
    assert_int_equal(cp2fa_odds_low(&usual, REACH), 1);
}

/* Any plan of its kind, and of any other kind some, on any number of devices
 * and under many limits: the real throttle never lets more codes be tried than
 * were computed, and the best plan gets nearly all of them. */
static void no_plan_tries_more_codes_in_a_year_than_computed(void **state)
{
    static const struct cp2fa_throttle throttles[] = {
        {20, 30 * DAY}, {3, 29 * DAY}, {100, 366 * DAY}, {5, 7 * DAY},
        {100, 3 * DAY}, {2, 20 * DAY}, {10, 10 * DAY},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(throttles); i++) {
        const struct cp2fa_throttle *throttle = &throttles[i];

        for (unsigned devices = 1; devices <= 9; devices++) {
            int64_t computed = cp2fa_odds_codes(throttle, REACH, devices);
            int64_t best = 0;

            for (unsigned stop = 1; stop <= throttle->limit && stop <= 20;
                 stop++) {
                for (unsigned begin = 0; begin < stop; begin++) {
                    int64_t tried =
                        codes_in_a_year(throttle, devices, begin, stop);

                    best = tried > best ? tried : best;
                }
            }
            assert_true(best <= computed);
            if (i == 0) {
                assert_true(best * 100 >= computed * 99);
            }
        }
    }
}

static void nor_does_a_plan_by_chance(void **state)
{
    (void)state;
    dice = 42;
    for (unsigned i = 0; i < 4000; i++) {
        unsigned devices = 1 + (unsigned)(roll() % 8);
        struct attack attack = attack_on(&usual, devices, 19, 20);

        while (next_attempt(&attack)) {
            reserve(&attack);
            attack.now += roll() % 3 ? 0 : (int64_t)(roll() % (20 * DAY));
            attack.stop = 1 + (unsigned)(roll() % 20);
            attack.begin = (unsigned)(roll() % attack.stop);
        }
        assert_true(attack.codes <= cp2fa_odds_codes(&usual, REACH, devices));
    }
}

/* With codes of three digits, so that there is something to count: what the
 * real throttle, window and codes let happen is what was computed. */
static void a_million_hours_of_attack_agree_with_the_odds(void **state)
{
    static const unsigned devices[] = {1, 2, 3};

    dice = 2026;
    for (size_t i = 0; i < COUNT(devices); i++) {
        const unsigned victims = 400;
        double hours;
        double p = chance(cp2fa_odds_codes(&usual, REACH, devices[i]), 3);
        double found = broken(*state, 3, devices[i], victims, &hours);
        double off = found - victims * p;

        print_message("%u device(s), %.0f attack-hours, 3 digits: %.0f of %u"
                      " broken into, computed %.1f\n", devices[i], hours,
                      found, victims, victims * p);
        assert_true(hours > 1e6);
        /* within three standard deviations */
        assert_true(off * off <= 9 * victims * p * (1 - p));
    }
}

static void of_those_with_six_digits_hardly_one_is_broken_into(void **state)
{
    double hours;
    unsigned found;

    dice = 1;
    found = broken(*state, 6, 1, 115, &hours);
    print_message("%.0f attack-hours, 6 digits: %u of 115 broken into,"
                  " computed %.2f\n", hours, found, 115 * chance(962, 6));
    assert_true(hours > 1e6);
    assert_true(found <= 1); /* two would be one run of 170 */
}

/* THR-10 */
static void limits_under_which_guessing_would_pay_are_not_low(void **state)
{
    static const struct {
        struct cp2fa_throttle throttle;
        int64_t reach;
        int64_t one_in;
    } rows[] = {
        {{20, 30 * DAY}, 6, 1012},   {{20, 29 * DAY}, 6, 1012},
        {{20, 28 * DAY}, 6, 939},    {{100, 366 * DAY}, 6, 13157},
        {{20, DAY}, 6, 35},          {{3, HOUR}, 6, 1},
        {{2, 20 * DAY}, 6, 1012},    {{2, 19 * DAY}, 6, 961},
        {{1, 10 * DAY}, 6, 1039},    {{1, 9 * DAY}, 6, 938},
        {{20, 30 * DAY}, 0, 1012},   {{20, 30 * DAY}, 30, 1025},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t one_in = cp2fa_odds_one_in(&rows[i].throttle, rows[i].reach,
                                           CP2FA_ODDS_DIGITS);

        if (one_in != rows[i].one_in) {
            fail_msg("row %zu: 1 in %d", i, (int)one_in);
        }
        assert_int_equal(cp2fa_odds_low(&rows[i].throttle, rows[i].reach),
                         one_in > CP2FA_ODDS_LIMIT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_odds_of_a_year_are_below_1_in_1000),
        cmocka_unit_test(no_plan_tries_more_codes_in_a_year_than_computed),
        cmocka_unit_test(nor_does_a_plan_by_chance),
        cmocka_unit_test(a_million_hours_of_attack_agree_with_the_odds),
        cmocka_unit_test(of_those_with_six_digits_hardly_one_is_broken_into),
        cmocka_unit_test(limits_under_which_guessing_would_pay_are_not_low),
    };

    return cmocka_run_group_tests(tests, with_crypto, without_crypto);
}
