/*
 * Once a minute, what the service has answered and the memory it has, to CloudWatch: in a process of its own, so that the
 * service never waits for it. What was not taken is tried again with the next minute, for some minutes. What may have been
 * taken is not: CloudWatch would add it a second time.
 *
 *   asked (user data) → on → minute over → kept → put → dropped
 *                        └─ off: the service's file has no nodeMetrics
 */
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEPT 15
/* The end of a failed node is not held up for longer. */
#define LAST_SECONDS 5
#define ASKED_TIMES 5
#define ASKED_AGAIN_SECONDS 3

static struct metrics metrics;
static int is_on, is_failing;
static int asked = -1, packets = -1;
static int64_t now_counted;
/* The oldest first; of them so many are on their way. */
static struct minute kept[KEPT];
static int kept_count, sent_count;
static pid_t asker, putter, last_putter;

static int64_t this_minute(void)
{
	return wall_milliseconds() / MINUTE_MS;
}

/* Instance metadata may be slow, or not there at all: the service's first lines do not wait for it. */
static void ask_metadata(int answer)
{
	struct metrics found;
	for (int i = 0; i < ASKED_TIMES; i++) {
		if (find_metrics(&found) == 0) {
			/* Less than PIPE_BUF: whole or not at all. */
			_exit(write(answer, &found, sizeof found) < 0);
		}
		sleep(ASKED_AGAIN_SECONDS);
	}
	_exit(1);
}

void begin_publishing(void)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return;
	asker = fork();
	if (asker == 0)
		ask_metadata(ends[1]);
	close(ends[1]);
	asked = ends[0];
}

static void hear_metadata(void)
{
	ssize_t got = read(asked, &metrics, sizeof metrics);
	if (got < 0 && errno == EAGAIN)
		return;
	close(asked);
	asked = -1;
	if (got != (ssize_t)sizeof metrics || metrics.port == 0)
		return;
	is_on = 1;
	packets = open_answers(metrics.port);
	now_counted = this_minute();
	say("counts of every minute go to CloudWatch, namespace %s", metrics.namespace);
}

static void drop(int count)
{
	kept_count -= count;
	sent_count = sent_count > count ? sent_count - count : 0;
	memmove(kept, kept + count, (size_t)kept_count * sizeof *kept);
}

/*
 * A minute in which an answer was missed is a minute without counts, and not one with fewer. So is one in which nothing was
 * answered, not even a health check: then nobody knows whether this can see anything.
 */
static void close_minute(uint64_t memory)
{
	static int was_whole = 1;
	read_answers(packets);
	struct minute one = { .number = now_counted, .counts = take_counts(packets), .memory = memory };
	now_counted = this_minute();
	if (was_whole && packets >= 0 && !one.counts.is_whole)
		say("not every answer was seen: a minute has no counts");
	was_whole = one.counts.is_whole;
	one.has_counts = one.counts.is_whole && one.counts.answers > 0;
	if (!one.has_counts && one.memory == 0)
		return;
	if (kept_count == KEPT)
		drop(1);
	kept[kept_count++] = one;
}

/* The first failure says why; those after it would only fill the console. */
static pid_t put_besides(const struct minute *minutes, int count)
{
	char why[200];
	pid_t pid = fork();
	if (pid != 0)
		return pid < 0 ? 0 : pid;
	int outcome = put_minutes(&metrics, minutes, count, why, sizeof why);
	if (outcome != TAKEN && !is_failing)
		say("counts are not published: %s", why);
	_exit(outcome);
}

void go_on_publishing(const struct config *config)
{
	if (asked >= 0)
		hear_metadata();
	if (!is_on)
		return;
	read_answers(packets);
	if (this_minute() == now_counted)
		return;
	close_minute(service_memory(config->uid));
	if (putter != 0 || kept_count == 0)
		return;
	putter = put_besides(kept, kept_count);
	sent_count = putter == 0 ? 0 : kept_count;
}

static void settle(int status)
{
	int outcome = WIFEXITED(status) ? WEXITSTATUS(status) : PERHAPS_TAKEN;
	putter = 0;
	if (outcome != NOT_TAKEN)
		drop(sent_count);
	sent_count = 0;
	if (outcome == TAKEN && is_failing)
		say("counts are published again");
	is_failing = outcome != TAKEN;
}

int has_published(pid_t pid, int status)
{
	if (pid == asker) {
		asker = 0;
		return 1;
	}
	if (pid != putter)
		return 0;
	settle(status);
	return 1;
}

void watch_publishing(struct pollfd *fds)
{
	fds[0] = (struct pollfd){ .fd = asked, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = packets, .events = POLLIN };
}

int publishing_wait(void)
{
	return is_on ? (int)(MINUTE_MS - wall_milliseconds() % MINUTE_MS) : -1;
}

void publish_last(void)
{
	if (!is_on)
		return;
	close_minute(0);
	if (kept_count > sent_count)
		last_putter = put_besides(kept + sent_count, kept_count - sent_count);
}

static int is_running(pid_t *pid)
{
	if (*pid > 0 && waitpid(*pid, NULL, WNOHANG) != 0)
		*pid = 0;
	return *pid > 0;
}

void finish_publishing(void)
{
	int64_t until = seconds() + LAST_SECONDS;
	while ((is_running(&putter) | is_running(&last_putter)) && seconds() < until)
		usleep(20000);
}
