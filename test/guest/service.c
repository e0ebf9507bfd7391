/* A service for the tests of the first process: says who and where it is, and does what its first argument says. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static volatile sig_atomic_t asked;

static void on_term(int signal)
{
	(void)signal;
	asked = 1;
}

static int listen_on(int port)
{
	int one = 1, server = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	return bind(server, (struct sockaddr *)&here, sizeof here) < 0 || listen(server, 16) < 0 ? -1 : server;
}

/* As a VPN server does; the interface goes with the descriptor. */
static int make_interface(void)
{
	struct ifreq wanted = { .ifr_name = "twin0", .ifr_flags = IFF_TUN | IFF_NO_PI };
	int tun = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	return tun < 0 ? -1 : ioctl(tun, TUNSETIFF, &wanted);
}

/* What the kernel says this process may do, and what comes of it. */
static void say_rights(void)
{
	char line[256];
	FILE *status = fopen("/proc/self/status", "r");
	while (status && fgets(line, sizeof line, status))
		if (!strncmp(line, "Cap", 3) || !strncmp(line, "NoNewPrivs", 10))
			fputs(line, stdout);
	int server = listen_on(80);
	printf("port 80: %s\n", server < 0 ? strerror(errno) : "listens");
	close(server);
	int forward = open("/proc/sys/net/ipv4/ip_forward", O_WRONLY);
	printf("ip_forward: %s\n", forward < 0 || write(forward, "1", 1) < 0 ? strerror(errno) : "set");
	close(forward);
	printf("twin0: %s\n", make_interface() < 0 ? strerror(errno) : "made");
	fflush(stdout);
}

static void introduce(int count, char **arguments)
{
	char directory[256], host[128];
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	gethostname(host, sizeof host);
	printf("uid=%u gid=%u pid=%d cwd=%s host=%s files=%lu\n", getuid(), getgid(), getpid(), getcwd(directory, sizeof directory), host,
	       (unsigned long)files.rlim_cur);
	for (int i = 0; i < count; i++)
		printf("argument[%d]=%s\n", i, arguments[i]);
	printf("GREETING=%s\n", getenv("GREETING") ? getenv("GREETING") : "(none)");
	printf("root is %s\n", open("/written", O_CREAT | O_WRONLY, 0644) >= 0 ? "writable" : strerror(errno));
	printf("stderr by name: %s\n", open("/dev/stderr", O_WRONLY) >= 0 ? "opens" : strerror(errno));
	fflush(stdout);
}

static __attribute__((noinline)) void inner_mistake(int *where)
{
	*where = 42;
}

/* As one that waits for a lock which nobody gives back: being asked to end changes nothing. */
static __attribute__((noinline)) void wait_for_nothing(void)
{
	printf("waits for nothing\n");
	fflush(stdout);
	for (;;)
		pause();
}

/* What it answers every request. */
static const char *status = "200 OK";

static int answer(int client)
{
	char request[4096];
	ssize_t got = read(client, request, sizeof request - 1);
	if (got <= 0)
		return 0;
	request[got] = '\0';
	if (strstr(request, "GET /crash"))
		inner_mistake((int *)8);
	if (strstr(request, "GET /hang"))
		wait_for_nothing();
	if (strstr(request, "GET /rights"))
		say_rights();
	char reply[256];
	snprintf(reply, sizeof reply, "HTTP/1.1 %s\r\nContent-Length: 3\r\nConnection: close\r\n\r\nhi\n", status);
	return write(client, reply, strlen(reply)) > 0;
}

static int serve(int port)
{
	int server = listen_on(port);
	if (server < 0)
		return 3;
	printf("listening on %d\n", port);
	fflush(stdout);
	while (!asked) {
		int client = accept(server, NULL, NULL);
		if (client < 0)
			continue;
		answer(client);
		close(client);
	}
	printf("asked to end\n");
	return 0;
}

/* Whether it has been here before. Kept, when it has said so: a copy of the running machine's disk has it. */
static int count_boots(void)
{
	struct stat about;
	int before = stat("/data/mark", &about) == 0;
	int file = open("/data/mark", O_CREAT | O_WRONLY, 0644);
	if (file >= 0)
		fsync(file);
	printf("data: %s, %s\n", file < 0 ? strerror(errno) : "written", before ? "there before" : "new");
	fflush(stdout);
	return before;
}

/* Once: the boot after it finds that it has been. */
static int reset(void)
{
	if (count_boots())
		return 0;
	sync();
	reboot(RB_AUTOBOOT);
	printf("reset: %s\n", strerror(errno));
	return 5;
}

/* What instance metadata answers to a request, head and all; its length. HTTP/1.0 is read until there is an end, as of old. */
static int ask_metadata(const char *request, char *answer, size_t size)
{
	struct sockaddr_in there = { .sin_family = AF_INET, .sin_port = htons(80), .sin_addr.s_addr = inet_addr("169.254.169.254") };
	int server = socket(AF_INET, SOCK_STREAM, 0);
	size_t length = 0, wanted = size - 1;
	ssize_t got;
	if (connect(server, (struct sockaddr *)&there, sizeof there) == 0 && write(server, request, strlen(request)) > 0)
		while (length < wanted && (got = read(server, answer + length, size - 1 - length)) > 0) {
			answer[length += (size_t)got] = '\0';
			const char *body = strstr(answer, "\r\n\r\n"), *said = strcasestr(answer, "\r\ncontent-length:");
			if (body && said && !strstr(request, " HTTP/1.0"))
				wanted = (size_t)(body + 4 - answer) + strtoul(said + 17, NULL, 10);
		}
	close(server);
	return (int)length;
}

/*
 * Answers each datagram, a number and a text, with the number and: of a request to instance metadata, the answer; else the
 * text. Who connects instead, as a health check does, is hung up on.
 */
static int talk(int port)
{
	int datagrams = socket(AF_INET, SOCK_DGRAM, 0), server = listen_on(port);
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	if (server < 0 || bind(datagrams, (struct sockaddr *)&here, sizeof here) < 0)
		return 3;
	printf("hearing on %d\n", port);
	fflush(stdout);
	struct pollfd watched[] = { { .fd = datagrams, .events = POLLIN }, { .fd = server, .events = POLLIN } };
	while (!asked && poll(watched, 2, -1) > 0) {
		char heard[1500] = "", reply[1500];
		struct sockaddr_in from;
		socklen_t size = sizeof from;
		if (watched[1].revents)
			close(accept(server, NULL, NULL));
		if (!watched[0].revents || recvfrom(datagrams, heard, sizeof heard - 1, 0, (struct sockaddr *)&from, &size) < 0)
			continue;
		const char *text = heard + strcspn(heard, " ");
		int length = snprintf(reply, sizeof reply, "%.*s ", (int)(text - heard), heard);
		if (!strstr(text, " HTTP/1."))
			length += snprintf(reply + length, sizeof reply - (size_t)length, "%s", text + (*text == ' '));
		else
			length += ask_metadata(text + 1, reply + length, sizeof reply - (size_t)length);
		sendto(datagrams, reply, (size_t)length, 0, (struct sockaddr *)&from, size);
	}
	printf("asked to end\n");
	return 0;
}

int main(int count, char **arguments)
{
	struct sigaction on = { .sa_handler = on_term };
	sigaction(SIGTERM, &on, NULL);
	introduce(count, arguments);
	const char *what = count > 1 ? arguments[1] : "";
	if (!strcmp(what, "exit"))
		return atoi(arguments[2]);
	if (!strcmp(what, "abort"))
		abort();
	if (!strcmp(what, "fault"))
		inner_mistake((int *)8);
	if (!strcmp(what, "data")) {
		count_boots();
		return 0;
	}
	if (!strcmp(what, "reset"))
		return reset();
	if (!strcmp(what, "serve"))
		return serve(atoi(arguments[2]));
	if (!strcmp(what, "talk")) {
		count_boots();
		return talk(atoi(arguments[2]));
	}
	if (!strcmp(what, "ill")) {
		status = "503 Service Unavailable";
		return serve(atoi(arguments[2]));
	}
	if (!strcmp(what, "slow")) {
		printf("reading the catalogue\n");
		fflush(stdout);
		sleep((unsigned)atoi(arguments[3]));
		return serve(atoi(arguments[2]));
	}
	if (!strcmp(what, "deaf")) {
		signal(SIGTERM, SIG_IGN);
		printf("deaf\n");
		fflush(stdout);
		for (;;)
			pause();
	}
	return 9;
}
