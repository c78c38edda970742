/* SPDX-License-Identifier: Apache-2.0 */
/* Read before every source of build/coverage/: a child that ends by _exit, as
 * the prover does, would take its counts with it. */
#ifndef CP2FA_TESTS_COUNTED_H
#define CP2FA_TESTS_COUNTED_H

#include <gcov.h>
#include <unistd.h>

#define _exit(status) (__gcov_dump(), (_exit)(status))

#endif
