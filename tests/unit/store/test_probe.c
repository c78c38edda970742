#include "store/fixture.h"
#include "store/accounts.h"
#include <apr_time.h>
static void hold(void **state)
{
    struct place *place = *state;
    apr_time_t t; struct cp2fa_tx *tx; int r;
    const char *args[] = {"x","y"};
    assert_int_equal(cp2fa_accounts_ensure(place->store, place->p, "a", "r", "n", 1), CP2FA_DB_OK);
    hand(place, "BEGIN IMMEDIATE");
    t = apr_time_now();
    r = cp2fa_db_run(place->store, place->p, CP2FA_SQL_META_ADD, args);
    printf("run %d %f %s\n", r, (apr_time_now()-t)/1e6, place->said);
    t = apr_time_now();
    r = cp2fa_db_begin(place->store, place->p, &tx);
    printf("begin %d %f %s\n", r, (apr_time_now()-t)/1e6, place->said);
    hand(place, "COMMIT");
    t = apr_time_now();
    r = cp2fa_db_run(place->store, place->p, CP2FA_SQL_META_ADD, args);
    printf("run %d %f %s\n", r, (apr_time_now()-t)/1e6, place->said);
    t = apr_time_now();
    for (int i = 0; i < 1000; i++) { char b[9]; snprintf(b, 9, "%d", i); args[0]=b;
    r = cp2fa_db_run(place->store, place->p, CP2FA_SQL_META_ADD, args);}
    printf("1000 runs %d %f %s\n", r, (apr_time_now()-t)/1e6, place->said);
}
int main(void){ const struct CMUnitTest t[]={TEST_TABLES(hold)}; return cmocka_run_group_tests(t,NULL,NULL);}
