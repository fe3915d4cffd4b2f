/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/netfilter/hooks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "trace/attach/program_load.h"
#include "trace/discover/symbol_address.h"
#include "trace/netfilter/statement.h"
#include "trace/skel.h"
#include "legacy.skel.h"
#include "nft.skel.h"

#define CALL_MAX_NS 5000000000ull /* nft_do_chain() takes microseconds */

static const struct {
	enum nf_group group;
	const char *program;
	const char *function; /* NULL: the statements' */
	enum bpf_attach_type type;
} place[NF_PROGRAMS] = {
	[NF_HOOK_BEGIN] = { NF_GROUP_HOOKS, "hook_begin", "nf_hook_slow", BPF_TRACE_FENTRY },
	[NF_HOOK_END] = { NF_GROUP_HOOKS, "hook_end", "nf_hook_slow", BPF_TRACE_FEXIT },
	[NF_STATEMENT] = { NF_GROUP_CHAINS, "statement_end", NULL, BPF_TRACE_FEXIT },
	[NF_LOOKUP] = { NF_GROUP_CHAINS, "lookup_end", "nft_lookup_eval", BPF_TRACE_FEXIT },
	[NF_IMMEDIATE] = { NF_GROUP_CHAINS, "immediate", "nft_immediate_eval", BPF_TRACE_FENTRY },
	[NF_DROP_FIRST] = { NF_GROUP_CHAINS, "drop_first", "kfree_skb_reason", BPF_TRACE_FENTRY },
	[NF_DROP_SECOND] = { NF_GROUP_CHAINS, "drop_second", "sk_skb_reason_drop", BPF_TRACE_FENTRY },
	[NF_CHAIN_END] = { NF_GROUP_CHAINS, "chain_end", "nft_do_chain", BPF_TRACE_FEXIT },
	[NF_CHAIN_BEGIN] = { NF_GROUP_CHAINS, "chain_begin", "nft_do_chain", BPF_TRACE_FENTRY },
	[NF_LEGACY_END] = { NF_GROUP_LEGACY, "legacy_end", "ipt_do_table", BPF_TRACE_FEXIT },
	[NF_LEGACY_BEGIN] = { NF_GROUP_LEGACY, "legacy_begin", "ipt_do_table", BPF_TRACE_FENTRY },
	[NF_LEGACY6_END] = { NF_GROUP_LEGACY6, "legacy_end", "ip6t_do_table", BPF_TRACE_FEXIT },
	[NF_LEGACY6_BEGIN] = { NF_GROUP_LEGACY6, "legacy_begin", "ip6t_do_table", BPF_TRACE_FENTRY },
};

/* --- loading ------------------------------------------------------------------------ */

/* The maps of bpf/maps.bpf.c, and the settings. */
static int share_maps(const struct skbscope_bpf *main, struct bpf_object *obj, struct bpf_map *bss)
{
	struct bpf_map *map = bpf_object__next_map(obj, NULL);
	int err = bpf_map__reuse_fd(bss, bpf_map__fd(main->maps.bss));

	for (; map && !err; map = bpf_object__next_map(obj, map)) {
		struct bpf_map *other = bpf_object__find_map_by_name(main->obj, bpf_map__name(map));

		if (!other || bpf_map__is_internal(map))
			continue;
		if (bpf_map__fd(other) >= 0)
			err = bpf_map__reuse_fd(map, bpf_map__fd(other));
		else if (strncmp(bpf_map__name(map), "nft_", 4) != 0) /* those are made here, then */
			bpf_map__set_autocreate(map, false);
	}
	return err;
}

void nf_hooks_init(
	struct nf_hooks *h, struct skbscope_bpf *main, struct guard *guard, struct kept_programs *kept)
{
	*h = (struct nf_hooks){ .main = main, .guard = guard, .kept = kept, .counters = -1 };
}

/* The programs of the groups from an object that is loaded. */
static int take_programs(struct nf_hooks *h, const bool *group, const struct bpf_object *obj)
{
	int err = 0;

	for (int i = 0; i < NF_PROGRAMS && !err; i++) {
		if (group[place[i].group])
			err = kept_programs_take(h->kept,
				bpf_object__find_program_by_name(obj, place[i].program), &h->copy[i]);
	}
	for (int i = 0; i < NF_PROGRAMS && err; i++) {
		if (group[place[i].group])
			program_copy_free(&h->copy[i]);
	}
	for (int i = 0; i < NF_GROUPS && !err; i++)
		h->loaded[i] = h->loaded[i] || group[i];
	return err;
}

/* The programs of the groups in an object that is open. */
static int load(struct nf_hooks *h, const bool *group, struct bpf_object *obj, struct bpf_map *bss)
{
	struct bpf_program *prog = bpf_object__next_program(obj, NULL);
	int err;

	for (; prog; prog = bpf_object__next_program(obj, prog)) {
		bool wanted = false;

		for (int i = 0; i < NF_PROGRAMS; i++)
			wanted = wanted || (group[place[i].group] &&
						   !strcmp(place[i].program, bpf_program__name(prog)));
		bpf_program__set_autoload(prog, wanted);
	}
	err = share_maps(h->main, obj, bss);
	if (!err)
		err = bpf_object__load(obj);
	return err ? err : take_programs(h, group, obj);
}

static size_t calls_size(const struct nf_hooks *h)
{
	size_t page = sysconf(_SC_PAGESIZE);

	return (h->call_size * h->ncalls + page - 1) / page * page;
}

static void take_maps(struct nf_hooks *h, const struct bpf_map *rules, const struct bpf_map *calls)
{
	h->counters = bpf_map__fd(rules);
	h->call_size = ((size_t)bpf_map__value_size(calls) + 7) / 8 * 8;
	h->ncalls = bpf_map__max_entries(calls);
	h->calls = mmap(NULL, calls_size(h), PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(calls), 0);
	if (h->calls == MAP_FAILED)
		h->calls = NULL;
}

/* What came with the other programs (programs.c). */
static int take_loaded(struct nf_hooks *h, bool *group)
{
	const struct skbscope_bpf *main = h->main;
	bool there[NF_GROUPS] = {
		[NF_GROUP_HOOKS] = group[NF_GROUP_HOOKS] && bpf_program__fd(main->progs.hook_begin) >= 0,
		[NF_GROUP_CHAINS] = group[NF_GROUP_CHAINS] && bpf_program__fd(main->progs.chain_begin) >= 0,
	};
	int err = take_programs(h, there, main->obj);

	if (err)
		return err;
	if (there[NF_GROUP_CHAINS])
		take_maps(h, main->maps.nft_rules, main->maps.nft_calls);
	for (int i = 0; i < NF_GROUPS; i++)
		group[i] = group[i] && !there[i];
	return 0;
}

int nf_hooks_load(struct nf_hooks *h, bool chains)
{
	bool group[NF_GROUPS] = {
		[NF_GROUP_HOOKS] = !h->loaded[NF_GROUP_HOOKS],
		[NF_GROUP_CHAINS] = chains && !h->loaded[NF_GROUP_CHAINS],
	};
	struct nft_bpf *skel;
	int err = take_loaded(h, group);

	if (err)
		return err;
	if (!group[NF_GROUP_HOOKS] && !group[NF_GROUP_CHAINS])
		return 0;
	skel = nft_bpf__open();
	if (!skel)
		return -errno;
	memcpy(&skel->rodata->type_ids, (const void *)&h->main->rodata->type_ids, sizeof(struct type_ids));
	err = load(h, group, skel->obj, skel->maps.bss);
	if (err) {
		nft_bpf__destroy(skel);
		return err;
	}
	h->nft[!group[NF_GROUP_HOOKS]] = skel;
	if (group[NF_GROUP_CHAINS])
		take_maps(h, skel->maps.nft_rules, skel->maps.nft_calls);
	return 0;
}

int nf_hooks_load_legacy(struct nf_hooks *h, bool six)
{
	const bool group[NF_GROUPS] = { [NF_GROUP_LEGACY] = !six, [NF_GROUP_LEGACY6] = six };
	struct legacy_bpf *skel;
	int err;

	if (h->loaded[six ? NF_GROUP_LEGACY6 : NF_GROUP_LEGACY])
		return 0;
	skel = legacy_bpf__open();
	if (!skel)
		return -errno;
	if (!h->per_cpu)
		h->per_cpu = symbol_address("__per_cpu_offset");
	skel->rodata->per_cpu_offset = h->per_cpu;
	memcpy(&skel->rodata->type_ids, (const void *)&h->main->rodata->type_ids, sizeof(struct type_ids));
	err = load(h, group, skel->obj, skel->maps.bss);
	if (err) {
		legacy_bpf__destroy(skel);
		return err;
	}
	h->legacy[six] = skel;
	return 0;
}

/* --- what is wanted ------------------------------------------------------------------- */

struct wanted {
	const struct target *target;
	enum nf_program program;
};

struct wanted_list {
	struct wanted v[NF_ATTACHED_MAX];
	size_t n;
};

static void want(struct wanted_list *list, const struct targets *targets, const char *function,
	enum nf_program program)
{
	const struct target *target = targets_find(targets, function);

	if (target && list->n < NF_ATTACHED_MAX)
		list->v[list->n++] = (struct wanted){ .target = target, .program = program };
}

static void want_statement(struct wanted_list *list, const struct targets *targets, const struct statement *s)
{
	for (size_t i = 0; i < STATEMENT_FUNCS && s->functions[i]; i++)
		want(list, targets, s->functions[i], s->with & EXPRESSION_VERDICT ? NF_LOOKUP : NF_STATEMENT);
}

static void list_wanted(
	struct wanted_list *list, const struct targets *targets, const struct nf_wanted *wanted)
{
	if (wanted->chains) {
		for (size_t i = 0; i < nstatements; i++) {
			if (wanted->statements & 1ull << i)
				want_statement(list, targets, &statements[i]);
		}
		want(list, targets, place[NF_IMMEDIATE].function, NF_IMMEDIATE);
		want(list, targets, place[NF_DROP_FIRST].function, NF_DROP_FIRST);
		want(list, targets, place[NF_DROP_SECOND].function, NF_DROP_SECOND);
		want(list, targets, place[NF_CHAIN_END].function, NF_CHAIN_END);
		want(list, targets, place[NF_CHAIN_BEGIN].function, NF_CHAIN_BEGIN);
	}
	for (int i = NF_LEGACY_END; i <= NF_LEGACY6_BEGIN && wanted->legacy; i++)
		want(list, targets, place[i].function, i);
	if (wanted->hooks) {
		want(list, targets, place[NF_HOOK_BEGIN].function, NF_HOOK_BEGIN);
		want(list, targets, place[NF_HOOK_END].function, NF_HOOK_END);
	}
}

/* --- attaching ------------------------------------------------------------------------ */

static bool is_attached(const struct nf_hooks *h, const struct wanted *w)
{
	for (size_t i = 0; i < h->n; i++) {
		if (h->v[i].program == w->program && !strcmp(h->v[i].function, w->target->name))
			return true;
	}
	return false;
}

static bool is_wanted(const struct wanted_list *list, const struct nf_attached *a)
{
	for (size_t i = 0; i < list->n; i++) {
		if (list->v[i].program == a->program && !strcmp(list->v[i].target->name, a->function))
			return true;
	}
	return false;
}

static void detach(struct nf_hooks *h, struct nf_attached *a)
{
	close(a->link);
	if (a->held)
		guard_drop(h->guard, a->held);
	h->skipped += program_skipped(a->prog);
	close(a->prog);
}

static void detach_unwanted(struct nf_hooks *h, const struct wanted_list *list)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++) {
		if (is_wanted(list, &h->v[i]))
			h->v[n++] = h->v[i];
		else
			detach(h, &h->v[i]);
	}
	h->n = n;
}

/* Of a program that is loaded, or what became of it: 0 or -errno. */
static int attach(struct nf_hooks *h, const struct wanted *w, int prog)
{
	const enum bpf_attach_type type = place[w->program].type;
	struct nf_attached a = { .program = w->program, .prog = prog };

	if (prog < 0)
		return prog;
	snprintf(a.function, sizeof(a.function), "%s", w->target->name);
	a.link = program_copy_attach(a.prog, type);
	if (a.link < 0) {
		close(a.prog);
		return a.link;
	}
	guard_hold(h->guard, a.link, GUARD_NETFILTER, &a.held);
	h->v[h->n++] = a;
	return 0;
}

/* Those of the list that are not attached yet, in its order. */
static size_t list_new(const struct nf_hooks *h, const struct wanted_list *list, const struct wanted **fresh)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n && h->n + n < NF_ATTACHED_MAX; i++) {
		/* its object could not be loaded: said */
		if (!is_attached(h, &list->v[i]) && h->copy[list->v[i].program].insns)
			fresh[n++] = &list->v[i];
	}
	return n;
}

static void load_new(const struct nf_hooks *h, const struct wanted *const *fresh, size_t n,
	struct program_load *load, const struct nf_hooks_ops *ops)
{
	struct module_fds modules = { .n = 0 };

	for (size_t i = 0; i < n; i++)
		load[i] = (struct program_load){
			.copy = &h->copy[fresh[i]->program],
			.type = place[fresh[i]->program].type,
			.module = module_fds_get(&modules, fresh[i]->target->module),
			.btf_id = fresh[i]->target->btf_id,
		};
	programs_load_copies(load, n, ops->cancelled, ops->ctx);
	module_fds_close(&modules);
}

int nf_hooks_set(struct nf_hooks *h, const struct targets *targets, const struct nf_wanted *wanted,
	const struct nf_hooks_ops *ops)
{
	const struct wanted *fresh[NF_ATTACHED_MAX];
	struct program_load load[NF_ATTACHED_MAX];
	struct wanted_list list = { .n = 0 };
	size_t n;

	list_wanted(&list, targets, wanted);
	n = list_new(h, &list, fresh);
	load_new(h, fresh, n, load, ops);
	for (size_t i = 0; i < n; i++) {
		int err;

		if (ops->cancelled(ops->ctx)) {
			for (; i < n; i++) {
				if (load[i].prog >= 0)
					close(load[i].prog);
			}
			return -ECANCELED;
		}
		err = attach(h, fresh[i], load[i].prog);
		if (err)
			ops->refused(ops->ctx, fresh[i]->target->name, -err);
		ops->progress(ops->ctx, i + 1, n);
	}
	detach_unwanted(h, &list);
	return 0;
}

int nf_hooks_counters(const struct nf_hooks *h)
{
	return h->counters;
}

void nf_hooks_forget_calls(const struct nf_hooks *h, uint64_t now)
{
	for (size_t i = 0; h->calls && i < h->ncalls; i++) {
		/* struct nft_call: its key, then when it began; where a stack is used again a call begins
		 * anew */
		_Atomic uint64_t *call = (_Atomic uint64_t *)(h->calls + i * h->call_size);
		uint64_t key = atomic_load(&call[0]), begun = atomic_load(&call[1]);

		/* 0: a slot is just taken for the first time */
		if (key && begun && begun + CALL_MAX_NS < now)
			atomic_compare_exchange_strong(&call[0], &key, 0);
	}
}

uint64_t nf_hooks_skipped(const struct nf_hooks *h)
{
	uint64_t sum = h->skipped;

	for (size_t i = 0; i < h->n; i++)
		sum += program_skipped(h->v[i].prog);
	return sum;
}

void nf_hooks_close(struct nf_hooks *h)
{
	for (size_t i = 0; i < h->n; i++) {
		close(h->v[i].link);
		h->skipped += program_skipped(h->v[i].prog);
		close(h->v[i].prog);
	}
	h->n = 0;
}

void nf_hooks_free(struct nf_hooks *h)
{
	for (int i = 0; i < NF_PROGRAMS; i++)
		program_copy_free(&h->copy[i]);
	if (h->calls)
		munmap(h->calls, calls_size(h));
	h->calls = NULL;
	for (int i = 0; i < 2; i++) {
		nft_bpf__destroy(h->nft[i]);
		legacy_bpf__destroy(h->legacy[i]);
		h->nft[i] = NULL;
		h->legacy[i] = NULL;
	}
}
