/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/netfilter/loaded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "base/file.h"

/* What is built in and has no parameters does not stand in sysfs. */
bool is_built_in(const char *module)
{
	char path[256], line[96], *text;
	struct utsname uts;
	bool found;
	size_t len;

	if (uname(&uts))
		return false;
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.builtin", uts.release);
	if (file_read(path, &text, &len))
		return false;
	snprintf(line, sizeof(line), "/%s.ko\n", module);
	found = strstr(text, line);
	free(text);
	return found;
}

bool is_loaded(const char *module)
{
	char path[128], state[16];
	struct stat st;

	snprintf(path, sizeof(path), "/sys/module/%s", module);
	if (stat(path, &st))
		return false;
	snprintf(path, sizeof(path), "/sys/module/%s/initstate", module);
	/* built in: there is no such file */
	return file_read_line(path, state, sizeof(state)) || !strcmp(state, "live");
}
