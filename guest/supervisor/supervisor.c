/*
 * The supervisor of the Linux image: starts the service as its user, once; shows and keeps its output; remembers the requests
 * it was sent; publishes what it answered, once a minute; and when it has ended, saves what tells why, puts that into the
 * evidence bucket, and says the end.
 *
 * It never starts the service again: a failed node is replaced, as a unikernel is.
 */
#include "supervisor.h"
#include "../settings.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void say(const char *format, ...)
{
	char line[600], whole[640];
	va_list rest;
	va_start(rest, format);
	vsnprintf(line, sizeof line, format, rest);
	va_end(rest);
	int all = snprintf(whole, sizeof whole, "tandem: %s\n", line);
	if (write(2, whole, (size_t)all) < 0)
		return;
}

int64_t seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

int64_t wall_milliseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void set(struct config *config, const char *key, char *value)
{
	if (!strcmp(key, "name"))
		config->name = value;
	else if (!strcmp(key, "version"))
		config->version = value;
	else if (!strcmp(key, "uid"))
		config->uid = (uint32_t)strtoul(value, NULL, 10);
	else if (!strcmp(key, "capabilities"))
		config->capabilities = strtoull(value, NULL, 16);
	else if (!strcmp(key, "stop"))
		config->stop_signal = atoi(value);
	else if (!strcmp(key, "grace"))
		config->grace_seconds = atoi(value);
	else if (!strcmp(key, "http") && config->http_port_count < MAX_HTTP_PORTS)
		config->http_ports[config->http_port_count++] = (uint16_t)atoi(value);
	else
		say("the supervisor does not know \"%s\"", key);
}

/* `name=value` words, `--`, the program and its arguments. */
static void read_words(char **words, struct config *config)
{
	for (; *words && strcmp(*words, "--"); words++) {
		char *value = strchr(*words, '=');
		if (!value)
			continue;
		*value++ = '\0';
		set(config, *words, value);
	}
	config->arguments = *words ? words + 1 : words;
	if (!config->name || !config->version || !config->arguments[0]) {
		say("the supervisor was not told what to start");
		exit(1);
	}
}

static void prepare_cores(uint32_t uid)
{
	mkdir(EVIDENCE, 0700);
	mkdir(CORES, 0700);
	if (chown(CORES, uid, uid) < 0)
		say("the service cannot leave a core: %s", strerror(errno));
	write_setting("/proc/sys/kernel/core_pattern", CORES "/core.%p");
	write_setting("/proc/sys/kernel/core_uses_pid", "0");
}

static void show_output(struct service *service)
{
	char bytes[16384];
	ssize_t got;
	while (service->output >= 0 && (got = read(service->output, bytes, sizeof bytes)) != 0) {
		if (got < 0 && errno == EAGAIN)
			return;
		if (got < 0) {
			/* EIO: nobody has the terminal open any more. */
			close(service->output);
			service->output = -1;
			return;
		}
		keep_output(bytes, (size_t)got);
		for (ssize_t done = 0; done < got;) {
			ssize_t wrote = write(1, bytes + done, (size_t)(got - done));
			if (wrote <= 0)
				break;
			done += wrote;
		}
	}
}

static void ask_to_end(const struct config *config, struct service *service)
{
	if (service->asked_at != 0)
		return;
	service->asked_at = seconds();
	kill(service->pid, config->stop_signal);
}

/* One that does not hear is killed; where it stood when it was, is looked at first. */
static void end_when_late(const struct config *config, struct service *service)
{
	if (service->asked_at == 0 || seconds() < service->asked_at + config->grace_seconds)
		return;
	say("%s did not end within %d seconds", config->name, config->grace_seconds);
	save_backtrace(config, service, NULL);
	kill(service->pid, SIGKILL);
	service->asked_at = INT64_MAX / 2;
}

static int has_ended(struct service *service)
{
	pid_t ended;
	int status;
	while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
		if (!has_published(ended, status) && ended == service->pid) {
			service->status = status;
			return 1;
		}
	return 0;
}

static void supervise(const struct config *config, struct service *service, int signals, int packets)
{
	struct pollfd watched[3 + PUBLISHING_FDS] = {
		{ .fd = signals, .events = POLLIN },
		{ .fd = service->output, .events = POLLIN },
		{ .fd = packets, .events = POLLIN },
	};
	do {
		watched[1].fd = service->output;
		watch_publishing(watched + 3);
		poll(watched, 3 + PUBLISHING_FDS, service->asked_at ? 200 : publishing_wait());
		read_requests(packets);
		go_on_publishing(config);
		show_output(service);
		struct signalfd_siginfo seen;
		while (read(signals, &seen, sizeof seen) > 0)
			if (seen.ssi_signo != SIGCHLD)
				ask_to_end(config, service);
		end_when_late(config, service);
	} while (!has_ended(service));
	read_requests(packets);
	show_output(service);
}

static int open_signals(int stop_signal)
{
	sigset_t mask;
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, stop_signal);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

int main(int count, char **words)
{
	(void)count;
	static struct config config = { .stop_signal = SIGTERM };
	read_words(words + 1, &config);
	prepare_cores(config.uid);
	int signals = open_signals(config.stop_signal);
	int packets = config.http_port_count > 0 ? open_requests(&config) : -1;
	struct service service = { 0 };
	start_service(&config, &service);
	begin_publishing();
	supervise(&config, &service, signals, packets);

	publish_last();
	char core[64], end[64];
	snprintf(core, sizeof core, CORES "/core.%d", service.pid);
	int has_core = access(core, R_OK) == 0;
	if (has_core)
		save_backtrace(&config, &service, core);
	report(&config, &service, has_core ? core : NULL);
	finish_publishing();
	describe(service.status, end, sizeof end);
	say("%s: %s", config.name, end);
	return 0;
}
