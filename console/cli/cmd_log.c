/* invigil log: the records, as lines for people or JSON, of a running or a stopped room. */
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/say.h"
#include "common/text.h"
#include "console/audit/record_json.h"
#include "console/cli/cli.h"
#include "console/store/store.h"

#define KINDS_MAX 64
#define FOLLOW_EVERY_MS 100

struct filter { uint32_t kinds[KINDS_MAX]; size_t count; const char *seat; bool as_json; };

static int print_kinds(void)
{
	for (uint64_t kind = 1; kind < RECORD_END; kind++)
		if (record_form(kind))
			printf("%-20s %s\n", record_form(kind)->name, record_form(kind)->help);
	return EXIT_DONE;
}

static int add_kind(struct filter *filter, const char *name)
{
	const char *names[RECORD_END];
	size_t count = 0;
	for (uint64_t kind = 1; kind < RECORD_END; kind++) {
		if (!record_form(kind))
			continue;
		names[count++] = record_form(kind)->name;
		if (strcmp(record_form(kind)->name, name) == 0 && filter->count < KINDS_MAX) {
			filter->kinds[filter->count++] = (uint32_t)kind;
			return 0;
		}
	}
	const char *near = text_nearest(slice_of(name), names, count);
	char harmless[64];
	say(tr("no kind '%s'%s%s; --kinds lists them"), text_safe(harmless, sizeof harmless, slice_of(name)), near ? tr("; did you mean ") : "", near ? near : "");
	return ERR_USAGE;
}

/* --kind may be there several times: taken out before the other options. */
static int take_kinds(int argc, char **argv, struct filter *filter)
{
	int kept = 1;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--kind") != 0 || i + 1 == argc)
			argv[kept++] = argv[i];
		else if (add_kind(filter, argv[++i]))
			return -1;
	}
	return kept;
}

static bool wanted(const struct filter *filter, const struct record *record)
{
	bool kind = !filter->count;
	for (size_t i = 0; i < filter->count; i++)
		kind |= filter->kinds[i] == record->kind;
	return kind && (!filter->seat || slice_is(record->seat, filter->seat));
}

static void print_record(const struct filter *filter, const struct record *record)
{
	char line[1024];
	if (!filter->as_json) {
		record_line(record, line, sizeof line);
		puts(line);
		return;
	}
	json_t *json = record_json(record);
	char *text = json_dumps(json, JSON_COMPACT);
	if (text)
		puts(text);
	free(text);
	json_decref(json);
}

static int print_log(struct store_reader *reader, const struct filter *filter, bool follow)
{
	uint64_t next = 1;
	for (;;) {
		struct store_row row;
		struct record record;
		int error = store_reader_seek(reader, next);
		while (!error && (error = store_reader_next(reader, &row)) == 0) {
			error = record_unpack(row.packed, &record);
			if (error) {
				say(tr("record %llu: %s"), (unsigned long long)row.seq, error_text(error));
				return EXIT_VERIFY;
			}
			next = row.seq + 1;
			if (wanted(filter, &record))
				print_record(filter, &record);
		}
		if (error != ERR_NOT_FOUND)
			return EXIT_DEFECT;
		if (fflush(stdout) || ferror(stdout) || !follow)
			return EXIT_DONE;
		struct timespec pause = { 0, FOLLOW_EVERY_MS * 1000000L };
		nanosleep(&pause, NULL);
	}
}

int cmd_log(int argc, char **argv)
{
	const char *given = NULL;
	bool kinds = false, follow = false;
	struct filter filter = { .count = 0 };
	char dir[4096], why[256];
	struct store_reader *reader;
	const struct option_spec specs[] = { { "--dir", &given, NULL }, { "--seat", &filter.seat, NULL }, { "--json", NULL, &filter.as_json },
		{ "--follow", NULL, &follow }, { "--kinds", NULL, &kinds } };
	argc = take_kinds(argc, argv, &filter);
	if (argc < 0)
		return EXIT_USAGE;
	argc = cli_options(argc, argv, specs, sizeof specs / sizeof *specs, false);
	if (argc != 1)
		return cli_usage("log");
	if (kinds)
		return print_kinds();
	if (cli_dir(given, NULL, dir, sizeof dir))
		return EXIT_UNREACHABLE;
	int error = store_reader_open(dir, &reader, why, sizeof why);
	if (error) {
		say("%s", why);
		return error == ERR_NOT_FOUND ? EXIT_UNREACHABLE : EXIT_DEFECT;
	}
	signal(SIGPIPE, SIG_IGN);
	int code = print_log(reader, &filter, follow);
	store_reader_close(reader);
	return code;
}
