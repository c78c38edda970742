/* SPDX-License-Identifier: Apache-2.0 */
#include "pages/json.h"

#include <stdlib.h>

#include <apr_strings.h>
#include <http_protocol.h>
#include <jansson.h>

#include "core/bytes.h"

enum kind {
    TEXT,
    PLAIN, /* text whose blanks are for people's eyes */
    NUMBER,
    FLAG,
    TIME,
    WORDS, /* an array, from blank to blank */
    LINES, /* an array, from line to line */
};

struct member {
    const char *variable;
    const char *name;
    enum kind kind;
};

/* Every variable of the pages, and what it is called here. */
static const struct member members[] = {
    {"CP2FA_PATH", "path", TEXT},
    {"CP2FA_USER", "user", TEXT},
    {"CP2FA_REALM", "realm", TEXT},
    {"CP2FA_ISSUER", "issuer", TEXT},
    {"CP2FA_MODE", "mode", TEXT},
    {"CP2FA_CSRF", "csrf", TEXT},
    {"CP2FA_NOTICE", "notice", TEXT},
    {"CP2FA_RETURN", "return", TEXT},
    {"CP2FA_STEP_UP", "step_up", FLAG},
    {"CP2FA_REMEMBER_DAYS", "remember_days", NUMBER},
    {"CP2FA_REMEMBER_HOURS", "remember_hours", NUMBER},
    {"CP2FA_DIGITS", "digits", NUMBER},
    {"CP2FA_SKEW_MINUTES", "skew_minutes", NUMBER},
    {"CP2FA_PENDING", "pending", FLAG},
    {"CP2FA_PENDING_ID", "pending_id", TEXT},
    {"CP2FA_SECRET_GROUPED", "secret", PLAIN},
    {"CP2FA_OTPAUTH", "otpauth", TEXT},
    {"CP2FA_ENABLED", "enabled", FLAG},
    {"CP2FA_CODES", "codes", LINES},
    {"CP2FA_CODES_LEFT", "codes_left", NUMBER},
    {"CP2FA_CODES_FEW", "codes_few", FLAG},
    {"CP2FA_APP_TOKEN", "app_token", TEXT},
    {"CP2FA_APP_NAME", "app_name", TEXT},
    {"CP2FA_APP_PATH", "app_path", TEXT},
    {"CP2FA_APP_EXPIRES", "app_expires", TIME},
    {"CP2FA_SESSION", "session", FLAG},
    {"CP2FA_AMR", "amr", WORDS},
    {"CP2FA_SESSION_ENDS", "session_ends", TIME},
    {"CP2FA_SESSIONS_MORE", "sessions_more", NUMBER},
    {"CP2FA_LOGIN_PAGE", "login_page", FLAG},
    {"CP2FA_TYPED_NAME", "typed_name", TEXT},
    {"CP2FA_BYPASS", "bypass", FLAG},
    {"CP2FA_SENT", "sent", FLAG},
    {"CP2FA_MAIL", "mail", FLAG},
    {"CP2FA_EMAIL", "email", TEXT},
    {"CP2FA_EMAIL_FIXED", "email_fixed", FLAG},
    {"CP2FA_EMAIL_PENDING", "email_pending", FLAG},
    {"CP2FA_EMAIL_NEW", "email_new", TEXT},
    {"CP2FA_EMAIL_CHANGED", "email_changed", FLAG},
};

static const struct member device[] = {
    {"ID", "id", TEXT},
    {"NAME", "name", TEXT},
    {"CREATED", "created", TIME},
    {"LAST_USED", "last_used", TIME},
};

static const struct member session[] = {
    {"ID", "id", TEXT},           {"AMR", "amr", WORDS},
    {"ADDRESS", "address", TEXT}, {"AGENT", "agent", TEXT},
    {"BROWSER", "browser", TEXT}, {"SYSTEM", "system", TEXT},
    {"BEGAN", "began", TIME},     {"SEEN", "seen", TIME},
    {"ENDS", "ends", TIME},       {"CURRENT", "current", FLAG},
};

static const struct member program[] = {
    {"ID", "id", TEXT},           {"NAME", "name", TEXT},
    {"PATH", "path", TEXT},       {"CREATED", "created", TIME},
    {"EXPIRES", "expires", TIME}, {"EXPIRED", "expired", FLAG},
    {"ADDRESS", "address", TEXT}, {"LAST_USED", "last_used", TIME},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Numbered variables: the one of how many, and the array it is in. */
static const struct {
    const char *count;
    const char *prefix;
    const char *name;
    const struct member *members;
    size_t size;
} lists[] = {
    {"CP2FA_DEVICES", "CP2FA_DEVICE", "devices", device, COUNT(device)},
    {"CP2FA_PROGRAMS", "CP2FA_PROGRAM", "app_tokens", program, COUNT(program)},
    {"CP2FA_SESSIONS", "CP2FA_SESSION", "sessions", session, COUNT(session)},
};

static json_t *split(const char *value, char at)
{
    json_t *array = json_array();

    while (*value) {
        const char *end = strchr(value, at);
        size_t len = end ? (size_t)(end - value) : strlen(value);

        json_array_append_new(array, json_stringn(value, len));
        value += len + (end != NULL);
    }
    return array;
}

static json_t *without_blanks(const char *value)
{
    size_t len = strlen(value);
    char *plain = malloc(len + 1);
    size_t n = 0;
    json_t *made;

    if (!plain) {
        return NULL;
    }
    for (size_t i = 0; i < len; i++) {
        if (value[i] != ' ') {
            plain[n++] = value[i];
        }
    }
    made = json_stringn(plain, n);
    cp2fa_bytes_wipe(plain, len + 1);
    free(plain);
    return made;
}

/* "2026-11-24 06:45 UTC" as ISO 8601 has it; nothing is null. */
static json_t *iso_time(request_rec *r, const char *value)
{
    char *text = apr_pstrdup(r->pool, value);
    char *zone = strstr(text, " UTC");

    if (!zone) {
        return json_null();
    }
    memcpy(zone, "Z", 2);
    text[strcspn(text, " ")] = 'T';
    return json_string(text);
}

static json_t *value_of(request_rec *r, enum kind kind, const char *value)
{
    switch (kind) {
    case TEXT:
        return json_string(value);
    case PLAIN:
        return without_blanks(value);
    case NUMBER:
        return json_integer(apr_atoi64(value));
    case FLAG:
        return json_boolean(strcmp(value, "1") == 0);
    case TIME:
        return iso_time(r, value);
    case WORDS:
        return split(value, ' ');
    case LINES:
        return split(value, '\n');
    }
    return NULL;
}

/* prefix is put before each variable's name. Returns how many there were. */
static size_t add(request_rec *r, json_t *object, const char *prefix,
                  const struct member *from, size_t count)
{
    size_t added = 0;

    for (size_t i = 0; i < count; i++) {
        const char *value = apr_table_get(
            r->subprocess_env,
            apr_pstrcat(r->pool, prefix, from[i].variable, (char *)NULL));

        if (value) {
            json_object_set_new(object, from[i].name,
                                value_of(r, from[i].kind, value));
            added++;
        }
    }
    return added;
}

static void add_list(request_rec *r, json_t *object, size_t at)
{
    json_t *array = json_array();

    for (int i = 1;; i++) {
        json_t *item = json_object();
        const char *prefix =
            apr_psprintf(r->pool, "%s_%d_", lists[at].prefix, i);

        if (add(r, item, prefix, lists[at].members, lists[at].size) == 0) {
            json_decref(item);
            break;
        }
        json_array_append_new(array, item);
    }
    json_object_set_new(object, lists[at].name, array);
}

/* Some of it is secret, and it is not in the request's pool. */
static void wipe(json_t *value)
{
    const char *name;
    json_t *item;
    size_t i;

    if (json_is_string(value)) {
        cp2fa_bytes_wipe((void *)json_string_value(value),
                         json_string_length(value));
    }
    json_array_foreach(value, i, item)
    {
        wipe(item);
    }
    json_object_foreach(value, name, item)
    {
        wipe(item);
    }
}

static int answer(request_rec *r, json_t *object, const char *type)
{
    char *text = json_dumps(object, JSON_COMPACT);
    size_t len = text ? strlen(text) : 0;

    wipe(object);
    json_decref(object);
    if (!text) {
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    /* the page's file had these; this is not the page's file */
    r->content_languages = NULL;
    apr_table_unset(r->headers_out, "Content-Location");
    apr_table_unset(r->err_headers_out, "Content-Location");
    ap_set_content_type(r, type);
    ap_rwrite(text, (int)len, r);
    ap_rputs("\n", r);
    cp2fa_bytes_wipe(text, len);
    free(text);
    return OK;
}

static int send_problem(request_rec *r, const char *code)
{
    int status = r->prev ? r->prev->status : HTTP_INTERNAL_SERVER_ERROR;
    const char *line = ap_get_status_line(status);

    return answer(r,
                  json_pack("{s:s, s:s, s:i, s:s}", "type", "about:blank",
                            "title", line + strspn(line, "0123456789 "),
                            "status", status, "code", code),
                  "application/problem+json");
}

int cp2fa_json_send(request_rec *r)
{
    const char *error = apr_table_get(r->subprocess_env, "CP2FA_ERROR");
    json_t *object;

    if (error) {
        return send_problem(r, error);
    }
    object = json_object();
    add(r, object, "", members, COUNT(members));
    for (size_t i = 0; i < COUNT(lists); i++) {
        if (apr_table_get(r->subprocess_env, lists[i].count)) {
            add_list(r, object, i);
        }
    }
    return answer(r, object, "application/json");
}
