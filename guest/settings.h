#ifndef TANDEM_SETTINGS_H
#define TANDEM_SETTINGS_H

/* Where it cannot be written the console says so, and everything goes on. */
void write_setting(const char *path, const char *value);

#endif
