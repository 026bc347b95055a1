/*
 * Text for people: the two languages, making outside text harmless, and how wide it is on a screen.
 */
#ifndef INVIGIL_COMMON_TEXT_H
#define INVIGIL_COMMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

enum lang { LANG_EN, LANG_ZH };

/** Sets LC_CTYPE (C.UTF-8 where the environment's locale is not generated) and the language, from LC_ALL, LC_MESSAGES,
 * LANG. Once, at the start of a program. */
void text_init(void);
enum lang text_lang(void);
void text_set_lang(enum lang lang);

/** The text in the current language: `english` is the key of the catalogue (common/text_zh.c) and stands for itself where
 * no translation is. Returns static storage. */
const char *tr(const char *english) __attribute__((format_arg(1)));

/** Copies outside text into `to`, made harmless: control characters (C0, C1, DEL), bidirectional overrides and bytes that
 * are not UTF-8 become `?`; cut at a character when it does not fit. Returns `to`. */
char *text_safe(char *to, size_t size, struct slice from);

/** Columns that UTF-8 text takes on a screen (wide characters count 2). */
int text_columns(const char *text);
/** Copies at most `columns` columns of `text`; a cut is shown by `…` where there is room for it. Returns `to`. */
char *text_fit(char *to, size_t size, const char *text, int columns);

/** A person's name as shown to others: first character, `*` for the rest (two characters: 王*; longer: 王*明). */
char *text_mask_name(char *to, size_t size, struct slice name);

/** The entry of `words` (`count` of them) nearest to `word` by edit distance, or NULL if none is near. */
const char *text_nearest(struct slice word, const char *const *words, size_t count);

/** Whether the bytes are valid UTF-8 without NUL. */
bool text_is_utf8(struct slice text);

#endif
