/* Private to console/plan: one key of an INI file and where its value goes. */
#ifndef INVIGIL_CONSOLE_PLAN_READING_H
#define INVIGIL_CONSOLE_PLAN_READING_H

#include "common/file.h"
#include "console/plan/plan.h"

enum setting_type { SET_TEXT, SET_DURATION, SET_COUNT, SET_YES_NO, SET_CHOICE, SET_BYTES };

struct setting {
	const char *section, *key;
	enum setting_type type;
	size_t offset, size;             /* SET_TEXT: bytes of the array */
	const char *choices[3];          /* SET_CHOICE: bool false, bool true */
	bool required;
};

/** Reads all lines of `ini` that a setting names into `to`. A line that no setting names is handed to `other` (0: taken; 1: not known:
 * complained of with the nearest known key). ERR_BAD with a complaint. */
int settings_read(const struct ini *ini, const struct setting *settings, size_t count, void *to,
	int (*other)(void *to, const struct ini_line *line, struct complaint *ret), struct complaint *ret);

/** file_read with a complaint; ERR_BAD when it is too large. Released with file_release. */
int text_read(const char *path, size_t max_bytes, struct slice *ret_text, struct complaint *ret);
/** Whether the digest is one of the standards that come with invigil. */
bool standard_shipped(const uint8_t digest[DIGEST_SIZE]);
int standard_parse(const struct ini *ini, struct standard *ret, struct complaint *ret_complaint);
int roster_parse(const char *path, struct slice text, const struct standard *standard, struct roster_row **ret_rows, size_t *ret_count,
	struct complaint *ret);
int layout_parse(struct plan *plan, const struct ini *ini, const char *text, int line, struct complaint *ret);

#endif
