/* SPDX-License-Identifier: GPL-2.0 */
/* --snap: what the packet's bytes were at a hop. */
#include "journey.h"

#include <stdio.h>

#define ROW_BYTES ((size_t)16)
#define ROWS_MAX 32 /* what is longer is looked at in Wireshark */

/* "4500 0054 ...  E..T": bytes as they are, and those that are letters. */
static void add_row(struct facts *facts, const struct packet_bytes *b, size_t from)
{
	char label[16], hex[ROW_BYTES * 3], letters[ROW_BYTES + 1];
	size_t n = b->len - from < ROW_BYTES ? b->len - from : ROW_BYTES, at = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = b->data[from + i];

		at += (size_t)snprintf(
			hex + at, sizeof(hex) - at, "%02x%s", c, i & 1 && i + 1 < n ? " " : "");
		letters[i] = (char)(c >= ' ' && c < 0x7f ? c : '.');
	}
	letters[n] = '\0';
	snprintf(label, sizeof(label), "%04zx", from);
	facts_add(facts, ROLE_TEXT, label, "%-39s  %s", hex, letters);
}

void detail_bytes(struct pane *p, const struct line *line, const struct hop *hop)
{
	struct journey_state *s = p->state;
	const struct copy *c = timeline_copy(&s->shown, line->copy);
	const struct packet_bytes *b =
		store_bytes(p->ui->store, s->shown.packet.id, c ? c->id : UINT32_MAX, hop->ts);
	char header[48];
	size_t from = 0;

	if (!b && store_bytes_gone(p->ui->store))
		facts_add(&s->facts, ROLE_DIM, "bytes", "none were taken, or they had to leave the memory");
	if (!b)
		return;
	if (b->l3)
		snprintf(header, sizeof(header), "the first %u are the link layer header", b->l3);
	facts_add(&s->facts, ROLE_TEXT, "bytes", "%u: %s%s", b->len,
		b->l3 ? header : "from the network header on",
		b->cut ? "; more in fragments of the skb" : "");
	if (b->ts > hop->ts)
		facts_add(&s->facts, ROLE_WARN, "", "as it was later: those from before are not there");
	else if (c && b->copy != c->id)
		facts_add(&s->facts, ROLE_DIM, "", "as another copy of the packet had them");
	for (; from < b->len && from < ROW_BYTES * ROWS_MAX; from += ROW_BYTES)
		add_row(&s->facts, b, from);
	if (from < b->len)
		facts_add(&s->facts, ROLE_DIM, "", "%zu more (a recording of it, exported, has them all)",
			b->len - from);
}
