/* SPDX-License-Identifier: GPL-2.0 */
#include "history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "model/names.h"

#define PATH_SIZE 4096
#define FILE_MAX ((size_t)HISTORY_MAX * PROMPT_MAX)

const char *history_path(const char *file, char *buf, size_t size)
{
	const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int len = 0;

	/* A relative path would depend on where the program was started: the standard has it ignored. */
	if (xdg && *xdg == '/')
		len = snprintf(buf, size, "%s/skbscope/%s", xdg, file);
	else if (home && *home == '/')
		len = snprintf(buf, size, "%s/.local/state/skbscope/%s", home, file);
	if (len <= 0 || (size_t)len >= size)
		buf[0] = '\0';
	return buf;
}

/* Text becomes the newest; one that is there already moves up. */
static void put_first(struct history *h, char *text)
{
	size_t i;

	for (i = 0; i < h->n && strcmp(h->v[i], text); i++)
		;
	if (i < h->n)
		free(h->v[i]);
	else if (h->n == HISTORY_MAX)
		free(h->v[--i]);
	else
		h->n++;
	memmove(h->v + 1, h->v, i * sizeof(h->v[0]));
	h->v[0] = text;
}

/* A line of the file. Somebody else may have written it: what could not have been typed is left out. */
static void take_line(struct history *h, const char *line, size_t len)
{
	char text[PROMPT_MAX], *copy;
	size_t i;

	if (!len || len >= sizeof(text) || h->n == HISTORY_MAX)
		return;
	printable(text, sizeof(text), line, len);
	if (strlen(text) != len || memcmp(text, line, len))
		return;
	for (i = 0; i < h->n; i++)
		if (!strcmp(h->v[i], text))
			return;
	copy = strdup(text);
	if (copy)
		h->v[h->n++] = copy;
}

static void load(struct history *h)
{
	char path[PATH_SIZE], *text;
	size_t len = 0, at, line;
	struct stat st;
	ssize_t n = 0;
	int fd;

	if (!history_path(h->file, path, sizeof(path))[0])
		return;
	/* Neither a pipe that nobody writes nor somebody else's link. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return;
	text = !fstat(fd, &st) && S_ISREG(st.st_mode) ? malloc(FILE_MAX) : NULL;
	while (text && len < FILE_MAX && (n = read(fd, text + len, FILE_MAX - len)) > 0)
		len += (size_t)n;
	close(fd);
	for (at = 0; at < len; at += line + 1) {
		const char *end = memchr(text + at, '\n', len - at);

		line = end ? (size_t)(end - text) - at : len - at;
		if (end || len < FILE_MAX) /* not a piece of a line */
			take_line(h, text + at, line);
	}
	free(text);
}

/* The folders above path, for this user alone. */
static int make_folders(char *path)
{
	char *slash;
	int ret = 0;

	for (slash = strchr(path + 1, '/'); slash && !ret; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0700) && errno != EEXIST && errno != EISDIR)
			ret = -errno;
		*slash = '/';
	}
	return ret;
}

/* All of it or none: a new file takes the place of the old one. */
static int save(const struct history *h)
{
	char path[PATH_SIZE], temp[PATH_SIZE + 16];
	struct strbuf sb = STRBUF_INIT;
	int ret, fd;
	size_t i;

	if (!history_path(h->file, path, sizeof(path))[0])
		return -ENOENT;
	ret = make_folders(path);
	if (ret)
		return ret;
	for (i = 0; i < h->n; i++)
		strbuf_addf(&sb, "%s\n", h->v[i]);
	if (sb.failed) {
		strbuf_fini(&sb);
		return -ENOMEM;
	}
	snprintf(temp, sizeof(temp), "%s.XXXXXX", path);
	fd = mkostemp(temp, O_CLOEXEC); /* 0600 */
	if (fd < 0) {
		ret = -errno;
		strbuf_fini(&sb);
		return ret;
	}
	errno = ENOSPC; /* of a short write */
	if (write(fd, strbuf_str(&sb), sb.len) != (ssize_t)sb.len)
		ret = -errno;
	if (close(fd) && !ret)
		ret = -errno;
	if (!ret && rename(temp, path))
		ret = -errno;
	if (ret)
		unlink(temp);
	strbuf_fini(&sb);
	return ret;
}

void history_init(struct history *h, const char *file)
{
	memset(h, 0, sizeof(*h));
	h->file = file;
	if (file)
		load(h);
}

void history_fini(struct history *h)
{
	size_t i;

	for (i = 0; i < h->n; i++)
		free(h->v[i]);
	free(h->draft);
	memset(h, 0, sizeof(*h));
}

int history_add(struct history *h, const char *text)
{
	char *copy;
	int ret;

	if (!text[0] || strlen(text) >= PROMPT_MAX)
		return 0;
	copy = strdup(text);
	if (!copy)
		return 0;
	put_first(h, copy);
	ret = h->file ? save(h) : 0;
	if (!ret || h->kept_said)
		return 0;
	h->kept_said = true;
	return ret;
}

void history_begin(struct history *h)
{
	h->at = 0;
}

void history_step(struct history *h, struct prompt *prompt, int step)
{
	size_t to = h->at;

	if (!h->at) {
		free(h->draft);
		h->draft = strdup(prompt->text);
		/* The text that the prompt began with is often the newest: one Up shall show another. */
		if (step > 0 && h->n && !strcmp(h->v[0], prompt->text))
			to++;
	}
	if (step > 0 ? to >= h->n : !h->at)
		return;
	to = step > 0 ? to + 1 : to - 1;
	/* Back over the one that was skipped. */
	if (step < 0 && to == 1 && h->draft && !strcmp(h->v[0], h->draft))
		to = 0;
	h->at = to;
	prompt_set(prompt, to ? h->v[to - 1] : h->draft ? h->draft : "");
}
