/*
 * English to Chinese. Plain static table instead of gettext: gettext ignores translations under C.UTF-8, which is the only UTF-8
 * locale of a fresh Debian.
 */
#include <stddef.h>
#include <string.h>

#include "common/text_zh.h"

static const struct { const char *english, *chinese; } catalogue[] = {
#include "common/text_zh.inc"
};

const char *text_zh(const char *english)
{
	for (size_t i = 0; i < sizeof catalogue / sizeof *catalogue; i++)
		if (strcmp(catalogue[i].english, english) == 0)
			return catalogue[i].chinese;
	return NULL;
}
