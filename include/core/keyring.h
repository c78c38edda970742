/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_CORE_KEYRING_H
#define CP2FA_CORE_KEYRING_H

#include <stddef.h>
#include <stdint.h>

#include "core/crypto.h"

#define CP2FA_KEY_LEN     32
#define CP2FA_KEY_ID_MAX  16 /* characters, of A-Z a-z 0-9 _ - */
#define CP2FA_KEYS_MAX    16
#define CP2FA_KEYFILE_MAX 4096 /* bytes */

/** One derived key for each thing that is protected (HKDF, RFC 5869). */
enum cp2fa_purpose {
    CP2FA_PURPOSE_SEAL,    /* secrets in the database */
    CP2FA_PURPOSE_CSRF,    /* the forms' hidden field */
    CP2FA_PURPOSE_TOKEN,   /* mail tokens and recovery codes */
    CP2FA_PURPOSE_SESSION, /* what is bound to a session */
};

#define CP2FA_PURPOSES 4

struct cp2fa_keyring;

enum cp2fa_keyring_error {
    CP2FA_KEYRING_OK,
    CP2FA_KEYRING_EMPTY,
    CP2FA_KEYRING_SYNTAX,
    CP2FA_KEYRING_BAD_ID,
    CP2FA_KEYRING_BAD_KEY,
    CP2FA_KEYRING_DUPLICATE_ID,
    CP2FA_KEYRING_TOO_MANY,
    CP2FA_KEYRING_NO_ACTIVE,
    CP2FA_KEYRING_TWO_ACTIVE,
    CP2FA_KEYRING_CRYPTO,
};

/** What is wrong, as the end of a sentence an admin reads. */
const char *cp2fa_keyring_strerror(enum cp2fa_keyring_error error);

/**
 * Reads a key file's text: a line "id:base64(32 bytes)" a key, ":active"
 * behind the one that seals; empty lines and lines from # on are skipped.
 * One key alone needs no mark. On success *ring is the caller's, to be freed
 * with cp2fa_keyring_free; otherwise *line is the line at fault, or 0.
 */
enum cp2fa_keyring_error cp2fa_keyring_parse(const struct cp2fa_crypto *crypto,
                                             const char *text, size_t len,
                                             struct cp2fa_keyring **ring,
                                             unsigned *line) CP2FA_USE_RESULT;

/** Wipes and frees a ring; NULL is fine. */
void cp2fa_keyring_free(struct cp2fa_keyring *ring);

/** The id of the key that seals. */
const char *cp2fa_keyring_active(const struct cp2fa_keyring *ring);

/** The id of the i-th key in the file's order, or NULL past the last. */
const char *cp2fa_keyring_id(const struct cp2fa_keyring *ring, size_t i);

/** A derived key of 32 bytes, or NULL if the ring has no such id. */
const uint8_t *cp2fa_keyring_key(const struct cp2fa_keyring *ring,
                                 const char *id, enum cp2fa_purpose purpose);

/**
 * Writes a key file's text with one key, made of 32 random bytes, which the
 * caller supplies and wipes. Returns its length, or -1 if size is too small.
 */
int cp2fa_keyring_format(const char *id, const uint8_t key[CP2FA_KEY_LEN],
                         char *out, size_t size) CP2FA_USE_RESULT;

/**
 * Writes a key file's text anew: active is the id of the key that seals now,
 * alone; the line of drop (NULL: none) is left out; add (NULL: none) is a new
 * key of 32 bytes at the end, by the id add_id. The rest stays as it is.
 * Returns the length, or -1 if size is too small or an id is not there.
 */
int cp2fa_keyring_rewrite(const char *text, size_t len, const char *active,
                          const char *drop, const char *add_id,
                          const uint8_t *add, char *out,
                          size_t size) CP2FA_USE_RESULT;

#endif
