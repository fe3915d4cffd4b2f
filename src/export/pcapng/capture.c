/* SPDX-License-Identifier: GPL-2.0 */
/*
 * draft-ietf-opsawg-pcapng: Section Header (4.1), Interface Description (4.2), Enhanced
 * Packet (4.3), options (3.5). Custom options carry a Private Enterprise Number; 32473 is
 * the one for examples (RFC 5612), which nobody else gives a meaning to.
 */
#include "export/pcapng/capture.h"

#include <errno.h>
#include <string.h>

#include "export/story.h"

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 6,
	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
	LINKTYPE_ETHERNET = 1,
};

enum {
	OPT_COMMENT = 1,
	OPT_CUSTOM_TEXT = 2988, /* may be copied when the packet is changed */
	SHB_OS = 3,
	SHB_APPLICATION = 4,
	IF_NAME = 2,
	IF_TSRESOL = 9,
	EPB_FLAGS = 2,
	EPB_PACKET_ID = 5,
};

#define ENTERPRISE 32473u
#define FACTS_MAX 1024u

static void put_words(struct blocks *b, uint16_t code, const char *prefix, const char *words)
{
	char text[256], line[320];

	if (!words || !words[0])
		return;
	snprintf(line, sizeof(line), "%s%s", prefix, printable(text, sizeof(text), words, strlen(words)));
	blocks_option(b, code, line, strlen(line));
}

static int put_section(struct capture *c, const struct source_info *info)
{
	struct blocks *b = &c->blocks;

	blocks_begin(b, BLOCK_SECTION);
	blocks_u32(b, BYTE_ORDER_MAGIC);
	blocks_u16(b, 1);
	blocks_u16(b, 0);
	blocks_u32(b, UINT32_MAX); /* how long it will be is not known */
	blocks_u32(b, UINT32_MAX);
	put_words(b, OPT_COMMENT, "host ", info ? info->host : NULL);
	put_words(b, SHB_OS, "Linux ", info ? info->kernel : NULL);
	put_words(b, SHB_APPLICATION, "skbscope ", VERSION);
	return blocks_end(b);
}

int capture_init(struct capture *c, FILE *out, const struct names *names, const struct source_info *info)
{
	*c = (struct capture){ .blocks = { .out = out }, .names = names };
	if (hashmap_init(&c->interfaces, 16))
		return -ENOMEM;
	return put_section(c, info);
}

void capture_fini(struct capture *c)
{
	hashmap_fini(&c->interfaces);
	blocks_fini(&c->blocks);
}

static void put_interface(struct capture *c, const char *name)
{
	static const uint8_t nanoseconds = 9;
	struct blocks *b = &c->blocks;

	blocks_begin(b, BLOCK_INTERFACE);
	blocks_u16(b, LINKTYPE_ETHERNET);
	blocks_u16(b, 0);
	blocks_u32(b, 0); /* no limit to a packet's length */
	put_words(b, IF_NAME, "", name);
	blocks_option(b, IF_TSRESOL, &nanoseconds, 1);
	blocks_end(b);
	c->ninterfaces++;
}

/* Its number. */
static uint32_t interface_of(struct capture *c, uint32_t netns, uint32_t ifindex)
{
	uint64_t key = (uint64_t)netns << 32 | ifindex;
	uint32_t no = hashmap_get(&c->interfaces, key);
	char place[STORY_PLACE_MAX];

	if (no)
		return no - 1;
	if (c->interfaces.n < CAPTURE_INTERFACES && !hashmap_put(&c->interfaces, key, c->ninterfaces + 1)) {
		put_interface(c, story_place(place, sizeof(place), c->names, netns, ifindex));
		return c->ninterfaces - 1;
	}
	c->crowded++;
	if (!c->others) {
		put_interface(c, "(others)");
		c->others = c->ninterfaces;
	}
	return c->others - 1;
}

static void put_facts(struct blocks *b, const char *facts)
{
	const uint32_t number = ENTERPRISE;
	char value[sizeof(number) + FACTS_MAX];
	size_t len = strnlen(facts, FACTS_MAX);

	memcpy(value, &number, sizeof(number));
	memcpy(value + sizeof(number), facts, len);
	blocks_option(b, OPT_CUSTOM_TEXT, value, sizeof(number) + len);
}

int capture_put(struct capture *c, const struct capture_packet *packet)
{
	uint32_t interface = interface_of(c, packet->netns, packet->ifindex);
	uint64_t wall = packet->ts + (uint64_t)c->wall;
	uint32_t flags = packet->direction;
	struct blocks *b = &c->blocks;

	blocks_begin(b, BLOCK_PACKET);
	blocks_u32(b, interface);
	blocks_u32(b, (uint32_t)(wall >> 32));
	blocks_u32(b, (uint32_t)wall);
	blocks_u32(b, packet->len);
	blocks_u32(b, packet->whole > packet->len ? packet->whole : packet->len);
	blocks_bytes(b, packet->data, packet->len);
	if (packet->comment && packet->comment[0])
		blocks_option(b, OPT_COMMENT, packet->comment, strlen(packet->comment));
	if (packet->direction)
		blocks_option(b, EPB_FLAGS, &flags, sizeof(flags));
	if (packet->id)
		blocks_option(b, EPB_PACKET_ID, &packet->id, sizeof(packet->id));
	if (packet->facts && packet->facts[0])
		put_facts(b, packet->facts);
	return blocks_end(b);
}
