/* SPDX-License-Identifier: GPL-2.0 */
#include "recording/about.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "model/names.h"

#define TEXT 4096u    /* bytes of a text */
#define REASONS 4096u /* names of a subsystem that are read */

/* JSON is UTF-8: what is not printable is replaced. */
static json_t *text_of(const char *s)
{
	char buf[TEXT];

	return s ? json_string(printable(buf, sizeof(buf), s, strlen(s))) : json_null();
}

static json_t *subsystems_of(const struct source_info *info)
{
	json_t *all = json_array();

	for (size_t no = 1; no < info->nsubsystems; no++) {
		const struct reason_list *list = atomic_load(&info->subsystems[no].list);
		json_t *one, *names;

		if (!info->subsystems[no].name)
			continue;
		one = json_object();
		names = json_array();
		json_object_set_new(one, "number", json_integer((json_int_t)no));
		json_object_set_new(one, "name", text_of(info->subsystems[no].name));
		for (size_t i = 0; list && i < list->n && i < REASONS; i++)
			json_array_append_new(names, text_of(list->name[i]));
		json_object_set_new(one, "reasons", names);
		json_array_append_new(all, one);
	}
	return all;
}

char *about_write(const struct about *about, size_t max, size_t *len)
{
	json_t *root = json_object(), *reasons = json_array();
	char *text;

	json_object_set_new(root, "host", text_of(about->info.host));
	json_object_set_new(root, "kernel", text_of(about->info.kernel));
	json_object_set_new(root, "backend", text_of(about->info.backend));
	json_object_set_new(root, "cpus", json_integer(about->info.cpus));
	json_object_set_new(root, "version", text_of(about->version));
	json_object_set_new(root, "options", text_of(about->options));
	json_object_set_new(root, "begun", json_integer((json_int_t)about->begun));
	json_object_set_new(root, "wall", json_integer(about->wall));
	json_object_set_new(root, "functions", json_integer(about->functions));
	json_object_set_new(root, "file", json_integer(about->file));
	for (size_t i = 0; i < about->info.nreasons && i < REASONS; i++)
		json_array_append_new(reasons, text_of(about->info.reasons[i]));
	json_object_set_new(root, "reasons", reasons);
	json_object_set_new(root, "subsystems", subsystems_of(&about->info));
	text = json_dumps(root, JSON_COMPACT);
	json_decref(root);
	*len = text ? strlen(text) : 0;
	if (*len > max) {
		free(text);
		text = NULL;
	}
	return text;
}

/* --- reading ------------------------------------------------------------------- */

struct about_read {
	struct about about;
	char host[256], kernel[256], backend[64], version[64], options[TEXT];
	char **names; /* of all reasons */
	size_t nnames;
	const char **core;
	struct reason_subsystem subsystems[REASON_SUBSYSTEMS];
	char subsystem_name[REASON_SUBSYSTEMS][64];
	struct reason_list *lists[REASON_SUBSYSTEMS];
};

static void copy_text(const json_t *root, const char *key, char *to, size_t size)
{
	const json_t *value = json_object_get(root, key);

	printable(to, size, json_is_string(value) ? json_string_value(value) : "",
		json_is_string(value) ? json_string_length(value) : 0);
}

static uint64_t number(const json_t *root, const char *key, uint64_t max)
{
	json_int_t n = json_integer_value(json_object_get(root, key));

	return n < 0 ? 0 : (uint64_t)n > max ? max : (uint64_t)n;
}

/* A printable copy that lives as long as all; NULL: a gap. */
static char *keep_name(struct about_read *r, const json_t *value)
{
	char buf[256], **more;

	if (!json_is_string(value))
		return NULL;
	printable(buf, sizeof(buf), json_string_value(value), json_string_length(value));
	more = realloc(r->names, (r->nnames + 1) * sizeof(*more));
	if (!more)
		return NULL;
	r->names = more;
	more[r->nnames] = strdup(buf);
	return more[r->nnames] ? more[r->nnames++] : NULL;
}

static void read_core(struct about_read *r, const json_t *list)
{
	size_t n = json_array_size(list);

	n = n > REASONS ? REASONS : n;
	r->core = calloc(n + 1, sizeof(*r->core));
	for (size_t i = 0; r->core && i < n; i++)
		r->core[i] = keep_name(r, json_array_get(list, i));
	r->about.info.reasons = r->core;
	r->about.info.nreasons = r->core ? n : 0;
}

static void read_subsystem(struct about_read *r, const json_t *one)
{
	uint64_t no = number(one, "number", UINT32_MAX);
	const json_t *names = json_object_get(one, "reasons");
	size_t n = json_array_size(names);

	if (!no || no >= REASON_SUBSYSTEMS || r->subsystems[no].name)
		return;
	copy_text(one, "name", r->subsystem_name[no], sizeof(r->subsystem_name[no]));
	r->subsystems[no].name = r->subsystem_name[no];
	n = n > REASONS ? REASONS : n;
	if (!n)
		return;
	r->lists[no] = calloc(1, sizeof(*r->lists[no]) + n * sizeof(r->lists[no]->name[0]));
	if (!r->lists[no])
		return;
	for (size_t i = 0; i < n; i++)
		r->lists[no]->name[i] = keep_name(r, json_array_get(names, i));
	r->lists[no]->n = n;
	atomic_store(&r->subsystems[no].list, r->lists[no]);
}

struct about_read *about_read(const char *text, size_t len)
{
	struct about_read *r = calloc(1, sizeof(*r));
	json_t *root, *list;
	size_t i;
	json_t *one;

	if (!r)
		return NULL;
	root = json_loadb(text, len, 0, NULL);
	copy_text(root, "host", r->host, sizeof(r->host));
	copy_text(root, "kernel", r->kernel, sizeof(r->kernel));
	copy_text(root, "backend", r->backend, sizeof(r->backend));
	copy_text(root, "version", r->version, sizeof(r->version));
	copy_text(root, "options", r->options, sizeof(r->options));
	r->about = (struct about){
		.info = { .host = r->host, .kernel = r->kernel, .backend = r->backend },
		.options = r->options,
		.version = r->version,
		.begun = number(root, "begun", INT64_MAX),
		.wall = (int64_t)number(root, "wall", INT64_MAX),
		.functions = (uint32_t)number(root, "functions", UINT16_MAX + 1u),
		.file = (uint32_t)number(root, "file", UINT32_MAX),
	};
	r->about.info.cpus = (unsigned int)number(root, "cpus", 1u << 16);
	read_core(r, json_object_get(root, "reasons"));
	list = json_object_get(root, "subsystems");
	json_array_foreach(list, i, one)
	{
		read_subsystem(r, one);
	}
	r->about.info.subsystems = r->subsystems;
	r->about.info.nsubsystems = REASON_SUBSYSTEMS;
	json_decref(root);
	return r;
}

const struct about *about_of(const struct about_read *read)
{
	return &read->about;
}

void about_free(struct about_read *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->nnames; i++)
		free(r->names[i]);
	for (size_t i = 0; i < REASON_SUBSYSTEMS; i++)
		free(r->lists[i]);
	free(r->names);
	free(r->core);
	free(r);
}
