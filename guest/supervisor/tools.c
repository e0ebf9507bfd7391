/* The tools in /tandem: each started through the loader and with the libraries that lie beside it. */
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_WORDS 64
#define SHOWN_LINES 60
#define SYSLOG_ACTION_READ_ALL 3

static const char *const LOADER[] = { "/tandem/lib/ld-linux-x86-64.so.2", "--library-path", "/tandem/lib" };

static void execute(const char *const *words)
{
	const char *all[MAX_WORDS + 4];
	int count = 0;
	for (; count < 3; count++)
		all[count] = LOADER[count];
	for (; *words && count < MAX_WORDS + 3; words++)
		all[count++] = *words;
	all[count] = NULL;
	execv(all[0], (char *const *)all);
	say("cannot run %s: %s", all[0], strerror(errno));
	_exit(127);
}

static void use(int from, int as)
{
	if (from < 0)
		from = open("/dev/null", O_RDWR);
	dup2(from, as);
}

int run_tool(const char *const *words, const char *output, const char *input, int limit_seconds)
{
	int text[2] = { -1, -1 };
	if (input && pipe2(text, O_CLOEXEC) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		int file = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		use(text[0], 0);
		use(file, 1);
		use(file, 2);
		sigset_t none;
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		setsid();
		execute(words);
	}
	if (input) {
		close(text[0]);
		/* Less than a pipe holds (64 KiB): this does not wait for the reader. */
		if (write(text[1], input, strlen(input)) < 0)
			say("cannot tell %s: %s", words[0], strerror(errno));
		close(text[1]);
	}
	int status = -1;
	for (int64_t until = seconds() + limit_seconds; waitpid(pid, &status, WNOHANG) == 0; usleep(20000))
		if (seconds() >= until) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return -1;
		}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

#define REGISTERS "registers:"

/* On the console too: it is what is left when the bucket cannot be reached. The kernel has shown the registers there. */
static void show(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[256];
	for (int shown = 0; file && shown < SHOWN_LINES && fgets(line, sizeof line, file); shown++) {
		line[strcspn(line, "\n")] = '\0';
		if (strcmp(line, REGISTERS) == 0)
			break;
		say("gdb: %s", line);
	}
	if (file)
		fclose(file);
}

void save_backtrace(const struct config *config, const struct service *service, const char *core)
{
	char pid[32];
	snprintf(pid, sizeof pid, "--pid=%d", service->pid);
	const char *const words[] = {
		"/tandem/bin/gdb", "-nx", "-batch", "-iex", "set auto-load off", "-iex", "set debuginfod enabled off",
		"-ex", "set pagination off", "-ex", "thread apply all backtrace 40", "-ex", "echo " REGISTERS "\\n", "-ex", "info registers",
		config->arguments[0], core ? core : pid, NULL,
	};
	if (run_tool(words, EVIDENCE "/backtrace.txt", NULL, BACKTRACE_SECONDS) < 0)
		say("the backtrace is not whole");
	show(EVIDENCE "/backtrace.txt");
}

void save_kernel_log(const char *path)
{
	static char log[256 * 1024];
	int length = klogctl(SYSLOG_ACTION_READ_ALL, log, sizeof log);
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file < 0 || length < 0 || write(file, log, (size_t)length) < 0)
		say("the kernel's log is not kept: %s", strerror(errno));
	if (file >= 0)
		close(file);
}
