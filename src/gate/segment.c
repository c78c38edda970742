/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/segment.h"

#include <apr_shm.h>

void *cp2fa_segment_create(apr_pool_t *pconf, apr_size_t size)
{
    apr_shm_t *shm;

    /* the system's own zeros */
    return apr_shm_create(&shm, size, NULL, pconf) == APR_SUCCESS
               ? apr_shm_baseaddr_get(shm)
               : NULL;
}
