/* SPDX-License-Identifier: Apache-2.0 */
#include "service/prepare.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <string.h>

#include <apr_strings.h>

#include "core/seal.h"
#include "store/dialect.h"
#include "store/schema.h"

#define CANARY     "canary:"
#define CANARY_LEN (sizeof(CANARY) - 1)
#define KNOWN      "known:"

static const struct cp2fa_part canary_part = {"cp2fa_meta.value canary", 23};

static const char *check_canary(const struct cp2fa_service *service,
                                apr_pool_t *p, const char *id,
                                const char *sealed)
{
    uint8_t plain[CP2FA_SEAL_PLAIN_MAX];

    if (!cp2fa_keyring_key(service->keys, id, CP2FA_PURPOSE_SEAL)) {
        return apr_psprintf(p,
                            "the database holds secrets sealed under key "
                            "\"%s\", which is not in the key file: put the "
                            "key file back that belongs to this database, or, "
                            "on a further node, copy another node's",
                            id);
    }
    if (cp2fa_seal_open(service->crypto, service->keys, sealed, &canary_part, 1,
                        plain)
        < 0) {
        return apr_psprintf(p,
                            "key \"%s\" in the key file is not the key of "
                            "that name that sealed this database's secrets: "
                            "put the right key file back",
                            id);
    }
    return NULL;
}

static int leave_canary(const struct cp2fa_service *service, apr_pool_t *p)
{
    static const uint8_t canary[] = "canary";
    uint8_t nonce[CP2FA_SEAL_NONCE_LEN];
    char sealed[CP2FA_SEAL_TEXT_MAX];
    const char *name = apr_pstrcat(
        p, CANARY, cp2fa_keyring_active(service->keys), (char *)NULL);

    if (service->random(nonce, sizeof(nonce)) != 0
        || cp2fa_seal_close(service->crypto, service->keys, nonce, &canary_part,
                            1, canary, sizeof(canary), sealed)
               != 0) {
        return -1;
    }
    return cp2fa_schema_note(service->store, p, name, sealed) == CP2FA_DB_OK
               ? 0
               : -1;
}

/* Something that only this very key gives. */
static int proof_of(const struct cp2fa_service *service, const char *id,
                    char out[2 * CP2FA_SHA256_LEN + 1])
{
    const struct cp2fa_part part = cp2fa_crypto_text("cp2fa_meta.value known");
    uint8_t mac[CP2FA_SHA256_LEN];

    if (cp2fa_crypto_mac(
            service->crypto,
            cp2fa_keyring_key(service->keys, id, CP2FA_PURPOSE_TOKEN), &part, 1,
            mac)
        != 0) {
        return -1;
    }
    cp2fa_bytes_to_hex(mac, sizeof(mac), out);
    return 0;
}

static const char *note_of(const struct cp2fa_rows *notes, const char *prefix,
                           const char *id)
{
    size_t len = strlen(prefix);

    for (int i = 0; i < notes->count; i++) {
        if (strncmp(notes->row[i][0], prefix, len) == 0
            && strcmp(notes->row[i][0] + len, id) == 0) {
            return notes->row[i][1];
        }
    }
    return NULL;
}

int cp2fa_prepare_knows(const struct cp2fa_service *service,
                        const struct cp2fa_rows *notes, const char *id,
                        int sealed)
{
    char proof[2 * CP2FA_SHA256_LEN + 1];
    const char *note = note_of(notes, sealed ? CANARY : KNOWN, id);

    return note
           && (sealed
               || (proof_of(service, id, proof) == 0
                   && strcmp(note, proof) == 0));
}

/* Whoever rotates keys sees by this that the server has read a new one. A note
 * that can't be left, or that another node left first, is no matter. */
static void note_keys(const struct cp2fa_service *service, apr_pool_t *p)
{
    struct cp2fa_rows notes;
    const char *id;

    if (cp2fa_schema_notes(service->store, p, &notes) != CP2FA_DB_OK) {
        return;
    }
    for (size_t i = 0; (id = cp2fa_keyring_id(service->keys, i)); i++) {
        char proof[2 * CP2FA_SHA256_LEN + 1];
        const char *name = apr_pstrcat(p, KNOWN, id, (char *)NULL);

        if (!note_of(&notes, KNOWN, id) && proof_of(service, id, proof) == 0
            && cp2fa_schema_note(service->store, p, name, proof)
                   != CP2FA_DB_OK) {
            return;
        }
    }
}

enum cp2fa_db_result cp2fa_prepare_forget(const struct cp2fa_service *service,
                                          apr_pool_t *p, const char *id)
{
    static const char *const prefixes[] = {KNOWN, CANARY};
    enum cp2fa_db_result result = CP2FA_DB_OK;

    for (int i = 0; i < 2 && result != CP2FA_DB_FAILED; i++) {
        result = cp2fa_schema_drop_note(
            service->store, p, apr_pstrcat(p, prefixes[i], id, (char *)NULL));
    }
    return result == CP2FA_DB_FAILED ? result : CP2FA_DB_OK;
}

/* Every canary must open. Sets *known if the active key has one. */
static const char *check_canaries(const struct cp2fa_service *service,
                                  apr_pool_t *p, int *known)
{
    const char *active = cp2fa_keyring_active(service->keys);
    const char *problem = NULL;
    struct cp2fa_rows notes;

    *known = 0;
    if (cp2fa_schema_notes(service->store, p, &notes) != CP2FA_DB_OK) {
        return "the database does not answer";
    }
    for (int i = 0; !problem && i < notes.count; i++) {
        const char *name = notes.row[i][0];

        if (strncmp(name, CANARY, CANARY_LEN) == 0) {
            problem =
                check_canary(service, p, name + CANARY_LEN, notes.row[i][1]);
            *known |= strcmp(name + CANARY_LEN, active) == 0;
        }
    }
    return problem;
}

static const char *check_keys(const struct cp2fa_service *service,
                              apr_pool_t *p)
{
    int known;
    const char *problem = check_canaries(service, p, &known);

    if (!problem && !known && leave_canary(service, p) != 0) {
        /* or another node left it while we looked */
        problem = check_canaries(service, p, &known);
        if (!problem && !known) {
            problem = "the database can be read, but not written to";
        }
    }
    if (!problem) {
        note_keys(service, p);
    }
    return problem;
}

const char *cp2fa_prepare_check(const struct cp2fa_service *service,
                                apr_pool_t *p)
{
    int known;

    return check_canaries(service, p, &known);
}

const char *cp2fa_prepare(const struct cp2fa_service *service, apr_pool_t *p,
                          int *made)
{
    int64_t version;

    *made = 0;
    switch (cp2fa_schema_ensure(service->store, p, &version)) {
    case CP2FA_SCHEMA_READY:
        break;
    case CP2FA_SCHEMA_MADE:
        *made = 1;
        break;
    case CP2FA_SCHEMA_OLDER:
        return apr_psprintf(
            p,
            "the database's tables are of version %" APR_INT64_T_FMT
            ", this module needs version %d: run cp2factl migrate",
            (apr_int64_t)version, CP2FA_SCHEMA_VERSION);
    case CP2FA_SCHEMA_OTHER:
        return apr_psprintf(
            p,
            "the database's tables are of version %" APR_INT64_T_FMT
            ", this module needs version %d",
            (apr_int64_t)version, CP2FA_SCHEMA_VERSION);
    case CP2FA_SCHEMA_AWAY:
        /* sqlite's file is here or nowhere; a server may come back */
        if (service->store && cp2fa_store_dialect(service->store)->server) {
            *made = CP2FA_PREPARE_AWAY;
        }
        return "the database can't be opened, read and written to";
    case CP2FA_SCHEMA_FAILED:
        return "the database can't be opened, read and written to";
    }
    return check_keys(service, p);
}

/* By its descriptor, not its name: whoever may write to the folder above could
 * have put a link to another there meanwhile. */
static int give(const char *folder, gid_t group)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;
    int saved;
    int rv;

    if (fd < 0) {
        return -1;
    }
    rv = fstat(fd, &st);
    if (rv == 0 && st.st_uid != geteuid()) {
        errno = EPERM; /* not the one that was made */
        rv = -1;
    }
    if (rv == 0 && (fchown(fd, 0, group) != 0 || fchmod(fd, 01770) != 0)) {
        rv = -1;
    }
    saved = errno;
    close(fd);
    errno = saved;
    return rv;
}

const char *cp2fa_prepare_folder(apr_pool_t *p, const char *file, gid_t group)
{
    const char *slash = strrchr(file, '/');
    const char *folder =
        !slash          ? "."
        : slash == file ? "/"
                        : apr_pstrmemdup(p, file, (apr_size_t)(slash - file));

    if (mkdir(folder, 0700) != 0) {
        return errno == EEXIST ? NULL
                               : apr_psprintf(p, "folder %s can't be made: %s",
                                              folder, strerror(errno));
    }
    if (group != (gid_t)-1 && give(folder, group) != 0) {
        return apr_psprintf(p,
                            "folder %s can't be given to the server's "
                            "group: %s",
                            folder, strerror(errno));
    }
    return NULL;
}
