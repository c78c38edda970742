/* SPDX-License-Identifier: Apache-2.0 */
#include "service/transport.h"

#include <string.h>

#include <apr_file_info.h>
#include <apr_strings.h>
#include <apr_uri.h>

#include "curl.h"
#include "ways.h"

typedef const char *parse_fn(apr_pool_t *p, const char *url, const char *rest,
                             struct cp2fa_transport *transport);

struct cp2fa_way {
    const char *scheme; /* with what follows it */
    parse_fn *parse;
    cp2fa_way_send *send;
    apr_filetype_e needs; /* what must be there: a program, a folder */
};

/* ?credentials=/path&ca=/path */
static const char *parse_query(apr_pool_t *p, char *query,
                               struct cp2fa_transport *transport)
{
    char *last = NULL;

    for (char *field = apr_strtok(query, "&", &last); field;
         field = apr_strtok(NULL, "&", &last)) {
        char *value = strchr(field, '=');

        if (!value || value[1] != '/') {
            return "must name files by whole paths behind the ?";
        }
        *value++ = '\0';
        if (strcmp(field, "credentials") == 0) {
            transport->credentials = value;
        }
        else if (strcmp(field, "ca") == 0) {
            transport->ca = value;
        }
        else {
            return apr_psprintf(p,
                                "knows credentials= and ca=, not %s=", field);
        }
    }
    return NULL;
}

static const char *parse_smtp(apr_pool_t *p, const char *url, const char *rest,
                              struct cp2fa_transport *transport)
{
    apr_uri_t uri;

    (void)rest;
    if (apr_uri_parse(p, url, &uri) != APR_SUCCESS || !uri.hostname
        || !*uri.hostname || uri.fragment
        || (uri.path && *uri.path && strcmp(uri.path, "/") != 0)
        || strspn(uri.hostname, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqr"
                                "stuvwxyz0123456789.-_:")
               != strlen(uri.hostname)) {
        return "must be such as smtp://mail.example:587";
    }
    if (uri.user || uri.password) {
        return "must not hold a password: write user:password into a file and "
               "add ?credentials=/path/of/it";
    }
    transport->target = apr_pstrcat(
        p, uri.scheme, strchr(uri.hostname, ':') ? "://[" : "://", uri.hostname,
        strchr(uri.hostname, ':') ? "]" : "", uri.port_str ? ":" : "",
        uri.port_str ? uri.port_str : "", (char *)NULL);
    return uri.query ? parse_query(p, uri.query, transport) : NULL;
}

static const char *parse_path(apr_pool_t *p, const char *url, const char *rest,
                              struct cp2fa_transport *transport)
{
    (void)url;
    if (strncmp(rest, "///", 3) == 0) {
        rest += 2;
    }
    if (rest[0] != '/' || rest[1] == '\0' || rest[1] == '/') {
        return "must have a whole path behind the colon";
    }
    transport->target = apr_pstrdup(p, rest);
    return NULL;
}

static const struct cp2fa_way ways[] = {
    {"smtp:", parse_smtp, cp2fa_smtp_send, APR_NOFILE},
    {"smtps:", parse_smtp, cp2fa_smtp_send, APR_NOFILE},
    {"sendmail:", parse_path, cp2fa_sendmail_send, APR_REG},
    {"file:", parse_path, cp2fa_folder_send, APR_DIR},
};

const char *cp2fa_transport_parse(apr_pool_t *p, const char *url,
                                  struct cp2fa_transport **transport)
{
    struct cp2fa_transport *made = apr_pcalloc(p, sizeof(*made));

    *transport = made;
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        size_t len = strlen(ways[i].scheme);

        if (strncmp(url, ways[i].scheme, len) == 0) {
            made->way = &ways[i];
            return ways[i].parse(p, url, url + len, made);
        }
    }
    return "must be smtp://host:port, smtps://host:port, sendmail:/path or "
           "file:/folder";
}

const char *cp2fa_transport_credentials(const struct cp2fa_transport *transport)
{
    return transport->credentials;
}

int cp2fa_transport_log_in(struct cp2fa_transport *transport, apr_pool_t *p,
                           const char *line)
{
    size_t len = strcspn(line, "\r\n");
    const char *colon = memchr(line, ':', len);

    if (!colon || colon == line || colon + 1 == line + len
        || strspn(line + len, "\r\n") != strlen(line + len)) {
        return -1;
    }
    transport->user = apr_pstrmemdup(p, line, (apr_size_t)(colon - line));
    transport->password =
        apr_pstrmemdup(p, colon + 1, (apr_size_t)(line + len - colon - 1));
    return 0;
}

static const char *check_path(apr_pool_t *p, const char *path,
                              apr_filetype_e type)
{
    apr_finfo_t info;

    if (apr_stat(&info, path, APR_FINFO_TYPE, p) != APR_SUCCESS
        || info.filetype != type) {
        return apr_psprintf(p, "TwoFactorMail: there is no %s %s",
                            type == APR_DIR ? "folder" : "file", path);
    }
    return NULL;
}

const char *cp2fa_transport_check(const struct cp2fa_transport *transport,
                                  apr_pool_t *p)
{
    if (transport->way->needs != APR_NOFILE) {
        return check_path(p, transport->target, transport->way->needs);
    }
    if (!cp2fa_curl_is_there()) {
        return "TwoFactorMail smtp: needs libcurl, which can't be loaded "
               "(Debian: install libcurl4)";
    }
    return transport->ca ? check_path(p, transport->ca, APR_REG) : NULL;
}

char *cp2fa_transport_local(apr_pool_t *p, const struct cp2fa_parcel *parcel,
                            size_t *len)
{
    char *copy = apr_palloc(p, parcel->len + 1);
    size_t n = 0;

    for (size_t i = 0; i < parcel->len; i++) {
        if (parcel->data[i] != '\r') {
            copy[n++] = parcel->data[i];
        }
    }
    *len = n;
    return copy;
}

enum cp2fa_sent cp2fa_transport_send(const struct cp2fa_transport *transport,
                                     apr_pool_t *p,
                                     const struct cp2fa_parcel *parcel,
                                     char problem[CP2FA_TRANSPORT_PROBLEM])
{
    problem[0] = '\0';
    return transport->way->send(transport, p, parcel, problem);
}
