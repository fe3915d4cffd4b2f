/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/discover/module_list.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hashmap.h"

static int add(struct module_list *list, const struct module *m, size_t *room)
{
	if (list->n == *room) {
		size_t more = *room ? *room * 2 : 64;
		struct module *v = realloc(list->v, more * sizeof(*v));

		if (!v)
			return -ENOMEM;
		list->v = v;
		*room = more;
	}
	list->v[list->n++] = *m;
	return 0;
}

/* "vxlan 151552 0 - Live 0xffffffffc053a000 (E)": name, size, users, who, state, address. */
static bool parse_line(char *line, struct module *m)
{
	char *field[6], *save = NULL;
	size_t n = 0;

	for (char *f = strtok_r(line, " \t", &save); f && n < 6; f = strtok_r(NULL, " \t", &save))
		field[n++] = f;
	if (n < 6 || strcmp(field[4], "Live") != 0 || strlen(field[0]) >= sizeof(m->name))
		return false;
	*m = (struct module){ .addr = strtoull(field[5], NULL, 16) };
	memcpy(m->name, field[0], strlen(field[0]));
	return true;
}

int module_list_parse(struct module_list *list, char *text)
{
	char *save = NULL;
	size_t room = 0;
	struct module m;
	int err = 0;

	*list = (struct module_list){ 0 };
	for (char *line = strtok_r(text, "\n", &save); line && !err; line = strtok_r(NULL, "\n", &save)) {
		if (parse_line(line, &m))
			err = add(list, &m, &room);
	}
	if (err)
		module_list_free(list);
	return err;
}

/* One that was loaded again between two looks may lie where it was before. */
static void look_into_sysfs(struct module_list *list)
{
	int dir = open("/sys/module", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	for (size_t i = 0; i < list->n && dir >= 0; i++) {
		if (!fstatat(dir, list->v[i].name, &st, 0))
			list->v[i].inode = st.st_ino;
	}
	if (dir >= 0)
		close(dir);
}

/* Without an order: the kernel lists the newest first, others keep their places. */
static uint64_t hash(const struct module_list *list)
{
	uint64_t sum = list->n;

	for (size_t i = 0; i < list->n; i++) {
		uint64_t h = hash_u64(list->v[i].addr) ^ list->v[i].inode;

		for (const char *p = list->v[i].name; *p; p++)
			h = (h ^ (unsigned char)*p) * 0x100000001b3ULL; /* FNV-1a */
		sum += hash_u64(h);
	}
	return sum;
}

int module_list_read(struct module_list *list)
{
	char *text;
	size_t len;
	int err = file_read("/proc/modules", &text, &len);

	*list = (struct module_list){ 0 };
	if (err)
		return err == -ENOENT ? 0 : err;
	err = module_list_parse(list, text);
	free(text);
	if (err)
		return err;
	look_into_sysfs(list);
	list->hash = hash(list);
	return 0;
}

void module_list_free(struct module_list *list)
{
	free(list->v);
	*list = (struct module_list){ 0 };
}

bool module_list_has(const struct module_list *list, const struct module *m)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct module *x = &list->v[i];

		if (!strcmp(x->name, m->name))
			return x->addr == m->addr && x->inode == m->inode;
	}
	return false;
}
