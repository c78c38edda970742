/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_TESTS_UNIT_SERVICE_SUPPORT_H
#define CP2FA_TESTS_UNIT_SERVICE_SUPPORT_H

/* A service with a fresh SQLite database in a folder of its own. */
#include "core/support.h"

#include <unistd.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <openssl/rand.h>

#include "service/prepare.h"
#include "service/service.h"
#include "store/accounts.h"

#define NOW (INT64_C(1800000000) * CP2FA_SECOND)

struct world {
    apr_pool_t *p;
    char folder[32];
    struct cp2fa_keyring *ring;
    struct cp2fa_service service;
    struct cp2fa_account *alice;
    struct cp2fa_who who;
    struct cp2fa_rules rules;
    char said[512]; /* the last complaint */
};

static struct world world;

static inline int random_bytes(uint8_t *out, size_t n)
{
    return RAND_bytes(out, (int)n) == 1 ? 0 : -1;
}

static inline void note(void *baton, const char *line)
{
    apr_cpystrn(((struct world *)baton)->said, line, sizeof(world.said));
}

/** Reads Alice's account again. */
static inline struct cp2fa_account *alice(void)
{
    assert_int_equal(cp2fa_accounts_find(world.service.store, world.p, "realm",
                                         "alice", &world.alice),
                     CP2FA_DB_OK);
    return world.alice;
}

static inline void set_email(const char *email)
{
    struct cp2fa_tx *tx;

    assert_int_equal(cp2fa_db_begin(world.service.store, world.p, &tx),
                     CP2FA_DB_OK);
    assert_int_equal(
        cp2fa_tx_end(tx, cp2fa_accounts_set_email(tx, alice()->id, email)),
        CP2FA_DB_OK);
    alice();
}

static inline int open_world(void **state)
{
    struct cp2fa_store_options options = {
        .driver = "sqlite3",
        .connections = 4,
        .patience = 1000000,
        .complain = note,
        .baton = &world,
    };
    int made;

    (void)state;
    memset(&world, 0, sizeof(world));
    apr_initialize();
    apr_pool_create(&world.p, NULL);
    strcpy(world.folder, "/tmp/cp2fa-unit-XXXXXX");
    assert_non_null(mkdtemp(world.folder));
    options.params =
        apr_pstrcat(world.p, world.folder, "/test.db", (char *)NULL);
    assert_null(cp2fa_store_open(world.p, &options, &world.service.store));
    world.service.crypto = cp2fa_crypto_new();
    world.ring = ring_of(world.service.crypto,
                         "k1:" KEY_A ":active\nk2:" KEY_B "\n");
    world.service.keys = world.ring;
    world.service.random = random_bytes;
    world.service.mail = 1;
    world.service.complain = note;
    world.service.baton = &world;
    assert_null(cp2fa_prepare(&world.service, world.p, &made));
    world.who = (struct cp2fa_who){.realm = "realm",
                                   .user = "alice",
                                   .address = "192.0.2.1",
                                   .agent = "Browser/1"};
    world.rules.throttle.limit = 20;
    world.rules.throttle.window = INT64_C(30) * 86400 * CP2FA_SECOND;
    assert_int_equal(cp2fa_accounts_ensure(world.service.store, world.p,
                                           "00000000000000000000000000000001",
                                           "realm", "alice", 1),
                     CP2FA_DB_OK);
    set_email("alice@example.org");
    return 0;
}

static inline int close_world(void **state)
{
    char command[64];

    (void)state;
    cp2fa_keyring_free(world.ring);
    apr_pool_destroy(world.p);
    cp2fa_crypto_free((struct cp2fa_crypto *)world.service.crypto);
    snprintf(command, sizeof(command), "rm -r %s", world.folder);
    return system(command);
}

#endif
