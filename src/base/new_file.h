/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file that is there whole or not at all: written beside its place, and put
 * there when it is complete. What is no regular file (a pipe) is written at once.
 */
#ifndef SKBSCOPE_BASE_NEW_FILE_H
#define SKBSCOPE_BASE_NEW_FILE_H

struct new_file {
	char *path;
	char *beside; /* NULL: path itself is written */
};

/*
 * A descriptor to write to, or -errno: -ELOOP for a symbolic link, which is not
 * followed. A file that is there stays until new_file_keep(), which gives the new
 * one its permissions.
 */
int new_file_open(struct new_file *f, const char *path);

/* After the descriptor was closed. 0 or -errno: then nothing was kept. */
int new_file_keep(struct new_file *f);
/* Instead: as if nothing had been. */
void new_file_drop(struct new_file *f);

#endif
