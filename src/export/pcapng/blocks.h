/* SPDX-License-Identifier: GPL-2.0 */
/* Blocks and options of a pcapng file, in this machine's byte order (as the format wants it). */
#ifndef SKBSCOPE_EXPORT_PCAPNG_BLOCKS_H
#define SKBSCOPE_EXPORT_PCAPNG_BLOCKS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/strbuf.h"

#define BLOCKS_OPTION_MAX 65535u /* bytes in the value of an option */

struct blocks {
	FILE *out;
	struct strbuf buf;
	size_t begin;	/* of the block at hand, in buf */
	size_t options; /* of it */
	int error;	/* 0 or -errno: nothing is written any more */
};

void blocks_fini(struct blocks *b);

/* A block begins; what follows is its body, then its options. */
void blocks_begin(struct blocks *b, uint32_t type);
void blocks_u16(struct blocks *b, uint16_t n);
void blocks_u32(struct blocks *b, uint32_t n);
/* Any bytes, filled up to four. */
void blocks_bytes(struct blocks *b, const void *data, size_t len);
/* What is longer than BLOCKS_OPTION_MAX is cut. */
void blocks_option(struct blocks *b, uint16_t code, const void *value, size_t len);
/* 0 or -errno. */
int blocks_end(struct blocks *b);
/* Everything to the file. 0 or -errno. */
int blocks_flush(struct blocks *b);

#endif
