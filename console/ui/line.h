/* A line being typed: UTF-8, a cursor, a limit. */
#ifndef INVIGIL_CONSOLE_UI_LINE_H
#define INVIGIL_CONSOLE_UI_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

#define LINE_MAX_CHARS 400

struct line { wchar_t text[LINE_MAX_CHARS + 1]; size_t size, cursor; };

void line_set(struct line *line, const char *text);
/** Types one character at the cursor; nothing when the line is full or it is a control character. */
void line_type(struct line *line, wchar_t c);
void line_back(struct line *line);
void line_delete(struct line *line);
void line_move(struct line *line, int by);
/** Copies as UTF-8. Returns `to`. */
char *line_text(const struct line *line, char *to, size_t size);
/** Splits into words at spaces; 'quotes' and "quotes" keep them. Words point into `text`, which is changed. Returns how many. */
size_t line_words(char *text, char **words, size_t most);

#endif
