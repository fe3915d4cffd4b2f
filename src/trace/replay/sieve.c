/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/replay/sieve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What is known of a packet beside enum answer. */
enum {
	PACKET_MATCHED = 1 << 8,
	PACKET_UNSAMPLED = 1 << 9, /* it matched, and is not the one in so many */
	PACKET_COUNTED = 1 << 10,  /* it ended without having matched */
};

/* A copy of a packet of which records were held back. */
struct sieve_copy {
	uint16_t held;	       /* records, as seq counts them */
	bool owed;	       /* who must be told before anything else of it */
	bool told;	       /* something of it was handed over */
	struct event_full who; /* the last record that told it */
};

/* A copy of a record of which the head is changed. */
union record {
	struct event ev;
	struct event_full full;
	uint8_t bytes[RULE_TEXT_MAX];
};

static void forget_rings(struct sieve *s)
{
	keyring_fini(&s->packets);
	keyring_fini(&s->copies);
	free(s->answers);
	free(s->copy);
	memset(&s->packets, 0, sizeof(s->packets));
	memset(&s->copies, 0, sizeof(s->copies));
	s->answers = NULL;
	s->copy = NULL;
	s->ready = false;
}

static int make_rings(struct sieve *s)
{
	if (s->ready)
		return 0;
	s->answers = calloc(SIEVE_PACKETS, sizeof(*s->answers));
	s->copy = calloc(SIEVE_COPIES, sizeof(*s->copy));
	if (!s->answers || !s->copy || keyring_init(&s->packets, SIEVE_PACKETS) ||
		keyring_init(&s->copies, SIEVE_COPIES)) {
		forget_rings(s);
		return -ENOMEM;
	}
	s->ready = true;
	return 0;
}

int sieve_init(struct sieve *s)
{
	memset(s, 0, sizeof(*s));
	s->names = names_new();
	return s->names ? 0 : -ENOMEM;
}

void sieve_fini(struct sieve *s)
{
	forget_rings(s);
	question_free(&s->question);
	names_free(s->names);
	s->names = NULL;
}

int sieve_reset(struct sieve *s)
{
	struct names *names = names_new();

	if (!names)
		return -ENOMEM;
	names_free(s->names);
	s->names = names;
	s->quote.ev.packet = 0;
	s->filtered_out = s->sampled_out = 0;
	forget_rings(s);
	return s->filtered || s->thinned ? make_rings(s) : 0;
}

int sieve_filter(struct sieve *s, struct question *q, bool filtered)
{
	if (filtered && make_rings(s))
		return -ENOMEM;
	/* what an earlier question let pass or kept is asked anew */
	for (size_t i = 0; s->ready && i < SIEVE_PACKETS; i++)
		s->answers[i] = 0;
	question_free(&s->question);
	s->question = *q;
	memset(q, 0, sizeof(*q));
	s->filtered = filtered;
	return 0;
}

int sieve_thin(struct sieve *s)
{
	if (make_rings(s))
		return -ENOMEM;
	s->thinned = true;
	return 0;
}

/* Not of a packet: what names and rules are. */
static bool is_table(const struct event *ev)
{
	switch (ev->type) {
	case EVENT_FUNC:
	case EVENT_FUNC_FULL:
	case EVENT_END:
	case EVENT_DROP:
	case EVENT_SOCKET:
	case EVENT_QUOTE:
	case EVENT_HOOK:
	case EVENT_CHAIN:
	case EVENT_RULE:
	case EVENT_CT:
	case EVENT_BYTES:
		return false;
	default:
		return true;
	}
}

/* seq of the next one is one more. */
static bool is_counted(const struct event *ev)
{
	return ev->type != EVENT_END && ev->type != EVENT_QUOTE && ev->type != EVENT_BYTES;
}

static uint64_t copy_key(const struct event *ev)
{
	return ev->packet * 0x9e3779b97f4a7c15ull + ev->copy;
}

static uint16_t *answers_of(struct sieve *s, uint64_t packet)
{
	bool known = keyring_get(&s->packets, packet);
	uint16_t *answers = &s->answers[keyring_put(&s->packets, packet)];

	if (!known)
		*answers = 0;
	return answers;
}

/* told: whatever of its copy came before was handed over. */
static void hold_back(struct sieve *s, const struct event *ev, size_t size, bool told)
{
	bool known = keyring_get(&s->copies, copy_key(ev));
	struct sieve_copy *c = &s->copy[keyring_put(&s->copies, copy_key(ev))];

	if (!known)
		*c = (struct sieve_copy){ .told = told && ev->seq };
	c->held = (uint16_t)(c->held + is_counted(ev));
	if (ev->type == EVENT_FUNC_FULL && size >= sizeof(c->who)) {
		c->who = *(const struct event_full *)ev;
		c->owed = true;
	}
	if (ev->type == EVENT_QUOTE && size >= sizeof(s->quote))
		s->quote = *(const struct event_quote *)ev;
}

/* A short record becomes one that tells who the packet is. */
static void tell_who(union record *r, const struct sieve_copy *c)
{
	struct event ev = r->ev;

	r->full = c->who;
	r->full.ev = ev;
	r->full.ev.type = EVENT_FUNC_FULL;
}

/* False: nothing of its copy was shown, so nobody wants to know this. */
static bool hand_over(struct sieve *s, const struct event *ev, size_t size, sieve_fn fn, void *ctx)
{
	uint32_t at = keyring_get(&s->copies, copy_key(ev));
	struct sieve_copy *c = at ? &s->copy[at - 1] : NULL;
	union record r;

	if (s->quote.ev.packet && s->quote.ev.packet == ev->packet && ev->type == EVENT_FUNC_FULL) {
		s->quote.ev.seq = (uint16_t)(s->quote.ev.seq - (c ? c->held : 0));
		fn(ctx, &s->quote.ev, sizeof(s->quote));
		s->quote.ev.packet = 0;
	}
	if (!c || size > sizeof(r)) {
		fn(ctx, ev, size);
		return true;
	}
	if (ev->type == EVENT_END && !c->told)
		return false;
	if (ev->type == EVENT_BYTES && c->owed)
		return false;
	memcpy(r.bytes, ev, size);
	r.ev.seq = (uint16_t)(ev->seq - c->held);
	if (c->owed && ev->type == EVENT_FUNC) {
		tell_who(&r, c);
		size = sizeof(r.full);
	} else if (c->owed && ev->type != EVENT_FUNC_FULL && ev->type != EVENT_QUOTE) {
		/* nothing shorter tells whose drop or verdict this is */
		struct event_full who = c->who;

		c->held--;
		who.ev.seq = r.ev.seq;
		r.ev.seq++;
		fn(ctx, &who.ev, sizeof(who));
	}
	c->owed = c->owed && ev->type == EVENT_QUOTE;
	c->told = true;
	fn(ctx, &r.ev, size);
	return true;
}

/* Is the packet shown, with this record or already? */
static bool matches(struct sieve *s, const struct event *ev, size_t size)
{
	const struct packet_filter *f = &s->question.filter;
	uint16_t *answers = answers_of(s, ev->packet);

	if (*answers & PACKET_MATCHED)
		return true;
	if (*answers & PACKET_UNSAMPLED)
		return false;
	*answers = (uint16_t)question_ask(&s->question, s->names, *answers, ev, size);
	if (ev->type == EVENT_END) {
		s->filtered_out += !(*answers & PACKET_COUNTED);
		*answers |= PACKET_COUNTED;
		return false;
	}
	if (!event_is_function(ev->type) && ev->type != EVENT_SOCKET &&
		ev->type != EVENT_BYTES)
		return false;
	if (!question_holds(&s->question, s->names, *answers, ev))
		return false;
	if (f->sample > 1 && hash_u64(ev->packet) % f->sample) {
		*answers |= PACKET_UNSAMPLED;
		s->sampled_out++;
		return false;
	}
	*answers |= PACKET_MATCHED;
	return true;
}

bool sieve_pass(struct sieve *s, const struct event *ev, size_t size, bool on, sieve_fn fn, void *ctx)
{
	bool function = event_is_function(ev->type), shown;

	if (is_table(ev)) {
		names_apply(s->names, ev, size);
		fn(ctx, ev, size);
		return false;
	}
	if (!s->ready || !ev->packet) {
		if (s->filtered || (function && !on))
			return false;
		fn(ctx, ev, size);
		return ev->packet;
	}
	shown = !s->filtered || matches(s, ev, size);
	if (!shown || (function && !on)) {
		hold_back(s, ev, size, shown);
		return false;
	}
	return hand_over(s, ev, size, fn, ctx);
}
