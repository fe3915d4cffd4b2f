/* SPDX-License-Identifier: GPL-2.0 */
/* The skbs of a packet: how they are found, what is missing of them, how they end. */
#include "model/store_private.h"

/* Records further behind than that are ahead: so many were lost that the number has wrapped. */
#define LATE_MAX 1024u

/* Copies in the cell of the newest ones. */
static uint32_t newest_cell_copies(const struct packet_cell *p)
{
	return (p->pub.ncopies - 2u) % CELL_COPIES + 1;
}

/* The slot of that id, newest first; 0: no such copy. */
static uint32_t copy_walk(
	const struct store *store, const struct packet_cell *p, uint32_t id, uint16_t *index)
{
	uint32_t left = p->pub.ncopies, cell = p->copies, n;

	if (!left)
		return 0;
	for (; cell; cell = store->cells[cell].copies.next) {
		for (n = (left - 2) % CELL_COPIES + 1; n; n--) {
			left--;
			if (store->cells[cell].copies.copy[n - 1].pub.id != id)
				continue;
			*index = (uint16_t)left;
			return slot_ref(cell, n - 1);
		}
	}
	*index = 0;
	return body_at(store, p)->copy.pub.id == id ? slot_ref(p->body, IN_PACKET) : 0;
}

/* The slot for one more. 0: the packet had to go. */
static uint32_t copy_room(struct store *store, uint32_t cell)
{
	struct packet_cell *p = packet_at(store, cell);
	uint32_t n, more;

	if (!p->pub.ncopies)
		return slot_ref(p->body, IN_PACKET);
	n = p->copies ? newest_cell_copies(p) : CELL_COPIES;
	if (n < CELL_COPIES)
		return slot_ref(p->copies, n);
	more = cell_take(store, cell);
	if (!more)
		return 0;
	store->cells[more].copies.next = p->copies;
	p->copies = more;
	return slot_ref(more, 0);
}

static uint16_t copy_begin(
	struct store *store, struct packet_cell *p, struct copy_slot *copy, const struct event *ev)
{
	*copy = (struct copy_slot){
		.pub.id = ev->copy,
		.pub.parent = COPY_UNKNOWN,
		.pub.skb = ev->skb,
		.pub.first = ev->ts,
		.pub.last = ev->ts,
	};
	store->totals.copies++;
	if (!p->pub.live++ && p->pub.ncopies) /* it was over, and lives again */
		store->totals.ended--;
	packet_set_fate(store, p, FATE_LIVE);
	return p->pub.ncopies++;
}

bool copy_get(
	struct store *store, uint32_t cell, const struct event *ev, struct copy_slot **copy, uint16_t *index)
{
	struct packet_cell *p = packet_at(store, cell);
	uint32_t slot;

	*index = p->hint_index;
	*copy = copy_at(store, p->hint);
	if (p->hint && (*copy)->pub.id == ev->copy)
		return true;
	slot = copy_walk(store, p, ev->copy, index);
	if (!slot) {
		if (p->pub.ncopies == COPIES_MAX) {
			store->totals.copies_over++;
			*copy = NULL;
			*index = COPY_UNKNOWN;
			return true;
		}
		slot = copy_room(store, cell);
		if (!slot)
			return false;
		*index = copy_begin(store, p, copy_at(store, slot), ev);
	}
	p->hint = slot;
	p->hint_index = *index;
	*copy = copy_at(store, slot);
	return true;
}

int copy_count(struct copy_slot *copy, uint16_t seq)
{
	uint16_t behind = (uint16_t)(copy->next_seq - seq);

	/* The first one that is seen may have any number: all before it are missing. */
	if (copy->pub.nhops && behind && behind <= LATE_MAX)
		return -1;
	copy->next_seq = (uint16_t)(seq + 1);
	return (uint16_t)-behind;
}

void copy_parent(struct store *store, struct packet_cell *p, struct copy_slot *copy, uint32_t parent)
{
	uint32_t slot;
	uint16_t index;

	if (copy->pub.parent != COPY_UNKNOWN || !copy->pub.id || parent == copy->pub.id)
		return;
	slot = copy_walk(store, p, parent, &index);
	if (!slot)
		return;
	copy->pub.parent = index;
	if (!copy->change)
		copy->change = copy_at(store, slot)->change;
}

/* The greatest fate of the copies that have ended. */
static uint8_t greatest_fate(const struct store *store, const struct packet_cell *p)
{
	uint8_t fate = body_at(store, p)->copy.pub.fate;
	uint32_t n = p->copies ? newest_cell_copies(p) : 0;

	for (uint32_t cell = p->copies; cell; cell = store->cells[cell].copies.next) {
		for (; n; n--) {
			uint8_t other = store->cells[cell].copies.copy[n - 1].pub.fate;

			fate = other > fate ? other : fate;
		}
		n = CELL_COPIES;
	}
	return fate;
}

static void settle(struct store *store, struct packet_cell *p, struct copy_slot *copy)
{
	struct fate_facts facts = {
		.socket = copy->pub.facts & COPY_SOCKET,
		.dropped = copy->pub.facts & COPY_DROPPED,
		.merged = copy->pub.facts & COPY_MERGED,
		.last = (enum fate_role)copy->last,
	};
	enum fate before = p->pub.so_far;
	uint8_t fate = (uint8_t)fate_of(&facts), old = copy->pub.fate;

	copy->pub.fate = fate;
	if (fate > p->pub.so_far)
		p->pub.so_far = fate;
	else if (old > fate) /* a late record has told more about it */
		p->pub.so_far = greatest_fate(store, p);
	packet_set_fate(store, p, p->pub.live ? FATE_LIVE : p->pub.so_far);
	if (before != p->pub.so_far)
		flow_fate(store, p, before);
}

static void apply_drop(struct store *store, struct packet_cell *p, struct copy_slot *copy,
	const struct event_drop *drop, size_t size)
{
	uint32_t rule;

	/* what was sent is its clones: this one is not needed any more, as when a connection is closed */
	if (copy->pub.facts & COPY_DROPPED || drop->ev.flags & EVENT_QUEUED)
		return;
	copy->pub.facts |= COPY_DROPPED;
	if (size >= sizeof(*drop)) {
		copy->pub.reason = drop->reason;
		copy->pub.location = drop->location;
	}
	rule = packet_drop_cause(store, p, p->hint_index, &drop->ev);
	if (rule && !(copy->pub.facts & COPY_SOCKET)) {
		copy->pub.facts |= COPY_RULE;
		copy->pub.rule = rule;
	}
	if (!p->pub.drops) {
		p->pub.reason = copy->pub.reason;
		p->pub.location = copy->pub.location;
		p->pub.rule = rule;
	}
	netfilter_drop(&store->nf, &drop->ev, size, p->hint_index, p->pub.flow, rule);
	if (p->pub.drops < UINT16_MAX)
		p->pub.drops++;
}

static void apply_socket(struct store *store, struct packet_cell *p, struct copy_slot *copy,
	const struct event_socket *sock, size_t size)
{
	copy->pub.facts |= COPY_SOCKET;
	if (size < sizeof(*sock))
		return;
	copy->pub.inode = sock->inode;
	if (!(copy->pub.facts & COPY_RULE))
		copy->pub.cgroup = sock->cgroup;
	copy->pub.uid = sock->uid;
	copy_parent(store, p, copy, sock->parent);
}

void copy_fate(struct store *store, struct packet_cell *p, struct copy_slot *copy, const struct event *ev,
	size_t size)
{
	/* The kernel tells a drop when it gives up the last reference: that is an end, too. */
	bool end = ev->type == EVENT_END || ev->type == EVENT_DROP;

	if (ev->type == EVENT_DROP)
		apply_drop(store, p, copy, (const struct event_drop *)ev, size);
	else if (ev->type == EVENT_SOCKET)
		apply_socket(store, p, copy, (const struct event_socket *)ev, size);
	else if (ev->type == EVENT_END && ev->flags & EVENT_MERGED)
		copy->pub.facts |= COPY_MERGED;
	if (ev->type == EVENT_END && !(copy->pub.facts & (COPY_SOCKET | COPY_RULE)))
		copy->pub.into = event_into(ev);
	if (end && !(copy->pub.facts & COPY_ENDED)) {
		copy->pub.facts |= COPY_ENDED;
		if (!--p->pub.live)
			store->totals.ended++;
	}
	if (copy->pub.facts & COPY_ENDED)
		settle(store, p, copy);
}

void copies_depth(const struct store *store, const struct packet_cell *p, uint8_t *depth)
{
	uint16_t parent[COPIES_MAX] = { 0 };
	uint32_t left = p->pub.ncopies;

	for (uint32_t cell = p->copies; cell; cell = store->cells[cell].copies.next) {
		for (uint32_t n = (left - 2) % CELL_COPIES + 1; n; n--)
			parent[--left] = store->cells[cell].copies.copy[n - 1].pub.parent;
	}
	depth[0] = 0;
	for (uint32_t i = 1; i < p->pub.ncopies; i++) {
		/* one that is met before its parent is as deep as if there was none between */
		uint8_t above = parent[i] < i ? depth[parent[i]] : 0;

		depth[i] = above < 254 ? (uint8_t)(above + 1) : above;
	}
}

void copies_free(struct store *store, const struct packet_cell *p)
{
	for (uint32_t cell = p->copies, next; cell; cell = next) {
		next = store->cells[cell].copies.next;
		cell_give(store, cell);
	}
}

const struct copy *store_copy(const struct store *store, const struct packet *packet, size_t index)
{
	const struct packet_cell *p = (const struct packet_cell *)packet;
	uint32_t cell = p->copies;
	size_t back;

	if (index >= p->pub.ncopies)
		return NULL;
	if (!index)
		return &body_at(store, p)->copy.pub;
	for (back = (p->pub.ncopies - 2u) / CELL_COPIES - (index - 1) / CELL_COPIES; back; back--)
		cell = store->cells[cell].copies.next;
	return &store->cells[cell].copies.copy[(index - 1) % CELL_COPIES].pub;
}
