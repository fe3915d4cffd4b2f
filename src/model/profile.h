/* SPDX-License-Identifier: GPL-2.0 */
/* What of a profile can be put into force while tracing runs. */
#ifndef SKBSCOPE_MODEL_PROFILE_H
#define SKBSCOPE_MODEL_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "model/layers.h"
#include "model/packet_filter.h"

#define PROFILE_FUNCTIONS_MAX 1024
#define PROFILE_NAMES_MAX 200

struct profile {
	bool has_layers, has_categories, has_filter;
	bool layer[LAYER_COUNT], category[CATEGORY_COUNT];
	int priority; /* -1: it says nothing of it */
	struct packet_filter filter;
	char functions[PROFILE_FUNCTIONS_MAX]; /* globs, commas between; "" it says nothing of them */
	char fixed[PROFILE_NAMES_MAX];	       /* names of settings that count from the start only; "" none */
};

/* Where the screen gets them from. */
struct profile_source {
	const char *names; /* ", " between */
	/* 0, or -errno with a line in err. */
	int (*read)(const char *name, struct profile *out, char *err, size_t size);
};

#endif
