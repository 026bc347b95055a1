/* invigil do ACTION … : one action, one answer. Also what `keys accept` and `keys reject` act through. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/say.h"
#include "common/text.h"
#include "console/cli/acting.h"
#include "console/cli/cli.h"
#include "console/room/decide.h"
#include "proto/control.h"

/* The first line of a file. */
static int read_pin(const char *path, char pin[PIN_MAX + 2])
{
	pin[0] = '\0';
	if (!path)
		return 0;
	FILE *file = fopen(path, "re");
	char *got = file ? fgets(pin, PIN_MAX + 2, file) : NULL;
	if (file)
		fclose(file);
	if (!got) {
		say(tr("%s: no PIN there"), path);
		return ERR_BAD;
	}
	pin[strcspn(pin, "\r\n")] = '\0';
	return 0;
}

static int pack_words(char *const words[], size_t count, struct buf *out)
{
	int error = 0;
	for (size_t i = 0; i < count && !error; i++) {
		struct ctl_word word = { slice_of(words[i]) };
		error = text_is_utf8(word.text) ? form_pack(&ctl_word_form, &word, out) : ERR_BAD;
	}
	return error;
}

int act_run(const struct acting *acting, char *const words[], size_t count)
{
	char pin[PIN_MAX + 2], second_pin[PIN_MAX + 2];
	struct buf packed, answer;
	struct ctl_answer is;
	buf_init(&packed);
	buf_init(&answer);
	int error = read_pin(acting->pin_file, pin);
	if (!error)
		error = read_pin(acting->second_pin_file, second_pin);
	if (!error && count > CONTROL_WORDS_MAX)
		error = ERR_LIMIT;
	if (!error)
		error = pack_words(words, count, &packed);
	if (error == ERR_BAD || error == ERR_LIMIT)
		say("%s", tr("the words are too many, too long or not UTF-8"));
	struct ctl_do request = { .id = 1, .words = { (uint32_t)count, buf_slice(&packed) }, .by = slice_of(acting->as), .pin = slice_of(pin),
		.second = slice_of(acting->second), .second_pin = slice_of(second_pin), .reason = slice_of(acting->reason), .lang = text_lang() };
	if (!error)
		error = cli_ask(acting->dir, CTL_DO, &request, CTL_ANSWER, &answer);
	int code = error ? error_exit_code(error) : EXIT_DONE;
	if (!error && (error = control_unpack(buf_slice(&answer), CTL_ANSWER, &is)) == 0) {
		code = (int)is.code;
		if (code == EXIT_DONE && is.text.size)
			printf("%.*s\n", (int)is.text.size, (const char *)is.text.at);
		else if (is.text.size)
			say("%.*s", (int)is.text.size, (const char *)is.text.at);
	}
	explicit_bzero(pin, sizeof pin);
	explicit_bzero(second_pin, sizeof second_pin);
	buf_release(&packed);
	buf_release(&answer);
	return code;
}

static int list_actions(void)
{
	cli_usage("do");
	for (size_t i = 0; i < action_count; i++)
		fprintf(stderr, "  %s %s\n      %s\n", action_table[i].name, action_table[i].usage, tr(action_table[i].help));
	return EXIT_USAGE;
}

int cmd_do(int argc, char **argv)
{
	struct acting acting = { 0 };
	const char *given = NULL;
	char dir[4096];
	const struct option_spec specs[] = { { "--dir", &given, NULL }, { "--as", &acting.as, NULL }, { "--pin-file", &acting.pin_file, NULL },
		{ "--second", &acting.second, NULL }, { "--second-pin-file", &acting.second_pin_file, NULL }, { "--reason", &acting.reason, NULL } };
	argc = cli_options(argc, argv, specs, sizeof specs / sizeof *specs, true);
	if (argc < 2)
		return argc < 0 ? EXIT_USAGE : list_actions();
	if (!action_find(slice_of(argv[1]))) {
		const char *names[64];
		for (size_t i = 0; i < action_count && i < 64; i++)
			names[i] = action_table[i].name;
		const char *near = text_nearest(slice_of(argv[1]), names, action_count);
		char harmless[64];
		say(tr("no action '%s'%s%s"), text_safe(harmless, sizeof harmless, slice_of(argv[1])), near ? tr("; did you mean ") : "", near ? near : "");
		return EXIT_USAGE;
	}
	if (!acting.as) {
		say("%s", tr("who acts? give --as PROCTOR"));
		return EXIT_USAGE;
	}
	if (cli_dir(given, NULL, dir, sizeof dir))
		return EXIT_UNREACHABLE;
	acting.dir = dir;
	return act_run(&acting, argv + 1, (size_t)argc - 1);
}
