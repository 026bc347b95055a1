/*
 * Sorted, disjoint intervals in one array; sets are small (a handful of pauses), so shifting is cheaper than any tree.
 */
#include <stdlib.h>
#include <string.h>

#include "console/room/interval.h"
#include "common/error.h"

void intervals_release(struct intervals *set)
{
	free(set->at);
	*set = (struct intervals){ 0 };
}

static int intervals_reserve(struct intervals *set, size_t count)
{
	if (count <= set->capacity)
		return 0;
	size_t capacity = set->capacity ? set->capacity * 2 : 4;
	if (capacity < count)
		capacity = count;
	struct interval *at = realloc(set->at, capacity * sizeof *at);
	if (!at)
		return ERR_MEMORY;
	set->at = at;
	set->capacity = capacity;
	return 0;
}

/* Replaces the entries [first, last) by `with`, `count` of them. Room for one more entry is there. */
static void intervals_replace(struct intervals *set, size_t first, size_t last, const struct interval *with, size_t count)
{
	memmove(set->at + first + count, set->at + last, (set->count - last) * sizeof *set->at);
	memcpy(set->at + first, with, count * sizeof *with);
	set->count = set->count - (last - first) + count;
}

int intervals_add(struct intervals *set, int64_t from, int64_t to)
{
	if (from >= to)
		return 0;
	int error = intervals_reserve(set, set->count + 1);
	if (error)
		return error;
	size_t first = 0;
	while (first < set->count && set->at[first].to < from)
		first++;
	struct interval all = { from, to };
	size_t last = first;
	for (; last < set->count && set->at[last].from <= to; last++) {
		if (set->at[last].from < all.from)
			all.from = set->at[last].from;
		if (set->at[last].to > all.to)
			all.to = set->at[last].to;
	}
	intervals_replace(set, first, last, &all, 1);
	return 0;
}

int intervals_remove(struct intervals *set, int64_t from, int64_t to)
{
	if (from >= to)
		return 0;
	int error = intervals_reserve(set, set->count + 1);
	if (error)
		return error;
	size_t first = 0;
	while (first < set->count && set->at[first].to <= from)
		first++;
	size_t last = first;
	struct interval left[2];
	size_t count = 0;
	for (; last < set->count && set->at[last].from < to; last++) {
		if (set->at[last].from < from)
			left[count++] = (struct interval){ set->at[last].from, from };
		if (set->at[last].to > to)
			left[count++] = (struct interval){ to, set->at[last].to };
	}
	intervals_replace(set, first, last, left, count);
	return 0;
}

int64_t intervals_within(const struct intervals *set, int64_t from, int64_t to)
{
	int64_t sum = 0;
	for (size_t i = 0; i < set->count && set->at[i].from < to; i++) {
		int64_t a = set->at[i].from > from ? set->at[i].from : from;
		int64_t b = set->at[i].to < to ? set->at[i].to : to;
		if (a < b)
			sum += b - a;
	}
	return sum;
}

int64_t intervals_point(const struct intervals *set, int64_t from, int64_t outside)
{
	for (size_t i = 0; i < set->count && outside > 0; i++) {
		if (set->at[i].to <= from)
			continue;
		if (set->at[i].from > from) {
			if (set->at[i].from - from >= outside)
				break;
			outside -= set->at[i].from - from;
		}
		from = set->at[i].to;
	}
	return from + outside;
}
