/*
 * Who the service is: a user with the capabilities it was given and no way to more. Both the first process and the
 * supervisor, each of which starts the service in one of the images, make it so.
 */
#define _GNU_SOURCE
#include "say.h"
#include "user.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Nothing it runs will ever have others. That takes root, which is to be given up. */
static int bound(uint64_t capabilities)
{
	for (int number = 0; prctl(PR_CAPBSET_READ, number) >= 0; number++)
		if (!(capabilities >> number & 1) && prctl(PR_CAPBSET_DROP, number) < 0)
			return -1;
	return prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
}

/* Ambient ones stay over an exec by a user who is not root: without them it would have none. */
static int keep(uint64_t capabilities)
{
	struct __user_cap_header_struct who = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct halves[_LINUX_CAPABILITY_U32S_3];
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		uint32_t half = (uint32_t)(capabilities >> 32 * i);
		halves[i] = (struct __user_cap_data_struct){ .effective = half, .permitted = half, .inheritable = half };
	}
	if (syscall(SYS_capset, &who, halves) < 0)
		return -1;
	for (int number = 0; number < 64; number++)
		if ((capabilities >> number & 1) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0) < 0)
			return -1;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

void become(uint32_t uid, uint64_t capabilities)
{
	if (bound(capabilities) < 0 || setgroups(0, NULL) < 0 || setgid(uid) < 0 || setuid(uid) < 0 || keep(capabilities) < 0) {
		say("cannot become user %u with the capabilities %llx: %s", uid, (unsigned long long)capabilities, strerror(errno));
		_exit(126);
	}
}
