/* SPDX-License-Identifier: GPL-2.0 */
/* What a run came to, as its source and its clock tell: beside what the store holds. */
#ifndef SKBSCOPE_MODEL_RUN_FIGURES_H
#define SKBSCOPE_MODEL_RUN_FIGURES_H

#include "model/source_info.h"

struct run_figures {
	double seconds;
	double attach_ms, detach_ms; /* negative: unknown */
	struct source_totals totals;
};

#endif
