/* SPDX-License-Identifier: GPL-2.0 */
#include "options_table.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "trace/attach/attach.h"

#define LIVE (RUN_SCREEN | RUN_TRACE | RUN_RECORD)
#define SCREENS (RUN_SCREEN | RUN_REPLAY)
#define FOUND (LIVE | RUN_LIST)
#define ALL (FOUND | RUN_CHECK | RUN_REPLAY | RUN_EXPORT)

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

static int set_function(struct options *o, const char *arg, char *err, size_t size)
{
	o->tracer.functions = arg;
	return 0;
}

static int set_max(struct options *o, const char *arg, char *err, size_t size)
{
	unsigned long long n;

	if (number("max-functions", arg, MAX_FUNCS, &n, err, size))
		return -EINVAL;
	o->tracer.max_functions = n;
	return 0;
}

static int set_config(struct options *o, const char *arg, char *err, size_t size)
{
	o->config = arg;
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

static int set_ready_file(struct options *o, const char *arg, char *err, size_t size)
{
	o->ready_file = arg;
	return 0;
}

static int set_theme(struct options *o, const char *arg, char *err, size_t size)
{
	o->theme = arg;
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

static int set_output(struct options *o, const char *arg, char *err, size_t size)
{
	o->output = arg;
	return 0;
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

static int set_stats(struct options *o, const char *arg, char *err, size_t size)
{
	o->stats = true;
	return 0;
}

static int set_text(struct options *o, const char *arg, char *err, size_t size)
{
	o->text = true;
	return 0;
}

static int set_by_packet(struct options *o, const char *arg, char *err, size_t size)
{
	o->by_packet = true;
	return 0;
}

static int set_no_color(struct options *o, const char *arg, char *err, size_t size)
{
	o->no_color = true;
	return 0;
}

static int set_ascii(struct options *o, const char *arg, char *err, size_t size)
{
	o->ascii = true;
	return 0;
}

static int set_no_mouse(struct options *o, const char *arg, char *err, size_t size)
{
	o->no_mouse = true;
	return 0;
}

static int set_drops(struct options *o, const char *arg, char *err, size_t size)
{
	o->tracer.drops = true;
	return 0;
}

static int set_readonly(struct options *o, const char *arg, char *err, size_t size)
{
	o->readonly = true;
	return 0;
}

static int set_verbose(struct options *o, const char *arg, char *err, size_t size)
{
	o->verbose = o->tracer.verbose = true;
	return 0;
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

static int set_docs(struct options *o, const char *arg, char *err, size_t size)
{
	o->command = RUN_DOCS;
	o->docs = arg;
	return 0;
}

const struct option_row option_rows[] = {
	{ "priority", 'p', "N", FOUND,
		"trace functions up to this priority: 0 critical (about 15), 1 important (60-100), 2 "
		"optional (a few hundred), 3 everything; default 1, for list 3",
		set_priority },
	{ "layer", 'l', "NAME,...", FOUND, "only these layers", set_layer },
	{ "category", 0, "NAME,...", FOUND, "only these categories", set_category },
	{ "function", 'F', "GLOB,...", FOUND, "only these functions, whatever their priority", set_function },
	{ "max-functions", 0, "N", FOUND, "at most so many functions, the most important first", set_max },
	{ "config", 0, "FILE", FOUND, "take the functions from this file (list --json writes one)",
		set_config },
	{ "drops", 0, NULL, LIVE, "only what is dropped, and the rule that did it: costs next to nothing",
		set_drops },
	{ "backend", 0, "NAME", LIVE, "how to attach: auto, kprobe-multi, kprobe, fentry; default auto",
		set_backend },
	{ "interface", 'i', "NAME", LIVE, "only packets that pass this device, in whatever netns", NULL,
		"if" },
	{ "netns", 0, "NS", LIVE,
		"only packets that pass this network namespace: name, path, inode number, host, pid:N or "
		"container:NAME",
		NULL, "netns" },
	{ "mark", 0, "V[/M]", LIVE, "only packets with this mark (under mask M)", NULL, "mark" },
	{ "pid", 0, "N", LIVE, "only packets of this process: by their socket, or sent by it", NULL, "pid" },
	{ "comm", 0, "NAME", LIVE, "only packets of processes of this name", NULL, "comm" },
	{ "uid", 0, "N", LIVE, "only packets of this user", NULL, "uid" },
	{ "cgroup", 0, "PATH", LIVE, "only packets of sockets in this cgroup or below", NULL, "cgroup" },
	{ "inner", 0, "EXPR", LIVE,
		"only tunnel packets (VXLAN, Geneve, GRE, IPIP) that carry what this tcpdump expression says",
		NULL, "inner" },
	{ "sample", 0, "N", LIVE, "only 1 in N of the packets that match, each with its whole journey", NULL,
		"sample" },
	{ "buffer", 0, "SIZE", LIVE, "kernel ring buffer; default 16M", set_buffer },
	{ "memory", 0, "SIZE", LIVE | SCREENS,
		"what may be kept of packets and of events that wait; default 256M", set_memory },
	{ "duration", 0, "SECONDS", LIVE, "end after this time, counted from when all is attached",
		set_duration },
	{ "count", 0, "PACKETS", RUN_TRACE, "show the first so many packets, end when they have ended",
		set_count },
	{ "ready-file", 0, "PATH", LIVE, "made when every function is attached", set_ready_file },
	{ "json", 0, NULL, RUN_TRACE | RUN_RECORD | RUN_REPLAY | RUN_LIST | RUN_EXPORT,
		"one JSON object a line; for list: the format of --config", set_json },
	{ "text", 0, NULL, RUN_REPLAY, "lines instead of the screen", set_text },
	{ "stats", 0, NULL, RUN_TRACE | RUN_RECORD | RUN_REPLAY,
		"only what the run came to: hits, packets, fates, drops, rules, flows, times, losses",
		set_stats },
	{ "by-packet", 0, NULL, RUN_TRACE | RUN_REPLAY, "lines grouped by packet, when it has ended",
		set_by_packet },
	{ "time", 0, "STYLE", RUN_TRACE | RUN_REPLAY,
		"relative (since the first event) or wall (time of day); default relative", set_time },
	{ "output", 'o', "FILE", RUN_RECORD | RUN_EXPORT, "the file that is written", set_output },
	{ "rotate", 0, "SIZE,COUNT", RUN_RECORD,
		"begin another file at this size, keep so many: FILE, FILE.1 (the one before) ...",
		set_rotate },
	{ "snap", 0, "BYTES", RUN_SCREEN | RUN_RECORD,
		"keep so many bytes of each packet, again when its headers have changed", set_snap },
	{ "speed", 0, "FACTOR", RUN_REPLAY, "1 as it was, 10 ten times as fast, max; default 1", set_speed },
	{ "pcapng", 0, NULL, RUN_EXPORT, "for Wireshark: packets with their story as comments", set_pcapng },
	{ "folded", 0, NULL, RUN_EXPORT, "for flame graphs: paths through the functions by time",
		set_folded },
	{ "csv", 0, NULL, RUN_EXPORT, "flows, one a line", set_csv },
	{ "per", 0, "WHAT", RUN_EXPORT, "pcapng: a block per packet, or per hop; default packet", set_per },
	{ "theme", 0, "NAME", SCREENS, "colours: default, light, mono, or a file", set_theme },
	{ "no-color", 0, NULL, SCREENS | RUN_TRACE, "no colours (as with NO_COLOR set)", set_no_color },
	{ "ascii", 0, NULL, LIVE | SCREENS, "no characters beyond ASCII", set_ascii },
	{ "no-mouse", 0, NULL, SCREENS, "leave the mouse to the terminal", set_no_mouse },
	{ "readonly", 0, NULL, RUN_SCREEN, "no key changes what is traced", set_readonly },
	{ "verbose", 'v', NULL, ALL, "say more on stderr when something fails", set_verbose },
	{ "help", 'h', NULL, ALL, "this text", set_help },
	{ "version", 'V', NULL, ALL, "the version", set_version },
	{ "dump-docs", 0, "KIND", 0, "man, bash, zsh or fish from the tables of this program", set_docs },
	{ 0 },
};

const struct command_row command_rows[] = {
	{ "", RUN_SCREEN, "[OPTIONS] [FILTER]", "the screen; plain lines when the output is no terminal" },
	{ "trace", RUN_TRACE, "[OPTIONS] [FILTER]", "events as lines, or as JSON; ends at Ctrl-C" },
	{ "record", RUN_RECORD, "[OPTIONS] -o FILE [FILTER]", "into a file, for replay and export" },
	{ "replay", RUN_REPLAY, "[OPTIONS] FILE...",
		"the screen on recordings; --text, --json, --stats print instead" },
	{ "export", RUN_EXPORT, "--FORMAT [OPTIONS] -o FILE RECORDING...",
		"JSON lines, pcapng, folded stacks, CSV" },
	{ "list", RUN_LIST, "[OPTIONS]", "the functions that were found and whether they can be attached" },
	{ "check", RUN_CHECK, "", "what this kernel allows, what is missing, what to do" },
	{ 0 },
};
