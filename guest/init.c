/*
 * The first process of both images, and of the single-process image the only one beside the service.
 *
 *   mount /proc /sys /dev → load modules → find the root by its disk's signature → enter it → data volume → network
 *   → run the program → wait for its end or the power button → say how it ended → power off
 *
 * Nothing here reads a name of a device: EC2 calls its disks nvme*, QEMU sda or vda. One static program, no library but libc.
 */
#include "init.h"
#include "settings.h"
#include "user.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OPEN_FILES 65536

static void mount_or_say(const char *what, const char *where, const char *type, unsigned long flags, const char *data)
{
	mkdir(where, 0755);
	if (mount(what, where, type, flags, data) < 0)
		say("cannot mount %s on %s: %s", type, where, strerror(errno));
}

static void symlink_or_say(const char *to, const char *path)
{
	if (symlink(to, path) < 0)
		say("cannot make %s: %s", path, strerror(errno));
}

static void mount_kernel_views(void)
{
	mount_or_say("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "");
	mount_or_say("sys", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "");
	mount_or_say("dev", "/dev", "devtmpfs", MS_NOSUID, "mode=0755");
	mount_or_say("pts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "ptmxmode=0666,mode=0620");
	/* The kernel makes devices; these names are convention (devtmpfs has none of them). */
	symlink_or_say("/proc/self/fd", "/dev/fd");
	symlink_or_say("/proc/self/fd/0", "/dev/stdin");
	symlink_or_say("/proc/self/fd/1", "/dev/stdout");
	symlink_or_say("/proc/self/fd/2", "/dev/stderr");
	mount_or_say("shm", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
}

/* The initramfs stays as it is below: it is a few megabytes, and freeing it would take a walk over it. */
static void enter_root(const struct config *config)
{
	const char *root = "/newroot";
	if (mount_root(config, root) < 0)
		die("there is no disk with the signature %08x, or it has no second partition", config->disk_signature);
	if (config->writable) {
		mount_or_say("tmpfs", "/upper", "tmpfs", 0, "mode=0755");
		mkdir("/upper/new", 0755);
		mkdir("/upper/work", 0755);
		mkdir("/merged", 0755);
		if (mount("overlay", "/merged", "overlay", 0, "lowerdir=/newroot,upperdir=/upper/new,workdir=/upper/work") < 0)
			die("cannot lay a writable layer over the root: %s", strerror(errno));
		root = "/merged";
	}
	if (chdir(root) < 0)
		die("cannot enter the root: %s", strerror(errno));
	mount("/proc", "proc", NULL, MS_MOVE, NULL);
	mount("/sys", "sys", NULL, MS_MOVE, NULL);
	mount("/dev", "dev", NULL, MS_MOVE, NULL);
	if (mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 || chdir("/") < 0)
		die("cannot enter the root: %s", strerror(errno));
	mount_or_say("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755");
	mount_or_say("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
}

/* A service that opens /dev/stderr by name opens the console anew, and must own it for that. */
static void become_service(const struct config *config)
{
	if (config->uid == 0)
		return;
	if (fchown(1, config->uid, config->uid) < 0)
		say("the console stays root's: %s", strerror(errno));
	become(config->uid, config->capabilities);
}

/* The kernel's own limit is 1024 open files, which a server reaches at its first thousand clients. */
static void raise_limits(void)
{
	struct rlimit files = { .rlim_cur = OPEN_FILES, .rlim_max = OPEN_FILES };
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		say("the limit of open files stays as it is: %s", strerror(errno));
}

static void prepare_kernel(void)
{
	/* The boot was as quiet as its command line says. Where a service faults, the kernel tells at its own level 6. */
	write_setting("/proc/sys/kernel/printk", "7");
	/* Ports below 1024 are root's lest a user pose to others as the machine's service. This machine has one service and no users. */
	write_setting("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
	/* It is there where its module was loaded, as root's. Whether who opens it may make an interface the kernel checks then. */
	if (chmod("/dev/net/tun", 0666) < 0 && errno != ENOENT)
		say("/dev/net/tun stays root's: %s", strerror(errno));
}

/* Standard output and error are the console already: the kernel opened it for the first process. */
static pid_t start_program(const struct config *config)
{
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	setsid();
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	raise_limits();
	int null = open("/dev/null", O_RDONLY);
	if (null >= 0)
		dup2(null, 0);
	if (chdir(config->directory) < 0) {
		say("cannot enter %s: %s", config->directory, strerror(errno));
		_exit(126);
	}
	if (!config->is_supervised)
		become_service(config);
	execve(config->arguments[0], config->arguments, config->environment);
	say("cannot run %s: %s", config->arguments[0], strerror(errno));
	_exit(127);
}

static void describe(int status, char *text, size_t size)
{
	if (WIFEXITED(status)) {
		snprintf(text, size, "exit status %d", WEXITSTATUS(status));
		return;
	}
	const char *name = sigabbrev_np(WTERMSIG(status));
	snprintf(text, size, "exit status %d (SIG%s)", 128 + WTERMSIG(status), name ? name : "?");
}

/*
 * The line the control plane reads, see guest/README.md. In the Linux image the supervisor has printed it, unless the
 * supervisor itself came to a bad end.
 */
static void say_end(const struct config *config, int status)
{
	char text[64];
	describe(status, text, sizeof text);
	if (!config->is_supervised)
		say("%s: %s", config->name, text);
	else if (status != 0)
		say("the supervisor of %s failed: %s", config->name, text);
}

/* Everybody is dead at once; a process that hangs in the kernel must not keep the machine on. */
static void end_all(void)
{
	kill(-1, SIGKILL);
	for (int waited = 0; waited < 2000 && waitpid(-1, NULL, WNOHANG) >= 0; waited += 10)
		usleep(10000);
}

/* The kernel does not wait its turn: its own last lines would come in the middle of ours, where why we end is told. */
static void drain_console(void)
{
	int unsent = 0;
	for (int waited = 0; waited < 1000 && ioctl(2, TIOCOUTQ, &unsent) == 0 && unsent > 0; waited += 5)
		usleep(5000);
}

static void power_off(void)
{
	end_all();
	drain_console();
	sync();
	if (umount2(DATA_DIRECTORY, 0) < 0)
		umount2(DATA_DIRECTORY, MNT_DETACH);
	reboot(RB_POWER_OFF);
	/* A machine without ACPI comes back: it must at least stand still. */
	for (;;)
		pause();
}

void die(const char *format, ...)
{
	char line[512];
	va_list rest;
	va_start(rest, format);
	vsnprintf(line, sizeof line, format, rest);
	va_end(rest);
	say("boot failed: %s", line);
	power_off();
	abort();
}

void say(const char *format, ...)
{
	char line[600];
	va_list rest;
	va_start(rest, format);
	int length = vsnprintf(line, sizeof line, format, rest);
	va_end(rest);
	if (length < 0)
		return;
	char whole[640];
	int all = snprintf(whole, sizeof whole, "tandem: %s\n", line);
	if (write(2, whole, all < (int)sizeof whole ? (size_t)all : sizeof whole) < 0)
		return;
}

long monotonic_seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* Waits for the program's end. The power button asks it to end, and a while later ends it. */
static int supervise(const struct config *config, pid_t pid, struct lease *lease)
{
	sigset_t mask;
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	struct pollfd watched[MAX_BUTTONS + 1];
	watched[0] = (struct pollfd){ .fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK), .events = POLLIN };
	int buttons = open_power_buttons(watched + 1);
	long give_up_at = 0;
	for (;;) {
		int status;
		pid_t ended;
		while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
			if (ended == pid)
				return status;
		poll(watched, (nfds_t)(1 + buttons), 1000);
		struct signalfd_siginfo seen;
		while (read(watched[0].fd, &seen, sizeof seen) > 0)
			;
		if (give_up_at == 0 && was_pressed(watched + 1, buttons)) {
			say("the power button was pressed: %s is asked to end", config->name);
			kill(pid, config->stop_signal);
			give_up_at = monotonic_seconds() + config->grace_seconds;
		}
		if (give_up_at != 0 && monotonic_seconds() >= give_up_at)
			kill(pid, SIGKILL);
		renew(lease);
	}
}

int main(void)
{
	mount_kernel_views();
	static struct config config;
	read_config("/tandem.conf", &config);
	load_modules("/modules");
	enter_root(&config);
	if (config.data_volume)
		mount_data(&config);
	struct lease lease = { 0 };
	bring_up_network(&lease);
	prepare_kernel();
	pid_t pid = start_program(&config);
	if (pid < 0)
		die("cannot start a process: %s", strerror(errno));
	say_end(&config, supervise(&config, pid, &lease));
	power_off();
}
