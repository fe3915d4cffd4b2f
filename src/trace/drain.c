/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The thread that empties the kernel's ring buffer. It copies and does nothing
 * else: it must never wait for formatting, the screen or the kernel.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "trace/skel.h"
#include "trace/stack_trim.h"
#include "trace/tracer_private.h"

/* Records below the wake-up mark are fetched after this time. */
#define POLL_BUSY_MS 10
#define POLL_IDLE_MS 40
#define KNOWN_MAX 65536

/*
 * The worker may be about to sleep, and this thread waits for no lock of others: so
 * it is woken again with every poll until it has seen the wish.
 */
static void ask_worker(struct tracer *t)
{
	atomic_store(&t->asked, true);
	pthread_cond_signal(&t->wake);
}

static bool netns_known(struct netns_queue *q, uint32_t inode)
{
	for (size_t i = 0; i < q->nknown; i++) {
		if (q->known[i] == inode)
			return true;
	}
	return false;
}

/* A namespace met for the first time: its name is the worker's to find. */
static void ask_netns(struct tracer *t, uint32_t inode)
{
	struct netns_queue *q = &t->netns;
	uint32_t *more;

	if (atomic_exchange(&t->netns_again, false))
		q->nknown = 0;
	if (!inode || q->nknown >= KNOWN_MAX || netns_known(q, inode))
		return;
	more = realloc(q->known, (q->nknown + 1) * sizeof(*more));
	if (!more)
		return;
	q->known = more;
	pthread_mutex_lock(&q->lock);
	if (q->nask < NETNS_QUEUE) {
		q->ask[q->nask++] = inode;
		q->known[q->nknown++] = inode;
	}
	pthread_mutex_unlock(&q->lock);
	if (t->netfilter)
		netfilter_see(t->netfilter, inode);
	ask_worker(t);
}

static void put_record(void *tracer, const void *record, size_t size)
{
	struct tracer *t = tracer;

	channel_put(&t->channel, record, size);
}

static void take_answers(struct tracer *t)
{
	struct netns_queue *q = &t->netns;

	pthread_mutex_lock(&q->lock);
	for (size_t i = 0; i < q->nanswer; i++)
		channel_put(&t->channel, &q->answer[i], sizeof(q->answer[i]));
	q->nanswer = 0;
	pthread_mutex_unlock(&q->lock);
	owners_take(&t->owners, put_record, t);
	symbolizer_take(t->symbolizer, put_record, t);
	if (t->netfilter)
		netfilter_take(t->netfilter, put_record, t);
}

static bool met(struct tracer *t, uint64_t addr)
{
	return symbolizer_met(t->symbolizer, addr, put_record, t);
}

/* Kernel addresses of a drop, or of the functions at a hook, that have no name yet. */
static void ask_symbols(struct tracer *t, const struct event *ev, size_t size)
{
	bool asked = false;

	if (ev->type == EVENT_DROP && size >= sizeof(struct event_drop)) {
		const struct event_drop *drop = (const struct event_drop *)ev;

		asked = met(t, drop->location);
		for (__u32 i = 0; i < drop->depth && i < DROP_STACK; i++)
			asked |= met(t, drop->stack[i]);
	} else if (ev->type == EVENT_HOOK && size >= sizeof(struct event_hook)) {
		const struct event_hook *hook = (const struct event_hook *)ev;

		for (__u32 i = 0; i < hook->nfuncs && i < HOOK_FUNCS; i++)
			asked |= met(t, hook->func[i]);
	}
	if (asked)
		ask_worker(t);
}

/* What lies in the ring can only be read: it is copied. */
static void take_drop(struct tracer *t, const void *data, size_t size)
{
	struct event_drop drop;

	if (size < sizeof(drop)) {
		channel_put(&t->channel, data, size);
		return;
	}
	memcpy(&drop, data, sizeof(drop));
	stack_trim(&drop, sizeof(drop));
	ask_symbols(t, &drop.ev, sizeof(drop));
	channel_put(&t->channel, &drop, sizeof(drop));
}

static int take_record(void *ctx, void *data, size_t size)
{
	struct tracer *t = ctx;
	const struct event *ev = data;

	if (ev->type == EVENT_DEV)
		ask_netns(t, ev->netns);
	if (ev->type == EVENT_DROP) {
		take_drop(t, data, size);
		return 0;
	}
	if (ev->type == EVENT_HOOK)
		ask_symbols(t, ev, size);
	channel_put(&t->channel, data, size);
	if (ev->type == EVENT_SOCKET && size >= sizeof(struct event_socket) &&
		owners_met(&t->owners, ((const struct event_socket *)ev)->inode))
		ask_worker(t);
	return 0;
}

int drain_open(struct tracer *t)
{
	t->ring = ring_buffer__new(bpf_map__fd(t->skel->maps.events), take_record, t, NULL);
	return t->ring ? 0 : -errno;
}

void *drain_main(void *tracer)
{
	struct tracer *t = tracer;
	int timeout = POLL_BUSY_MS;

	prctl(PR_SET_NAME, "skbscope-drain");
	while (!atomic_load(&t->drain_stop)) {
		int n = ring_buffer__poll(t->ring, timeout);

		/* below the mark nobody is woken: look all the same */
		if (!n)
			n = ring_buffer__consume(t->ring);
		take_answers(t);
		channel_wake(&t->channel);
		if (atomic_load(&t->asked))
			pthread_cond_signal(&t->wake);
		timeout = n > 0 ? POLL_BUSY_MS : POLL_IDLE_MS;
	}
	ring_buffer__consume(t->ring);
	take_answers(t);
	channel_wake(&t->channel);
	return NULL;
}
