/*
 * Instance metadata, version 2: a token first, then everything with it. Plain HTTP/1.0 to 169.254.169.254.
 * The user data is what lib/constructs/node-templates.ts writes: {"tandem":{"region","bucket","reportPrefix","nodeMetrics"?}}.
 */
#include "supervisor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECT_MS 1000
#define ANSWER_SECONDS 3

static int connect_in_time(void)
{
	int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_in there = { .sin_family = AF_INET, .sin_port = htons(80), .sin_addr.s_addr = htonl(0xa9fea9fe) };
	int error = 0;
	socklen_t size = sizeof error;
	struct pollfd ready = { .fd = socket_, .events = POLLOUT };
	if (socket_ < 0)
		return -1;
	if (connect(socket_, (struct sockaddr *)&there, sizeof there) < 0 &&
	    (errno != EINPROGRESS || poll(&ready, 1, CONNECT_MS) != 1 ||
	     getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size) < 0 || error != 0)) {
		close(socket_);
		return -1;
	}
	struct timeval limit = { .tv_sec = ANSWER_SECONDS };
	fcntl(socket_, F_SETFL, 0);
	setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	return socket_;
}

/* The answer's length as its head says; -1: until the end. */
static long length_of(const char *head)
{
	const char *found = strcasestr(head, "\r\ncontent-length:");
	return found ? strtol(found + 17, NULL, 10) : -1;
}

static int read_answer(int socket_, char *all, size_t size)
{
	size_t length = 0;
	ssize_t got;
	while (length < size - 1 && (got = read(socket_, all + length, size - 1 - length)) > 0) {
		length += (size_t)got;
		all[length] = '\0';
		char *body = strstr(all, "\r\n\r\n");
		if (body && length_of(all) >= 0 && all + length >= body + 4 + length_of(all))
			break;
	}
	all[length] = '\0';
	return strncmp(all, "HTTP/1.", 7) == 0 && strncmp(all + 8, " 200", 4) == 0 ? 0 : -1;
}

/* The body of the answer, as text. */
static int ask(const char *method, const char *path, const char *header, char *body, size_t size)
{
	char request[1024], all[20000];
	snprintf(request, sizeof request, "%s %s HTTP/1.0\r\nHost: 169.254.169.254\r\n%s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
		 method, path, header);
	int socket_ = connect_in_time();
	if (socket_ < 0)
		return -1;
	int answered = send(socket_, request, strlen(request), MSG_NOSIGNAL) >= 0 && read_answer(socket_, all, sizeof all) == 0;
	close(socket_);
	if (!answered)
		return -1;
	char *start = strstr(all, "\r\n\r\n");
	snprintf(body, size, "%s", start ? start + 4 : "");
	return 0;
}

#define JSON_SPACE " \t\r\n"

/* What follows the first key of that name, at whatever depth: keys are told from values by their colon. */
static const char *value_of(const char *json, const char *name)
{
	char quoted[64];
	snprintf(quoted, sizeof quoted, "\"%s\"", name);
	for (const char *at = json; (at = strstr(at, quoted)) != NULL;) {
		at += strlen(quoted);
		const char *colon = at + strspn(at, JSON_SPACE);
		if (*colon == ':')
			return colon + 1 + strspn(colon + 1, JSON_SPACE);
	}
	return NULL;
}

/* A string that has no escapes in it, which holds for names of AWS and for its keys. */
static int text_of(const char *json, const char *name, char *value, size_t size)
{
	const char *at = value_of(json, name);
	const char *end = at && *at == '"' ? strchr(at + 1, '"') : NULL;
	if (!end || (size_t)(end - at) > size || memchr(at, '\\', (size_t)(end - at)))
		return -1;
	snprintf(value, size, "%.*s", (int)(end - at - 1), at + 1);
	return 0;
}

static int read_credentials(const char *token, struct place *place)
{
	char role[256], path[400], json[8192];
	if (ask("GET", "/latest/meta-data/iam/security-credentials/", token, role, sizeof role) < 0)
		return -1;
	role[strcspn(role, "\r\n")] = '\0';
	snprintf(path, sizeof path, "/latest/meta-data/iam/security-credentials/%s", role);
	if (ask("GET", path, token, json, sizeof json) < 0)
		return -1;
	return text_of(json, "AccessKeyId", place->access_key, sizeof place->access_key) |
	       text_of(json, "SecretAccessKey", place->secret_key, sizeof place->secret_key) |
	       text_of(json, "Token", place->token, sizeof place->token);
}

/* The colon of the prefix is encoded: what is signed is the path as it is sent. */
static void set_key(struct place *place, const char *prefix, const char *instance)
{
	size_t at = 0;
	for (; *prefix && at < sizeof place->key - 4; prefix++)
		at += (size_t)snprintf(place->key + at, sizeof place->key - at, *prefix == ':' ? "%%3A" : "%c", *prefix);
	snprintf(place->key + at, sizeof place->key - at, "%s/", instance);
}

/*
 * A runtime on one machine may say where all of its services answer: then the bucket is part of the path. AWS knows no
 * such answer, only the domain of its names.
 */
static void set_endpoints(struct place *place, const char *header)
{
	char base[256], domain[256];
	if (ask("GET", "/latest/meta-data/services/endpoint", header, base, sizeof base) == 0) {
		base[strcspn(base, "\r\n")] = '\0';
		snprintf(place->endpoint, sizeof place->endpoint, "%s/%s", base, place->bucket);
		snprintf(place->metrics_endpoint, sizeof place->metrics_endpoint, "%s/", base);
		return;
	}
	if (ask("GET", "/latest/meta-data/services/domain", header, domain, sizeof domain) < 0)
		snprintf(domain, sizeof domain, "amazonaws.com");
	domain[strcspn(domain, "\r\n")] = '\0';
	snprintf(place->endpoint, sizeof place->endpoint, "https://%s.s3.%s.%s", place->bucket, place->region, domain);
	snprintf(place->metrics_endpoint, sizeof place->metrics_endpoint, "https://monitoring.%s.%s/", place->region, domain);
}

/* Of a service that says nothing of node metrics, the port stays 0: nothing is published. */
static void set_metrics(struct metrics *metrics, const char *data)
{
	*metrics = (struct metrics){ 0 };
	const char *of = value_of(data, "nodeMetrics"), *port = of ? value_of(of, "port") : NULL;
	if (!port || text_of(of, "namespace", metrics->namespace, sizeof metrics->namespace) < 0 ||
	    text_of(of, "requests", metrics->requests, sizeof metrics->requests) < 0 ||
	    text_of(of, "errors", metrics->errors, sizeof metrics->errors) < 0 ||
	    text_of(of, "memory", metrics->memory, sizeof metrics->memory) < 0 ||
	    text_of(of, "dimension", metrics->dimension, sizeof metrics->dimension) < 0)
		return;
	metrics->port = (uint16_t)atoi(port);
}

/* A header with a new token, and the user data. */
static int read_user_data(char *header, size_t header_size, char *data, size_t data_size)
{
	char token[512];
	if (ask("PUT", "/latest/api/token", "X-aws-ec2-metadata-token-ttl-seconds: 300", token, sizeof token) < 0)
		return -1;
	token[strcspn(token, "\r\n")] = '\0';
	snprintf(header, header_size, "X-aws-ec2-metadata-token: %s", token);
	return ask("GET", "/latest/user-data", header, data, data_size);
}

int find_metrics(struct metrics *metrics)
{
	char header[600], data[16500];
	if (read_user_data(header, sizeof header, data, sizeof data) < 0)
		return -1;
	set_metrics(metrics, data);
	return 0;
}

int find_place(struct place *place)
{
	char header[600], data[16500], prefix[256];
	if (read_user_data(header, sizeof header, data, sizeof data) < 0 ||
	    text_of(data, "bucket", place->bucket, sizeof place->bucket) < 0 ||
	    text_of(data, "region", place->region, sizeof place->region) < 0 ||
	    text_of(data, "reportPrefix", prefix, sizeof prefix) < 0 ||
	    ask("GET", "/latest/meta-data/instance-id", header, place->instance, sizeof place->instance) < 0)
		return -1;
	place->instance[strcspn(place->instance, "\r\n")] = '\0';
	set_key(place, prefix, place->instance);
	set_endpoints(place, header);
	return read_credentials(header, place);
}
