/* What the kernel is told through files, by the first process and by the supervisor. */
#include "say.h"
#include "settings.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

void write_setting(const char *path, const char *value)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);
	if (file < 0 || write(file, value, strlen(value)) < 0)
		say("cannot set %s: %s", path, strerror(errno));
	if (file >= 0)
		close(file);
}
