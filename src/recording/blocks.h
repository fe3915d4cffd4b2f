/* SPDX-License-Identifier: GPL-2.0 */
/* The blocks of a file, as far as they are whole: what is not is left out and counted. */
#ifndef SKBSCOPE_RECORDING_BLOCKS_H
#define SKBSCOPE_RECORDING_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

#include "recording/format.h"

struct blocks {
	int fd;
	uint64_t size, pos; /* of the file; where the next block is looked for */
	uint64_t counted;   /* flaws before were counted: a place may be read again */
	uint64_t broken, bytes;
	bool quiet; /* nothing is counted */
	bool fresh; /* the block that was found last is read for the first time */
	z_stream z;
	uint8_t *stored, *plain; /* BLOCK_MAX each */
};

/* 0 or -errno with a line in err. blocks_close() after either. */
int blocks_open(struct blocks *b, const char *path, char *err, size_t size);
void blocks_close(struct blocks *b);

/* The next one: 1, and pos is behind it; 0: the end. -errno: the file cannot be read. */
int blocks_next(struct blocks *b, struct block_head *head, uint64_t *at);

/* Its head.plain bytes into b->plain: 1; 0: it is broken. -errno. */
int blocks_load(struct blocks *b, const struct block_head *head, uint64_t at);

/* What is in the one found last turned out to be no use. */
void blocks_spoilt(struct blocks *b, const struct block_head *head);

#endif
