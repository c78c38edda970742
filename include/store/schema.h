/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_STORE_SCHEMA_H
#define CP2FA_STORE_SCHEMA_H

#include "store/db.h"

#define CP2FA_SCHEMA_VERSION 7

enum cp2fa_schema_state {
    CP2FA_SCHEMA_READY,  /* it was there, in this version */
    CP2FA_SCHEMA_MADE,   /* the database was empty; now it is there */
    CP2FA_SCHEMA_OLDER,  /* cp2fa_schema_migrate would help; no change */
    CP2FA_SCHEMA_OTHER,  /* of a version not known here; no change */
    CP2FA_SCHEMA_AWAY,   /* no connection: nobody knows what is there */
    CP2FA_SCHEMA_FAILED, /* the database could not be asked */
};

/** Makes the tables in an empty database, in one transaction. *version is
 * what was found, 0 for none. */
enum cp2fa_schema_state cp2fa_schema_ensure(struct cp2fa_store *store,
                                            apr_pool_t *p,
                                            int64_t *version) CP2FA_USE_RESULT;

/** Looks what is there, and changes nothing. FAILED also without tables. */
enum cp2fa_schema_state cp2fa_schema_look(struct cp2fa_store *store,
                                          apr_pool_t *p,
                                          int64_t *version) CP2FA_USE_RESULT;

/**
 * Brings older tables to this version, step by step, each a transaction where
 * the database can do that; one that was cut short may be run again. *from is
 * the version that was found. READY, also if there was nothing to do.
 */
enum cp2fa_schema_state cp2fa_schema_migrate(struct cp2fa_store *store,
                                             apr_pool_t *p,
                                             int64_t *from) CP2FA_USE_RESULT;

/** Writes a copy of an sqlite database to a new file; a server has tools of
 * its own for that. OK or FAILED. */
enum cp2fa_db_result cp2fa_schema_backup(struct cp2fa_store *store,
                                         apr_pool_t *p,
                                         const char *file) CP2FA_USE_RESULT;

/**
 * Notes of the whole database, by name: the schema's version, and a canary
 * for each key that ever sealed ("canary:" and the key's id).
 */
enum cp2fa_db_result cp2fa_schema_notes(struct cp2fa_store *store,
                                        apr_pool_t *p, struct cp2fa_rows *rows)
    CP2FA_USE_RESULT;

/** Adds one: OK, NONE if there is one of that name, or FAILED. */
enum cp2fa_db_result cp2fa_schema_note(struct cp2fa_store *store, apr_pool_t *p,
                                       const char *name,
                                       const char *value) CP2FA_USE_RESULT;

/** Takes a note back: OK, NONE if there is none of that name, or FAILED. */
enum cp2fa_db_result cp2fa_schema_drop_note(struct cp2fa_store *store,
                                            apr_pool_t *p,
                                            const char *name) CP2FA_USE_RESULT;

#endif
