/* SPDX-License-Identifier: GPL-2.0 */
#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/strbuf.h"
#include "model/names.h"
#include "options_table.h"
#include "profiles.h"
#include "tui/screen_config.h"

#define GIVEN_FILTER (1ull << 63)
#define WHAT_MAX 320

/* One file on its way into the options. */
struct applying {
	struct options *options;
	const struct conf *conf;
	struct packet_filter filter; /* what this file says of it */
	bool is_profile;
	settings_given given;
	char *err;
	size_t err_size;
};

#define wrong(a, e, ...) conf_wrong((a)->conf, (e)->line, (a)->err, (a)->err_size, __VA_ARGS__)

/* --- [options] ------------------------------------------------------------------ */

static int refuse_name(struct applying *a, const struct conf_entry *e)
{
	struct nearest near = NEAREST_INIT(e->name);

	nearest_try(&near, "filter");
	for (const struct option_row *row = option_rows; row->name; row++) {
		if (!row->once)
			nearest_try(&near, row->name);
	}
	if (nearest_name(&near))
		return wrong(a, e, "%s: no such option (did you mean %s?)", e->name, nearest_name(&near));
	return wrong(a, e, "%s: no such option (skbscope --dump-config lists them)", e->name);
}

/* "IPv4, TCP": people write blanks in a list, the command line has none. */
static void squeeze(char *list)
{
	char *to = list;

	for (const char *p = list; *p; p++) {
		if (*p != ' ' && *p != '\t')
			*to++ = *p;
	}
	*to = '\0';
}

static int set_flag(struct applying *a, const struct conf_entry *e, const struct option_row *row)
{
	return option_set_flag(a->options, row, e->value)
		       ? wrong(a, e, "%s = %s: yes or no", e->name, e->value)
		       : 0;
}

static int set_filter(struct applying *a, const struct conf_entry *e)
{
	struct packet_filter filter;
	char what[WHAT_MAX];

	if (packet_filter_parse(&filter, e->value, what, sizeof(what)))
		return wrong(a, e, "filter: %s", what);
	packet_filter_merge(&a->filter, &filter);
	a->given |= GIVEN_FILTER;
	return 0;
}

static int set_profile(struct applying *a, const struct conf_entry *e)
{
	if (a->is_profile)
		return wrong(a, e, "a profile cannot name another one");
	if (!a->options->profile) /* the command line has spoken */
		a->options->profile = e->value;
	return 0;
}

static int set_option(struct applying *a, const struct conf_entry *e)
{
	const struct option_row *row = option_row(e->name);
	char what[WHAT_MAX];

	if (!strcmp(e->name, "filter"))
		return set_filter(a, e);
	if (!row || !row->commands)
		return refuse_name(a, e);
	if (row->once)
		return wrong(a, e, "%s: only on the command line, for one run", e->name);
	if (!e->value[0])
		return wrong(a, e, "%s: needs a value", e->name);
	if (!strcmp(e->name, "profile"))
		return set_profile(a, e);
	a->given |= 1ull << (row - option_rows);
	if (!row->arg)
		return set_flag(a, e, row);
	if (strstr(row->arg, ",..."))
		squeeze(e->value);
	if (!option_set(a->options, &a->filter, row, e->value, what, sizeof(what)))
		return 0;
	return wrong(a, e, "%s", what + (strncmp(what, "--", 2) ? 0 : 2));
}

/* --- files ---------------------------------------------------------------------- */

static int refuse_section(struct applying *a, const struct conf_entry *e)
{
	static const char *const sections[] = { "options", "columns", "keys", "theme", "profile" };
	struct nearest near = NEAREST_INIT(e->section);

	if (!e->section[0])
		return wrong(a, e, "%s stands before the first [section]", e->name);
	if (!strcmp(e->section, "profile"))
		return wrong(a, e, "[profile] belongs into the file of a profile");
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		nearest_try(&near, sections[i]);
	if (nearest_name(&near))
		return wrong(
			a, e, "[%s]: no such section (did you mean [%s]?)", e->section, nearest_name(&near));
	return wrong(
		a, e, "[%s]: no such section (there are [options], [columns], [keys], [theme])", e->section);
}

static int apply_entry(struct applying *a, const struct conf_entry *e)
{
	char what[WHAT_MAX];

	if (!strcmp(e->section, "options"))
		return e->name ? set_option(a, e) : 0;
	if (screen_config_has(e->section)) {
		if (!e->name)
			return 0;
		if (!screen_config_set(
			    a->options->settings->screen, e->section, e->name, e->value, what, sizeof(what)))
			return 0;
		return wrong(a, e, "%s", what);
	}
	if (!a->is_profile || strcmp(e->section, "profile"))
		return refuse_section(a, e);
	if (e->name && strcmp(e->name, "description"))
		return wrong(a, e, "%s: [profile] has only description", e->name);
	return 0;
}

/* Which line made a key mean two things: the last one that names one of the actions. */
static int refuse_clash(struct applying *a, const enum action clash[2], const char *what)
{
	const struct conf_entry none = { .line = 0 }, *at = &none;

	for (size_t i = 0; i < a->conf->n; i++) {
		const struct conf_entry *e = &a->conf->v[i];
		const char *dot = e->name ? strchr(e->name, '.') : NULL;
		const char *name = dot ? dot + 1 : e->name;

		if (name && !strcmp(e->section, "keys") &&
			(!strcmp(name, action_name(clash[0])) || !strcmp(name, action_name(clash[1]))))
			at = e;
	}
	return wrong(a, at, "%s", what);
}

static int apply_all(struct applying *a, settings_given *given)
{
	enum action clash[2];
	char what[WHAT_MAX];
	int ret;

	for (size_t i = 0; i < a->conf->n; i++) {
		ret = apply_entry(a, &a->conf->v[i]);
		if (ret)
			return ret;
	}
	packet_filter_merge(&a->options->filter, &a->filter);
	settings_settle(a->options, *given, a->given);
	*given |= a->given;
	if (screen_config_check(a->options->settings->screen, clash, what, sizeof(what)))
		return refuse_clash(a, clash, what);
	return 0;
}

int settings_apply(struct options *options, const struct conf *conf, bool is_profile, settings_given *given,
	char *err, size_t err_size)
{
	char line[1024];
	struct applying a = { .options = options,
		.conf = conf,
		.is_profile = is_profile,
		.err = line,
		.err_size = sizeof(line) };
	int ret = apply_all(&a, given);

	/* what it quotes may have been cut in a character */
	if (ret)
		printable(err, err_size, line, sizeof(line));
	return ret;
}

void settings_settle(struct options *options, settings_given before, settings_given later)
{
	settings_given priority = 1ull << (option_row("priority") - option_rows);
	settings_given config = 1ull << (option_row("config") - option_rows);

	if (later & config && before & priority && !(later & priority))
		options->priority_given = false;
}

static int new_settings(struct options *options, char *err, size_t err_size)
{
	struct settings *s = calloc(1, sizeof(*s));

	if (s)
		s->screen = screen_config_new();
	options->settings = s;
	if (s && s->screen)
		return 0;
	snprintf(err, err_size, "no memory");
	return -ENOMEM;
}

static int load_profile(struct options *options, settings_given *given, char *err, size_t err_size)
{
	struct settings *s = options->settings;
	int ret;

	if (!options->profile || !strcmp(options->profile, "none"))
		return 0;
	ret = profile_read(&s->profile, options->profile, err, err_size);
	return ret ? ret : settings_apply(options, &s->profile, true, given, err, err_size);
}

int settings_load(struct options *options, char *err, size_t err_size)
{
	struct strbuf names = STRBUF_INIT;
	settings_given given = 0;
	char path[4096];
	int ret = new_settings(options, err, err_size);

	if (!ret && !options->no_config && settings_path("skbscope.conf", path, sizeof(path))) {
		ret = conf_read(&options->settings->file, path, err, err_size);
		if (!ret)
			ret = settings_apply(options, &options->settings->file, false, &given, err, err_size);
		ret = ret == -ENOENT ? 0 : ret;
	}
	if (!ret)
		ret = load_profile(options, &given, err, err_size);
	if (!ret) {
		profile_names(&names);
		options->settings->given = given;
		options->settings->names = names.s;
		options->settings->source =
			(struct profile_source){ .names = strbuf_str(&names), .read = settings_profile };
	}
	return ret;
}

void settings_free(struct settings *s)
{
	if (!s)
		return;
	conf_free(&s->file);
	conf_free(&s->profile);
	screen_config_free(s->screen);
	free(s->names);
	free(s);
}

/* --- live ----------------------------------------------------------------------- */

/* What of it the screen can do while it runs is taken out of given; the rest is named. */
static void take_profile(struct profile *out, const struct options *o, settings_given given)
{
	size_t at = 0;

	for (const struct option_row *row = option_rows; row->name; row++) {
		if (!(given & 1ull << (row - option_rows)))
			continue;
		if (!strcmp(row->name, "layer"))
			out->has_layers = true;
		else if (!strcmp(row->name, "category"))
			out->has_categories = true;
		else if (!strcmp(row->name, "priority"))
			out->priority = o->tracer.priority;
		else if (!strcmp(row->name, "function"))
			snprintf(out->functions, sizeof(out->functions), "%s", o->tracer.functions);
		else if (row->filter_key)
			out->has_filter = true;
		else if (at < sizeof(out->fixed))
			at += (size_t)snprintf(
				out->fixed + at, sizeof(out->fixed) - at, "%s%s", at ? ", " : "", row->name);
	}
	out->has_filter |= (given & GIVEN_FILTER) != 0;
	memcpy(out->layer, o->tracer.layer, sizeof(out->layer));
	memcpy(out->category, o->tracer.category, sizeof(out->category));
	out->filter = o->filter;
}

int settings_profile(const char *name, struct profile *out, char *err, size_t err_size)
{
	settings_given given = 0;
	struct options o;
	int ret;

	*out = (struct profile){ .priority = -1 };
	options_defaults(&o);
	ret = new_settings(&o, err, err_size);
	if (!ret)
		ret = profile_read(&o.settings->profile, name, err, err_size);
	if (!ret)
		ret = settings_apply(&o, &o.settings->profile, true, &given, err, err_size);
	if (!ret)
		take_profile(out, &o, given);
	if (!ret && o.tracer.functions && strlen(o.tracer.functions) >= sizeof(out->functions)) {
		snprintf(err, err_size, "profile \"%s\": its functions take more than %d bytes", name,
			PROFILE_FUNCTIONS_MAX - 1);
		ret = -EINVAL;
	}
	settings_free(o.settings);
	return ret;
}
