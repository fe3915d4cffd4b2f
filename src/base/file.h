/* SPDX-License-Identifier: GPL-2.0 */
/* Whole files, as those of /proc and /sys whose size is not known beforehand. */
#ifndef SKBSCOPE_BASE_FILE_H
#define SKBSCOPE_BASE_FILE_H

#include <stddef.h>

/* Reads path whole; *buf (free it) ends with a NUL that *len does not count. 0 or -errno. */
int file_read(const char *path, char **buf, size_t *len);

/* The first line into line, without its newline. 0 or -errno. */
int file_read_line(const char *path, char *line, size_t size);

/* Writes text in one write(2). 0 or -errno. */
int file_write(const char *path, const char *text, size_t len);

#endif
