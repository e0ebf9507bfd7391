#ifndef TANDEM_SAY_H
#define TANDEM_SAY_H

/* A line of the console, as `tandem: …`: of the first process in init.c, of the supervisor in supervisor/supervisor.c. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
