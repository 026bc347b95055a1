/* invigil: the proctor's side. Finds the command and runs it. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "common/say.h"
#include "common/text.h"
#include "console/cli/cli.h"

static void print_help(void)
{
	printf("%s\n\n", tr("usage: invigil COMMAND …"));
	for (size_t i = 0; i < command_count; i++)
		printf("  invigil %s %s\n      %s\n", command_table[i].name, command_table[i].usage, tr(command_table[i].help));
	printf("\n%s\n", tr("Exit codes: 0 done, 1 refused by a rule, 2 usage, 3 bad input, 4 not reached, 5 not verified, 70 defect or machine."));
}

static bool asks_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0)
			return true;
	return false;
}

static int unknown(const char *name)
{
	const char *names[32];
	for (size_t i = 0; i < command_count; i++)
		names[i] = command_table[i].name;
	const char *near = text_nearest(slice_of(name), names, command_count);
	char harmless[64];
	say(tr("no command '%s'%s%s; invigil --help lists them"), text_safe(harmless, sizeof harmless, slice_of(name)),
		near ? tr("; did you mean ") : "", near ? near : "");
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	say_init("invigil");
	text_init();
	if (sodium_init() < 0)
		return EXIT_DEFECT;
	if (argc < 2) {
		say("%s", tr("which command? invigil --help lists them"));
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("invigil %s\n", INVIGIL_VERSION);
		return EXIT_DONE;
	}
	if (strcmp(argv[1], "--help") == 0) {
		print_help();
		return EXIT_DONE;
	}
	for (size_t i = 0; i < command_count; i++) {
		if (strcmp(argv[1], command_table[i].name) != 0)
			continue;
		if (!asks_help(argc - 1, argv + 1))
			return command_table[i].run(argc - 1, argv + 1);
		printf("invigil %s %s\n%s\n", command_table[i].name, command_table[i].usage, tr(command_table[i].help));
		return EXIT_DONE;
	}
	return unknown(argv[1]);
}
