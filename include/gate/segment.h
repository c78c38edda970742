/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_GATE_SEGMENT_H
#define CP2FA_GATE_SEGMENT_H

#include <apr_pools.h>

/** Memory of all children, of so many bytes, all zero, as long as pconf; NULL
 * if the machine has none to give. What nobody touches costs nothing. */
void *cp2fa_segment_create(apr_pool_t *pconf, apr_size_t size);

#endif
