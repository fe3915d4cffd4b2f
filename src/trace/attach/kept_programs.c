/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/attach/kept_programs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trace/discover/btf_scan.h"

struct kept_program {
	const struct bpf_program *prog;
	struct program_copy copy;
};

static const struct {
	const char *section;
	enum bpf_prog_type type;
	enum bpf_attach_type attach;
} sections[] = {
	{ "copied", BPF_PROG_TYPE_SOCKET_FILTER, 0 },
	{ "fentry+", BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY },
	{ "fexit+", BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT },
};
#define SECTIONS (sizeof(sections) / sizeof(sections[0]))

static void *duplicate(const void *from, size_t n, size_t size)
{
	void *to = calloc(n + 1, size);

	if (to && n)
		memcpy(to, from, n * size);
	return to;
}

static int add(struct kept_programs *k, const struct bpf_program *prog, const struct program_copy *copy)
{
	struct kept_program *more;
	int err = -ENOMEM;

	pthread_mutex_lock(&k->lock);
	for (size_t i = 0; i < k->n; i++) {
		/* of an object that is gone, whose memory is this one's now */
		if (k->v[i].prog == prog) {
			program_copy_free(&k->v[i].copy);
			k->v[i--] = k->v[--k->n];
		}
	}
	more = realloc(k->v, (k->n + 1) * sizeof(*more));
	if (more) {
		k->v = more;
		more[k->n++] = (struct kept_program){ .prog = prog, .copy = *copy };
		err = 0;
	}
	pthread_mutex_unlock(&k->lock);
	return err;
}

/* What would be loaded is kept; what is loaded instead is as small as can be. */
static int keep(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie)
{
	static const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct kept_programs *k = (struct kept_programs *)cookie;
	struct program_copy copy = {
		.name = bpf_program__name(prog),
		.insns = duplicate(bpf_program__insns(prog), bpf_program__insn_cnt(prog),
			sizeof(struct bpf_insn)),
		.ninsns = bpf_program__insn_cnt(prog),
		.funcs = duplicate(opts->func_info, opts->func_info_cnt, opts->func_info_rec_size),
		.nfuncs = opts->func_info_cnt,
		.func_size = opts->func_info_rec_size,
		.btf = (int)opts->prog_btf_fd,
		.verbose = k->verbose,
	};
	int err = copy.insns && copy.funcs ? add(k, prog, &copy) : -ENOMEM;

	if (err) {
		program_copy_free(&copy);
		return err;
	}
	opts->func_info_cnt = 0;
	opts->line_info_cnt = 0;
	return bpf_program__set_insns(
		prog, (struct bpf_insn *)nothing, sizeof(nothing) / sizeof(nothing[0]));
}

static int set_function(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie)
{
	const struct kept_programs *k = (const struct kept_programs *)cookie;
	const char *function = strchr(bpf_program__section_name(prog), '/');
	int hook = function ? hook_of(function + 1) : -1;

	if (hook < 0 || !k->hook_id[hook])
		return -ENOENT;
	opts->attach_btf_id = k->hook_id[hook];
	return 0;
}

static int attach(const struct bpf_program *prog, long cookie, struct bpf_link **link)
{
	(void)cookie;
	*link = bpf_program__attach_trace(prog);
	return *link ? 0 : -errno;
}

int kept_programs_begin(struct kept_programs *k, const uint32_t *hook_id, bool verbose)
{
	*k = (struct kept_programs){ .hook_id = hook_id, .verbose = verbose };
	pthread_mutex_init(&k->lock, NULL);
	for (size_t i = 0; i < SECTIONS; i++) {
		LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .cookie = (long)k,
			.prog_prepare_load_fn = sections[i].attach ? set_function : keep,
			.prog_attach_fn = sections[i].attach ? attach : NULL);

		k->handler[i] = libbpf_register_prog_handler(
			sections[i].section, sections[i].type, sections[i].attach, &opts);
		if (k->handler[i] < 0)
			return k->handler[i];
	}
	return 0;
}

int kept_programs_take(struct kept_programs *k, const struct bpf_program *prog, struct program_copy *out)
{
	int err = -ENOENT;

	pthread_mutex_lock(&k->lock);
	for (size_t i = 0; i < k->n && err; i++) {
		if (k->v[i].prog != prog)
			continue;
		*out = k->v[i].copy;
		k->v[i] = k->v[--k->n];
		err = 0;
	}
	pthread_mutex_unlock(&k->lock);
	return err;
}

void kept_programs_end(struct kept_programs *k)
{
	for (size_t i = 0; i < SECTIONS; i++) {
		if (k->handler[i] > 0)
			libbpf_unregister_prog_handler(k->handler[i]);
		k->handler[i] = 0;
	}
	for (size_t i = 0; i < k->n; i++)
		program_copy_free(&k->v[i].copy);
	free(k->v);
	k->v = NULL;
	k->n = 0;
}
