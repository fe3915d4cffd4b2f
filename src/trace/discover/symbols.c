/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/discover/symbols.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hashmap.h"
#include "model/layers.h"
#include "trace/discover/symbol_line.h"

static uint64_t hash_name(const char *name, size_t len, const char *module, size_t module_len)
{
	uint64_t h = 0xcbf29ce484222325ULL; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)name[i]) * 0x100000001b3ULL;
	h = (h ^ '[') * 0x100000001b3ULL;
	for (size_t i = 0; i < module_len; i++)
		h = (h ^ (unsigned char)module[i]) * 0x100000001b3ULL;
	return h;
}

static struct candidate *find(
	struct btf_scan *scan, const struct hashmap *index, const struct symbol_line *line)
{
	uint32_t at =
		hashmap_get(index, hash_name(line->name, line->name_len, line->module, line->module_len));
	struct candidate *c;

	if (!at)
		return NULL;
	c = &scan->v[at - 1];
	if (strncmp(c->name, line->name, line->name_len) || c->name[line->name_len])
		return NULL;
	return c;
}

static int index_add(struct hashmap *index, struct candidate *c, size_t at)
{
	const char *module = c->module ? c->module : "";
	uint64_t key = hash_name(c->name, strlen(c->name), module, strlen(module));

	/* several static functions of one name: the first stands for all */
	c->twin = hashmap_get(index, key);
	if (c->twin)
		return 0;
	return hashmap_put(index, key, at + 1);
}

static const char *module_without_btf(struct btf_scan *scan, const struct symbol_line *line, bool *has_btf)
{
	char **more, *name;

	*has_btf = false;
	for (size_t i = 0; i < scan->nmodules; i++) {
		name = scan->modules[i];
		if (!strncmp(name, line->module, line->module_len) && !name[line->module_len]) {
			*has_btf = i < scan->nmodules - scan->without_btf;
			return name;
		}
	}
	name = strndup(line->module, line->module_len);
	more = realloc(scan->modules, (scan->nmodules + 1) * sizeof(*more));
	if (more)
		scan->modules = more;
	if (!name || !more) {
		free(name);
		return NULL;
	}
	scan->modules[scan->nmodules++] = name;
	scan->without_btf++;
	return name;
}

/* A function of a module without BTF: does its name tell where the skb stands? */
static int add_guess(struct btf_scan *scan, struct hashmap *index, const struct symbol_line *line)
{
	const char *module;
	char name[128];
	bool has_btf;
	int arg, err;

	if (!line->module_len || line->name_len >= sizeof(name))
		return 0;
	module = module_without_btf(scan, line, &has_btf);
	if (!module)
		return -ENOMEM;
	if (has_btf)
		return 0;
	memcpy(name, line->name, line->name_len);
	name[line->name_len] = '\0';
	arg = guess_skb_arg(name);
	if (!arg)
		return 0;
	err = btf_scan_add(scan, name, module, arg, true);
	if (err)
		return err;
	scan->v[scan->n - 1].listed = 1;
	return index_add(index, &scan->v[scan->n - 1], scan->n - 1);
}

/* The highest named address in the code of each module of the scan. */
struct module_ends {
	uint64_t *last;
	const char *name; /* of the line before: a module's lines stand together */
	size_t name_len, at;
};

static void note_end(struct module_ends *ends, const struct btf_scan *scan, const struct symbol_line *line)
{
	if (!line->module_len)
		return;
	if (!ends->name || ends->name_len != line->module_len ||
		memcmp(ends->name, line->module, line->module_len) != 0) {
		ends->name = line->module;
		ends->name_len = line->module_len;
		for (ends->at = 0; ends->at < scan->nmodules; ends->at++) {
			const char *name = scan->modules[ends->at];

			if (!strncmp(name, line->module, line->module_len) && !name[line->module_len])
				break;
		}
	}
	if (ends->at < scan->nmodules) {
		const uint64_t addr = symbol_line_address(line);

		if (addr > ends->last[ends->at])
			ends->last[ends->at] = addr;
	}
}

static void mark_ends(const struct module_ends *ends, struct btf_scan *scan)
{
	for (size_t m = 0; m < scan->nmodules; m++) {
		for (size_t i = 0; i < scan->n; i++) {
			struct candidate *c = &scan->v[i];

			if (c->module == scan->modules[m])
				c->at_end = c->addr >= ends->last[m];
		}
	}
}

/* Addresses, and which functions have none behind them. */
static int match_symbols(struct btf_scan *scan, const struct hashmap *index, const struct symbol_text *all)
{
	const char *p = all->v, *end = p + all->len;
	struct module_ends ends = { .last = calloc(scan->nmodules + 1, sizeof(*ends.last)) };
	struct candidate *c;
	struct symbol_line line;

	if (!ends.last)
		return -ENOMEM;
	while (p < end) {
		p = symbol_line_read(p, end, &line);
		if ((line.type | 0x20) != 't' && (line.type | 0x20) != 'w')
			continue;
		note_end(&ends, scan, &line);
		c = find(scan, index, &line);
		if (c && !c->symbols++)
			c->addr = symbol_line_address(&line);
	}
	mark_ends(&ends, scan);
	free(ends.last);
	return 0;
}

int symbols_match(struct btf_scan *scan, struct symbol_texts *texts)
{
	const struct symbol_text *traceable;
	const char *p, *end;
	struct hashmap index;
	struct candidate *c;
	struct symbol_line line;
	int err;

	err = hashmap_init(&index, scan->n + 1024);
	if (err)
		return err;
	for (size_t i = 0; i < scan->n && !err; i++)
		err = index_add(&index, &scan->v[i], i);
	traceable = symbol_text_wait(texts, SYMBOLS_TRACEABLE);
	p = traceable->v;
	end = p + traceable->len;
	while (!err && p < end) {
		p = symbol_line_read_name(p, end, &line);
		c = find(scan, &index, &line);
		if (c)
			c->listed++;
		else
			err = add_guess(scan, &index, &line);
	}
	if (!err)
		err = match_symbols(scan, &index, symbol_text_wait(texts, SYMBOLS_ALL));
	hashmap_fini(&index);
	return err;
}

static void *read_text(void *arg)
{
	struct symbol_text *text = arg;

	text->err = file_read(text->path, &text->v, &text->len);
	return NULL;
}

void symbol_texts_begin(struct symbol_texts *texts, const char *tracefs)
{
	*texts = (struct symbol_texts){ .list[SYMBOLS_ALL].path = "/proc/kallsyms" };
	snprintf(texts->list[SYMBOLS_TRACEABLE].path, sizeof(texts->list[0].path),
		"%s/available_filter_functions", tracefs);
	for (int i = 0; i < SYMBOL_LISTS; i++) {
		struct symbol_text *text = &texts->list[i];

		text->reading = !pthread_create(&text->thread, NULL, read_text, text);
		if (!text->reading)
			read_text(text);
	}
}

const struct symbol_text *symbol_text_wait(struct symbol_texts *texts, enum symbol_list which)
{
	struct symbol_text *text = &texts->list[which];

	if (text->reading)
		pthread_join(text->thread, NULL);
	text->reading = false;
	return text;
}

static bool is_of(const struct symbol_line *line, const char *const *modules, size_t n)
{
	for (size_t i = 0; i < n && line->module_len; i++) {
		if (!strncmp(modules[i], line->module, line->module_len) && !modules[i][line->module_len])
			return true;
	}
	return false;
}

static void keep_lines(struct symbol_text *text, bool symbols, const char *const *modules, size_t n)
{
	const char *p = text->v, *end = p + text->len;
	char *to = text->v;

	while (p < end) {
		const char *start = p;
		struct symbol_line line;

		p = symbols ? symbol_line_read(p, end, &line) : symbol_line_read_name(p, end, &line);
		if (!is_of(&line, modules, n))
			continue;
		memmove(to, start, (size_t)(p - start));
		to += p - start;
	}
	text->len = (size_t)(to - text->v);
}

void symbol_texts_keep(struct symbol_texts *texts, const char *const *modules, size_t n)
{
	for (int i = 0; i < SYMBOL_LISTS; i++) {
		symbol_text_wait(texts, i);
		keep_lines(&texts->list[i], i == SYMBOLS_ALL, modules, n);
	}
}

void symbol_texts_free(struct symbol_texts *texts)
{
	for (int i = 0; i < SYMBOL_LISTS; i++) {
		symbol_text_wait(texts, i);
		free(texts->list[i].v);
	}
	*texts = (struct symbol_texts){ 0 };
}
