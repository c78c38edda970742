/* SPDX-License-Identifier: Apache-2.0 */
#include "curl.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIBRARY "libcurl.so.4" /* whose interface does not change */

#define SYMBOL(name)                                                           \
    {                                                                          \
        "curl_" #name, offsetof(struct cp2fa_curl, name)                       \
    }

static const struct {
    const char *name;
    size_t at;
} symbols[] = {
    SYMBOL(easy_init),    SYMBOL(easy_setopt),    SYMBOL(easy_perform),
    SYMBOL(easy_getinfo), SYMBOL(easy_strerror),  SYMBOL(easy_cleanup),
    SYMBOL(slist_append), SYMBOL(slist_free_all),
};

const char *cp2fa_curl_load(struct cp2fa_curl *curl)
{
    /* who sends next loads it again, which only counts */
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

    if (!library) {
        return dlerror();
    }
    for (size_t i = 0; i < sizeof(symbols) / sizeof(*symbols); i++) {
        void *symbol = dlsym(library, symbols[i].name);

        if (!symbol) {
            return dlerror();
        }
        /* POSIX: an object's address may be that of a function */
        *(void **)((char *)curl + symbols[i].at) = symbol;
    }
    return NULL;
}

int cp2fa_curl_is_there(void)
{
    struct cp2fa_curl curl;
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        _exit(cp2fa_curl_load(&curl) ? 1 : 0);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    /* a process that can't be had says nothing of libcurl */
    return !WIFEXITED(status) || WEXITSTATUS(status) == 0;
}
