/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/filter/slots.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trace/filter/generate.h"

int slots_open(struct slots *slots, int map_fd, int works_fd, unsigned int attach_type, int resume)
{
	const unsigned int slot = SLOT_RESUME;

	*slots = (struct slots){ .map_fd = map_fd, .works_fd = works_fd, .attach_type = attach_type };
	for (int i = 0; i < SLOT_RESUME; i++)
		slots->fd[i] = -1;
	return bpf_map_update_elem(map_fd, &slot, &resume, BPF_ANY) ? -errno : 0;
}

/* Loads the program of one expression, -1 for none. Its descriptor, or -errno with a line in err. */
static int load(const struct slots *slots, const struct filter_code *code, int *fd, char *err, size_t size)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = slots->attach_type);
	const struct filter_target target = { .works_fd = slots->works_fd, .slots_fd = slots->map_fd };
	struct bpf_insn *insns;
	size_t n;
	int ret;

	*fd = -1;
	if (!code->n)
		return 0;
	ret = filter_generate(code, &target, &insns, &n, err, size);
	if (ret)
		return ret;
	*fd = bpf_prog_load(BPF_PROG_TYPE_KPROBE, "skbscope_filter", "GPL", insns, n, &opts);
	ret = *fd < 0 ? -errno : 0;
	free(insns);
	if (ret)
		snprintf(err, size, "the kernel refuses the filter's program (%zu instructions): %s", n,
			strerror(-ret));
	return ret;
}

static int set(struct slots *slots, unsigned int slot, int fd)
{
	int old = slots->fd[slot];

	if (fd >= 0 && bpf_map_update_elem(slots->map_fd, &slot, &fd, BPF_ANY))
		return -errno;
	if (fd < 0 && old >= 0)
		bpf_map_delete_elem(slots->map_fd, &slot);
	if (old >= 0)
		close(old);
	slots->fd[slot] = fd;
	return 0;
}

int slots_fill(
	struct slots *slots, unsigned int half, const struct filter_parts *parts, char *err, size_t size)
{
	int expr = -1, inner = -1, ret;

	ret = load(slots, &parts->expr, &expr, err, size);
	if (!ret)
		ret = load(slots, &parts->inner, &inner, err, size);
	if (ret) {
		if (expr >= 0)
			close(expr);
		return ret;
	}
	ret = set(slots, SLOT_EXPR + half, expr);
	if (!ret)
		ret = set(slots, SLOT_INNER + half, inner);
	if (ret)
		snprintf(err, size, "the filter's slot: %s", strerror(-ret));
	return ret;
}

void slots_close(struct slots *slots)
{
	for (int i = 0; i < SLOT_RESUME; i++) {
		if (slots->fd[i] >= 0)
			close(slots->fd[i]);
		slots->fd[i] = -1;
	}
}
