/* The commands of invigil: one file each, one entry in the table. Usage and help are printed from it. */
#ifndef INVIGIL_CONSOLE_CLI_CLI_H
#define INVIGIL_CONSOLE_CLI_CLI_H

#include <stdbool.h>

#include "common/buf.h"

struct subcommand {
	const char *name, *usage, *help;
	int (*run)(int argc, char **argv);    /* argv[0] is the command's own name; returns an exit code */
};
extern const struct subcommand command_table[];
extern const size_t command_count;

/** Says how the command is used, on standard error; returns EXIT_USAGE. */
int cli_usage(const char *command);
/** The room's folder: the one given, else the working folder if it is one, else what the plan names (PLAN without .ini). 0, or
 * ERR_NOT_FOUND, said. */
int cli_dir(const char *given, const char *plan, char *to, size_t size);

/* One option of a command: `--name VALUE`, or without value. `ret_value` may be set several times; the last holds. */
struct option_spec {
	const char *name;
	const char **value;                   /* NULL: a flag */
	bool *flag;
};
/** Takes the known options out of argv and leaves the rest in order (argv[0] included). Unknown ones are left if `keep_unknown`, else said.
 * Everything after `--` is left. Returns the new argc, or -1 after it said what is wrong. */
int cli_options(int argc, char **argv, const struct option_spec *specs, size_t count, bool keep_unknown);

/** One request to the room's controller and its answer. ERR_UNREACHABLE, said. `kind`: enum control_kind. `answer` keeps the frame. */
int cli_ask(const char *dir, int kind, const void *body, int answer_kind, struct buf *answer);

int cmd_open(int argc, char **argv);
int cmd_serve(int argc, char **argv);
int cmd_console(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_do(int argc, char **argv);
int cmd_log(int argc, char **argv);
int cmd_keys(int argc, char **argv);
int cmd_plan(int argc, char **argv);
int cmd_roster(int argc, char **argv);
int cmd_pin(int argc, char **argv);

#endif
