/*
 * The one set of errors, and what a slice of memory is. Functions return 0 or one of these (negative); results come
 * through `ret_` parameters, which are untouched on failure. Libraries return errors; programs say them.
 */
#ifndef INVIGIL_COMMON_ERROR_H
#define INVIGIL_COMMON_ERROR_H

#include <stddef.h>
#include <stdint.h>

enum error {
	ERR_MEMORY = -1,      /* out of memory */
	ERR_IO = -2,          /* the machine failed: errno says how */
	ERR_FULL = -3,        /* no space left on the device, or a bound was reached */
	ERR_BAD = -4,         /* malformed input */
	ERR_SHORT = -5,       /* input ends before what it announces */
	ERR_LIMIT = -6,       /* well-formed but over a named limit */
	ERR_VERSION = -7,     /* an unknown version */
	ERR_NOT_FOUND = -8,
	ERR_BUSY = -9,        /* held by someone else */
	ERR_REFUSED = -10,    /* a rule of the exam says no */
	ERR_UNREACHABLE = -11,
	ERR_VERIFY = -12,     /* a digest, CRC or signature does not fit */
	ERR_USAGE = -13,
};

/** Exit codes of both programs. */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_REFUSED = 1,
	EXIT_USAGE = 2,
	EXIT_BAD_INPUT = 3,
	EXIT_UNREACHABLE = 4,
	EXIT_VERIFY = 5,
	EXIT_DEFECT = 70,
};

/** A few English words for `error`, for messages: "out of memory". Never NULL. */
const char *error_text(int error);

/** The exit code that `error` ends a program with. */
int error_exit_code(int error);

/** Borrowed bytes; owns nothing. Text in a slice is UTF-8 and has no terminating NUL. */
struct slice {
	const uint8_t *at;
	size_t size;
};

/** The slice of a C string (NULL gives the empty slice). */
struct slice slice_of(const char *text);
int slice_equal(struct slice a, struct slice b);         /* 1 or 0 */
int slice_is(struct slice a, const char *text);          /* 1 or 0 */
/** Copies into `to` of `size` bytes, cut if needed, always NUL-terminated. Returns `to`. */
char *slice_copy(char *to, size_t size, struct slice from);

#endif
