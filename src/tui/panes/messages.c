/* SPDX-License-Identifier: GPL-2.0 */
/* What was lost and where, and everything that was said. */
#include <inttypes.h>
#include <stdio.h>

#include "tui/widgets/facts.h"
#include "tui/ui.h"

struct messages_state {
	struct facts losses;
};

static void add_loss(struct facts *f, enum role bad, const char *label, uint64_t n, const char *what)
{
	facts_add(f, n ? bad : ROLE_DIM, label, "%" PRIu64 "%s", n, what);
}

/* Exactly, and where the line of the filter has no room for it. */
static void add_filter(const struct ui *ui, struct facts *f)
{
	const struct source_totals *t = &ui->meter.totals;

	facts_add(f, ROLE_TITLE, "Filter", "%.150s", ui->filter.text[0] ? ui->filter.text : "none");
	if (!ui->filter.text[0] && !t->filtered_out && !t->sampled_out)
		return;
	add_loss(f, ROLE_TEXT, "refused", t->filtered_out, " packets");
	add_loss(f, ROLE_TEXT, "left by sample", t->sampled_out, " packets that matched");
	add_loss(f, ROLE_WARN, "unreadable", t->undecided,
		" of the refused: no headers to look at");
}

/* Ordered as a record travels: kernel, hand-over, memory. */
static void messages_refresh(struct pane *p, bool order)
{
	struct messages_state *s = p->state;
	const struct source_totals *t = &p->ui->meter.totals;
	struct store_totals st;
	struct facts *f = &s->losses;

	store_totals(p->ui->store, &st);
	facts_clear(f);
	facts_add(f, ROLE_TITLE, "Lost", " ");
	add_loss(f, ROLE_DROP, "kernel buffer", t->lost_ring,
		" records found no room (--buffer SIZE makes it larger)");
	add_loss(
		f, ROLE_DROP, "hand-over", t->lost_channel, " records: the screen was too slow to take them");
	add_loss(f, ROLE_DROP, "identity table", t->lost_identity,
		" hits of packets that found no room in it");
	add_loss(f, ROLE_WARN, "nested calls", t->lost_recursion, " that the kernel did not hand to us");
	add_loss(f, ROLE_TEXT, "without a packet", t->null_skb, " calls with a NULL skb");
	add_loss(f, ROLE_WARN, "left the store", st.evicted_packets,
		" packets, the oldest (--memory SIZE keeps more)");
	add_loss(f, ROLE_WARN, "", st.evicted_flows, " flows");
	add_loss(f, ROLE_WARN, "late records", st.orphans, " of packets that had left already");
	add_loss(f, ROLE_WARN, "gaps in packets", st.lost, " records missing by their numbers");
	add_loss(f, ROLE_WARN, "copies", st.copies_over, " records of more copies than a packet can have");
	facts_add(f, ROLE_TEXT, "", " ");
	add_filter(p->ui, f);
	facts_add(f, ROLE_TEXT, "", " ");
	facts_add(f, ROLE_TITLE, "Messages", "%s", p->ui->messages.n ? "newest first" : "none");
}

static size_t messages_rows(struct pane *p)
{
	return ((struct messages_state *)p->state)->losses.n + p->ui->messages.n;
}

static void messages_draw_row(struct pane *p, struct canvas *cv, size_t row, const struct column_fit *fit)
{
	struct messages_state *s = p->state;
	const struct message *m;
	uint64_t ms;
	int x;

	if (row < s->losses.n) {
		facts_draw(&s->losses, cv, row);
		return;
	}
	m = messages_at(&p->ui->messages, row - s->losses.n);
	if (!m)
		return;
	ms = m->at > p->ui->started ? (m->at - p->ui->started) / 1000000 : 0;
	x = canvas_printf(cv, 0, 0, ROLE_TIME, "%6" PRIu64 ".%03u s  ", ms / 1000, (unsigned int)(ms % 1000));
	if (m->times > 1)
		x += canvas_printf(cv, x, 0, ROLE_DIM, "%u × ", m->times);
	canvas_text(cv, x, 0, m->error ? ROLE_WARN : ROLE_TEXT, m->text);
}

static void messages_text(struct pane *p, size_t row, char *buf, size_t size)
{
	struct messages_state *s = p->state;
	const struct message *m;

	if (row < s->losses.n) {
		facts_text(&s->losses, row, buf, size);
		return;
	}
	m = messages_at(&p->ui->messages, row - s->losses.n);
	snprintf(buf, size, "%s", m ? m->text : "");
}

const struct pane_ops messages_pane = {
	.name = "Messages",
	.state_size = sizeof(struct messages_state),
	.refresh = messages_refresh,
	.rows = messages_rows,
	.draw_row = messages_draw_row,
	.text = messages_text,
};
