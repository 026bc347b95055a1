/* invigil status: the document as it is, or as a table. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "common/when.h"
#include "console/cli/cli.h"
#include "proto/control.h"

static void column(const char *text, int width)
{
	char fit[256];
	text_fit(fit, sizeof fit, text, width);
	printf("%s%*s ", fit, width - text_columns(fit), "");
}

static const char *clock_of(const json_t *seat, const char *key, char to[WHEN_TEXT_SIZE])
{
	return duration_clock(to, (int64_t)(json_number_value(json_object_get(seat, key)) * 1e6));
}

static void print_seat(const json_t *seat)
{
	char text[WHEN_TEXT_SIZE];
	const char *ticket = json_string_value(json_object_get(seat, "ticket"));
	column(json_string_value(json_object_get(seat, "seat")), 6);
	column(tr(json_string_value(json_object_get(seat, "state"))), 10);
	column(tr(json_string_value(json_object_get(seat, "agent"))), 8);
	column(clock_of(seat, "effective_s", text), 8);
	column(clock_of(seat, "minimum_s", text), 8);
	column(json_is_true(json_object_get(seat, "minimum_met")) ? "✓" : "-", 3);
	column(clock_of(seat, "limit_s", text), 8);
	snprintf(text, sizeof text, "%lld", (long long)json_integer_value(json_object_get(seat, "keys")));
	column(text, 7);
	snprintf(text, sizeof text, "%lld", (long long)json_integer_value(json_object_get(seat, "open_incidents")));
	column(text, 4);
	printf("%s\n", ticket ? ticket : "");
}

static void print_incident(const json_t *incident)
{
	const char *seat = json_string_value(json_object_get(incident, "seat"));
	printf("  %lld %s %s %s %s: %s\n", (long long)json_integer_value(json_object_get(incident, "id")),
		tr(json_string_value(json_object_get(incident, "state"))), tr(json_string_value(json_object_get(incident, "severity"))), seat ? seat : "-",
		json_string_value(json_object_get(incident, "kind")), json_string_value(json_object_get(incident, "detail")));
}

static void print_head(const json_t *status)
{
	const json_t *standard = json_object_get(status, "standard"), *log = json_object_get(status, "log"), *one;
	size_t i;
	printf("%s %s  %s %s  %s\n", tr("room"), json_string_value(json_object_get(status, "room")), tr(json_string_value(json_object_get(status, "part"))),
		tr(json_string_value(json_object_get(status, "phase"))), json_string_value(json_object_get(json_object_get(status, "time"), "wall")));
	printf("%s %s%s%s%s\n", tr("standard"), json_string_value(json_object_get(standard, "name")),
		json_is_true(json_object_get(standard, "as_shipped")) ? "" : tr("  STANDARD ALTERED"),
		json_is_true(json_object_get(standard, "shortened")) ? tr("  SHORTENED TIMES") : "",
		json_is_true(json_object_get(status, "rehearsal")) ? tr("  REHEARSAL") : "");
	json_array_foreach(json_object_get(status, "gates"), i, one)
		printf("  %s %s: %lld / %lld\n", json_is_true(json_object_get(one, "holds")) ? "✓" : "✗", json_string_value(json_object_get(one, "rule")),
			(long long)json_integer_value(json_object_get(one, "have")), (long long)json_integer_value(json_object_get(one, "need")));
	const char *not_recording = json_string_value(json_object_get(log, "not_recording"));
	if (not_recording && *not_recording)
		printf("%s: %s\n", tr("NOT RECORDING"), not_recording);
	printf("%s %lld  %.16s…\n", tr("records"), (long long)json_integer_value(json_object_get(log, "records")),
		json_string_value(json_object_get(log, "root")));
}

static int print_table(struct slice text)
{
	json_t *status = json_loadb((const char *)text.at, text.size, 0, NULL), *one;
	size_t i;
	if (!status)
		return EXIT_DEFECT;
	print_head(status);
	printf("%-6s %-10s %-8s %-8s %-8s %-3s %-8s %-7s %-4s %s\n", "SEAT", "STATE", "AGENT", "TIME", "MINIMUM", "MET", "LIMIT", "KEYS", "INC", "TICKET");
	json_array_foreach(json_object_get(status, "seats"), i, one)
		print_seat(one);
	if (json_array_size(json_object_get(status, "incidents")))
		printf("%s:\n", tr("incidents"));
	json_array_foreach(json_object_get(status, "incidents"), i, one)
		print_incident(one);
	json_decref(status);
	return EXIT_DONE;
}

int cmd_status(int argc, char **argv)
{
	const char *given = NULL;
	bool as_json = false;
	char dir[4096];
	struct buf answer;
	struct ctl_status_is is;
	const struct option_spec specs[] = { { "--dir", &given, NULL }, { "--json", NULL, &as_json } };
	argc = cli_options(argc, argv, specs, 2, false);
	if (argc != 1)
		return cli_usage("status");
	if (cli_dir(given, NULL, dir, sizeof dir))
		return EXIT_UNREACHABLE;
	buf_init(&answer);
	struct ctl_status request = { 1, text_lang() };
	int error = cli_ask(dir, CTL_STATUS, &request, CTL_STATUS_IS, &answer);
	if (!error)
		error = control_unpack(buf_slice(&answer), CTL_STATUS_IS, &is);
	int code = error ? error_exit_code(error) : EXIT_DONE;
	if (!error && as_json)
		printf("%.*s\n", (int)is.json.size, (const char *)is.json.at);
	else if (!error)
		code = print_table(is.json);
	buf_release(&answer);
	return code;
}
