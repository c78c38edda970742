/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_SERVICE_KEYFILE_H
#define CP2FA_SERVICE_KEYFILE_H

#include <apr_pools.h>

#include "core/keyring.h"

/**
 * Reads the key file: a regular file, no link, that belongs to the user who
 * starts the server (root, as a rule) and that nobody else can read. Sets
 * *ring, or *missing if there is no such file. Returns NULL, or what is wrong
 * as a sentence from p.
 */
const char *cp2fa_keyfile_read(apr_pool_t *p, const char *path,
                               const struct cp2fa_crypto *crypto,
                               struct cp2fa_keyring **ring, int *missing);

/**
 * Reads a small file that is a secret, of the same kind and owner, into out,
 * with a NUL; the caller wipes it. what begins the sentence of what is wrong.
 */
const char *cp2fa_keyfile_slurp(apr_pool_t *p, const char *what,
                                const char *path, char *out, size_t size);

/** Makes a key file with one new key, mode 0400. Returns NULL, or what is
 * wrong. An existing file is never touched. */
const char *cp2fa_keyfile_make(apr_pool_t *p, const char *path,
                               int (*random)(uint8_t *out, size_t n));

/** A new name for a key, "k" and 8 random hex digits. Returns 0, or -1. */
int cp2fa_keyfile_new_id(int (*random)(uint8_t *out, size_t n),
                         char id[CP2FA_KEY_ID_MAX + 1]) CP2FA_USE_RESULT;

/** Waits until nobody else changes a key file in that folder. Returns what to
 * close then, or -1: it can't be opened. The end of the process lets go, too. */
int cp2fa_keyfile_hold(apr_pool_t *p, const char *path) CP2FA_USE_RESULT;

/**
 * Puts a new text in the key file's place: written whole beside it, on the
 * disk, mode 0400, then renamed, so that whoever reads meanwhile reads the one
 * or the other. Returns NULL, or what is wrong.
 */
const char *cp2fa_keyfile_replace(apr_pool_t *p, const char *path,
                                  const char *text, size_t len);

#endif
