/* Languages, harmless text, columns. UTF-8 is decoded here and nowhere else. */
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "common/text.h"
#include "common/text_zh.h"

static _Thread_local enum lang current;

void text_init(void)
{
	const char *names[] = { getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG") };
	if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i] && *names[i]) {
			current = strncmp(names[i], "zh", 2) == 0 ? LANG_ZH : LANG_EN;
			return;
		}
}

enum lang text_lang(void) { return current; }
void text_set_lang(enum lang lang) { current = lang; }

const char *tr(const char *english)
{
	const char *chinese = current == LANG_ZH ? text_zh(english) : NULL;
	return chinese ? chinese : english;
}

/* One character; its bytes, or 0 if it is not UTF-8 (overlong, surrogate, out of range, cut). */
static size_t decode(struct slice in, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint8_t first = in.at[0];
	size_t bytes = first < 0x80 ? 1 : first >= 0xf0 && first < 0xf8 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
	if (!bytes || first >= 0xf8 || bytes > in.size)
		return 0;
	uint32_t c = bytes == 1 ? first : first & (0x7fu >> bytes);
	for (size_t i = 1; i < bytes; i++) {
		if ((in.at[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (in.at[i] & 0x3f);
	}
	if (c < least[bytes] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	*ret = c;
	return bytes;
}

bool text_is_utf8(struct slice text)
{
	uint32_t c;
	for (size_t at = 0; at < text.size; ) {
		if (text.at[at] && text.at[at] < 0x80) {
			at++;
			continue;
		}
		size_t bytes = decode((struct slice){ text.at + at, text.size - at }, &c);
		if (!bytes || !c)
			return false;
		at += bytes;
	}
	return true;
}

/* Control characters move the cursor; bidirectional ones reorder what stands beside them. */
static bool harmful(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
		c == 0x200e || c == 0x200f || c == 0x061c || c == 0x2028 || c == 0x2029 || c == 0xfeff;
}

char *text_safe(char *to, size_t size, struct slice from)
{
	size_t used = 0;
	for (size_t at = 0; at < from.size; ) {
		uint32_t c;
		size_t bytes = decode((struct slice){ from.at + at, from.size - at }, &c);
		bool bad = !bytes || harmful(c);
		size_t need = bad ? 1 : bytes;
		if (used + need >= size)
			break;
		if (bad)
			to[used] = '?';
		else
			memcpy(to + used, from.at + at, bytes);
		used += need;
		at += bytes ? bytes : 1;
	}
	to[used] = '\0';
	return to;
}

static int columns_of(uint32_t c)
{
	int columns = wcwidth((wchar_t)c);
	return columns < 0 ? 1 : columns;
}

int text_columns(const char *text)
{
	struct slice in = slice_of(text);
	int columns = 0;
	while (in.size) {
		uint32_t c;
		size_t bytes = decode(in, &c);
		columns += bytes ? columns_of(c) : 1;
		in.at += bytes ? bytes : 1;
		in.size -= bytes ? bytes : 1;
	}
	return columns;
}

char *text_fit(char *to, size_t size, const char *text, int columns)
{
	bool cut = text_columns(text) > columns;
	int room = cut ? columns - 1 : columns;
	struct slice in = slice_of(text);
	size_t used = 0;
	while (in.size) {
		uint32_t c;
		size_t bytes = decode(in, &c);
		if (!bytes)
			bytes = 1, c = '?';
		room -= columns_of(c);
		if (room < 0 || used + bytes + 4 > size)
			break;
		memcpy(to + used, in.at, bytes);
		used += bytes;
		in.at += bytes;
		in.size -= bytes;
	}
	to[used] = '\0';
	if (cut && columns > 0)
		strcpy(to + used, "…");
	return to;
}

char *text_mask_name(char *to, size_t size, struct slice name)
{
	uint32_t c;
	size_t ends[2] = { 0, 0 }, count = 0, last = 0, at = 0;
	while (at < name.size) {
		size_t bytes = decode((struct slice){ name.at + at, name.size - at }, &c);
		last = at;
		at += bytes ? bytes : 1;
		if (count++ < 2)
			ends[count - 1] = at;
	}
	char masked[64];
	size_t first = ends[0] < 8 ? ends[0] : 0, tail = count > 2 && name.size - last < 8 ? name.size - last : 0;
	if (first)
		memcpy(masked, name.at, first);
	masked[first] = '*';
	if (tail)
		memcpy(masked + first + 1, name.at + last, tail);
	return text_safe(to, size, (struct slice){ (uint8_t *)masked, count ? first + 1 + tail : 0 });
}

#define NEAREST_MAX 48
/* Levenshtein; words longer than NEAREST_MAX are nobody's slip. */
static size_t distance(struct slice a, struct slice b)
{
	size_t row[NEAREST_MAX + 1];
	for (size_t j = 0; j <= b.size; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.size; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b.size; j++) {
			size_t best = diagonal + (a.at[i - 1] != b.at[j - 1]);
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[b.size];
}

const char *text_nearest(struct slice word, const char *const *words, size_t count)
{
	const char *nearest = NULL;
	size_t least = word.size / 2 + 1;
	for (size_t i = 0; i < count && word.size <= NEAREST_MAX; i++) {
		struct slice one = slice_of(words[i]);
		size_t d = one.size <= NEAREST_MAX ? distance(word, one) : SIZE_MAX;
		if (d < least) {
			least = d;
			nearest = words[i];
		}
	}
	return nearest;
}
