/* SPDX-License-Identifier: GPL-2.0 */
#include "options_get.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "options_table.h"

/* Bytes in the largest unit that is exact. */
static void put_size(uint64_t bytes, char *buf, size_t size)
{
	const char *unit = "KMGT";
	size_t i = 0;

	if (!bytes || bytes % 1024) {
		snprintf(buf, size, "%" PRIu64, bytes);
		return;
	}
	for (bytes /= 1024; bytes % 1024 == 0 && unit[i + 1]; i++)
		bytes /= 1024;
	snprintf(buf, size, "%" PRIu64 "%c", bytes, unit[i]);
}

/* With as few digits as bring back the same. */
static void put_number(double number, char *buf, size_t size)
{
	double back;

	for (int digits = 1; digits <= 17; digits++) {
		snprintf(buf, size, "%.*g", digits, number);
		if (sscanf(buf, "%lf", &back) == 1 && !(back < number) && !(back > number))
			return;
	}
}

static void put_names(const bool *on, int count, const char *(*name)(int), char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	for (int i = 0; i < count && at < size; i++) {
		if (on[i])
			at += (size_t)snprintf(buf + at, size - at, "%s%s", at ? "," : "", name(i));
	}
}

static const char *layer_at(int i)
{
	return layer_name((enum layer)i);
}

static const char *category_at(int i)
{
	return category_name((enum category)i);
}

/* A default that somebody asked for is more than the default: list and --config differ. */
void get_priority(const struct options *o, char *buf, size_t size)
{
	buf[0] = '\0';
	if (o->priority_given)
		snprintf(buf, size, "%d", o->tracer.priority);
}

void get_layer(const struct options *o, char *buf, size_t size)
{
	put_names(o->tracer.layer, LAYER_COUNT, layer_at, buf, size);
}

void get_category(const struct options *o, char *buf, size_t size)
{
	put_names(o->tracer.category, CATEGORY_COUNT, category_at, buf, size);
}

void get_max(const struct options *o, char *buf, size_t size)
{
	snprintf(buf, size, "%zu", o->tracer.max_functions);
}

void get_snap(const struct options *o, char *buf, size_t size)
{
	snprintf(buf, size, "%u", o->tracer.snap);
}

void get_backend(const struct options *o, char *buf, size_t size)
{
	snprintf(buf, size, "%s", o->tracer.backend);
}

void get_rotate(const struct options *o, char *buf, size_t size)
{
	char bytes[32];

	buf[0] = '\0';
	put_size(o->rotate_size, bytes, sizeof(bytes));
	if (o->rotate_size)
		snprintf(buf, size, "%s,%u", bytes, o->rotate_count);
}

void get_time(const struct options *o, char *buf, size_t size)
{
	snprintf(buf, size, "%s", o->time == TIME_WALL ? "wall" : "relative");
}

void get_per(const struct options *o, char *buf, size_t size)
{
	snprintf(buf, size, "%s", o->per_hop ? "hop" : "packet");
}

void get_speed(const struct options *o, char *buf, size_t size)
{
	if (o->speed > 0)
		put_number(o->speed, buf, size);
	else
		snprintf(buf, size, "max");
}

void get_duration(const struct options *o, char *buf, size_t size)
{
	buf[0] = '\0';
	if (o->duration > 0)
		put_number(o->duration, buf, size);
}

void get_count(const struct options *o, char *buf, size_t size)
{
	snprintf(buf, size, "%" PRIu64, o->count);
}

void get_memory(const struct options *o, char *buf, size_t size)
{
	put_size(o->memory, buf, size);
}

void get_buffer(const struct options *o, char *buf, size_t size)
{
	put_size(o->tracer.buffer, buf, size);
}

/* --- any row ------------------------------------------------------------------ */

const struct option_row *option_row(const char *name)
{
	for (const struct option_row *row = option_rows; row->name; row++) {
		if (!strcmp(row->name, name))
			return row;
	}
	return NULL;
}

static bool *flag_of(const struct options *o, const struct option_row *row)
{
	return (bool *)((char *)o + row->flag);
}

static const char **text_of(const struct options *o, const struct option_row *row)
{
	return (const char **)((char *)o + row->text);
}

int option_set(struct options *o, struct packet_filter *filter, const struct option_row *row, const char *arg,
	char *err, size_t err_size)
{
	if (row->filter_key)
		return packet_filter_set(filter, row->filter_key, arg, err, err_size);
	if (row->set)
		return row->set(o, arg, err, err_size);
	if (row->flag)
		*flag_of(o, row) = true;
	else
		*text_of(o, row) = arg;
	return 0;
}

int option_set_flag(struct options *o, const struct option_row *row, const char *word)
{
	static const char *const words[][4] = { { "no", "false", "off", "0" }, { "yes", "true", "on", "1" } };

	for (int yes = 0; yes < 2; yes++) {
		for (int i = 0; i < 4; i++) {
			if (strcasecmp(word, words[yes][i]) != 0)
				continue;
			*flag_of(o, row) = yes;
			return 0;
		}
	}
	return -EINVAL;
}

const char *option_get(const struct options *o, const struct option_row *row, char *buf, size_t size)
{
	buf[0] = '\0';
	if (row->get)
		row->get(o, buf, size);
	else if (row->flag)
		snprintf(buf, size, "%s", *flag_of(o, row) ? "yes" : "no");
	else if (row->text && *text_of(o, row))
		snprintf(buf, size, "%s", *text_of(o, row));
	return buf;
}
