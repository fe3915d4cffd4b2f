/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/discover/btf_scan.h"

#include <bpf/btf.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BTF_DIR "/sys/kernel/btf"

/* The kernel's own stubs around tracepoints: they have BTF and cannot be probed. */
static const char *const stub_prefixes[] = { "__bpf_trace_", "perf_trace_", "trace_event_raw_event_",
	"trace_raw_output_", "__traceiter_", "__probestub_", NULL };

static bool is_stub(const char *name)
{
	for (const char *const *p = stub_prefixes; *p; p++) {
		if (!strncmp(name, *p, strlen(*p)))
			return true;
	}
	return false;
}

int btf_scan_add(struct btf_scan *scan, const char *name, const char *module, int arg, bool guessed)
{
	struct candidate *c;

	if (scan->n == scan->cap) {
		size_t cap = scan->cap ? scan->cap * 2 : 2048;

		c = realloc(scan->v, cap * sizeof(*c));
		if (!c)
			return -ENOMEM;
		scan->v = c;
		scan->cap = cap;
	}
	c = &scan->v[scan->n];
	*c = (struct candidate){ .module = module, .arg = arg, .guessed = guessed };
	c->name = strdup(name);
	if (!c->name)
		return -ENOMEM;
	scan->n++;
	return 0;
}

static const struct btf_type *skip_modifiers(const struct btf *btf, __u32 id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (t && (btf_is_mod(t) || btf_is_typedef(t)))
		t = btf__type_by_id(btf, t->type);
	return t;
}

static bool is_skb_pointer(const struct btf *btf, const struct btf_type *t)
{
	const char *name;

	if (!t || !btf_is_ptr(t))
		return false;
	t = btf__type_by_id(btf, t->type);
	while (t && btf_is_mod(t))
		t = btf__type_by_id(btf, t->type);
	if (!t || !(btf_is_struct(t) || btf_is_fwd(t)))
		return false;
	name = btf__name_by_offset(btf, t->name_off);
	return name && name[0] == 's' && !strcmp(name, "sk_buff");
}

/* Registers that an argument takes: small structs by value take one or two,
 * larger ones lie on the stack. Kernel code has no floating point arguments. */
static int registers_of(const struct btf_type *t)
{
	if (!t)
		return 1;
	if (btf_is_composite(t))
		return t->size > 16 ? 0 : t->size > 8 ? 2 : t->size ? 1 : 0;
	if (btf_is_int(t) && t->size > 8)
		return 2;
	return 1;
}

/* Register (from 1) of the first argument that is an skb; 0: there is none. */
static int skb_register(const struct btf *btf, const struct btf_type *proto)
{
	const struct btf_param *param = btf_params(proto);
	int reg = 1;

	for (int i = 0; i < btf_vlen(proto); i++) {
		const struct btf_type *t = skip_modifiers(btf, param[i].type);
		int takes;

		if (is_skb_pointer(btf, t))
			return reg;
		takes = registers_of(t);
		/* what does not fit whole goes to the stack and takes none */
		if (takes == 2 && reg == ARG_REGISTERS)
			takes = 0;
		reg += takes;
	}
	return 0;
}

/* What else the types tell about this kernel. */
static int scan_type(struct btf_scan *scan, const struct btf *btf, const struct btf_type *t)
{
	const char *name;

	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_ENUM:
		break;
	default: /* most of a hundred thousand types */
		return 0;
	}
	name = btf__name_by_offset(btf, t->name_off);
	if (name && btf_is_enum(t))
		return btf_reasons_take(&scan->reasons, btf, t, name);
	/* "bpf_kprobe_multi_link", "bpf_tramp_run_ctx" (5.19), "btf_trace_kfree_skb" */
	if (!name || name[0] != 'b')
		return 0;
	if (btf_is_struct(t) && !strcmp(name, "bpf_kprobe_multi_link"))
		scan->multi = true;
	if (btf_is_struct(t) && !strcmp(name, "bpf_tramp_run_ctx"))
		scan->trampolines = true;
	if (btf_is_typedef(t) && !strcmp(name, "btf_trace_kfree_skb")) {
		const struct btf_type *p = btf__type_by_id(btf, t->type);

		p = p && btf_is_ptr(p) ? btf__type_by_id(btf, p->type) : NULL;
		if (p && btf_is_func_proto(p) && btf_vlen(p) > 0)
			scan->kfree_skb_args = btf_vlen(p) - 1; /* the first is the tracepoint's own */
	}
	return 0;
}

int hook_of(const char *name)
{
	static const char *const names[HOOKS] = {
		[HOOK_RELEASE] = "skb_release_head_state",
		[HOOK_STATELESS] = "__consume_stateless_skb",
		[HOOK_STOLEN] = "napi_skb_free_stolen_head",
		[HOOK_FRAGS] = "napi_get_frags",
		[HOOK_COPY] = "__copy_skb_header",
		[HOOK_FRAG4] = "ip_copy_metadata",
		[HOOK_FRAG6] = "ip6_copy_metadata",
		[HOOK_TRANSMIT] = "__tcp_transmit_skb",
		[HOOK_UDP] = "__udp_enqueue_schedule_skb",
		[HOOK_QUEUE] = "sock_queue_rcv_skb_reason",
		[HOOK_ESTABLISHED] = "tcp_rcv_established",
		[HOOK_STATE] = "tcp_rcv_state_process",
		[HOOK_SOCKET] = "sock_alloc_file",
	};

	/* called for every function of the kernel */
	if (!name ||
		!(name[0] == 's' || name[0] == '_' || name[0] == 'n' || name[0] == 'i' || name[0] == 't'))
		return -1;
	for (int i = 0; i < HOOKS; i++) {
		if (name[1] == names[i][1] && !strcmp(name, names[i]))
			return i;
	}
	return -1;
}

/* A head of 64 bits: is_last, dlen 12 bits, handle 42 bits (bpf/nft_call.bpf.h). */
static bool are_rule_heads(const struct btf *btf, const struct btf_type *t)
{
	static const struct {
		const char *name;
		__u32 at, bits;
	} want[] = { { "is_last", 0, 1 }, { "dlen", 1, 12 }, { "handle", 13, 42 } };
	const struct btf_member *m = btf_members(t);

	if (btf_vlen(t) < 3)
		return false;
	for (__u32 i = 0; i < 3; i++) {
		if (strcmp(btf__name_by_offset(btf, m[i].name_off), want[i].name) != 0 ||
			btf_member_bit_offset(t, i) != want[i].at ||
			btf_member_bitfield_size(t, i) != want[i].bits)
			return false;
	}
	return true;
}

static int scan_module_type(struct btf_scan *scan, const struct btf *btf, const struct btf_type *t)
{
	const char *name = btf_is_struct(t) || btf_is_enum(t) ? btf__name_by_offset(btf, t->name_off) : NULL;

	if (name && btf_is_enum(t))
		return btf_reasons_take(&scan->reasons, btf, t, name);
	if (name && !strcmp(name, "nft_rule_dp"))
		scan->targets.rule_heads = are_rule_heads(btf, t);
	return 0;
}

static int scan_types(struct btf_scan *scan, const struct btf *btf, __u32 from, const char *module)
{
	__u32 end = btf__type_cnt(btf);
	int err;

	if (scan->excerpt && btf_excerpt_begin(scan->excerpt, btf, from))
		return -ENOMEM;
	for (__u32 id = from; id < end; id++) {
		const struct btf_type *t = btf__type_by_id(btf, id), *proto;
		const char *name;
		int reg, hook;

		if (!btf_is_func(t)) {
			if (!t->name_off)
				continue;
			err = module ? scan_module_type(scan, btf, t) : scan_type(scan, btf, t);
			if (!err && scan->excerpt)
				err = btf_excerpt_see(
					scan->excerpt, id, t, btf__name_by_offset(btf, t->name_off));
			if (err)
				return err;
			continue;
		}
		name = btf__name_by_offset(btf, t->name_off);
		hook = module ? -1 : hook_of(name);
		if (hook >= 0)
			scan->hook_id[hook] = id;
		if (!name)
			continue;
		if (target_is(name) && targets_add(&scan->targets, name, module, id))
			return -ENOMEM;
		proto = btf__type_by_id(btf, t->type);
		reg = proto ? skb_register(btf, proto) : 0;
		if (!reg)
			continue;
		if (!name || is_stub(name))
			continue;
		err = btf_scan_add(scan, name, module, reg, false);
		if (err)
			return err;
		scan->v[scan->n - 1].btf_id = id;
	}
	return 0;
}

/* A module's own types: those of the kernel are not looked through again. */
static int scan_module(struct btf_scan *scan, struct btf *base, const char *module)
{
	struct btf *btf = btf__load_module_btf(module, base);
	char **more, *name;
	int err = -ENOMEM;

	if (!btf)
		return 0; /* it has none, or was unloaded meanwhile: its functions are gone as well */
	name = strdup(module);
	more = realloc(scan->modules, (scan->nmodules + 1) * sizeof(*more));
	if (more)
		scan->modules = more;
	if (name && more) {
		scan->modules[scan->nmodules++] = name;
		err = scan_types(scan, btf, btf__type_cnt(base), name);
	} else {
		free(name);
	}
	btf__free(btf);
	return err;
}

static int scan_modules(struct btf_scan *scan, struct btf *base)
{
	struct dirent *e;
	int err = 0;
	DIR *dir = opendir(BTF_DIR);

	if (!dir)
		return 0;
	while (!err && (e = readdir(dir))) {
		if (e->d_name[0] != '.' && strcmp(e->d_name, "vmlinux") != 0)
			err = scan_module(scan, base, e->d_name);
	}
	closedir(dir);
	return err;
}

int btf_scan(struct btf_scan *scan, struct btf_excerpt *excerpt)
{
	struct btf *btf;
	int err;

	*scan = (struct btf_scan){ .excerpt = excerpt };
	btf = btf__parse(BTF_DIR "/vmlinux", NULL);
	if (!btf)
		return -errno;
	err = scan_types(scan, btf, 1, NULL);
	if (!err)
		err = scan_modules(scan, btf);
	btf__free(btf);
	return err;
}

int btf_scan_modules(struct btf_scan *scan, const char *const *modules, size_t n)
{
	struct btf *base;
	int err = 0;

	*scan = (struct btf_scan){ 0 };
	base = btf__parse(BTF_DIR "/vmlinux", NULL);
	if (!base)
		return -errno;
	for (size_t i = 0; i < n && !err; i++)
		err = scan_module(scan, base, modules[i]);
	btf__free(base);
	return err;
}

void btf_scan_fini(struct btf_scan *scan)
{
	for (size_t i = 0; i < scan->n; i++)
		free(scan->v[i].name);
	free(scan->v);
	for (size_t i = 0; i < scan->nmodules; i++)
		free(scan->modules[i]);
	free(scan->modules);
	btf_reasons_free(&scan->reasons);
	targets_free(&scan->targets);
	*scan = (struct btf_scan){ 0 };
}
