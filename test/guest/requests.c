/*
 * What the supervisor makes of packets: from the standard input (port, whether it is the first of its flow, length, bytes)
 * they are put behind IP and TCP heads, as the kernel gives them, and the requests are written to the file that is named.
 */
#include "../../guest/supervisor/requests.c"

#include <stdarg.h>

void say(const char *format, ...)
{
	(void)format;
}

int64_t wall_milliseconds(void)
{
	return 0;
}

int main(int count, char **words)
{
	static unsigned char packet[40 + 65535];
	static uint32_t sequences[65536];
	unsigned char head[5];
	while (fread(head, 1, sizeof head, stdin) == sizeof head) {
		unsigned port = head[0] << 8 | head[1], length = head[3] << 8 | head[4], whole = 40 + length;
		memset(packet, 0, 40);
		packet[0] = 0x45;
		packet[2] = (unsigned char)(whole >> 8);
		packet[3] = (unsigned char)whole;
		memcpy(packet + 20, head, 2);
		packet[20 + 12] = 5 << 4;
		packet[20 + 13] = head[2] ? 2 : 0;
		uint32_t sequence = htonl(sequences[port]);
		memcpy(packet + 20 + 4, &sequence, 4);
		if (fread(packet + 40, 1, length, stdin) != length)
			return 1;
		read_packet(packet, 40 + length);
		sequences[port] += head[2] ? 1 : length;
	}
	(void)open_requests;
	(void)count;
	save_requests(words[1]);
	return 0;
}
