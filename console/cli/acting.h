/* One action sent to a room, for the commands that act. */
#ifndef INVIGIL_CONSOLE_CLI_ACTING_H
#define INVIGIL_CONSOLE_CLI_ACTING_H

#include <stddef.h>

struct acting {
	const char *dir, *as, *pin_file, *second, *second_pin_file, *reason;    /* NULL where not given */
};

/** Sends the words, prints the answer. Returns the exit code. */
int act_run(const struct acting *acting, char *const words[], size_t count);

#endif
