/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for libFuzzer: gives a target every file of its corpus, and what
 * is near it. A failed check or a sanitizer ends the program; the last lines
 * of its output then say what it was given. */
#include "fuzz.h"

#include <dirent.h>
#include <sys/stat.h>

#define SEED_MAX 65536

static void run(const uint8_t *data, size_t size)
{
    /* of its own, so that ASan sees a read behind it */
    uint8_t *copy = fuzz_alloc(size);

    if (size > 0) {
        memcpy(copy, data, size);
    }
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void run_seed(uint8_t *data, size_t size)
{
    run(data, size);
}

/* Cut short at every place, and with a bit of every byte changed: which one
 * goes round with the place. */
static void run_neighbours(uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint8_t was = data[i];

        run(data, i);
        data[i] = (uint8_t)(was ^ 1u << i % 8);
        run(data, size);
        data[i] = was;
    }
}

static void with_file(const char *path, void (*call)(uint8_t *, size_t))
{
    uint8_t *data = fuzz_alloc(SEED_MAX);
    FILE *file = fopen(path, "rb");
    size_t size;

    printf("# %s\n", path);
    fflush(stdout);
    CHECK(file);
    size = fread(data, 1, SEED_MAX, file);
    CHECK(!ferror(file));
    fclose(file);
    call(data, size);
    free(data);
}

/* A file, or every file of a folder. Returns how many. */
static unsigned with_each(const char *path, void (*call)(uint8_t *, size_t))
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    char name[4096];
    unsigned count = 0;

    if (!folder) {
        with_file(path, call);
        return 1;
    }
    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] != '.') {
            snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
            with_file(name, call);
            count++;
        }
    }
    closedir(folder);
    return count;
}

/* Without arguments: the corpus of the program's name. */
int main(int argc, char **argv)
{
    const char *name = strstr(argv[0], "fuzz_");
    char path[256];
    unsigned count;

    CHECK(name || argc > 1);
    snprintf(path, sizeof(path), "%s%s", argc > 1 ? "" : "tests/fuzz/corpus/",
             argc > 1 ? argv[1] : name + strlen("fuzz_"));
    run((const uint8_t *)"", 0);
    count = with_each(path, run_seed);
    CHECK(count > 0);
    printf("ok 1 - %u seeds\n", count);
    with_each(path, run_neighbours);
    printf("ok 2 - their neighbours\n1..2\n");
    return 0;
}
