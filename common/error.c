/* Errors in words and as exit codes; slices. */
#include <string.h>

#include "common/error.h"

static const struct { int error; int code; const char *text; } errors[] = {
	{ ERR_MEMORY, EXIT_DEFECT, "out of memory" },
	{ ERR_IO, EXIT_DEFECT, "input/output error" },
	{ ERR_FULL, EXIT_DEFECT, "no space left" },
	{ ERR_BAD, EXIT_BAD_INPUT, "malformed" },
	{ ERR_SHORT, EXIT_BAD_INPUT, "ends too early" },
	{ ERR_LIMIT, EXIT_BAD_INPUT, "over a limit" },
	{ ERR_VERSION, EXIT_BAD_INPUT, "unknown version" },
	{ ERR_NOT_FOUND, EXIT_BAD_INPUT, "not found" },
	{ ERR_BUSY, EXIT_REFUSED, "in use" },
	{ ERR_REFUSED, EXIT_REFUSED, "refused" },
	{ ERR_UNREACHABLE, EXIT_UNREACHABLE, "cannot be reached" },
	{ ERR_VERIFY, EXIT_VERIFY, "verification failed" },
	{ ERR_USAGE, EXIT_USAGE, "wrong usage" },
};

const char *error_text(int error)
{
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (errors[i].error == error)
			return errors[i].text;
	return error ? "unknown error" : "no error";
}

int error_exit_code(int error)
{
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (errors[i].error == error)
			return errors[i].code;
	return error ? EXIT_DEFECT : EXIT_DONE;
}

struct slice slice_of(const char *text)
{
	return (struct slice){ (const uint8_t *)text, text ? strlen(text) : 0 };
}

int slice_equal(struct slice a, struct slice b)
{
	return a.size == b.size && (!a.size || memcmp(a.at, b.at, a.size) == 0);
}

int slice_is(struct slice a, const char *text)
{
	return slice_equal(a, slice_of(text));
}

char *slice_copy(char *to, size_t size, struct slice from)
{
	size_t n = from.size < size ? from.size : size - 1;
	if (n)
		memcpy(to, from.at, n);
	to[n] = '\0';
	return to;
}
