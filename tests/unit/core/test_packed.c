/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/packed.h"

#define SIZE 128

static const struct cp2fa_packed session = {
    .times = {0, 1, 1795555555, CP2FA_PACKED_TIME_MAX},
    .texts = {"a1", "", "J\xc4\x81nis \"x\"", "pwd otp"},
};

static void what_is_written_is_read(void **state)
{
    struct cp2fa_packed read;
    char bytes[SIZE];
    size_t len = cp2fa_packed_write(&session, bytes, SIZE);

    (void)state;
    assert_int_equal(len, 2 + 4 * 8 + 3 + 1 + 11 + 8);
    assert_int_equal(cp2fa_packed_read(bytes, len, &read), 0);
    assert_memory_equal(read.times, session.times, sizeof(read.times));
    for (size_t i = 0; i < CP2FA_PACKED_TEXTS; i++) {
        assert_string_equal(read.texts[i], session.texts[i]);
        assert_in_range(read.texts[i] - bytes, 0, len - 1);
    }
}

static void a_time_is_the_same_bytes_on_every_machine(void **state)
{
    char bytes[SIZE];

    (void)state;
    assert_true(cp2fa_packed_write(&session, bytes, SIZE) > 0);
    assert_memory_equal(bytes + 2 + 8, "\1\0\0\0\0\0\0\0", 8);
    assert_memory_equal(bytes + 2 + 16, "\xe3\x00\x06\x6b\0\0\0\0", 8);
}

static void what_does_not_fit_is_not_written(void **state)
{
    char bytes[SIZE];
    size_t len = cp2fa_packed_write(&session, bytes, SIZE);

    (void)state;
    for (size_t size = 0; size < len; size++) {
        assert_int_equal(cp2fa_packed_write(&session, bytes, size), 0);
    }
    assert_int_equal(cp2fa_packed_write(&session, bytes, len), len);
}

static void what_is_cut_or_has_more_is_not_read(void **state)
{
    struct cp2fa_packed read;
    char bytes[SIZE] = "";
    size_t len = cp2fa_packed_write(&session, bytes, SIZE - 1);

    (void)state;
    for (size_t n = 0; n < len; n++) {
        assert_int_equal(cp2fa_packed_read(bytes, n, &read), -1);
    }
    assert_int_equal(cp2fa_packed_read(bytes, len + 1, &read), -1);
}

static void another_form_or_a_time_that_is_none_is_not_read(void **state)
{
    struct cp2fa_packed read;
    char bytes[SIZE];
    size_t len = cp2fa_packed_write(&session, bytes, SIZE);

    (void)state;
    bytes[1] ^= 1;
    assert_int_equal(cp2fa_packed_read(bytes, len, &read), -1);
    bytes[1] ^= 1;
    assert_int_equal(cp2fa_packed_read(bytes, len, &read), 0);
    for (size_t i = 0; i < CP2FA_PACKED_TIMES; i++) {
        char *most = &bytes[2 + 8 * i + 7];
        char was = *most;

        *most = '\x40'; /* one more than the greatest */
        assert_int_equal(cp2fa_packed_read(bytes, len, &read), -1);
        *most = '\xff'; /* below 0 */
        assert_int_equal(cp2fa_packed_read(bytes, len, &read), -1);
        *most = was;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_time_is_the_same_bytes_on_every_machine),
        cmocka_unit_test(what_does_not_fit_is_not_written),
        cmocka_unit_test(what_is_cut_or_has_more_is_not_read),
        cmocka_unit_test(another_form_or_a_time_that_is_none_is_not_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
