/* SPDX-License-Identifier: GPL-2.0 */
#include "model/names.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hashmap.h"
#include "base/utf8.h"
#include "model/names_sized.h"

struct name {
	uint64_t key;
	char text[64];
};

struct names {
	struct hashmap map; /* key → index in v + 1 */
	struct name *v;
	size_t n, max;
	size_t oldest; /* replaced next when max is reached */
};

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
	names->max = max ? max : 1;
	names->v = calloc(names->max, sizeof(*names->v));
	if (!names->v || hashmap_init(&names->map, names->max)) {
		free(names->v);
		free(names);
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
	return sizeof(struct names) + max * sizeof(struct name) + hashmap_bytes(max);
}

void names_free(struct names *names)
{
	if (!names)
		return;
	hashmap_fini(&names->map);
	free(names->v);
	free(names);
}

static struct name *name_add(struct names *names)
{
	if (names->n < names->max)
		return &names->v[names->n++];
	if (names->oldest == names->max)
		names->oldest = 0;
	hashmap_del(&names->map, names->v[names->oldest].key);
	return &names->v[names->oldest++];
}

static void name_set(struct names *names, uint64_t key, const char *text, size_t len)
{
	uint32_t i = hashmap_get(&names->map, key);
	struct name *name;

	if (i) {
		name = &names->v[i - 1];
	} else {
		name = name_add(names);
		name->key = key;
		/* Cannot fail: the map has room for max names. */
		hashmap_put(&names->map, key, (uint32_t)(name - names->v) + 1);
	}
	printable(name->text, sizeof(name->text), text, len);
}

void names_apply(struct names *names, const struct event *ev, size_t size)
{
	if (ev->type == EVENT_DEV && size >= sizeof(struct event_dev) && ev->ifindex) {
		const struct event_dev *dev = (const struct event_dev *)ev;

		name_set(names, name_key(ev->netns, ev->ifindex), dev->name, sizeof(dev->name));
	} else if (ev->type == EVENT_NETNS && size >= sizeof(struct event_netns)) {
		const struct event_netns *netns = (const struct event_netns *)ev;

		name_set(names, name_key(ev->netns, 0), netns->name, sizeof(netns->name));
	}
}

static const char *name_get(const struct names *names, uint64_t key)
{
	uint32_t i = hashmap_get(&names->map, key);

	return i && names->v[i - 1].text[0] ? names->v[i - 1].text : NULL;
}

const char *names_device(const struct names *names, uint32_t netns, uint32_t ifindex)
{
	return ifindex ? name_get(names, name_key(netns, ifindex)) : NULL;
}

const char *names_netns(const struct names *names, uint32_t netns)
{
	return name_get(names, name_key(netns, 0));
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
