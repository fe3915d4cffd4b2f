/* SPDX-License-Identifier: GPL-2.0 */
/* Packets as rows: how old, how far, which end. For every list of packets. */
#ifndef SKBSCOPE_TUI_JOURNEY_PACKET_ROWS_H
#define SKBSCOPE_TUI_JOURNEY_PACKET_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/widgets/canvas.h"
#include "tui/widgets/column.h"

struct packet;
struct ui;

/* A packet as listed: stands still while the picture is frozen. */
struct packet_row {
	uint64_t id, first, last;
	uint32_t flow, hops, len, reason;
	uint16_t copies, drops;
	uint8_t fate, direction;
};

void packet_row_take(const struct ui *ui, struct packet_row *row, const struct packet *packet);

/* flows: rows of different flows stand in one list. */
const struct column *packet_row_columns(bool flows, int *n);
void packet_row_draw(
	const struct ui *ui, struct canvas *cv, const struct packet_row *row, const struct column_fit *fit);
void packet_row_text(const struct ui *ui, const struct packet_row *row, bool flows, char *buf, size_t size);

/* Packets that something remembers by their ids, as long as the store has them. */
struct packet_list {
	struct packet_row *v;
	size_t n, cap;
	size_t gone; /* of those remembered */
};

/* Those of ids that the store has, in their order. No memory: the list stays as it was. */
void packet_list_take(struct packet_list *list, const struct ui *ui, const uint64_t *ids, size_t n);
void packet_list_free(struct packet_list *list);

#endif
