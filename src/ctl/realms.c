/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/realms.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include <apr_strings.h>

struct cp2fa_place {
    struct cp2fa_place *outer; /* that it is written in; NULL: the server */
    int index;
    const char *kind; /* "<Location" */
    const char *path;
    /* what is said there itself, or NULL */
    const char *auth_name;
    const char *realm;
    const char *fold;
};

#define FIELD(name) offsetof(struct cp2fa_place, name)

static const char *own(const struct cp2fa_place *place, size_t field)
{
    return *(const char *const *)((const char *)place + field);
}

static struct cp2fa_place *add(apr_pool_t *p, struct cp2fa_settings *settings,
                               struct cp2fa_place *outer, const char *kind,
                               const char *path)
{
    struct cp2fa_place *place = apr_pcalloc(p, sizeof(*place));

    place->outer = outer;
    place->index = settings->places->nelts;
    place->kind = apr_pstrdup(p, kind);
    place->path = apr_pstrdup(p, path);
    APR_ARRAY_PUSH(settings->places, struct cp2fa_place *) = place;
    return place;
}

struct cp2fa_place *cp2fa_realms_server(apr_pool_t *p,
                                        struct cp2fa_settings *settings)
{
    return add(p, settings, NULL, "", "");
}

/* <If> holds for requests; <IfModule> and its like are read through. */
static int is_condition(const char *name)
{
    return strncasecmp(name, "If", 2) == 0 && name[2];
}

struct cp2fa_place *cp2fa_realms_enter(apr_pool_t *p,
                                       struct cp2fa_settings *settings,
                                       struct cp2fa_place *at, const char *name,
                                       const char *argument)
{
    return is_condition(name + 1) ? at : add(p, settings, at, name, argument);
}

struct cp2fa_place *cp2fa_realms_leave(struct cp2fa_place *at, const char *name)
{
    return is_condition(name + 1) || !at->outer ? at : at->outer;
}

void cp2fa_realms_set(apr_pool_t *p, struct cp2fa_place *at, const char *name,
                      const char *value)
{
    if (strcasecmp(name, "AuthName") == 0) {
        at->auth_name = apr_pstrdup(p, value);
    }
    else if (strcasecmp(name, "TwoFactorRealm") == 0) {
        at->realm = apr_pstrdup(p, value);
    }
    else if (strcasecmp(name, "TwoFactorFoldUserCase") == 0) {
        at->fold = apr_pstrdup(p, value);
    }
}

static const struct cp2fa_place *host_of(const struct cp2fa_place *place)
{
    while (place->outer && strcasecmp(place->kind, "<VirtualHost") != 0) {
        place = place->outer;
    }
    return place;
}

static int lies_in(const char *path, const char *folder)
{
    size_t len = strlen(folder);

    return folder[0] == '/' && strncmp(path, folder, len) == 0
           && (folder[len - 1] == '/' || path[len] == '/' || !path[len]);
}

/* <Location "/b"> is merged onto <Location "/">, of this host or the server's
 * own; of two for the same path the later onto the earlier. */
static int is_under(const struct cp2fa_place *place,
                    const struct cp2fa_place *wide,
                    const struct cp2fa_place *host)
{
    const struct cp2fa_place *other = host_of(wide);

    return strcasecmp(place->kind, wide->kind) == 0
           && lies_in(place->path, wide->path)
           && (strlen(wide->path) < strlen(place->path)
               || wide->index < place->index)
           && (other == host || !other->outer);
}

static const struct cp2fa_place *next_wider(
    const struct cp2fa_settings *settings, const struct cp2fa_place *place,
    const struct cp2fa_place *host)
{
    const struct cp2fa_place *best = NULL;

    for (int i = 0; i < settings->places->nelts; i++) {
        const struct cp2fa_place *wide =
            APR_ARRAY_IDX(settings->places, i, struct cp2fa_place *);

        if (wide != place && is_under(place, wide, host)
            && (!best || strlen(wide->path) >= strlen(best->path))) {
            best = wide;
        }
    }
    return best;
}

/* What holds in a place, as httpd merges sections. */
static const char *holds(const struct cp2fa_settings *settings,
                         const struct cp2fa_place *place, size_t field)
{
    for (; place; place = place->outer) {
        const struct cp2fa_place *host = host_of(place);

        for (const struct cp2fa_place *at = place; at;
             at = next_wider(settings, at, host)) {
            if (own(at, field)) {
                return own(at, field);
            }
        }
    }
    return NULL;
}

static int folds(const struct cp2fa_settings *settings,
                 const struct cp2fa_place *place)
{
    const char *fold = holds(settings, place, FIELD(fold));

    return fold && strcasecmp(fold, "on") == 0;
}

int cp2fa_realms_fold(const struct cp2fa_settings *settings, const char *realm)
{
    int found = 0;

    for (int i = 0; i < settings->places->nelts; i++) {
        const struct cp2fa_place *place =
            APR_ARRAY_IDX(settings->places, i, struct cp2fa_place *);
        const char *name = holds(settings, place, FIELD(realm));

        name = name ? name : holds(settings, place, FIELD(auth_name));
        if (name && strcmp(name, realm) == 0) {
            found = 1;
            if (folds(settings, place)) {
                return 1;
            }
        }
    }
    return !found && settings->places->nelts > 0
           && folds(settings,
                    APR_ARRAY_IDX(settings->places, 0, struct cp2fa_place *));
}
