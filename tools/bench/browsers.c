/* SPDX-License-Identifier: Apache-2.0 */
/* Sends requests that are ready made, and does nothing else.
 *
 *     browsers PORT FILE CLIENTS EACH STATUS KEEP
 *
 * FILE has CLIENTS * (EACH + 1) requests, a line with the length before each;
 * every client sends EACH + 1 that follow each other, on one connection or,
 * if KEEP is 0, on one each. Each answer must have this status. The first is
 * not counted: the server gets warm by it. Prints the others a second. */
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "crowd.h"

struct request {
    char *text;
    size_t len;
};

static struct request *requests;

static void read_file(const char *path, int count)
{
    FILE *file = fopen(path, "r");

    requests = calloc((size_t)count, sizeof(*requests));
    if (!file || !requests) {
        fail(path);
    }
    for (int i = 0; i < count; i++) {
        if (fscanf(file, "%zu", &requests[i].len) != 1 || fgetc(file) != '\n') {
            fail("reading a length");
        }
        requests[i].text = malloc(requests[i].len);
        if (!requests[i].text
            || fread(requests[i].text, 1, requests[i].len, file)
                   != requests[i].len) {
            fail("reading a request");
        }
    }
    fclose(file);
}

static int dial(const char *port)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET,
        .sin_port = htons((in_port_t)atoi(port)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
        fail("connect");
    }
    return fd;
}

/* Whether the whole answer is there: its head, and as much as that says. */
static int is_whole(const char *answer, size_t len)
{
    const char *end = strstr(answer, "\r\n\r\n");
    const char *length = strcasestr(answer, "\nContent-Length: ");

    return end && length && length < end
           && len >= (size_t)(end + 4 - answer)
                         + strtoul(length + 17, NULL, 10);
}

static void ask(int fd, const struct request *request, const char *status)
{
    char answer[65536];
    size_t len = 0;

    if (write(fd, request->text, request->len) != (ssize_t)request->len) {
        fail("write");
    }
    do {
        ssize_t n = read(fd, answer + len, sizeof(answer) - 1 - len);

        if (n <= 0) {
            fail("read");
        }
        len += (size_t)n;
        answer[len] = '\0';
    } while (!is_whole(answer, len));
    if (strncmp(answer + strlen("HTTP/1.1 "), status, 3) != 0) {
        fail(answer);
    }
}

static void work(char **argv, int number, const int gates[4])
{
    int each = atoi(argv[4]) + 1;
    int keep = atoi(argv[6]);
    int fd = dial(argv[1]);

    for (int i = 0; i < each; i++) {
        ask(fd, &requests[number * each + i], argv[5]);
        if (!keep) {
            close(fd);
        }
        if (i == 0) {
            wait_for_all(gates);
        }
        if (!keep && i + 1 < each) {
            fd = dial(argv[1]);
        }
    }
}

int main(int argc, char **argv)
{
    int clients = argc == 7 ? atoi(argv[3]) : 0;
    int each = argc == 7 ? atoi(argv[4]) : 0;

    if (clients < 1 || each < 1) {
        fail("counting clients");
    }
    read_file(argv[2], clients * (each + 1));
    printf("%.1f\n", clients * each / crowd(clients, work, argv));
    return 0;
}
