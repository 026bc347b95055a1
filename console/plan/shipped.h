/* Digests of the standards as shipped; tests/unit/test_plan.c holds them to the files. */
#ifndef INVIGIL_CONSOLE_PLAN_SHIPPED_H
#define INVIGIL_CONSOLE_PLAN_SHIPPED_H

__attribute__((unused)) static const char *const shipped_digests[] = {
	"02ed138e6679777d154f671b805ae3105a651068778baa7d818690012e84d84f", /* customer-contact-consultant */
	"0fe24d1b9366569adb95391098dcfef234b1e9036b57651723ccc70bfe7e1c62", /* demo */
};

#endif
