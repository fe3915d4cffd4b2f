/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The file that is written, and those before it. Root writes it into folders of
 * others: no link is followed, nothing foreign is touched.
 */
#ifndef SKBSCOPE_RECORDING_TARGET_H
#define SKBSCOPE_RECORDING_TARGET_H

#include <stddef.h>
#include <stdint.h>

struct target {
	char *path;
	unsigned int count; /* files of a rotation; 1: one */
	int fd;		    /* -1: none */
	uint64_t good;	    /* bytes written whole */
};

/* Would target_open() refuse? Nothing is made. 0 or -errno with a line in err. */
int target_check(const char *path, unsigned int count, char *err, size_t size);

/* A new file of mode 0600, or an empty one or a recording of ours, which is emptied; of a rotation it becomes
 * the one before. 0 or -errno with a line in err. */
int target_open(struct target *t, const char *path, unsigned int count, char *err, size_t size);

/* All of it or, as if it had not been called, nothing. 0 or -errno. */
int target_append(struct target *t, const void *data, size_t len);

/* The file becomes the one before, and another begins. 0 or -errno with a line in err. */
int target_rotate(struct target *t, char *err, size_t size);

/* Waits for the disk. 0 or -errno. */
int target_close(struct target *t);

#endif
