/* A service for the tests of the first process: says who and where it is, and does what its first argument says. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
	char reply[256];
	snprintf(reply, sizeof reply, "HTTP/1.1 %s\r\nContent-Length: 3\r\nConnection: close\r\n\r\nhi\n", status);
	return write(client, reply, strlen(reply)) > 0;
}

static int serve(int port)
{
	int one = 1, server = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(server, (struct sockaddr *)&here, sizeof here) < 0 || listen(server, 16) < 0)
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

static int count_boots(void)
{
	struct stat about;
	int before = stat("/data/mark", &about) == 0;
	int file = open("/data/mark", O_CREAT | O_WRONLY, 0644);
	printf("data: %s, %s\n", file < 0 ? strerror(errno) : "written", before ? "there before" : "new");
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
	if (!strcmp(what, "data"))
		return count_boots();
	if (!strcmp(what, "serve"))
		return serve(atoi(arguments[2]));
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
