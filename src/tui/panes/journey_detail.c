/* SPDX-License-Identifier: GPL-2.0 */
/* Everything that is known about one hop and its packet, exact. */
#include "journey.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void add_place(struct pane *p, const struct hop *hop)
{
	struct journey_state *s = p->state;
	const struct names *names = store_names(p->ui->store);
	const char *name = names_netns(names, hop->netns);

	facts_add(&s->facts, ROLE_TEXT, "netns", "%s%s%u", name ? name : "", name ? " · inode " : "inode ",
		(unsigned int)hop->netns);
	name = hop->ifindex ? names_device(names, hop->netns, hop->ifindex) : NULL;
	if (hop->ifindex)
		facts_add(&s->facts, ROLE_TEXT, "device", "%s%sifindex %u", name ? name : "",
			name ? " · " : "", (unsigned int)hop->ifindex);
	else
		facts_add(&s->facts, ROLE_DIM, "device", "none%s",
			hop->flags & EVENT_NO_DEV ? " (skb->dev is NULL)" : "");
}

static void add_tuple(struct facts *facts, const struct wire_tuple *t)
{
	char proto[16], a[ENDPOINT_TEXT_MAX], b[ENDPOINT_TEXT_MAX];
	static const char letters[] = "FSRPAUEC";
	char flags[16];
	int i, n = 0;

	facts_add(facts, ROLE_TEXT, "headers", "%s  %s → %s",
		tuple_proto_name(t->family, t->proto, t->l2proto, proto, sizeof(proto)),
		t->flags & TUPLE_IP ? endpoint_text(t, true, a, sizeof(a)) : "?",
		t->flags & TUPLE_IP ? endpoint_text(t, false, b, sizeof(b)) : "?");
	if (t->family && t->proto == 6 && t->flags & TUPLE_PORTS) {
		for (i = 0; i < 8; i++)
			if (t->tcp_flags & 1 << i)
				flags[n++] = letters[i];
		flags[n] = '\0';
		facts_add(facts, ROLE_TEXT, "tcp flags", "%s", n ? flags : "none");
	}
	if (t->flags & TUPLE_ICMP)
		facts_add(facts, ROLE_TEXT, "icmp", "type %u code %u", t->icmp_type, t->icmp_code);
	if (t->flags & TUPLE_ICMP_ID)
		facts_add(facts, ROLE_TEXT, "icmp echo", "id %u sequence %u", t->sport, t->dport);
	if (t->flags & TUPLE_VLAN)
		facts_add(facts, ROLE_TEXT, "vlan", "%u", t->vlan);
	if (t->flags & TUPLE_FRAGMENT)
		facts_add(facts, ROLE_TEXT, "fragment", "offset %u", t->frag_off);
	facts_add(facts, ROLE_TEXT, "ethertype", "0x%04x", t->l2proto);
	if (t->flags & TUPLE_SOCKET)
		facts_add(facts, ROLE_DIM, "note", "addresses are the socket's: no header was built yet");
	if (t->flags & TUPLE_CUT)
		facts_add(facts, ROLE_DIM, "note", "headers are cut off or not in the linear area");
}

static void add_end(struct pane *p)
{
	struct journey_state *s = p->state;
	const struct packet *k = &s->packet;
	char reason[64];

	if (k->fate == FATE_DROPPED) {
		facts_add(&s->facts, ROLE_DROP, "end", "✗ DROPPED %s",
			journey_reason(p->ui, k->reason, reason, sizeof(reason)));
		facts_add(&s->facts, ROLE_TEXT, "dropped at", "0x%" PRIx64, k->location);
	} else {
		facts_add(&s->facts, ROLE_TEXT, "end", "%s",
			k->fate != FATE_LIVE ? "freed" : "still on its way");
	}
	if (k->cut)
		facts_add(&s->facts, ROLE_WARN, "note", "hops before the first one shown may be missing");
}

void journey_facts(struct pane *p, size_t row)
{
	struct journey_state *s = p->state;
	const struct hop *hop = &s->hop[row];
	const struct packet *k = &s->packet;
	struct facts *facts = &s->facts;
	const struct probe *f = NULL;

	facts_clear(facts);
	if ((hop->type == EVENT_FUNC || hop->type == EVENT_FUNC_FULL) && hop->func < p->ui->src->probes->n)
		f = &p->ui->src->probes->v[hop->func];
	facts_add(facts, hop->type == EVENT_DROP ? ROLE_DROP : ROLE_TITLE, "hop", "%zu of %zu  %s%s%s%s",
		row + 1, s->nhops, journey_func(p->ui, hop), f && f->module ? " [" : "",
		f && f->module ? f->module : "", f && f->module ? "]" : "");
	if (f)
		facts_add(facts, (enum role)(ROLE_LAYER + (int)f->class.layer), "layer", "%s · priority %d",
			layer_name(f->class.layer), f->class.priority);
	facts_add(facts, ROLE_TIME, "since start", "%" PRIu64 " ns", hop->ts - s->hop[0].ts);
	if (row)
		facts_add(facts, ROLE_TIME, "since hop before", "%" PRId64 " ns",
			(int64_t)(hop->ts - s->hop[row - 1].ts));
	facts_add(facts, ROLE_TEXT, "kernel clock", "%" PRIu64 ".%09" PRIu64 " s", hop->ts / 1000000000,
		hop->ts % 1000000000);
	facts_add(facts, ROLE_TEXT, "cpu", "%u", hop->cpu);
	add_place(p, hop);
	if (hop->type != EVENT_END && hop->type != EVENT_DROP) { /* the skb is not read there */
		facts_add(facts, ROLE_TEXT, "length", "%u bytes", (unsigned int)hop->len);
		facts_add(facts, ROLE_TEXT, "mark", "0x%x", (unsigned int)hop->mark);
	}
	facts_add(facts, ROLE_TEXT, "running process", "%u (was current here; not always the sender)",
		(unsigned int)hop->pid);
	if (hop->flags & (EVENT_BY_SOCKET | EVENT_BY_CURRENT))
		facts_add(facts, ROLE_TEXT, "filter", "%s",
			hop->flags & EVENT_BY_SOCKET
				? "the process that owns its socket is the one asked for"
				: "without a socket: the process running here is the one asked for");
	if (hop->flags & EVENT_HEAD_UNREAD)
		facts_add(facts, ROLE_DIM, "note", "the network header was not set here");
	add_tuple(facts, &k->tuple);
	facts_add(facts, ROLE_TEXT, "packet", "%" PRIu64 " · %u hops · flow %u", k->id,
		(unsigned int)k->nhops, (unsigned int)k->flow);
	facts_add(facts, ROLE_TEXT, "first seen", "with %s (%u) running", k->comm[0] ? k->comm : "?",
		(unsigned int)k->pid);
	facts_add(facts, ROLE_TEXT, "skb", "0x%016" PRIx64, k->skb);
	add_end(p);
}
