/* SPDX-License-Identifier: GPL-2.0 */
/* Standard output that a signal can interrupt: a pipe that nobody reads must not hold us. */
#ifndef SKBSCOPE_OUTPUT_H
#define SKBSCOPE_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

/* How long a reader that takes nothing is waited for once we shall end, ms. */
#define OUTPUT_GRACE_MS 150

struct output {
	int fd;	     /* where lines go; stays open */
	int signals; /* readable when we shall end; it is not read here */
	/* Called now and then while a write waits. */
	void (*waiting)(void *ctx, bool signalled);
	void *ctx;
};

/*
 * A stream to out->fd, closed by fclose(). Its writes fail with ECANCELED when
 * a signal has come and the reader takes nothing for OUTPUT_GRACE_MS. NULL: no memory.
 * out must live as long as the stream.
 */
FILE *output_open(struct output *out);

/* Colours are for terminals, and for people that want them: refused by option, or by NO_COLOR. */
bool output_color(int fd, bool refused);

#endif
