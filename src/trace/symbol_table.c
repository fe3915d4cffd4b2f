/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/symbol_table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "trace/discover/symbol_line.h"

/* No function is that long: further behind the last one before is no man's land. */
#define LONGEST (1u << 20)
#define PIECE 16384u /* bytes read at once; a line has at most about 600 */

struct symbol {
	uint64_t addr;
	uint32_t name, module; /* where they begin in the names */
};

struct symbol_table {
	struct symbol *v;
	size_t n, room;
	struct strbuf names; /* "", then each with its NUL */
	uint32_t module;     /* of the line before: a module's lines stand together */
};

static uint32_t put_name(struct strbuf *names, const char *name, size_t len)
{
	uint32_t at = (uint32_t)names->len;

	strbuf_add(names, name, len);
	strbuf_putc(names, '\0');
	return at;
}

static uint32_t put_module(struct symbol_table *t, const struct symbol_line *line)
{
	const char *before;

	if (!line->module_len || t->names.failed)
		return 0;
	before = t->names.s + t->module;
	if (strncmp(before, line->module, line->module_len) != 0 || before[line->module_len])
		t->module = put_name(&t->names, line->module, line->module_len);
	return t->module;
}

static int add(struct symbol_table *t, const struct symbol_line *line)
{
	const uint64_t addr = symbol_line_address(line);

	/* without the right to see them all addresses are 0 */
	if (!addr)
		return 0;
	if (t->n == t->room) {
		size_t room = t->room ? t->room * 2 : 65536;
		struct symbol *v = realloc(t->v, room * sizeof(*v));

		if (!v)
			return -1;
		t->v = v;
		t->room = room;
	}
	t->v[t->n].addr = addr;
	t->v[t->n].module = put_module(t, line);
	t->v[t->n].name = put_name(&t->names, line->name, line->name_len);
	t->n++;
	return t->names.failed ? -1 : 0;
}

/* Of several names of one address the first in the text stands first. */
static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return (x->name > y->name) - (x->name < y->name);
}

/* Adds the functions of whole lines, the last of which may lack its end. */
static int add_lines(struct symbol_table *t, const char *p, const char *end)
{
	struct symbol_line line;
	int err = 0;

	while (p < end && !err) {
		p = symbol_line_read(p, end, &line);
		if (line.name_len && ((line.type | 0x20) == 't' || (line.type | 0x20) == 'w'))
			err = add(t, &line);
	}
	return err;
}

static struct symbol_table *begin(void)
{
	struct symbol_table *t = calloc(1, sizeof(*t));

	if (t)
		strbuf_putc(&t->names, '\0');
	return t;
}

/* Frees it after an error. */
static struct symbol_table *complete(struct symbol_table *t, int err)
{
	if (err || t->names.failed) {
		symbol_table_free(t);
		return NULL;
	}
	if (t->n)
		qsort(t->v, t->n, sizeof(*t->v), by_address);
	return t;
}

struct symbol_table *symbol_table_new(const char *kallsyms, size_t len)
{
	struct symbol_table *t = begin();

	return t ? complete(t, add_lines(t, kallsyms, kallsyms + len)) : NULL;
}

/* What stands behind the last end of a line waits for the next piece. */
static int add_pieces(struct symbol_table *t, int fd, const _Atomic bool *cancel)
{
	char piece[PIECE];
	size_t have = 0;
	ssize_t got;
	int err = 0;

	while (!err && (got = read(fd, piece + have, sizeof(piece) - have)) != 0) {
		const char *last;
		size_t whole;

		if (cancel && atomic_load(cancel))
			return -1;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return 0;
		have += (size_t)got;
		last = memrchr(piece, '\n', have);
		/* no line is that long: one that fills all of it is cut */
		whole = last ? (size_t)(last + 1 - piece) : have == sizeof(piece) ? have : 0;
		err = add_lines(t, piece, piece + whole);
		have -= whole;
		memmove(piece, piece + whole, have);
	}
	return err ? err : add_lines(t, piece, piece + have);
}

struct symbol_table *symbol_table_read(const char *path, const _Atomic bool *cancel)
{
	struct symbol_table *t = begin();
	int fd, err = 0;

	if (!t)
		return NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		err = add_pieces(t, fd, cancel);
		close(fd);
	}
	return complete(t, err);
}

void symbol_table_free(struct symbol_table *t)
{
	if (!t)
		return;
	strbuf_fini(&t->names);
	free(t->v);
	free(t);
}

size_t symbol_table_functions(const struct symbol_table *t)
{
	return t->n;
}

const char *symbol_table_find(
	const struct symbol_table *t, uint64_t addr, const char **module, uint32_t *offset)
{
	size_t from = 0, to = t->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (t->v[middle].addr <= addr)
			from = middle + 1;
		else
			to = middle;
	}
	if (!from || addr - t->v[from - 1].addr >= LONGEST)
		return NULL;
	from--;
	while (from && t->v[from - 1].addr == t->v[from].addr)
		from--;
	*module = t->names.s + t->v[from].module;
	*offset = (uint32_t)(addr - t->v[from].addr);
	return t->names.s + t->v[from].name;
}
