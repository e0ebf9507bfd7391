/*
 * The configuration: one field a record, `<key>=<value>`, each ended by a NUL, so that no value needs escaping.
 * Keys: name, disk (hexadecimal), writable, supervised, data, uid, capabilities (hexadecimal), stop (signal number),
 * grace (seconds), directory, argument (many, the first is the program), environment (many, `NAME=value`).
 */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char text[65536];

static void add(char **list, char *value, const char *what)
{
	int count = 0;
	while (list[count])
		count++;
	if (count == MAX_WORDS)
		die("there are more than %d %ss in /tandem.conf", MAX_WORDS, what);
	list[count] = value;
}

static void set(struct config *config, const char *key, char *value)
{
	if (!strcmp(key, "name"))
		config->name = value;
	else if (!strcmp(key, "disk"))
		config->disk_signature = (uint32_t)strtoul(value, NULL, 16);
	else if (!strcmp(key, "writable"))
		config->writable = atoi(value);
	else if (!strcmp(key, "supervised"))
		config->is_supervised = atoi(value);
	else if (!strcmp(key, "data"))
		config->data_volume = atoi(value);
	else if (!strcmp(key, "uid"))
		config->uid = (uint32_t)strtoul(value, NULL, 10);
	else if (!strcmp(key, "capabilities"))
		config->capabilities = strtoull(value, NULL, 16);
	else if (!strcmp(key, "stop"))
		config->stop_signal = atoi(value);
	else if (!strcmp(key, "grace"))
		config->grace_seconds = atoi(value);
	else if (!strcmp(key, "directory"))
		config->directory = value;
	else if (!strcmp(key, "argument"))
		add(config->arguments, value, "argument");
	else if (!strcmp(key, "environment"))
		add(config->environment, value, "variable");
	else
		die("/tandem.conf has an unknown field \"%s\"", key);
}

void read_config(const char *path, struct config *config)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = file < 0 ? -1 : read(file, text, sizeof text - 1);
	if (length < 0)
		die("cannot read %s: %s", path, strerror(errno));
	close(file);
	for (char *record = text; record < text + length; record += strlen(record) + 1) {
		char *value = strchr(record, '=');
		if (!value)
			die("/tandem.conf has a record without a value: \"%s\"", record);
		*value++ = '\0';
		set(config, record, value);
		record = value;
	}
	if (!config->name || !config->directory || !config->arguments[0])
		die("/tandem.conf lacks name, directory or argument");
}
