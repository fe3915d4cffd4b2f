/* SPDX-License-Identifier: GPL-2.0 */
#include "export/formats.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "export/pcapng/pcapng.h"

struct pcapng_sink {
	struct sink sink;
	struct sink_options options;
	struct live *live;
	uint64_t seen; /* packets */
	struct pcapng_use use;
	struct packets *packets; /* one of the two */
	struct hops *hops;
	int error;
};

enum capture_direction pcapng_direction(
	const struct probe_table *probes, const struct event *ev, const struct wire_tuple *tuple)
{
	bool function = event_is_function(ev->type);
	const struct probe *probe = function && ev->func < probes->n ? &probes->v[ev->func] : NULL;

	if (tuple->flags & TUPLE_SOCKET)
		return CAPTURE_OUT; /* headers are still to be built */
	if (!probe || !ev->ifindex)
		return CAPTURE_UNKNOWN;
	switch (probe->class.layer) {
	case LAYER_GRO:
		return CAPTURE_IN;
	case LAYER_QDISC:
	case LAYER_XMIT:
		return CAPTURE_OUT;
	default:
		return CAPTURE_UNKNOWN;
	}
}

static int pcapng_event(struct sink *sink, const struct event *ev, size_t size)
{
	struct pcapng_sink *ps = (struct pcapng_sink *)sink;
	struct live_packet *packet = NULL;
	bool changed, again = false;

	if (ps->error || size < sizeof(*ev))
		return ps->error;
	ps->use.capture.wall = sink->wall;
	if (ev->type == EVENT_QUOTE)
		live_quote(ps->live, ev, size);
	if (story_tells(ev))
		packet = live_note(ps->live, ps->use.story.words.rules, ev, size, &changed);
	else if (ev->type != EVENT_BYTES)
		return 0;
	if (packet) {
		again = packet->no <= ps->seen;
		ps->seen = again ? ps->seen : packet->no;
	}
	if (ps->hops)
		ps->error = hops_note(ps->hops, ev, size, packet);
	else
		ps->error = packets_note(ps->packets, ev, size, packet, again);
	if (packet && ev->type == EVENT_END)
		live_end(ps->live, packet);
	return ps->error;
}

/* What waits has time until the end. */
static int pcapng_flush(struct sink *sink, uint64_t now)
{
	struct pcapng_sink *ps = (struct pcapng_sink *)sink;

	if (!ps->error)
		ps->error = blocks_flush(&ps->use.capture.blocks);
	return ps->error;
}

static int pcapng_finish(struct sink *sink, const struct summary_of *of)
{
	struct pcapng_sink *ps = (struct pcapng_sink *)sink;

	if (!ps->error)
		ps->error = ps->hops ? hops_finish(ps->hops) : packets_finish(ps->packets);
	if (ps->options.note && ps->use.capture.crowded)
		snprintf(ps->options.note, ps->options.note_size,
			"pcapng: %" PRIu64 " packets are of devices beyond %u: their interface is (others)",
			ps->use.capture.crowded, CAPTURE_INTERFACES);
	return pcapng_flush(sink, 0);
}

static void pcapng_close(struct sink *sink)
{
	struct pcapng_sink *ps = (struct pcapng_sink *)sink;

	if (!ps)
		return;
	packets_free(ps->packets);
	hops_free(ps->hops);
	capture_fini(&ps->use.capture);
	live_free(ps->live);
	free(ps);
}

static struct sink *pcapng_open(FILE *out, const struct sink_options *options)
{
	struct pcapng_sink *ps = calloc(1, sizeof(*ps));

	if (!ps)
		return NULL;
	ps->sink.ops = &sink_pcapng;
	ps->options = *options;
	ps->use.story = (struct story_of){ .probes = options->probes, .words = words_of(options) };
	ps->live = live_new(options->probes);
	if (options->per_hop)
		ps->hops = hops_new(&ps->use);
	else
		ps->packets = packets_new(&ps->use);
	if (!ps->live || (!ps->hops && !ps->packets) ||
		capture_init(&ps->use.capture, out, ps->use.story.words.names, options->info)) {
		pcapng_close(&ps->sink);
		return NULL;
	}
	return &ps->sink;
}

const struct sink_ops sink_pcapng = {
	.name = "pcapng",
	.open = pcapng_open,
	.event = pcapng_event,
	.flush = pcapng_flush,
	.finish = pcapng_finish,
	.close = pcapng_close,
};
