/* SPDX-License-Identifier: GPL-2.0 */
#include "words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/human.h"
#include "nf_words.h"
#include "model/reasons.h"
#include "tui/ui.h"
#include "waits.h"

#define SECOND 1000000000ULL

const char *words_func(const struct ui *ui, const struct hop *hop)
{
	static const char *const nf[] = { "hook", "chain", "rule", "conntrack" };

	if (hop->type == EVENT_DROP)
		return "DROPPED";
	if (hop->type == EVENT_END)
		return "freed";
	if (is_nf(hop))
		return nf[hop->type - EVENT_HOOK];
	return hop->func < ui->src->probes->n ? ui->src->probes->v[hop->func].name : "?";
}

const char *words_netns(const struct ui *ui, uint32_t netns, char *buf, size_t size)
{
	const char *name = names_netns(store_names(ui->store), netns);

	if (name)
		snprintf(buf, size, "%s", name);
	else if (netns)
		snprintf(buf, size, "%u", (unsigned int)netns);
	else
		snprintf(buf, size, "-");
	return buf;
}

const char *words_device(const struct ui *ui, const struct hop *hop, char *buf, size_t size)
{
	const char *name =
		hop->ifindex ? names_device(store_names(ui->store), hop->netns, hop->ifindex) : NULL;

	if (name)
		snprintf(buf, size, "%s", name);
	else if (hop->ifindex)
		snprintf(buf, size, "if%u", (unsigned int)hop->ifindex);
	else
		snprintf(buf, size, "-");
	return buf;
}

const char *words_reason(const struct ui *ui, uint32_t reason, char *buf, size_t size)
{
	if (!reason_name(&ui->src->info, reason, buf, size)[0])
		snprintf(buf, size, "no reason given");
	return buf;
}

/* Fixed decimals, so that times below each other can be compared by their length. */
const char *words_time(uint64_t ns, char *buf, size_t size)
{
	if (ns < 10000000)
		snprintf(buf, size, "%.1fµs", (double)ns / 1e3);
	else if (ns < 10 * SECOND)
		snprintf(buf, size, "%.2fms", (double)ns / 1e6);
	else
		snprintf(buf, size, "%.1fs", (double)ns / 1e9);
	return buf;
}

const char *words_seen(const struct ui *ui, uint64_t ts, char *buf, size_t size)
{
	uint64_t s = since(ui_view_time(ui), ts) / SECOND;

	if (s < 2)
		snprintf(buf, size, "now");
	else if (s < 100)
		snprintf(buf, size, "%us", (unsigned int)s);
	else if (s < 6000)
		snprintf(buf, size, "%um", (unsigned int)(s / 60));
	else
		snprintf(buf, size, "%uh", (unsigned int)(s / 3600 % 10000));
	return buf;
}

const char *words_owner(const struct ui *ui, uint64_t inode, char *buf, size_t size)
{
	uint32_t pid = 0;
	const char *comm = inode ? names_owner(store_names(ui->store), inode, &pid) : NULL;

	if (comm && pid)
		snprintf(buf, size, "%s (%u)", comm, (unsigned int)pid);
	else if (comm)
		snprintf(buf, size, "a socket that no process has open");
	else
		snprintf(buf, size, inode ? "a socket" : "a socket of the kernel");
	return buf;
}

const char *words_flow(const struct ui *ui, uint32_t no, char *buf, size_t size)
{
	const struct flow *f = no ? store_flow(ui->store, no) : NULL;
	char proto[16], a[ENDPOINT_TEXT_MAX], b[ENDPOINT_TEXT_MAX];

	if (f)
		snprintf(buf, size, "%s %s → %s",
			tuple_proto_name(f->key.family, f->key.proto, f->key.l2proto, proto, sizeof(proto)),
			flow_endpoint_text(&f->key, f->client, a, sizeof(a)),
			flow_endpoint_text(&f->key, !f->client, b, sizeof(b)));
	else
		snprintf(buf, size, "?");
	return buf;
}

const char *words_ct(unsigned int info)
{
	static const char *const names[] = { "established", "related", "new", "reply, established",
		"reply, related" };

	return info < sizeof(names) / sizeof(names[0]) ? names[info] : "untracked";
}

const char *words_fate(
	const struct ui *ui, enum fate fate, uint32_t reason, enum role *role, char *buf, size_t size)
{
	static const struct {
		enum role role;
		const char *text;
	} fates[FATE_COUNT] = {
		[FATE_LIVE] = { ROLE_BUSY, "○ still in flight" },
		[FATE_CONSUMED] = { ROLE_DIM, "● consumed" },
		[FATE_MERGED] = { ROLE_DIM, "● merged" },
		[FATE_DROPPED] = { ROLE_DROP, "✗ DROPPED" },
		[FATE_TRANSMITTED] = { ROLE_OK, "● transmitted" },
		[FATE_DELIVERED] = { ROLE_OK, "● delivered" },
	};
	char name[64];

	fate = fate < FATE_COUNT ? fate : FATE_CONSUMED;
	*role = fates[fate].role;
	if (fate == FATE_DROPPED)
		snprintf(buf, size, "%s %s", fates[fate].text, words_reason(ui, reason, name, sizeof(name)));
	else
		snprintf(buf, size, "%s", fates[fate].text);
	return buf;
}

/* The device of the last record before the end. */
static const struct hop *last_of(const struct timeline *tl, const struct line *line)
{
	return line->before != TIMELINE_NONE ? &tl->hop[line->before] : NULL;
}

/* " in nft_do_chain by inet lab forwarding #5 ..."; " after nf_hook_slow" where nobody knows the function. */
static void drop_text(
	const struct ui *ui, const struct copy *c, const struct hop *last, char *buf, size_t size)
{
	char text[WORDS_MAX];
	size_t len = strlen(buf);

	if (names_symbol(store_names(ui->store), c->location, NULL, NULL))
		snprintf(buf + len, size - len, " in %s",
			words_place(ui, c->location, false, text, sizeof(text)));
	else if (last && last->type != EVENT_DROP)
		snprintf(buf + len, size - len, " after %s", words_func(ui, last));
	len = strlen(buf);
	if (c->facts & COPY_RULE && words_rule(ui, (uint32_t)c->rule, text, sizeof(text))[0])
		snprintf(buf + len, size - len, " by %s", text);
}

/* The whole fate of a copy, and at which place it met it. */
static void copy_fate(const struct ui *ui, const struct timeline *tl, const struct line *line,
	enum role *role, char *buf, size_t size)
{
	const struct copy *c = timeline_copy(tl, line->copy);
	const struct hop *last = last_of(tl, line);
	enum fate fate = c ? (enum fate)c->fate : FATE_CONSUMED;
	char name[64];
	size_t len;

	/* A copy that has more to come may have met its end already, as far as that can be told. */
	if (line->kind == LINE_END && line->hop != TIMELINE_NONE && fate == FATE_LIVE)
		fate = tl->hop[line->hop].type == EVENT_DROP ? FATE_DROPPED : FATE_CONSUMED;
	words_fate(ui, fate, c ? c->reason : 0, role, buf, size);
	len = strlen(buf);
	if (fate == FATE_DELIVERED && c)
		snprintf(buf + len, size - len, " to %s", words_owner(ui, c->inode, name, sizeof(name)));
	else if (fate == FATE_TRANSMITTED && last && line->kind == LINE_END)
		snprintf(buf + len, size - len, " by %s", words_device(ui, last, name, sizeof(name)));
	else if (fate == FATE_DROPPED && c && c->facts & COPY_DROPPED && line->kind == LINE_END)
		drop_text(ui, c, last, buf, size);
	else if (fate == FATE_DROPPED && last && line->kind == LINE_END && last->type != EVENT_DROP)
		snprintf(buf + len, size - len, " after %s", words_func(ui, last));
	else if (fate == FATE_MERGED && c && c->into)
		snprintf(buf + len, size - len, " into packet %" PRIu64, c->into);
	else if (fate == FATE_MERGED)
		snprintf(buf + len, size - len, " into another packet");
}

static void wait_text(
	const struct ui *ui, const struct timeline *tl, const struct line *line, char *buf, size_t size)
{
	const struct hop *from = &tl->hop[line->before], *to = &tl->hop[line->hop];
	const struct copy *c = timeline_copy(tl, line->copy);
	const char *name = wait_name(line->detail);
	char place[64], time[24];

	words_time(since(to->ts, from->ts), time, sizeof(time));
	switch (wait_place(line->detail)) {
	case WAIT_AT_DEVICE:
		snprintf(buf, size, "⧗ waited %s in %s of %s", time, name,
			words_device(ui, from, place, sizeof(place)));
		break;
	case WAIT_AT_CPU:
		snprintf(buf, size, "⧗ waited %s in %s of CPU %u", time, name, to->cpu);
		break;
	case WAIT_AT_SOCKET:
		snprintf(buf, size, "⧗ waited %s in %s of %s", time, name,
			c && c->inode ? words_owner(ui, c->inode, place, sizeof(place)) : "the socket");
		break;
	case WAIT_SOMEWHERE:
		snprintf(buf, size, "⧗ waited %s in the %s", time, name);
		break;
	}
}

static void copy_text(const struct ui *ui, const struct timeline *tl, const struct line *line,
	enum role *role, char *buf, size_t size)
{
	const struct copy *c = timeline_copy(tl, line->copy);
	char fate[160], hops[HUMAN_MAX];
	uint32_t n = tl->from[line->copy + 1] - tl->from[line->copy];

	if (!c) {
		*role = ROLE_WARN;
		snprintf(buf, size, "+ more copies than are kept apart · %s records",
			human_count(hops, sizeof(hops), n));
		return;
	}
	copy_fate(ui, tl, line, role, fate, sizeof(fate));
	snprintf(buf, size, "%s %u %s · %s hop%s · %s", timeline_folded(tl, line->copy) ? "+" : "−",
		line->copy, made_name((enum made)line->detail), human_count(hops, sizeof(hops), n),
		n == 1 ? "" : "s", fate);
	if (*role != ROLE_DROP && *role != ROLE_BUSY)
		*role = ROLE_TEXT;
}

static void change_text(
	const struct timeline *tl, const struct line *line, enum role *role, char *buf, size_t size)
{
	char text[200];
	int more = 0;

	if (line->before != TIMELINE_NONE)
		more = (int)tl->hop[line->hop].len - (int)tl->hop[line->before].len;
	words_change(&tl->change[line->old].tuple, &tl->change[line->look].tuple, more, text, sizeof(text));
	*role = ROLE_CHANGED;
	snprintf(buf, size, "↪ %s", text);
}

void words_line(const struct ui *ui, const struct timeline *tl, const struct line *line, enum role *role,
	char *buf, size_t size)
{
	unsigned int lost;
	struct nf_text nf;
	char name[64];

	*role = ROLE_TEXT;
	switch ((enum line_kind)line->kind) {
	case LINE_HOP:
		if (tl->hop[line->hop].type == EVENT_SOCKET)
			snprintf(buf, size, "given to %s",
				words_owner(ui,
					timeline_copy(tl, line->copy) ? tl->copy[line->copy].inode : 0, name,
					sizeof(name)));
		else
			snprintf(buf, size, "%s", words_func(ui, &tl->hop[line->hop]));
		break;
	case LINE_CUT:
		*role = ROLE_WARN;
		snprintf(buf, size, "┄ earlier hops are missing");
		break;
	case LINE_LOST:
		*role = ROLE_DROP;
		lost = tl->hop[line->hop].lost;
		snprintf(buf, size, "┄ %u%s hop%s lost here", lost, lost == 255 ? " or more" : "",
			lost == 1 ? "" : "s");
		break;
	case LINE_CHANGE:
		change_text(tl, line, role, buf, size);
		break;
	case LINE_WAIT:
		*role = since(tl->hop[line->hop].ts, tl->hop[line->before].ts) == tl->slowest ? ROLE_WARN
											      : ROLE_TIME;
		wait_text(ui, tl, line, buf, size);
		break;
	case LINE_COPY:
		copy_text(ui, tl, line, role, buf, size);
		break;
	case LINE_END:
		copy_fate(ui, tl, line, role, buf, size);
		break;
	case LINE_RULE:
	case LINE_CHAIN:
	case LINE_HOOK:
	case LINE_CT:
		nf_text(ui, tl, line, &nf);
		*role = nf.verdict[0] && nf.verdict_role != ROLE_DIM ? nf.verdict_role : nf.body_role;
		nf_join(&nf, WORDS_MAX, buf, size);
		break;
	}
}
