/* INI: the whole file in one allocation, lines pointing into it. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "common/ini.h"
#include "common/text.h"

struct section { const char *name; int line; };
struct ini {
	char *path, *text;
	struct ini_line *lines;
	size_t count;
	struct section *sections;
	size_t section_count;
};

void complain(struct complaint *to, const char *file, int line, const char *format, ...)
{
	char said[400], harmless[400];
	va_list list;
	va_start(list, format);
	vsnprintf(said, sizeof said, format, list);
	va_end(list);
	text_safe(harmless, sizeof harmless, slice_of(said));
	if (line > 0)
		snprintf(to->text, sizeof to->text, "%.90s:%d: %s", file, line, harmless);
	else
		snprintf(to->text, sizeof to->text, "%.100s: %s", file, harmless);
}

static int load(struct ini *ini, const char *path, struct complaint *ret)
{
	struct slice text;
	int error = file_read(path, INI_FILE_MAX_BYTES, &text);
	if (error == ERR_LIMIT) {
		complain(ret, path, 0, "larger than %d bytes", INI_FILE_MAX_BYTES);
		return ERR_BAD;
	}
	if (error) {
		complain(ret, path, 0, "%s", error == ERR_MEMORY ? error_text(error) : strerror(errno));
		return error;
	}
	ini->text = (char *)(uintptr_t)text.at;
	if (!text_is_utf8(text)) {
		complain(ret, path, 0, "not UTF-8 text, expected an INI file in UTF-8");
		return ERR_BAD;
	}
	return 0;
}

static char *trim(char *text)
{
	text += strspn(text, " \t\r");
	size_t size = strlen(text);
	while (size && strchr(" \t\r", text[size - 1]))
		text[--size] = '\0';
	return text;
}

/* A comment begins at the line's start or after white space, so that keys with # or ; in them survive. */
static void cut_comment(char *text)
{
	for (char *at = text; *at; at++)
		if ((*at == '#' || *at == ';') && (at == text || at[-1] == ' ' || at[-1] == '\t')) {
			*at = '\0';
			return;
		}
}

static int add_section(struct ini *ini, char *text, int line, struct complaint *ret)
{
	size_t size = strlen(text);
	if (size < 3 || text[size - 1] != ']') {
		complain(ret, ini->path, line, "'%s' is no section, expected [name]", text);
		return ERR_BAD;
	}
	text[size - 1] = '\0';
	char *name = trim(text + 1);
	if (ini_section_line(ini, name)) {
		complain(ret, ini->path, line, "section [%s] is there twice, first in line %d", name, ini_section_line(ini, name));
		return ERR_BAD;
	}
	struct section *grown = realloc(ini->sections, (ini->section_count + 1) * sizeof *grown);
	if (!grown)
		return ERR_MEMORY;
	ini->sections = grown;
	grown[ini->section_count++] = (struct section){ name, line };
	return 0;
}

static int add_line(struct ini *ini, char *text, int line, struct complaint *ret)
{
	char *equals = strchr(text, '=');
	if (!equals || equals == text) {
		complain(ret, ini->path, line, "'%s' is neither a section nor 'key = value'", text);
		return ERR_BAD;
	}
	*equals = '\0';
	const char *section = ini->section_count ? ini->sections[ini->section_count - 1].name : "";
	struct ini_line one = { section, trim(text), trim(equals + 1), line };
	const struct ini_line *before = ini_find(ini, section, one.key);
	if (before) {
		complain(ret, ini->path, line, "'%s' is there twice in [%s], first in line %d", one.key, section, before->line);
		return ERR_BAD;
	}
	struct ini_line *grown = realloc(ini->lines, (ini->count + 1) * sizeof *grown);
	if (!grown)
		return ERR_MEMORY;
	ini->lines = grown;
	grown[ini->count++] = one;
	return 0;
}

static int parse(struct ini *ini, struct complaint *ret)
{
	char *at = ini->text;
	if (strncmp(at, "\xef\xbb\xbf", 3) == 0)
		at += 3;
	for (int line = 1; at; line++) {
		char *end = strchr(at, '\n');
		if (end)
			*end = '\0';
		if (strlen(at) > INI_LINE_MAX_BYTES) {
			complain(ret, ini->path, line, "line longer than %d bytes", INI_LINE_MAX_BYTES);
			return ERR_BAD;
		}
		cut_comment(at);
		char *text = trim(at);
		int error = !*text ? 0 : *text == '[' ? add_section(ini, text, line, ret) : add_line(ini, text, line, ret);
		if (error)
			return error;
		at = end ? end + 1 : NULL;
	}
	return 0;
}

int ini_read(const char *path, struct ini **ret_ini, struct complaint *ret_complaint)
{
	struct ini *ini = calloc(1, sizeof *ini);
	int error = ERR_MEMORY;
	if (!ini || !(ini->path = strdup(path)))
		goto out;
	error = load(ini, path, ret_complaint);
	if (!error)
		error = parse(ini, ret_complaint);
	if (!error) {
		*ret_ini = ini;
		return 0;
	}
out:
	if (error == ERR_MEMORY)
		complain(ret_complaint, path, 0, "out of memory");
	ini_free(ini);
	return error;
}

void ini_free(struct ini *ini)
{
	if (!ini)
		return;
	free(ini->path);
	free(ini->text);
	free(ini->lines);
	free(ini->sections);
	free(ini);
}

const char *ini_path(const struct ini *ini) { return ini->path; }
size_t ini_count(const struct ini *ini) { return ini->count; }
const struct ini_line *ini_line(const struct ini *ini, size_t i) { return &ini->lines[i]; }

const struct ini_line *ini_find(const struct ini *ini, const char *section, const char *key)
{
	for (size_t i = 0; i < ini->count; i++)
		if (strcmp(ini->lines[i].section, section) == 0 && strcmp(ini->lines[i].key, key) == 0)
			return &ini->lines[i];
	return NULL;
}

int ini_section_line(const struct ini *ini, const char *section)
{
	for (size_t i = 0; i < ini->section_count; i++)
		if (strcmp(ini->sections[i].name, section) == 0)
			return ini->sections[i].line;
	return 0;
}
