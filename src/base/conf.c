/* SPDX-License-Identifier: GPL-2.0 */
#include "base/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"

/*
 * What inih must not see in a value: its own comment sign, and the ends of a piece
 * of a line that is longer than it takes. No text holds these bytes: it is checked.
 */
#define SEMICOLON '\001'
#define CUT '\002'

#define NAME_LENGTH 48 /* inih cuts longer ones */

struct reading {
	struct conf *conf;
	const char *text; /* what is left */
	size_t len;
	const char *rest; /* of a long line */
	size_t rest_len;
	unsigned int line;
	const char *section;
	int error;
	char *err;
	size_t err_size;
};

int conf_wrong(const struct conf *conf, unsigned int line, char *err, size_t err_size, const char *fmt, ...)
{
	char what[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	snprintf(err, err_size, "%s:%u: %s", conf->path, line, what);
	return -EINVAL;
}

static bool fail(struct reading *r, int error)
{
	if (!r->error)
		r->error = error;
	return false;
}

#define refuse(r, ...) fail(r, conf_wrong((r)->conf, (r)->line, (r)->err, (r)->err_size, __VA_ARGS__))

static bool add(struct reading *r, const char *section, const char *name, const char *value)
{
	struct conf *c = r->conf;
	struct conf_entry *more, e = { .section = section, .line = r->line };
	size_t cap = c->cap ? 2 * c->cap : 64;

	if (c->n == CONF_ENTRIES_MAX)
		return refuse(r, "more than %d lines: nobody needs so many", CONF_ENTRIES_MAX);
	if (c->n == c->cap) {
		more = realloc(c->v, cap * sizeof(*more));
		if (!more)
			return fail(r, -ENOMEM);
		c->v = more;
		c->cap = cap;
	}
	e.name = name ? strdup(name) : NULL;
	e.value = value ? strdup(value) : NULL;
	if ((name && !e.name) || (value && !e.value)) {
		free((char *)e.name);
		free(e.value);
		return fail(r, -ENOMEM);
	}
	c->v[c->n++] = e;
	return true;
}

/* inih does not tell of a section in which nothing stands, and cuts long names. */
static bool take_section(struct reading *r, const char *line, size_t len)
{
	const char *end = memchr(line, ']', len);
	char *name;

	if (!end || end == line + 1)
		return refuse(r, "a section is written [name]");
	for (const char *p = end + 1; p < line + len; p++) {
		if (*p != ' ' && *p != '\t')
			return refuse(r, "nothing may stand behind [section]");
	}
	name = strndup(line + 1, (size_t)(end - line) - 1);
	if (!name)
		return fail(r, -ENOMEM);
	for (char *tab = name; (tab = strchr(tab, '\t'));)
		*tab = ' ';
	/* the entry of the section owns its name, those that follow borrow it */
	if (!add(r, name, NULL, NULL)) {
		free(name);
		return false;
	}
	r->section = name;
	return true;
}

static bool check_bytes(struct reading *r, const char *line, size_t len)
{
	uint32_t cp;
	size_t n;

	if (len > CONF_LINE_MAX)
		return refuse(r, "%zu bytes, at most %d", len, CONF_LINE_MAX);
	for (; len; line += n, len -= n) {
		n = *line == '\t' ? 1 : utf8_decode(line, len, &cp);
		if (!n || (*line != '\t' && !utf8_printable(cp)))
			return refuse(r, "control characters or broken UTF-8");
	}
	return true;
}

/* What inih would say with a line number of its own, and what it would not say. */
static bool check_name(struct reading *r, const char *line, size_t len)
{
	size_t n = 0;

	while (n < len && line[n] != '=' && line[n] != ':')
		n++;
	if (!n || n == len)
		return refuse(r, "neither [section] nor name = value");
	if (n >= NAME_LENGTH)
		return refuse(r, "no name has %zu bytes", n);
	return true;
}

/* A piece of a line into buf: what is left of a long one is a continuation for inih. */
static char *give(struct reading *r, char *buf, size_t room, bool more)
{
	size_t n = r->rest_len, at = 0;
	bool cut;

	if (more) {
		buf[at++] = ' ';
		buf[at++] = CUT;
	}
	cut = n > room - 5;
	if (cut)
		n = room - 5;
	for (size_t i = 0; i < n; i++)
		buf[at++] = r->rest[i] == ';' && (i || more) ? SEMICOLON
			    : r->rest[i] == '\t'	     ? ' '
							     : r->rest[i];
	if (cut)
		buf[at++] = CUT;
	buf[at++] = '\n';
	buf[at] = '\0';
	r->rest += n;
	r->rest_len -= n;
	return buf;
}

/* One line for inih, without the blanks before it. NULL: no more. */
static char *next_line(char *buf, int room, void *ctx)
{
	struct reading *r = ctx;
	const char *line = r->text, *end;
	size_t len;

	if (r->error || room < 64)
		return NULL;
	if (r->rest_len)
		return give(r, buf, (size_t)room, true);
	if (!r->len)
		return NULL;
	end = memchr(line, '\n', r->len);
	len = end ? (size_t)(end - line) : r->len;
	r->text += len + !!end;
	r->len -= len + !!end;
	r->line++;
	if (len && line[len - 1] == '\r')
		len--;
	for (; len && (*line == ' ' || *line == '\t'); len--)
		line++;
	if (!check_bytes(r, line, len) || (len && *line == '[' && !take_section(r, line, len)))
		return NULL;
	/* comments and sections are dealt with */
	if (len && strchr("#;[", *line))
		len = 0;
	if (len && !check_name(r, line, len))
		return NULL;
	r->rest = line;
	r->rest_len = len;
	return len ? give(r, buf, (size_t)room, false) : strcpy(buf, "\n");
}

/* Where the piece goes that inih calls a continuation. */
static bool append(struct reading *r, const char *value)
{
	struct conf_entry *e = r->conf->n ? &r->conf->v[r->conf->n - 1] : NULL;
	char *whole;

	if (!e || !e->value || asprintf(&whole, "%s%s", e->value, value) < 0)
		return fail(r, -ENOMEM);
	free(e->value);
	e->value = whole;
	return true;
}

/* With its semicolons again, without the ends of pieces. */
static void restore(char *to, size_t size, const char *from)
{
	size_t n = 0;

	for (; *from && n < size - 1; from++) {
		if (*from != CUT)
			to[n++] = *from == SEMICOLON ? ';' : *from;
	}
	to[n] = '\0';
}

static int take(void *ctx, const char *section, const char *name, const char *value)
{
	struct reading *r = ctx;
	char plain[CONF_LINE_MAX], plain_name[NAME_LENGTH + 1];

	if (r->error)
		return 0;
	restore(plain, sizeof(plain), value);
	restore(plain_name, sizeof(plain_name), name);
	if (*value == CUT)
		return append(r, plain);
	for (size_t i = 0; i < r->conf->n; i++) {
		const struct conf_entry *e = &r->conf->v[i];

		if (e->name && !strcmp(e->name, plain_name) && !strcmp(e->section, r->section))
			return refuse(r, "\"%s\" is given twice, in line %u too", plain_name, e->line);
	}
	return add(r, r->section, plain_name, plain);
}

int conf_parse(struct conf *conf, const char *path, const char *text, size_t len, char *err, size_t err_size)
{
	struct reading r = {
		.conf = conf, .text = text, .len = len, .section = "", .err = err, .err_size = err_size
	};

	/* what some editors begin UTF-8 with */
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		r.text += 3;
		r.len -= 3;
	}
	*conf = (struct conf){ .path = strdup(path) };
	if (!conf->path)
		return -ENOMEM;
	if (ini_parse_stream(next_line, &r, take, &r) && !r.error)
		r.error = conf_wrong(conf, r.line, err, err_size, "neither [section] nor name = value");
	if (!r.error)
		return 0;
	if (r.error == -ENOMEM)
		snprintf(err, err_size, "%s: no memory", path);
	conf_free(conf);
	return r.error;
}

void conf_free(struct conf *conf)
{
	for (size_t i = 0; i < conf->n; i++) {
		if (!conf->v[i].name)
			free((char *)conf->v[i].section);
		free((char *)conf->v[i].name);
		free(conf->v[i].value);
	}
	free(conf->v);
	free(conf->path);
	*conf = (struct conf){ 0 };
}

/* What of an open file speaks against trusting it; NULL: nothing. */
static const char *distrust(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "not a regular file";
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return "belongs to another user: chown it, or start with --no-config";
	if (st.st_mode & S_IWOTH)
		return "everybody may write to it: chmod o-w, or start with --no-config";
	if (st.st_size > CONF_FILE_MAX)
		return "larger than 1 MiB";
	return NULL;
}

int conf_read(struct conf *conf, const char *path, char *err, size_t err_size)
{
	/* a FIFO that nobody writes to must not be waited for */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), ret = -EINVAL;
	const char *why;
	size_t n = 0;
	ssize_t got;
	char *text;

	*conf = (struct conf){ 0 };
	*err = '\0';
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return -ENOENT;
	text = fd < 0 ? NULL : malloc(CONF_FILE_MAX + 1);
	why = fd < 0 ? strerror(errno) : text ? distrust(fd) : "no memory";
	while (!why && n <= CONF_FILE_MAX) {
		got = read(fd, text + n, CONF_FILE_MAX + 1 - n);
		if (got < 0 && errno != EINTR)
			why = strerror(errno);
		if (!got)
			break;
		n += got > 0 ? (size_t)got : 0;
	}
	if (!why && n > CONF_FILE_MAX)
		why = "larger than 1 MiB";
	if (why)
		snprintf(err, err_size, "%s: %s", path, why);
	else
		ret = conf_parse(conf, path, text, n, err, err_size);
	free(text);
	if (fd >= 0)
		close(fd);
	return ret;
}
