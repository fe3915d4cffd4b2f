/* SPDX-License-Identifier: GPL-2.0 */
/* Colours of lines: SGR sequences from one table, of the 16 colours that every terminal has. */
#ifndef SKBSCOPE_EXPORT_STYLE_H
#define SKBSCOPE_EXPORT_STYLE_H

#include "model/fate.h"
#include "model/layers.h"

/* Red is for what died or was lost, and for nothing else. */
enum style {
	STYLE_NONE,
	STYLE_TITLE,
	STYLE_DIM,
	STYLE_DROP,
	STYLE_GOOD,
	STYLE_NETFILTER,
	STYLE_LAYER, /* + enum layer */
	STYLE_COUNT = STYLE_LAYER + LAYER_COUNT
};

#define STYLE_MAX 8u /* bytes of a sequence, with the NUL */

/* What begins it, "" for STYLE_NONE; and what ends any other. */
const char *style_begin(enum style style);
#define STYLE_END "\033[0m"

enum style style_of_fate(enum fate fate);

#endif
