/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_TESTS_UNIT_SERVICE_FAULTY_H
#define CP2FA_TESTS_UNIT_SERVICE_FAULTY_H

/* A fault at the k-th call: of the database, by standing between the store
 * and libaprutil (a program's own apr_dbd_… come before the library's), and
 * of memory, by being libcrypto's and SQLite's allocator. Include first. */
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

#include <apr_dbd.h>
#include <openssl/crypto.h>

#define KILLED 77 /* exit status of a process that a fault ended */

enum fault_of { OF_CALLS, OF_CRYPTO, OF_SQLITE };

struct fault {
    const char *name;
    enum fault_of of;
    int after;    /* it is done, and its answer is lost */
    int for_good; /* and all later ones, too */
    int kills;    /* the process ends there and then */
};

static struct {
    struct fault how;
    int at;    /* which call from now on; 0: none */
    int calls; /* so far */
    int fired;
} fault;

static inline int strikes(enum fault_of of)
{
    if (fault.at == 0 || of != fault.how.of) {
        return 0;
    }
    fault.calls++;
    if (fault.calls < fault.at
        || (fault.calls > fault.at && !fault.how.for_good)) {
        return 0;
    }
    fault.fired = 1;
    if (fault.how.kills && !fault.how.after) {
        _exit(KILLED);
    }
    return 1;
}

/* What the caller is told of a call that was done. */
static inline int told(int struck, int rc)
{
    if (struck && fault.how.kills) {
        _exit(KILLED);
    }
    return struck ? APR_EGENERAL : rc;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define CALL(name, ...) \
    do { \
        int struck = strikes(OF_CALLS); \
        return struck && !fault.how.after \
                   ? APR_EGENERAL \
                   : told(struck, REAL(name)(__VA_ARGS__)); \
    } while (0)

apr_status_t apr_dbd_open_ex(const apr_dbd_driver_t *driver, apr_pool_t *p,
                             const char *params, apr_dbd_t **handle,
                             const char **error)
{
    int struck = strikes(OF_CALLS);

    return struck ? told(fault.how.kills, APR_EGENERAL)
                  : REAL(apr_dbd_open_ex)(driver, p, params, handle, error);
}

int apr_dbd_query(const apr_dbd_driver_t *driver, apr_dbd_t *handle,
                  int *rows, const char *statement)
{
    CALL(apr_dbd_query, driver, handle, rows, statement);
}

int apr_dbd_prepare(const apr_dbd_driver_t *driver, apr_pool_t *p,
                    apr_dbd_t *handle, const char *query, const char *label,
                    apr_dbd_prepared_t **statement)
{
    CALL(apr_dbd_prepare, driver, p, handle, query, label, statement);
}

int apr_dbd_pquery(const apr_dbd_driver_t *driver, apr_pool_t *p,
                   apr_dbd_t *handle, int *rows, apr_dbd_prepared_t *statement,
                   int nargs, const char **args)
{
    CALL(apr_dbd_pquery, driver, p, handle, rows, statement, nargs, args);
}

int apr_dbd_pselect(const apr_dbd_driver_t *driver, apr_pool_t *p,
                    apr_dbd_t *handle, apr_dbd_results_t **results,
                    apr_dbd_prepared_t *statement, int random, int nargs,
                    const char **args)
{
    CALL(apr_dbd_pselect, driver, p, handle, results, statement, random, nargs,
         args);
}

int apr_dbd_get_row(const apr_dbd_driver_t *driver, apr_pool_t *p,
                    apr_dbd_results_t *results, apr_dbd_row_t **row, int n)
{
    CALL(apr_dbd_get_row, driver, p, results, row, n);
}

int apr_dbd_transaction_start(const apr_dbd_driver_t *driver, apr_pool_t *p,
                              apr_dbd_t *handle, apr_dbd_transaction_t **trans)
{
    CALL(apr_dbd_transaction_start, driver, p, handle, trans);
}

/* A COMMIT that fails has rolled back. */
int apr_dbd_transaction_end(const apr_dbd_driver_t *driver, apr_pool_t *p,
                            apr_dbd_transaction_t *trans)
{
    int struck = strikes(OF_CALLS);

    if (struck && !fault.how.after) {
        apr_dbd_transaction_mode_set(driver, trans,
                                     APR_DBD_TRANSACTION_ROLLBACK);
    }
    return told(struck, REAL(apr_dbd_transaction_end)(driver, p, trans));
}

static inline void *crypto_malloc(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return strikes(OF_CRYPTO) ? NULL : malloc(n);
}

static inline void *crypto_realloc(void *old, size_t n, const char *file,
                                   int line)
{
    (void)file;
    (void)line;
    return strikes(OF_CRYPTO) ? NULL : realloc(old, n);
}

static inline void crypto_free(void *old, const char *file, int line)
{
    (void)file;
    (void)line;
    free(old);
}

/* As sqlite3.h has it; the library comes with apr_dbd's driver. */
struct sqlite_memory {
    void *(*allocate)(int n);
    void (*release)(void *old);
    void *(*reallocate)(void *old, int n);
    int (*size)(void *old);
    int (*round)(int n);
    int (*begin)(void *baton);
    void (*end)(void *baton);
    void *baton;
};

#define SQLITE_CONFIG_MALLOC    4
#define SQLITE_CONFIG_GETMALLOC 5

static struct sqlite_memory sqlites_own;

static inline void *sqlite_allocate(int n)
{
    return strikes(OF_SQLITE) ? NULL : sqlites_own.allocate(n);
}

static inline void *sqlite_reallocate(void *old, int n)
{
    return strikes(OF_SQLITE) ? NULL : sqlites_own.reallocate(old, n);
}

/** To be called before either library has allocated anything: 0, or -1. */
static inline int bring_faults(void)
{
    void *sqlite = dlopen("libsqlite3.so.0", RTLD_NOW);
    int (*config)(int op, ...);
    struct sqlite_memory ours;

    if (!sqlite) {
        return -1;
    }
    *(void **)&config = dlsym(sqlite, "sqlite3_config");
    if (!config || config(SQLITE_CONFIG_GETMALLOC, &sqlites_own) != 0) {
        return -1;
    }
    ours = sqlites_own;
    ours.allocate = sqlite_allocate;
    ours.reallocate = sqlite_reallocate;
    return config(SQLITE_CONFIG_MALLOC, &ours) == 0
                   && CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc,
                                               crypto_free)
                          == 1
               ? 0
               : -1;
}

#endif
