/*
 * The hello service for disk images, written once and built twice: -DINSTRUMENTED makes the Linux build, and without it the
 * unikernel build does not contain the instrumentation at all. It answers as hello.ts does, and is small enough to boot in
 * a second.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef VERSION
#error "build it with -DVERSION='\"1.0.0\"'"
#endif
/* Every how many greetings one fails; 0: none does. The bug that a bad release ships. */
#ifndef FAIL_EVERY
#define FAIL_EVERY 0
#endif
#ifdef INSTRUMENTED
#define BUILD "linux"
#else
#define BUILD "unikernel"
#endif
#define PORT 8080
#define MOST_CLIENTS 512

struct client {
	char request[8192];
	size_t length;
};

static volatile sig_atomic_t is_stopping;
static struct pollfd watched[MOST_CLIENTS + 1];
static struct client clients[MOST_CLIENTS + 1];
static nfds_t count = 1;
static char node[128];
static unsigned long greetings;

static void on_term(int number)
{
	(void)number;
	is_stopping = 1;
}

#ifdef INSTRUMENTED
static void report(const char *path, int status)
{
	struct timespec now;
	char at[32];
	clock_gettime(CLOCK_REALTIME, &now);
	strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ", gmtime(&now.tv_sec));
	fprintf(stderr, "request failed: {\"at\":\"%s\",\"path\":\"%s\",\"status\":%d,\"greeting\":%lu}\n", at, path, status, greetings);
}
#endif

static int greet(char *body, size_t size)
{
	greetings++;
	int fails = FAIL_EVERY > 0 && greetings % (FAIL_EVERY > 0 ? FAIL_EVERY : 1) == 0;
	int length = snprintf(body, size, "{\"service\":\"hello\",\"version\":\"%s\",\"build\":\"%s\",\"node\":\"%s\"", VERSION, BUILD, node);
	if (fails)
		length += snprintf(body + length, size - (size_t)length, ",\"error\":\"greeting %lu has no name to greet\"", greetings);
	snprintf(body + length, size - (size_t)length, "}\n");
	return fails ? 500 : 200;
}

/* Left on its data volume by a bug: with it, it never gets as far as serving. Without the volume one reset mends it. */
#define POISON "/data/poison"

/* Nobody is told: EC2 sees an instance that runs. */
static void reset(void)
{
	sync();
	reboot(RB_AUTOBOOT);
	fprintf(stderr, "hello may not reset its machine: %s\n", strerror(errno));
}

static char *volatile nobody;

/* Bugs that one request finds: the demo of failing nodes sends it, nobody else does. */
static void meet_bug(const char *path)
{
	if (strcmp(path, "/bugs/assert") == 0)
		assert(nobody != NULL);
	if (strcmp(path, "/bugs/crash") == 0)
		nobody[0] = '\0';
	if (strcmp(path, "/bugs/poweroff") == 0)
		exit(0);
	if (strcmp(path, "/bugs/reset") == 0) {
		close(open(POISON, O_CREAT | O_WRONLY, 0644));
		reset();
	}
	/* A lock that is never released: the process lives, and answers nobody. */
	while (strcmp(path, "/bugs/hang") == 0)
		pause();
}

/* One answer for one request whose head is whole; 0 when the connection is to be closed. */
static int answer(int socket_, const char *request)
{
	char path[256] = "/", body[512], reply[1024];
	int status = 200;
	sscanf(request, "%*s %255s", path);
	int keeps = !strcasestr(request, "\r\nconnection: close") && !strstr(request, " HTTP/1.0\r\n");
	meet_bug(path);
	if (strcmp(path, "/healthz") == 0)
		snprintf(body, sizeof body, "{\"ok\":true}\n");
	else
		status = greet(body, sizeof body);
	int length = snprintf(reply, sizeof reply,
			      "HTTP/1.1 %d %s\r\ncontent-type: application/json\r\ncontent-length: %zu\r\nconnection: %s\r\n\r\n%s", status,
			      status == 200 ? "OK" : "Internal Server Error", strlen(body), keeps ? "keep-alive" : "close", body);
#ifdef INSTRUMENTED
	if (status >= 500)
		report(path, status);
#endif
	return send(socket_, reply, (size_t)length, MSG_NOSIGNAL) == length && keeps;
}

static void leave(nfds_t index)
{
	close(watched[index].fd);
	count--;
	watched[index] = watched[count];
	clients[index] = clients[count];
}

static void serve(nfds_t index)
{
	struct client *client = &clients[index];
	ssize_t got = recv(watched[index].fd, client->request + client->length, sizeof client->request - 1 - client->length, 0);
	if (got <= 0) {
		leave(index);
		return;
	}
	client->length += (size_t)got;
	client->request[client->length] = '\0';
	char *end;
	while ((end = strstr(client->request, "\r\n\r\n")) != NULL) {
		end[2] = '\0';
		if (!answer(watched[index].fd, client->request)) {
			leave(index);
			return;
		}
		client->length -= (size_t)(end + 4 - client->request);
		memmove(client->request, end + 4, client->length + 1);
	}
	if (client->length == sizeof client->request - 1)
		leave(index);
}

static void admit(void)
{
	int socket_ = accept4(watched[0].fd, NULL, NULL, SOCK_CLOEXEC), one = 1;
	if (socket_ < 0)
		return;
	if (count > MOST_CLIENTS) {
		close(socket_);
		return;
	}
	setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	watched[count] = (struct pollfd){ .fd = socket_, .events = POLLIN };
	clients[count++].length = 0;
}

static void listen_or_die(void)
{
	int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(socket_, (struct sockaddr *)&here, sizeof here) < 0 || listen(socket_, 512) < 0) {
		fprintf(stderr, "hello cannot listen on port %d: %s\n", PORT, strerror(errno));
		exit(1);
	}
	watched[0] = (struct pollfd){ .fd = socket_, .events = POLLIN };
}

int main(void)
{
	struct sigaction action = { .sa_handler = on_term };
	sigaction(SIGTERM, &action, NULL);
	gethostname(node, sizeof node - 1);
	if (access(POISON, F_OK) == 0)
		reset();
	listen_or_die();
	printf("hello %s (%s) listens on port %d of %s\n", VERSION, BUILD, PORT, node);
	fflush(stdout);
	while (!is_stopping) {
		if (poll(watched, count, -1) < 0)
			continue;
		for (nfds_t index = count; index-- > 1;)
			if (watched[index].revents)
				serve(index);
		if (watched[0].revents)
			admit();
	}
	return 0;
}
