/*
 * Goal: what the spool said is durable is there after the file was cut at any byte; edges are sealed once and in order; the bound keeps
 * control events and counts what it drops.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/spool/spool.h"

static const uint8_t boot[BOOT_ID_SIZE] = { 7 };
static char dir[64];

static void fresh(void)
{
	char command[128];
	snprintf(command, sizeof command, "rm -rf %s", dir);
	assert_int_equal(system(command), 0);
}

/* Downs of all keys observations from number 1 on; numbers must rise without holes, but for gaps. */
static uint64_t read_edges(struct spool *spool, uint64_t *ret_control, uint64_t *ret_dropped)
{
	uint64_t from = spool_first(spool), edges = 0;
	struct buf out;
	buf_init(&out);
	*ret_control = *ret_dropped = 0;
	for (;;) {
		uint32_t count;
		uint64_t first;
		uint8_t of[BOOT_ID_SIZE];
		buf_clear(&out);
		assert_int_equal(spool_read(spool, from, 512, 48 * 1024, &out, &count, &first, of), 0);
		if (!count)
			break;
		struct unpacker in = { buf_slice(&out) };
		for (uint32_t i = 0; i < count; i++) {
			struct observation one;
			uint32_t n, downs;
			int64_t span;
			assert_int_equal(observation_unpack(&in, &one), 0);
			if (one.kind == OBS_KEYS) {
				edges_check(one.body.keys.edges, &n, &downs, &span);
				edges += n;
			} else if (one.kind == OBS_GAP) {
				*ret_dropped += one.body.gap.edges;
				assert_true(first + i - one.body.gap.observations < from + i || !one.body.gap.observations);
			} else {
				(*ret_control)++;
			}
		}
		from = first + count;
	}
	assert_int_equal(from, spool_next(spool));
	buf_release(&out);
	return edges;
}

static void cut_anywhere(void **state)
{
	char path[96], copy[96];
	struct spool *spool;
	struct stat stat_of;
	(void)state;
	snprintf(path, sizeof path, "%s/0000000001.seg", dir);
	snprintf(copy, sizeof copy, "%s.copy", dir);
	fresh();
	assert_int_equal(spool_open(dir, boot, SPOOL_MAX_BYTES, &spool), 0);
	for (int i = 0; i < 6; i++) {
		struct spool_edge edges[2] = { { 1000000 * (i + 1), true, CLASS_LETTER }, { 1000000 * (i + 1) + 50, false, CLASS_LETTER } };
		assert_int_equal(spool_edges(spool, 1, edges, 2), 0);
		if (i % 2)
			assert_int_equal(spool_seal(spool), 0);
	}
	assert_int_equal(spool_sync(spool), 0);
	spool_close(spool);
	assert_int_equal(stat(path, &stat_of), 0);
	char command[400];
	snprintf(command, sizeof command, "cp %s %s", path, copy);
	assert_int_equal(system(command), 0);
	uint64_t before = 0;
	for (off_t size = 0; size <= stat_of.st_size; size++) {
		uint64_t control, dropped;
		fresh();
		snprintf(command, sizeof command, "mkdir %s && cp %s %s", dir, copy, path);
		assert_int_equal(system(command), 0);
		assert_int_equal(truncate(path, size), 0);
		assert_int_equal(spool_open(dir, boot, SPOOL_MAX_BYTES, &spool), 0);
		uint64_t edges = read_edges(spool, &control, &dropped);
		assert_true(edges >= before && edges % 2 == 0);   /* never fewer with more bytes, never half a read */
		before = edges;
		spool_close(spool);
	}
	assert_int_equal(before, 12);
	remove(copy);
	fresh();
}

static void bound_keeps_control(void **state)
{
	struct spool *spool;
	uint64_t control, dropped, typed = 0;
	(void)state;
	fresh();
	assert_int_equal(spool_open(dir, boot, 1 << 20, &spool), 0);
	for (int64_t s = 0; s < 20000; s++) {
		struct spool_edge edges[20];
		for (int i = 0; i < 20; i++)
			edges[i] = (struct spool_edge){ s * 1000000 + i * 40000, i % 2 == 0, CLASS_LETTER };
		assert_int_equal(spool_edges(spool, 1, edges, 20), 0);
		typed += 20;
		assert_int_equal(spool_seal(spool), 0);
		if (s % 1000 == 0) {
			struct observation hand_in = { .kind = OBS_HAND_IN, .at_us = s * 1000000 };
			assert_int_equal(spool_add(spool, &hand_in), 0);
		}
	}
	assert_int_equal(spool_sync(spool), 0);
	uint64_t edges = read_edges(spool, &control, &dropped);
	assert_int_equal(control, 20);
	assert_true(dropped > 0);
	assert_int_equal(edges + dropped, typed);
	spool_close(spool);
	fresh();
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(cut_anywhere), cmocka_unit_test(bound_keeps_control) };
	snprintf(dir, sizeof dir, "/tmp/invigil-spool-%d", (int)getpid());
	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
