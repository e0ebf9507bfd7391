/* The service: a process of its own user, writing to a terminal, so that its lines come out as they do on a console. */
#include "supervisor.h"
#include "../user.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static int open_terminal(char *name, size_t size, uint32_t uid)
{
	int ours = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (ours < 0 || unlockpt(ours) < 0 || ptsname_r(ours, name, size) != 0) {
		say("there is no terminal for the service: %s", strerror(errno));
		exit(1);
	}
	/* A service may open /dev/stderr by name. */
	if (chown(name, uid, uid) < 0)
		say("the terminal stays root's: %s", strerror(errno));
	return ours;
}

/* What is written is what is shown: no carriage returns are added here, the console adds its own. */
static void make_plain(int terminal)
{
	struct termios settings;
	if (tcgetattr(terminal, &settings) < 0)
		return;
	settings.c_oflag &= (tcflag_t)~OPOST;
	settings.c_lflag &= (tcflag_t) ~(ECHO | ICANON | ISIG);
	tcsetattr(terminal, TCSANOW, &settings);
}

static void run(const struct config *config, const char *terminal)
{
	setsid();
	int theirs = open(terminal, O_RDWR);
	int nothing = open("/dev/null", O_RDONLY);
	if (theirs < 0 || nothing < 0) {
		say("cannot open %s: %s", theirs < 0 ? terminal : "/dev/null", strerror(errno));
		_exit(126);
	}
	make_plain(theirs);
	dup2(nothing, 0);
	dup2(theirs, 1);
	dup2(theirs, 2);
	close(theirs);
	close(nothing);
	struct rlimit whole = { .rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY };
	setrlimit(RLIMIT_CORE, &whole);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	become(config->uid, config->capabilities);
	execv(config->arguments[0], config->arguments);
	say("cannot run %s: %s", config->arguments[0], strerror(errno));
	_exit(127);
}

void start_service(const struct config *config, struct service *service)
{
	char terminal[64];
	service->output = open_terminal(terminal, sizeof terminal, config->uid);
	service->started_at = wall_milliseconds();
	service->pid = fork();
	if (service->pid == 0)
		run(config, terminal);
	if (service->pid < 0) {
		say("cannot start a process: %s", strerror(errno));
		exit(1);
	}
}

void describe(int status, char *text, size_t size)
{
	if (WIFEXITED(status)) {
		snprintf(text, size, "exit status %d", WEXITSTATUS(status));
		return;
	}
	const char *name = sigabbrev_np(WTERMSIG(status));
	snprintf(text, size, "exit status %d (SIG%s)", 128 + WTERMSIG(status), name ? name : "?");
}
