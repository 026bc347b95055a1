/* An exam standard's own numbers. */
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/when.h"
#include "console/plan/reading.h"
#include "console/plan/shipped.h"

const char *const level_words[LEVEL_COUNT] = { "junior", "intermediate", "senior" };

#define AT(member) offsetof(struct standard, member)
#define TEXT(member) SET_TEXT, AT(member), sizeof ((struct standard *)0)->member
static const struct setting settings[] = {
	{ "standard", "name", TEXT(name), { 0 }, true },
	{ "standard", "issuer", TEXT(issuer), { 0 }, false },
	{ "standard", "edition", TEXT(edition), { 0 }, false },
	{ "standard", "demo", SET_YES_NO, AT(demo), 0, { 0 }, false },
	{ "minimum.theory", "junior", SET_DURATION, AT(minimum_us[PART_THEORY][LEVEL_JUNIOR]), 0, { 0 }, false },
	{ "minimum.theory", "intermediate", SET_DURATION, AT(minimum_us[PART_THEORY][LEVEL_INTERMEDIATE]), 0, { 0 }, false },
	{ "minimum.theory", "senior", SET_DURATION, AT(minimum_us[PART_THEORY][LEVEL_SENIOR]), 0, { 0 }, false },
	{ "minimum.skill", "junior", SET_DURATION, AT(minimum_us[PART_SKILL][LEVEL_JUNIOR]), 0, { 0 }, false },
	{ "minimum.skill", "intermediate", SET_DURATION, AT(minimum_us[PART_SKILL][LEVEL_INTERMEDIATE]), 0, { 0 }, false },
	{ "minimum.skill", "senior", SET_DURATION, AT(minimum_us[PART_SKILL][LEVEL_SENIOR]), 0, { 0 }, false },
	{ "supervision.theory", "candidates_per_invigilator", SET_COUNT, AT(candidates_per_invigilator), 0, { 0 }, true },
	{ "supervision.theory", "invigilators_at_least", SET_COUNT, AT(invigilators_at_least), 0, { 0 }, true },
	{ "supervision.skill", "examiners_at_least", SET_COUNT, AT(examiners_at_least), 0, { 0 }, false },
	{ "supervision.skill", "examiners_odd", SET_YES_NO, AT(examiners_odd), 0, { 0 }, false },
	{ "marks", "pass", SET_COUNT, AT(pass_mark), 0, { 0 }, false },
	{ "marks", "full", SET_COUNT, AT(full_mark), 0, { 0 }, false },
};

bool standard_shipped(const uint8_t digest[DIGEST_SIZE])
{
	char text[2 * DIGEST_SIZE + 1];
	hex_text(text, sizeof text, digest, DIGEST_SIZE);
	for (size_t i = 0; i < sizeof shipped_digests / sizeof *shipped_digests; i++)
		if (strcmp(shipped_digests[i], text) == 0)
			return true;
	return false;
}

int standard_parse(const struct ini *ini, struct standard *ret, struct complaint *ret_complaint)
{
	int error = settings_read(ini, settings, sizeof settings / sizeof *settings, ret, NULL, ret_complaint);
	if (error)
		return error;
	for (enum level level = 0; level < LEVEL_COUNT; level++)
		ret->known[level] = ini_find(ini, "minimum.theory", level_words[level]) || ini_find(ini, "minimum.skill", level_words[level]);
	return 0;
}

int standard_read(const char *path, struct standard *ret_standard, struct complaint *ret_complaint)
{
	struct standard standard = { .full_mark = 100, .pass_mark = 60 };
	struct slice text = { 0 };
	struct ini *ini = NULL;
	int error = text_read(path, INI_FILE_MAX_BYTES, &text, ret_complaint);
	if (!error)
		error = ini_read(path, &ini, ret_complaint);
	if (!error)
		error = standard_parse(ini, &standard, ret_complaint);
	if (!error) {
		const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
		size_t size = strlen(base);
		if (size > 4 && strcmp(base + size - 4, ".ini") == 0)
			size -= 4;
		slice_copy(standard.id, sizeof standard.id, (struct slice){ (const uint8_t *)base, size });
		digest_of(text, standard.digest);
		standard.as_shipped = standard_shipped(standard.digest);
		*ret_standard = standard;
	}
	ini_free(ini);
	file_release(&text);
	return error;
}
