/* SPDX-License-Identifier: Apache-2.0 */
#include "service/fixture.h"

#include <dlfcn.h>

#include <apr_dbd.h>

/* What is asked of the database; these stand before apr-util's own. */
static struct {
    int statements;
    int commits;
    int open; /* a transaction is */
} asked;

int apr_dbd_pselect(const apr_dbd_driver_t *driver, apr_pool_t *p,
                    apr_dbd_t *handle, apr_dbd_results_t **res,
                    apr_dbd_prepared_t *statement, int random, int nargs,
                    const char **args)
{
    int (*next)(const apr_dbd_driver_t *, apr_pool_t *, apr_dbd_t *,
                apr_dbd_results_t **, apr_dbd_prepared_t *, int, int,
                const char **) = dlsym(RTLD_NEXT, __func__);

    asked.statements++;
    return next(driver, p, handle, res, statement, random, nargs, args);
}

int apr_dbd_pquery(const apr_dbd_driver_t *driver, apr_pool_t *p,
                   apr_dbd_t *handle, int *rows,
                   apr_dbd_prepared_t *statement, int nargs, const char **args)
{
    int (*next)(const apr_dbd_driver_t *, apr_pool_t *, apr_dbd_t *, int *,
                apr_dbd_prepared_t *, int, const char **) =
        dlsym(RTLD_NEXT, __func__);

    asked.statements++;
    asked.commits += !asked.open;
    return next(driver, p, handle, rows, statement, nargs, args);
}

int apr_dbd_query(const apr_dbd_driver_t *driver, apr_dbd_t *handle, int *rows,
                  const char *statement)
{
    int (*next)(const apr_dbd_driver_t *, apr_dbd_t *, int *, const char *) =
        dlsym(RTLD_NEXT, __func__);

    asked.open = strncmp(statement, "BEGIN", 5) == 0;
    asked.commits += strcmp(statement, "COMMIT") == 0;
    return next(driver, handle, rows, statement);
}

/* The attempt, then step and session. Two statements before the secret
 * is opened, four in the transaction. */
static void a_token_is_checked_with_two_commits(void **state)
{
    struct world *world = *state;
    struct secret secret;

    enrolled(world, &alice, "phone", T0 - DAY, &secret);
    memset(&asked, 0, sizeof(asked));
    assert_int_equal(outcome_of(world, &alice, code(world, &secret, T0, 0), T0),
                     CP2FA_OUTCOME_DONE);
    assert_int_equal(asked.commits, 2);
    assert_true(asked.statements <= 6);
}

static void a_wrong_one_with_one(void **state)
{
    struct world *world = *state;
    struct secret secret;

    enrolled(world, &alice, "phone", T0 - DAY, &secret);
    memset(&asked, 0, sizeof(asked));
    assert_int_equal(outcome_of(world, &alice, wrong(world, &secret, T0), T0),
                     CP2FA_OUTCOME_INVALID);
    assert_int_equal(asked.commits, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(a_token_is_checked_with_two_commits),
        TEST_WORLD(a_wrong_one_with_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
