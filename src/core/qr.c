/* SPDX-License-Identifier: Apache-2.0 */
#include "core/qr.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <qrencode.h>

#define QUIET 4 /* modules of white around, ISO/IEC 18004 */
#define DARK  1 /* the bit of a module's byte that says black */

struct drawing {
    char *out;
    size_t size;
    size_t used;
};

__attribute__((format(printf, 2, 3))) static void draw(struct drawing *d,
                                                       const char *format, ...)
{
    va_list args;
    int n;

    if (d->used >= d->size) {
        return;
    }
    va_start(args, format);
    n = vsnprintf(d->out + d->used, d->size - d->used, format, args);
    va_end(args);
    d->used += n < 0 ? d->size : (size_t)n;
}

/* A row's dark modules as runs: move relative to the end of the last run,
 * draw to the right. */
static void draw_row(struct drawing *d, const unsigned char *row, int width,
                     int *x, int *y, int at_y)
{
    for (int i = 0; i < width;) {
        int run = 0;

        while (i + run < width && row[i + run] & DARK) {
            run++;
        }
        if (run > 0) {
            draw(d, "m%d %dh%d", i - *x, at_y - *y, run);
            *x = i + run;
            *y = at_y;
        }
        i += run > 0 ? run : 1;
    }
}

static QRcode *encode(const char *text)
{
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);

    /* the longest names fit only with less to spare for damage */
    return code ? code : QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);
}

static void forget(QRcode *code)
{
    cp2fa_bytes_wipe(code->data, (size_t)code->width * (size_t)code->width);
    QRcode_free(code);
}

int cp2fa_qr_svg(const char *text, char *out, size_t size)
{
    struct drawing d = {out, size, 0};
    QRcode *code = encode(text);
    int x = 0;
    int y = 0;

    if (!code) {
        return -1;
    }
    draw(&d,
         "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
         "shape-rendering=\"crispEdges\"><path fill=\"#fff\" "
         "d=\"M0 0h%dv%dH0z\"/><path stroke=\"#000\" d=\"M%d %d.5",
         code->width + 2 * QUIET, code->width + 2 * QUIET,
         code->width + 2 * QUIET, code->width + 2 * QUIET, QUIET, QUIET);
    for (int row = 0; row < code->width; row++) {
        draw_row(&d, code->data + row * code->width, code->width, &x, &y, row);
    }
    draw(&d, "\"/></svg>\n");
    forget(code);
    return d.used < d.size ? (int)d.used : -1;
}

static int is_dark(const QRcode *code, int x, int y)
{
    return x >= 0 && y >= 0 && x < code->width && y < code->width
           && code->data[y * code->width + x] & DARK;
}

int cp2fa_qr_terminal(const char *text, char *out, size_t size)
{
    /* upper and lower half in black, by bits */
    static const char *const blocks[] = {" ", "\u2580", "\u2584", "\u2588"};
    struct drawing d = {out, size, 0};
    QRcode *code = encode(text);

    if (!code) {
        return -1;
    }
    for (int y = -QUIET; y < code->width + QUIET; y += 2) {
        draw(&d, "\033[30;107m"); /* black on bright white */
        for (int x = -QUIET; x < code->width + QUIET; x++) {
            draw(&d, "%s",
                 blocks[is_dark(code, x, y) | is_dark(code, x, y + 1) << 1]);
        }
        draw(&d, "\033[0m\n");
    }
    forget(code);
    return d.used < d.size ? (int)d.used : -1;
}
