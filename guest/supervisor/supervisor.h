#ifndef TANDEM_SUPERVISOR_H
#define TANDEM_SUPERVISOR_H

/* glibc: names of signals. */
#define _GNU_SOURCE

#include "../say.h"

#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define EVIDENCE "/run/evidence"
#define CORES "/cores"
#define MAX_HTTP_PORTS 32
/* What evidence may take together; twin/linux-image.ts adds it to the grace the first process gives. */
#define BACKTRACE_SECONDS 25
#define REPORT_SECONDS 60

struct config {
	char *name;
	char *version;
	uint32_t uid;
	uint64_t capabilities;
	int stop_signal;
	int grace_seconds;
	uint16_t http_ports[MAX_HTTP_PORTS];
	int http_port_count;
	char **arguments;
};

struct service {
	pid_t pid;
	/* Our end of the terminal the service writes to. */
	int output;
	int64_t started_at;
	/* The power button was pressed, at this second of the monotonic clock. */
	int64_t asked_at;
	int status;
};

/* supervisor.c */
int64_t seconds(void);
int64_t wall_milliseconds(void);

/* service.c */
void start_service(const struct config *config, struct service *service);
/* The end as the first process says it: `exit status 139 (SIGSEGV)`. */
void describe(int status, char *text, size_t size);

/* log.c: the last output of the service. */
void keep_output(const char *bytes, size_t length);
void save_output(const char *path);

/* requests.c: the last requests, seen as they arrive. */
int open_requests(const struct config *config);
void read_requests(int packets);
void save_requests(const char *path);

/* tools.c */
/* Runs one of /tandem/bin, with its output in a file and its input from a text or nothing; 0 when it ended well and in time. */
int run_tool(const char *const *words, const char *output, const char *input, int limit_seconds);
/* Of a core, or, without one, of the process while it hangs. */
void save_backtrace(const struct config *config, const struct service *service, const char *core);
void save_kernel_log(const char *path);

/* metadata.c */
struct metrics {
	char namespace[256], requests[256], errors[256], memory[256], dimension[256];
	/* The service's, of which answers are counted; 0: nothing is to be published. */
	uint16_t port;
};
struct place {
	char bucket[128], region[64], instance[64], key[512], endpoint[512], metrics_endpoint[512];
	char access_key[256], secret_key[256], token[4096];
};
/* Where evidence and metrics are to go, as user data and instance metadata have it; -1: nowhere. */
int find_place(struct place *place);
/* Which metrics the user data wants; -1: it cannot be read. */
int find_metrics(struct metrics *metrics);

/* answers.c: what the service has answered, told from its packets. */
struct counts {
	uint64_t requests, errors;
	/* With those to health checks. */
	uint64_t answers;
	/* 0: some were not seen. */
	int is_whole;
};
int open_answers(uint16_t port);
void read_answers(int packets);
/* Since they were taken before. */
struct counts take_counts(int packets);

/* memory.c: bytes. */
uint64_t service_memory(uint32_t uid);

/* put-minutes.c */
#define MINUTE_MS 60000
struct minute {
	int64_t number;
	struct counts counts;
	int has_counts;
	/* Bytes; 0: not known. */
	uint64_t memory;
};
enum { TAKEN, NOT_TAKEN, PERHAPS_TAKEN };
int put_minutes(const struct metrics *metrics, const struct minute *minutes, int count, char *why, size_t size);

/* publish.c: every minute's counts and memory, to CloudWatch. */
void begin_publishing(void);
/* What is to be polled besides, and for how many milliseconds at most; -1: for ever. */
#define PUBLISHING_FDS 2
void watch_publishing(struct pollfd *fds);
int publishing_wait(void);
void go_on_publishing(const struct config *config);
/* Whether a child that has ended was one of those. */
int has_published(pid_t pid, int status);
/* Sends the part of a minute that the end leaves; the other waits until it is sent, for some seconds. */
void publish_last(void);
void finish_publishing(void);

/* report.c: puts everything in EVIDENCE, and the core, into the bucket. */
void report(const struct config *config, const struct service *service, const char *core);

#endif
