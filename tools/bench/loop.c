/* SPDX-License-Identifier: Apache-2.0 */
/* The statements of log-ins and nothing else: what the database costs.
 *
 *     loop DRIVER PARAMS REALM CLIENTS EACH
 *
 * Each client is a process with a connection, and logs in EACH + 1 of the
 * accounts person0, person1 … in turn. The first is not counted: it prepares
 * the statements. Prints the log-ins a second of all. */
#include "crowd.h"

#include "statements.h"

static void work(char **argv, int number, const int gates[4])
{
    int each = atoi(argv[5]) + 1;
    struct client c = {0};

    apr_initialize();
    open_database(&c, argv[1], argv[2]);
    for (int i = 0; i < each; i++) {
        log_in(&c, argv[3], number * each + i);
        apr_pool_clear(c.p);
        if (i == 0) {
            wait_for_all(gates);
        }
    }
}

int main(int argc, char **argv)
{
    int clients = argc == 6 ? atoi(argv[4]) : 0;
    int each = argc == 6 ? atoi(argv[5]) : 0;

    if (clients < 1 || each < 1) {
        fail("counting clients");
    }
    printf("%.1f\n", clients * each / crowd(clients, work, argv));
    return 0;
}
