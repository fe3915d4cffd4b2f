/* SPDX-License-Identifier: GPL-2.0 */
/* The lines that are always there: what runs at the top, keys and errors at the bottom. */
#ifndef SKBSCOPE_TUI_STATUS_H
#define SKBSCOPE_TUI_STATUS_H

#include "widgets/canvas.h"
#include "ui.h"

void status_draw(struct ui *ui, struct canvas *cv);

/* Which packets are shown, and how many are not. */
void status_draw_filter(struct ui *ui, struct canvas *cv);

/* Keys that matter here; an error takes their place until a key is pressed. */
void status_draw_keys(struct ui *ui, struct canvas *cv);

#endif
