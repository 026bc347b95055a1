/* The kernel's own files. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>

#include "agent/sense/machine.h"
#include "common/clock.h"

static bool has_carrier(const char *interface)
{
	char path[320];
	int carrier = 0;
	snprintf(path, sizeof path, "/sys/class/net/%s/carrier", interface);
	FILE *file = fopen(path, "re");
	if (file && fscanf(file, "%d", &carrier) != 1)
		carrier = 0;
	if (file)
		fclose(file);
	return carrier == 1;
}

bool machine_link(void)
{
	DIR *dir = opendir("/sys/class/net");
	const struct dirent *entry;
	bool link = false;
	while (dir && !link && (entry = readdir(dir)))
		link = entry->d_name[0] != '.' && strcmp(entry->d_name, "lo") != 0 && has_carrier(entry->d_name);
	if (dir)
		closedir(dir);
	return link;
}

void machine_read(const char *dir, struct obs_machine *ret_machine)
{
	struct sysinfo info;
	struct statvfs disk;
	*ret_machine = (struct obs_machine){ .wall_us = clock_wall_us(), .link = machine_link() };
	if (sysinfo(&info) == 0) {
		ret_machine->uptime_s = (uint64_t)info.uptime;
		ret_machine->load_milli = (uint64_t)info.loads[0] * 1000 >> SI_LOAD_SHIFT;
		ret_machine->memory_total_kib = (uint64_t)info.totalram * info.mem_unit >> 10;
		ret_machine->memory_free_kib = (uint64_t)info.freeram * info.mem_unit >> 10;
	}
	if (statvfs(dir, &disk) == 0)
		ret_machine->disk_free_kib = (uint64_t)disk.f_bavail * disk.f_frsize >> 10;
}
