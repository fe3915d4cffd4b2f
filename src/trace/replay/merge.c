/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/replay/merge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/names.h"
#include "trace/replay/merge_reasons.h"

#define FUNCTIONS_MAX 65535u		 /* that records can name */
#define SAME_BOOT_NS (10 * 1000000000ll) /* a wall clock that is corrected moves that much */
#define NETNS_MAX 65536u		 /* that are kept apart */
#define WALL_MAX 4000000000000000000ll	 /* the year 2096 */
#define PACKET_BITS 56			 /* of packet ids, below the number of the run */
#define ADDRESS_BITS 48			 /* of kernel addresses: above it all bits are the same */
#define INODE_BITS 32			 /* of sockets */

static int64_t boot_of(const struct reader_head *head)
{
	int64_t wall = head->wall > 0 && head->wall < WALL_MAX ? head->wall : 0;
	uint64_t begun = head->begun < (uint64_t)WALL_MAX ? head->begun : 0;

	return wall - (int64_t)begun;
}

static bool same_text(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static bool same_machine(const struct run *run, const struct reader_head *head)
{
	int64_t apart = run->boot - boot_of(head);

	return apart <= SAME_BOOT_NS && apart >= -SAME_BOOT_NS &&
	       same_text(run->head->info.host, head->info.host) &&
	       same_text(run->head->info.kernel, head->info.kernel);
}

/* The run that the file belongs to: the one that it goes on with, or a new one. */
static struct run *run_for(struct merge *m, const struct reader_head *head)
{
	struct run *run = &m->run[m->nruns];
	size_t i;

	for (i = m->nruns; i-- && head->file;)
		if (m->run[i].file == head->file - 1 && same_machine(&m->run[i], head)) {
			m->run[i].file++;
			return &m->run[i];
		}
	for (i = 0; i < m->nruns && !same_machine(&m->run[i], head); i++)
		;
	*run = (struct run){
		.no = (unsigned int)m->nruns,
		.machine = (unsigned int)(i < m->nruns ? m->run[i].machine : m->nruns),
		.begun = head->begun,
		.boot = boot_of(head),
		.file = head->file,
		.head = head,
	};
	m->nruns++;
	return run;
}

static int alloc(struct merge *m, size_t functions)
{
	if (functions > FUNCTIONS_MAX)
		functions = FUNCTIONS_MAX;
	m->probes.cap = functions;
	m->probes.v = calloc(functions + 1, sizeof(*m->probes.v));
	if (!m->probes.v || hashmap_init(&m->netns, 16) || hashmap_init(&m->netns_taken, 16))
		return -ENOMEM;
	for (size_t i = 0; i < m->nruns; i++) {
		m->run[i].hits = calloc(functions + 1, sizeof(*m->run[i].hits));
		m->run[i].lost = calloc(functions + 1, sizeof(*m->run[i].lost));
		if (!m->run[i].hits || !m->run[i].lost)
			return -ENOMEM;
	}
	return 0;
}

/* "web1", "web1 and 2 more" when they differ. */
static const char *names_of(const struct merge *m, size_t machines, bool kernel, char *buf, size_t size)
{
	const struct source_info *first = &m->run[0].head->info;
	const char *name = kernel ? first->kernel : first->host;
	size_t i, others = 0;

	for (i = 1; i < m->nruns; i++) {
		const struct source_info *info = &m->run[i].head->info;

		others += m->run[i].machine == i && !same_text(kernel ? info->kernel : info->host, name);
	}
	if (!name || !others || machines < 2)
		return name;
	snprintf(buf, size, "%.90s and %zu more", name, others);
	return buf;
}

int merge_init(struct merge *m, const struct reader_head *const *head, size_t n, size_t functions,
	unsigned int *run_of)
{
	size_t machines = 0;

	memset(m, 0, sizeof(*m));
	for (size_t i = 0; i < n; i++)
		run_of[i] = run_for(m, head[i])->no;
	m->boot = m->run[0].boot;
	for (size_t i = 0; i < m->nruns; i++) {
		m->boot = m->run[i].boot < m->boot ? m->run[i].boot : m->boot;
		machines += m->run[i].machine == i;
	}
	for (size_t i = 0; i < m->nruns; i++)
		m->run[i].shift = (uint64_t)m->run[i].boot - (uint64_t)m->boot;
	m->info = m->run[0].head->info;
	m->info.host = names_of(m, machines, false, m->host, sizeof(m->host));
	m->info.kernel = names_of(m, machines, true, m->kernel, sizeof(m->kernel));
	if (alloc(m, functions) || (machines > 1 && merge_reasons_init(m))) {
		merge_fini(m);
		return -ENOMEM;
	}
	return 0;
}

void merge_fini(struct merge *m)
{
	for (size_t i = 0; i < m->nruns; i++) {
		free(m->run[i].hits);
		free(m->run[i].lost);
	}
	merge_reasons_fini(m);
	hashmap_fini(&m->netns);
	hashmap_fini(&m->netns_taken);
	probe_table_free(&m->probes);
	memset(m, 0, sizeof(*m));
}

static bool is_same(const struct probe *p, const struct probe *entry)
{
	return !strcmp(p->name, entry->name) && same_text(p->module, entry->module);
}

int merge_function(struct merge *m, const struct probe *entry, const bool *taken, size_t ntaken)
{
	size_t n = m->probes.n;

	/* mostly all files have them in the same order */
	if (ntaken < n && !taken[ntaken] && is_same(&m->probes.v[ntaken], entry))
		return (int)ntaken;
	for (size_t i = 0; i < n && ntaken < n; i++)
		if (!taken[i] && is_same(&m->probes.v[i], entry))
			return (int)i;
	return probe_add(&m->probes, entry);
}

/* --- numbers of a record -------------------------------------------------------- */

static uint32_t netns_of(struct merge *m, const struct run *run, uint32_t inode, struct event_netns *name)
{
	uint64_t key = (uint64_t)run->machine << 32 | inode;
	uint32_t no = hashmap_get(&m->netns, key), owner;

	if (no || !inode)
		return no;
	no = inode;
	owner = hashmap_get(&m->netns_taken, inode);
	if (m->netns.n >= NETNS_MAX)
		return inode;
	if (owner && owner != run->machine + 1)
		no = ++m->netns_made;
	if (hashmap_put(&m->netns, key, no) || hashmap_put(&m->netns_taken, no, run->machine + 1))
		return inode;
	if (no != inode) {
		name->ev = (struct event){ .type = EVENT_NETNS, .netns = no };
		snprintf(name->name, sizeof(name->name), "%u@%.40s", inode,
			run->head->info.host ? run->head->info.host : "?");
	}
	return no;
}

static uint64_t address_of(const struct run *run, uint64_t addr)
{
	return addr ? addr ^ (uint64_t)run->machine << ADDRESS_BITS : 0;
}

static void rename_netns(const struct run *run, struct event_netns *netns)
{
	char name[sizeof(netns->name)], host[32];
	const char *of = run->head->info.host ? run->head->info.host : "?";

	printable(host, sizeof(host), of, strlen(of));
	printable(name, sizeof(name) - strlen(host) - 1, netns->name, sizeof(netns->name));
	snprintf(netns->name, sizeof(netns->name), "%.30s@%.31s", name, host);
}

static void other_machine(struct merge *m, const struct run *run, struct event *ev, size_t size)
{
	struct event_drop *drop = (struct event_drop *)ev;
	struct event_hook *hook = (struct event_hook *)ev;

	if (ev->type == EVENT_NETNS && size >= sizeof(struct event_netns))
		rename_netns(run, (struct event_netns *)ev);
	if (ev->type == EVENT_DROP && size >= sizeof(*drop)) {
		drop->reason = merge_reason(m, run, drop->reason);
		drop->location = address_of(run, drop->location);
		for (size_t i = 0; i < DROP_STACK; i++)
			drop->stack[i] = address_of(run, drop->stack[i]);
	} else if (ev->type == EVENT_SYMBOL && size >= sizeof(struct event_symbol)) {
		struct event_symbol *symbol = (struct event_symbol *)ev;

		symbol->addr = address_of(run, symbol->addr);
	} else if (ev->type == EVENT_HOOK && size >= sizeof(*hook)) {
		for (size_t i = 0; i < HOOK_FUNCS; i++)
			hook->func[i] = address_of(run, hook->func[i]);
	} else if (ev->type == EVENT_SOCKET && size >= sizeof(struct event_socket)) {
		struct event_socket *socket = (struct event_socket *)ev;

		if (socket->inode)
			socket->inode ^= (uint64_t)run->machine << INODE_BITS;
	} else if (ev->type == EVENT_OWNER && size >= sizeof(struct event_owner)) {
		struct event_owner *owner = (struct event_owner *)ev;

		if (owner->inode)
			owner->inode ^= (uint64_t)run->machine << INODE_BITS;
	}
}

void merge_event(
	struct merge *m, const struct run *run, struct event *ev, size_t size, struct event_netns *name)
{
	uint64_t into = ev->type == EVENT_END ? event_into(ev) : 0, mine = (uint64_t)run->no << PACKET_BITS;

	name->ev.type = 0;
	ev->ts += run->shift;
	if (ev->packet)
		ev->packet ^= mine;
	if (into) {
		into ^= mine;
		ev->len = (uint32_t)into;
		ev->mark = (uint32_t)(into >> 32);
	}
	if (m->reasons) { /* several machines */
		ev->netns = netns_of(m, run, ev->netns, name);
		other_machine(m, run, ev, size);
		name->ev.ts = ev->ts;
	}
}
