/* SPDX-License-Identifier: Apache-2.0 */
#include "ways.h"

#include <string.h>
#include <sysexits.h>

#include <apr_strings.h>
#include <apr_thread_proc.h>

#include "core/bytes.h"

#define SLICE APR_TIME_C(50000) /* microseconds between two looks */

/* -i: a line with a lone dot ends nothing; the addresses are arguments of
 * their own, behind --, and no shell sees them. */
static apr_status_t begin(const struct cp2fa_transport *transport,
                          apr_pool_t *p, const struct cp2fa_parcel *parcel,
                          apr_proc_t *proc)
{
    const char *const args[] = {
        transport->target, "-i", "-f", parcel->from, "--", parcel->to, NULL};
    const char *const env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
    apr_procattr_t *attr;
    apr_status_t rv = apr_procattr_create(&attr, p);

    if (rv == APR_SUCCESS) {
        rv =
            apr_procattr_io_set(attr, APR_FULL_BLOCK, APR_NO_PIPE, APR_NO_PIPE);
    }
    if (rv == APR_SUCCESS) {
        rv = apr_procattr_cmdtype_set(attr, APR_PROGRAM);
    }
    if (rv == APR_SUCCESS) {
        rv = apr_procattr_error_check_set(attr, 1);
    }
    return rv == APR_SUCCESS
               ? apr_proc_create(proc, transport->target, args, env, attr, p)
               : rv;
}

static int stopped(const struct cp2fa_parcel *parcel)
{
    return parcel->stop && *parcel->stop;
}

/* Waits for its end, but not for ever. Returns its status, or -1. */
static int wait_for(apr_proc_t *proc, const struct cp2fa_parcel *parcel)
{
    apr_time_t deadline = apr_time_now() + apr_time_from_sec(CP2FA_WAY_SECONDS);
    apr_exit_why_e why;
    int code = -1;

    while (apr_time_now() < deadline && !stopped(parcel)) {
        if (apr_proc_wait(proc, &code, &why, APR_NOWAIT) == APR_CHILD_DONE) {
            return APR_PROC_CHECK_EXIT(why) ? code : -1;
        }
        apr_sleep(SLICE);
    }
    apr_proc_kill(proc, SIGKILL);
    apr_proc_wait(proc, &code, &why, APR_WAIT);
    return -1;
}

enum cp2fa_sent cp2fa_sendmail_send(const struct cp2fa_transport *transport,
                                    apr_pool_t *p,
                                    const struct cp2fa_parcel *parcel,
                                    char problem[CP2FA_TRANSPORT_PROBLEM])
{
    size_t len;
    char *text = cp2fa_transport_local(p, parcel, &len);
    apr_proc_t proc;
    apr_status_t rv = begin(transport, p, parcel, &proc);
    int code;

    if (rv != APR_SUCCESS) {
        apr_snprintf(problem, CP2FA_TRANSPORT_PROBLEM, "%s: %pm",
                     transport->target, &rv);
        goto done;
    }
    apr_file_pipe_timeout_set(proc.in, apr_time_from_sec(CP2FA_WAY_SECONDS));
    rv = apr_file_write_full(proc.in, text, len, NULL);
    apr_file_close(proc.in);
    code = wait_for(&proc, parcel);
    if (rv != APR_SUCCESS || code != EX_OK) {
        apr_snprintf(problem, CP2FA_TRANSPORT_PROBLEM,
                     code < 0 ? "%s was killed, or took too long"
                              : "%s ended with status %d",
                     transport->target, code);
    }
    if (rv == APR_SUCCESS && code == EX_OK) {
        cp2fa_bytes_wipe(text, len);
        return CP2FA_SENT_OK;
    }
    /* no such user, no such host, data error: the recipient's fault */
    if (code == EX_NOUSER || code == EX_NOHOST || code == EX_DATAERR) {
        cp2fa_bytes_wipe(text, len);
        return CP2FA_SENT_NEVER;
    }
done:
    cp2fa_bytes_wipe(text, len);
    return CP2FA_SENT_LATER;
}
