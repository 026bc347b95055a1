/* Goal: the shipped standard has the standard's numbers and its digest is known; plans that would let a minimum be missed are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/plan/plan.h"

static void shipped_standard(void **state)
{
	struct standard standard;
	struct complaint complaint;
	(void)state;
	assert_int_equal(standard_read("conf/standards/customer-contact-consultant.ini", &standard, &complaint), 0);
	assert_true(standard.as_shipped);
	assert_int_equal(standard.minimum_us[PART_THEORY][LEVEL_JUNIOR], 45 * US_PER_MIN);
	assert_int_equal(standard.minimum_us[PART_THEORY][LEVEL_INTERMEDIATE], 45 * US_PER_MIN);
	assert_int_equal(standard.minimum_us[PART_THEORY][LEVEL_SENIOR], 60 * US_PER_MIN);
	for (int level = 0; level < LEVEL_COUNT; level++)
		assert_int_equal(standard.minimum_us[PART_SKILL][level], 30 * US_PER_MIN);
	assert_int_equal(standard.candidates_per_invigilator, 15);
	assert_int_equal(standard.invigilators_at_least, 2);
	assert_int_equal(standard.examiners_at_least, 3);
	assert_true(standard.examiners_odd);
	assert_int_equal(standard_read("conf/standards/demo.ini", &standard, &complaint), 0);
	assert_true(standard.as_shipped && standard.demo);
}

static void with_theory(const char *lines, const char *complaint_has)
{
	char dir[] = "/tmp/invigil-test-XXXXXX", path[64];
	struct complaint complaint = { "" };
	struct plan *plan = NULL;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/roster.csv", dir);
	FILE *file = fopen(path, "w");
	fprintf(file, "ticket,name,level,seat\n1,a,junior,A1\n2,b,高级,A2\n");
	fclose(file);
	snprintf(path, sizeof path, "%s/plan.ini", dir);
	file = fopen(path, "w");
	fprintf(file, "[session]\nid=x\nstandard=customer-contact-consultant\nparts=theory\nroster=roster.csv\n[room]\nname=1\nlayout=A1 A2\n"
		"[proctors]\nw=\n[part.theory]\n%s", lines);
	fclose(file);
	int error = plan_read(path, "conf/standards", &plan, &complaint);
	if (complaint_has) {
		assert_int_equal(error, ERR_BAD);
		assert_non_null(strstr(complaint.text, complaint_has));
	} else {
		assert_int_equal(error, 0);
		assert_true(plan->rehearsal);
	}
	plan_free(plan);
	remove(path);
	snprintf(path, sizeof path, "%s/roster.csv", dir);
	remove(path);
	remove(dir);
}

static void minimum_holds(void **state)
{
	(void)state;
	with_theory("duration = 60m\n", NULL);
	with_theory("duration = 59m\n", "plan.ini:12: duration 59m is below");
	with_theory("duration = 70m\nlast_entry = 10m\n", NULL);
	with_theory("duration = 70m\nlast_entry = 10m1s\n", "plan.ini:13: last_entry");
	with_theory("duraton = 70m\n", "did you mean 'duration'");
	with_theory("duration = 70\n", "plan.ini:12: '70' is no time");
	with_theory("", "'duration' is missing");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(shipped_standard), cmocka_unit_test(minimum_holds) };
	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
