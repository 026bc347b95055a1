/* invigil plan check, roster check, pin: the tools before the exam. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "common/say.h"
#include "common/text.h"
#include "console/cli/cli.h"
#include "console/plan/plan.h"
#include "proto/control.h"

int cmd_plan(int argc, char **argv)
{
	struct complaint complaint;
	struct plan *plan;
	if (argc != 3 || strcmp(argv[1], "check") != 0)
		return cli_usage("plan");
	int error = plan_read(argv[2], NULL, &plan, &complaint);
	if (error) {
		say("%s", complaint.text);
		return error == ERR_MEMORY ? EXIT_DEFECT : EXIT_BAD_INPUT;
	}
	for (size_t i = 0; i < plan->warning_count; i++)
		say(tr("%s: warning: %s"), argv[2], tr(plan->warnings[i]));
	printf(tr("%s: good: %zu seats, %zu candidates, %s\n"), argv[2], plan->seat_count, plan->roster_count, plan->standard.name);
	plan_free(plan);
	return EXIT_DONE;
}

int cmd_roster(int argc, char **argv)
{
	const char *path = NULL;
	struct complaint complaint;
	struct standard standard;
	struct roster_row *rows;
	size_t count;
	const struct option_spec specs[] = { { "--standard", &path, NULL } };
	argc = cli_options(argc, argv, specs, 1, false);
	if (argc != 3 || strcmp(argv[1], "check") != 0)
		return cli_usage("roster");
	int error = path ? standard_read(path, &standard, &complaint) : 0;
	if (!error)
		error = roster_read(argv[2], path ? &standard : NULL, &rows, &count, &complaint);
	if (error) {
		say("%s", complaint.text);
		return error == ERR_MEMORY ? EXIT_DEFECT : EXIT_BAD_INPUT;
	}
	printf(tr("%s: good: %zu candidates\n"), argv[2], count);
	free(rows);
	return EXIT_DONE;
}

/* Without echo on a terminal; from a pipe as it comes. */
static int read_line(const char *prompt, char to[PIN_MAX + 2])
{
	struct termios before, quiet;
	bool terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &before) == 0;
	if (terminal) {
		fprintf(stderr, "%s: ", prompt);
		quiet = before;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	char *got = fgets(to, PIN_MAX + 2, stdin);
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		fprintf(stderr, "\n");
	}
	if (!got)
		return ERR_BAD;
	to[strcspn(to, "\r\n")] = '\0';
	return 0;
}

int cmd_pin(int argc, char **argv)
{
	char first[PIN_MAX + 2], again[PIN_MAX + 2], line[crypto_pwhash_STRBYTES];
	(void)argv;
	if (argc != 1)
		return cli_usage("pin");
	int code = EXIT_BAD_INPUT;
	if (read_line(tr("PIN"), first) || read_line(tr("again"), again) || !*first)
		say("%s", tr("no PIN was given, expected the same one twice"));
	else if (strcmp(first, again) != 0)
		say("%s", tr("the two PINs differ"));
	else if (crypto_pwhash_str(line, first, strlen(first), crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE))
		code = EXIT_DEFECT;
	else {
		printf("%s\n", line);
		code = EXIT_DONE;
	}
	sodium_memzero(first, sizeof first);
	sodium_memzero(again, sizeof again);
	return code;
}
