/* SPDX-License-Identifier: GPL-2.0 */
#include "replay_time.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND 1000000000ULL
#define DAY 86400
#define FAR 9e18		       /* ns */
#define WALL_MAX 4000000000000000000ll /* ns since 1970: the year 2096 */
#define SECONDS_UNTIL 1000u	       /* longer ones are told as hours, minutes, seconds */

static uint64_t inside(const struct playback_place *p, uint64_t to)
{
	return to < p->first ? p->first : to > p->last ? p->last : to;
}

/* A number and its unit, ns; false: it is none. */
static bool read_span(const char *text, uint64_t *ns)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = { { "", 1e9 }, { "s", 1e9 }, { "ms", 1e6 }, { "us", 1e3 }, { "m", 60e9 },
		{ "h", 3600e9 } };
	char *end;
	double n;

	/* strtod() would also take "inf" and "0x1" */
	if (!text[0] || strspn(text, "0123456789.") == 0 || text[1] == 'x')
		return false;
	n = strtod(text, &end);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (end != text && !strcmp(end, units[i].name) && n >= 0 && n * units[i].ns < FAR) {
			*ns = (uint64_t)llround(n * units[i].ns);
			return true;
		}
	return false;
}

/* "HH:MM", "HH:MM:SS", "HH:MM:SS.fraction" on the day of the recording, or on the next. */
static bool read_wall(const char *text, const struct playback_place *p, uint64_t *to)
{
	int64_t wall = (int64_t)((uint64_t)p->wall - (p->at - p->first)), at; /* of the start */
	time_t start = (time_t)(wall / (int64_t)SECOND);
	unsigned int hour, minute;
	double seconds = 0;
	struct tm tm;
	int used = 0, more = 0;

	if (sscanf(text, "%2u:%2u%n", &hour, &minute, &used) < 2 || hour > 23 || minute > 59)
		return false;
	if (text[used] && (sscanf(text + used, ":%lf%n", &seconds, &more) < 1 || text[used + more]))
		return false;
	if (!(seconds >= 0 && seconds < 61) || wall < 0 || wall > WALL_MAX || !localtime_r(&start, &tm))
		return false;
	tm.tm_hour = (int)hour;
	tm.tm_min = (int)minute;
	tm.tm_sec = 0;
	tm.tm_isdst = -1;
	at = (int64_t)mktime(&tm) * (int64_t)SECOND + llround(seconds * 1e9);
	/* before it began: it is the next day's */
	if (at < wall && (uint64_t)(at + DAY * (int64_t)SECOND - wall) <= p->last - p->first)
		at += DAY * (int64_t)SECOND;
	*to = at < wall ? p->first : p->first + (uint64_t)(at - wall);
	return true;
}

int replay_time_parse(const char *text, const struct playback_place *p, uint64_t *to)
{
	uint64_t ns;

	if (!strcmp(text, "start")) {
		*to = p->first;
	} else if (!strcmp(text, "end")) {
		*to = p->last;
	} else if (text[0] == '+' && read_span(text + 1, &ns)) {
		*to = inside(p, p->at + ns < ns ? UINT64_MAX : p->at + ns);
	} else if (text[0] == '-' && read_span(text + 1, &ns)) {
		*to = inside(p, ns > p->at ? 0 : p->at - ns);
	} else if (read_span(text, &ns)) {
		*to = inside(p, p->first + ns < ns ? UINT64_MAX : p->first + ns);
	} else if (read_wall(text, p, &ns)) {
		*to = inside(p, ns);
	} else {
		return -EINVAL;
	}
	return 0;
}

static int clock_text(uint64_t ns, bool hours, char *buf, size_t size)
{
	uint64_t s = ns / SECOND;

	if (!hours)
		return snprintf(buf, size, "%" PRIu64 ".%u", s, (unsigned int)(ns % SECOND / 100000000));
	return snprintf(buf, size, "%" PRIu64 ":%02u:%02u", s / 3600, (unsigned int)(s / 60 % 60),
		(unsigned int)(s % 60));
}

const char *replay_time_text(const struct playback_place *p, char *buf, size_t size)
{
	uint64_t whole = p->last - p->first;
	bool hours = whole / SECOND >= SECONDS_UNTIL;
	char at[32], of[32];
	int width = clock_text(whole, hours, of, sizeof(of));

	clock_text(p->at > p->first ? p->at - p->first : 0, hours, at, sizeof(at));
	snprintf(buf, size, "%*s/%s%s", width, at, of, hours ? "" : " s");
	return buf;
}

const char *replay_speed_text(double speed, char *buf, size_t size)
{
	if (speed > 0)
		snprintf(buf, size, "%.4gx", speed);
	else
		snprintf(buf, size, "max");
	return buf;
}
