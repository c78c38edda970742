/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <qrencode.h>
#include <stdio.h>
#include <unistd.h>

#include "core/otpauth.h"
#include "core/qr.h"

#define QUIET 4
#define SIDE  (177 + 2 * QUIET) /* version 40 is the biggest code */

#define USUAL \
    "otpauth://totp/Cloud:alice%40example.org?secret=" \
    "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Cloud" \
    "&algorithm=SHA1&digits=6&period=30"

struct picture {
    int side;
    uint8_t dark[SIDE][SIDE];
};

/* Reads the drawing back: all of its grammar, so that anything else fails. */
static void rasterise(const char *svg, struct picture *picture)
{
    const char *path = strstr(svg, "stroke=\"#000\" d=\"M");
    int x, y, used, height;

    memset(picture, 0, sizeof(*picture));
    assert_int_equal(sscanf(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" "
                                 "viewBox=\"0 0 %d %d\"",
                            &picture->side, &height),
                     2);
    assert_int_equal(picture->side, height);
    assert_in_range(picture->side, 21 + 2 * QUIET, SIDE);
    assert_non_null(path);
    path += strlen("stroke=\"#000\" d=\"M");
    /* A line of width 1 through the middle of the first row */
    assert_int_equal(sscanf(path, "%d %d.5%n", &x, &y, &used), 2);
    path += used;
    while (*path == 'm') {
        int dx, dy, run;

        assert_int_equal(sscanf(path, "m%d %dh%d%n", &dx, &dy, &run, &used),
                         3);
        path += used;
        x += dx;
        y += dy;
        assert_true(run > 0 && x >= 0 && y >= 0);
        assert_true(x + run <= picture->side && y < picture->side);
        for (int i = 0; i < run; i++) {
            assert_int_equal(picture->dark[y][x], 0);
            picture->dark[y][x++] = 1;
        }
    }
    assert_string_equal(path, "\"/></svg>\n");
}

/* Says whether the picture is the code of text at some level of correction,
 * white around it. */
static int is_code_of(const struct picture *picture, const char *text)
{
    for (int level = QR_ECLEVEL_L; level <= QR_ECLEVEL_H; level++) {
        QRcode *code = QRcode_encodeString8bit(text, 0, (QRecLevel)level);
        int same = code && code->width + 2 * QUIET == picture->side;

        for (int y = 0; same && y < picture->side; y++) {
            for (int x = 0; x < picture->side; x++) {
                int column = x - QUIET;
                int row = y - QUIET;
                int inside = row >= 0 && row < code->width && column >= 0
                             && column < code->width;
                int dark = inside
                           && code->data[row * code->width + column] & 1;

                same = same && picture->dark[y][x] == dark;
            }
        }
        QRcode_free(code);
        if (same) {
            return 1;
        }
    }
    return 0;
}

static void draws(const char *text, char *svg, size_t size)
{
    static struct picture picture;
    int n = cp2fa_qr_svg(text, svg, size);

    assert_true(n > 0);
    assert_int_equal(n, strlen(svg));
    rasterise(svg, &picture);
    assert_true(is_code_of(&picture, text));
}

/* ENR-05 */
static void every_module_agrees_with_the_code_of_the_text(void **state)
{
    static const char *const texts[] = {
        "a",
        USUAL,
        "0123456789",
        "ALPHANUMERIC $%*+-./:",
        "J\304\201nis <>&\"' \360\237\224\222",
        "\377\376\001",
    };
    static char svg[CP2FA_QR_SVG_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        draws(texts[i], svg, sizeof(svg));
    }
}

static void a_usual_uri_takes_less_than_4_kb(void **state)
{
    char svg[4096];

    (void)state;
    assert_in_range(strlen(USUAL), 100, 135);
    draws(USUAL, svg, sizeof(svg));
}

static void it_is_one_svg_black_on_white_and_nothing_else(void **state)
{
    static char svg[CP2FA_QR_SVG_MAX];
    static const char *const banned[] = {
        "<script", "<image", "<style", "<!", "<?", "href", " on", "url(",
        "alice", "GEZDG", "style=",
    };
    int tags = 0;

    (void)state;
    draws(USUAL, svg, sizeof(svg));
    assert_non_null(strstr(svg, "fill=\"#fff\" d=\"M0 0h"));
    for (const char *at = svg; (at = strchr(at, '<')) != NULL; at++) {
        tags++;
    }
    /* svg, the white, the black, and the end: one path of dark modules */
    assert_int_equal(tags, 4);
    for (size_t i = 0; i < COUNT(banned); i++) {
        assert_null(strstr(svg, banned[i]));
    }
}

static void the_white_covers_the_quiet_zone_as_well(void **state)
{
    static char svg[CP2FA_QR_SVG_MAX];
    static struct picture picture;
    int width, height;

    (void)state;
    draws(USUAL, svg, sizeof(svg));
    rasterise(svg, &picture);
    assert_int_equal(sscanf(strstr(svg, "M0 0h"), "M0 0h%dv%dH0z\"/>", &width,
                            &height),
                     2);
    assert_int_equal(width, picture.side);
    assert_int_equal(height, picture.side);
}

static void a_buffer_too_small_is_refused_and_never_overrun(void **state)
{
    static char svg[CP2FA_QR_SVG_MAX];
    size_t needed;

    (void)state;
    draws("a", svg, sizeof(svg));
    needed = strlen(svg) + 1;
    for (size_t size = 0; size <= needed; size++) {
        char *out = malloc(size); /* ASan guards its end */

        assert_int_equal(cp2fa_qr_svg("a", out, size),
                         size < needed ? -1 : (int)needed - 1);
        free(out);
    }
}

static void a_text_too_long_for_a_code_is_refused(void **state)
{
    static char svg[CP2FA_QR_SVG_MAX];
    char text[2955];

    (void)state;
    memset(text, 'a', sizeof(text));
    text[sizeof(text) - 1] = '\0'; /* one more than ISO/IEC 18004 can hold */
    assert_int_equal(cp2fa_qr_svg(text, svg, sizeof(svg)), -1);
    assert_int_equal(cp2fa_qr_svg("", svg, sizeof(svg)), -1);
}

/* CP2FA_QR_SVG_MAX is for all that there can be. */
static void every_text_that_has_a_code_fits_into_the_maximum(void **state)
{
    static char svg[CP2FA_QR_SVG_MAX];
    unsigned noise = 1;

    (void)state;
    for (size_t len = 100; len <= 2331; len += 97) {
        char text[2332];

        for (size_t i = 0; i < len; i++) {
            noise = noise * 1103515245u + 12345u;
            text[i] = (char)(noise >> 16 | 1);
        }
        text[len] = '\0';
        draws(text, svg, sizeof(svg));
    }
}

/* ENR-06 reaches the picture: 255 bytes of account, all encoded */
static void the_code_of_a_long_account_is_that_of_its_uri(void **state)
{
    static char svg[CP2FA_QR_SVG_MAX];
    const struct cp2fa_totp totp = {CP2FA_TOTP_SHA1, 6, 30};
    char name[256];
    char uri[CP2FA_OTPAUTH_MAX];

    (void)state;
    memset(name, '&', 255);
    name[255] = '\0';
    assert_int_equal(cp2fa_otpauth_uri(&totp, "I", name, (uint8_t *)name, 20,
                                       uri, sizeof(uri)),
                     0);
    draws(uri, svg, sizeof(svg));
}

/* ENR-05, read by a program that knows nothing of ours */
static void zbarimg_reads_the_very_uri(void **state)
{
    static char svg[CP2FA_QR_SVG_MAX];
    static struct picture picture;
    char path[] = "/tmp/cp2fa-qr-XXXXXX";
    char command[128];
    char answer[512] = "";
    FILE *file;

    (void)state;
    if (system("command -v zbarimg >/dev/null 2>&1") != 0) {
        skip();
    }
    draws(USUAL, svg, sizeof(svg));
    rasterise(svg, &picture);
    file = fdopen(mkstemp(path), "w");
    assert_non_null(file);
    fprintf(file, "P1\n%d %d\n", picture.side * 4, picture.side * 4);
    for (int i = 0; i < picture.side * picture.side * 16; i++) {
        int y = i / (picture.side * 4) / 4;
        int x = i % (picture.side * 4) / 4;

        fprintf(file, picture.dark[y][x] ? "1\n" : "0\n");
    }
    fclose(file);
    snprintf(command, sizeof(command), "zbarimg -q --raw pbm:%s 2>/dev/null",
             path);
    file = popen(command, "r");
    assert_non_null(file);
    if (!fgets(answer, sizeof(answer), file)) {
        answer[0] = '\0';
    }
    pclose(file);
    unlink(path);
    answer[strcspn(answer, "\n")] = '\0';
    assert_string_equal(answer, USUAL);
}

/* A line of half blocks as two rows of modules. Returns the line's end. */
static const char *read_line(const char *at, uint8_t *upper, uint8_t *lower,
                             int side)
{
    static const char *const blocks[] = {" ", "\u2580", "\u2584", "\u2588"};

    assert_int_equal(strncmp(at, "\033[30;107m", 9), 0);
    at += 9;
    for (int x = 0; x < side; x++) {
        int found = 0;

        for (int i = 0; i < 4 && !found; i++) {
            if (strncmp(at, blocks[i], strlen(blocks[i])) == 0) {
                at += strlen(blocks[i]);
                upper[x] = i & 1;
                lower[x] = (i & 2) != 0;
                found = 1;
            }
        }
        assert_true(found);
    }
    assert_int_equal(strncmp(at, "\033[0m\n", 5), 0);
    return at + 5;
}

/* ENR-05 */
static void the_terminal_shows_the_modules_of_the_svg(void **state)
{
    static char svg[CP2FA_QR_SVG_MAX];
    static char blocks[CP2FA_QR_TERMINAL_MAX];
    static struct picture drawn;
    static struct picture shown;
    const char *at = blocks;
    int len;

    (void)state;
    assert_in_range(cp2fa_qr_svg(USUAL, svg, sizeof(svg)), 1, sizeof(svg));
    rasterise(svg, &drawn);
    len = cp2fa_qr_terminal(USUAL, blocks, sizeof(blocks));
    assert_int_equal(len, strlen(blocks));
    for (int y = 0; y < drawn.side; y += 2) {
        at = read_line(at, shown.dark[y], shown.dark[y + 1], drawn.side);
    }
    assert_string_equal(at, "");
    for (int y = 0; y < drawn.side; y++) {
        assert_memory_equal(shown.dark[y], drawn.dark[y], (size_t)drawn.side);
    }
    assert_int_equal(cp2fa_qr_terminal(USUAL, blocks, (size_t)len), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_module_agrees_with_the_code_of_the_text),
        cmocka_unit_test(a_usual_uri_takes_less_than_4_kb),
        cmocka_unit_test(it_is_one_svg_black_on_white_and_nothing_else),
        cmocka_unit_test(the_white_covers_the_quiet_zone_as_well),
        cmocka_unit_test(a_buffer_too_small_is_refused_and_never_overrun),
        cmocka_unit_test(a_text_too_long_for_a_code_is_refused),
        cmocka_unit_test(every_text_that_has_a_code_fits_into_the_maximum),
        cmocka_unit_test(the_code_of_a_long_account_is_that_of_its_uri),
        cmocka_unit_test(zbarimg_reads_the_very_uri),
        cmocka_unit_test(the_terminal_shows_the_modules_of_the_svg),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
