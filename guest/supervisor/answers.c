/*
 * What the service has answered, told from a copy of its packets: the service is not touched, and does not wait. The kernel
 * hands over the first packet of a request and the first of an answer, and nothing else, so that a busy service costs little.
 *
 *   request → this connection waits → `HTTP/1.1 200 …` → counted
 *
 * As load balancers have it, a connection has one request at a time. What is encrypted is not understood.
 */
#include "supervisor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS 4096
#define TRIED 16
/* Who waits for longer has gone. */
#define GONE_SECONDS 300
#define SNAPPED 1024
#define STATUS_LINE 12

struct connection {
	uint32_t address;
	uint16_t port;
	uint8_t is_waiting, is_check;
	int64_t since;
};

static struct connection connections[CONNECTIONS];
static struct counts counts = { .is_whole = 1 };
static uint16_t service_port;

#define WORD(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define METHODS 7
enum { LINE_OF_REQUEST = 19, DROP = LINE_OF_REQUEST + 2 + METHODS, TAKE, LINES };
#define LINE(here, code, value) [here] = BPF_STMT(code, value)
#define TEST(here, test, value, yes, no) [here] = BPF_JUMP(BPF_JMP | (test) | BPF_K, value, (yes) - (here) - 1, (no) - (here) - 1)
#define METHOD(n, a, b, c, d) TEST(LINE_OF_REQUEST + 2 + (n), BPF_JEQ, WORD(a, b, c, d), TAKE, LINE_OF_REQUEST + 3 + (n))

/* TCP over IPv4 from or to the port, whose data begins as an answer or a request does. Offsets are from the IP header. */
static int filter(int packets, uint16_t port)
{
	struct sock_filter code[LINES] = {
		LINE(0, BPF_LD | BPF_H | BPF_ABS, SKF_AD_OFF + SKF_AD_PROTOCOL),
		TEST(1, BPF_JEQ, ETH_P_IP, 2, DROP),
		LINE(2, BPF_LD | BPF_B | BPF_ABS, 9),
		TEST(3, BPF_JEQ, IPPROTO_TCP, 4, DROP),
		/* No later fragments. */
		LINE(4, BPF_LD | BPF_H | BPF_ABS, 6),
		TEST(5, BPF_JSET, 0x1fff, DROP, 6),
		/* X is the length of the IP header, M[0] where the data begins. TCP has its length in words, in half a byte. */
		LINE(6, BPF_LDX | BPF_B | BPF_MSH, 0),
		LINE(7, BPF_LD | BPF_B | BPF_IND, 12),
		LINE(8, BPF_ALU | BPF_AND | BPF_K, 0xf0),
		LINE(9, BPF_ALU | BPF_RSH | BPF_K, 2),
		LINE(10, BPF_ALU | BPF_ADD | BPF_X, 0),
		LINE(11, BPF_ST, 0),
		LINE(12, BPF_LD | BPF_H | BPF_IND, 2),
		TEST(13, BPF_JEQ, port, LINE_OF_REQUEST, 14),
		LINE(14, BPF_LD | BPF_H | BPF_IND, 0),
		TEST(15, BPF_JEQ, port, 16, DROP),
		LINE(16, BPF_LDX | BPF_MEM, 0),
		LINE(17, BPF_LD | BPF_W | BPF_IND, 0),
		TEST(18, BPF_JEQ, WORD('H', 'T', 'T', 'P'), TAKE, DROP),
		LINE(LINE_OF_REQUEST, BPF_LDX | BPF_MEM, 0),
		LINE(LINE_OF_REQUEST + 1, BPF_LD | BPF_W | BPF_IND, 0),
		METHOD(0, 'G', 'E', 'T', ' '),
		METHOD(1, 'P', 'O', 'S', 'T'),
		METHOD(2, 'P', 'U', 'T', ' '),
		METHOD(3, 'H', 'E', 'A', 'D'),
		METHOD(4, 'D', 'E', 'L', 'E'),
		METHOD(5, 'P', 'A', 'T', 'C'),
		METHOD(6, 'O', 'P', 'T', 'I'),
		LINE(DROP, BPF_RET | BPF_K, 0),
		LINE(TAKE, BPF_RET | BPF_K, SNAPPED),
	};
	struct sock_fprog program = { .len = LINES, .filter = code };
	return setsockopt(packets, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

int open_answers(uint16_t port)
{
	/* Deaf until it is bound: nothing comes in that the filter has not seen. Who asks for IP alone does not see what goes out. */
	int packets = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_ll everywhere = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int room = 4 * 1024 * 1024;
	if (packets >= 0 && filter(packets, port) == 0 &&
	    bind(packets, (struct sockaddr *)&everywhere, sizeof everywhere) == 0) {
		setsockopt(packets, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
		service_port = port;
		return packets;
	}
	say("answers are not counted: %s", strerror(errno));
	return -1;
}

static struct connection *find(uint32_t address, uint16_t port)
{
	uint32_t first = address * 2654435761u ^ port * 40503u;
	for (uint32_t i = 0; i < TRIED; i++) {
		struct connection *one = &connections[(first + i) % CONNECTIONS];
		if (one->is_waiting && one->address == address && one->port == port)
			return one;
	}
	return NULL;
}

/* A free place, or that of who has waited longest. */
static struct connection *take_place(uint32_t address, uint16_t port)
{
	uint32_t first = address * 2654435761u ^ port * 40503u;
	struct connection *oldest = &connections[first % CONNECTIONS];
	for (uint32_t i = 0; i < TRIED; i++) {
		struct connection *one = &connections[(first + i) % CONNECTIONS];
		if (!one->is_waiting)
			return one;
		if (one->since < oldest->since)
			oldest = one;
	}
	if (oldest->since > seconds() - GONE_SECONDS)
		counts.is_whole = 0;
	return oldest;
}

/* What the load balancer asks for itself is nobody's request. */
static int is_health_check(const char *bytes, size_t length)
{
	static const char MARK[] = "\r\nuser-agent: elb-healthchecker/";
	for (size_t i = 0; i + sizeof MARK - 1 <= length; i++)
		if (bytes[i] == '\r' && strncasecmp(bytes + i, MARK, sizeof MARK - 1) == 0)
			return 1;
	return 0;
}

static void request_came(uint32_t address, uint16_t port, const char *bytes, size_t length)
{
	struct connection *one = find(address, port);
	if (!one)
		one = take_place(address, port);
	*one = (struct connection){
		.address = address, .port = port, .is_waiting = 1, .is_check = (uint8_t)is_health_check(bytes, length), .since = seconds(),
	};
}

/* The status of `HTTP/1.1 200 …`; 0: it is no such line, -1: the line is not all there. */
static int status_of(const char *bytes, size_t length)
{
	if (length < STATUS_LINE)
		return -1;
	if (memcmp(bytes, "HTTP/1.", 7) != 0 || bytes[8] != ' ')
		return 0;
	int status = 0;
	for (int i = 9; i < STATUS_LINE; i++) {
		if (bytes[i] < '0' || bytes[i] > '9')
			return 0;
		status = status * 10 + bytes[i] - '0';
	}
	return status;
}

/* `100 Continue` and its like announce an answer, which may follow at once. 101 is one. */
static int is_interim(int status)
{
	return status >= 100 && status < 200 && status != 101;
}

static void answer_went(uint32_t address, uint16_t port, const char *bytes, size_t length)
{
	struct connection *one = find(address, port);
	if (!one)
		return;
	int status = status_of(bytes, length);
	while (is_interim(status)) {
		const char *end = memmem(bytes, length, "\r\n\r\n", 4);
		if (!end || end + 4 == bytes + length)
			return;
		length -= (size_t)(end + 4 - bytes);
		bytes = end + 4;
		status = status_of(bytes, length);
	}
	if (status == 0)
		return;
	one->is_waiting = 0;
	counts.answers++;
	if (one->is_check)
		return;
	if (status < 0)
		counts.is_whole = 0;
	counts.requests++;
	counts.errors += status >= 500;
}

static void read_packet(const unsigned char *packet, size_t length, int is_outgoing)
{
	uint32_t address;
	uint16_t from, to;
	size_t ip = (size_t)(packet[0] & 15) * 4;
	if (length < 20 || length < ip + 20)
		return;
	size_t head = ip + (size_t)(packet[ip + 12] >> 4) * 4;
	if (length <= head)
		return;
	memcpy(&from, packet + ip, 2);
	memcpy(&to, packet + ip + 2, 2);
	memcpy(&address, packet + (is_outgoing ? 16 : 12), 4);
	const char *bytes = (const char *)packet + head;
	if (!is_outgoing && ntohs(to) == service_port)
		request_came(address, from, bytes, length - head);
	else if (is_outgoing && ntohs(from) == service_port)
		answer_went(address, to, bytes, length - head);
}

/* What the service asks itself comes and goes over the loopback, and is not counted. */
void read_answers(int packets)
{
	unsigned char packet[SNAPPED];
	struct sockaddr_ll from;
	socklen_t size = sizeof from;
	ssize_t length;
	while (packets >= 0 && (length = recvfrom(packets, packet, sizeof packet, 0, (struct sockaddr *)&from, &size)) > 0) {
		if (from.sll_hatype != ARPHRD_LOOPBACK)
			read_packet(packet, (size_t)length, from.sll_pkttype == PACKET_OUTGOING);
		size = sizeof from;
	}
}

struct counts take_counts(int packets)
{
	struct counts taken = counts;
	struct tpacket_stats lost = { 0 };
	socklen_t size = sizeof lost;
	/* The kernel begins to count anew when it is asked. */
	if (packets < 0 || getsockopt(packets, SOL_PACKET, PACKET_STATISTICS, &lost, &size) < 0 || lost.tp_drops > 0)
		taken.is_whole = 0;
	counts = (struct counts){ .is_whole = 1 };
	return taken;
}
