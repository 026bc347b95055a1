/* Goal: one value has one encoding; what claims more than there is, is refused before anything is believed. Held against msgpack-c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <msgpack.h>
#include <string.h>

#include "common/pack.h"

static const int64_t numbers[] = { 0, 1, 127, 128, 255, 256, 65535, 65536, UINT32_MAX, (int64_t)UINT32_MAX + 1, INT64_MAX, -1, -32, -33, -128,
	-129, -32768, -32769, INT32_MIN, (int64_t)INT32_MIN - 1, INT64_MIN };

static void numbers_as_msgpack_writes_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		struct buf ours;
		msgpack_sbuffer theirs;
		msgpack_packer packer;
		int64_t back = 0;
		buf_init(&ours);
		msgpack_sbuffer_init(&theirs);
		msgpack_packer_init(&packer, &theirs, msgpack_sbuffer_write);
		msgpack_pack_int64(&packer, numbers[i]);
		assert_int_equal(pack_int(&ours, numbers[i]), 0);
		assert_int_equal(ours.size, theirs.size);
		assert_memory_equal(ours.at, theirs.data, ours.size);
		struct unpacker in = { buf_slice(&ours) };
		assert_int_equal(unpack_int(&in, &back), 0);
		assert_true(back == numbers[i]);
		for (size_t cut = 0; cut < ours.size; cut++) {
			struct unpacker torn = { { ours.at, cut } };
			assert_int_equal(unpack_int(&torn, &back), ERR_SHORT);
		}
		msgpack_sbuffer_destroy(&theirs);
		buf_release(&ours);
	}
}

static void refuses(const char *bytes, size_t size, int error)
{
	struct unpacker in = { { (const uint8_t *)bytes, size } };
	assert_int_equal(unpack_skip(&in), error);
	assert_int_equal(in.rest.size, size);
}

static void lies_are_refused(void **state)
{
	(void)state;
	refuses("\xdd\xff\xff\xff\xff\x00", 6, ERR_SHORT);        /* an array of 4 billion */
	refuses("\xdb\xff\xff\xff\xff\x00", 6, ERR_SHORT);
	refuses("\xcc\x05", 2, ERR_BAD);                          /* 5 in a longer form than needed */
	refuses("\xd9\x01\x41", 3, ERR_BAD);
	refuses("\xa1\xff", 2, ERR_BAD);                          /* not UTF-8 */
	refuses("\xc1", 1, ERR_BAD);
	refuses("\x81\x01\x01", 3, ERR_BAD);                      /* maps are not spoken */
	refuses("\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x01", 11, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(numbers_as_msgpack_writes_them), cmocka_unit_test(lies_are_refused) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
