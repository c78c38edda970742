/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <apr_general.h>
#include <cmocka.h>
#include <pthread.h>

#include "core/token.h"
#include "gate/near.h"

#define THREADS 8
#define ROUNDS  20000

/* Two in one place, and one elsewhere. */
static const char hash[] = "0123456789abcdef0123456789abcdef"
                           "0123456789abcdef0123456789abcdef";
static const char same_place[] = "0123456789abcdef0123456789abcdef"
                                 "0123456789abcdef0123456789abcdee";
static const char elsewhere[] = "f123456789abcdef0123456789abcdef"
                                "0123456789abcdef0123456789abcdef";

struct fixture {
    apr_pool_t *p;
    struct cp2fa_near *near;
    _Atomic uint32_t number;
    struct cp2fa_version version;
};

static int set_up(void **state)
{
    static struct fixture f;

    apr_pool_create(&f.p, NULL);
    f.near = cp2fa_near_create(f.p);
    atomic_store(&f.number, 7);
    f.version = (struct cp2fa_version){&f.number, 7};
    *state = &f;
    return f.near ? 0 : -1;
}

static int tear_down(void **state)
{
    apr_pool_destroy(((struct fixture *)*state)->p);
    return 0;
}

/* As of now. */
static const char *got(struct fixture *f, const char *of, size_t *len)
{
    const struct cp2fa_version now = {&f->number, atomic_load(&f->number)};

    return cp2fa_near_get(f->near, f->p, of, &now, len);
}

static void gives_back_what_was_put(void **state)
{
    struct fixture *f = *state;
    const char *record;
    size_t len = 0;

    assert_null(got(f, hash, &len));
    cp2fa_near_put(f->near, hash, &f->version, "a\0b", 4);
    record = got(f, hash, &len);
    assert_int_equal(len, 4);
    assert_memory_equal(record, "a\0b", 4);
    assert_null(got(f, elsewhere, &len));
    cp2fa_near_put(f->near, hash, &f->version, "new", 4);
    assert_string_equal(got(f, hash, &len), "new");
}

/* SES-08: whatever ends a session counts its number up. */
static void forgets_what_is_of_an_older_version(void **state)
{
    struct fixture *f = *state;
    size_t len;

    cp2fa_near_put(f->near, hash, &f->version, "a", 2);
    atomic_fetch_add(&f->number, 1);
    assert_null(got(f, hash, &len));
    /* nor is it kept, if it was read before that */
    cp2fa_near_put(f->near, hash, &f->version, "a", 2);
    assert_null(got(f, hash, &len));
}

static void takes_nobody_for_another_one(void **state)
{
    struct fixture *f = *state;
    size_t len;

    cp2fa_near_put(f->near, hash, &f->version, "a", 2);
    assert_null(got(f, same_place, &len));
    cp2fa_near_put(f->near, same_place, &f->version, "b", 2);
    assert_null(got(f, hash, &len));
    assert_string_equal(got(f, same_place, &len), "b");
}

static void keeps_nothing_too_long_or_without_a_version(void **state)
{
    const struct cp2fa_version none = {NULL, 7};
    struct fixture *f = *state;
    char longer[1024];
    size_t len;

    memset(longer, 'x', sizeof(longer));
    cp2fa_near_put(f->near, hash, &f->version, longer, sizeof(longer));
    assert_null(got(f, hash, &len));
    cp2fa_near_put(f->near, hash, &none, "a", 2);
    assert_null(got(f, hash, &len));
    cp2fa_near_put(f->near, "no hash", &f->version, "a", 2);
    assert_null(got(f, "no hash", &len));
}

static void is_of_all_children(void **state)
{
    struct fixture *f = *state;
    pid_t child = fork();
    size_t len;
    int status;

    if (child == 0) {
        cp2fa_near_put(f->near, hash, &f->version, "from below", 11);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_string_equal(got(f, hash, &len), "from below");
}

struct worker {
    struct fixture *f;
    int number;
    int found;
    int torn;
};

/* Each writes one letter as often as that letter says. */
static void *write_and_read(void *data)
{
    struct worker *w = data;
    char record[64];
    apr_pool_t *p;
    size_t len;

    apr_pool_create(&p, NULL);
    memset(record, 'a' + w->number, sizeof(record));
    for (int i = 0; i < ROUNDS; i++) {
        const char *read;

        cp2fa_near_put(w->f->near, i % 2 ? hash : same_place, &w->f->version,
                       record, 8 * (size_t)(w->number + 1) - 1);
        read = cp2fa_near_get(w->f->near, p, hash, &w->f->version, &len);
        for (size_t n = 0; read && n < len; n++) {
            w->torn += read[n] != read[0];
        }
        w->torn += read && len != 8 * (size_t)(read[0] - 'a' + 1) - 1;
        w->found += read != NULL;
        apr_pool_clear(p);
    }
    apr_pool_destroy(p);
    return NULL;
}

/* F24: `make tsan` runs this, too. */
static void many_threads_find_whole_records_or_none(void **state)
{
    struct worker workers[THREADS];
    pthread_t threads[THREADS];
    int found = 0;

    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){*state, i, 0, 0};
        assert_int_equal(
            pthread_create(&threads[i], NULL, write_and_read, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(workers[i].torn, 0);
        found += workers[i].found;
    }
    assert_true(found > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gives_back_what_was_put, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(forgets_what_is_of_an_older_version,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(takes_nobody_for_another_one, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            keeps_nothing_too_long_or_without_a_version, set_up, tear_down),
        cmocka_unit_test_setup_teardown(is_of_all_children, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_threads_find_whole_records_or_none,
                                        set_up, tear_down),
    };
    int failed;

    apr_initialize();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    apr_terminate();
    return failed;
}
