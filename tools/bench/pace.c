/* SPDX-License-Identifier: Apache-2.0 */
/* Asks at a fixed rate, on connections that it keeps, and prints how long the
 * answers took: pace PORT CONNECTIONS RATE SECONDS REQUEST-FILE.
 *
 * Each connection has its times to ask at. An answer that is late makes the
 * next ones late, which counts: a time is that from when the request was due.
 * Prints one line: answers, those that were not 200, then microseconds of the
 * median, the 99th and 99.9th percentile, and the longest.
 *
 * pace burn THREADS PERCENT SECONDS instead uses so much of so many cores, in
 * pieces of about a millisecond. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define THREADS_MAX 64
#define ANSWER_MAX  65536
#define BEGIN       200000000 /* ns from now: all threads are there by then */
#define PIECE       1000000

struct line {
    pthread_t thread;
    int port;
    int64_t first; /* when it asks first, and how long between two, in ns */
    int64_t every;
    int64_t ends;
    int percent;
    int64_t *took;
    int count;
    int bad;
};

static char request[8192];
static size_t request_len;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int64_t now(clockid_t clock)
{
    struct timespec at;

    clock_gettime(clock, &at);
    return at.tv_sec * INT64_C(1000000000) + at.tv_nsec;
}

static void wait_until(int64_t when)
{
    struct timespec at = {when / 1000000000, when % 1000000000};

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) != 0) {
    }
}

static int dial(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
        die("connect");
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return fd;
}

/* Whether the answer was 200, and -1 when the server hung up. */
static int ask(int fd, char *answer)
{
    size_t len = 0;
    size_t whole = 0;

    if (send(fd, request, request_len, MSG_NOSIGNAL) != (ssize_t)request_len) {
        return -1;
    }
    while (whole == 0 || len < whole) {
        ssize_t n = recv(fd, answer + len, ANSWER_MAX - 1 - len, 0);
        char *end;

        if (n <= 0) {
            return -1;
        }
        len += (size_t)n;
        answer[len] = '\0';
        end = strstr(answer, "\r\n\r\n");
        if (whole == 0 && end) {
            char *length = strcasestr(answer, "\nContent-Length:");

            whole = (size_t)(end + 4 - answer)
                    + (length ? strtoul(length + 16, NULL, 10) : 0);
        }
    }
    return strncmp(answer, "HTTP/1.1 200", 12) == 0;
}

static void *run(void *data)
{
    struct line *line = data;
    char *answer = malloc(ANSWER_MAX);
    int fd = dial(line->port);

    for (int64_t due = line->first; due < line->ends; due += line->every) {
        int got;

        wait_until(due);
        got = ask(fd, answer);
        if (got < 0) { /* once more: a kept connection may just have ended */
            close(fd);
            fd = dial(line->port);
            got = ask(fd, answer);
        }
        line->took[line->count++] = now(CLOCK_MONOTONIC) - due;
        line->bad += got != 1;
    }
    close(fd);
    free(answer);
    return NULL;
}

static void *burn(void *data)
{
    struct line *line = data;
    int64_t rest = PIECE * (100 - line->percent) / line->percent;

    while (now(CLOCK_MONOTONIC) < line->ends) {
        int64_t until = now(CLOCK_THREAD_CPUTIME_ID) + PIECE;

        while (now(CLOCK_THREAD_CPUTIME_ID) < until) {
        }
        wait_until(now(CLOCK_MONOTONIC) + rest);
    }
    return NULL;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void print(const struct line *line, int lines)
{
    int64_t *all = NULL;
    size_t count = 0;
    int bad = 0;

    for (int i = 0; i < lines; i++) {
        all = realloc(all, (count + (size_t)line[i].count) * sizeof(*all));
        memcpy(all + count, line[i].took,
               (size_t)line[i].count * sizeof(*all));
        count += (size_t)line[i].count;
        bad += line[i].bad;
    }
    qsort(all, count, sizeof(*all), by_size);
    printf("%zu %d %ld %ld %ld %ld\n", count, bad, (long)all[count / 2] / 1000,
           (long)all[count * 99 / 100] / 1000,
           (long)all[count * 999 / 1000] / 1000, (long)all[count - 1] / 1000);
    free(all);
}

int main(int argc, char **argv)
{
    static struct line line[THREADS_MAX];
    int burns = argc == 5 && strcmp(argv[1], "burn") == 0;
    int lines = burns || argc == 6 ? atoi(argv[2]) : 0;
    int64_t begins = now(CLOCK_MONOTONIC) + BEGIN;
    int64_t seconds = lines > 0 ? atoi(argv[4]) : 0;

    if (lines < 1 || lines > THREADS_MAX || atoi(argv[3]) < 1) {
        fprintf(stderr, "pace PORT CONNECTIONS RATE SECONDS REQUEST-FILE\n"
                        "pace burn THREADS PERCENT SECONDS\n");
        return 64;
    }
    if (!burns) {
        FILE *file = fopen(argv[5], "rb");

        request_len = file ? fread(request, 1, sizeof(request), file) : 0;
        if (request_len == 0 || fclose(file) != 0) {
            die(argv[5]);
        }
    }
    for (int i = 0; i < lines; i++) {
        line[i].port = atoi(argv[1]);
        line[i].every = INT64_C(1000000000) * lines / atoi(argv[3]);
        line[i].first = begins + line[i].every * i / lines;
        line[i].ends = begins + seconds * 1000000000;
        line[i].percent = atoi(argv[3]);
        line[i].took = calloc(
            (size_t)(seconds * atoi(argv[3]) / lines) + 2, sizeof(int64_t));
        if (pthread_create(&line[i].thread, NULL, burns ? burn : run, &line[i])
            != 0) {
            die("pthread_create");
        }
    }
    for (int i = 0; i < lines; i++) {
        pthread_join(line[i].thread, NULL);
    }
    if (!burns) {
        print(line, lines);
    }
    return 0;
}
