/* SPDX-License-Identifier: GPL-2.0 */
/* Frames of all kinds that a filter tells apart, the same ones every time. */
#ifndef SKBSCOPE_TESTS_FILTER_PACKETS_H
#define SKBSCOPE_TESTS_FILTER_PACKETS_H

#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX 768

struct frame {
	const char *name;
	uint8_t bytes[FRAME_MAX];
	size_t len;
};

#define FRAMES_MAX 64

/* Fills frames[FRAMES_MAX], returns how many there are. */
size_t packets_make(struct frame *frames);

#endif
