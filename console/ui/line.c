/* The line editor. */
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "console/ui/line.h"

void line_set(struct line *line, const char *text)
{
	size_t size = mbstowcs(line->text, text, LINE_MAX_CHARS);
	line->size = line->cursor = size == (size_t)-1 ? 0 : size;
	line->text[line->size] = L'\0';
}

void line_type(struct line *line, wchar_t c)
{
	if (line->size == LINE_MAX_CHARS || iswcntrl((wint_t)c))
		return;
	wmemmove(line->text + line->cursor + 1, line->text + line->cursor, line->size - line->cursor + 1);
	line->text[line->cursor++] = c;
	line->size++;
}

void line_delete(struct line *line)
{
	if (line->cursor == line->size)
		return;
	wmemmove(line->text + line->cursor, line->text + line->cursor + 1, line->size - line->cursor);
	line->size--;
}

void line_back(struct line *line)
{
	if (!line->cursor)
		return;
	line->cursor--;
	line_delete(line);
}

void line_move(struct line *line, int by)
{
	if (by < 0)
		line->cursor -= line->cursor < (size_t)-by ? line->cursor : (size_t)-by;
	else
		line->cursor += (size_t)by > line->size - line->cursor ? line->size - line->cursor : (size_t)by;
}

char *line_text(const struct line *line, char *to, size_t size)
{
	size_t used = wcstombs(to, line->text, size - 1);
	to[used == (size_t)-1 ? 0 : used] = '\0';
	return to;
}

size_t line_words(char *text, char **words, size_t most)
{
	size_t count = 0;
	while (count < most) {
		text += strspn(text, " ");
		if (!*text)
			break;
		char quote = *text == '\'' || *text == '"' ? *text++ : ' ';
		words[count++] = text;
		char *end = strchr(text, quote);
		if (!end)
			break;
		*end = '\0';
		text = end + 1;
	}
	return count;
}
