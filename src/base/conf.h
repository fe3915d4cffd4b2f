/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file of settings: "[section]" and "name = value", each on a line of its own
 * (inih). Lines that begin with # or ; are comments; there are none behind a value.
 */
#ifndef SKBSCOPE_BASE_CONF_H
#define SKBSCOPE_BASE_CONF_H

#include <stddef.h>

#define CONF_FILE_MAX (1 << 20) /* bytes */
#define CONF_LINE_MAX 8192	/* bytes */
#define CONF_ENTRIES_MAX 1000

/* Text of it is printable UTF-8: a tab has become a blank. */
struct conf_entry {
	const char *section; /* "": before the first one */
	const char *name;    /* NULL: the line of the section itself */
	char *value;	     /* without blanks around it; may be "" */
	unsigned int line;   /* from 1 */
};

struct conf {
	char *path; /* for messages, printable */
	struct conf_entry *v;
	size_t n, cap;
};

/* Text of len bytes, path is for messages. 0, or -errno with "path:line: what" in err and nothing to free. */
int conf_parse(struct conf *conf, const char *path, const char *text, size_t len, char *err, size_t err_size);

/*
 * The same with a file: a regular one of this user or of root, that not everybody
 * may write to. -ENOENT without a line in err: it is not there.
 */
int conf_read(struct conf *conf, const char *path, char *err, size_t err_size);

void conf_free(struct conf *conf);

/* "path:line: what" in err; always -EINVAL. */
__attribute__((format(printf, 5, 6))) int conf_wrong(
	const struct conf *conf, unsigned int line, char *err, size_t err_size, const char *fmt, ...);

#endif
