/* Saves what is known of the end, and puts it into the evidence bucket: curl signs (SigV4) and speaks TLS. */
#include "supervisor.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void save_end(const struct config *config, const struct service *service, const char *core)
{
	FILE *file = fopen(EVIDENCE "/end.json", "we");
	struct stat size = { 0 };
	if (!file)
		return;
	int is_signal = WIFSIGNALED(service->status);
	const char *name = is_signal ? sigabbrev_np(WTERMSIG(service->status)) : NULL;
	fprintf(file, "{\"service\":\"%s\",\"version\":\"%s\",\"exitStatus\":%d,", config->name, config->version,
		is_signal ? 128 + WTERMSIG(service->status) : WEXITSTATUS(service->status));
	if (name)
		fprintf(file, "\"signal\":\"SIG%s\",", name);
	if (core && stat(core, &size) == 0)
		fprintf(file, "\"coreBytes\":%lld,", (long long)size.st_size);
	fprintf(file, "\"wasAsked\":%s,\"startedAt\":%lld,\"endedAt\":%lld}\n", service->asked_at ? "true" : "false",
		(long long)service->started_at, (long long)wall_milliseconds());
	fclose(file);
}

static size_t add(char *text, size_t size, size_t at, const struct place *place, const char *path, const char *name)
{
	struct stat there;
	if (stat(path, &there) < 0 || there.st_size == 0 || at >= size)
		return at;
	int wrote = snprintf(text + at, size - at, "upload-file = \"%s\"\nurl = \"%s/%s%s\"\n", path, place->endpoint, place->key, name);
	return wrote > 0 && (size_t)wrote < size - at ? at + (size_t)wrote : at;
}

/* Keys go to curl by its standard input: its command line could be read by anybody. */
static void put(const struct place *place, const char *core)
{
	static char text[16384];
	static const char *const FILES[] = { "end.json", "backtrace.txt", "requests.jsonl", "service.log", "kernel.log" };
	size_t at = (size_t)snprintf(text, sizeof text,
				     "silent\nshow-error\nfail\nconnect-timeout = 5\nretry = 2\ncacert = \"/tandem/certificates.pem\"\n"
				     "aws-sigv4 = \"aws:amz:%s:s3\"\nuser = \"%s:%s\"\nheader = \"x-amz-security-token: %s\"\n"
				     /* S3 wants to be told that the body is not signed; curl signs what it is given here. */
				     "header = \"x-amz-content-sha256: UNSIGNED-PAYLOAD\"\n",
				     place->region, place->access_key, place->secret_key, place->token);
	for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
		char path[128];
		snprintf(path, sizeof path, EVIDENCE "/%s", FILES[i]);
		at = add(text, sizeof text, at, place, path, FILES[i]);
	}
	if (core)
		add(text, sizeof text, at, place, core, "core");
	const char *const words[] = { "/tandem/bin/curl", "--disable", "--config", "-", NULL };
	if (run_tool(words, EVIDENCE "/curl.txt", text, REPORT_SECONDS) == 0) {
		say("evidence is in %s/%s", place->bucket, place->key);
		return;
	}
	char why[200] = "";
	FILE *file = fopen(EVIDENCE "/curl.txt", "re");
	if (file && !fgets(why, sizeof why, file))
		why[0] = '\0';
	if (file)
		fclose(file);
	why[strcspn(why, "\n")] = '\0';
	say("evidence is not whole in %s: %s", place->bucket, why[0] ? why : "it took too long");
}

void report(const struct config *config, const struct service *service, const char *core)
{
	static struct place place;
	save_end(config, service, core);
	save_output(EVIDENCE "/service.log");
	save_requests(EVIDENCE "/requests.jsonl");
	save_kernel_log(EVIDENCE "/kernel.log");
	if (find_place(&place) == 0)
		put(&place, core);
	else
		say("evidence is put nowhere: there is no instance metadata that says where, or no instance profile");
}
