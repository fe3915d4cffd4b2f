/* SPDX-License-Identifier: GPL-2.0 */
/* The BPF object: which programs this kernel takes, maps, the ends of life. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "trace/skel.h"
#include "trace/tracer_private.h"

/* As many packets alive at once as can be told apart: 128 Ki, about 16 MiB of kernel memory. */
#define WAKEUP_SHARE 8 /* the reader is woken when an eighth of the buffer is full */

static int print_libbpf(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return level == LIBBPF_DEBUG ? 0 : vfprintf(stderr, fmt, args);
}

static void choose_programs(struct tracer *t)
{
	struct skbscope_bpf *skel = t->skel;
	bool multi = t->backend == &attach_multi;
	bool reason = t->found.kfree_skb_args >= 3;

	bpf_program__set_autoload(skel->progs.function_multi, multi);
	bpf_program__set_autoload(skel->progs.function_kprobe, !multi);
	bpf_program__set_autoload(skel->progs.end_release, t->found.end_release);
	bpf_program__set_autoload(skel->progs.end_stateless, t->found.end_stateless);
	bpf_program__set_autoload(skel->progs.end_stolen, t->found.end_stolen);
	bpf_program__set_autoload(skel->progs.drop_reason, reason);
	bpf_program__set_autoload(skel->progs.drop_plain, !reason);
}

static int map_stats(struct tracer *t)
{
	size_t page = sysconf(_SC_PAGESIZE);

	t->stats_size = (t->cpus * sizeof(struct cpu_stats) + page - 1) / page * page;
	t->stats = mmap(NULL, t->stats_size, PROT_READ, MAP_SHARED, bpf_map__fd(t->skel->maps.stats), 0);
	if (t->stats != MAP_FAILED)
		return 0;
	t->stats = NULL;
	return -errno;
}

int programs_load(struct tracer *t, const struct tracer_options *options, char *err, size_t err_size)
{
	int cpus = libbpf_num_possible_cpus();
	uint32_t wakeup;
	int ret;

	libbpf_set_print(options->verbose ? print_libbpf : NULL);
	t->cpus = cpus > 0 ? cpus : 1;
	t->src.info.cpus = t->cpus;
	t->skel = skbscope_bpf__open();
	if (!t->skel) {
		snprintf(err, err_size, "BPF object: %s", strerror(errno));
		return -errno;
	}
	choose_programs(t);
	bpf_map__set_max_entries(t->skel->maps.stats, t->cpus);
	ret = bpf_map__set_max_entries(t->skel->maps.events, options->buffer);
	if (!ret)
		ret = skbscope_bpf__load(t->skel);
	if (ret) {
		snprintf(err, err_size, "BPF programs: %s (-v shows what the kernel says)", strerror(-ret));
		return ret;
	}
	t->config = (volatile struct skb_config *)&t->skel->bss->config;
	t->config->cpus = t->cpus;
	t->config->generation = 0;
	wakeup = options->buffer / WAKEUP_SHARE / (sizeof(struct event) + 8) / t->cpus;
	t->config->wakeup_every = wakeup ? wakeup : 1;
	ret = map_stats(t);
	if (ret)
		snprintf(err, err_size, "BPF maps: %s", strerror(-ret));
	return ret;
}

int programs_attach_ends(struct tracer *t)
{
	struct bpf_program *progs[END_HOOKS] = {
		t->found.end_release ? t->skel->progs.end_release : NULL,
		t->found.end_stateless ? t->skel->progs.end_stateless : NULL,
		t->found.end_stolen ? t->skel->progs.end_stolen : NULL,
		t->found.kfree_skb_args >= 3 ? t->skel->progs.drop_reason : t->skel->progs.drop_plain,
	};

	for (int i = 0; i < END_HOOKS; i++) {
		uint32_t id;

		if (!progs[i])
			continue;
		t->end_hook[i] = bpf_program__attach(progs[i]);
		if (!t->end_hook[i]) {
			int err = -errno;

			tracer_say(t, NOTICE_ERROR, "%s: not attached: %s", bpf_program__name(progs[i]),
				strerror(-err));
			return err;
		}
		guard_hold(&t->guard, bpf_link__fd(t->end_hook[i]), GUARD_HOOKS, &id);
	}
	if (!t->found.end_release)
		tracer_say(t, NOTICE_ERROR,
			"skb_release_head_state is not in this kernel's BTF: the end of packets is not seen, ids may be reused");
	return 0;
}

void programs_free(struct tracer *t)
{
	for (int i = 0; i < END_HOOKS; i++)
		bpf_link__destroy(t->end_hook[i]);
	if (t->stats)
		munmap((void *)t->stats, t->stats_size);
	skbscope_bpf__destroy(t->skel);
	t->skel = NULL;
	t->stats = NULL;
}

/* Calls that the kernel skipped because one of our programs was running on that CPU. */
uint64_t programs_recursion(const struct tracer *t)
{
	struct bpf_program *prog;
	uint64_t sum = 0;

	bpf_object__for_each_program(prog, t->skel->obj) {
		struct bpf_prog_info info = { 0 };
		__u32 len = sizeof(info);

		if (bpf_program__fd(prog) >= 0 && !bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len))
			sum += info.recursion_misses;
	}
	return sum;
}

/* The names of devices are sent again: one may have been renamed. */
void programs_forget_devices(const struct tracer *t)
{
	struct {
		__u32 netns, ifindex;
	} key;
	int fd = bpf_map__fd(t->skel->maps.devices);

	while (!bpf_map_get_next_key(fd, NULL, &key)) {
		if (bpf_map_delete_elem(fd, &key))
			break;
	}
}
