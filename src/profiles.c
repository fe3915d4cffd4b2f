/* SPDX-License-Identifier: GPL-2.0 */
#include "profiles.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "datadir.h"

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
#define OWN_MAX 100 /* that are listed */

static const struct {
	const char *name, *text;
} shipped[] = {
#include "profiles.inc"
};

#define SHIPPED (sizeof(shipped) / sizeof(shipped[0]))

bool settings_path(const char *file, char *buf, size_t size)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	int n = -1;

	if (xdg && *xdg == '/')
		n = snprintf(buf, size, "%s/skbscope/%s", xdg, file);
	else if (home && *home == '/')
		n = snprintf(buf, size, "%s/.config/skbscope/%s", home, file);
	return n >= 0 && (size_t)n < size;
}

static bool is_name(const char *name, size_t len)
{
	return len && len < 64 && strspn(name, NAME_CHARACTERS) >= len;
}

const char *profile_name(size_t i)
{
	return i < SHIPPED ? shipped[i].name : NULL;
}

static int read_shipped(struct conf *conf, const char *name, char *err, size_t err_size)
{
	char path[128];

	for (size_t i = 0; i < SHIPPED; i++) {
		if (strcmp(shipped[i].name, name))
			continue;
		snprintf(path, sizeof(path), "profiles/%s.conf", name);
		return conf_parse(conf, path, shipped[i].text, strlen(shipped[i].text), err, err_size);
	}
	return -ENOENT;
}

static int refuse(const char *name, char *err, size_t err_size)
{
	struct strbuf names = STRBUF_INIT;
	struct nearest near = NEAREST_INIT(name);

	for (size_t i = 0; i < SHIPPED; i++)
		nearest_try(&near, shipped[i].name);
	profile_names(&names);
	if (nearest_name(&near))
		snprintf(err, err_size, "profile \"%s\": not found (did you mean %s?)", name,
			nearest_name(&near));
	else
		snprintf(err, err_size, "profile \"%s\": not found (there are %s)", name, strbuf_str(&names));
	strbuf_fini(&names);
	return -ENOENT;
}

int profile_read(struct conf *conf, const char *name, char *err, size_t err_size)
{
	char file[128], path[4096];
	int ret = -ENOENT;

	*conf = (struct conf){ 0 };
	if (!is_name(name, strlen(name))) {
		snprintf(err, err_size, "profile \"%s\": a name has letters, digits, - and _ only", name);
		return -EINVAL;
	}
	snprintf(file, sizeof(file), "profiles/%s.conf", name);
	if (settings_path(file, path, sizeof(path)))
		ret = conf_read(conf, path, err, err_size);
	if (ret == -ENOENT) {
		snprintf(path, sizeof(path), "%s/%s", DATADIR, file);
		ret = conf_read(conf, path, err, err_size);
	}
	if (ret == -ENOENT)
		ret = read_shipped(conf, name, err, err_size);
	return ret == -ENOENT ? refuse(name, err, err_size) : ret;
}

const char *profile_description(size_t i, char *buf, size_t size)
{
	struct conf conf;
	char err[200];

	buf[0] = '\0';
	if (i >= SHIPPED || read_shipped(&conf, shipped[i].name, err, sizeof(err)))
		return buf;
	for (size_t k = 0; k < conf.n; k++) {
		const struct conf_entry *e = &conf.v[k];

		if (e->name && !strcmp(e->section, "profile") && !strcmp(e->name, "description"))
			snprintf(buf, size, "%s", e->value);
	}
	conf_free(&conf);
	return buf;
}

/* "x.conf" in the user's folder. */
static int is_own(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	if (len < 6 || strcmp(entry->d_name + len - 5, ".conf") || !is_name(entry->d_name, len - 5))
		return 0;
	for (size_t i = 0; i < SHIPPED; i++) {
		if (strlen(shipped[i].name) == len - 5 && !strncmp(shipped[i].name, entry->d_name, len - 5))
			return 0;
	}
	return 1;
}

void profile_names(struct strbuf *out)
{
	struct dirent **own = NULL;
	char path[4096];
	int n = -1;

	for (size_t i = 0; i < SHIPPED; i++)
		strbuf_addf(out, "%s%s", i ? ", " : "", shipped[i].name);
	if (settings_path("profiles", path, sizeof(path)))
		n = scandir(path, &own, is_own, alphasort);
	for (int i = 0; i < n; i++) {
		if (i < OWN_MAX)
			strbuf_addf(out, ", %.*s", (int)strlen(own[i]->d_name) - 5, own[i]->d_name);
		free(own[i]);
	}
	free(own);
}
