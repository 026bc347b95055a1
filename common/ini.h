/*
 * INI files: sections, `key = value`, comments by `#` or `;` (at the start of a line, or after white space), UTF-8 with or
 * without BOM, LF or CRLF. A reader names the keys it knows; an unknown one is an error that names the nearest known.
 */
#ifndef INVIGIL_COMMON_INI_H
#define INVIGIL_COMMON_INI_H

#include <stddef.h>

#include "common/error.h"

#define INI_FILE_MAX_BYTES (1 << 20)
#define INI_LINE_MAX_BYTES 4096

/** Why a file was refused: `file:line: what is wrong, what was expected`. Shared by all readers of people's files. */
struct complaint {
	char text[512];
};
void complain(struct complaint *to, const char *file, int line, const char *format, ...) __attribute__((format(printf, 4, 5)));

struct ini_line {
	const char *section, *key, *value;   /* NUL-terminated, trimmed; section "" before the first */
	int line;                            /* from 1 */
};

/** A parsed file, owning its text. */
struct ini;

/** Reads `path`. ERR_BAD (with complaint), ERR_NOT_FOUND, ERR_IO (complaint too). */
int ini_read(const char *path, struct ini **ret_ini, struct complaint *ret_complaint);
void ini_free(struct ini *ini);
const char *ini_path(const struct ini *ini);
size_t ini_count(const struct ini *ini);
const struct ini_line *ini_line(const struct ini *ini, size_t i);
/** The line of a key, or NULL. A key twice in a section is refused by ini_read. */
const struct ini_line *ini_find(const struct ini *ini, const char *section, const char *key);
/** The line number of `[section]`, 0 if it is not there. */
int ini_section_line(const struct ini *ini, const char *section);

#endif
