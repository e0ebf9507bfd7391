/*
 * Address, routes and resolver by DHCP (RFC 2131), because Debian's cloud kernel has no client of its own. One interface:
 * the first that is not the loopback, as a node of EC2 has it. Packets are sent raw: there is no address to send from yet.
 */
#include "init.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <unistd.h>

#define CARD_WAIT_MS 10000
#define TRIES 12
#define LEASE_FOREVER 0xffffffffu
#define LONGEST_RENEWAL 86400u

enum { DISCOVER = 1, OFFER = 2, REQUEST = 3, ACK = 5, NAK = 6 };

struct message {
	uint8_t op, htype, hlen, hops;
	uint32_t xid;
	uint16_t secs, flags;
	uint32_t ciaddr, yiaddr, siaddr, giaddr;
	uint8_t chaddr[16], sname[64], file[128];
	uint32_t cookie;
	uint8_t options[312];
} __attribute__((packed));

struct packet {
	struct iphdr ip;
	struct udphdr udp;
	struct message message;
} __attribute__((packed));

/* What an answer said; network byte order, 0 where it said nothing. */
struct answer {
	int type;
	uint32_t address, server, mask, router, resolver, seconds;
	uint16_t mtu;
};

static int control;
static char card[IFNAMSIZ];

static int find_card(void)
{
	DIR *net = opendir("/sys/class/net");
	struct dirent *entry;
	int found = -1;
	while (net && found < 0 && (entry = readdir(net))) {
		if (entry->d_name[0] == '.' || !strcmp(entry->d_name, "lo"))
			continue;
		snprintf(card, sizeof card, "%.15s", entry->d_name);
		found = 0;
	}
	if (net)
		closedir(net);
	return found;
}

static void bring_up(const char *name)
{
	struct ifreq request = { 0 };
	snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
	if (ioctl(control, SIOCGIFFLAGS, &request) == 0) {
		request.ifr_flags |= IFF_UP;
		if (ioctl(control, SIOCSIFFLAGS, &request) < 0)
			say("cannot bring %s up: %s", name, strerror(errno));
	}
}

static uint16_t checksum(const void *bytes, size_t length)
{
	const uint8_t *byte = bytes;
	uint32_t sum = 0;
	for (size_t i = 0; i + 1 < length; i += 2)
		sum += (uint32_t)(byte[i] << 8 | byte[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static uint8_t *option(uint8_t *at, uint8_t code, uint8_t length, const void *value)
{
	*at++ = code;
	*at++ = length;
	memcpy(at, value, length);
	return at + length;
}

static void send_message(int sock, const struct lease *lease, uint8_t type, const struct answer *offer)
{
	struct packet packet = { 0 };
	struct message *message = &packet.message;
	message->op = 1;
	message->htype = 1;
	message->hlen = 6;
	message->xid = lease->xid;
	message->flags = htons(0x8000);
	memcpy(message->chaddr, lease->mac, 6);
	message->cookie = htonl(0x63825363);
	uint8_t *at = option(message->options, 53, 1, &type);
	if (offer) {
		at = option(at, 50, 4, &offer->address);
		at = option(at, 54, 4, &offer->server);
	}
	static const uint8_t wanted[] = { 1, 3, 6, 26, 51, 54 };
	at = option(at, 55, sizeof wanted, wanted);
	*at = 255;

	packet.udp.source = htons(68);
	packet.udp.dest = htons(67);
	packet.udp.len = htons(sizeof packet.udp + sizeof packet.message);
	packet.ip.version = 4;
	packet.ip.ihl = 5;
	packet.ip.ttl = 64;
	packet.ip.protocol = IPPROTO_UDP;
	packet.ip.daddr = INADDR_BROADCAST;
	packet.ip.tot_len = htons(sizeof packet);
	packet.ip.check = checksum(&packet.ip, sizeof packet.ip);
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_ifindex = lease->index, .sll_halen = 6 };
	memset(to.sll_addr, 0xff, 6);
	sendto(sock, &packet, sizeof packet, 0, (struct sockaddr *)&to, sizeof to);
}

static uint32_t number(const uint8_t *value)
{
	uint32_t read;
	memcpy(&read, value, 4);
	return read;
}

static void read_option(struct answer *answer, uint8_t code, uint8_t length, const uint8_t *value)
{
	if (code == 53 && length == 1)
		answer->type = *value;
	else if (code == 1 && length == 4)
		answer->mask = number(value);
	else if (code == 3 && length >= 4)
		answer->router = number(value);
	else if (code == 6 && length >= 4)
		answer->resolver = number(value);
	else if (code == 26 && length == 2)
		answer->mtu = (uint16_t)(value[0] << 8 | value[1]);
	else if (code == 51 && length == 4)
		answer->seconds = ntohl(number(value));
	else if (code == 54 && length == 4)
		answer->server = number(value);
}

/* An answer to us, or nothing: the socket hears every packet that comes in. */
static int read_answer(const uint8_t *bytes, size_t length, const struct lease *lease, struct answer *answer)
{
	if (length < sizeof(struct iphdr))
		return -1;
	const struct iphdr *ip = (const struct iphdr *)bytes;
	size_t header = ip->ihl * 4u + sizeof(struct udphdr);
	size_t fixed = sizeof(struct message) - sizeof((struct message *)0)->options;
	if (ip->protocol != IPPROTO_UDP || length < header + fixed)
		return -1;
	const struct udphdr *udp = (const struct udphdr *)(bytes + ip->ihl * 4u);
	const struct message *message = (const struct message *)(bytes + header);
	if (udp->dest != htons(68) || message->op != 2 || message->xid != lease->xid || memcmp(message->chaddr, lease->mac, 6))
		return -1;
	*answer = (struct answer){ .address = message->yiaddr };
	const uint8_t *at = message->options, *end = bytes + length;
	while (at < end && *at != 255) {
		if (*at == 0) {
			at++;
			continue;
		}
		if (at + 2 > end || at + 2 + at[1] > end)
			break;
		read_option(answer, at[0], at[1], at + 2);
		at += 2 + at[1];
	}
	return 0;
}

static int wait_answer(int sock, const struct lease *lease, int type, int ms, struct answer *answer)
{
	uint8_t bytes[2048];
	struct pollfd readable = { .fd = sock, .events = POLLIN };
	long until = monotonic_seconds() + (ms + 999) / 1000;
	while (poll(&readable, 1, ms) > 0 && monotonic_seconds() <= until) {
		ssize_t got = recv(sock, bytes, sizeof bytes, 0);
		if (got > 0 && read_answer(bytes, (size_t)got, lease, answer) == 0 && (answer->type == type || answer->type == NAK))
			return answer->type == type ? 0 : -1;
	}
	return -1;
}

static int open_raw(const struct lease *lease)
{
	int sock = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_IP));
	struct sockaddr_ll here = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_ifindex = lease->index };
	if (sock >= 0 && bind(sock, (struct sockaddr *)&here, sizeof here) < 0) {
		close(sock);
		return -1;
	}
	return sock;
}

/* A whole exchange: the first packets may be lost while the card's link comes up. */
static int ask(struct lease *lease, int tries, struct answer *answer)
{
	int sock = open_raw(lease);
	int result = -1;
	for (int i = 0; sock >= 0 && result < 0 && i < tries; i++) {
		int ms = i < 4 ? 250 : 2000;
		send_message(sock, lease, DISCOVER, NULL);
		if (wait_answer(sock, lease, OFFER, ms, answer) < 0)
			continue;
		struct answer offer = *answer;
		send_message(sock, lease, REQUEST, &offer);
		result = wait_answer(sock, lease, ACK, 2000, answer);
	}
	if (sock >= 0)
		close(sock);
	return result;
}

static void set_address(unsigned long what, uint32_t value)
{
	struct ifreq request = { 0 };
	snprintf(request.ifr_name, sizeof request.ifr_name, "%s", card);
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = value };
	memcpy(&request.ifr_addr, &address, sizeof address);
	if (ioctl(control, what, &request) < 0)
		say("cannot set an address of %s: %s", card, strerror(errno));
}

static void add_route(uint32_t to, uint32_t mask, uint32_t via)
{
	struct sockaddr_in destination = { .sin_family = AF_INET, .sin_addr.s_addr = to };
	struct sockaddr_in netmask = { .sin_family = AF_INET, .sin_addr.s_addr = mask };
	struct sockaddr_in gateway = { .sin_family = AF_INET, .sin_addr.s_addr = via };
	struct rtentry route = { .rt_flags = RTF_UP, .rt_dev = card };
	memcpy(&route.rt_dst, &destination, sizeof destination);
	memcpy(&route.rt_genmask, &netmask, sizeof netmask);
	if (via) {
		route.rt_flags |= RTF_GATEWAY;
		memcpy(&route.rt_gateway, &gateway, sizeof gateway);
	}
	if (ioctl(control, SIOCADDRT, &route) < 0 && errno != EEXIST)
		say("cannot add a route: %s", strerror(errno));
}

static void write_text(const char *path, const char *text)
{
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (file < 0 || write(file, text, strlen(text)) < 0)
		say("cannot write %s: %s", path, strerror(errno));
	if (file >= 0)
		close(file);
}

static void apply(struct lease *lease, const struct answer *answer)
{
	char text[64], line[96];
	if (answer->mtu >= 576) {
		struct ifreq request = { 0 };
		snprintf(request.ifr_name, sizeof request.ifr_name, "%s", card);
		request.ifr_mtu = answer->mtu;
		ioctl(control, SIOCSIFMTU, &request);
	}
	if (lease->address != answer->address) {
		set_address(SIOCSIFADDR, answer->address);
		set_address(SIOCSIFNETMASK, answer->mask ? answer->mask : htonl(0xffffff00));
		if (answer->router)
			add_route(0, 0, answer->router);
		/* Instance metadata is on the link (EC2), whatever the router. */
		add_route(inet_addr("169.254.169.254"), 0xffffffff, 0);
	}
	if (answer->resolver) {
		inet_ntop(AF_INET, &answer->resolver, text, sizeof text);
		snprintf(line, sizeof line, "nameserver %s\n", text);
		write_text("/run/resolv.conf", line);
	}
	inet_ntop(AF_INET, &answer->address, text, sizeof text);
	if (lease->address != answer->address)
		say("address %s", text);
	for (char *dot = text; *dot; dot++)
		if (*dot == '.')
			*dot = '-';
	snprintf(line, sizeof line, "ip-%s", text);
	if (sethostname(line, strlen(line)) < 0)
		say("cannot set the host name: %s", strerror(errno));
	lease->address = answer->address;
	lease->server = answer->server;
	uint32_t half = answer->seconds == 0 || answer->seconds == LEASE_FOREVER ? LONGEST_RENEWAL : answer->seconds / 2;
	lease->renew_at = monotonic_seconds() + (half < LONGEST_RENEWAL ? half : LONGEST_RENEWAL);
}

void bring_up_network(struct lease *lease)
{
	control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bring_up("lo");
	for (int waited = 0; find_card() < 0; waited += 20) {
		if (waited > CARD_WAIT_MS) {
			say("there is no network card");
			return;
		}
		usleep(20000);
	}
	bring_up(card);
	struct ifreq request = { 0 };
	snprintf(request.ifr_name, sizeof request.ifr_name, "%s", card);
	if (ioctl(control, SIOCGIFHWADDR, &request) == 0)
		memcpy(lease->mac, request.ifr_hwaddr.sa_data, 6);
	lease->index = (int)if_nametoindex(card);
	if (getrandom(&lease->xid, sizeof lease->xid, GRND_NONBLOCK) < 0)
		memcpy(&lease->xid, lease->mac + 2, 4);
	struct answer answer;
	if (ask(lease, TRIES, &answer) == 0)
		apply(lease, &answer);
	else
		say("no DHCP server answered on %s", card);
}

/* Called every second. EC2 gives the same address as long as the instance lives; a lost server must not end the service. */
void renew(struct lease *lease)
{
	long now = monotonic_seconds();
	if (lease->address == 0 || now < lease->renew_at || now < lease->retry_at)
		return;
	struct answer answer;
	if (ask(lease, 1, &answer) == 0)
		apply(lease, &answer);
	else
		lease->retry_at = now + 60;
}
