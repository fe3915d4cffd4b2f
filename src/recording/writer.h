/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Blocks on their way into the file: a thread compresses and writes them, so many
 * may wait. All calls come from one thread and wait for nothing but writer_stop().
 */
#ifndef SKBSCOPE_RECORDING_WRITER_H
#define SKBSCOPE_RECORDING_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WRITER_WAITING 16u	 /* blocks of events that may wait */
#define WRITER_LIMIT 160u	 /* blocks of all kinds: what a file needs first may take the rest */
#define WRITER_ROOM (264u << 10) /* bytes of a block */

struct writer;

struct writer_block {
	struct writer_block *next;
	uint16_t type;	      /* enum block_type; 0: another file of the rotation begins */
	unsigned int file;    /* writer_put(): the one that it is for */
	uint32_t len;	      /* bytes in data */
	uint32_t records;     /* in them */
	uint64_t first, last; /* ns; 0: no time */
	uint8_t data[WRITER_ROOM];
};

struct writer_status {
	uint64_t bytes;	      /* written, of all files */
	uint64_t file_bytes;  /* of the newest file, with what waits for it by estimate */
	unsigned int waiting; /* blocks that are not written yet */
	uint64_t missed;      /* events in blocks that could not be written */
	unsigned int files;
	char error[256]; /* "" none */
};

/* Opens the file (recording/target.h). 0 or -errno with a line in err. */
int writer_start(struct writer **out, const char *path, unsigned int count, char *err, size_t size);

/* An empty one to be filled and given to writer_put(). NULL: too much waits already. */
struct writer_block *writer_get(struct writer *w, bool events);
void writer_put(struct writer *w, struct writer_block *block);

/* What is put behind comes into another file. False: too much waits already. */
bool writer_rotate(struct writer *w);

void writer_status(struct writer *w, struct writer_status *out);

/* Writes all, waits for the disk, frees it. out: how it ended. */
void writer_stop(struct writer *w, struct writer_status *out);

#endif
