/* The controller of one room: run until told to stop. */
#ifndef INVIGIL_CONSOLE_SERVE_SERVE_H
#define INVIGIL_CONSOLE_SERVE_SERVE_H

#include "console/plan/plan.h"

struct serve_options {
	const char *plan;        /* path; NULL: the folder's own copies */
	const char *dir;
	const char *listen;      /* NULL: the plan's */
};

/** Serves in the foreground; prints the ready line on standard output, errors through say(). Returns an exit code. */
int serve_run(const struct serve_options *options);

#endif
