/* SPDX-License-Identifier: GPL-2.0 */
#include "model/fate.h"

enum fate fate_of(const struct fate_facts *facts)
{
	if (facts->dropped)
		return FATE_DROPPED;
	if (facts->socket)
		return FATE_DELIVERED;
	if (facts->merged)
		return FATE_MERGED;
	return facts->transmitted ? FATE_TRANSMITTED : FATE_CONSUMED;
}

const char *fate_name(enum fate fate)
{
	static const char *const names[FATE_COUNT] = {
		[FATE_LIVE] = "live",
		[FATE_CONSUMED] = "consumed",
		[FATE_MERGED] = "merged",
		[FATE_DROPPED] = "dropped",
		[FATE_TRANSMITTED] = "transmitted",
		[FATE_DELIVERED] = "delivered",
	};

	return (unsigned int)fate < FATE_COUNT ? names[fate] : "?";
}
