/* SPDX-License-Identifier: GPL-2.0 */
/* Two journeys side by side: where did the one part from the other? */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "model/path.h"
#include "nf_words.h"
#include "timeline.h"
#include "tui/ui.h"
#include "words.h"

#define SLOWER 10000 /* ns: a gap that is so much longer than the other one is pointed at */

enum { SIGN, DEVICE, LEFT, TIME_LEFT, GAP_LEFT, RIGHT, TIME_RIGHT, GAP_RIGHT, COLUMNS };

static const struct column columns[COLUMNS] = {
	[SIGN] = { .title = "", .min = 1, .max = 1 },
	[DEVICE] = { .title = "where", .min = 6, .max = 14, .leaves = 3 },
	[LEFT] = { .title = "left <", .min = 20, .max = 32 },
	[TIME_LEFT] = { .title = "time <", .min = 8, .max = 8, .right = true },
	[GAP_LEFT] = { .title = "gap <", .min = 9, .max = 9, .right = true, .leaves = 1 },
	[RIGHT] = { .title = "right >", .min = 20, .max = 44, .leaves = 9 },
	[TIME_RIGHT] = { .title = "time >", .min = 8, .max = 8, .right = true },
	[GAP_RIGHT] = { .title = "gap >", .min = 9, .max = 9, .right = true, .leaves = 1 },
};

enum side { A, B };

struct compare_state {
	uint64_t id[2];
	struct timeline side[2];
	struct path_diff diff;
	int from_overlay; /* that was open before, -1 none */
};

static void compare_close(struct pane *p)
{
	struct compare_state *s = p->state;

	timeline_fini(&s->side[A]);
	timeline_fini(&s->side[B]);
	path_diff_free(&s->diff);
}

/* 0, or -errno when there is nothing to compare any more: what was compared stays. */
static int take(struct pane *p)
{
	struct compare_state *s = p->state;
	struct path_diff diff = { 0 };
	int ret = path_diff(&diff, p->ui->store, s->id[A], s->id[B]), i;

	if (ret)
		return ret;
	path_diff_free(&s->diff);
	s->diff = diff;
	for (i = A; i <= B; i++)
		timeline_read(&s->side[i], p->ui->store, p->ui->src->probes, s->id[i]);
	return 0;
}

static void compare_refresh(struct pane *p, bool order)
{
	struct compare_state *s = p->state;

	/* Only what still grows can change. */
	if (s->id[A] && !ui_frozen(p->ui) &&
		(s->side[A].packet.fate == FATE_LIVE || s->side[B].packet.fate == FATE_LIVE))
		take(p);
}

void ui_compare(struct ui *ui, uint64_t left, uint64_t right)
{
	struct pane *p = &ui->pane[PANE_COMPARE];
	struct compare_state *s = p->state;
	int ret;

	timeline_clear(&s->side[A]);
	timeline_clear(&s->side[B]);
	s->id[A] = left;
	s->id[B] = right;
	ret = take(p);
	if (ret) {
		s->id[A] = 0;
		path_diff_free(&s->diff);
		ui_error(ui, ret == -ENOENT
				     ? "one of the two packets has left the store (--memory keeps more)"
				     : "there is no memory to compare them");
		return;
	}
	s->from_overlay = ui->overlay == PANE_COMPARE ? s->from_overlay : ui->overlay;
	ui->overlay = PANE_COMPARE;
	pane_reset(p);
	p->search[0] = '\0';
	pane_refresh(p, true);
	/* Scrolled so that what was still the same stands above it. */
	if (s->diff.parted < s->diff.n)
		pane_move_to_row(p, s->diff.parted);
}

static size_t compare_rows(struct pane *p)
{
	struct compare_state *s = p->state;

	return s->id[A] ? s->diff.n : 0;
}

static uint64_t compare_key(struct pane *p, size_t row)
{
	const struct diff_row *r = &((struct compare_state *)p->state)->diff.v[row];

	return (uint64_t)(r->a + 2) << 32 | (uint32_t)(r->b + 2);
}

/* The hop of a row on one side; NULL: it has none. */
static const struct hop *hop_of(const struct compare_state *s, size_t row, enum side side)
{
	int hop = side == A ? s->diff.v[row].a : s->diff.v[row].b;

	return hop >= 0 && (size_t)hop < s->side[side].nhops ? &s->side[side].hop[hop] : NULL;
}

static bool is_func(const struct hop *hop)
{
	return hop && event_is_function(hop->type);
}

static enum role hop_text(
	const struct ui *ui, const struct timeline *tl, const struct hop *hop, char *buf, size_t size)
{
	const struct copy *c = timeline_copy(tl, hop->copy);
	enum role role = ROLE_TEXT;

	/* The drop has said it. */
	if (hop->type == EVENT_END && c && c->facts & COPY_DROPPED) {
		snprintf(buf, size, "freed");
		return ROLE_DIM;
	}
	if (hop->type == EVENT_DROP || hop->type == EVENT_END)
		words_fate(ui, c ? (enum fate)c->fate : FATE_CONSUMED, c ? c->reason : 0, &role, buf, size);
	else if (hop->type == EVENT_SOCKET)
		snprintf(buf, size, "given to a socket");
	else if (is_nf(hop))
		nf_record_text(ui, tl, (uint32_t)(hop - tl->hop), buf, size);
	else
		snprintf(buf, size, "%s", words_func(ui, hop));
	return role;
}

/* Since the hop of the same copy before; 0: it is the first one. */
static uint64_t gap_of(const struct timeline *tl, const struct hop *hop)
{
	const struct hop *before = hop;

	while (before > tl->hop && (--before)->copy != hop->copy)
		;
	return before->copy == hop->copy ? since(hop->ts, before->ts) : 0;
}

static void draw_times(const struct compare_state *s, struct canvas *cv, size_t row, enum side side,
	enum role role, const struct column_fit *fit)
{
	const struct hop *hop = hop_of(s, row, side), *other = hop_of(s, row, side == A ? B : A);
	uint64_t gap, its;
	char text[32], time[24];

	if (!hop)
		return;
	column_draw(cv, columns, fit, side == A ? TIME_LEFT : TIME_RIGHT, role,
		words_time(since(hop->ts, s->side[side].hop[0].ts), text, sizeof(text)));
	gap = gap_of(&s->side[side], hop);
	if (!gap)
		return;
	its = other ? gap_of(&s->side[side == A ? B : A], other) : gap;
	snprintf(text, sizeof(text), "+%s", words_time(gap, time, sizeof(time)));
	column_draw(cv, columns, fit, side == A ? GAP_LEFT : GAP_RIGHT,
		gap > its * 2 && gap - its > SLOWER ? ROLE_WARN : ROLE_DIM, text);
}

static void draw_where(struct pane *p, struct canvas *cv, const struct hop *hop, const struct column_fit *fit)
{
	char netns[40], device[24], text[80];

	snprintf(text, sizeof(text), "%s %s", words_netns(p->ui, hop->netns, netns, sizeof(netns)),
		words_device(p->ui, hop, device, sizeof(device)));
	column_draw(cv, columns, fit, DEVICE, ROLE_DIM, text);
}

static void draw_name(
	struct pane *p, struct canvas *cv, size_t row, enum side side, const struct column_fit *fit)
{
	const struct compare_state *s = p->state;
	const struct hop *hop = hop_of(s, row, side);
	bool both = hop_of(s, row, A) && hop_of(s, row, B);
	int column = side == B && fit->w[RIGHT] ? RIGHT : LEFT, x = fit->x[column];
	char text[WORDS_MAX], other[WORDS_MAX], two[2 * WORDS_MAX + 4];
	enum role role;

	if (!hop || (both && side == B && column == LEFT))
		return;
	role = hop_text(p->ui, &s->side[side], hop, text, sizeof(text));
	if (role == ROLE_TEXT)
		role = both ? ROLE_DIM : row == s->diff.parted ? ROLE_WARN : ROLE_CHANGED;
	snprintf(two, sizeof(two), "%s", text);
	/* One column for both: ends may be of different kinds. */
	if (both && !fit->w[RIGHT]) {
		hop_text(p->ui, &s->side[B], hop_of(s, row, B), other, sizeof(other));
		if (strcmp(text, other))
			snprintf(two, sizeof(two), "%s | %s", text, other);
	}
	canvas_cell(cv, x, 0, fit->w[column], false, role, two);
}

static void compare_draw_row(struct pane *p, struct canvas *cv, size_t row, const struct column_fit *fit)
{
	const struct compare_state *s = p->state;
	const struct hop *left = hop_of(s, row, A), *right = hop_of(s, row, B);
	enum role times = left && right ? ROLE_DIM : ROLE_TIME;

	if (!left && !right)
		return;
	column_draw(cv, columns, fit, SIGN, row == s->diff.parted ? ROLE_WARN : ROLE_CHANGED,
		left && right ? " "
		: left	      ? "<"
			      : ">");
	draw_where(p, cv, left ? left : right, fit);
	draw_name(p, cv, row, A, fit);
	draw_name(p, cv, row, B, fit);
	draw_times(s, cv, row, A, times, fit);
	draw_times(s, cv, row, B, times, fit);
}

static void compare_text(struct pane *p, size_t row, char *buf, size_t size)
{
	const struct compare_state *s = p->state;
	enum side side = hop_of(s, row, A) ? A : B;
	const struct hop *hop = hop_of(s, row, side);

	buf[0] = '\0';
	if (hop)
		hop_text(p->ui, &s->side[side], hop, buf, size);
}

/* The first function behind the parting where only one of them was; NULL none. */
static const char *only(const struct pane *p, enum side side)
{
	const struct compare_state *s = p->state;
	size_t i;

	for (i = s->diff.parted; i < s->diff.n; i++) {
		const struct hop *hop = hop_of(s, i, side);

		if (is_func(hop) && !hop_of(s, i, side == A ? B : A))
			return words_func(p->ui, hop);
	}
	return NULL;
}

static const char *compare_title(struct pane *p, char *buf, size_t size)
{
	const struct compare_state *s = p->state;
	const char *left, *right;

	if (!s->id[A])
		return NULL;
	left = only(p, A);
	right = only(p, B);
	if (s->diff.parted >= s->diff.n)
		snprintf(buf, size, "both went the same way");
	else if (left && right)
		snprintf(buf, size, "the left one went on to %s, the right one to %s", left, right);
	else if (left)
		snprintf(buf, size, "the right one never reached %s", left);
	else if (right)
		snprintf(buf, size, "the left one never reached %s", right);
	else
		snprintf(buf, size, "they came to different ends");
	if (s->diff.cut)
		snprintf(buf + strlen(buf), size - strlen(buf), " (only their first hops are compared)");
	return buf;
}

static const char *compare_empty(struct pane *p, char *buf, size_t size)
{
	snprintf(buf, size, "%s marks a packet or a path, %s on another one compares them",
		ui_key_name(p->ui, p->id, ACTION_MARK), ui_key_name(p->ui, p->id, ACTION_COMPARE));
	return buf;
}

static void next_difference(struct pane *p)
{
	const struct compare_state *s = p->state;
	size_t n = pane_lines(p), i, line, row;

	for (i = 1; i <= n; i++) {
		line = (p->cursor + i) % n;
		row = pane_filter_row(p, line);
		if (!hop_of(s, row, A) || !hop_of(s, row, B)) {
			pane_move_to(p, line);
			return;
		}
	}
	ui_error(p->ui, "both went the same way");
}

static bool compare_action(struct pane *p, enum action action)
{
	struct compare_state *s = p->state;
	size_t row = pane_cursor_row(p);

	switch (action) {
	case ACTION_OPEN:
		if (row < compare_rows(p))
			ui_show_packet(p->ui, s->id[hop_of(s, row, A) ? A : B]);
		return true;
	case ACTION_NEXT_DIFFERENCE:
		next_difference(p);
		return true;
	case ACTION_BACK:
		p->ui->overlay = s->from_overlay;
		return true;
	default:
		return false;
	}
}

static const struct column *compare_columns(struct pane *p, int *n)
{
	*n = COLUMNS;
	return columns;
}

const struct pane_ops compare_pane = {
	.name = "Compare",
	.state_size = sizeof(struct compare_state),
	.close = compare_close,
	.refresh = compare_refresh,
	.rows = compare_rows,
	.key = compare_key,
	.draw_row = compare_draw_row,
	.text = compare_text,
	.action = compare_action,
	.title = compare_title,
	.empty = compare_empty,
	.columns = compare_columns,
};
