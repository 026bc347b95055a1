/* invigil-agent: the exam PC's side. Finds the command and runs it. */
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/local.h"
#include "common/say.h"
#include "common/text.h"
#include "common/when.h"

struct options { const char *config; bool json, take_back; };
struct command { const char *name, *usage, *help; int (*run)(const struct config *config, const struct options *options); };

static int ask(const struct config *config, const char *request, json_t **ret_json)
{
	char *line = NULL;
	int error = local_ask(config->socket, request, &line);
	json_t *json = error ? NULL : json_loads(line, 0, NULL);
	if (json && json_object_get(json, "error"))
		say("%s", json_string_value(json_object_get(json, "error")));
	else if (!json)
		say(tr("%s: no agent answers"), config->socket);
	free(line);
	if (!json || json_object_get(json, "error")) {
		json_decref(json);
		return EXIT_UNREACHABLE;
	}
	*ret_json = json;
	return EXIT_DONE;
}

static double number(const json_t *json, const char *key)
{
	return json_number_value(json_object_get(json, key));
}

static const char *word(const json_t *json, const char *key)
{
	const char *value = json_string_value(json_object_get(json, key));
	return value ? value : "-";
}

static void print_json(const json_t *json)
{
	char *line = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(10));
	puts(line ? line : "{}");
	free(line);
}

static int run_status(const struct config *config, const struct options *options)
{
	json_t *json;
	char a[WHEN_TEXT_SIZE], b[WHEN_TEXT_SIZE], c[WHEN_TEXT_SIZE];
	int code = ask(config, "status", &json);
	if (code)
		return code;
	if (options->json)
		print_json(json);
	else {
		printf(tr("link %s to %s, backlog %lld, keyboards %lld, key %s\n"), word(json, "link"), word(json, "controller"), (long long)number(json, "backlog"),
			(long long)number(json, "keyboards"), word(json, "key"));
		printf(tr("seat %s %s, %s %s, time %s, earliest leave %s, end %s\n"), word(json, "seat"), word(json, "name"), tr(word(json, "part")),
			tr(word(json, "phase")), duration_clock(a, (int64_t)(number(json, "effective_s") * 1e6)),
			duration_clock(b, (int64_t)(number(json, "minimum_s") * 1e6)), duration_clock(c, (int64_t)(number(json, "limit_s") * 1e6)));
	}
	json_decref(json);
	return EXIT_DONE;
}

static int64_t missing_us(const json_t *json)
{
	double missing = number(json, "minimum_s") - number(json, "effective_s");
	return missing > 0 ? (int64_t)(missing * 1e6) : 0;
}

static int run_hand_in(const struct config *config, const struct options *options)
{
	json_t *json;
	char left[WHEN_TEXT_SIZE], at[WHEN_TEXT_SIZE];
	int code = ask(config, options->take_back ? "take-back" : "hand-in", &json);
	if (code)
		return code;
	const char *result = word(json, "result");
	duration_clock(left, missing_us(json) + 999999);
	wall_clock(at, clock_wall_us() + missing_us(json));
	if (options->json)
		print_json(json);
	else if (strcmp(result, "held") == 0)
		printf(tr("held: your work is kept; accepted by itself in %s, at %s; until then: hand-in --take-back\n"), left, at);
	else if (strcmp(result, "accepted") == 0 && !options->take_back)
		puts(tr("accepted"));
	else if (strcmp(result, "taken-back") == 0)
		puts(options->take_back ? tr("taken back: go on") : tr("not taken"));
	else if (strcmp(result, "kept") == 0)
		puts(tr("kept, not yet confirmed"));
	else if (strcmp(result, "refused") == 0)
		say(tr("refused: %s"), tr(word(json, "why")));
	bool too_late = options->take_back && strcmp(result, "taken-back") != 0 && strcmp(result, "kept") != 0;
	if (too_late)
		say("%s", tr("refused: it is accepted already"));
	code = too_late || strcmp(result, "refused") == 0 ? EXIT_REFUSED : EXIT_DONE;
	json_decref(json);
	return code;
}

static int run_may_hand_in(const struct config *config, const struct options *options)
{
	json_t *json;
	char left[WHEN_TEXT_SIZE];
	(void)options;
	int code = ask(config, "status", &json);
	if (code)
		return code;
	if (missing_us(json) > 0 || strcmp(word(json, "part"), "none") == 0 || !json_object_get(json, "part")) {
		puts(duration_clock(left, missing_us(json)));
		code = EXIT_REFUSED;
	}
	json_decref(json);
	return code;
}

static int run_continue(const struct config *config, const struct options *options)
{
	json_t *json;
	(void)options;
	int code = ask(config, "continue", &json);
	if (!code)
		json_decref(json);
	return code;
}

static int run_agent(const struct config *config, const struct options *options)
{
	(void)options;
	return agent_run(config);
}

static const struct command commands[] = {
	{ "run", "[--config FILE]", "in the foreground; what a boot script starts", run_agent },
	{ "status", "[--config FILE] [--json]", "how this PC and its seat are", run_status },
	{ "hand-in", "[--take-back] [--json] [--config FILE]", "the candidate is done, or takes it back", run_hand_in },
	{ "may-hand-in", "[--config FILE]", "for exam programs: exit 0, or 1 and the time left", run_may_hand_in },
	{ "continue", "[--config FILE]", "the candidate works on after the PC was down", run_continue },
};
#define COMMANDS (sizeof commands / sizeof *commands)

static void print_help(void)
{
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  invigil-agent %s %s\n      %s\n", commands[i].name, commands[i].usage, tr(commands[i].help));
}

static int parse(int argc, char **argv, const struct command *command, struct options *ret)
{
	for (int i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0) {
			printf("invigil-agent %s %s\n%s\n", command->name, command->usage, tr(command->help));
			exit(EXIT_DONE);
		}
		if (strcmp(argv[i], "--config") == 0 && i + 1 < argc)
			ret->config = argv[++i];
		else if (strcmp(argv[i], "--json") == 0 && strstr(command->usage, "--json"))
			ret->json = true;
		else if (strcmp(argv[i], "--take-back") == 0 && strstr(command->usage, "--take-back"))
			ret->take_back = true;
		else {
			say(tr("usage: invigil-agent %s %s"), command->name, command->usage);
			return EXIT_USAGE;
		}
	}
	return EXIT_DONE;
}

int main(int argc, char **argv)
{
	struct options options = { .config = CONFIG_DEFAULT };
	struct config config;
	struct complaint complaint;
	say_init("invigil-agent");
	text_init();
	if (sodium_init() < 0)
		return EXIT_DEFECT;
	if (argc >= 2 && strcmp(argv[1], "--version") == 0) {
		printf("invigil %s\n", INVIGIL_VERSION);
		return EXIT_DONE;
	}
	if (argc >= 2 && strcmp(argv[1], "--help") == 0) {
		print_help();
		return EXIT_DONE;
	}
	for (size_t i = 0; argc >= 2 && i < COMMANDS; i++) {
		if (strcmp(argv[1], commands[i].name) != 0)
			continue;
		if (parse(argc, argv, &commands[i], &options))
			return EXIT_USAGE;
		int error = config_read(options.config, &config, &complaint);
		if (!error)
			return commands[i].run(&config, &options);
		say("%s", complaint.text);
		return EXIT_BAD_INPUT;
	}
	say("%s", tr("which command? invigil-agent --help lists them"));
	return EXIT_USAGE;
}
