/* SPDX-License-Identifier: GPL-2.0 */
/* Between timeline.c, which holds a journey, and lines.c, which makes its lines. */
#ifndef SKBSCOPE_TUI_JOURNEY_LINES_H
#define SKBSCOPE_TUI_JOURNEY_LINES_H

#include "timeline.h"

/* All lines anew from hops, copies and changes. */
void lines_make(struct timeline *tl);

#endif
