/* SPDX-License-Identifier: GPL-2.0 */
/* The packets of a flow that took a certain way. */
#include <stdlib.h>

#include "journey.h"

const struct column *packets_columns(int *n)
{
	return packet_row_columns(false, n);
}

void packets_take(struct pane *p)
{
	struct journey_state *s = p->state;
	const struct packet *packet;
	uint64_t *id = calloc(PACKETS_MAX, sizeof(*id));
	size_t n, i;

	if (!id)
		return;
	n = path_packets(p->ui->store, s->flow, PATHS_NEWEST, s->path, id, PACKETS_MAX);
	s->nlist = 0;
	for (i = 0; i < n; i++) {
		packet = store_packet(p->ui->store, id[i]);
		if (packet && (!ui_frozen(p->ui) || packet->first <= p->ui->paused_at))
			packet_row_take(p->ui, &s->list[s->nlist++], packet);
	}
	free(id);
}

void packets_text(struct pane *p, size_t row, char *buf, size_t size)
{
	packet_row_text(p->ui, &((struct journey_state *)p->state)->list[row], false, buf, size);
}

void packets_draw(struct pane *p, struct canvas *cv, size_t row, const struct column_fit *fit)
{
	packet_row_draw(p->ui, cv, &((struct journey_state *)p->state)->list[row], fit);
}

/* How many packets of its flow came before it, as far as they are kept. */
uint64_t packets_number(const struct ui *ui, const struct packet *packet)
{
	const struct flow *flow = store_flow(ui->store, packet->flow);
	const struct packet *other = NULL;
	uint64_t number = flow ? flow->packets[0] + flow->packets[1] : 0;

	while (packet->flow && (other = store_flow_packet(ui->store, packet->flow, other)) && other != packet)
		number -= number > 1;
	return number;
}

void ui_show_packet(struct ui *ui, uint64_t id)
{
	const struct packet *packet = store_packet(ui->store, id);
	struct pane *p = &ui->pane[PANE_JOURNEY];
	struct journey_state *s = p->state;
	int overlay = ui->overlay;

	if (!packet) {
		ui_error(ui, "that packet has left the store (--memory keeps more)");
		return;
	}
	s->flow = ui->focus.flow = packet->flow;
	s->number = packets_number(ui, packet);
	s->from_list = false;
	s->ntrail = 0;
	s->from_overlay = overlay;
	journey_show(p, id);
	journey_mode(p, JOURNEY_HOPS);
	ui_go(ui, PANE_JOURNEY);
	pane_refresh(p, false);
}
