/* SPDX-License-Identifier: Apache-2.0 */
#include "core/support.h"

#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "service/keyfile.h"

struct desk {
    apr_pool_t *p;
    struct cp2fa_crypto *crypto;
    char folder[64];
    const char *path;
    struct cp2fa_keyring *ring;
    int missing;
};

static int with_desk(void **state)
{
    struct desk *desk = calloc(1, sizeof(*desk));

    apr_initialize();
    apr_pool_create(&desk->p, NULL);
    desk->crypto = cp2fa_crypto_new();
    strcpy(desk->folder, "/tmp/cp2fa-keyfile-XXXXXX");
    *state = desk;
    if (!mkdtemp(desk->folder)) {
        return -1;
    }
    desk->path = apr_pstrcat(desk->p, desk->folder, "/key", NULL);
    return 0;
}

static int without_desk(void **state)
{
    struct desk *desk = *state;
    int rv;

    cp2fa_keyring_free(desk->ring);
    rv = system(apr_pstrcat(desk->p, "rm -r ", desk->folder, NULL));
    cp2fa_crypto_free(desk->crypto);
    apr_pool_destroy(desk->p);
    apr_terminate();
    free(desk);
    return rv;
}

static int roll(uint8_t *out, size_t n)
{
    return getrandom(out, n, 0) == (ssize_t)n ? 0 : -1;
}

static int left; /* how many calls do not fail */

static int run_dry(uint8_t *out, size_t n)
{
    return left-- > 0 ? roll(out, n) : -1;
}

static void holds(const char *path, const char *text, mode_t mode)
{
    FILE *out;

    unlink(path);
    out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
    chmod(path, mode);
}

static const char *reads(struct desk *desk)
{
    cp2fa_keyring_free(desk->ring);
    return cp2fa_keyfile_read(desk->p, desk->path, desk->crypto, &desk->ring,
                              &desk->missing);
}

static void is_refused(struct desk *desk, const char *words)
{
    const char *problem = reads(desk);

    assert_non_null(problem);
    assert_non_null(strstr(problem, words));
    assert_non_null(strstr(problem, desk->path));
    assert_null(desk->ring);
}

/* CRY-03 */
static void one_that_was_made_is_one_key_for_its_owner_alone(void **state)
{
    struct desk *desk = *state;
    struct stat st;
    const char *problem;

    assert_null(cp2fa_keyfile_make(desk->p, desk->path, roll));
    assert_int_equal(stat(desk->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0400);
    assert_null(reads(desk));
    assert_int_equal(desk->missing, 0);
    assert_int_equal(strlen(cp2fa_keyring_active(desk->ring)), 9);
    assert_null(cp2fa_keyring_id(desk->ring, 1));
    problem = cp2fa_keyfile_make(desk->p, desk->path, roll);
    assert_non_null(strstr(problem, "File exists"));
    assert_null(reads(desk));
}

static void without_random_bytes_none_is_made(void **state)
{
    struct desk *desk = *state;

    for (int calls = 0; calls < 2; calls++) {
        left = calls;
        assert_string_equal(cp2fa_keyfile_make(desk->p, desk->path, run_dry),
                            "no random bytes for a new key");
        assert_int_equal(access(desk->path, F_OK), -1);
    }
}

/* CRY-03, F14 */
static void what_is_no_secret_or_no_key_file_is_refused(void **state)
{
    struct desk *desk = *state;
    const char *good = "k1:" KEY_A ":active\n";
    const char *aside = apr_pstrcat(desk->p, desk->folder, "/aside", NULL);

    is_refused(desk, "No such file");
    assert_int_equal(desk->missing, 1);
    for (mode_t bit = 01; bit <= 040; bit <<= 1) {
        holds(desk->path, good, 0400 | bit);
        is_refused(desk, "is open to others");
        assert_int_equal(desk->missing, 0);
    }
    holds(desk->path, "k1:short:active\n", 0400);
    is_refused(desk, ", line 1: ");
    holds(desk->path, "", 0400);
    is_refused(desk, "key file");
    holds(desk->path, apr_psprintf(desk->p, "#%*s\n", CP2FA_KEYFILE_MAX, ""),
          0400);
    is_refused(desk, "is longer than");
    unlink(desk->path);
    holds(aside, good, 0400);
    assert_int_equal(symlink(aside, desk->path), 0);
    is_refused(desk, "is a symbolic link");
    unlink(desk->path);
    mkdir(desk->path, 0700);
    is_refused(desk, "is not a regular file");
    rmdir(desk->path);
    mkfifo(desk->path, 0400);
    is_refused(desk, "is not a regular file");
    holds(desk->path, good, 0400);
    assert_null(reads(desk));
}

static void one_of_another_user_is_refused(void **state)
{
    struct desk *desk = *state;

    if (geteuid() != 0) {
        skip();
    }
    holds(desk->path, "k1:" KEY_A ":active\n", 0400);
    assert_int_equal(chown(desk->path, 65534, 65534), 0);
    is_refused(desk, "belongs to another user");
}

/* CRY-04 */
static void one_is_replaced_whole_or_not_at_all(void **state)
{
    struct desk *desk = *state;
    const char *beside = apr_pstrcat(desk->p, desk->path, ".new", NULL);
    const char *text = "k2:" KEY_B ":active\n";
    const char *problem;
    struct stat st;

    holds(desk->path, "k1:" KEY_A ":active\n", 0400);
    holds(beside, "", 0400);
    problem = cp2fa_keyfile_replace(desk->p, desk->path, text, strlen(text));
    assert_non_null(strstr(problem, "remove it if nobody rotates keys now"));
    assert_null(reads(desk));
    assert_string_equal(cp2fa_keyring_active(desk->ring), "k1");
    unlink(beside);
    assert_null(
        cp2fa_keyfile_replace(desk->p, desk->path, text, strlen(text)));
    assert_int_equal(stat(desk->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0400);
    assert_null(reads(desk));
    assert_string_equal(cp2fa_keyring_active(desk->ring), "k2");
    /* a folder is no file to be replaced */
    unlink(desk->path);
    mkdir(desk->path, 0700);
    problem = cp2fa_keyfile_replace(desk->p, desk->path, text, strlen(text));
    assert_non_null(strstr(problem, "can't be replaced"));
    assert_int_equal(access(beside, F_OK), -1);
    problem = cp2fa_keyfile_replace(desk->p, "/no/such/place", "", 0);
    assert_non_null(strstr(problem, "can't be written"));
}

static void a_secret_line_is_read_with_its_end(void **state)
{
    struct desk *desk = *state;
    char out[16];

    holds(desk->path, "user:password", 0600);
    assert_null(cp2fa_keyfile_slurp(desk->p, "file", desk->path, out,
                                    sizeof(out)));
    assert_string_equal(out, "user:password");
    holds(desk->path, "user:longer-password", 0600);
    assert_non_null(cp2fa_keyfile_slurp(desk->p, "file", desk->path, out,
                                        sizeof(out)));
    assert_string_equal(out, "");
}

#define TEST_DESK(test) \
    cmocka_unit_test_setup_teardown(test, with_desk, without_desk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_DESK(one_that_was_made_is_one_key_for_its_owner_alone),
        TEST_DESK(without_random_bytes_none_is_made),
        TEST_DESK(what_is_no_secret_or_no_key_file_is_refused),
        TEST_DESK(one_of_another_user_is_refused),
        TEST_DESK(one_is_replaced_whole_or_not_at_all),
        TEST_DESK(a_secret_line_is_read_with_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
