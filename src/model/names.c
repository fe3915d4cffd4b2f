/* SPDX-License-Identifier: GPL-2.0 */
#include "model/names.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hashmap.h"
#include "base/utf8.h"
#include "model/names_sized.h"

struct name {
	char text[64];
};

struct owner {
	uint32_t pid;
	char comm[20];
};

/* Keys and where they are in an array; the oldest is replaced when it is full. */
struct ring {
	struct hashmap map; /* key → index + 1 */
	uint64_t *key;
	size_t n, max;
	size_t oldest; /* replaced next when max is reached */
};

struct names {
	struct ring name_ring, owner_ring;
	struct name *name;
	struct owner *owner;
};

static int ring_init(struct ring *ring, size_t max)
{
	ring->max = max;
	ring->key = calloc(max, sizeof(*ring->key));
	return !ring->key || hashmap_init(&ring->map, max) ? -1 : 0;
}

static void ring_fini(struct ring *ring)
{
	hashmap_fini(&ring->map);
	free(ring->key);
}

/* Index of the key; it gets one when it has none. */
static size_t ring_put(struct ring *ring, uint64_t key)
{
	size_t i = hashmap_get(&ring->map, key);

	if (i)
		return i - 1;
	if (ring->n < ring->max) {
		i = ring->n++;
	} else {
		i = ring->oldest;
		ring->oldest = (i + 1) % ring->max;
		hashmap_del(&ring->map, ring->key[i]);
	}
	ring->key[i] = key;
	/* Cannot fail: the map has room for max keys. */
	hashmap_put(&ring->map, key, (uint32_t)i + 1);
	return i;
}

/* A device never has ifindex 0: that key is the namespace itself. */
static uint64_t name_key(uint32_t netns, uint32_t ifindex)
{
	return (uint64_t)netns << 32 | ifindex;
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
	if (!names->name || !names->owner || ring_init(&names->name_ring, max) ||
		ring_init(&names->owner_ring, max)) {
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
	return sizeof(struct names) + max * (sizeof(struct name) + sizeof(struct owner)) +
	       2 * (max * sizeof(uint64_t) + hashmap_bytes(max));
}

void names_free(struct names *names)
{
	if (!names)
		return;
	ring_fini(&names->name_ring);
	ring_fini(&names->owner_ring);
	free(names->name);
	free(names->owner);
	free(names);
}

static void name_set(struct names *names, uint64_t key, const char *text, size_t len)
{
	struct name *name = &names->name[ring_put(&names->name_ring, key)];

	printable(name->text, sizeof(name->text), text, len);
}

static void owner_set(struct names *names, const struct event_owner *event)
{
	struct owner *owner = &names->owner[ring_put(&names->owner_ring, event->inode)];

	owner->pid = event->ev.pid;
	printable(owner->comm, sizeof(owner->comm), event->comm, owner->pid ? sizeof(event->comm) : 0);
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
	}
}

static const char *name_get(const struct names *names, uint64_t key)
{
	uint32_t i = hashmap_get(&names->name_ring.map, key);

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
	uint32_t i = hashmap_get(&names->owner_ring.map, inode);

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
	return NULL;
}
