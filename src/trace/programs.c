/* SPDX-License-Identifier: GPL-2.0 */
/* The BPF object: which programs this kernel takes, maps, the ends of life. Nothing of filters. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "trace/discover/kernel.h"
#include "trace/skel.h"
#include "trace/tracer_private.h"

/* As many packets alive at once as can be told apart: 128 Ki, about 16 MiB of kernel memory. */
#define WAKEUP_SHARE 8 /* the reader is woken when an eighth of the buffer is full */

void programs_choose_none(struct skbscope_bpf *skel)
{
	struct bpf_program *prog = bpf_object__next_program(skel->obj, NULL);

	for (; prog; prog = bpf_object__next_program(skel->obj, prog))
		bpf_program__set_autoload(prog, false);
}

/* What probes do elsewhere (attach.h, attach_watch()): only where there are none. */
static void watch_programs(const struct tracer *t, struct bpf_program *out[HOOKS])
{
	const struct skbscope_bpf *skel = t->skel;

	for (int i = 0; i < HOOKS; i++)
		out[i] = NULL;
	if (t->backend != &attach_fentry)
		return;
	out[HOOK_COPY] = skel->progs.watch_copy_skb;
	out[HOOK_FRAG4] = skel->progs.watch_frag;
	out[HOOK_FRAG6] = skel->progs.watch_frag6;
	out[HOOK_TRANSMIT] = skel->progs.watch_transmit;
	out[HOOK_UDP] = skel->progs.watch_udp;
	out[HOOK_QUEUE] = skel->progs.watch_queue;
	out[HOOK_ESTABLISHED] = skel->progs.watch_established;
	out[HOOK_STATE] = skel->progs.watch_state;
}

static struct bpf_program *drop_program(const struct tracer *t)
{
	const struct skbscope_bpf *skel = t->skel;

	if (t->options->drops)
		return t->found.kfree_skb_args >= 3 ? skel->progs.drop_reason_alone
						    : skel->progs.drop_plain_alone;
	return t->found.kfree_skb_args >= 3 ? skel->progs.drop_reason : skel->progs.drop_plain;
}

/*
 * Rules are likely to be followed: their programs come with the others. A second
 * object costs a fifth of a second of an emulated guest, for libbpf reads the
 * kernel's types once more. What they are not at the start, they are later:
 * netfilter/hooks.c.
 */
static void choose_rules(struct tracer *t)
{
	const struct tracer_options *o = t->options;
	struct skbscope_bpf *skel = t->skel;
	const bool hooks = t->found.trampolines &&
			   (o->drops || (!o->functions && !o->config && o->layer[LAYER_NETFILTER]));
	const bool chains =
		hooks && t->found.targets.rule_heads && targets_find(&t->found.targets, "nft_do_chain");

	bpf_program__set_autoload(skel->progs.hook_begin, hooks);
	bpf_program__set_autoload(skel->progs.hook_end, hooks);
	bpf_program__set_autoload(skel->progs.chain_begin, chains);
	bpf_program__set_autoload(skel->progs.chain_end, chains);
	bpf_program__set_autoload(skel->progs.drop_first, chains);
	bpf_program__set_autoload(skel->progs.drop_second, chains);
	bpf_program__set_autoload(skel->progs.immediate, chains);
	bpf_program__set_autoload(skel->progs.lookup_end, chains);
	bpf_program__set_autoload(skel->progs.statement_end, chains);
	bpf_map__set_autocreate(skel->maps.nft_calls, chains);
	bpf_map__set_autocreate(skel->maps.nft_places, chains);
	bpf_map__set_autocreate(skel->maps.nft_rules, chains);
	bpf_map__set_autocreate(skel->maps.nft_chains, chains);
}

static void choose_programs(struct tracer *t)
{
	struct bpf_program *watch[HOOKS];
	struct skbscope_bpf *skel = t->skel;
	bool multi = t->backend == &attach_multi, fentry = t->backend == &attach_fentry;
	const bool *hook = t->found.hook;

	programs_choose_none(skel);
	bpf_program__set_autoload(skel->progs.function_multi, multi);
	bpf_program__set_autoload(skel->progs.function_kprobe, !multi && !fentry);
	bpf_program__set_autoload(skel->progs.function_fentry, fentry);
	bpf_program__set_autoload(skel->progs.end_release, hook[HOOK_RELEASE]);
	bpf_program__set_autoload(skel->progs.end_release_nested, hook[HOOK_RELEASE]);
	bpf_program__set_autoload(skel->progs.end_stateless, hook[HOOK_STATELESS]);
	bpf_program__set_autoload(skel->progs.end_stolen, hook[HOOK_STOLEN]);
	bpf_program__set_autoload(skel->progs.end_frags, hook[HOOK_FRAGS]);
	bpf_program__set_autoload(drop_program(t), true);
	watch_programs(t, watch);
	for (int i = 0; i < HOOKS; i++) {
		if (watch[i])
			bpf_program__set_autoload(watch[i], hook[i]);
	}
	choose_rules(t);
	/* only programs with a filter in them look at these */
	bpf_map__set_autocreate(skel->maps.codes, fentry);
	bpf_map__set_autocreate(skel->maps.owners, fentry);
}

static int map_stats(struct tracer *t)
{
	size_t page = sysconf(_SC_PAGESIZE);

	t->stats_size = (t->seats * sizeof(struct cpu_stats) + page - 1) / page * page;
	t->stats = mmap(NULL, t->stats_size, PROT_READ, MAP_SHARED, bpf_map__fd(t->skel->maps.stats), 0);
	if (t->stats != MAP_FAILED)
		return 0;
	t->stats = NULL;
	return -errno;
}

/*
 * How many skbs can be followed at the same time: queues grow with the machine.
 * Each takes 200 bytes, which the kernel clears before we are ready.
 */
static uint32_t living_packets(unsigned int cpus)
{
	uint32_t n = cpus * 32768;

	return n < 131072 ? 131072 : n > 1048576 ? 1048576 : n;
}

int programs_load(struct tracer *t, const struct tracer_options *options, char *err, size_t err_size)
{
	int cpus = libbpf_num_possible_cpus();
	uint32_t wakeup, drop_seat;
	int ret;

	t->cpus = cpus > 0 ? cpus : 1;
	drop_seat = t->backend == &attach_fentry ? t->cpus * SEAT_LEVELS : t->cpus;
	t->seats = drop_seat + (options->drops ? t->cpus : 0);
	t->src.info.cpus = t->cpus;
	choose_programs(t);
	bpf_map__set_max_entries(t->skel->maps.stats, t->seats);
	bpf_map__set_max_entries(t->skel->maps.identities, living_packets(t->cpus));
	bpf_map__set_max_entries(t->skel->maps.works, t->seats);
	if (options->snap)
		bpf_map__set_max_entries(t->skel->maps.snaps, t->seats);
	ret = bpf_map__set_max_entries(t->skel->maps.events, options->buffer);
	if (!ret)
		ret = skbscope_bpf__load(t->skel);
	if (ret) {
		snprintf(err, err_size, "BPF programs: %s (-v shows what the kernel says)", strerror(-ret));
		return ret;
	}
	t->config = (volatile struct skb_config *)&t->skel->bss->config;
	t->config->cpus = t->cpus;
	t->config->seats = t->seats;
	t->config->drop_seat = drop_seat;
	t->config->snap = options->snap;
	wakeup = options->buffer / WAKEUP_SHARE / (sizeof(struct event) + 8) / t->cpus;
	t->config->wakeup_every = wakeup ? wakeup : 1;
	ret = map_stats(t);
	if (ret)
		snprintf(err, err_size, "BPF maps: %s", strerror(-ret));
	return ret;
}

int programs_attach_hook(struct tracer *t, struct bpf_program *prog, struct bpf_link **link)
{
	uint32_t id;

	*link = bpf_program__attach(prog);
	if (!*link) {
		int err = -errno;

		tracer_say(t, NOTICE_ERROR, "%s: not attached: %s", bpf_program__name(prog), strerror(-err));
		return err;
	}
	guard_hold(&t->guard, bpf_link__fd(*link), GUARD_HOOKS, &id);
	return 0;
}

int programs_attach_ends(struct tracer *t)
{
	const bool *hook = t->found.hook;
	struct bpf_program *progs[END_HOOKS] = {
		hook[HOOK_RELEASE] ? t->skel->progs.end_release : NULL,
		hook[HOOK_RELEASE] ? t->skel->progs.end_release_nested : NULL,
		hook[HOOK_STATELESS] ? t->skel->progs.end_stateless : NULL,
		hook[HOOK_STOLEN] ? t->skel->progs.end_stolen : NULL,
		hook[HOOK_FRAGS] ? t->skel->progs.end_frags : NULL,
		drop_program(t),
	};
	struct bpf_program *watch[HOOKS];
	int err = 0, n = END_HOOKS - HOOKS;

	watch_programs(t, watch);
	for (int i = 0; i < HOOKS && n < END_HOOKS; i++) {
		if (watch[i] && hook[i])
			progs[n++] = watch[i];
	}
	for (int i = 0; !err && i < END_HOOKS; i++) {
		if (progs[i])
			err = programs_attach_hook(t, progs[i], &t->end_hook[i]);
	}
	if (!err && t->found.table.ends_watched)
		tracer_say(t, NOTICE_ERROR,
			"trampolines cannot be had here (sysctl kernel.ftrace_enabled?): the ends of packets "
			"are seen by probes, and missed inside another probe's handler");
	return err;
}

void programs_free(struct tracer *t)
{
	for (int i = 0; i < END_HOOKS; i++)
		bpf_link__destroy(t->end_hook[i]);
	for (int i = 0; i < FILTER_HOOKS; i++)
		bpf_link__destroy(t->filter_hook[i]);
	skbscope_bpf__destroy(t->more);
	t->more = NULL;
	if (t->stats)
		munmap((void *)t->stats, t->stats_size);
	skbscope_bpf__destroy(t->skel);
	kept_programs_end(&t->kept);
	if (t->types_fd >= 0)
		close(t->types_fd);
	t->types_fd = -1;
	t->skel = NULL;
	t->stats = NULL;
}

static uint64_t skipped(const struct bpf_program *prog)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);

	if (!prog || bpf_program__fd(prog) < 0 || bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len))
		return 0;
	return info.recursion_misses;
}

/*
 * Lines "event hits misses" of kprobe_profile: what a probe missed because it
 * came inside another one's handler. The file does not name groups: probes of
 * others are counted as well.
 */
static uint64_t missed_kprobes(void)
{
	char path[128], *text, *save = NULL;
	uint64_t sum = 0;
	size_t len;

	snprintf(path, sizeof(path), "%s/kprobe_profile", tracefs_path());
	if (file_read(path, &text, &len))
		return 0;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		unsigned long long hits, misses;

		if (sscanf(line, "%*s %llu %llu", &hits, &misses) == 2)
			sum += misses;
	}
	free(text);
	return sum;
}

/*
 * bpf_prog_info counts what was skipped because one of our programs was
 * running on that CPU: trampolines from 5.12 on, kprobes from 6.7 on.
 */
void programs_count_skipped(struct tracer *t)
{
	const struct skbscope_bpf *more = programs_more(t);
	uint64_t functions = skipped(t->skel->progs.function_multi) +
			     skipped(t->skel->progs.function_kprobe) +
			     skipped(more ? more->progs.function_kprobe : NULL);

	if (t->backend == &attach_tracefs || (t->backend == &attach_multi && t->late))
		functions += missed_kprobes();
	if (t->backend->skipped && t->attacher)
		functions += t->backend->skipped(t->attacher);
	if (t->netfilter)
		functions += netfilter_skipped(t->netfilter);
	for (unsigned int cpu = 0; cpu < t->cpus; cpu++)
		functions += t->stats[cpu].crowded;
	atomic_store(&t->recursion, functions);
	/* end_release has a twin for the case that it is skipped */
	atomic_store(&t->missed_ends, skipped(t->skel->progs.end_stateless) +
					      skipped(t->skel->progs.end_stolen) +
					      skipped(t->skel->progs.end_frags));
}

/* The names of devices are sent again: one may have been renamed. */
void programs_forget_devices(const struct tracer *t)
{
	struct device {
		__u32 netns, ifindex;
	} *keys = calloc(bpf_map__max_entries(t->skel->maps.devices), sizeof(*keys));
	int fd = bpf_map__fd(t->skel->maps.devices);
	size_t n = 0, max = bpf_map__max_entries(t->skel->maps.devices);

	/* first all keys, then each once: traffic puts them back meanwhile */
	while (keys && n < max && !bpf_map_get_next_key(fd, n ? &keys[n - 1] : NULL, &keys[n]))
		n++;
	for (size_t i = 0; i < n; i++)
		bpf_map_delete_elem(fd, &keys[i]);
	free(keys);
}
