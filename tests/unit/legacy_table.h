/* SPDX-License-Identifier: GPL-2.0 */
/* Makes tables of legacy iptables (IPv4) as the kernel hands them out. */
#ifndef SKBSCOPE_TESTS_UNIT_LEGACY_TABLE_H
#define SKBSCOPE_TESTS_UNIT_LEGACY_TABLE_H

#include <linux/netfilter_ipv4/ip_tables.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A table under construction. */
struct table {
	unsigned char bytes[8192];
	size_t len, entry; /* begin of the entry at work */
};

static inline struct ipt_entry *begin(struct table *t)
{
	struct ipt_entry *e = (struct ipt_entry *)(t->bytes + t->len);

	t->entry = t->len;
	memset(e, 0, sizeof(*e));
	t->len += sizeof(*e);
	return e;
}

static inline void part(
	struct table *t, const char *name, unsigned int revision, const void *data, size_t len)
{
	struct xt_entry_match *m = (struct xt_entry_match *)(t->bytes + t->len);
	size_t padded = (len + 7) & ~(size_t)7;

	memset(m, 0, sizeof(*m) + padded);
	m->u.user.match_size = (uint16_t)(sizeof(*m) + padded);
	m->u.user.revision = (uint8_t)revision;
	memcpy(m->u.user.name, name, strlen(name));
	memcpy(m->data, data, len);
	t->len += m->u.user.match_size;
}

static inline void finish(struct table *t, const char *target, const void *data, size_t len)
{
	struct ipt_entry *e = (struct ipt_entry *)(t->bytes + t->entry);

	e->target_offset = (uint16_t)(t->len - t->entry);
	part(t, target, 0, data, len);
	e->next_offset = (uint16_t)(t->len - t->entry);
}

static inline void standard(struct table *t, int verdict)
{
	finish(t, "", &verdict, sizeof(verdict));
}

static inline void head(struct table *t, const char *name)
{
	char field[30] = "";

	memcpy(field, name, strlen(name));
	begin(t);
	finish(t, "ERROR", field, sizeof(field));
}

#endif
