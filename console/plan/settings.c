/* INI values by table: text, durations, numbers, choices; what is not known is named with what is nearest. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "common/text.h"
#include "common/when.h"
#include "console/plan/reading.h"

#define COUNT_MAX 100000
#define NAMES_MAX 64

static int parse_number(const char *text, uint64_t most, uint64_t *ret)
{
	char *end;
	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);
	if (end == text || errno || *text == '-' || value > most)
		return ERR_BAD;
	static const struct { char unit; uint64_t times; } units[] = { { 'K', 1 << 10 }, { 'M', 1 << 20 }, { 'G', 1 << 30 } };
	for (size_t i = 0; *end && i < 3; i++)
		if (*end == units[i].unit && !end[1] && most > COUNT_MAX && value <= most / units[i].times) {
			*ret = value * units[i].times;
			return 0;
		}
	if (*end)
		return ERR_BAD;
	*ret = value;
	return 0;
}

static int set(const struct setting *setting, const struct ini *ini, const struct ini_line *line, void *to, struct complaint *ret)
{
	char *at = (char *)to + setting->offset;
	uint64_t number;
	switch (setting->type) {
	case SET_TEXT:
		if (strlen(line->value) >= setting->size) {
			complain(ret, ini_path(ini), line->line, "'%s' is longer than %zu bytes", line->key, setting->size - 1);
			return ERR_BAD;
		}
		strcpy(at, line->value);
		return 0;
	case SET_DURATION:
		if (duration_parse(slice_of(line->value), (int64_t *)(void *)at) == 0)
			return 0;
		complain(ret, ini_path(ini), line->line, "'%s' is no time, expected one like 90s, 45m or 1h30m, up to 48h", line->value);
		return ERR_BAD;
	case SET_COUNT:
		if (parse_number(line->value, COUNT_MAX, &number) == 0) {
			*(uint32_t *)(void *)at = (uint32_t)number;
			return 0;
		}
		complain(ret, ini_path(ini), line->line, "'%s' is no number, expected 0 to %d", line->value, COUNT_MAX);
		return ERR_BAD;
	case SET_BYTES:
		if (parse_number(line->value, UINT64_MAX >> 1, (uint64_t *)(void *)at) == 0)
			return 0;
		complain(ret, ini_path(ini), line->line, "'%s' is no size, expected one like 200M", line->value);
		return ERR_BAD;
	default: break;
	}
	const char *no = setting->type == SET_YES_NO ? "no" : setting->choices[0], *yes = setting->type == SET_YES_NO ? "yes" : setting->choices[1];
	if (strcmp(line->value, no) && strcmp(line->value, yes)) {
		complain(ret, ini_path(ini), line->line, "'%s' is '%s', expected %s or %s", line->key, line->value, no, yes);
		return ERR_BAD;
	}
	*(bool *)(void *)at = strcmp(line->value, yes) == 0;
	return 0;
}

static int unknown(const struct ini *ini, const struct ini_line *line, const struct setting *settings, size_t count, struct complaint *ret)
{
	const char *keys[NAMES_MAX], *sections[NAMES_MAX];
	size_t key_count = 0;
	for (size_t i = 0; i < count && i < NAMES_MAX; i++) {
		sections[i] = settings[i].section;
		if (strcmp(settings[i].section, line->section) == 0)
			keys[key_count++] = settings[i].key;
	}
	const char *near = key_count ? text_nearest(slice_of(line->key), keys, key_count) :
		text_nearest(slice_of(line->section), sections, count < NAMES_MAX ? count : NAMES_MAX);
	if (!key_count)
		complain(ret, ini_path(ini), ini_section_line(ini, line->section), "unknown section [%s]%s%s%s", line->section,
			near ? ", did you mean [" : "", near ? near : "", near ? "]?" : "");
	else
		complain(ret, ini_path(ini), line->line, "unknown key '%s' in [%s]%s%s%s", line->key, line->section,
			near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
	return ERR_BAD;
}

int settings_read(const struct ini *ini, const struct setting *settings, size_t count, void *to,
	int (*other)(void *to, const struct ini_line *line, struct complaint *ret), struct complaint *ret)
{
	for (size_t i = 0; i < ini_count(ini); i++) {
		const struct ini_line *line = ini_line(ini, i);
		size_t k = 0;
		while (k < count && (strcmp(settings[k].section, line->section) || strcmp(settings[k].key, line->key)))
			k++;
		int error = k < count ? set(&settings[k], ini, line, to, ret) : other ? other(to, line, ret) : 1;
		if (error > 0)
			error = unknown(ini, line, settings, count, ret);
		if (error)
			return error;
	}
	for (size_t k = 0; k < count; k++) {
		if (!settings[k].required)
			continue;
		const struct ini_line *line = ini_find(ini, settings[k].section, settings[k].key);
		int section = ini_section_line(ini, settings[k].section);
		if (line && *line->value)
			continue;
		if (!section)
			complain(ret, ini_path(ini), 0, "section [%s] is missing", settings[k].section);
		else
			complain(ret, ini_path(ini), line ? line->line : section, "'%s' is missing in [%s]", settings[k].key, settings[k].section);
		return ERR_BAD;
	}
	return 0;
}

int text_read(const char *path, size_t max_bytes, struct slice *ret_text, struct complaint *ret)
{
	int error = file_read(path, max_bytes, ret_text);
	if (error == ERR_LIMIT) {
		complain(ret, path, 0, "larger than %zu bytes", max_bytes);
		return ERR_BAD;
	}
	if (error)
		complain(ret, path, 0, "%s", error == ERR_MEMORY ? error_text(error) : strerror(errno));
	return error;
}
