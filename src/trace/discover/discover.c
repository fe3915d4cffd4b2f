/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/discover/discover.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../bpf/config.h"
#include "trace/discover/kernel.h"
#include "trace/discover/symbols.h"

/*
 * The first skb argument is the one to show, except where it is a new skb
 * whose memory still holds what was there before (net/core/skbuff.c).
 */
static const struct {
	const char *name;
	int arg;
} other_argument[] = {
	{ "__copy_skb_header", 2 },
	{ "__skb_clone", 2 },
};

/* Takes the place in a queue to wait behind, which may be the queue itself (net/core/datagram.c). */
static const char *const no_packet[] = { "__skb_wait_for_more_packets" };

static bool takes_no_packet(const char *name)
{
	for (size_t i = 0; i < sizeof(no_packet) / sizeof(no_packet[0]); i++) {
		if (!strcmp(name, no_packet[i]))
			return true;
	}
	return false;
}

static bool has_functions(const struct btf_scan *scan)
{
	for (size_t i = 0; i < scan->n; i++) {
		if (!scan->v[i].module)
			return true;
	}
	return false;
}

/* A kernel whose BTF has no functions: the short list, arguments by name. */
static int add_critical(struct btf_scan *scan)
{
	int err = 0;

	if (has_functions(scan))
		return 0;
	for (const char *const *name = critical_functions; *name && !err; name++) {
		int arg = guess_skb_arg(*name);

		err = btf_scan_add(scan, *name, NULL, arg ? arg : 1, true);
	}
	return err;
}

static const char *unusable(const struct candidate *c, const struct symbol_texts *texts, bool kptr)
{
	if (takes_no_packet(c->name))
		return "its argument may be a queue, no packet";
	if (c->arg > ARG_REGISTERS)
		return "the skb is passed on the stack";
	if (texts->list[SYMBOLS_TRACEABLE].err)
		return "not known: the list of traceable functions cannot be read";
	if (!c->listed)
		return "the kernel does not list it as traceable";
	if (!kptr)
		return "its address is hidden (kptr_restrict)";
	if (!c->symbols)
		return "no address in kallsyms";
	if (c->symbols > 1)
		return "several functions have this name";
	return NULL;
}

static int compare(const void *a, const void *b)
{
	const struct probe *x = a, *y = b;
	int d = (x->why != NULL) - (y->why != NULL);

	/* what cannot be attached stands last: only the first MAX_FUNCS are counted */
	if (!d)
		d = x->class.layer - y->class.layer;
	if (!d)
		d = x->class.priority - y->class.priority;
	if (!d)
		d = strcmp(x->name, y->name);
	if (!d)
		d = strcmp(x->module ? x->module : "", y->module ? y->module : "");
	return d;
}

static void set_argument(struct candidate *c)
{
	for (size_t i = 0; i < sizeof(other_argument) / sizeof(other_argument[0]); i++) {
		if (!strcmp(c->name, other_argument[i].name))
			c->arg = other_argument[i].arg;
	}
}

/* All but the names, which the caller places. */
static void set_probe(struct probe *p, struct candidate *c, const struct symbol_texts *texts, bool kptr)
{
	set_argument(c);
	p->addr = c->addr;
	p->guessed = c->guessed;
	p->at_end = c->at_end;
	p->btf_id = c->btf_id;
	p->class = classify(c->name, c->module);
	p->why = unusable(c, texts, kptr);
	p->arg = c->arg <= ARG_REGISTERS ? c->arg : 0;
	p->state = p->why ? PROBE_UNUSABLE : PROBE_IDLE;
}

static bool shows_addresses(const struct btf_scan *scan)
{
	for (size_t i = 0; i < scan->n; i++) {
		if (scan->v[i].addr)
			return true;
	}
	return false;
}

/* Names move into one block that the table owns; then there is room for all that may come. */
static int build_table(struct probe_table *table, struct btf_scan *scan, const struct symbol_texts *texts)
{
	bool kptr = shows_addresses(scan);
	size_t bytes = 1;
	char *to;

	for (size_t i = 0; i < scan->n; i++)
		bytes += strlen(scan->v[i].name) + 1;
	for (size_t i = 0; i < scan->nmodules; i++)
		bytes += strlen(scan->modules[i]) + 1;
	table->names = to = malloc(bytes);
	table->cap = scan->n > MAX_FUNCS ? scan->n : MAX_FUNCS;
	table->v = calloc(table->cap, sizeof(*table->v));
	if (!table->names || !table->v)
		return -ENOMEM;
	for (size_t i = 0; i < scan->nmodules; i++) {
		const char *old = scan->modules[i];

		for (size_t j = 0; j < scan->n; j++) {
			if (scan->v[j].module == old)
				scan->v[j].module = to;
		}
		to = stpcpy(to, old) + 1;
	}
	for (size_t i = 0; i < scan->n; i++) {
		struct candidate *c = &scan->v[i];
		struct probe *p;

		if (c->twin)
			continue;
		p = &table->v[table->n++];
		p->name = to;
		to = stpcpy(to, c->name) + 1;
		p->module = c->module;
		set_probe(p, c, texts, kptr);
	}
	qsort(table->v, table->n, sizeof(*table->v), compare);
	for (size_t i = MAX_FUNCS; i < table->n; i++) {
		if (table->v[i].why)
			continue;
		table->v[i].why = "more functions than can be counted";
		table->v[i].state = PROBE_UNUSABLE;
	}
	return 0;
}

struct discovery_run {
	struct btf_scan scan;
	struct symbol_texts texts;
};

static void run_free(struct discovery_run *run)
{
	if (!run)
		return;
	symbol_texts_free(&run->texts);
	btf_scan_fini(&run->scan);
	free(run);
}

int discover_types(struct discovery *found, struct btf_excerpt *excerpt, char *err, size_t err_size)
{
	struct discovery_run *run = calloc(1, sizeof(*run));
	struct btf_scan *scan;
	int ret;

	*found = (struct discovery){ .run = run };
	if (!run)
		return -ENOMEM;
	symbol_texts_begin(&run->texts, tracefs_path());
	scan = &run->scan;
	ret = btf_scan(scan, excerpt);
	if (ret) {
		snprintf(err, err_size, "/sys/kernel/btf/vmlinux: %s%s", strerror(-ret),
			ret == -ENOMEM ? "" : " (this kernel needs CONFIG_DEBUG_INFO_BTF=y)");
		discovery_fini(found);
		return ret;
	}
	found->reasons = scan->reasons;
	memset(&scan->reasons, 0, sizeof(scan->reasons));
	found->targets = scan->targets;
	scan->targets = (struct targets){ 0 };
	found->kfree_skb_args = scan->kfree_skb_args;
	found->multi = scan->multi && kernel_has_ftrace();
	found->trampolines = scan->trampolines && kernel_has_ftrace();
	memcpy(found->hook_id, scan->hook_id, sizeof(found->hook_id));
	/* while ftrace is off the kernel attaches a trampoline, and never calls it */
	for (int i = 0; i < HOOKS && found->trampolines; i++)
		found->hook[i] = found->hook_id[i] != 0;
	found->table.ends_watched = !found->hook[HOOK_RELEASE];
	return 0;
}

static void note_missing(const struct symbol_texts *texts, char *note, size_t size)
{
	const struct symbol_text *traceable = &texts->list[SYMBOLS_TRACEABLE];
	const struct symbol_text *all = &texts->list[SYMBOLS_ALL];

	note[0] = '\0';
	if (traceable->err)
		snprintf(note, size, "%s: %s (%s)", traceable->path, strerror(-traceable->err),
			traceable->err == -ENOENT ? "mount -t tracefs nodev /sys/kernel/tracing"
						  : "run as root");
	else if (all->err)
		snprintf(note, size, "%s: %s", all->path, strerror(-all->err));
}

int discover_functions(struct discovery *found, char *note, size_t note_size, char *err, size_t err_size)
{
	struct discovery_run *run = found->run;
	int ret;

	ret = add_critical(&run->scan);
	if (!ret)
		ret = symbols_match(&run->scan, &run->texts);
	if (!ret)
		ret = build_table(&found->table, &run->scan, &run->texts);
	if (ret)
		snprintf(err, err_size, "discovery: %s", strerror(-ret));
	note[0] = '\0';
	if (!ret)
		note_missing(&run->texts, note, note_size);
	found->modules_without_btf = run->scan.without_btf;
	run_free(run);
	found->run = NULL;
	return ret;
}

int discover_modules(const char *const *modules, size_t n, discover_fn fn, void *ctx, struct targets *targets,
	struct btf_reasons *reasons)
{
	struct symbol_texts texts;
	struct btf_scan scan;
	bool kptr;
	int ret = btf_scan_modules(&scan, modules, n);

	symbol_texts_begin(&texts, tracefs_path());
	for (int i = 0; i < SYMBOL_LISTS && !ret; i++)
		ret = symbol_text_wait(&texts, i)->err;
	if (!ret) {
		/* or functions of others would be taken for those of modules without BTF */
		symbol_texts_keep(&texts, modules, n);
		ret = symbols_match(&scan, &texts);
	}
	kptr = shows_addresses(&scan);
	for (size_t i = 0; i < scan.n && !ret; i++) {
		struct candidate *c = &scan.v[i];
		struct probe entry = { .name = c->name, .module = c->module };

		if (c->twin)
			continue;
		set_probe(&entry, c, &texts, kptr);
		/* places in the table are few: what cannot be traced gets none */
		if (!entry.why)
			fn(ctx, &entry);
	}
	*targets = scan.targets;
	scan.targets = (struct targets){ 0 };
	btf_reasons_add_lists(reasons, &scan.reasons);
	symbol_texts_free(&texts);
	btf_scan_fini(&scan);
	return ret;
}

void discovery_fini(struct discovery *found)
{
	run_free(found->run);
	probe_table_free(&found->table);
	btf_reasons_free(&found->reasons);
	targets_free(&found->targets);
	*found = (struct discovery){ 0 };
}
