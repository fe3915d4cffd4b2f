/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/discover/btf_excerpt.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hashmap.h"

struct wanted_type {
	char *name;
	uint32_t kernel_id; /* 0: the kernel has none */
};

struct btf_excerpt {
	struct wanted_type *v;
	size_t n;
	struct hashmap names; /* → index + 1 */
	struct btf *out;
	const struct btf *from;
	uint32_t first;	  /* id in from of the first that is its own */
	uint32_t *copied; /* id in from → id in out */
	size_t ncopied;
};

static uint64_t hash(const char *name, size_t len)
{
	uint64_t h = 0xcbf29ce484222325ULL; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)name[i]) * 0x100000001b3ULL;
	return h;
}

static bool is_taken(const struct btf_type *t)
{
	return btf_is_composite(t) || btf_is_any_enum(t);
}

/* "sk_buff___vlan_bit" is another kernel's sk_buff. */
static size_t name_length(const char *name)
{
	const char *flavor = strstr(name, "___");

	return flavor && flavor != name ? (size_t)(flavor - name) : strlen(name);
}

static struct wanted_type *find(const struct btf_excerpt *e, const char *name, size_t len)
{
	uint32_t at = hashmap_get(&e->names, hash(name, len));
	struct wanted_type *w = at ? &e->v[at - 1] : NULL;

	return w && !strncmp(w->name, name, len) && !w->name[len] ? w : NULL;
}

static int want(struct btf_excerpt *e, const char *name)
{
	size_t len = name_length(name);
	struct wanted_type *more;

	if (find(e, name, len))
		return 0;
	more = realloc(e->v, (e->n + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	e->v = more;
	more[e->n] = (struct wanted_type){ .name = strndup(name, len) };
	if (!more[e->n].name)
		return -ENOMEM;
	e->n++;
	return hashmap_put(&e->names, hash(name, len), (uint32_t)e->n);
}

struct btf_excerpt *btf_excerpt_new(const struct btf *programs)
{
	struct btf_excerpt *e = calloc(1, sizeof(*e));
	__u32 end = btf__type_cnt(programs);
	int err;

	if (!e)
		return NULL;
	e->out = btf__new_empty();
	err = hashmap_init(&e->names, 256);
	for (__u32 id = 1; id < end && !err; id++) {
		const struct btf_type *t = btf__type_by_id(programs, id);

		if (is_taken(t) && t->name_off)
			err = want(e, btf__name_by_offset(programs, t->name_off));
	}
	if (e->out && !err)
		return e;
	btf_excerpt_free(e);
	return NULL;
}

void btf_excerpt_free(struct btf_excerpt *e)
{
	if (!e)
		return;
	for (size_t i = 0; i < e->n; i++)
		free(e->v[i].name);
	free(e->v);
	hashmap_fini(&e->names);
	btf__free(e->out);
	free(e->copied);
	free(e);
}

int btf_excerpt_begin(struct btf_excerpt *e, const struct btf *btf, uint32_t from)
{
	size_t n = btf__type_cnt(btf);

	if (n > e->ncopied) {
		uint32_t *more = realloc(e->copied, n * sizeof(*more));

		if (!more)
			return -ENOMEM;
		e->copied = more;
		e->ncopied = n;
	}
	memset(e->copied + from, 0, (n - from) * sizeof(*e->copied));
	e->from = btf;
	e->first = from;
	return 0;
}

static int copy(struct btf_excerpt *e, uint32_t id);

/* In the excerpt, and valid until the next type is added. */
static struct btf_type *copied_type(const struct btf_excerpt *e, int id)
{
	return (struct btf_type *)btf__type_by_id(e->out, (__u32)id);
}

static int copy_members(struct btf_excerpt *e, int to)
{
	int n = btf_vlen(copied_type(e, to));

	for (int i = 0; i < n; i++) {
		int member = copy(e, btf_members(copied_type(e, to))[i].type);

		if (member < 0)
			return member;
		btf_members(copied_type(e, to))[i].type = (__u32)member;
	}
	return 0;
}

static int copy_array(struct btf_excerpt *e, int to)
{
	int element = copy(e, btf_array(copied_type(e, to))->type);
	int index = element < 0 ? element : copy(e, btf_array(copied_type(e, to))->index_type);

	if (index < 0)
		return index;
	btf_array(copied_type(e, to))->type = (__u32)element;
	btf_array(copied_type(e, to))->index_type = (__u32)index;
	return 0;
}

/* Its id in the excerpt, 0 for void, or -errno. What is pointed at is not looked at. */
static int copy(struct btf_excerpt *e, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(e->from, id);
	int to, other = 0;

	if (!id || e->copied[id])
		return id ? (int)e->copied[id] : 0;
	to = btf__add_type(e->out, e->from, t);
	if (to < 0)
		return to;
	e->copied[id] = (uint32_t)to;
	if (btf_is_composite(t)) {
		other = copy_members(e, to);
	} else if (btf_is_array(t)) {
		other = copy_array(e, to);
	} else if (btf_is_mod(t) || btf_is_typedef(t)) {
		other = copy(e, t->type);
		copied_type(e, to)->type = other > 0 ? (__u32)other : 0;
	} else if (btf_is_ptr(t)) {
		copied_type(e, to)->type = 0;
	}
	return other < 0 ? other : to;
}

int btf_excerpt_see(struct btf_excerpt *e, uint32_t id, const struct btf_type *t, const char *name)
{
	struct wanted_type *w;
	int ret;

	if (!is_taken(t))
		return 0;
	w = find(e, name, strlen(name));
	if (!w || (e->first > 1 && w->kernel_id))
		return 0;
	ret = copy(e, id);
	if (e->first == 1 && !w->kernel_id)
		w->kernel_id = id;
	return ret < 0 ? ret : 0;
}

uint32_t btf_excerpt_id(const struct btf_excerpt *e, const char *name)
{
	const struct wanted_type *w = find(e, name, strlen(name));

	return w ? w->kernel_id : 0;
}

int btf_excerpt_write(const struct btf_excerpt *e, int fd)
{
	__u32 size;
	const char *data = btf__raw_data(e->out, &size);

	if (!data)
		return -ENOMEM;
	for (__u32 at = 0; at < size;) {
		ssize_t n = write(fd, data + at, size - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		at += (__u32)n;
	}
	return 0;
}

const struct btf *btf_excerpt_types(const struct btf_excerpt *e)
{
	return e->out;
}
