/* SPDX-License-Identifier: GPL-2.0 */
/* Lines collected into large blocks; a failed write is remembered. */
#ifndef SKBSCOPE_EXPORT_BLOCK_H
#define SKBSCOPE_EXPORT_BLOCK_H

#include <stddef.h>
#include <stdio.h>

#define BLOCK_SIZE (128u * 1024)
#define BLOCK_LINE 32768u /* room that a line may count on */

struct block {
	FILE *out;
	size_t len;
	int error; /* 0 or -errno: nothing is written any more */
	char buf[BLOCK_SIZE];
};

/* Where the next line goes; written out first when the room is short. */
char *block_line(struct block *block);
/* The line ends at end. 0 or -errno. */
int block_done(struct block *block, const char *end);
/* Any number of bytes. 0 or -errno. */
int block_put(struct block *block, const char *s, size_t len);
/* Everything to the file. 0 or -errno. */
int block_flush(struct block *block);

#endif
