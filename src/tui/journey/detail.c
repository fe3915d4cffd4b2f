/* SPDX-License-Identifier: GPL-2.0 */
/* Everything that is known about one hop, its copy and its packet, exact. */
#include "journey.h"
#include "model/related.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RELATED_SHOWN 3
#define WHAT_WIDTH 60 /* columns: what a screen of 80 has room for */

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

static void add_headers(struct facts *facts, enum role role, const char *label, const struct wire_tuple *t)
{
	char proto[16], a[ENDPOINT_TEXT_MAX], b[ENDPOINT_TEXT_MAX];

	facts_add(facts, role, label, "%s  %s → %s",
		tuple_proto_name(t->family, t->proto, t->l2proto, proto, sizeof(proto)),
		t->flags & TUPLE_IP ? endpoint_text(t, true, a, sizeof(a)) : "?",
		t->flags & TUPLE_IP ? endpoint_text(t, false, b, sizeof(b)) : "?");
}

static void add_tuple(struct facts *facts, const struct wire_tuple *t)
{
	static const char letters[] = "FSRPAUEC";
	char flags[16];
	int i, n = 0;

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

/* The headers here, and what they were at the hop before. */
static void add_look(struct pane *p, const struct line *line, bool ct)
{
	struct journey_state *s = p->state;
	const struct timeline *tl = &s->shown;
	const struct wire_tuple *now = &tl->packet.tuple;

	if (line->look != TIMELINE_NONE)
		now = &tl->change[line->look].tuple;
	add_headers(&s->facts, ROLE_TEXT, "headers", now);
	if (line->old != TIMELINE_NONE)
		add_headers(&s->facts, ROLE_CHANGED, "headers before", &tl->change[line->old].tuple);
	add_tuple(&s->facts, now);
	if (line->look != TIMELINE_NONE && tl->change[line->look].ct && ct)
		facts_add(&s->facts, ROLE_TEXT, "conntrack", "entry 0x%" PRIx64 " · %s",
			tl->change[line->look].ct & ~(uint64_t)7, words_ct(tl->change[line->look].ct & 7));
	if (line->look == TIMELINE_NONE || now == &tl->packet.tuple)
		return;
	if (tuple_changed(&tl->packet.tuple, now))
		add_headers(&s->facts, ROLE_DIM, "flow's headers", &tl->packet.tuple);
}

static void add_copy(struct pane *p, const struct line *line)
{
	struct journey_state *s = p->state;
	const struct timeline *tl = &s->shown;
	const struct copy *c = timeline_copy(tl, line->copy);
	char owner[64];

	if (!c) {
		facts_add(&s->facts, ROLE_WARN, "copy", "there were too many to keep them apart");
		return;
	}
	if (c->parent == COPY_UNKNOWN)
		facts_add(&s->facts, ROLE_TEXT, "copy", "%u of %u%s", line->copy, tl->packet.ncopies,
			line->copy ? " · what it was made of was not seen" : "");
	else
		facts_add(&s->facts, ROLE_TEXT, "copy", "%u of %u · made of copy %u", line->copy,
			tl->packet.ncopies, c->parent);
	facts_add(&s->facts, ROLE_TEXT, "its hops", "%u%s", (unsigned int)c->nhops,
		c->facts & COPY_ENDED ? "" : " so far");
	if (c->lost)
		facts_add(&s->facts, ROLE_DROP, "lost", "%u of its records", (unsigned int)c->lost);
	facts_add(&s->facts, ROLE_TEXT, "skb", "0x%016" PRIx64, c->skb);
	if (!(c->facts & COPY_SOCKET))
		return;
	facts_add(&s->facts, ROLE_TEXT, "socket", "%s", words_owner(p->ui, c->inode, owner, sizeof(owner)));
	facts_add(&s->facts, ROLE_TEXT, "", "inode %" PRIu64 " · uid %u · cgroup %" PRIu64, c->inode,
		(unsigned int)c->uid, c->cgroup);
}

static void add_end(struct pane *p, const struct line *line)
{
	struct journey_state *s = p->state;
	const struct packet *k = &s->shown.packet;
	const struct copy *c = timeline_copy(&s->shown, line->copy);
	char text[120];
	enum role role;

	if (c && line->kind != LINE_END) {
		words_fate(p->ui, (enum fate)c->fate, c->reason, &role, text, sizeof(text));
		facts_add(&s->facts, role, "its end", "%s", text);
		detail_drop(p, line);
	}
	if (k->ncopies > 1) {
		words_fate(p->ui, (enum fate)k->fate, k->reason, &role, text, sizeof(text));
		facts_add(&s->facts, role, "the packet's end", "%s%s", text,
			k->fate == FATE_LIVE && k->so_far ? ", in part" : "");
	}
	if (k->cut)
		facts_add(&s->facts, ROLE_WARN, "note", "hops before the first one shown may be missing");
}

static void add_process(struct facts *facts, const struct hop *hop)
{
	facts_add(facts, ROLE_TEXT, "running process", "%u (was current here; not always the sender)",
		(unsigned int)hop->pid);
	if (hop->flags & (EVENT_BY_SOCKET | EVENT_BY_CURRENT))
		facts_add(facts, ROLE_TEXT, "filter", "%s",
			hop->flags & EVENT_BY_SOCKET
				? "the process that owns its socket is the one asked for"
				: "without a socket: the process running here is the one asked for");
}

static void add_times(
	struct facts *facts, const struct timeline *tl, const struct line *line, const struct hop *hop)
{
	facts_add(facts, ROLE_TIME, "since start", "%" PRIu64 " ns", since(hop->ts, tl->hop[0].ts));
	if (line->before != TIMELINE_NONE && &tl->hop[line->before] != hop)
		facts_add(facts, ROLE_TIME, "since hop before", "%" PRId64 " ns",
			(int64_t)(hop->ts - tl->hop[line->before].ts));
	facts_add(facts, ROLE_TEXT, "kernel clock", "%" PRIu64 ".%09" PRIu64 " s", hop->ts / 1000000000,
		hop->ts % 1000000000);
	facts_add(facts, ROLE_TEXT, "cpu", "%u", hop->cpu);
}

static void add_hop(struct pane *p, const struct line *line, const struct hop *hop)
{
	struct journey_state *s = p->state;
	const struct probe *f = NULL;

	if (event_is_function(hop->type) && hop->func < p->ui->src->probes->n)
		f = &p->ui->src->probes->v[hop->func];
	facts_add(&s->facts, hop->type == EVENT_DROP ? ROLE_DROP : ROLE_TITLE, "hop", "%zu of %zu  %s%s%s%s",
		(size_t)(hop - s->shown.hop) + 1, s->shown.nhops,
		hop->type == EVENT_SOCKET ? "given to a socket" : words_func(p->ui, hop),
		f && f->module ? " [" : "", f && f->module ? f->module : "", f && f->module ? "]" : "");
	if (f)
		facts_add(&s->facts, (enum role)(ROLE_LAYER + (int)f->class.layer), "layer",
			"%s · priority %d", layer_name(f->class.layer), f->class.priority);
	add_times(&s->facts, &s->shown, line, hop);
	add_place(p, hop);
	detail_hook(p, hop);
	/* The skb is not read at its end, nor where it is judged. */
	if (hop->type != EVENT_END && hop->type != EVENT_DROP && !is_nf(hop)) {
		facts_add(&s->facts, ROLE_TEXT, "length", "%u bytes", (unsigned int)hop->len);
		facts_add(&s->facts, ROLE_TEXT, "mark", "0x%x", (unsigned int)hop->mark);
	}
	facts_add(&s->facts, ROLE_DIM, "record", "%u of its copy%s", hop->seq,
		hop->lost ? ", some before it were lost" : "");
	if (!is_nf(hop))
		add_process(&s->facts, hop);
	if (hop->flags & EVENT_HEAD_UNREAD)
		facts_add(&s->facts, ROLE_DIM, "note", "the network header was not set here");
}

/* Its answer, ICMP errors and what they are about, who else has its conntrack entry. */
static void add_related(struct pane *p)
{
	static const char *const labels[] = {
		[RELATED_REPLY] = "echo and reply",
		[RELATED_ABOUT] = "is about",
		[RELATED_ERROR] = "error about it",
		[RELATED_CONNECTION] = "same connection",
	};
	struct journey_state *s = p->state;
	const struct packet *packet = store_packet(p->ui->store, s->shown.packet.id), *other;
	struct related related[RELATED_SHOWN];
	size_t i, n = packet ? store_related(p->ui->store, packet, related, RELATED_SHOWN) : 0;
	char flow[160], time[24];

	for (i = 0; i < n; i++) {
		other = store_packet(p->ui->store, related[i].id);
		facts_add(&s->facts, ROLE_TEXT, labels[related[i].kind],
			"packet %" PRIu64 " (Enter) · %s %s · %.90s", related[i].id,
			words_time(related[i].apart, time, sizeof(time)),
			related[i].first >= packet->first ? "later" : "before",
			words_flow(p->ui, other ? other->flow : 0, flow, sizeof(flow)));
		facts_link(&s->facts, related[i].id);
	}
}

void journey_facts(struct pane *p, const struct line *line)
{
	struct journey_state *s = p->state;
	const struct packet *k = &s->shown.packet;
	uint32_t hop = line->hop != TIMELINE_NONE ? line->hop : line->before;
	char text[WORDS_MAX];
	enum role role;
	size_t told;

	facts_clear(&s->facts);
	if (line->kind != LINE_HOP) {
		words_line(p->ui, &s->shown, line, &role, text, sizeof(text));
		facts_wrap(&s->facts, role, "what", WHAT_WIDTH, 3, text);
	}
	if (line->kind == LINE_END)
		detail_drop(p, line);
	if (hop != TIMELINE_NONE && is_nf(&s->shown.hop[hop]))
		detail_nf_record(p, &s->shown.hop[hop]);
	if (hop != TIMELINE_NONE)
		add_hop(p, line, &s->shown.hop[hop]);
	told = s->facts.n;
	if (hop != TIMELINE_NONE)
		detail_conntrack(p, &s->shown.hop[hop]);
	add_look(p, line, told == s->facts.n);
	add_copy(p, line);
	facts_add(&s->facts, ROLE_TEXT, "packet", "%" PRIu64 " · %u hops · flow %u", k->id,
		(unsigned int)k->nhops, (unsigned int)k->flow);
	facts_add(&s->facts, ROLE_TEXT, "first seen", "with %s (%u) running", k->comm[0] ? k->comm : "?",
		(unsigned int)k->pid);
	add_end(p, line);
	add_related(p);
	if (hop != TIMELINE_NONE)
		detail_bytes(p, line, &s->shown.hop[hop]);
}
