/* SPDX-License-Identifier: GPL-2.0 */
#include "status.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/human.h"
#include "keymap.h"
#include "replay_time.h"

#define PARTS_MAX 12
#define WAITING_WORTH_TELLING (1 << 20) /* bytes */

/* A piece of a line; the highest `leaves` goes first when there is no room. */
struct part {
	enum role role;
	unsigned char leaves; /* 0 never */
	bool glued;	      /* no separator before it */
	char text[96];
};

struct line {
	struct part part[PARTS_MAX];
	int n;
};

__attribute__((format(printf, 4, 5))) static void add(
	struct line *line, enum role role, int leaves, const char *fmt, ...)
{
	struct part *part;
	va_list ap;

	if (line->n == PARTS_MAX)
		return;
	part = &line->part[line->n++];
	part->role = role;
	part->leaves = (unsigned char)leaves;
	part->glued = false;
	va_start(ap, fmt);
	vsnprintf(part->text, sizeof(part->text), fmt, ap);
	va_end(ap);
}

static int line_width(const struct line *line)
{
	int i, w = 0;

	for (i = 0; i < line->n; i++)
		w += text_width(line->part[i].text) + (i ? 3 : 0);
	return w;
}

/* Takes out the least important part of both lines; false when only what must stay is left. */
static bool drop_one(struct line *a, struct line *b)
{
	struct line *lines[] = { a, b }, *from = NULL;
	int worst = 0, at = 0, i;
	size_t l;

	for (l = 0; l < 2; l++)
		for (i = 0; i < lines[l]->n; i++)
			if (lines[l]->part[i].leaves > worst) {
				worst = lines[l]->part[i].leaves;
				from = lines[l];
				at = i;
			}
	if (!from)
		return false;
	memmove(&from->part[at], &from->part[at + 1], (size_t)(from->n - at - 1) * sizeof(from->part[0]));
	from->n--;
	return true;
}

static void draw_line(struct canvas *cv, int x, int y, const struct line *line)
{
	int i;

	for (i = 0; i < line->n; i++) {
		if (i)
			x += canvas_text(cv, x, y, ROLE_DIM, " · ");
		x += canvas_text(cv, x, y, line->part[i].role, line->part[i].text);
	}
}

static void draw_both(struct canvas *cv, int y, struct line *left, struct line *right)
{
	while (line_width(left) + line_width(right) + 3 > cv->w && drop_one(left, right))
		;
	draw_line(cv, 1, y, left);
	draw_line(cv, cv->w - 1 - line_width(right), y, right);
}

static uint64_t lost(const struct source_totals *t)
{
	return t->lost_ring + t->lost_channel + t->lost_identity;
}

/* First word of what the source says about its progress. */
static const char *progress_word(const struct ui *ui, char *buf, size_t size)
{
	size_t i;

	for (i = 0; i + 1 < size && isalpha((unsigned char)ui->progress.text[i]); i++)
		buf[i] = (char)toupper((unsigned char)ui->progress.text[i]);
	buf[i] = '\0';
	return i ? buf : "ATTACHING";
}

#define PROGRESS_CELLS 12

/* ━━━━──────── */
static void progress_bar(const struct playback_place *p, char *buf, size_t size)
{
	double whole = (double)(p->last - p->first), done = p->at > p->first ? (double)(p->at - p->first) : 0;
	int full = whole > 0 ? (int)(done / whole * PROGRESS_CELLS) : PROGRESS_CELLS, i;

	buf[0] = '\0';
	for (i = 0; i < PROGRESS_CELLS; i++)
		snprintf(buf + strlen(buf), size - strlen(buf), "%s", i < full ? "━" : "─");
}

static void add_replay(struct ui *ui, struct line *right)
{
	const struct playback_place *p = &ui->place;
	char time[64], speed[16], bar[64];

	replay_time_text(p, time, sizeof(time));
	replay_speed_text(p->speed, speed, sizeof(speed));
	progress_bar(p, bar, sizeof(bar));
	add(right, ROLE_BAR, 6, "%s", bar);
	add(right, p->over || p->paused ? ROLE_WARN : ROLE_OK, 0, "REPLAY %s %s",
		p->over	    ? "end"
		: p->paused ? "paused"
			    : speed,
		time);
}

/* ● REC 3.1M */
static void add_recording(struct ui *ui, struct line *right)
{
	struct recorder_status status;
	char n[HUMAN_MAX];

	if (!ui_recording(ui, &status))
		return;
	if (status.error[0])
		add(right, ROLE_WARN, 0, "REC failed");
	else
		add(right, ROLE_RECORDING, 0, "● REC %s", human_bytes(n, sizeof(n), status.bytes));
	if (status.missed)
		add(right, ROLE_DROP, 1, "missed %s", human_count(n, sizeof(n), status.missed));
}

static void add_mode(struct ui *ui, struct line *right)
{
	char n[HUMAN_MAX];
	struct store_totals t;

	if (ui->src->playback && !ui->ended && !ui->progress.changing) {
		add_replay(ui, right);
	} else if (ui_frozen(ui)) {
		store_totals(ui->store, &t);
		add(right, ROLE_WARN, 0, "PAUSED +%s",
			human_count(n, sizeof(n), t.events - ui->paused_events));
	} else if (ui->ended) {
		add(right, ROLE_WARN, 0, "ENDED");
	} else if (ui->progress.changing && ui->progress.total) {
		add(right, ROLE_BUSY, 0, "%s %zu/%zu", progress_word(ui, n, sizeof(n)), ui->progress.done,
			ui->progress.total);
	} else if (ui->progress.changing) {
		add(right, ROLE_BUSY, 0, "CHANGING");
	} else if (!ui->ready && !ui->meter.totals.attached && !ui->meter.totals.events) {
		add(right, ROLE_BUSY, 0, "STARTING");
	} else {
		add(right, ROLE_OK, 0, "LIVE");
	}
}

static void draw_top(struct ui *ui, struct canvas *cv)
{
	const struct source_info *info = &ui->src->info;
	const struct source_totals *t = &ui->meter.totals;
	struct line left = { 0 }, right = { 0 };
	char n[HUMAN_MAX];

	add(&left, ROLE_TITLE, 0, "skbscope");
	if (info->host)
		add(&left, ROLE_TEXT, 3, "%.40s", info->host);
	if (info->kernel)
		add(&left, ROLE_DIM, 6, "%.40s", info->kernel);
	add(&left, ROLE_TEXT, 5, "%.20s %zu/%zu", info->backend ? info->backend : "", t->attached,
		ui->sel.count);

	if (ui->meter.events >= 0)
		add(&right, ROLE_TEXT, 4, "%5s ev/s",
			human_count(n, sizeof(n), (uint64_t)(ui->meter.events + 0.5)));
	if (lost(t))
		add(&right, ROLE_DROP, 0, "lost %s", human_count(n, sizeof(n), lost(t)));
	else
		add(&right, ROLE_OK, 2, "lost 0");
	if (ui->meter.cost >= 0)
		add(&right, ui->meter.cost > 0.10 ? ROLE_WARN : ROLE_TEXT, 2, "cost %4.1f %%",
			ui->meter.cost * 100);
	add_recording(ui, &right);
	add_mode(ui, &right);
	draw_both(cv, 0, &left, &right);
}

static size_t usable(const struct ui *ui)
{
	size_t i, n = 0;

	for (i = 0; i < LAYER_COUNT; i++)
		n += ui->meter.layer[i].known;
	return n;
}

/* What is in force, and what stands in its way. */
static void draw_second(struct ui *ui, struct canvas *cv)
{
	struct line left = { 0 }, right = { 0 };
	struct store_totals t;
	size_t i, off = 0, refused = 0, categories = 0, by_hand = 0;
	char a[HUMAN_MAX], b[HUMAN_MAX];

	for (i = 0; i < LAYER_COUNT; i++) {
		off += ui->meter.layer[i].known && !ui->sel.layer[i];
		refused += ui->meter.layer[i].refused;
	}
	for (i = 0; i < CATEGORY_COUNT; i++)
		categories += !ui->sel.category[i];
	for (i = 0; i < ui->sel.n; i++)
		by_hand += ui->sel.func[i] != 0;
	add(&left, ROLE_TEXT, 1, "-p %d", ui->sel.priority);
	add(&left, ROLE_TEXT, 0, "%zu of %zu functions", ui->sel.count, usable(ui));
	if (off)
		add(&left, ROLE_WARN, 3, "%zu layer%s off", off, off == 1 ? "" : "s");
	if (categories)
		add(&left, ROLE_WARN, 3, "%zu categor%s off", categories, categories == 1 ? "y" : "ies");
	if (by_hand)
		add(&left, ROLE_TEXT, 5, "%zu by name", by_hand);
	if (refused)
		add(&left, ROLE_WARN, 4, "%zu refused", refused);
	if (ui->sel.cut)
		add(&left, ROLE_WARN, 5, "%zu more cut by --max-functions", ui->sel.cut);
	if (ui->options.readonly)
		add(&left, ROLE_WARN, 6, "read only");

	if (!ui->layout.filter.h)
		add(&left, ROLE_DIM, 5, "filter none");

	store_totals(ui->store, &t);
	if (ui->meter.totals.waiting > WAITING_WORTH_TELLING)
		add(&right, ROLE_WARN, 2, "%sB waiting", human_bytes(a, sizeof(a), ui->meter.totals.waiting));
	add(&right, ROLE_DIM, 4, "%s packets", human_count(a, sizeof(a), t.packets));
	if (t.dropped)
		add(&right, ROLE_DROP, 2, "✗ %s dropped", human_count(a, sizeof(a), t.dropped));
	else
		add(&right, ROLE_DIM, 4, "0 dropped");
	add(&right, ROLE_DIM, 7, "%s of %s", human_bytes(a, sizeof(a), t.bytes),
		human_bytes(b, sizeof(b), t.budget));
	draw_both(cv, 1, &left, &right);
}

void status_draw(struct ui *ui, struct canvas *cv)
{
	if (cv->h >= 1)
		draw_top(ui, cv);
	if (cv->h >= 2)
		draw_second(ui, cv);
}

#define FILTER_TEXT_ROOM 12 /* columns of the filter's text for which figures give way */

/* The text gives way in its middle before any figure does, as long as something of it can be read. */
void status_draw_filter(struct ui *ui, struct canvas *cv)
{
	const struct source_totals *t = &ui->meter.totals;
	const char *text = ui->filter.text[0] ? ui->filter.text : "none";
	struct line right = { 0 }, none = { 0 };
	int room = text_width(text), x = 8, least = room < FILTER_TEXT_ROOM ? room : FILTER_TEXT_ROOM;
	char cut[FILTER_TEXT_MAX + 8], n[HUMAN_MAX];

	if (cv->h < 1)
		return;
	if (ui->filter.text[0] || t->filtered_out || t->sampled_out) {
		add(&right, ROLE_TEXT, 1, "refused %s",
			human_rate(n, sizeof(n), ui->meter.refused > 0 ? ui->meter.refused : 0));
		add(&right, ROLE_DIM, 3, "%s packets", human_count(n, sizeof(n), t->filtered_out));
	}
	if (t->sampled_out)
		add(&right, ROLE_DIM, 4, "%s not in the sample", human_count(n, sizeof(n), t->sampled_out));
	if (t->undecided)
		add(&right, ROLE_WARN, 2, "%s unreadable", human_count(n, sizeof(n), t->undecided));
	while (right.n && x + least + 3 + line_width(&right) > cv->w && drop_one(&right, &none))
		;
	if (right.n)
		draw_line(cv, cv->w - 1 - line_width(&right), 0, &right);
	if (x + room > cv->w - 1 - (right.n ? line_width(&right) + 3 : 0))
		room = cv->w - 1 - x - (right.n ? line_width(&right) + 3 : 0);
	canvas_text(cv, 1, 0, ROLE_DIM, "filter");
	text_shorten(cut, sizeof(cut), text, room);
	canvas_text(cv, x, 0, ui->filter.text[0] ? ROLE_TITLE : ROLE_DIM, cut);
}

/* Most important first: what has no room leaves from the end. */
static const enum action bar[PANE_COUNT][16] = {
	[PANE_LAYERS] = { ACTION_TOGGLE, ACTION_PRIORITY_0, ACTION_OPEN, ACTION_NEXT_PANE, ACTION_FILTER,
		ACTION_PAUSE, ACTION_ZOOM, ACTION_SEARCH, ACTION_MESSAGES, ACTION_COMMAND },
	[PANE_FUNCTIONS] = { ACTION_TOGGLE, ACTION_PRIORITY_0, ACTION_SEARCH, ACTION_OPEN, ACTION_NEXT_PANE,
		ACTION_SORT, ACTION_FILTER, ACTION_PAUSE, ACTION_ZOOM, ACTION_MESSAGES, ACTION_COMMAND },
	[PANE_FLOWS] = { ACTION_OPEN, ACTION_DROPS, ACTION_RULES, ACTION_SORT, ACTION_FILTER, ACTION_SEARCH,
		ACTION_NEXT_PANE, ACTION_PAUSE, ACTION_DROPS_FIRST, ACTION_ZOOM, ACTION_MESSAGES,
		ACTION_COMMAND },
	[PANE_JOURNEY] = { ACTION_OPEN, ACTION_BACK, ACTION_FOLD, ACTION_NEXT_DROP, ACTION_MARK,
		ACTION_COMPARE, ACTION_SEARCH, ACTION_DROPS, ACTION_RULES, ACTION_NEXT_PANE, ACTION_FILTER,
		ACTION_PAUSE, ACTION_ZOOM, ACTION_MESSAGES, ACTION_COMMAND },
	[PANE_HELP] = { ACTION_BACK, ACTION_SEARCH },
	[PANE_MESSAGES] = { ACTION_BACK, ACTION_SEARCH },
	[PANE_LATENCY] = { ACTION_OPEN, ACTION_BACK, ACTION_NEXT_PANE, ACTION_SORT, ACTION_RESET, ACTION_ROWS,
		ACTION_SEARCH },
	[PANE_STATS] = { ACTION_BACK, ACTION_ROWS, ACTION_SEARCH, ACTION_DROPS, ACTION_RULES, ACTION_LATENCY,
		ACTION_PAUSE },
	[PANE_DROPS] = { ACTION_OPEN, ACTION_BACK, ACTION_SORT, ACTION_ROWS, ACTION_SEARCH, ACTION_RULES,
		ACTION_PAUSE },
	[PANE_RULES] = { ACTION_OPEN, ACTION_BACK, ACTION_FOLD, ACTION_ROWS, ACTION_SEARCH, ACTION_DROPS,
		ACTION_PAUSE },
	[PANE_COMPARE] = { ACTION_OPEN, ACTION_BACK, ACTION_NEXT_DIFFERENCE, ACTION_SEARCH, ACTION_ROWS },
};

static int draw_key(struct canvas *cv, int x, const char *key, const char *label)
{
	x += canvas_text(cv, x, 0, ROLE_KEY, key);
	x += canvas_text(cv, x, 0, ROLE_DIM, " ");
	return x + canvas_text(cv, x, 0, ROLE_DIM, label);
}

/* What lies over the panes is left by the key that ends the program elsewhere (ui_keys.c). */
static const char *last_label(const struct ui *ui, enum action action)
{
	return action == ACTION_QUIT && ui->overlay >= 0 ? "close" : action_label(action);
}

/* At the right end; returns where they begin. */
static int draw_last_keys(struct ui *ui, struct canvas *cv)
{
	static const enum action last[] = { ACTION_HELP, ACTION_QUIT };
	char key[2][16];
	int i, x = cv->w, at;

	for (i = 0; i < 2; i++) {
		keymap_key(&ui->keymap, ui_current(ui)->id, last[i], key[i], sizeof(key[i]));
		x -= key[i][0] ? text_width(key[i]) + text_width(last_label(ui, last[i])) + 3 : 0;
	}
	for (i = 0, at = x; i < 2; i++)
		if (key[i][0])
			at = draw_key(cv, at, key[i], last_label(ui, last[i])) + 2;
	return x;
}

void status_draw_keys(struct ui *ui, struct canvas *cv)
{
	enum pane_id id = ui_current(ui)->id;
	const enum action *action = bar[id];
	char key[40], last[16];
	const char *label;
	int x = 1, end = cv->w, width;

	if (cv->h < 1)
		return;
	if (ui->error[0]) {
		canvas_cell(cv, 1, 0, cv->w - 2, false, ROLE_WARN, ui->error);
		return;
	}
	if (ui_filter_waits(ui)) {
		canvas_cell(cv, 1, 0, cv->w - 2, false, ROLE_BUSY,
			"filter: waiting… (the old one is in force; Esc keeps it)");
		return;
	}
	/* The way out and the way to all other keys are always there. */
	if (cv->w >= 30)
		end = draw_last_keys(ui, cv);
	for (; *action; action++) {
		label = action_label(*action);
		keymap_key(&ui->keymap, id, *action, key, sizeof(key));
		if (!key[0])
			continue;
		if (*action == ACTION_PRIORITY_0) {
			keymap_key(&ui->keymap, id, ACTION_PRIORITY_3, last, sizeof(last));
			snprintf(key + strlen(key), sizeof(key) - strlen(key), "%s%s", last[0] ? "-" : "",
				last);
		}
		width = text_width(key) + text_width(label) + 3;
		if (x + width > end)
			break;
		draw_key(cv, x, key, label);
		x += width;
	}
}
