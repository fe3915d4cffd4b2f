/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Decides whether a packet is shown, once, when its headers are there.
 * Everything is in struct work, where the parts that look at headers leave
 * their result. For kprobes these are programs of their own, and the way to
 * them and back here is a tail call; trampolines run them on the spot
 * (fentry.bpf.h).
 */
#ifndef SKBSCOPE_FILTER_BPF_H
#define SKBSCOPE_FILTER_BPF_H

#include "frame.bpf.h"
#include "owner.bpf.h"
#include "refused.bpf.h"
#include "report.bpf.h"

#define OWNER_FLAGS (FILTER_SOCKET | FILTER_UID | FILTER_CGROUP)
#define PLACE_FLAGS (FILTER_IFINDEX | FILTER_NETNS | FILTER_MARK | OWNER_FLAGS)

static __always_inline void take_result(struct identity *id, const struct work *work)
{
	__u32 result = work->result;

	if (work->stage == STAGE_BEGIN)
		return;
	if (result == FILTER_CUT || result == FILTER_UNKNOWN) {
		id->notes |= NOTE_CUT; /* at a later function it may be readable */
		return;
	}
	if (work->stage == STAGE_EXPR)
		id->expr = result;
	else
		id->inner = result;
}

/*
 * What belongs to another filter, or to headers that have changed since; what
 * has matched never comes here.
 */
static __always_inline void forget_results(struct identity *id, __u32 generation)
{
	if (id->generation == generation && id->verdict != FILTER_NO)
		return;
	id->generation = generation;
	id->verdict = id->expr = id->inner = FILTER_UNKNOWN;
	id->notes &= ~(NOTE_CUT | NOTE_SAMPLED);
}

static __always_inline __u32 netns_of(const struct skb_copy *copy)
{
	const struct net_device *dev = SKB(copy, dev);
	__u32 inum = 0;

	if (dev && bpf_core_field_exists(dev->nd_net.net))
		inum = BPF_CORE_READ(dev, nd_net.net, ns.inum);
	return is_netns(inum) ? inum : netns_of_socket(SKB(copy, sk));
}

static __always_inline bool is_device(const struct skb_copy *copy, const volatile char *wanted)
{
	const struct net_device *dev = SKB(copy, dev);
	char name[16] __attribute__((aligned(8))) = {};

	return dev && bpf_core_read_str(name, sizeof(name), &dev->name) > 0 && same_name(wanted, name);
}

enum place { PLACE_WRONG, PLACE_RIGHT, PLACE_BY_SOCKET, PLACE_BY_CURRENT };

/*
 * What may become true at a later function: device, netns, mark, owner; of the
 * skb in this seat's scratch. Returns enum place. Verified by itself, as tuple_of().
 */
__noinline __u32 place_of(__u32 seat, __u32 half)
{
	const volatile struct filter_config *f = &config.filter[half & 1];
	const struct cpu_stats *st = this_stats(seat);
	const struct skb_copy *copy;
	__u32 flags = f->flags;
	enum owner owner;

	if (!st)
		return PLACE_WRONG;
	copy = (const struct skb_copy *)st->scratch;
	if ((flags & FILTER_MARK) && (SKB(copy, mark) & f->mark_mask) != f->mark)
		return PLACE_WRONG;
	if ((flags & FILTER_NETNS) && netns_of(copy) != f->netns)
		return PLACE_WRONG;
	if ((flags & FILTER_IFINDEX) && !is_device(copy, f->interface))
		return PLACE_WRONG;
	if (!(flags & OWNER_FLAGS))
		return PLACE_RIGHT;
	owner = owner_of(copy);
	if (!owner_matches(f, flags, owner, SKB(copy, sk)))
		return PLACE_WRONG;
	return owner == OWNER_SOCKET ? PLACE_BY_SOCKET : PLACE_BY_CURRENT;
}

/* By the packet's id: all its copies or none. */
static __always_inline bool is_chosen(const volatile struct filter_config *f, __u32 flags, __u64 id)
{
	__u32 dice = id * 0x9e3779b97f4a7c15ull >> 32;

	return !(flags & FILTER_SAMPLE) || !f->sample || dice % f->sample == 0;
}

/* FRAME_READY: the program in the slot is to be asked. */
static __always_inline bool is_ready(struct identity *id, __u32 state)
{
	if (state == FRAME_CUT)
		id->notes |= NOTE_CUT;
	return state == FRAME_READY;
}

enum filter_next { NEXT_NOTHING, NEXT_EXPR, NEXT_INNER, NEXT_SHOW };

/* Goes on with a packet as far as it can: until a part has to be asked, or it is decided. */
static __always_inline enum filter_next filter_advance(
	struct work *work, struct cpu_stats *st, struct identity *id, __u32 seat)
{
	const __u32 half = work->generation & 1;
	const volatile struct filter_config *f = &config.filter[half];
	const __u64 key = work->skb;
	__u32 flags = f->flags, place;

	if (work->stage == STAGE_BEGIN) {
		/* stays there until it is decided: nobody else sits here meanwhile */
		if (skb_copy_read((struct skb_copy *)st->scratch, (const void *)key))
			return NEXT_NOTHING;
		refused_forget(id, key);
		forget_results(id, work->generation);
	}
	take_result(id, work);
	work->result = FILTER_UNKNOWN;
	if ((flags & FILTER_EXPR) && !id->expr && work->stage < STAGE_EXPR &&
		is_ready(id, frame_of(seat, key, flags))) {
		work->stage = STAGE_EXPR;
		return NEXT_EXPR;
	}
	if (id->expr == FILTER_NO)
		goto no;
	if ((flags & FILTER_EXPR) && !id->expr)
		return NEXT_NOTHING;
	if ((flags & FILTER_INNER) && !id->inner && work->stage < STAGE_INNER &&
		is_ready(id, inner_frame_of(seat, key))) {
		work->stage = STAGE_INNER;
		return NEXT_INNER;
	}
	if (id->inner == FILTER_NO)
		goto no;
	if ((flags & FILTER_INNER) && !id->inner)
		return NEXT_NOTHING;
	place = flags & PLACE_FLAGS ? place_of(seat, half) : PLACE_RIGHT;
	if (place == PLACE_WRONG)
		goto no;
	id->notes |= place == PLACE_BY_SOCKET ? NOTE_SOCKET : place == PLACE_BY_CURRENT ? NOTE_CURRENT : 0;
	if (!is_chosen(f, flags, id->id)) {
		id->notes |= NOTE_SAMPLED;
		st->sampled_out++;
		goto no;
	}
	id->verdict = FILTER_YES;
	id->head = 0; /* its first record is a full one */
	return NEXT_SHOW;
no:
	id->verdict = FILTER_NO;
	id->addr_sum = look_of(st, (const void *)key, flags);
	refused_remember(st, id, key, seat);
	return NEXT_NOTHING;
}

static __always_inline int filter_step(struct pt_regs *ctx, void *slots)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct work *work = bpf_map_lookup_elem(&works, &cpu);
	struct cpu_stats *st = this_stats(cpu);
	enum filter_next next;
	struct identity *id;
	__u64 key;

	if (!work || !st)
		return 0;
	key = work->skb;
	id = bpf_map_lookup_elem(&identities, &key);
	if (!id)
		return 0;
	next = filter_advance(work, st, id, cpu);
	if (next == NEXT_SHOW)
		report(st, id, work->ts, key, COOKIE_FUNC(work->cookie) | cpu << 16, cpu);
	if (next == NEXT_SHOW || next == NEXT_NOTHING)
		return 0;
	work->resume = SLOT_RESUME;
	bpf_tail_call(ctx, slots, (next == NEXT_EXPR ? SLOT_EXPR : SLOT_INNER) + (work->generation & 1));
	st->unfiltered++; /* nothing in the slot */
	work->result = FILTER_YES;
	bpf_tail_call(ctx, slots, SLOT_RESUME);
	return 0;
}

#endif
