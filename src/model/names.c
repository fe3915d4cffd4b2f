/* SPDX-License-Identifier: GPL-2.0 */
#include "model/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/keyring.h"
#include "base/utf8.h"
#include "model/names_sized.h"

struct name {
	char text[64];
};

struct owner {
	uint32_t pid;
	char comm[20];
};

struct symbol {
	uint32_t offset;
	char name[64], module[32];
};

struct names {
	struct keyring name_ring, owner_ring, symbol_ring;
	struct name *name;
	struct owner *owner;
	struct symbol *symbol;
};

/* A device never has ifindex 0: that key is the namespace itself. */
static uint64_t name_key(uint32_t netns, uint32_t ifindex)
{
	return (uint64_t)netns << 32 | ifindex;
}

/* A kernel has few places that drop packets, and stacks share their functions. */
static size_t symbols_for(size_t max)
{
	return max / 4 + 1;
}

/* All of it at once: the system gives the pages when they are written to. */
struct names *names_new_sized(size_t max)
{
	struct names *names = calloc(1, sizeof(*names));

	if (!names)
		return NULL;
	max = max ? max : 1;
	names->name = calloc(max, sizeof(*names->name));
	names->owner = calloc(max, sizeof(*names->owner));
	names->symbol = calloc(symbols_for(max), sizeof(*names->symbol));
	if (!names->name || !names->owner || !names->symbol || keyring_init(&names->name_ring, max) ||
		keyring_init(&names->owner_ring, max) ||
		keyring_init(&names->symbol_ring, symbols_for(max))) {
		names_free(names);
		return NULL;
	}
	return names;
}

struct names *names_new(void)
{
	return names_new_sized(NAMES_MAX);
}

size_t names_bytes(size_t max)
{
	size_t symbols = symbols_for(max);

	return sizeof(struct names) + max * (sizeof(struct name) + sizeof(struct owner)) +
	       symbols * sizeof(struct symbol) + 2 * keyring_bytes(max) + keyring_bytes(symbols);
}

size_t names_unused(const struct names *names)
{
	const struct keyring *ring = &names->symbol_ring;

	return (sizeof(struct symbol) + keyring_bytes(ring->max) / ring->max) * (ring->max - ring->n);
}

void names_free(struct names *names)
{
	if (!names)
		return;
	keyring_fini(&names->name_ring);
	keyring_fini(&names->owner_ring);
	keyring_fini(&names->symbol_ring);
	free(names->name);
	free(names->owner);
	free(names->symbol);
	free(names);
}

static void name_set(struct names *names, uint64_t key, const char *text, size_t len)
{
	struct name *name = &names->name[keyring_put(&names->name_ring, key)];

	printable(name->text, sizeof(name->text), text, len);
}

static void owner_set(struct names *names, const struct event_owner *event)
{
	struct owner *owner = &names->owner[keyring_put(&names->owner_ring, event->inode)];

	owner->pid = event->ev.pid;
	printable(owner->comm, sizeof(owner->comm), event->comm, owner->pid ? sizeof(event->comm) : 0);
}

static void symbol_set(struct names *names, const struct event_symbol *event)
{
	struct symbol *symbol = &names->symbol[keyring_put(&names->symbol_ring, event->addr)];

	symbol->offset = event->offset;
	printable(symbol->name, sizeof(symbol->name), event->name, sizeof(event->name));
	printable(symbol->module, sizeof(symbol->module), event->module, sizeof(event->module));
}

void names_apply(struct names *names, const struct event *ev, size_t size)
{
	if (ev->type == EVENT_DEV && size >= sizeof(struct event_dev) && ev->ifindex) {
		const struct event_dev *dev = (const struct event_dev *)ev;

		name_set(names, name_key(ev->netns, ev->ifindex), dev->name, sizeof(dev->name));
	} else if (ev->type == EVENT_NETNS && size >= sizeof(struct event_netns)) {
		const struct event_netns *netns = (const struct event_netns *)ev;

		name_set(names, name_key(ev->netns, 0), netns->name, sizeof(netns->name));
	} else if (ev->type == EVENT_OWNER && size >= sizeof(struct event_owner)) {
		const struct event_owner *owner = (const struct event_owner *)ev;

		if (owner->inode)
			owner_set(names, owner);
	} else if (ev->type == EVENT_SYMBOL && size >= sizeof(struct event_symbol)) {
		symbol_set(names, (const struct event_symbol *)ev);
	}
}

static const char *name_get(const struct names *names, uint64_t key)
{
	uint32_t i = keyring_get(&names->name_ring, key);

	return i && names->name[i - 1].text[0] ? names->name[i - 1].text : NULL;
}

const char *names_device(const struct names *names, uint32_t netns, uint32_t ifindex)
{
	return ifindex ? name_get(names, name_key(netns, ifindex)) : NULL;
}

const char *names_netns(const struct names *names, uint32_t netns)
{
	return name_get(names, name_key(netns, 0));
}

const char *names_owner(const struct names *names, uint64_t inode, uint32_t *pid)
{
	uint32_t i = keyring_get(&names->owner_ring, inode);

	if (!i)
		return NULL;
	*pid = names->owner[i - 1].pid;
	return names->owner[i - 1].comm;
}

const char *printable(char *dst, size_t size, const char *src, size_t len)
{
	size_t used = 0;

	if (!size)
		return dst;
	len = strnlen(src, len);
	while (len) {
		uint32_t cp;
		size_t n = utf8_decode(src, len, &cp);
		bool good = n && utf8_printable(cp);
		size_t room = good ? n : 1;

		if (used + room >= size)
			break;
		if (good)
			memcpy(dst + used, src, n);
		else
			dst[used] = '?';
		used += room;
		n = n ? n : 1;
		src += n;
		len -= n;
	}
	dst[used] = '\0';
	return dst;
}

const char *names_symbol(const struct names *names, uint64_t addr, const char **module, uint32_t *offset)
{
	uint32_t i = keyring_get(&names->symbol_ring, addr);
	const struct symbol *symbol = i ? &names->symbol[i - 1] : NULL;

	if (!symbol || !symbol->name[0])
		return NULL;
	if (module)
		*module = symbol->module;
	if (offset)
		*offset = symbol->offset;
	return symbol->name;
}
