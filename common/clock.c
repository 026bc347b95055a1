/* Clocks and the boot id. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/error.h"

static int64_t clock_us(clockid_t id)
{
	struct timespec now;
	clock_gettime(id, &now);
	return now.tv_sec * US_PER_S + now.tv_nsec / 1000;
}

int64_t clock_boottime_us(void) { return clock_us(CLOCK_BOOTTIME); }
int64_t clock_monotonic_us(void) { return clock_us(CLOCK_MONOTONIC); }
int64_t clock_wall_us(void) { return clock_us(CLOCK_REALTIME); }

static int hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int boot_id_parse(const char *text, uint8_t ret_id[BOOT_ID_SIZE])
{
	uint8_t id[BOOT_ID_SIZE] = { 0 };
	size_t digits = 0;
	for (; *text && *text != '\n'; text++) {
		if (*text == '-')
			continue;
		int value = hex_value(*text);
		if (value < 0 || digits == 2 * BOOT_ID_SIZE)
			return ERR_IO;
		id[digits / 2] = (uint8_t)(id[digits / 2] << 4 | value);
		digits++;
	}
	if (digits != 2 * BOOT_ID_SIZE)
		return ERR_IO;
	memcpy(ret_id, id, sizeof id);
	return 0;
}

int clock_boot_id(uint8_t ret_id[BOOT_ID_SIZE])
{
	const char *given = getenv("INVIGIL_BOOT_ID");
	if (given && *given)
		return boot_id_parse(given, ret_id);
	char text[64] = "";
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
	if (!file)
		return ERR_IO;
	char *read = fgets(text, sizeof text, file);
	fclose(file);
	return read ? boot_id_parse(text, ret_id) : ERR_IO;
}
