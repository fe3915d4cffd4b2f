/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events of many packets as the kernel sends them: 8 CPUs interleaved, about 6
 * full records and 100 short ones a packet, a quarter of them of a clone; one
 * address is rewritten on the way.
 */
#ifndef SKBSCOPE_TESTS_BENCH_FLOOD_H
#define SKBSCOPE_TESTS_BENCH_FLOOD_H

#include <stdint.h>
#include <string.h>
#include <time.h>

#include "../../bpf/event.h"

enum { CPUS = 8, HOPS = 107, FULL_EVERY = 18, FLOWS = 5000 };

struct generator {
	uint64_t ts, next_id;
	struct {
		uint64_t id;
		unsigned int hop;
		uint16_t seq[2];
	} cpu[CPUS];
};

union record {
	struct event ev;
	struct event_full full;
};

static inline void next_event(struct generator *g, union record *r, size_t *size)
{
	unsigned int cpu = (unsigned int)(g->ts / 700 % CPUS);
	unsigned int hop = g->cpu[cpu].hop, copy = hop > HOPS / 2 && hop & 1;
	uint64_t flow;

	if (!hop) {
		memset(g->cpu[cpu].seq, 0, sizeof(g->cpu[cpu].seq));
		g->cpu[cpu].id = (uint64_t)cpu << 48 | ++g->next_id;
	}
	flow = g->cpu[cpu].id * 2654435761u % FLOWS;
	g->ts += 90;
	r->ev = (struct event){
		.ts = g->ts,
		.packet = g->cpu[cpu].id,
		.skb = 0xffff888100000000ULL + (g->cpu[cpu].id % 4096) * 256,
		.func = (uint16_t)(hop * 7 % 100),
		.cpu = (uint16_t)cpu,
		.type = EVENT_FUNC,
		.len = 1500,
		.ifindex = 2,
		.netns = 4026531840u,
		.pid = 1234,
		.copy = copy,
		.seq = g->cpu[cpu].seq[copy]++,
	};
	*size = sizeof(r->ev);
	if (hop >= HOPS - 2) {
		r->ev.type = EVENT_END;
	} else if (hop % FULL_EVERY == 0) {
		r->ev.type = EVENT_FUNC_FULL;
		memset(&r->full.tuple, 0, sizeof(r->full) - sizeof(r->ev));
		memcpy(r->full.tuple.saddr, (uint8_t[]){ 10, 1, (uint8_t)(flow >> 8), (uint8_t)flow }, 4);
		memcpy(r->full.tuple.daddr, (uint8_t[]){ 10, 2, 0, 2 }, 4);
		r->full.tuple.daddr[3] += hop > HOPS / 3; /* NAT */
		r->full.tuple.sport = (uint16_t)(30000 + flow);
		r->full.tuple.dport = 443;
		r->full.tuple.proto = 6;
		r->full.tuple.family = 4;
		r->full.tuple.l2proto = 0x0800;
		r->full.tuple.flags = TUPLE_IP | TUPLE_PORTS;
		r->full.tuple.tcp_flags = 0x10;
		r->full.l3_len = 1500;
		memcpy(r->full.comm, "nginx", 6);
		*size = sizeof(r->full);
	}
	g->cpu[cpu].hop = (hop + 1) % HOPS;
}

/* Time this process has run: others on the machine do not count. */
static inline uint64_t spent_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

#endif
