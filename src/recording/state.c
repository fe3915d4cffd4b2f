/* SPDX-License-Identifier: GPL-2.0 */
#include "recording/state.h"

#include <errno.h>
#include <string.h>

#include "model/names.h"

enum function_fact {
	FUNCTION_WANTED = 1 << 0,
	FUNCTION_GUESSED = 1 << 1,
	FUNCTION_LATE = 1 << 2,
};

/* In this order; more may come behind. */
#define TOTALS(_)                                                                                            \
	_(events)                                                                                            \
	_(hits)                                                                                              \
	_(lost_ring)                                                                                         \
	_(lost_channel)                                                                                      \
	_(lost_recursion)                                                                                    \
	_(lost_identity)                                                                                     \
	_(null_skb)                                                                                          \
	_(after_free)                                                                                        \
	_(waiting)                                                                                           \
	_(cost_ns)                                                                                           \
	_(own_ns)                                                                                            \
	_(attach_ns)                                                                                         \
	_(filtered_out)                                                                                      \
	_(sampled_out)                                                                                       \
	_(unfiltered)                                                                                        \
	_(undecided)                                                                                         \
	_(attached)                                                                                          \
	_(wanted)                                                                                            \
	_(refused)

#define _(field) +1
enum { TOTALS_FIELDS = 0 TOTALS(_) };
#undef _

/* Length in three bytes, as a varint that is longer than it must be: it is known when all is written. */
static uint8_t *begin(uint8_t *p, enum state_type type)
{
	*p = (uint8_t)type;
	return p + 4;
}

static uint8_t *finish(uint8_t *record, uint8_t *end)
{
	uint32_t len = (uint32_t)(end - record - 4);

	record[1] = (uint8_t)(len | 0x80);
	record[2] = (uint8_t)(len >> 7 | 0x80);
	record[3] = (uint8_t)(len >> 14 & 0x7f);
	return end;
}

static uint8_t *put_text(uint8_t *p, const char *text)
{
	size_t len = text ? strnlen(text, STATE_TEXT) : 0;

	p = put_varint(p, len);
	if (len)
		memcpy(p, text, len);
	return p + len;
}

static uint8_t *put_totals(uint8_t *p, const struct source_totals *t)
{
	p = put_varint(p, TOTALS_FIELDS);
#define _(field) p = put_varint(p, t->field);
	TOTALS(_)
#undef _
	return p;
}

static uint8_t *put_double(uint8_t *p, double d)
{
	uint64_t bits;

	memcpy(&bits, &d, sizeof(bits));
	return put_fixed(p, bits, sizeof(bits));
}

uint32_t state_of(const struct probe *p, bool wanted)
{
	return 1u | (uint32_t)wanted << 1 | (uint32_t)atomic_load(&p->state) << 8 |
	       ((uint32_t)atomic_load(&p->error) & 0xffff) << 16;
}

uint8_t *state_put_function(uint8_t *out, uint32_t index, const struct probe *probe, bool wanted)
{
	uint8_t *p = begin(out, STATE_FUNCTION);

	p = put_varint(p, index);
	p = put_text(p, probe->name);
	p = put_text(p, probe->module);
	p = put_text(p, layer_name(probe->class.layer));
	p = put_text(p, category_name(probe->class.category));
	p = put_varint(p, (uint64_t)probe->class.priority);
	*p++ = atomic_load(&probe->state);
	p = put_varint(p, (uint32_t)atomic_load(&probe->error));
	*p++ = (uint8_t)((wanted ? FUNCTION_WANTED : 0) | (probe->guessed ? FUNCTION_GUESSED : 0) |
			 (probe->late ? FUNCTION_LATE : 0));
	p = put_text(p, probe->why);
	return finish(out, p);
}

uint8_t *state_put_counters(
	uint8_t *out, uint64_t ts, const struct state_count *v, size_t n, const struct source_totals *totals)
{
	uint8_t *p = begin(out, STATE_COUNTERS);

	p = put_varint(p, ts);
	*p++ = !totals;
	if (totals)
		p = put_totals(p, totals);
	for (size_t i = 0; i < n; i++) {
		p = put_varint(p, v[i].index);
		p = put_varint(p, v[i].hits);
		p = put_varint(p, v[i].lost);
	}
	return finish(out, p);
}

uint8_t *state_put_filter(uint8_t *out, uint64_t ts, const struct packet_filter *filter)
{
	char text[FILTER_TEXT_MAX];
	uint8_t *p = begin(out, STATE_FILTER);
	size_t len;

	packet_filter_format(filter, text, sizeof(text));
	len = strlen(text);
	p = put_varint(p, ts);
	memcpy(p, text, len);
	return finish(out, p + len);
}

uint8_t *state_put_missed(uint8_t *out, uint64_t ts, uint64_t missed)
{
	uint8_t *p = begin(out, STATE_MISSED);

	p = put_varint(p, ts);
	return finish(out, put_varint(p, missed));
}

uint8_t *state_put_figures(uint8_t *out, uint64_t ts, const struct run_figures *run, bool goes_on)
{
	uint8_t *p = begin(out, STATE_FIGURES);

	p = put_varint(p, ts);
	*p++ = goes_on;
	p = put_double(p, run->seconds);
	p = put_double(p, run->attach_ms);
	p = put_double(p, run->detach_ms);
	return finish(out, put_totals(p, &run->totals));
}

/* --- reading ------------------------------------------------------------------- */

static void get_text(struct bytes *in, char *to)
{
	size_t len = bytes_varint(in);
	const uint8_t *at = bytes_take(in, len);

	printable(to, STATE_TEXT + 1, at ? (const char *)at : "", at ? len : 0);
}

static double get_double(struct bytes *in)
{
	uint64_t bits = bytes_fixed(in, 8);
	double d;

	memcpy(&d, &bits, sizeof(d));
	return d == d && d > -1e18 && d < 1e18 ? d : 0; /* no number becomes 0 */
}

static void get_totals(struct bytes *in, struct source_totals *t)
{
	uint64_t n = bytes_varint(in);

	memset(t, 0, sizeof(*t));
#define _(field)                                                                                             \
	if (n) {                                                                                             \
		n--;                                                                                         \
		t->field = bytes_varint(in);                                                                 \
	}
	TOTALS(_)
#undef _
	while (n && !in->bad) { /* those of a later version */
		n--;
		bytes_varint(in);
	}
}

static void get_function(struct bytes *in, struct state_record *out)
{
	char word[STATE_TEXT + 1];
	const uint8_t *at;
	uint64_t index = bytes_varint(in);
	int layer, category;

	out->index = index > UINT16_MAX ? UINT32_MAX : (uint32_t)index;
	memset(&out->probe, 0, sizeof(out->probe));
	get_text(in, out->name);
	get_text(in, out->module);
	get_text(in, word);
	layer = layer_by_name(word, strlen(word));
	get_text(in, word);
	category = category_by_name(word, strlen(word));
	out->probe.class.layer = layer < 0 ? LAYER_OTHER : (enum layer)layer;
	out->probe.class.category = category < 0 ? CATEGORY_GENERAL : (enum category)category;
	index = bytes_varint(in);
	out->probe.class.priority = index > PRIORITY_MAX ? PRIORITY_MAX : (int)index;
	at = bytes_take(in, 1);
	out->probe.state = at && *at <= PROBE_GONE ? *at : PROBE_IDLE;
	out->probe.error = (int)(bytes_varint(in) & 0xfff);
	at = bytes_take(in, 1);
	out->wanted = at && *at & FUNCTION_WANTED;
	out->probe.guessed = at && *at & FUNCTION_GUESSED;
	out->probe.late = at && *at & FUNCTION_LATE;
	get_text(in, out->why);
	out->probe.name = out->name;
	out->probe.module = out->module[0] ? out->module : NULL;
	out->probe.why = out->why[0] ? out->why : NULL;
}

static void get_filter(struct bytes *in, struct state_record *out)
{
	char text[FILTER_TEXT_MAX], err[256];
	size_t len = bytes_left(in);
	const uint8_t *at = bytes_take(in, len);

	memset(&out->filter, 0, sizeof(out->filter));
	if (!at || len >= sizeof(text)) {
		bytes_spoil(in);
		return;
	}
	memcpy(text, at, len);
	text[len] = '\0';
	if (packet_filter_parse(&out->filter, text, err, sizeof(err)))
		bytes_spoil(in);
}

static void get_known(struct bytes *in, struct state_record *out)
{
	const uint8_t *at;

	out->ts = out->type == STATE_FUNCTION ? 0 : bytes_varint(in);
	switch (out->type) {
	case STATE_FUNCTION:
		get_function(in, out);
		break;
	case STATE_COUNTERS:
		at = bytes_take(in, 1);
		out->more = at && *at & 1;
		if (!out->more)
			get_totals(in, &out->totals);
		out->counts = *in;
		break;
	case STATE_FILTER:
		get_filter(in, out);
		break;
	case STATE_MISSED:
		out->missed = bytes_varint(in);
		break;
	case STATE_FIGURES:
		at = bytes_take(in, 1);
		out->goes_on = at && *at & 1;
		out->run.seconds = get_double(in);
		out->run.attach_ms = get_double(in);
		out->run.detach_ms = get_double(in);
		get_totals(in, &out->run.totals);
		break;
	}
}

int state_get(struct bytes *in, struct state_record *out)
{
	struct bytes of = { 0 };
	const uint8_t *type;
	size_t len;

	if (in->p == in->end)
		return 0;
	type = bytes_take(in, 1);
	len = bytes_varint(in);
	of.p = bytes_take(in, len);
	if (!type || !of.p)
		return -EINVAL;
	of.end = of.p + len;
	out->type = *type;
	if (*type < STATE_FUNCTION || *type > STATE_FIGURES)
		return -ENOTSUP;
	get_known(&of, out);
	return of.bad ? -ENOTSUP : 1;
}

bool state_get_count(struct bytes *counts, struct state_count *out)
{
	uint64_t index;

	if (counts->p == counts->end)
		return false;
	index = bytes_varint(counts);
	out->index = index > UINT16_MAX ? UINT32_MAX : (uint32_t)index;
	out->hits = bytes_varint(counts);
	out->lost = bytes_varint(counts);
	return !counts->bad;
}
