/* The ncurses console: attaches to a room's controller, folds its records, draws, acts. */
#ifndef INVIGIL_CONSOLE_UI_CONSOLE_H
#define INVIGIL_CONSOLE_UI_CONSOLE_H

struct console_options {
	const char *endpoint;      /* of the controller's desk */
};

/** Runs until the person leaves. Returns an exit code. The terminal is restored on every way out. */
int console_run(const struct console_options *options);

#endif
