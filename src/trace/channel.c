/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/channel.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

/* Before each record. size 0: nothing more up to the end of the memory. */
struct slot {
	uint32_t size;
	uint32_t pad;
};

#define ROUND(n) (((n) + 7) & ~(size_t)7)

int channel_init(struct channel *ch, size_t size)
{
	size_t page = sysconf(_SC_PAGESIZE);

	memset(ch, 0, sizeof(*ch));
	size = (size + page - 1) / page * page;
	ch->eventfd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (ch->eventfd < 0)
		return -errno;
	ch->base =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (ch->base == MAP_FAILED) {
		int err = -errno;

		ch->base = NULL;
		close(ch->eventfd);
		ch->eventfd = -1;
		return err;
	}
	ch->size = size;
	atomic_store(&ch->asleep, true);
	return 0;
}

void channel_fini(struct channel *ch)
{
	if (ch->base) {
		munmap(ch->base, ch->size);
		close(ch->eventfd);
	}
	ch->base = NULL;
}

bool channel_put(struct channel *ch, const void *record, size_t size)
{
	uint64_t head = atomic_load_explicit(&ch->head, memory_order_relaxed);
	size_t need = sizeof(struct slot) + ROUND(size);
	size_t at = head % ch->size;
	size_t gap = 0;
	struct slot *slot;

	if (at + need > ch->size) {
		gap = ch->size - at;
	} else if (at > ch->size / 16) {
		/* Empty: begin at the front again, so that only as much memory
		 * is touched (and kept in the cache) as the backlog needs. */
		ch->tail_seen = atomic_load_explicit(&ch->tail, memory_order_acquire);
		if (ch->tail_seen == head)
			gap = ch->size - at;
	}
	if (head + gap + need - ch->tail_seen > ch->size) {
		ch->tail_seen = atomic_load_explicit(&ch->tail, memory_order_acquire);
		if (head + gap + need - ch->tail_seen > ch->size) {
			atomic_fetch_add_explicit(&ch->lost, 1, memory_order_relaxed);
			return false;
		}
	}
	if (gap) {
		((struct slot *)(ch->base + at))->size = 0;
		head += gap;
		at = 0;
	}
	slot = (struct slot *)(ch->base + at);
	slot->size = size;
	memcpy(slot + 1, record, size);
	atomic_store_explicit(&ch->head, head + need, memory_order_release);
	return true;
}

void channel_poke(struct channel *ch)
{
	uint64_t one = 1;

	if (write(ch->eventfd, &one, sizeof(one)) < 0)
		return; /* the counter is at its limit: it is readable anyway */
}

void channel_wake(struct channel *ch)
{
	/* pairs with the fence in sleep_now: either it sees the records or we
	 * see it asleep */
	atomic_thread_fence(memory_order_seq_cst);
	if (channel_waiting(ch) && atomic_exchange_explicit(&ch->asleep, false, memory_order_relaxed))
		channel_poke(ch);
}

/* The eventfd stays readable exactly as long as something waits. */
static void sleep_now(struct channel *ch)
{
	uint64_t count;

	if (read(ch->eventfd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return;
	atomic_store_explicit(&ch->asleep, true, memory_order_relaxed);
	atomic_thread_fence(memory_order_seq_cst);
	if (channel_waiting(ch)) {
		atomic_store_explicit(&ch->asleep, false, memory_order_relaxed);
		channel_poke(ch);
	}
}

size_t channel_take(struct channel *ch, size_t max, channel_fn fn, void *ctx)
{
	uint64_t tail = atomic_load_explicit(&ch->tail, memory_order_relaxed);
	uint64_t head = atomic_load_explicit(&ch->head, memory_order_acquire);
	size_t taken = 0, since = 0;

	while (tail != head && taken < max) {
		size_t at = tail % ch->size;
		const struct slot *slot = (const struct slot *)(ch->base + at);
		size_t step;

		if (ch->size - at < sizeof(*slot) || !slot->size) {
			tail += ch->size - at;
			continue;
		}
		fn(ctx, slot + 1, slot->size);
		step = sizeof(*slot) + ROUND(slot->size);
		tail += step;
		taken += step;
		since += step;
		if (since > 1 << 16) { /* let the producer have the room early */
			atomic_store_explicit(&ch->tail, tail, memory_order_release);
			since = 0;
		}
	}
	atomic_store_explicit(&ch->tail, tail, memory_order_release);
	sleep_now(ch);
	return taken;
}

size_t channel_waiting(const struct channel *ch)
{
	return atomic_load_explicit(&ch->head, memory_order_acquire) -
	       atomic_load_explicit(&ch->tail, memory_order_acquire);
}
