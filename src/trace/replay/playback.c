/* SPDX-License-Identifier: GPL-2.0 */
/* What can be done with a recording only: to go through it at another pace, and back. */
#include "trace/replay/replay_private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct replay *replay(struct source *src)
{
	return (struct replay *)src;
}

static void playback_place(struct source *src, struct playback_place *out)
{
	const struct replay *r = replay(src);

	*out = (struct playback_place){
		.first = r->first,
		.last = r->last,
		.at = replay_at(r),
		.speed = r->pace.speed,
		.paused = r->pace.paused,
		.over = r->over,
		.files = r->ntracks,
	};
	out->wall = (int64_t)((uint64_t)r->merge.boot + out->at);
	snprintf(out->name, sizeof(out->name), "%s", r->track[0].name);
}

static void playback_speed(struct source *src, double speed)
{
	struct replay *r = replay(src);

	pace_set(&r->pace, replay_at(r), clock_now(r->clock));
	r->pace.speed = speed;
	replay_arm(r);
}

static void playback_pause(struct source *src, bool paused)
{
	struct replay *r = replay(src);

	pace_set(&r->pace, replay_at(r), clock_now(r->clock));
	r->pace.paused = paused;
	r->stepping = false;
	replay_arm(r);
}

static void playback_step(struct source *src)
{
	struct replay *r = replay(src);

	playback_pause(src, true);
	r->stepping = !r->over;
	replay_arm(r);
}

/* What was known by then is forgotten, but what the user wishes is not. */
static int begin_anew(struct replay *r)
{
	int ret = sieve_reset(&r->sieve);

	for (size_t i = 0; !ret && i < r->ntracks; i++)
		ret = track_rewind(&r->track[i]);
	if (ret)
		return ret;
	for (size_t i = 0; i < r->merge.nruns; i++) {
		struct run *run = &r->merge.run[i];
		size_t n = probe_capacity(&r->merge.probes);

		memset(run->hits, 0, n * sizeof(*run->hits));
		memset(run->lost, 0, n * sizeof(*run->lost));
		memset(&run->totals, 0, sizeof(run->totals));
		run->has_figures = false;
	}
	r->reached = r->first;
	r->over = r->over_told = false;
	return 0;
}

static int playback_jump(struct source *src, uint64_t to)
{
	struct replay *r = replay(src);
	bool back;
	int ret;

	to = to < r->first ? r->first : to > r->last ? r->last : to;
	/* what has been handed over cannot be taken back */
	back = to < replay_at(r) || to < r->reached;
	ret = back ? begin_anew(r) : 0;
	if (ret)
		return ret;
	r->stepping = false;
	pace_set(&r->pace, to, clock_now(r->clock));
	replay_arm(r);
	return back;
}

/* Of several runs: from the first one's begin to the end of all. */
static void add_run(struct run_figures *out, const struct run *run)
{
	const struct source_totals *t = &run->totals;
	struct source_totals *o = &out->totals;

	o->events += t->events;
	o->hits += t->hits;
	o->lost_ring += t->lost_ring;
	o->lost_channel += t->lost_channel;
	o->lost_recursion += t->lost_recursion;
	o->lost_identity += t->lost_identity;
	o->null_skb += t->null_skb;
	o->after_free += t->after_free;
	o->cost_ns += t->cost_ns;
	o->own_ns += t->own_ns;
	o->filtered_out += t->filtered_out;
	o->sampled_out += t->sampled_out;
	o->unfiltered += t->unfiltered;
	o->undecided += t->undecided;
	o->attached = t->attached > o->attached ? t->attached : o->attached;
	o->wanted = t->wanted > o->wanted ? t->wanted : o->wanted;
	o->refused = t->refused > o->refused ? t->refused : o->refused;
}

static bool playback_figures(struct source *src, struct run_figures *out)
{
	const struct replay *r = replay(src);
	const struct run *first = &r->merge.run[0];
	uint64_t begun = first->begun + first->shift;
	bool whole = true;

	if (r->merge.nruns == 1 && first->has_figures) {
		*out = first->figures;
		return true;
	}
	*out = (struct run_figures){ .attach_ms = -1, .detach_ms = -1 };
	for (size_t i = 0; i < r->merge.nruns; i++) {
		add_run(out, &r->merge.run[i]);
		whole &= r->merge.run[i].has_figures;
	}
	if (r->merge.nruns == 1)
		out->totals = first->totals;
	if (r->merge.nruns == 1 && out->totals.attach_ns)
		out->attach_ms = (double)out->totals.attach_ns / 1e6;
	out->seconds = r->reached > begun ? (double)(r->reached - begun) / 1e9 : 0;
	return whole;
}

const struct playback_ops replay_playback = {
	.place = playback_place,
	.speed = playback_speed,
	.pause = playback_pause,
	.step = playback_step,
	.jump = playback_jump,
	.figures = playback_figures,
};
