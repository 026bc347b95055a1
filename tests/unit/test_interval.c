/* Goal: time that two causes take away is counted once, whatever the order. Held against a plain array of seconds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "console/room/interval.h"

#define SECONDS 200

static void random_sets_agree(void **state)
{
	(void)state;
	srand(1);
	for (int round = 0; round < 500; round++) {
		struct intervals set = { 0 };
		char plain[SECONDS] = { 0 };
		for (int step = 0; step < 20; step++) {
			int from = rand() % SECONDS, to = from + rand() % 30, add = rand() % 3;
			if (to > SECONDS)
				to = SECONDS;
			assert_int_equal(add ? intervals_add(&set, from, to) : intervals_remove(&set, from, to), 0);
			for (int s = from; s < to; s++)
				plain[s] = add != 0;
		}
		int a = rand() % SECONDS, b = a + rand() % (SECONDS - a), sum = 0, outside = 0, want = rand() % 20, t = a;
		for (int s = a; s < b; s++)
			sum += plain[s];
		assert_int_equal(intervals_within(&set, a, b), sum);
		for (; outside < want && t < SECONDS; t++)
			outside += !plain[t];
		if (outside == want)
			assert_int_equal(intervals_point(&set, a, want), want ? t : a);
		for (size_t i = 1; i < set.count; i++)
			assert_true(set.at[i - 1].to < set.at[i].from);
		intervals_release(&set);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(random_sets_agree) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
