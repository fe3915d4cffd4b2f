/* SPDX-License-Identifier: GPL-2.0 */
#include "options_table.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "options_get.h"
#include "trace/attach/attach.h"

#define LIVE (RUN_SCREEN | RUN_TRACE | RUN_RECORD)
#define SCREENS (RUN_SCREEN | RUN_REPLAY)
#define FOUND (LIVE | RUN_LIST)
#define CONFIGURED (FOUND | RUN_REPLAY | RUN_EXPORT)
#define ALL (CONFIGURED | RUN_CHECK)

static int number(const char *what, const char *arg, unsigned long long max, unsigned long long *out,
	char *err, size_t size)
{
	char *end;

	errno = 0;
	*out = strtoull(arg, &end, 10);
	if (!errno && *arg >= '0' && *arg <= '9' && !*end && *out <= max)
		return 0;
	snprintf(err, size, "--%s %s: not a number from 0 to %llu", what, arg, max);
	return -EINVAL;
}

static int set_priority(struct options *o, const char *arg, char *err, size_t size)
{
	unsigned long long n;

	if (number("priority", arg, PRIORITY_MAX, &n, err, size))
		return -EINVAL;
	o->tracer.priority = n;
	o->priority_given = true;
	return 0;
}

/* "NAME,NAME": switches the rest off. */
static int set_names(const char *what, const char *arg, bool *on, int count,
	int (*by_name)(const char *, size_t), const char *names, char *err, size_t size)
{
	memset(on, 0, count * sizeof(*on));
	for (const char *p = arg;;) {
		size_t len = strcspn(p, ",");
		int at = by_name(p, len);

		if (at < 0) {
			snprintf(err, size, "--%s %.*s: no such %s (%s)", what, (int)len, p, what, names);
			return -EINVAL;
		}
		on[at] = true;
		if (!p[len])
			return 0;
		p += len + 1;
	}
}

static int set_layer(struct options *o, const char *arg, char *err, size_t size)
{
	return set_names("layer", arg, o->tracer.layer, LAYER_COUNT, layer_by_name, layer_names(), err, size);
}

static int set_category(struct options *o, const char *arg, char *err, size_t size)
{
	return set_names("category", arg, o->tracer.category, CATEGORY_COUNT, category_by_name,
		category_names(), err, size);
}

static int set_max(struct options *o, const char *arg, char *err, size_t size)
{
	unsigned long long n;

	if (number("max-functions", arg, MAX_FUNCS, &n, err, size))
		return -EINVAL;
	o->tracer.max_functions = n;
	return 0;
}

static int set_backend(struct options *o, const char *arg, char *err, size_t size)
{
	if (strcmp(arg, "auto") && !attach_by_name(arg)) {
		snprintf(err, size, "--backend %s: no such backend (%s)", arg, attach_names());
		return -EINVAL;
	}
	o->tracer.backend = arg;
	return 0;
}

static int set_size(
	const char *what, const char *arg, uint64_t min, uint64_t max, size_t *out, char *err, size_t size)
{
	char low[HUMAN_MAX], high[HUMAN_MAX];
	uint64_t n;

	if (parse_size(arg, &n) || n < min || n > max) {
		snprintf(err, size, "--%s %s: not a size from %s to %s (such as 64M)", what, arg,
			human_bytes(low, sizeof(low), min), human_bytes(high, sizeof(high), max));
		return -EINVAL;
	}
	*out = n;
	return 0;
}

static int set_buffer(struct options *o, const char *arg, char *err, size_t size)
{
	size_t pages = 64 << 10;

	if (set_size("buffer", arg, 64 << 10, 1ull << 30, &o->tracer.buffer, err, size))
		return -EINVAL;
	while (pages < o->tracer.buffer) /* the kernel wants a power of two */
		pages *= 2;
	o->tracer.buffer = pages;
	return 0;
}

static int set_memory(struct options *o, const char *arg, char *err, size_t size)
{
	return set_size("memory", arg, 16 << 20, 1ull << 40, &o->memory, err, size);
}

static int set_duration(struct options *o, const char *arg, char *err, size_t size)
{
	char *end;

	o->duration = strtod(arg, &end);
	if (end != arg && !*end && isfinite(o->duration) && o->duration > 0 && o->duration < 1e9)
		return 0;
	snprintf(err, size, "--duration %s: not a number of seconds", arg);
	return -EINVAL;
}

static int set_count(struct options *o, const char *arg, char *err, size_t size)
{
	unsigned long long n;

	if (number("count", arg, 1ull << 32, &n, err, size))
		return -EINVAL;
	o->count = n;
	return 0;
}

static int set_snap(struct options *o, const char *arg, char *err, size_t size)
{
	unsigned long long n;

	if (number("snap", arg, SNAP_MAX, &n, err, size))
		return -EINVAL;
	o->tracer.snap = n;
	return 0;
}

static int set_format(struct options *o, enum export_format format, char *err, size_t size)
{
	if (o->format != EXPORT_NONE && o->format != format) {
		snprintf(err, size, "one format at a time: --json, --pcapng, --folded or --csv");
		return -EINVAL;
	}
	o->format = format;
	return 0;
}

static int set_json(struct options *o, const char *arg, char *err, size_t size)
{
	o->json = true;
	return o->command == RUN_EXPORT ? set_format(o, EXPORT_JSON, err, size) : 0;
}

/* "SIZE,COUNT" */
static int set_rotate(struct options *o, const char *arg, char *err, size_t size)
{
	const char *comma = strchr(arg, ',');
	unsigned long long n = 0;
	char text[32];

	if (comma && (size_t)(comma - arg) < sizeof(text)) {
		snprintf(text, sizeof(text), "%.*s", (int)(comma - arg), arg);
		if (!parse_size(text, &o->rotate_size) && o->rotate_size >= 64 << 10 &&
			!number("rotate", comma + 1, 10000, &n, err, size) && n) {
			o->rotate_count = n;
			return 0;
		}
	}
	snprintf(err, size, "--rotate %s: not SIZE,COUNT (such as 64M,8; at least 64K and 1)", arg);
	return -EINVAL;
}

static int set_pcapng(struct options *o, const char *arg, char *err, size_t size)
{
	return set_format(o, EXPORT_PCAPNG, err, size);
}

static int set_folded(struct options *o, const char *arg, char *err, size_t size)
{
	return set_format(o, EXPORT_FOLDED, err, size);
}

static int set_csv(struct options *o, const char *arg, char *err, size_t size)
{
	return set_format(o, EXPORT_CSV, err, size);
}

static int set_per(struct options *o, const char *arg, char *err, size_t size)
{
	o->per_hop = !strcmp(arg, "hop");
	if (o->per_hop || !strcmp(arg, "packet"))
		return 0;
	snprintf(err, size, "--per %s: packet or hop", arg);
	return -EINVAL;
}

static int set_time(struct options *o, const char *arg, char *err, size_t size)
{
	o->time = strcmp(arg, "wall") ? TIME_RELATIVE : TIME_WALL;
	if (o->time == TIME_WALL || !strcmp(arg, "relative"))
		return 0;
	snprintf(err, size, "--time %s: relative or wall", arg);
	return -EINVAL;
}

static int set_speed(struct options *o, const char *arg, char *err, size_t size)
{
	char *end;

	if (!strcmp(arg, "max")) {
		o->speed = 0;
		return 0;
	}
	o->speed = strtod(arg, &end);
	if (end != arg && !*end && isfinite(o->speed) && o->speed >= 0.001 && o->speed <= 1000)
		return 0;
	snprintf(err, size, "--speed %s: not a factor from 0.001 to 1000, nor max", arg);
	return -EINVAL;
}

static int set_help(struct options *o, const char *arg, char *err, size_t size)
{
	o->command = RUN_HELP;
	return 0;
}

static int set_version(struct options *o, const char *arg, char *err, size_t size)
{
	o->command = RUN_VERSION;
	return 0;
}

static int set_dump_config(struct options *o, const char *arg, char *err, size_t size)
{
	o->command = RUN_DUMP_CONFIG;
	return 0;
}

static int set_docs(struct options *o, const char *arg, char *err, size_t size)
{
	o->command = RUN_DOCS;
	o->docs = arg;
	return 0;
}

#define FLAG(field) .flag = offsetof(struct options, field)
#define TEXT(field) .text = offsetof(struct options, field)

const char *const option_groups[GROUP_COUNT] = {
	[GROUP_TRACED] = "What is traced",
	[GROUP_PACKETS] = "Which packets",
	[GROUP_OUTPUT] = "Output",
	[GROUP_SCREEN] = "Screen",
	[GROUP_LIMITS] = "Limits",
	[GROUP_OTHER] = "Other",
};

const struct option_row option_rows[] = {
	{ "priority", 'p', "N", FOUND, GROUP_TRACED,
		"functions up to this priority: 0 critical (about 15), 1 important (60-100), 2 optional (a "
		"few hundred), 3 all; default 1, for list 3",
		set_priority, .get = get_priority },
	{ "layer", 'l', "NAME,...", FOUND, GROUP_TRACED, "only these layers", set_layer, .get = get_layer },
	{ "category", 0, "NAME,...", FOUND, GROUP_TRACED, "only these categories", set_category,
		.get = get_category },
	{ "function", 'F', "GLOB,...", FOUND, GROUP_TRACED, "only these functions, whatever their priority",
		TEXT(tracer.functions) },
	{ "max-functions", 0, "N", FOUND, GROUP_TRACED, "at most so many functions, most important first",
		set_max, .get = get_max },
	{ "config", 0, "FILE", FOUND, GROUP_TRACED, "the functions of this file, which list --json writes",
		TEXT(config) },
	{ "drops", 0, NULL, LIVE, GROUP_TRACED,
		"only what is dropped, and the rule that did it: costs next to nothing", FLAG(tracer.drops) },
	{ "backend", 0, "NAME", LIVE, GROUP_TRACED,
		"how to attach: auto, kprobe-multi, kprobe, fentry; default auto", set_backend,
		.get = get_backend },
	{ "profile", 0, "NAME", CONFIGURED, GROUP_TRACED,
		"settings under one name (below, and own ones); none: without the one of the settings' file",
		TEXT(profile) },
	{ "interface", 'i', "NAME", LIVE, GROUP_PACKETS, "that pass this device, in whatever netns",
		.filter_key = "if" },
	{ "netns", 0, "NS", LIVE, GROUP_PACKETS,
		"that pass this network namespace: name, path, inode number, host, pid:N, container:NAME",
		.filter_key = "netns" },
	{ "mark", 0, "V[/M]", LIVE, GROUP_PACKETS, "with this mark (under mask M)", .filter_key = "mark" },
	{ "pid", 0, "N", LIVE, GROUP_PACKETS, "of this process: by their socket, or sent by it",
		.filter_key = "pid" },
	{ "comm", 0, "NAME", LIVE, GROUP_PACKETS, "of processes of this name", .filter_key = "comm" },
	{ "uid", 0, "N", LIVE, GROUP_PACKETS, "of this user", .filter_key = "uid" },
	{ "cgroup", 0, "PATH", LIVE, GROUP_PACKETS, "of sockets in this cgroup or below",
		.filter_key = "cgroup" },
	{ "inner", 0, "EXPR", LIVE, GROUP_PACKETS,
		"in tunnels (VXLAN, Geneve, GRE, IPIP) that carry what this tcpdump expression says",
		.filter_key = "inner" },
	{ "sample", 0, "N", LIVE, GROUP_PACKETS, "1 in N of those that match, each with its whole journey",
		.filter_key = "sample" },
	{ "output", 'o', "FILE", RUN_RECORD | RUN_EXPORT, GROUP_OUTPUT, "the file that is written",
		TEXT(output), .once = true },
	{ "rotate", 0, "SIZE,COUNT", RUN_RECORD, GROUP_OUTPUT,
		"begin another file at this size, keep so many: FILE, FILE.1 (the one before) ...",
		set_rotate, .get = get_rotate },
	{ "snap", 0, "BYTES", RUN_SCREEN | RUN_RECORD, GROUP_OUTPUT,
		"keep so many bytes of each packet, again when its headers have changed", set_snap,
		.get = get_snap },
	{ "json", 0, NULL, RUN_TRACE | RUN_RECORD | RUN_REPLAY | RUN_LIST | RUN_EXPORT, GROUP_OUTPUT,
		"one JSON object a line; for list: the format of --config", set_json, .once = true },
	{ "text", 0, NULL, RUN_REPLAY, GROUP_OUTPUT, "lines instead of the screen", FLAG(text),
		.once = true },
	{ "stats", 0, NULL, RUN_TRACE | RUN_RECORD | RUN_REPLAY, GROUP_OUTPUT,
		"only what the run came to: hits, packets, fates, drops, rules, flows, times, losses",
		FLAG(stats), .once = true },
	{ "by-packet", 0, NULL, RUN_TRACE | RUN_REPLAY, GROUP_OUTPUT,
		"lines grouped by packet, when it has ended", FLAG(by_packet) },
	{ "time", 0, "STYLE", RUN_TRACE | RUN_REPLAY, GROUP_OUTPUT,
		"relative (since the first event) or wall (time of day); default relative", set_time,
		.get = get_time },
	{ "pcapng", 0, NULL, RUN_EXPORT, GROUP_OUTPUT, "for Wireshark: packets with their story as comments",
		set_pcapng, .once = true },
	{ "per", 0, "WHAT", RUN_EXPORT, GROUP_OUTPUT,
		"pcapng: a block per packet, or per hop; default packet", set_per, .get = get_per },
	{ "folded", 0, NULL, RUN_EXPORT, GROUP_OUTPUT,
		"for flame graphs: paths through the functions by time", set_folded, .once = true },
	{ "csv", 0, NULL, RUN_EXPORT, GROUP_OUTPUT, "flows, one a line", set_csv, .once = true },
	{ "theme", 0, "NAME", SCREENS, GROUP_SCREEN, "colours: default, light, mono, or a file",
		TEXT(theme) },
	{ "no-color", 0, NULL, SCREENS | RUN_TRACE | RUN_RECORD, GROUP_SCREEN, "no colours (as with NO_COLOR set)",
		FLAG(no_color) },
	{ "ascii", 0, NULL, LIVE | SCREENS, GROUP_SCREEN, "no characters beyond ASCII", FLAG(ascii) },
	{ "no-mouse", 0, NULL, SCREENS, GROUP_SCREEN, "leave the mouse to the terminal", FLAG(no_mouse) },
	{ "readonly", 0, NULL, RUN_SCREEN, GROUP_SCREEN, "no key changes what is traced", FLAG(readonly) },
	{ "speed", 0, "FACTOR", RUN_REPLAY, GROUP_SCREEN, "1 as it was, 10 ten times as fast, max; default 1",
		set_speed, .get = get_speed },
	{ "duration", 0, "SECONDS", LIVE, GROUP_LIMITS,
		"end after this time, counted from when all is attached", set_duration, .get = get_duration },
	{ "count", 0, "PACKETS", RUN_TRACE, GROUP_LIMITS,
		"show the first so many packets, end when they have ended", set_count, .get = get_count },
	{ "memory", 0, "SIZE", LIVE | SCREENS, GROUP_LIMITS,
		"for packets that are kept and events that wait; default 256M", set_memory,
		.get = get_memory },
	{ "buffer", 0, "SIZE", LIVE, GROUP_LIMITS, "kernel ring buffer; default 16M", set_buffer,
		.get = get_buffer },
	{ "ready-file", 0, "PATH", LIVE, GROUP_OTHER, "made when every function is attached",
		TEXT(ready_file), .once = true },
	{ "no-config", 0, NULL, CONFIGURED, GROUP_OTHER, "without the file of settings", FLAG(no_config),
		.once = true },
	{ "dump-config", 0, NULL, CONFIGURED, GROUP_OTHER,
		"print the settings in force as such a file, and end", set_dump_config, .once = true },
	{ "verbose", 'v', NULL, ALL, GROUP_OTHER, "say more on stderr when something fails", FLAG(verbose) },
	{ "help", 'h', NULL, ALL, GROUP_OTHER, "this text; behind a command: what that one takes", set_help,
		.once = true },
	{ "version", 'V', NULL, ALL, GROUP_OTHER, "the version", set_version, .once = true },
	{ "dump-docs", 0, "KIND", 0, GROUP_OTHER, "man, bash, zsh or fish from the tables of this program",
		set_docs, .once = true },
	{ 0 },
};

const struct command_row command_rows[] = {
	{ "", RUN_SCREEN, "[OPTIONS] [FILTER]", "the screen; plain lines when the output is no terminal" },
	{ "trace", RUN_TRACE, "[OPTIONS] [FILTER]", "events as lines, or as JSON; ends at Ctrl-C" },
	{ "record", RUN_RECORD, "[OPTIONS] -o FILE [FILTER]", "into a file, for replay and export" },
	{ "replay", RUN_REPLAY, "[OPTIONS] FILE...",
		"the screen on recordings; --text, --json, --stats print instead", .files = true },
	{ "export", RUN_EXPORT, "--FORMAT [OPTIONS] -o FILE RECORDING...",
		"JSON lines, pcapng, folded stacks, CSV", .files = true },
	{ "list", RUN_LIST, "[OPTIONS]", "the functions that were found and whether they can be attached" },
	{ "check", RUN_CHECK, "", "what this kernel allows, what is missing, what to do" },
	{ 0 },
};
