/*
 * The memory of the service: what all processes of its user have in RAM, a page they share counted once (Pss). The kernel
 * walks the page tables for it. `VmRSS` costs less, but since 6.2 it may be wrong by hundreds of KiB, which for a small
 * service is all it has.
 */
#include "supervisor.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

static unsigned long long number_in(const char *pid, const char *name, const char *format)
{
	char path[300], line[256];
	unsigned long long number = 0;
	snprintf(path, sizeof path, "/proc/%s/%s", pid, name);
	FILE *file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file) && sscanf(line, format, &number) != 1)
		;
	if (file)
		fclose(file);
	return number;
}

uint64_t service_memory(uint32_t uid)
{
	uint64_t all = 0;
	DIR *processes = opendir("/proc");
	for (struct dirent *one; processes && (one = readdir(processes)) != NULL;)
		if (isdigit((unsigned char)one->d_name[0]) && number_in(one->d_name, "status", "Uid: %llu") == uid)
			all += number_in(one->d_name, "smaps_rollup", "Pss: %llu kB") * 1024;
	if (processes)
		closedir(processes);
	return all;
}
