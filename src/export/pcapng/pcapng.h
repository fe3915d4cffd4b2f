/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of the pcapng sink: blocks per packet and per hop. */
#ifndef SKBSCOPE_EXPORT_PCAPNG_PCAPNG_H
#define SKBSCOPE_EXPORT_PCAPNG_PCAPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "export/live.h"
#include "export/pcapng/capture.h"
#include "export/pcapng/snap.h"
#include "export/story.h"

#define COMMENT_ROOM                                                                                         \
	(BLOCKS_OPTION_MAX - 1024u) /* bytes of a story; the rest is for what stands around it               \
				     */

/* What both write with; theirs while they live. */
struct pcapng_use {
	struct capture capture;
	struct story_of story;
};

/* Tells which way a packet goes there, as far as the function or its headers do. */
enum capture_direction pcapng_direction(
	const struct probe_table *probes, const struct event *ev, const struct wire_tuple *tuple);

/*
 * Packets wait until there is no room for their stories, in order of appearance, and are
 * written then: nearly all have ended. One that is met again later has a second block.
 */
struct packets;
struct packets *packets_new(struct pcapng_use *use); /* NULL: no memory */
void packets_free(struct packets *packets);
/* A record that story_tells(), or EVENT_BYTES; again: the packet was met before. 0 or -errno. */
int packets_note(
	struct packets *packets, const struct event *ev, size_t size, struct live_packet *packet, bool again);
/* All that wait are written. 0 or -errno. */
int packets_finish(struct packets *packets);

/*
 * Hops wait for a moment: the bytes of a packet and what is decided at a function come behind
 * it. What comes too late for that has a block of its own.
 */
struct hops;
struct hops *hops_new(struct pcapng_use *use);
void hops_free(struct hops *hops);
int hops_note(struct hops *hops, const struct event *ev, size_t size, const struct live_packet *packet);
int hops_finish(struct hops *hops);

#endif
