/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/replay/pace.h"

#define FAR 9e18 /* ns: beyond it a number of seconds is no time any more */

uint64_t pace_due(const struct pace *p, uint64_t now)
{
	double ahead;

	if (p->paused)
		return p->at;
	if (p->speed <= 0)
		return UINT64_MAX;
	ahead = now > p->since ? (double)(now - p->since) * p->speed : 0;
	if (ahead >= FAR || p->at + (uint64_t)ahead < p->at)
		return UINT64_MAX;
	return p->at + (uint64_t)ahead;
}

uint64_t pace_when(const struct pace *p, uint64_t ts)
{
	double ahead;

	if (ts <= p->at)
		return p->since;
	if (p->paused)
		return UINT64_MAX;
	if (p->speed <= 0)
		return p->since;
	ahead = (double)(ts - p->at) / p->speed + 1; /* rounded, it is due then for sure */
	return ahead >= FAR ? UINT64_MAX : p->since + (uint64_t)ahead;
}

void pace_set(struct pace *p, uint64_t at, uint64_t now)
{
	p->at = at;
	p->since = now;
}
