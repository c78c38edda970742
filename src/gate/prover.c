/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/prover.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <apr_strings.h>
#include <unixd.h>

#include "service/prepare.h"
#include "store/dialect.h"

#define ANSWER_MAX 512
#define MADE       "made"
#define READY      "ready"
#define AWAY       "away"

static int become_child_user(void)
{
    return geteuid() != 0
           || (setgid(ap_unixd_config.group_id) == 0
               && initgroups(ap_unixd_config.user_name,
                             ap_unixd_config.group_id)
                      == 0
               && setuid(ap_unixd_config.user_id) == 0);
}

static const char *prove(apr_pool_t *p, const char *driver, const char *params,
                         const struct cp2fa_service *service)
{
    struct cp2fa_service own = *service;
    struct cp2fa_store_options options = {
        .driver = driver,
        .params = params,
        .connections = 1,
        .patience = apr_time_from_sec(2),
        .limit = apr_time_from_sec(10),
        .complain = service->complain,
        .baton = service->baton,
    };
    const char *problem;
    int made = 0;

    umask(077); /* the database is for the children alone */
    if (!become_child_user()) {
        return apr_psprintf(p, "can't become user %s: %s",
                            ap_unixd_config.user_name, strerror(errno));
    }
    problem = cp2fa_store_open(p, &options, &own.store);
    if (!problem) {
        problem = cp2fa_prepare(&own, p, &made);
    }
    if (problem && made == CP2FA_PREPARE_AWAY) {
        return AWAY; /* why, it has complained */
    }
    return problem ? problem : made ? MADE : READY;
}

const char *cp2fa_prover_database(apr_pool_t *p, const char *driver,
                                  const char *params)
{
    /* a server's parameters can hold a password */
    return cp2fa_dialect_find(driver)->server
               ? driver
               : apr_psprintf(p, "%s \"%s\"", driver, params);
}

/* The child's answer, or "" if it died without one. */
static void collect(int fd, pid_t pid, char answer[ANSWER_MAX])
{
    size_t len = 0;
    ssize_t n;

    while (len < ANSWER_MAX - 1
           && ((n = read(fd, answer + len, ANSWER_MAX - 1 - len)) > 0
               || (n < 0 && errno == EINTR))) {
        len += n > 0 ? (size_t)n : 0;
    }
    answer[len] = '\0';
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
}

const char *cp2fa_prover_run(apr_pool_t *p, const char *driver,
                             const char *params,
                             const struct cp2fa_service *service, int *made)
{
    char answer[ANSWER_MAX];
    int ends[2];
    pid_t pid;

    if (pipe(ends) != 0) {
        return apr_psprintf(p, "no pipe: %s", strerror(errno));
    }
    pid = fork();
    if (pid == 0) {
        const char *said = prove(p, driver, params, service);
        ssize_t n = write(ends[1], said, strlen(said));

        _exit(n < 0);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return apr_psprintf(p, "no process: %s", strerror(errno));
    }
    collect(ends[0], pid, answer);
    close(ends[0]);
    *made = strcmp(answer, MADE) == 0;
    if (*made || strcmp(answer, READY) == 0) {
        return NULL;
    }
    if (strcmp(answer, AWAY) == 0) {
        *made = CP2FA_PREPARE_AWAY;
        return NULL;
    }
    return apr_psprintf(p, "TwoFactorDatabase %s, as user %s: %s",
                        cp2fa_prover_database(p, driver, params),
                        ap_unixd_config.user_name,
                        *answer ? answer : "the check died");
}
