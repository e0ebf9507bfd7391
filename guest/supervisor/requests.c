/*
 * The last requests, read from a copy of the packets that arrive: the service is not touched, and does not wait. What is
 * encrypted is not understood, and not kept. Headers that carry credentials are left out when the requests are saved.
 *
 *   packet → flow (by who sends) → head until an empty line → one of the last requests → its body, up to a limit
 */
#include "supervisor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUESTS 256
#define FLOWS 1024
#define MAX_HEAD 8192
#define MAX_BODY 16384
#define SNAPPED 24576

struct request {
	uint64_t number;
	int64_t at;
	size_t head_length, body_length, body_whole;
	char *head, *body;
};

/* What lines mean, where they are no head: the rest of one that is too long, or what stands around chunks of a body. */
enum framing { NONE, HEAD_REST, CHUNK_SIZE, CHUNK_END, TRAILERS };

struct flow {
	uint32_t address;
	uint16_t port;
	uint32_t next;
	/* What of a head has come, until it is whole. */
	char *head;
	size_t head_length;
	/* The request whose body is coming. */
	uint64_t number;
	/* Of the body, or of a chunk of it. */
	size_t body_left;
	enum framing framing;
	int is_chunked;
	/* The beginning of the line that is coming. */
	char line[20];
	size_t line_length;
};

static struct request requests[REQUESTS];
static struct flow flows[FLOWS];
static uint64_t seen;

/* In the kernel: TCP, no later fragments, to one of the ports. Offsets are from the IP header. */
static int filter(int packets, const struct config *config)
{
	struct sock_filter code[MAX_HTTP_PORTS + 8];
	unsigned short at = 0, ports = (unsigned short)config->http_port_count;
	code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9);
	code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 0, (unsigned char)(ports + 4));
	code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6);
	code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1fff, (unsigned char)(ports + 2), 0);
	code[at++] = (struct sock_filter)BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0);
	code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2);
	for (unsigned short i = 0; i < ports; i++)
		code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, config->http_ports[i], (unsigned char)(ports - i), 0);
	code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SNAPPED);
	struct sock_fprog program = { .len = at, .filter = code };
	return setsockopt(packets, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

int open_requests(const struct config *config)
{
	int packets = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_IP));
	int room = 4 * 1024 * 1024;
	if (packets >= 0 && filter(packets, config) == 0) {
		setsockopt(packets, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
		return packets;
	}
	say("requests are not remembered: %s", strerror(errno));
	return -1;
}

static struct flow *flow_of(uint32_t address, uint16_t port)
{
	struct flow *flow = &flows[(address * 2654435761u ^ port * 40503u) % FLOWS];
	if (flow->address != address || flow->port != port) {
		free(flow->head);
		*flow = (struct flow){ .address = address, .port = port };
	}
	return flow;
}

static size_t lesser(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Bytes come in pieces of any size: as far as they go, these may be a method. */
static int may_begin_request(const char *bytes, size_t length)
{
	static const char *const METHODS[] = { "GET ", "POST ", "PUT ", "HEAD ", "DELETE ", "PATCH ", "OPTIONS " };
	for (size_t i = 0; i < sizeof METHODS / sizeof *METHODS; i++)
		if (memcmp(bytes, METHODS[i], lesser(length, strlen(METHODS[i]))) == 0)
			return 1;
	return 0;
}

/* Heads are of whatever bytes came, NULs too: nothing looks beyond their length. */
static const char *line_end(const char *from, const char *end)
{
	return memmem(from, (size_t)(end - from), "\r\n", 2);
}

/* Whether a header is there and its value begins so; `value` is then where it begins. */
static int has_header(const struct flow *flow, const char *name, const char *beginning, const char **value)
{
	const char *end = flow->head + flow->head_length, *line = line_end(flow->head, end);
	for (size_t length = strlen(name); line && (size_t)(end - line) > length + 2; line = line_end(line, end)) {
		line += 2;
		if ((size_t)(end - line) <= length || strncasecmp(line, name, length) != 0 || line[length] != ':')
			continue;
		*value = line + length + 1 + strspn(line + length + 1, " \t");
		return strncasecmp(*value, beginning, strlen(beginning)) == 0;
	}
	return 0;
}

static void keep_request(struct flow *flow)
{
	const char *value;
	flow->head[flow->head_length] = '\0';
	flow->is_chunked = has_header(flow, "transfer-encoding", "chunked", &value);
	flow->body_left = !flow->is_chunked && has_header(flow, "content-length", "", &value) ? strtoul(value, NULL, 10) : 0;
	flow->number = 0;
	/* The load balancer asks every few seconds, which would push everything else out. */
	if (has_header(flow, "user-agent", "ELB-HealthChecker/", &value))
		return;
	struct request *kept = &requests[seen++ % REQUESTS];
	free(kept->head);
	free(kept->body);
	flow->number = seen;
	*kept = (struct request){
		.number = seen,
		.at = wall_milliseconds(),
		.head_length = flow->head_length,
		.body_whole = flow->body_left,
		.head = malloc(flow->head_length),
		.body = flow->body_left || flow->is_chunked ? malloc(MAX_BODY) : NULL,
	};
	if (kept->head)
		memcpy(kept->head, flow->head, flow->head_length);
}

static struct request *request_of(const struct flow *flow)
{
	struct request *kept = flow->number ? &requests[(flow->number - 1) % REQUESTS] : NULL;
	return kept && kept->number == flow->number ? kept : NULL;
}

static void keep_body(struct flow *flow, const char *bytes, size_t length)
{
	struct request *kept = request_of(flow);
	flow->body_left -= length;
	if (!kept || !kept->body)
		return;
	size_t part = lesser(length, MAX_BODY - kept->body_length);
	memcpy(kept->body + kept->body_length, bytes, part);
	kept->body_length += part;
}

static void lose_track(struct flow *flow)
{
	flow->head_length = flow->body_left = flow->line_length = 0;
	flow->framing = NONE;
}

static void begin_chunk(struct flow *flow)
{
	char *end;
	flow->body_left = strtoul(flow->line, &end, 16);
	if (end == flow->line)
		return lose_track(flow);
	struct request *kept = request_of(flow);
	if (kept)
		kept->body_whole += flow->body_left;
	flow->framing = flow->body_left > 0 ? CHUNK_END : TRAILERS;
}

/* One line, or what has come of it. */
static size_t take_line(struct flow *flow, const char *bytes, size_t length)
{
	const char *end = memchr(bytes, '\n', length);
	size_t taken = end ? (size_t)(end - bytes) + 1 : length;
	size_t part = lesser(taken, sizeof flow->line - 1 - flow->line_length);
	memcpy(flow->line + flow->line_length, bytes, part);
	flow->line_length += part;
	if (!end)
		return taken;
	flow->line[flow->line_length] = '\0';
	int is_empty = strcmp(flow->line, "\r\n") == 0 || strcmp(flow->line, "\n") == 0;
	flow->line_length = 0;
	if (flow->framing == CHUNK_SIZE)
		begin_chunk(flow);
	else if (flow->framing == CHUNK_END)
		flow->framing = CHUNK_SIZE;
	else if (is_empty)
		flow->framing = flow->framing == HEAD_REST && flow->is_chunked ? CHUNK_SIZE : NONE;
	return taken;
}

/* Of a head that is too long the beginning is kept; the rest is passed over, and the line that is cut may be its last. */
static void cut_head(struct flow *flow)
{
	keep_request(flow);
	const char *last = memrchr(flow->head, '\n', flow->head_length);
	const char *line = last ? last + 1 : flow->head;
	flow->line_length = lesser((size_t)(flow->head + flow->head_length - line), sizeof flow->line - 1);
	memcpy(flow->line, line, flow->line_length);
	flow->framing = HEAD_REST;
	flow->head_length = 0;
}

static size_t take_head(struct flow *flow, const char *bytes, size_t length)
{
	if (flow->head_length == 0 && (*bytes == '\r' || *bytes == '\n'))
		return 1;
	if (flow->head_length == 0 && !may_begin_request(bytes, length))
		return length;
	if (!flow->head && !(flow->head = malloc(MAX_HEAD + 1)))
		return length;
	size_t before = flow->head_length, part = lesser(length, MAX_HEAD - before);
	memcpy(flow->head + before, bytes, part);
	flow->head_length += part;
	if (!may_begin_request(flow->head, flow->head_length)) {
		flow->head_length = 0;
		return length;
	}
	size_t from = before < 3 ? 0 : before - 3;
	const char *end = memmem(flow->head + from, flow->head_length - from, "\r\n\r\n", 4);
	if (end) {
		part = (size_t)(end - flow->head) + 4 - before;
		flow->head_length = before + part;
		keep_request(flow);
		flow->framing = flow->is_chunked ? CHUNK_SIZE : NONE;
		flow->head_length = 0;
	} else if (flow->head_length == MAX_HEAD) {
		cut_head(flow);
	}
	return part;
}

/* Takes the next bytes of a flow; what belongs to no request is passed over. Returns how many it took. */
static size_t take(struct flow *flow, const char *bytes, size_t length)
{
	if (flow->framing != HEAD_REST && flow->body_left > 0) {
		size_t part = lesser(length, flow->body_left);
		keep_body(flow, bytes, part);
		return part;
	}
	return flow->framing != NONE ? take_line(flow, bytes, length) : take_head(flow, bytes, length);
}

static void read_packet(const unsigned char *packet, size_t length)
{
	size_t ip = (size_t)(packet[0] & 15) * 4;
	if (length < 20 || length < ip + 20)
		return;
	const unsigned char *tcp = packet + ip;
	size_t head = ip + (size_t)(tcp[12] >> 4) * 4, whole = (size_t)packet[2] << 8 | packet[3];
	uint32_t address, sequence;
	uint16_t port;
	memcpy(&address, packet + 12, 4);
	memcpy(&port, tcp, 2);
	memcpy(&sequence, tcp + 4, 4);
	sequence = ntohl(sequence);
	struct flow *flow = flow_of(address, port);
	if (tcp[13] & 2) {
		lose_track(flow);
		flow->next = sequence + 1;
		return;
	}
	if (whole <= head || length <= head)
		return;
	int32_t ahead = (int32_t)(sequence - flow->next);
	/* Sent again. */
	if (ahead < 0 && ahead > -(1 << 20))
		return;
	if (ahead != 0)
		lose_track(flow);
	flow->next = sequence + (uint32_t)(whole - head);
	const char *bytes = (const char *)packet + head;
	for (size_t left = length - head; left > 0;) {
		size_t taken = take(flow, bytes, left);
		bytes += taken;
		left -= taken;
	}
	if (length < whole)
		lose_track(flow);
}

void read_requests(int packets)
{
	static unsigned char packet[SNAPPED];
	struct sockaddr_ll from;
	socklen_t size = sizeof from;
	ssize_t length;
	while (packets >= 0 && (length = recvfrom(packets, packet, sizeof packet, 0, (struct sockaddr *)&from, &size)) > 0) {
		if (from.sll_pkttype != PACKET_OUTGOING)
			read_packet(packet, (size_t)length);
		size = sizeof from;
	}
}

/* Bytes outside of ASCII as the characters of their numbers. */
static void write_text(FILE *file, const char *bytes, size_t length)
{
	fputc('"', file);
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)bytes[i];
		if (byte == '"' || byte == '\\')
			fprintf(file, "\\%c", byte);
		else if (byte < 32 || byte > 126)
			fprintf(file, "\\u%04x", byte);
		else
			fputc(byte, file);
	}
	fputc('"', file);
}

static void write_base64(FILE *file, const char *bytes, size_t length)
{
	static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < length; i += 3) {
		uint32_t three = 0;
		for (size_t j = 0; j < 3; j++)
			three = three << 8 | (i + j < length ? (unsigned char)bytes[i + j] : 0);
		for (size_t j = 0; j < 4; j++)
			fputc(i + j <= length ? DIGITS[three >> (18 - 6 * j) & 63] : '=', file);
	}
}

static int is_credential(const char *name, size_t length)
{
	static const char *const SECRETS[] = { "authorization", "proxy-authorization", "cookie", "x-api-key", "x-auth-token",
					       "x-csrf-token", "x-amz-security-token", "x-amzn-oidc-data", "x-amzn-oidc-accesstoken" };
	for (size_t i = 0; i < sizeof SECRETS / sizeof *SECRETS; i++)
		if (strlen(SECRETS[i]) == length && strncasecmp(name, SECRETS[i], length) == 0)
			return 1;
	return 0;
}

static void write_headers(FILE *file, const char *line, const char *head_end)
{
	const char *comma = "";
	for (const char *end; (end = line_end(line, head_end)) != NULL && end != line; line = end + 2) {
		const char *colon = memchr(line, ':', (size_t)(end - line));
		if (!colon || is_credential(line, (size_t)(colon - line)))
			continue;
		const char *value = colon + 1;
		while (value < end && (*value == ' ' || *value == '\t'))
			value++;
		fprintf(file, "%s[", comma);
		write_text(file, line, (size_t)(colon - line));
		fputc(',', file);
		write_text(file, value, (size_t)(end - value));
		fputc(']', file);
		comma = ",";
	}
}

static void write_request(FILE *file, const struct request *request)
{
	const char *method = request->head, *head_end = method + request->head_length;
	const char *path = (const char *)memchr(method, ' ', request->head_length) + 1;
	const char *line = line_end(path, head_end), *path_end = line ? line : head_end;
	const char *space = memchr(path, ' ', (size_t)(path_end - path));
	size_t path_length = (size_t)((space ? space : path_end) - path);
	fprintf(file, "{\"at\":%lld,\"method\":\"%.*s\",\"path\":", (long long)request->at, (int)(path - method - 1), method);
	write_text(file, path, path_length);
	fputs(",\"headers\":[", file);
	if (line)
		write_headers(file, line + 2, head_end);
	fprintf(file, "],\"bodyBytes\":%zu,\"body\":\"", request->body_whole);
	write_base64(file, request->body, request->body_length);
	fputs("\"}\n", file);
}

/* Oldest first, a JSON object a line. */
void save_requests(const char *path)
{
	FILE *file = fopen(path, "we");
	if (!file)
		return;
	for (uint64_t number = seen > REQUESTS ? seen - REQUESTS : 0; number < seen; number++)
		if (requests[number % REQUESTS].head)
			write_request(file, &requests[number % REQUESTS]);
	fclose(file);
}
