/* Modules, disks and the power button, whatever the machine calls them. */
#include "init.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROOT_WAIT_MS 5000
/* A volume handed over from a failed node is attached when the new one already runs (EC2). */
#define DATA_WAIT_MS 180000
#define LOOK_AGAIN_MS 20
/* A root that is there and is not read by then never will be. */
#define READ_ATTEMPTS 3

/* Files are named in the order in which they are to be loaded. What the machine has no hardware for does no harm. */
static int is_module(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

void load_modules(const char *directory)
{
	struct dirent **names;
	int count = scandir(directory, &names, is_module, alphasort);
	for (int i = 0; i < count; i++) {
		char path[512];
		snprintf(path, sizeof path, "%s/%s", directory, names[i]->d_name);
		int file = open(path, O_RDONLY | O_CLOEXEC);
		if (file < 0 || (syscall(SYS_finit_module, file, "", 0) < 0 && errno != EEXIST && errno != ENODEV))
			say("cannot load %s: %s", names[i]->d_name, strerror(errno));
		if (file >= 0)
			close(file);
	}
}

static int read_at(const char *device, off_t offset, void *bytes, size_t length)
{
	char path[300];
	snprintf(path, sizeof path, "/dev/%s", device);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return -1;
	ssize_t got = pread(file, bytes, length, offset);
	close(file);
	return got == (ssize_t)length ? 0 : -1;
}

static int is_root_disk(const char *disk, uint32_t signature)
{
	unsigned char sector[512];
	uint32_t found;
	if (read_at(disk, 0, sector, sizeof sector) < 0 || sector[510] != 0x55 || sector[511] != 0xaa)
		return 0;
	memcpy(&found, sector + 440, sizeof found);
	return found == signature;
}

static int is_disk(const char *name)
{
	return strncmp(name, "nvme", 4) == 0 || strncmp(name, "sd", 2) == 0 || strncmp(name, "vd", 2) == 0 || strncmp(name, "xvd", 3) == 0;
}

/* A whole disk that is, or is not, the root disk. /sys/block has no partitions in it. */
static int find_disk(uint32_t signature, int wanted, char *found, size_t size)
{
	DIR *block = opendir("/sys/block");
	if (!block)
		return -1;
	struct dirent *entry;
	int result = -1;
	while (result < 0 && (entry = readdir(block))) {
		if (is_disk(entry->d_name) && is_root_disk(entry->d_name, signature) == wanted) {
			snprintf(found, size, "%s", entry->d_name);
			result = 0;
		}
	}
	closedir(block);
	return result;
}

int mount_root(const struct config *config, const char *where)
{
	mkdir(where, 0755);
	char disk[256], partition[300];
	int failed = 0;
	for (int waited = 0; waited < ROOT_WAIT_MS; waited += LOOK_AGAIN_MS) {
		if (find_disk(config->disk_signature, 1, disk, sizeof disk) == 0) {
			/* nvme0n1 → nvme0n1p2, sda → sda2 */
			const char *between = disk[strlen(disk) - 1] >= '0' && disk[strlen(disk) - 1] <= '9' ? "p" : "";
			snprintf(partition, sizeof partition, "/dev/%s%s2", disk, between);
			if (mount(partition, where, "squashfs", MS_RDONLY | MS_NODEV, "") == 0)
				return 0;
			/* Until its partitions are read, the disk has no second one. */
			if (errno != ENOENT && errno != ENXIO && ++failed == READ_ATTEMPTS)
				die("the root on %s cannot be read (%s): is the image whole?", partition, strerror(errno));
		}
		usleep(LOOK_AGAIN_MS * 1000);
	}
	return -1;
}

static int is_ext4(const char *disk)
{
	unsigned char magic[2];
	return read_at(disk, 1024 + 56, magic, sizeof magic) == 0 && magic[0] == 0x53 && magic[1] == 0xef;
}

static int is_blank(const char *disk)
{
	static unsigned char start[65536];
	if (read_at(disk, 0, start, sizeof start) < 0)
		return 0;
	for (size_t i = 0; i < sizeof start; i++)
		if (start[i])
			return 0;
	return 1;
}

static int make_file_system(const char *path)
{
	pid_t pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);
		dup2(null, 1);
		char *arguments[] = { "/usr/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-L", "data", (char *)path, NULL };
		execv(arguments[0], arguments);
		_exit(127);
	}
	int status = 0;
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 ? 0 : -1;
}

/* The disk that is not the root's. A blank one gets a file system; one with anything else on it is left alone. */
void mount_data(const struct config *config)
{
	char disk[256], path[300];
	int waited = 0;
	while (find_disk(config->disk_signature, 0, disk, sizeof disk) < 0) {
		if (waited == ROOT_WAIT_MS)
			say("waiting for the data volume: there is no disk but the root's");
		if ((waited += LOOK_AGAIN_MS) > DATA_WAIT_MS)
			die("there is no data volume: no disk but the root's");
		usleep(LOOK_AGAIN_MS * 1000);
	}
	snprintf(path, sizeof path, "/dev/%s", disk);
	if (!is_ext4(disk) && !is_blank(disk))
		die("the data volume %s holds something that is no ext4", disk);
	if (!is_ext4(disk) && make_file_system(path) < 0)
		die("cannot make a file system on the data volume %s", disk);
	if (mount(path, DATA_DIRECTORY, "ext4", MS_NOSUID | MS_NODEV, "") < 0)
		die("cannot mount the data volume %s: %s", disk, strerror(errno));
	if (chown(DATA_DIRECTORY, config->uid, config->uid) < 0)
		say("the data volume stays root's: %s", strerror(errno));
}

int open_power_buttons(struct pollfd *buttons)
{
	int count = 0;
	for (int i = 0; i < 32 && count < MAX_BUTTONS; i++) {
		char path[64];
		snprintf(path, sizeof path, "/dev/input/event%d", i);
		int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (file >= 0)
			buttons[count++] = (struct pollfd){ .fd = file, .events = POLLIN };
	}
	return count;
}

int was_pressed(struct pollfd *buttons, int count)
{
	int pressed = 0;
	struct input_event event;
	for (int i = 0; i < count; i++)
		while (read(buttons[i].fd, &event, sizeof event) == sizeof event)
			pressed |= event.type == EV_KEY && event.code == KEY_POWER && event.value == 1;
	return pressed;
}
