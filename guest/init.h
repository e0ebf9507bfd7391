#ifndef TANDEM_INIT_H
#define TANDEM_INIT_H

/* glibc: names of signals, finit_module, sync of one file system. */
#define _GNU_SOURCE

#include "say.h"

#include <poll.h>
#include <stdarg.h>
#include <stdint.h>

#define DATA_DIRECTORY "/data"
#define MAX_BUTTONS 8
#define MAX_WORDS 128

/* What the builder wrote into the initramfs, see config.c. */
struct config {
	char *name;
	/* Bytes 440 to 443 of the root disk. */
	uint32_t disk_signature;
	/* A layer in memory takes what is written; without it the root is read-only. */
	int writable;
	/* The program is the supervisor, which runs as root, starts the service as `uid`, and says itself how it ended. */
	int is_supervised;
	int data_volume;
	uint32_t uid;
	/* What of root's rights the service has: bits, as /proc/self/status shows them. */
	uint64_t capabilities;
	int stop_signal;
	int grace_seconds;
	char *directory;
	char *arguments[MAX_WORDS + 1];
	char *environment[MAX_WORDS + 1];
};

struct lease {
	int index;
	unsigned char mac[6];
	uint32_t address, server;
	uint32_t xid;
	long renew_at, retry_at;
};

/* init.c */
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
long monotonic_seconds(void);
/* config.c */
void read_config(const char *path, struct config *config);
/* devices.c */
void load_modules(const char *directory);
int mount_root(const struct config *config, const char *where);
void mount_data(const struct config *config);
int open_power_buttons(struct pollfd *buttons);
int was_pressed(struct pollfd *buttons, int count);
/* network.c */
void bring_up_network(struct lease *lease);
void renew(struct lease *lease);

#endif
