/* SPDX-License-Identifier: GPL-2.0 */
#include "base/human.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

/*
 * whole . tenth, cut off and not rounded: a number never shows as more than it
 * is, and "999.9k" cannot turn into "1000.0k".
 */
static void scaled(
	char *buf, size_t size, uint64_t n, uint64_t unit, uint64_t tenths_below, const char *suffix)
{
	uint64_t whole = n / unit;

	if (whole < tenths_below)
		snprintf(
			buf, size, "%" PRIu64 ".%u%s", whole, (unsigned int)(n % unit / (unit / 10)), suffix);
	else
		snprintf(buf, size, "%" PRIu64 "%s", whole, suffix);
}

const char *human_count(char *buf, size_t size, uint64_t n)
{
	static const char *const suffix[] = { "k", "M", "G", "T", "P", "E" };
	uint64_t unit = 1000;
	size_t i = 0;

	if (n < 1000) {
		snprintf(buf, size, "%" PRIu64, n);
		return buf;
	}
	while (n / unit >= 1000) {
		unit *= 1000;
		i++;
	}
	scaled(buf, size, n, unit, 100, suffix[i]);
	return buf;
}

const char *human_rate(char *buf, size_t size, double per_second)
{
	char count[HUMAN_MAX];

	if (!(per_second >= 0.05)) /* NaN too */
		snprintf(buf, size, "0");
	else if (per_second < 0.95)
		snprintf(buf, size, "%.1f/s", per_second);
	else if (per_second < 1e18)
		snprintf(buf, size, "%s/s", human_count(count, sizeof(count), (uint64_t)(per_second + 0.5)));
	else
		snprintf(buf, size, "999P/s");
	return buf;
}

const char *human_ns(char *buf, size_t size, uint64_t ns, bool ascii)
{
	uint64_t s = ns / 1000000000;

	if (ns < 1000)
		snprintf(buf, size, "%" PRIu64 "ns", ns);
	else if (ns < 1000000)
		scaled(buf, size, ns, 1000, 10, ascii ? "us" : "µs");
	else if (ns < 1000000000)
		scaled(buf, size, ns, 1000000, 10, "ms");
	else if (s < 100)
		scaled(buf, size, ns, 1000000000, 10, "s");
	else if (s < 6000)
		snprintf(buf, size, "%" PRIu64 "m%02u", s / 60, (unsigned int)(s % 60));
	else if (s < 360000)
		snprintf(buf, size, "%" PRIu64 "h%02u", s / 3600, (unsigned int)(s % 3600 / 60));
	else
		snprintf(buf, size, "%" PRIu64 "d", s / 86400);
	return buf;
}

const char *human_bytes(char *buf, size_t size, uint64_t bytes)
{
	static const char suffix[] = "KMGTPE";
	uint64_t tenth;
	int shift = 10;
	size_t i = 0;

	if (bytes < 1000) {
		snprintf(buf, size, "%" PRIu64, bytes);
		return buf;
	}
	/* 1000 to 1023 of a unit would be a column wider: the next unit, "0.9M". */
	while (bytes >> shift >= 1000) {
		shift += 10;
		i++;
	}
	tenth = (bytes & ((1ULL << shift) - 1)) >> (shift - 10);
	if (bytes >> shift < 100)
		snprintf(buf, size, "%" PRIu64 ".%u%c", bytes >> shift, (unsigned int)(tenth * 10 / 1024),
			suffix[i]);
	else
		snprintf(buf, size, "%" PRIu64 "%c", bytes >> shift, suffix[i]);
	return buf;
}

int parse_size(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMGTPE";
	uint64_t n = 0;
	int shift = 0;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	for (; isdigit((unsigned char)*text); text++) {
		if (__builtin_mul_overflow(n, 10, &n) ||
			__builtin_add_overflow(n, (uint64_t)(*text - '0'), &n))
			return -ERANGE;
	}
	for (int i = 0; units[i]; i++) {
		if (toupper((unsigned char)*text) == units[i]) {
			shift = 10 * (i + 1);
			text++;
			if (tolower((unsigned char)text[0]) == 'i' && tolower((unsigned char)text[1]) == 'b')
				text++;
			break;
		}
	}
	if (tolower((unsigned char)*text) == 'b')
		text++;
	if (*text)
		return -EINVAL;
	if (shift && n >> (64 - shift))
		return -ERANGE;
	*bytes = n << shift;
	return 0;
}
