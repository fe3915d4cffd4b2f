/* SPDX-License-Identifier: GPL-2.0 */
/* A file of settings: what is taken must come back from a dump, and what is not in one printable line. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "settings.h"
#include "trace/attach/attach.h"
#include "tui/screen_config.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In place of what needs a kernel, or a screen. */
const struct attach_ops *attach_by_name(const char *name)
{
	return strcmp(name, "kprobe") ? NULL : (const struct attach_ops *)name;
}

const char *attach_names(void)
{
	return "auto, kprobe";
}

const struct column flows_columns[] = { { "p", "proto" }, { "c", "client" }, { "", NULL } };
const int flows_ncolumns = 3;
const struct column functions_columns[] = { { "", NULL }, { "f", "function" }, { "h", "hits" } };
const int functions_ncolumns = 3;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	/* nothing of the user's own is looked at */
	unsetenv("HOME");
	unsetenv("XDG_CONFIG_HOME");
	return 0;
}

static void check_message(const char *err)
{
	size_t len = strlen(err), n;
	uint32_t cp;

	if (!len)
		abort();
	for (; len; err += n, len -= n) {
		n = utf8_decode(err, len, &cp);
		if (!n || !utf8_printable(cp))
			abort();
	}
}

/* The options that a text makes; false: it was refused. */
static bool take(struct options *o, struct conf *conf, const char *text, size_t len)
{
	settings_given given = 0;
	char err[512] = "";

	options_defaults(o);
	o->no_config = true;
	if (settings_load(o, err, sizeof(err)))
		abort();
	if (!conf_parse(conf, "f", text, len, err, sizeof(err)) &&
		!settings_apply(o, conf, true, &given, err, sizeof(err)))
		return true;
	check_message(err);
	conf_free(conf);
	options_fini(o);
	return false;
}

static char *dump(struct options *o, size_t *len)
{
	char *text = NULL, err[512];
	FILE *f = open_memstream(&text, len);
	bool ok;

	o->theme = NULL; /* a path: no business of this test */
	ok = f && !settings_dump(o, f, err, sizeof(err));
	if (f)
		fclose(f);
	if (ok)
		return text;
	free(text);
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf conf = { 0 }, again = { 0 };
	char *first, *second = NULL;
	struct options o, back;
	size_t len;

	if (!take(&o, &conf, (const char *)data, size))
		return 0;
	first = dump(&o, &len);
	if (first) {
		if (!take(&back, &again, first, len))
			abort();
		second = dump(&back, &len);
		if (!second || strcmp(first, second))
			abort();
		conf_free(&again);
		options_fini(&back);
	}
	free(first);
	free(second);
	conf_free(&conf);
	options_fini(&o);
	return 0;
}
