#ifndef TANDEM_USER_H
#define TANDEM_USER_H

#include <stdint.h>

/* Makes this process, and what it runs, the service's user; ends it where that cannot be. */
void become(uint32_t uid, uint64_t capabilities);

#endif
