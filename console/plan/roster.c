/*
 * The roster: CSV as spreadsheets write it. Own reader: it must name the line where a quote was opened, and take GB18030, which
 * Chinese spreadsheets still save by default.
 */
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "console/plan/reading.h"

#define COLUMNS_MAX 64

struct csv { const char *path; char *at; int line; };

static int to_utf8(const char *path, struct slice text, char **ret, struct complaint *ret_complaint)
{
	if (text.size >= 3 && memcmp(text.at, "\xef\xbb\xbf", 3) == 0)
		text = (struct slice){ text.at + 3, text.size - 3 };
	char *out = malloc(text.size * 2 + 1), *to = out;
	if (!out)
		return ERR_MEMORY;
	if (text_is_utf8(text)) {
		slice_copy(out, text.size * 2 + 1, text);
		*ret = out;
		return 0;
	}
	iconv_t conversion = iconv_open("UTF-8", "GB18030");
	char *from = (char *)(uintptr_t)text.at;
	size_t left = text.size, room = text.size * 2;
	bool failed = conversion == (iconv_t)-1 || iconv(conversion, &from, &left, &to, &room) == (size_t)-1;
	if (conversion != (iconv_t)-1)
		iconv_close(conversion);
	*to = '\0';
	if (!failed && text_is_utf8((struct slice){ (uint8_t *)out, (size_t)(to - out) })) {
		*ret = out;
		return 0;
	}
	free(out);
	complain(ret_complaint, path, 0, "neither UTF-8 nor GB18030 text, expected a CSV file");
	return ERR_BAD;
}

/* One field, unquoted in place. Leaves `at` behind its separator; gives whether the row goes on. */
static int field(struct csv *csv, char **ret, bool *ret_more, struct complaint *complaint)
{
	char *from = csv->at, *to = csv->at;
	bool quoted = *from == '"';
	int opened = csv->line;
	*ret = to;
	if (quoted) {
		for (from++; *from && !(*from == '"' && from[1] != '"'); from++) {
			if (*from == '"')
				from++;
			if (*from == '\n')
				csv->line++;
			*to++ = *from;
		}
		if (!*from) {
			complain(complaint, csv->path, opened, "a quote that is opened here is never closed");
			return ERR_BAD;
		}
		from++;
		if (*from && !strchr(",\r\n", *from)) {
			complain(complaint, csv->path, csv->line, "text after a closing quote, expected a comma or the line's end");
			return ERR_BAD;
		}
	} else {
		while (*from && !strchr(",\n", *from))
			*to++ = *from++;
	}
	if (*from == '\r')
		from++;
	char end = *from;
	if (!quoted && to > *ret && to[-1] == '\r')
		to--;
	*ret_more = end == ',';
	csv->at = end ? from + 1 : from;
	*to = '\0';
	if (end == '\n')
		csv->line++;
	return 0;
}

static int row(struct csv *csv, char *fields[COLUMNS_MAX], size_t *ret_count, struct complaint *complaint)
{
	size_t count = 0;
	bool more = true;
	while (more) {
		if (count == COLUMNS_MAX) {
			complain(complaint, csv->path, csv->line, "more than %d columns", COLUMNS_MAX);
			return ERR_LIMIT;
		}
		int error = field(csv, &fields[count++], &more, complaint);
		if (error)
			return error;
	}
	*ret_count = count;
	return 0;
}

static char *trim(char *text)
{
	text += strspn(text, " \t");
	size_t size = strlen(text);
	while (size && strchr(" \t", text[size - 1]))
		text[--size] = '\0';
	return text;
}

static bool level_of(const char *text, enum level *ret)
{
	static const char *const chinese[LEVEL_COUNT] = { "初级", "中级", "高级" };
	for (enum level level = 0; level < LEVEL_COUNT; level++)
		if (strcmp(text, level_words[level]) == 0 || strcmp(text, chinese[level]) == 0) {
			*ret = level;
			return true;
		}
	return false;
}

enum { COLUMN_TICKET, COLUMN_NAME, COLUMN_LEVEL, COLUMN_SEAT, COLUMNS };
static const char *const column_names[COLUMNS] = { "ticket", "name", "level", "seat" };

static int header(struct csv *csv, int columns[COLUMNS], struct complaint *complaint)
{
	char *fields[COLUMNS_MAX];
	size_t count;
	int error = row(csv, fields, &count, complaint);
	for (int c = 0; c < COLUMNS && !error; c++) {
		columns[c] = -1;
		for (size_t i = 0; i < count; i++)
			if (strcmp(trim(fields[i]), column_names[c]) == 0)
				columns[c] = (int)i;
		if (columns[c] < 0) {
			complain(complaint, csv->path, 1, "no column '%s', expected a header row with ticket,name,level,seat", column_names[c]);
			error = ERR_BAD;
		}
	}
	return error;
}

static bool harmless(const char *text)
{
	char safe[512];
	return strcmp(text_safe(safe, sizeof safe, slice_of(text)), text) == 0;
}

static int take(struct csv *csv, char *const fields[], size_t count, const int columns[COLUMNS], int line, const struct standard *standard,
	struct roster_row *ret, struct complaint *complaint)
{
	static const size_t most[COLUMNS] = { TICKET_MAX, PERSON_NAME_MAX, 32, SEAT_NAME_MAX };
	const char *values[COLUMNS];
	for (int c = 0; c < COLUMNS; c++) {
		values[c] = (size_t)columns[c] < count ? trim(fields[columns[c]]) : "";
		if (!*values[c] && c != COLUMN_SEAT) {
			complain(complaint, csv->path, line, "'%s' is empty", column_names[c]);
			return ERR_BAD;
		}
		if (strlen(values[c]) > most[c] || !harmless(values[c])) {
			complain(complaint, csv->path, line, "'%s' is '%s', expected text of at most %zu bytes without control characters",
				column_names[c], values[c], most[c]);
			return ERR_BAD;
		}
	}
	*ret = (struct roster_row){ .line = line };
	if (!level_of(values[COLUMN_LEVEL], &ret->level) || (standard && !standard->known[ret->level])) {
		complain(complaint, csv->path, line, "unknown level '%s', expected junior, intermediate, senior, 初级, 中级 or 高级%s",
			values[COLUMN_LEVEL], standard ? " that the standard knows" : "");
		return ERR_BAD;
	}
	strcpy(ret->ticket, values[COLUMN_TICKET]);
	strcpy(ret->name, values[COLUMN_NAME]);
	strcpy(ret->seat, values[COLUMN_SEAT]);
	return 0;
}

/* Sorted by a text column, equal neighbours are twice the same. */
static int compare_rows(const void *a, const void *b, void *column)
{
	size_t offset = *(const size_t *)column;
	const struct roster_row *x = *(const struct roster_row *const *)a, *y = *(const struct roster_row *const *)b;
	int order = strcmp((const char *)x + offset, (const char *)y + offset);
	return order ? order : x->line - y->line;
}

static int twice(const char *path, const struct roster_row *rows, size_t count, size_t offset, const char *what, struct complaint *complaint)
{
	const struct roster_row **sorted = malloc((count + 1) * sizeof *sorted);
	int error = sorted ? 0 : ERR_MEMORY;
	for (size_t i = 0; sorted && i < count; i++)
		sorted[i] = &rows[i];
	if (sorted)
		qsort_r(sorted, count, sizeof *sorted, compare_rows, &offset);
	for (size_t i = 1; !error && i < count; i++) {
		const char *a = (const char *)sorted[i - 1] + offset, *b = (const char *)sorted[i] + offset;
		if (!*a || strcmp(a, b) != 0)
			continue;
		complain(complaint, path, sorted[i]->line, "%s '%s' is there twice, first in line %d", what, b, sorted[i - 1]->line);
		error = ERR_BAD;
	}
	free(sorted);
	return error;
}

int roster_parse(const char *path, struct slice text, const struct standard *standard, struct roster_row **ret_rows, size_t *ret_count,
	struct complaint *ret)
{
	struct roster_row *rows = NULL;
	size_t count = 0, capacity = 0, fields_count;
	char *utf8 = NULL, *fields[COLUMNS_MAX];
	int columns[COLUMNS];
	int error = to_utf8(path, text, &utf8, ret);
	if (error)
		return error;
	struct csv csv = { path, utf8, 1 };
	error = header(&csv, columns, ret);
	while (!error && *csv.at) {
		int line = csv.line;
		error = row(&csv, fields, &fields_count, ret);
		if (error || (fields_count == 1 && !*trim(fields[0])))
			continue;
		if (count == ROSTER_MAX) {
			complain(ret, path, line, "more than %d candidates", ROSTER_MAX);
			error = ERR_LIMIT;
			break;
		}
		if (count == capacity) {
			capacity = capacity ? capacity * 2 : 32;
			struct roster_row *grown = realloc(rows, capacity * sizeof *grown);
			if (!grown) {
				error = ERR_MEMORY;
				break;
			}
			rows = grown;
		}
		error = take(&csv, fields, fields_count, columns, line, standard, &rows[count], ret);
		count += !error;
	}
	if (!error && !count) {
		complain(ret, path, 0, "no candidates, expected rows after the header");
		error = ERR_BAD;
	}
	if (!error)
		error = twice(path, rows, count, offsetof(struct roster_row, ticket), "ticket", ret);
	if (!error)
		error = twice(path, rows, count, offsetof(struct roster_row, seat), "seat", ret);
	free(utf8);
	if (error) {
		free(rows);
		return error == ERR_LIMIT ? ERR_BAD : error;
	}
	*ret_rows = rows;
	*ret_count = count;
	return 0;
}

int roster_read(const char *path, const struct standard *standard, struct roster_row **ret_rows, size_t *ret_count, struct complaint *ret_complaint)
{
	struct slice text;
	int error = text_read(path, ROSTER_FILE_MAX_BYTES, &text, ret_complaint);
	if (error)
		return error;
	error = roster_parse(path, text, standard, ret_rows, ret_count, ret_complaint);
	file_release(&text);
	return error;
}
