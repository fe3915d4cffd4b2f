// SPDX-License-Identifier: GPL-2.0
/*
 * Legacy iptables: which table and hook decided, and which rule dropped. The
 * kernel calls no function for a rule, but counts it on the CPU: a call that
 * drops is compared with the counters before it. That is exact, or says nothing:
 * when more than one rule that drops has counted, or none, nobody knows which.
 * Trampolines, copied to their places as those of nft.bpf.c.
 */
#include "hook.bpf.h"
#include "xtables.h"

#define ENTRIES_MAX 2048u /* of a table: in larger ones rules are not looked for */

struct entry_key {
	__u64 entry;
	__u64 cpu;
};

/* What a rule that drops had counted on a CPU. */
struct map_legacy_counts {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct entry_key);
	__type(value, __u64);
};

/* Tables whose counters are known on a CPU: entry is the table's info. */
struct map_legacy_tables {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct entry_key);
	__type(value, __u64);
};

struct map_legacy_counts legacy_counts SEC(".maps");
struct map_legacy_tables legacy_tables SEC(".maps");

/* Address of __per_cpu_offset[], by user space: looking it up here takes libbpf half a second. */
const volatile __u64 per_cpu_offset = 0;

/* A call of ipt_do_table() or ip6t_do_table(). */
struct legacy_call {
	__u64 table; /* address of its struct xt_table_info */
	__u64 base;  /* of its entries */
	__u32 size;
	__u32 cpu;
	__u64 offset;  /* of this CPU's data */
	__u8 six;      /* entries of IPv6 */
	__u8 begin;    /* counters are noted, nothing is looked for */
	__u16 changed; /* rules that dropped since */
	__u32 at;
	__u32 rule; /* offset of the last of these */
};

/* A field of a rule of the one kind or the other; whose module is not there has none. */
#define ENTRY(c, entry, field)                                                                               \
	(bpf_core_type_exists(struct ip6t_entry) && (c)->six                                                 \
			? BPF_CORE_READ((struct ip6t_entry *)(entry), field)                                 \
		: bpf_core_type_exists(struct ipt_entry) ? BPF_CORE_READ((struct ipt_entry *)(entry), field) \
							 : 0)

static __always_inline __u64 counter_of(const struct legacy_call *c, __u64 entry)
{
	__u64 count = 0, at = ENTRY(c, entry, counters.pcnt);

	/* with one CPU it is the number, else its place in every CPU's data */
	if (config.cpus == 1)
		return at;
	bpf_probe_read_kernel(&count, sizeof(count), (const void *)(at + c->offset));
	return count;
}

/* REJECT drops by a function of its own, all others that do are unknown. */
static __always_inline bool is_reject(const struct xt_target *target)
{
	char name[8] = {};

	bpf_core_read(name, sizeof(name), &target->name);
	return *(__u64 *)name == 0x005443454a4552ull; /* "REJECT" */
}

static __always_inline bool drops(__u64 entry, __u16 target_offset)
{
	const __u64 at = entry + target_offset;
	const struct xt_target *target = NULL;
	__s32 verdict = 0;

	bpf_probe_read_kernel(&target, sizeof(target), (const void *)(at + TARGET_STRUCT));
	if (BPF_CORE_READ(target, target))
		return is_reject(target);
	bpf_probe_read_kernel(&verdict, sizeof(verdict), (const void *)(at + TARGET_VERDICT));
	return verdict == -1; /* -NF_DROP - 1 */
}

static long walk_step(__u32 i, struct legacy_call *c)
{
	const __u64 entry = c->base + c->at;
	struct entry_key key = { .entry = entry, .cpu = c->cpu };
	__u64 count, *before;
	__u16 next, target;

	if (c->at >= c->size)
		return 1;
	next = ENTRY(c, entry, next_offset);
	target = ENTRY(c, entry, target_offset);
	if (!next)
		return 1;
	if (drops(entry, target)) {
		count = counter_of(c, entry);
		before = bpf_map_lookup_elem(&legacy_counts, &key);
		if (!c->begin && before && *before != count) {
			c->changed += count - *before == 1 ? 1 : 2;
			c->rule = c->at;
		}
		if (!before || *before != count)
			bpf_map_update_elem(&legacy_counts, &key, &count, BPF_ANY);
	}
	c->at += next;
	return 0;
}

static __always_inline void walk(struct legacy_call *c, const struct xt_table *table, __u8 begin)
{
	const __u64 info = (__u64)BPF_CORE_READ(table, private);

	c->table = info;
	c->base = info + bpf_core_field_offset(struct xt_table_info, entries);
	c->size = BPF_CORE_READ((struct xt_table_info *)info, size);
	c->cpu = bpf_get_smp_processor_id();
	c->six = BPF_CORE_READ(table, af) == 10; /* NFPROTO_IPV6 */
	c->begin = begin;
	c->at = c->changed = c->rule = 0;
	bpf_probe_read_kernel(
		&c->offset, sizeof(c->offset), (const void *)(per_cpu_offset + c->cpu * sizeof(c->offset)));
	bpf_loop(ENTRIES_MAX, walk_step, c, 0);
}

static __always_inline __u64 table_of(const struct xt_table *table)
{
	char name[LEGACY_NAME] = {};

	bpf_core_read(name, sizeof(name) - 1, &table->name);
	return legacy_table(BPF_CORE_READ(table, af), name);
}

/* A table's built-in chains have the names of their hooks. */
static __always_inline void tell_name(const struct xt_table *table, __u64 number, __u8 hook, __u32 netns)
{
	static const char hooks[5][16] = { "PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING" };
	struct entry_key key = { .entry = number ^ (__u64)netns << 8, .cpu = ~0ull - hook };
	struct event_chain_name *rec;
	__u64 one = 1;

	if (hook >= 5 || bpf_map_lookup_elem(&legacy_tables, &key))
		return;
	rec = bpf_ringbuf_reserve(&events, sizeof(*rec), 0);
	if (!rec)
		return;
	__builtin_memset(rec, 0, sizeof(*rec));
	rec->ev.type = EVENT_CHAIN_NAME;
	rec->ev.ts = bpf_ktime_get_ns();
	rec->ev.netns = netns;
	rec->table = number;
	rec->chain = legacy_chain(hook);
	rec->family = BPF_CORE_READ(table, af);
	rec->hook = hook;
	rec->facts = CHAIN_BASE | CHAIN_LEGACY;
	rec->policy = NF_DECIDED_NOT;
	bpf_core_read(rec->table_name, LEGACY_NAME - 1, &table->name);
	bpf_probe_read_kernel(rec->chain_name, sizeof(hooks[0]), hooks[hook]);
	bpf_ringbuf_submit(rec, BPF_RB_NO_WAKEUP);
	bpf_map_update_elem(&legacy_tables, &key, &one, BPF_ANY);
}

static __always_inline void place_of_call(struct nf_place *at, const __u64 *arg)
{
	const struct xt_table *table = (const struct xt_table *)arg[0];

	at->skb = arg[1];
	at->table = table_of(table);
	at->family = BPF_CORE_READ(table, af);
	at->facts = CHAIN_LEGACY;
	place_at(at, (const struct nf_hook_state *)arg[2]);
}

/* ipt_do_table(table, skb, state), ip6t_do_table() alike, since 5.15 */
SEC("copied")
int legacy_begin(__u64 *ctx)
{
	const struct xt_table *table;
	struct entry_key key = {};
	struct nf_place p;
	struct legacy_call c;
	struct identity *id;
	__u64 one = 1;

	ARGS(ctx, 3);
	if (is_off())
		return 0;
	table = (const struct xt_table *)arg[0];
	key.entry = (__u64)BPF_CORE_READ(table, private);
	key.cpu = bpf_get_smp_processor_id();
	if (!bpf_map_lookup_elem(&legacy_tables, &key)) {
		walk(&c, table, 1);
		bpf_map_update_elem(&legacy_tables, &key, &one, BPF_ANY);
	}
	if (config.netfilter != NETFILTER_ON)
		return 0;
	id = packet_here(arg[1]);
	if (!is_told_of(id))
		return 0;
	place_of_call(&p, arg);
	tell_name(table, p.table, p.hook, p.netns);
	tell_chain(&p, id, legacy_chain(p.hook), CHAIN_ENTER, NF_DECIDED_NOT, 0, CHAIN_BASE);
	return 0;
}

/* The packet is alive: only a target that stole it has taken it. */
SEC("copied")
int legacy_end(__u64 *ctx)
{
	const struct xt_table *table;
	struct nf_place p;
	struct legacy_call c;
	struct identity *id;
	__u8 decision, facts = 0;
	__u64 ret = 0;

	ARGS(ctx, 3);
	bpf_get_func_ret(ctx, &ret);
	decision = decision_of(ret);
	if (is_off() || decision == NF_DECIDED_STOLEN)
		return 0;
	if (decision != NF_DECIDED_DROP && config.netfilter != NETFILTER_ON)
		return 0;
	table = (const struct xt_table *)arg[0];
	c.changed = 0;
	if (decision == NF_DECIDED_DROP)
		walk(&c, table, 0);
	id = packet_here(arg[1]);
	if (!is_told_of(id))
		return 0;
	place_of_call(&p, arg);
	if (config.netfilter == NETFILTER_DROPS)
		tell_name(table, p.table, p.hook, p.netns);
	if (c.changed == 1) {
		const __u64 underflows = c.table + bpf_core_field_offset(struct xt_table_info, underflow);
		__u32 underflow = 0, hook = p.hook;

		if (hook < 5)
			bpf_probe_read_kernel(&underflow, sizeof(underflow),
				(const void *)(underflows + hook * sizeof(underflow)));
		if (c.rule == underflow)
			facts = CHAIN_BY_POLICY;
		else
			tell_rule(&p, id, legacy_rule(c.rule), legacy_chain(p.hook), 0, NF_DROP, 0, 0);
	}
	tell_chain(&p, id, legacy_chain(p.hook), CHAIN_LEAVE, decision, 0, facts | CHAIN_BASE);
	id->decided = decision;
	return 0;
}
