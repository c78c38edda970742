/* SPDX-License-Identifier: Apache-2.0 */
/* A body that was taken means the same when its fields are encoded anew. */
#include "fuzz.h"

#include "core/form.h"
#include "core/text.h"

#define AGAIN_MAX (4 * CP2FA_FORM_MAX + 64)

static struct cp2fa_form *parsed(const void *data, size_t size)
{
    struct cp2fa_form *form = fuzz_alloc(sizeof(*form));

    memset(form, 0xa5, sizeof(*form));
    if (size > 0) {
        memcpy(form->body, data, size);
    }
    form->len = size;
    if (cp2fa_form_parse(form) != 0) {
        free(form);
        return NULL;
    }
    return form;
}

static int is_inside(const struct cp2fa_form *form, const char *text)
{
    return text >= form->body && text + strlen(text) <= form->body + form->len;
}

static void check_fields(const struct cp2fa_form *form)
{
    CHECK(form->count <= CP2FA_FORM_FIELDS);
    for (size_t i = 0; i < form->count; i++) {
        const char *name = form->fields[i].name;
        const char *value = form->fields[i].value;

        CHECK(is_inside(form, name) && is_inside(form, value));
        CHECK(cp2fa_text_is_utf8(name, strlen(name)));
        CHECK(cp2fa_text_is_utf8(value, strlen(value)));
        /* a name that came twice would find the other's value */
        CHECK(cp2fa_form_get(form, name) == value);
    }
}

static size_t encoded(const char *text, char *out)
{
    CHECK(cp2fa_form_encode(text, out, 3 * strlen(text) + 1) == 0);
    return strlen(out);
}

static void check_again(const struct cp2fa_form *form)
{
    char *text = fuzz_alloc(AGAIN_MAX);
    struct cp2fa_form *again;
    size_t n = 0;

    for (size_t i = 0; i < form->count; i++) {
        n += encoded(form->fields[i].name, text + n);
        text[n++] = '=';
        n += encoded(form->fields[i].value, text + n);
        text[n++] = '&';
    }
    if (n <= CP2FA_FORM_MAX) {
        again = parsed(text, n);
        CHECK(again && again->count == form->count);
        for (size_t i = 0; i < form->count; i++) {
            CHECK(!strcmp(again->fields[i].name, form->fields[i].name));
            CHECK(!strcmp(again->fields[i].value, form->fields[i].value));
        }
        free(again);
    }
    free(text);
}

/* Any text survives being encoded, in a buffer that just holds it. */
static void check_encode(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    char *wide = fuzz_alloc(3 * size + 1);
    size_t n = encoded(text, wide);
    char *tight = fuzz_alloc(n + 1);

    CHECK(strspn(wide, "%/-._~0123456789abcdefghijklmnopqrstuvwxyz"
                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
          == n);
    CHECK(cp2fa_form_encode(text, tight, n + 1) == 0);
    CHECK(!strcmp(tight, wide));
    tight = fuzz_realloc(tight, n); /* a byte too short */
    CHECK(cp2fa_form_encode(text, tight, n) == -1);
    if (cp2fa_form_decode(wide) == 0) {
        CHECK(cp2fa_text_is_utf8(text, strlen(text)));
        CHECK(!strcmp(wide, text));
    }
    else {
        CHECK(!cp2fa_text_is_utf8(text, strlen(text)));
    }
    free(tight);
    free(wide);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cp2fa_form *form;

    if (size > CP2FA_FORM_MAX) {
        return 0;
    }
    form = parsed(data, size);
    if (form) {
        check_fields(form);
        check_again(form);
        free(form);
    }
    check_encode(data, size);
    return 0;
}
