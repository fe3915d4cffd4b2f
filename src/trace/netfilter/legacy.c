/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/netfilter/legacy.h"

#include <errno.h>
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "trace/netfilter/legacy_parse.h"

#define TABLE_MAX (64u << 20) /* bytes */
/* iptables replaces a table, and then sets the counters of the rules that stay: two calls in a row */
#define BACKWARD_TRIES 3
#define BACKWARD_NS 5000000

/* The options of both families have the same numbers and shapes (linux/netfilter_ipv6/ip6_tables.h). */
static int read_entries(int fd, int level, const struct ipt_getinfo *info, struct legacy_blob *blob,
	struct ipt_get_entries **entries)
{
	socklen_t len = (socklen_t)(sizeof(**entries) + info->size);

	*entries = calloc(1, len);
	if (!*entries)
		return -ENOMEM;
	memcpy((*entries)->name, info->name, sizeof((*entries)->name));
	(*entries)->size = info->size;
	/* EAGAIN: it was replaced since by one of another size */
	if (getsockopt(fd, level, IPT_SO_GET_ENTRIES, *entries, &len))
		return errno == EAGAIN ? -EINTR : -errno;
	blob->valid_hooks = info->valid_hooks;
	memcpy(blob->hook_entry, info->hook_entry, sizeof(blob->hook_entry));
	memcpy(blob->underflow, info->underflow, sizeof(blob->underflow));
	blob->entries = (const unsigned char *)(*entries)->entrytable;
	blob->size = info->size;
	return 0;
}

/* Name, and what it has; -ENOENT: it went meanwhile. */
static int read_blob(int fd, const char *name, struct legacy_blob *blob, struct ipt_get_entries **entries)
{
	int level = blob->family == NFPROTO_IPV6 ? SOL_IPV6 : SOL_IP;
	struct ipt_getinfo info = { 0 };
	socklen_t len = sizeof(info);

	_Static_assert(NF_INET_NUMHOOKS == LEGACY_HOOKS, "a table has a place for each hook");
	memcpy(info.name, name, strnlen(name, sizeof(info.name) - 1));
	memcpy(blob->name, info.name, sizeof(blob->name));
	if (getsockopt(fd, level, IPT_SO_GET_INFO, &info, &len))
		return -errno;
	return info.size > TABLE_MAX ? -E2BIG : read_entries(fd, level, &info, blob, entries);
}

/* What is there now: its counters, and then the text of the same rules. */
static int take_table(struct legacy_reading *reading, const struct legacy_blob *blob, bool backward)
{
	unsigned int flags = (reading->rules ? COUNTS_LEARN : 0u) | (backward ? COUNTS_BACKWARD : 0u);
	int err = 0, also;

	if (reading->counts)
		err = legacy_counts_table(reading->counts, blob, flags);
	if (err == -EAGAIN)
		return err;
	if (err == LEGACY_OTHER) {
		reading->other = true;
		err = 0;
	}
	also = reading->rules ? legacy_parse(reading->rules, blob) : 0;
	return also ? also : err;
}

static int read_table(struct legacy_reading *reading, int fd, uint8_t family, const char *name)
{
	const struct timespec moment = { .tv_nsec = BACKWARD_NS };
	int err = -EAGAIN;

	for (int i = 0; (err == -EAGAIN || err == -EINTR) && i <= BACKWARD_TRIES; i++) {
		struct legacy_blob blob = { .family = family };
		struct ipt_get_entries *entries = NULL;

		if (i)
			nanosleep(&moment, NULL);
		err = read_blob(fd, name, &blob, &entries);
		if (err == -ENOENT)
			err = 0;
		else if (!err)
			err = take_table(reading, &blob, i == BACKWARD_TRIES);
		free(entries);
	}
	return err;
}

static int read_family(struct legacy_reading *reading, bool six)
{
	char *names, *save = NULL;
	int fd, err = 0;
	size_t len;

	/* only tables that this namespace has: asking for another one would make it */
	if (file_read(
		    six ? "/proc/thread-self/net/ip6_tables_names" : "/proc/thread-self/net/ip_tables_names",
		    &names, &len))
		return 0;
	if (!len) {
		free(names);
		return 0;
	}
	fd = socket(six ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (fd < 0)
		err = -errno;
	for (char *name = strtok_r(names, "\n", &save); name && fd >= 0; name = strtok_r(NULL, "\n", &save)) {
		int also = read_table(reading, fd, six ? NFPROTO_IPV6 : NFPROTO_IPV4, name);

		err = err ? err : also;
	}
	if (fd >= 0)
		close(fd);
	free(names);
	return err;
}

int legacy_read(struct legacy_reading *reading, bool ip, bool ip6)
{
	int err = 0, also = 0;

	reading->other = false;
	if (reading->counts)
		legacy_counts_begin(reading->counts, reading->base);
	if (ip)
		err = read_family(reading, false);
	if (ip6)
		also = read_family(reading, true);
	err = err ? err : also;
	/* tables that could not be read are not gone */
	if (!err && reading->counts && legacy_counts_end(reading->counts, reading->rules))
		reading->other = true;
	return err;
}
