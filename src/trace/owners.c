/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/owners.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "trace/filter/places.h"

#define LOOK_NS 1000000000ull

struct look {
	struct event_owner *v;
	size_t n, found;
	const char *pid;
};

void owners_init(struct owners *o)
{
	memset(o, 0, sizeof(*o));
	pthread_mutex_init(&o->lock, NULL);
}

bool owners_met(struct owners *o, uint64_t inode)
{
	uint64_t *known = &o->known[inode * 0x9e3779b97f4a7c15ull >> 32 & (OWNERS_KNOWN - 1)];
	bool asked = false;

	if (!inode || *known == inode)
		return false;
	pthread_mutex_lock(&o->lock);
	if (o->nask < OWNERS_QUEUE) {
		o->ask[o->nask++] = inode;
		asked = true;
	}
	pthread_mutex_unlock(&o->lock);
	if (asked)
		*known = inode;
	return asked;
}

void owners_take(struct owners *o, void (*put)(void *ctx, const void *record, size_t size), void *ctx)
{
	pthread_mutex_lock(&o->lock);
	for (size_t i = 0; i < o->nanswer; i++)
		put(ctx, &o->answer[i], sizeof(o->answer[i]));
	o->nanswer = 0;
	pthread_mutex_unlock(&o->lock);
}

/* The first process that has it: those that were forked later come behind. */
static void compare(void *ctx, uint64_t inode)
{
	struct look *look = ctx;
	char path[64], comm[32] = "";

	for (size_t i = 0; i < look->n; i++) {
		struct event_owner *rec = &look->v[i];

		if (rec->inode != inode || rec->ev.pid)
			continue;
		snprintf(path, sizeof(path), "/proc/%.20s/comm", look->pid);
		if (file_read_line(path, comm, sizeof(comm)))
			comm[0] = '\0';
		memcpy(rec->comm, comm, sizeof(rec->comm));
		rec->ev.pid = (uint32_t)strtoul(look->pid, NULL, 10);
		look->found++;
	}
}

static void look_everywhere(struct look *look)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;

	while (dir && look->found < look->n && (e = readdir(dir))) {
		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		look->pid = e->d_name;
		places_sockets_of(e->d_name, compare, look);
	}
	if (dir)
		closedir(dir);
}

void owners_look(struct owners *o, uint64_t now)
{
	struct event_owner found[OWNERS_QUEUE] = { 0 };
	struct look look = { .v = found };

	if (o->looked && now - o->looked < LOOK_NS)
		return;
	pthread_mutex_lock(&o->lock);
	/* answers that nobody has taken yet keep their place */
	for (; look.n < o->nask && look.n + o->nanswer < OWNERS_QUEUE; look.n++) {
		found[look.n].ev.type = EVENT_OWNER;
		found[look.n].inode = o->ask[look.n];
	}
	o->nask -= look.n;
	memmove(o->ask, o->ask + look.n, o->nask * sizeof(o->ask[0]));
	pthread_mutex_unlock(&o->lock);
	if (!look.n)
		return;
	o->looked = now;
	look_everywhere(&look);
	pthread_mutex_lock(&o->lock);
	memcpy(o->answer + o->nanswer, found, look.n * sizeof(found[0]));
	o->nanswer += look.n;
	pthread_mutex_unlock(&o->lock);
}
