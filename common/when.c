/* Durations and wall times as people write them. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/when.h"

int duration_parse(struct slice text, int64_t *ret_us)
{
	static const struct { char unit; int64_t us; } units[] = { { 'h', 3600 * US_PER_S }, { 'm', US_PER_MIN }, { 's', US_PER_S } };
	int64_t sum = 0;
	size_t at = 0, next_unit = 0;
	if (!text.size)
		return ERR_BAD;
	while (at < text.size) {
		int64_t number = 0;
		size_t start = at;
		for (; at < text.size && text.at[at] >= '0' && text.at[at] <= '9'; at++) {
			number = number * 10 + (text.at[at] - '0');
			if (number > DURATION_MAX_US)
				return ERR_LIMIT;
		}
		if (at == start || at == text.size)
			return ERR_BAD;
		size_t unit = next_unit;
		while (unit < 3 && units[unit].unit != text.at[at])
			unit++;
		if (unit == 3)
			return ERR_BAD;
		if (number > DURATION_MAX_US / units[unit].us)
			return ERR_LIMIT;
		sum += number * units[unit].us;
		next_unit = unit + 1;
		at++;
	}
	if (sum > DURATION_MAX_US)
		return ERR_LIMIT;
	*ret_us = sum;
	return 0;
}

char *duration_text(char to[WHEN_TEXT_SIZE], int64_t us)
{
	int64_t s = us / US_PER_S, h = s / 3600, m = s / 60 % 60;
	s %= 60;
	size_t used = 0;
	to[0] = '\0';
	if (h)
		used += (size_t)snprintf(to + used, WHEN_TEXT_SIZE - used, "%lldh", (long long)h);
	if (m)
		used += (size_t)snprintf(to + used, WHEN_TEXT_SIZE - used, "%lldm", (long long)m);
	if (s || !used)
		snprintf(to + used, WHEN_TEXT_SIZE - used, "%llds", (long long)s);
	return to;
}

char *duration_clock(char to[WHEN_TEXT_SIZE], int64_t us)
{
	const char *sign = us < 0 ? "-" : "";
	long long s = (us < 0 ? -us : us) / US_PER_S;
	if (s >= 3600)
		snprintf(to, WHEN_TEXT_SIZE, "%s%lld:%02lld:%02lld", sign, s / 3600, s / 60 % 60, s % 60);
	else
		snprintf(to, WHEN_TEXT_SIZE, "%s%lld:%02lld", sign, s / 60, s % 60);
	return to;
}

static void local(int64_t wall_us, struct tm *ret)
{
	time_t s = (time_t)(wall_us / US_PER_S - (wall_us % US_PER_S < 0));
	if (!localtime_r(&s, ret))
		memset(ret, 0, sizeof *ret);
}

char *wall_text(char to[WHEN_TEXT_SIZE], int64_t wall_us)
{
	struct tm tm;
	local(wall_us, &tm);
	size_t used = strftime(to, WHEN_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	long minutes = tm.tm_gmtoff / 60;
	char sign = minutes < 0 ? '-' : '+';
	minutes = minutes < 0 ? -minutes : minutes;
	snprintf(to + used, WHEN_TEXT_SIZE - used, "%c%02ld:%02ld", sign, minutes / 60, minutes % 60);
	return to;
}

char *wall_clock(char to[WHEN_TEXT_SIZE], int64_t wall_us)
{
	struct tm tm;
	local(wall_us, &tm);
	strftime(to, WHEN_TEXT_SIZE, "%H:%M:%S", &tm);
	return to;
}

int ago_parse(struct slice text, int64_t now_wall_us, int64_t *ret_ago_us)
{
	if (text.size > 4 && memcmp(text.at + text.size - 4, " ago", 4) == 0)
		return duration_parse((struct slice){ text.at, text.size - 4 }, ret_ago_us);
	char copy[16];
	if (text.size >= sizeof copy)
		return ERR_BAD;
	slice_copy(copy, sizeof copy, text);
	int h, m, s = 0, end = 0;
	if (sscanf(copy, "%2d:%2d%n", &h, &m, &end) != 2)
		return ERR_BAD;
	if (copy[end] && (sscanf(copy, "%2d:%2d:%2d%n", &h, &m, &s, &end) != 3 || copy[end]))
		return ERR_BAD;
	if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59)
		return ERR_BAD;
	struct tm tm;
	local(now_wall_us, &tm);
	int64_t ago = ((tm.tm_hour - h) * 3600 + (tm.tm_min - m) * 60 + (tm.tm_sec - s)) * US_PER_S;
	*ret_ago_us = ago < 0 ? ago + 24 * 3600 * US_PER_S : ago;
	return 0;
}
