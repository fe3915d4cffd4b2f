/* SPDX-License-Identifier: GPL-2.0 */
/* Whatever text is taken is written so that it is read as the same. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "model/packet_filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail(const char *what, const char *text)
{
	fprintf(stderr, "%s: %s\n", what, text);
	abort();
}

/* One line, as a message must be. */
static void check_message(const char *err)
{
	uint32_t cp;
	size_t len = strlen(err), n;

	if (!len)
		fail("no message", err);
	for (; len; err += n, len -= n) {
		n = utf8_decode(err, len, &cp);
		if (!n || !utf8_printable(cp))
			fail("a message with controls", err);
	}
}

static void check_round_trip(const struct packet_filter *f)
{
	struct packet_filter again;
	char text[FILTER_TEXT_MAX], err[128] = "";

	packet_filter_format(f, text, sizeof(text));
	if (packet_filter_parse(&again, text, err, sizeof(err)))
		fail(err, text);
	if (memcmp(f, &again, sizeof(again)))
		fail("not the same", text);
	if (packet_filter_is_empty(f) != !text[0])
		fail("empty", text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packet_filter f;
	char err[128] = "", *text = malloc(size + 1), *value;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (packet_filter_parse(&f, text, err, sizeof(err)))
		check_message(err);
	else
		check_round_trip(&f);

	/* the same as an option: KEY\nVALUE */
	value = strchr(text, '\n');
	if (value) {
		*value++ = '\0';
		memset(&f, 0, sizeof(f));
		if (packet_filter_set(&f, text, value, err, sizeof(err)))
			check_message(err);
		else
			check_round_trip(&f);
	}
	free(text);
	return 0;
}
