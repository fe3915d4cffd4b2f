/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/netfilter/legacy.h"

#include <errno.h>
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "trace/netfilter/legacy_parse.h"

#define TABLE_MAX (64u << 20) /* bytes */

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

static int read_table(struct ruleset *rs, int fd, uint8_t family, const char *name)
{
	int level = family == NFPROTO_IPV6 ? SOL_IPV6 : SOL_IP, err;
	struct legacy_blob blob = { .family = family };
	struct ipt_get_entries *entries = NULL;
	struct ipt_getinfo info = { 0 };
	socklen_t len = sizeof(info);

	_Static_assert(NF_INET_NUMHOOKS == LEGACY_HOOKS, "a table has a place for each hook");
	memcpy(info.name, name, strnlen(name, sizeof(info.name) - 1));
	memcpy(blob.name, info.name, sizeof(blob.name));
	if (getsockopt(fd, level, IPT_SO_GET_INFO, &info, &len))
		return errno == ENOENT ? 0 : -errno; /* it went meanwhile */
	if (info.size > TABLE_MAX)
		return -E2BIG;
	err = read_entries(fd, level, &info, &blob, &entries);
	if (!err)
		err = legacy_parse(rs, &blob);
	free(entries);
	return err;
}

int legacy_dump(struct ruleset *rs, uint8_t family)
{
	bool six = family == NFPROTO_IPV6;
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
		int also = read_table(rs, fd, family, name);

		err = err ? err : also;
	}
	if (fd >= 0)
		close(fd);
	free(names);
	return err;
}
