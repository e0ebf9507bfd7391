/* The last output of the service, in a ring. */
#include "supervisor.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define KEPT (1024 * 1024)

static char ring[KEPT];
static uint64_t written;

void keep_output(const char *bytes, size_t length)
{
	for (size_t done = 0; done < length;) {
		size_t at = written % KEPT;
		size_t part = length - done < KEPT - at ? length - done : KEPT - at;
		memcpy(ring + at, bytes + done, part);
		written += part;
		done += part;
	}
}

void save_output(const char *path)
{
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file < 0)
		return;
	size_t at = written % KEPT;
	ssize_t older = written > KEPT ? write(file, ring + at, KEPT - at) : 0;
	if (older >= 0 && write(file, ring, at) < 0)
		say("the service's log is not whole");
	close(file);
}
