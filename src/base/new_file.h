/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file that is there whole or not at all: written beside its place, and put
 * there when it is complete. Written at once is what is no regular file (a pipe),
 * and a file in a folder where no other can be made.
 */
#ifndef SKBSCOPE_BASE_NEW_FILE_H
#define SKBSCOPE_BASE_NEW_FILE_H

#include <stddef.h>

struct new_file {
	char *path;
	char *beside; /* NULL: path itself is written */
};

/*
 * A descriptor to write to, or -errno: -ELOOP for a symbolic link, which is not
 * followed. A file that is there stays until new_file_keep(); the new one has its
 * permissions, and as far as may be its owner.
 */
int new_file_open(struct new_file *f, const char *path);

/*
 * After the descriptor was closed. 0 or -errno: it cannot be put there (a file that
 * is a mount of its own), and is complete under the name left.
 */
int new_file_keep(struct new_file *f, char *left, size_t size);
/* Instead: as if nothing had been. */
void new_file_drop(struct new_file *f);

#endif
