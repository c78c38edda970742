/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/near.h"

#include <string.h>

#include <apr_strings.h>

#include "core/token.h"
#include "gate/segment.h"

#define RECORD_MAX 160 /* mostly it is 100; a longer one is read anew */

/* One for each number, 3.7 MiB once all were used; zero when it is new. */
struct place {
    atomic_flag taken; /* for good, once its holder has died */
    uint32_t number;   /* of the version */
    char hash[CP2FA_HASH_TEXT];
    uint32_t len;
    char record[RECORD_MAX];
};

struct cp2fa_near {
    struct place places[CP2FA_VERSIONS];
};

struct cp2fa_near *cp2fa_near_create(apr_pool_t *pconf)
{
    return cp2fa_segment_create(pconf, sizeof(struct cp2fa_near));
}

/* Its place, if nobody else is at it just now; NULL: somebody is. */
static struct place *take(struct cp2fa_near *near, const char *hash)
{
    int which = cp2fa_version_of(hash);

    return which >= 0
                   && !atomic_flag_test_and_set_explicit(
                       &near->places[which].taken, memory_order_acquire)
               ? &near->places[which]
               : NULL;
}

static void leave(struct place *place)
{
    atomic_flag_clear_explicit(&place->taken, memory_order_release);
}

char *cp2fa_near_get(struct cp2fa_near *near, apr_pool_t *p, const char *hash,
                     const struct cp2fa_version *version, size_t *len)
{
    struct place *place = version->at ? take(near, hash) : NULL;
    char record[RECORD_MAX];

    *len = 0;
    if (!place) {
        return NULL;
    }
    if (place->number == version->number && place->len <= RECORD_MAX
        && memcmp(place->hash, hash, sizeof(place->hash)) == 0) {
        *len = place->len;
        memcpy(record, place->record, place->len);
    }
    leave(place);
    return *len > 0 ? apr_pmemdup(p, record, *len) : NULL;
}

void cp2fa_near_put(struct cp2fa_near *near, const char *hash,
                    const struct cp2fa_version *version, const char *record,
                    size_t len)
{
    struct place *place =
        version->at && len <= RECORD_MAX ? take(near, hash) : NULL;

    if (place) {
        place->number = version->number;
        memcpy(place->hash, hash, sizeof(place->hash));
        memcpy(place->record, record, len);
        place->len = (uint32_t)len;
        leave(place);
    }
}
