/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As a tcpdump filter looks to the screen. Every word of the expression must be
 * the protocol, an address or a port of the packet; "bad" is what libpcap would
 * not take, "*.example" a name for the resolver, which does not know "gone.example".
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "demo_private.h"

static struct demo *demo(struct source *src)
{
	return (struct demo *)src;
}

int demo_check_filter(struct source *src, const struct packet_filter *wish, char *err, size_t size)
{
	if (demo(src)->options.refuse)
		return -ENOTSUP;
	if (strstr(wish->expr, "bad")) {
		snprintf(err, size, "\"%.60s\": can't parse filter expression: syntax error", wish->expr);
		return -EINVAL;
	}
	return strstr(wish->expr, ".example") ? -EAGAIN : 0;
}

int demo_filter(struct source *src, const struct packet_filter *wish)
{
	struct demo *d = demo(src);

	if (d->options.refuse)
		return -ENOTSUP;
	d->wish = *wish;
	d->wish_at = d->now + d->options.filter_ns;
	return 0;
}

void demo_filter_now(struct source *src, struct packet_filter *out)
{
	*out = demo(src)->filter;
}

void demo_filter_advance(struct demo *d)
{
	struct notice note = { .type = NOTICE_FILTER };

	if (!d->wish_at || d->now < d->wish_at)
		return;
	d->wish_at = 0;
	if (strstr(d->wish.expr, "gone.example")) {
		note.type = NOTICE_FILTER_REFUSED;
		snprintf(note.text, sizeof(note.text), "gone.example: no address is known for this name");
	} else {
		d->filter = d->wish;
	}
	demo_source_notice(&d->source, &note);
}

static bool word_matches(const struct demo_packet *p, const char *word)
{
	unsigned int number = (unsigned int)strtoul(word, NULL, 10);

	if (!strcmp(word, "host") || !strcmp(word, "port") || !strcmp(word, "and"))
		return true;
	return !strcmp(word, p->proto) || (p->client && !strcmp(word, p->client)) ||
	       (p->server && !strcmp(word, p->server)) ||
	       (number && !strchr(word, '.') && number == p->sport) ||
	       (number && !strchr(word, '.') && number == p->dport);
}

bool demo_filter_passes(struct demo *d, const struct demo_packet *packet)
{
	char words[FILTER_EXPR_MAX], *word, *save = NULL;

	snprintf(words, sizeof(words), "%s", d->filter.expr);
	for (word = strtok_r(words, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		if (word_matches(packet, word))
			continue;
		d->totals.filtered_out++;
		return false;
	}
	if (d->filter.sample > 1 && d->matched++ % d->filter.sample) {
		d->totals.sampled_out++;
		return false;
	}
	return true;
}
