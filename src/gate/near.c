/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/near.h"

#include <string.h>

#include <apr_strings.h>

#include "core/token.h"
#include "gate/segment.h"

#define PLACES     16384 /* a power of two; 6 MiB, if all are ever used */
#define RECORD_MAX 288   /* of long names; mostly it is 120 bytes */

struct place {
    atomic_flag taken; /* 0: it is not; for good, if who took it died */
    struct cp2fa_version version;
    char hash[CP2FA_HASH_TEXT];
    size_t len;
    char record[RECORD_MAX];
};

struct cp2fa_near {
    struct place places[PLACES];
};

struct cp2fa_near *cp2fa_near_create(apr_pool_t *pconf)
{
    return cp2fa_segment_create(pconf, sizeof(struct cp2fa_near));
}

/* Its place, if nobody else is at it just now; NULL: somebody is. */
static struct place *take(struct cp2fa_near *near, const char *hash)
{
    uint8_t first[2];
    struct place *place;

    if (cp2fa_bytes_from_hex(hash, 4, first, sizeof(first)) != 0) {
        return NULL;
    }
    place = &near->places[(first[0] | first[1] << 8) & (PLACES - 1)];
    return atomic_flag_test_and_set_explicit(&place->taken,
                                             memory_order_acquire)
               ? NULL
               : place;
}

static void leave(struct place *place)
{
    atomic_flag_clear_explicit(&place->taken, memory_order_release);
}

char *cp2fa_near_get(struct cp2fa_near *near, apr_pool_t *p, const char *hash,
                     size_t *len, struct cp2fa_version *version)
{
    struct place *place = take(near, hash);
    char *record = NULL;

    if (!place) {
        return NULL;
    }
    if (memcmp(place->hash, hash, sizeof(place->hash)) == 0
        && cp2fa_version_stands(&place->version)) {
        record = apr_pmemdup(p, place->record, place->len);
        *len = place->len;
        *version = place->version;
    }
    leave(place);
    return record;
}

void cp2fa_near_put(struct cp2fa_near *near, const char *hash,
                    const char *record, size_t len,
                    const struct cp2fa_version *version)
{
    struct place *place =
        version->at && len <= RECORD_MAX ? take(near, hash) : NULL;

    if (place) {
        place->version = *version;
        memcpy(place->hash, hash, sizeof(place->hash));
        memcpy(place->record, record, len);
        place->len = len;
        leave(place);
    }
}
