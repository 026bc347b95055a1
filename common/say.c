/* Messages: one write a line, so that lines of several processes on one terminal do not mix. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/say.h"

static const char *name = "invigil";

void say_init(const char *program)
{
	name = program;
}

void say(const char *format, ...)
{
	char line[2048];
	int used = snprintf(line, sizeof line, "%s: ", name);
	va_list list;
	va_start(list, format);
	vsnprintf(line + used, sizeof line - (size_t)used - 1, format, list);
	va_end(list);
	strcat(line, "\n");
	ssize_t written = write(STDERR_FILENO, line, strlen(line));
	(void)written;                 /* nobody is left to tell */
}
