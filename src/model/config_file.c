/* SPDX-License-Identifier: GPL-2.0 */
#include "model/config_file.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/layers.h"
#include "model/names.h"

#define NAME_MAX_LEN 511 /* KSYM_NAME_LEN less the NUL */

/* Where messages go, and about which file and entry. */
struct report {
	const char *path;
	long entry; /* -1: the file as a whole */
	char *err;
	size_t size;
};

/* Path and content are someone else's: they are shown without control characters. */
__attribute__((format(printf, 2, 3))) static int refuse(const struct report *r, const char *fmt, ...)
{
	char where[600], what[400], line[1024];
	va_list ap;

	if (r->entry < 0)
		snprintf(where, sizeof(where), "%.500s", r->path);
	else
		snprintf(where, sizeof(where), "%.500s: functions[%ld]", r->path, r->entry);
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	snprintf(line, sizeof(line), "%s%s", where, what);
	printable(r->err, r->size, line, sizeof(line));
	return -EINVAL;
}

/* The whole file, at most CONFIG_FILE_MAX bytes. */
static int load(const struct report *r, char **text, size_t *len)
{
	FILE *in = fopen(r->path, "re");
	size_t cap = 0, n = 0;
	char *buf = NULL;
	int err = 0;

	if (!in) {
		err = -errno;
		goto out;
	}
	for (;;) {
		size_t got;

		if (n == cap) {
			char *bigger = realloc(buf, cap ? cap * 2 : 65536);

			if (!bigger) {
				err = -ENOMEM;
				goto out;
			}
			buf = bigger;
			cap = cap ? cap * 2 : 65536;
		}
		errno = 0;
		got = fread(buf + n, 1, cap - n, in);
		n += got;
		if (n > CONFIG_FILE_MAX) {
			err = -EFBIG;
			goto out;
		}
		if (!got) {
			err = ferror(in) ? -(errno ? errno : EIO) : 0;
			break;
		}
	}
	*text = buf;
	*len = n;
out:
	if (in)
		fclose(in);
	if (err) {
		free(buf);
		if (err == -EFBIG)
			refuse(r, ": larger than %u MiB", CONFIG_FILE_MAX >> 20);
		else
			refuse(r, ": %s", strerror(-err));
	}
	return err;
}

/* A kernel symbol; anything else could not be attached and would end in messages. */
static bool is_symbol(const char *s, size_t len)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$-";

	return len && len <= NAME_MAX_LEN && strspn(s, allowed) == len;
}

static int read_symbol(const struct report *r, const json_t *entry, const char *key, bool needed, char **out)
{
	const json_t *value = json_object_get(entry, key);

	if (!value)
		return needed ? refuse(r, ": \"%s\" is missing", key) : 0;
	if (!json_is_string(value))
		return refuse(r, ": \"%s\" must be a string", key);
	if (!is_symbol(json_string_value(value), json_string_length(value)))
		return refuse(
			r, ": \"%s\": \"%.60s\" is not a name in the kernel", key, json_string_value(value));
	*out = strdup(json_string_value(value));
	if (!*out) {
		refuse(r, ": %s", strerror(ENOMEM));
		return -ENOMEM;
	}
	return 0;
}

static int read_word(const struct report *r, const json_t *entry, const char *key,
	int (*by_name)(const char *, size_t), const char *known, int *out)
{
	const json_t *value = json_object_get(entry, key);

	*out = -1;
	if (!value)
		return 0;
	if (!json_is_string(value))
		return refuse(r, ": \"%s\" must be a string", key);
	*out = by_name(json_string_value(value), json_string_length(value));
	if (*out < 0)
		return refuse(
			r, ": no %s \"%.60s\" (there are %.260s)", key, json_string_value(value), known);
	return 0;
}

static int read_entry(struct report *r, const json_t *entry, struct config_entry *out)
{
	const json_t *value;
	int err;

	if (!json_is_object(entry))
		return refuse(r, ": must be an object");
	err = read_symbol(r, entry, "name", true, &out->name);
	if (!err)
		err = read_symbol(r, entry, "module", false, &out->module);
	if (!err)
		err = read_word(r, entry, "layer", layer_by_name, layer_names(), &out->layer);
	if (!err)
		err = read_word(r, entry, "category", category_by_name, category_names(), &out->category);
	if (err)
		return err;

	out->priority = -1;
	value = json_object_get(entry, "priority");
	if (value) {
		if (!json_is_integer(value) || json_integer_value(value) < 0 ||
			json_integer_value(value) > PRIORITY_MAX)
			return refuse(r, ": \"priority\" must be a number from 0 to %d", PRIORITY_MAX);
		out->priority = (int)json_integer_value(value);
	}
	out->enabled = true;
	value = json_object_get(entry, "enabled");
	if (value) {
		if (!json_is_boolean(value))
			return refuse(r, ": \"enabled\" must be true or false");
		out->enabled = json_is_true(value);
	}
	return 0;
}

static int read_root(struct report *r, const json_t *root, struct config_file *out)
{
	const json_t *version, *functions;
	size_t n;

	if (!json_is_object(root))
		return refuse(r, ": must be an object with \"functions\"");
	version = json_object_get(root, "version");
	if (version && (!json_is_integer(version) || json_integer_value(version) != 1))
		return refuse(r, ": \"version\" must be 1");
	functions = json_object_get(root, "functions");
	if (!json_is_array(functions))
		return refuse(r, ": \"functions\" must be a list");
	n = json_array_size(functions);
	out->v = calloc(n + 1, sizeof(*out->v));
	if (!out->v) {
		refuse(r, ": %s", strerror(ENOMEM));
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		int err;

		r->entry = (long)i;
		out->n = i + 1; /* so that a half-read entry is freed, too */
		err = read_entry(r, json_array_get(functions, i), &out->v[i]);
		if (err)
			return err;
	}
	return 0;
}

int config_read(const char *path, struct config_file *out, char *err, size_t errsize)
{
	struct report r = { .path = path, .entry = -1, .err = err, .size = errsize };
	json_error_t where;
	char *text = NULL;
	size_t len = 0;
	json_t *root;
	int ret;

	memset(out, 0, sizeof(*out));
	if (errsize)
		err[0] = '\0';
	ret = load(&r, &text, &len);
	if (ret)
		return ret;
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &where);
	free(text);
	if (!root)
		return refuse(&r, ":%d:%d: %s", where.line, where.column, where.text);
	ret = read_root(&r, root, out);
	json_decref(root);
	if (ret)
		config_free(out);
	return ret;
}

void config_free(struct config_file *config)
{
	for (size_t i = 0; i < config->n; i++) {
		free(config->v[i].name);
		free(config->v[i].module);
	}
	free(config->v);
	memset(config, 0, sizeof(*config));
}
