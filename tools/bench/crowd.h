/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CP2FA_TOOLS_BENCH_CROWD_H
#define CP2FA_TOOLS_BENCH_CROWD_H

/* So many clients at once, a process each, that start together. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <apr_time.h>

static void fail(const char *what)
{
    fprintf(stderr, "%s failed\n", what);
    exit(1);
}

/* Called by a client that is ready: it says so, and reads until the gate is
 * shut. */
static void wait_for_all(const int gates[4])
{
    char byte = 0;

    close(gates[3]);
    if (write(gates[1], &byte, 1) != 1 || read(gates[2], &byte, 1) != 0) {
        fail("the start");
    }
}

/* The seconds that all take, from when all are ready. */
static double crowd(int clients,
                    void (*work)(char **argv, int number, const int gates[4]),
                    char **argv)
{
    int gates[4]; /* two pipes: ready, go */
    apr_time_t began;
    int failed = 0;
    int status;
    char byte;

    if (pipe(gates) || pipe(gates + 2)) {
        fail("pipe");
    }
    for (int i = 0; i < clients; i++) {
        if (fork() == 0) {
            work(argv, i, gates);
            exit(0);
        }
    }
    close(gates[1]);
    for (int i = 0; i < clients; i++) {
        failed |= read(gates[0], &byte, 1) != 1;
    }
    began = apr_time_now();
    close(gates[3]);
    while (wait(&status) > 0) {
        failed |= status != 0;
    }
    if (failed) {
        fail("a client");
    }
    return (double)(apr_time_now() - began) / APR_USEC_PER_SEC;
}

#endif
