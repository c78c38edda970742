/* SPDX-License-Identifier: Apache-2.0 */
#include "service/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <apr_strings.h>

static const char *check_file(apr_pool_t *p, const char *what, const char *path,
                              int fd, size_t most)
{
    struct stat st;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        return apr_psprintf(p, "%s %s is not a regular file", what, path);
    }
    if (st.st_uid != geteuid() && st.st_uid != 0) {
        return apr_psprintf(p,
                            "%s %s belongs to another user: chown it "
                            "to the user that starts the server",
                            what, path);
    }
    if (st.st_mode & 077) {
        return apr_psprintf(p,
                            "%s %s is open to others (mode %04o): "
                            "chmod 0400 it",
                            what, path, (unsigned)(st.st_mode & 07777));
    }
    if ((size_t)st.st_size > most) {
        return apr_psprintf(p, "%s %s is longer than %d bytes", what, path,
                            (int)most);
    }
    return NULL;
}

/* As below, without a NUL. *n is its length. */
static const char *slurp(apr_pool_t *p, const char *what, const char *path,
                         char *out, size_t most, size_t *n, int *missing)
{
    const char *problem;
    ssize_t got = 0;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

    *missing = fd < 0 && errno == ENOENT;
    if (fd < 0) {
        return errno == ELOOP
                   ? apr_psprintf(p, "%s %s is a symbolic link", what, path)
                   : apr_psprintf(p, "%s %s can't be read: %s", what, path,
                                  strerror(errno));
    }
    problem = check_file(p, what, path, fd, most);
    if (!problem) {
        got = read(fd, out, most);
    }
    close(fd);
    if (got < 0) {
        problem = apr_psprintf(p, "%s %s can't be read", what, path);
    }
    *n = got > 0 ? (size_t)got : 0;
    return problem;
}

const char *cp2fa_keyfile_slurp(apr_pool_t *p, const char *what,
                                const char *path, char *out, size_t size)
{
    size_t n = 0;
    int missing;
    const char *problem = slurp(p, what, path, out, size - 1, &n, &missing);

    out[n] = '\0';
    return problem;
}

const char *cp2fa_keyfile_read(apr_pool_t *p, const char *path,
                               const struct cp2fa_crypto *crypto,
                               struct cp2fa_keyring **ring, int *missing)
{
    char text[CP2FA_KEYFILE_MAX];
    enum cp2fa_keyring_error error;
    size_t n = 0;
    unsigned line;
    const char *problem =
        slurp(p, "key file", path, text, sizeof(text), &n, missing);

    *ring = NULL;
    if (problem) {
        return problem;
    }
    error = cp2fa_keyring_parse(crypto, text, n, ring, &line);
    cp2fa_bytes_wipe(text, sizeof(text));
    if (error != CP2FA_KEYRING_OK) {
        return line ? apr_psprintf(p, "key file %s, line %u: %s", path, line,
                                   cp2fa_keyring_strerror(error))
                    : apr_psprintf(p, "key file %s: %s", path,
                                   cp2fa_keyring_strerror(error));
    }
    return NULL;
}

/* Written whole, on the disk, or not there: a half key file would seal
 * secrets that nobody can open after the next start. */
static int write_file(const char *path, const char *text, size_t len)
{
    int fd =
        open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400);
    int ok = fd >= 0 && write(fd, text, len) == (ssize_t)len && fsync(fd) == 0;
    int error = errno;

    if (fd >= 0) {
        close(fd);
        if (!ok) {
            unlink(path);
        }
    }
    errno = error;
    return ok ? 0 : -1;
}

/* A random name: another key of the same name could not be told apart. */
int cp2fa_keyfile_new_id(int (*random)(uint8_t *out, size_t n),
                         char id[CP2FA_KEY_ID_MAX + 1])
{
    uint8_t tail[4];

    if (random(tail, sizeof(tail)) != 0) {
        return -1;
    }
    id[0] = 'k';
    cp2fa_bytes_to_hex(tail, sizeof(tail), id + 1);
    return 0;
}

const char *cp2fa_keyfile_make(apr_pool_t *p, const char *path,
                               int (*random)(uint8_t *out, size_t n))
{
    uint8_t key[CP2FA_KEY_LEN];
    char id[CP2FA_KEY_ID_MAX + 1];
    char text[256];
    const char *problem = NULL;
    int len;

    if (random(key, sizeof(key)) != 0
        || cp2fa_keyfile_new_id(random, id) != 0) {
        return "no random bytes for a new key";
    }
    len = cp2fa_keyring_format(id, key, text, sizeof(text));
    if (len < 0 || write_file(path, text, (size_t)len) != 0) {
        problem = apr_psprintf(p, "key file %s can't be made: %s", path,
                               strerror(errno));
    }
    cp2fa_bytes_wipe(key, sizeof(key));
    cp2fa_bytes_wipe(text, sizeof(text));
    return problem;
}

static int open_folder(apr_pool_t *p, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *folder =
        slash ? apr_pstrmemdup(p, path, (apr_size_t)(slash - path + 1)) : ".";

    return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* The folder's, as the file itself is another one after each change. */
int cp2fa_keyfile_hold(apr_pool_t *p, const char *path)
{
    int fd = open_folder(p, path);

    if (fd >= 0 && flock(fd, LOCK_EX) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* The name in the folder is on the disk, too, before anything is sealed. */
static int sync_folder(apr_pool_t *p, const char *path)
{
    int fd = open_folder(p, path);
    int ok = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0) {
        close(fd);
    }
    return ok ? 0 : -1;
}

const char *cp2fa_keyfile_replace(apr_pool_t *p, const char *path,
                                  const char *text, size_t len)
{
    const char *beside = apr_pstrcat(p, path, ".new", (char *)NULL);

    if (write_file(beside, text, len) != 0) {
        return apr_psprintf(
            p, "%s can't be written: %s%s", beside, strerror(errno),
            errno == EEXIST ? "; remove it if nobody rotates keys now" : "");
    }
    if (rename(beside, path) != 0 || sync_folder(p, path) != 0) {
        const char *problem = apr_psprintf(
            p, "key file %s can't be replaced: %s", path, strerror(errno));

        unlink(beside);
        return problem;
    }
    return NULL;
}
