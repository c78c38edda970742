/* SPDX-License-Identifier: Apache-2.0 */
#include "ways.h"

#include <string.h>

#include <apr_file_io.h>
#include <apr_strings.h>

#include "core/bytes.h"

static apr_status_t write_file(apr_pool_t *p, const char *name,
                               const char *text, size_t len)
{
    apr_file_t *file;
    apr_status_t rv =
        apr_file_open(&file, name, APR_WRITE | APR_CREATE | APR_TRUNCATE,
                      APR_UREAD | APR_UWRITE, p);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = apr_file_write_full(file, text, len, NULL);
    if (rv == APR_SUCCESS) {
        rv = apr_file_sync(file);
    }
    return apr_file_close(file) == APR_SUCCESS ? rv : APR_EGENERAL;
}

/* A mail is there whole, under its last name, or not at all; sent twice, it
 * is the same file. */
enum cp2fa_sent cp2fa_folder_send(const struct cp2fa_transport *transport,
                                  apr_pool_t *p,
                                  const struct cp2fa_parcel *parcel,
                                  char problem[CP2FA_TRANSPORT_PROBLEM])
{
    size_t len;
    char *text = cp2fa_transport_local(p, parcel, &len);
    const char *name =
        apr_psprintf(p, "%s/%" APR_INT64_T_FMT "-%s.eml", transport->target,
                     (apr_int64_t)parcel->created, parcel->id);
    const char *fresh =
        apr_psprintf(p, "%s/.%s.new", transport->target, parcel->id);
    apr_status_t rv = write_file(p, fresh, text, len);

    cp2fa_bytes_wipe(text, len);
    if (rv == APR_SUCCESS) {
        rv = apr_file_rename(fresh, name, p);
    }
    if (rv != APR_SUCCESS) {
        apr_snprintf(problem, CP2FA_TRANSPORT_PROBLEM, "folder %s: %pm",
                     transport->target, &rv);
        return CP2FA_SENT_LATER;
    }
    return CP2FA_SENT_OK;
}
