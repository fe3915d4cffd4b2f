/* SPDX-License-Identifier: GPL-2.0 */
/* The file of --config, read through its path as always. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/utf8.h"
#include "model/config_file.h"
#include "model/layers.h"
#include "model/probe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_entry(const struct config_entry *e)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$-";

	if (!e->name[0] || e->name[strspn(e->name, allowed)])
		abort();
	if (e->module && e->module[strspn(e->module, allowed)])
		abort();
	if (e->layer < -1 || e->layer >= LAYER_COUNT || e->category < -1 || e->category >= CATEGORY_COUNT ||
		e->priority < -1 || e->priority > PRIORITY_MAX)
		abort();
}

static void check_message(const char *err)
{
	size_t len = strlen(err), n;
	uint32_t cp;

	if (!len)
		abort();
	for (; len; err += n, len -= n) {
		n = utf8_decode(err, len, &cp);
		if (!n || !utf8_printable(cp))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	static char path[64];
	struct config_file config;
	char err[512];

	if (fd < 0) {
		fd = memfd_create("config", MFD_CLOEXEC);
		if (fd < 0)
			abort();
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	if (ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	if (config_read(path, &config, err, sizeof(err))) {
		check_message(err);
		if (config.v || config.n)
			abort();
		return 0;
	}
	for (size_t i = 0; i < config.n; i++)
		check_entry(&config.v[i]);
	config_free(&config);
	return 0;
}
