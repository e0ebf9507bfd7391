/* Some minutes to CloudWatch, in one call of its query protocol: curl signs (SigV4) and speaks TLS. */
#include "supervisor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PUT_SECONDS 20

struct writing {
	FILE *file;
	const struct metrics *metrics;
	const char *instance;
	int data;
};

static void write_datum(struct writing *to, const char *name, const char *unit, uint64_t value, const struct minute *minute)
{
	char member[64], at[32];
	time_t second = minute->number * (MINUTE_MS / 1000);
	struct tm parts;
	strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&second, &parts));
	snprintf(member, sizeof member, "data-urlencode = \"MetricData.member.%d.", ++to->data);
	fprintf(to->file, "%sMetricName=%s\"\n%sUnit=%s\"\n%sValue=%llu\"\n%sTimestamp=%s\"\n", member, name, member, unit, member,
		(unsigned long long)value, member, at);
	fprintf(to->file, "%sDimensions.member.1.Name=%s\"\n%sDimensions.member.1.Value=%s\"\n", member, to->metrics->dimension,
		member, to->instance);
}

static void write_minute(struct writing *to, const struct minute *one)
{
	if (one->has_counts) {
		write_datum(to, to->metrics->requests, "Count", one->counts.requests, one);
		write_datum(to, to->metrics->errors, "Count", one->counts.errors, one);
	}
	if (one->memory > 0)
		write_datum(to, to->metrics->memory, "Bytes", one->memory, one);
}

/* For curl's standard input, since its command line could be read by anybody: a form, as CloudWatch's query protocol has it. */
static char *words_for_curl(const struct place *place, const struct metrics *metrics, const struct minute *minutes, int count)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	if (!file)
		return NULL;
	fprintf(file,
		"silent\nshow-error\nconnect-timeout = 5\nmax-time = 15\ncacert = \"/tandem/certificates.pem\"\n"
		"aws-sigv4 = \"aws:amz:%s:monitoring\"\nuser = \"%s:%s\"\nheader = \"x-amz-security-token: %s\"\n"
		/* Said here so that curl signs it. */
		"header = \"content-type: application/x-www-form-urlencoded\"\n"
		"output = \"/dev/null\"\nwrite-out = \"\\n%%{http_code} %%{size_upload}\\n\"\nurl = \"%s\"\n"
		"data-urlencode = \"Action=PutMetricData\"\ndata-urlencode = \"Version=2010-08-01\"\ndata-urlencode = \"Namespace=%s\"\n",
		place->region, place->access_key, place->secret_key, place->token, place->metrics_endpoint, metrics->namespace);
	struct writing to = { .file = file, .metrics = metrics, .instance = place->instance };
	for (int i = 0; i < count; i++)
		write_minute(&to, &minutes[i]);
	fclose(file);
	return text;
}

/* What curl has left: its complaint if it has one, then the status and how much it has sent. */
static int read_outcome(const char *path, char *why, size_t size)
{
	FILE *file = fopen(path, "re");
	char line[200];
	int status = 0, sent = -1;
	while (file && fgets(line, sizeof line, file)) {
		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%d %d", &status, &sent) != 2 && line[0])
			snprintf(why, size, "%s", line);
	}
	if (file)
		fclose(file);
	if (status >= 400)
		snprintf(why, size, "CloudWatch answers %d", status);
	if (status >= 200 && status < 300)
		return TAKEN;
	return status >= 300 || sent == 0 ? NOT_TAKEN : PERHAPS_TAKEN;
}

int put_minutes(const struct metrics *metrics, const struct minute *minutes, int count, char *why, size_t size)
{
	static struct place place;
	char answer[64];
	const char *const words[] = { "/tandem/bin/curl", "--disable", "--config", "-", NULL };
	snprintf(why, size, "there is no instance metadata that says where, or no instance profile");
	if (find_place(&place) < 0)
		return NOT_TAKEN;
	snprintf(why, size, "it took too long");
	char *text = words_for_curl(&place, metrics, minutes, count);
	if (!text)
		return NOT_TAKEN;
	/* The last one may be on its way beside the one before. */
	snprintf(answer, sizeof answer, EVIDENCE "/metrics-%d.txt", getpid());
	run_tool(words, answer, text, PUT_SECONDS);
	int outcome = read_outcome(answer, why, size);
	unlink(answer);
	return outcome;
}
