/* SPDX-License-Identifier: GPL-2.0 */
#include "export/list.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "model/names.h"

#define NAME_WIDTH_MAX 48

static int written(FILE *out)
{
	/* a write that failed earlier left its errno behind, nothing else did since */
	if (fflush(out) || ferror(out))
		return errno ? -errno : -EIO;
	return 0;
}

static void write_row(FILE *out, const struct probe *p, int name_width, int module_width)
{
	char name[512], module[64], arg[8] = "-";

	printable(name, sizeof(name), p->name, strlen(p->name));
	printable(module, sizeof(module), p->module ? p->module : "-", 64);
	if (p->arg)
		snprintf(arg, sizeof(arg), "%u%s", p->arg, p->guessed ? "?" : "");
	fprintf(out, "%-*s %-*s %-9s %-9s %8d %3s  %s\n", name_width, name, module_width, module,
		layer_name(p->class.layer), category_name(p->class.category), p->class.priority, arg,
		probe_usable(p) ? "yes"
		: p->why	? p->why
				: "no");
}

int list_text(FILE *out, const struct probe_table *probes, const bool *show)
{
	int name_width = 8, module_width = 6;

	for (size_t i = 0; i < probes->n; i++) {
		const struct probe *p = &probes->v[i];
		size_t name, module;

		if (show && !show[i])
			continue;
		name = strlen(p->name);
		module = p->module ? strlen(p->module) : 1;
		if ((int)name > name_width && name <= NAME_WIDTH_MAX)
			name_width = (int)name;
		if ((int)module > module_width && module <= NAME_WIDTH_MAX)
			module_width = (int)module;
	}
	fprintf(out, "%-*s %-*s %-9s %-9s %8s %3s  %s\n", name_width, "function", module_width, "module",
		"layer", "category", "priority", "arg", "attachable");
	for (size_t i = 0; i < probes->n && !ferror(out); i++) {
		if (!show || show[i])
			write_row(out, &probes->v[i], name_width, module_width);
	}
	return written(out);
}

static json_t *text(const char *s)
{
	char buf[512];

	return json_string(printable(buf, sizeof(buf), s, strlen(s)));
}

static json_t *entry(const struct probe *p, bool enabled)
{
	json_t *o = json_object();

	json_object_set_new(o, "name", text(p->name));
	if (p->module)
		json_object_set_new(o, "module", text(p->module));
	json_object_set_new(o, "layer", json_string(layer_name(p->class.layer)));
	json_object_set_new(o, "category", json_string(category_name(p->class.category)));
	json_object_set_new(o, "priority", json_integer(p->class.priority));
	json_object_set_new(o, "enabled", json_boolean(enabled));
	if (p->arg)
		json_object_set_new(o, "arg", json_integer(p->arg));
	json_object_set_new(o, "attachable", json_boolean(probe_usable(p)));
	if (!probe_usable(p) && p->why)
		json_object_set_new(o, "why", text(p->why));
	return o;
}

/* One function a line: the file is made to be edited and compared by line. */
int list_json(FILE *out, const struct probe_table *probes, const bool *show, const bool *enabled)
{
	const char *separator = "\n";

	fprintf(out, "{\n  \"version\": 1,\n  \"description\": \"functions found by skbscope " VERSION
		     "\",\n  \"functions\": [");
	for (size_t i = 0; i < probes->n && !ferror(out); i++) {
		const struct probe *p = &probes->v[i];
		json_t *o;
		int err;

		if (show && !show[i])
			continue;
		o = entry(p, enabled ? enabled[i] : probe_usable(p));
		fprintf(out, "%s    ", separator);
		errno = 0;
		err = json_dumpf(o, out, 0) ? -(errno ? errno : ENOMEM) : 0;
		json_decref(o);
		if (err)
			return err;
		separator = ",\n";
	}
	fprintf(out, "\n  ]\n}\n");
	return written(out);
}
