/* The memory of the service: of all processes of its user, what each has in RAM. Pages they share are counted for each. */
#include "supervisor.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

static uint64_t memory_of(const char *pid, uint32_t uid)
{
	char path[300], line[256];
	unsigned int owner = 0;
	unsigned long long kibibytes = 0;
	snprintf(path, sizeof path, "/proc/%s/status", pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return 0;
	while (fgets(line, sizeof line, file) && sscanf(line, "VmRSS: %llu kB", &kibibytes) != 1)
		if (sscanf(line, "Uid: %u", &owner) == 1 && owner != uid)
			break;
	fclose(file);
	return owner == uid ? kibibytes * 1024 : 0;
}

uint64_t service_memory(uint32_t uid)
{
	uint64_t all = 0;
	DIR *processes = opendir("/proc");
	for (struct dirent *one; processes && (one = readdir(processes)) != NULL;)
		if (isdigit((unsigned char)one->d_name[0]))
			all += memory_of(one->d_name, uid);
	if (processes)
		closedir(processes);
	return all;
}
