/* SPDX-License-Identifier: GPL-2.0 */
#include "model/fate.h"

#include <string.h>

/* net/core/skbuff.c and net/core/dev.c, 5.10 to 6.18: every skb passes some of these at its end. */
static const char *const frees[] = {
	"consume_skb",
	"napi_consume_skb",
	"kfree_skb",
	"kfree_skb_reason",
	"kfree_skb_partial",
	"__kfree_skb",
	"sk_skb_reason_drop",
	"__kfree_skb_reason",
	"__sk_skb_reason_drop",
	"dev_kfree_skb_any_reason",
	"dev_kfree_skb_irq_reason",
	"__dev_kfree_skb_any",
	"__dev_kfree_skb_irq",
	"skb_release_head_state",
	"skb_release_data",
	"skb_free_head",
	"kfree_skbmem",
	"skb_free_datagram",
	"skb_attempt_defer_free",
	"sock_wfree",
	"__sock_wfree",
	"sock_rfree",
	"sock_efree",
	"sock_edemux",
	"tcp_wfree",
};

enum fate_role fate_role(const struct probe *probe)
{
	for (size_t i = 0; i < sizeof(frees) / sizeof(frees[0]); i++) {
		if (probe->name && !strcmp(probe->name, frees[i]))
			return FATE_ROLE_FREES;
	}
	if (probe->class.layer == LAYER_XMIT)
		return FATE_ROLE_XMIT;
	return probe->class.layer == LAYER_GRO ? FATE_ROLE_GRO : FATE_ROLE_OTHER;
}

enum fate fate_of(const struct fate_facts *facts)
{
	if (facts->dropped)
		return FATE_DROPPED;
	if (facts->socket)
		return FATE_DELIVERED;
	if (facts->merged || facts->last == FATE_ROLE_GRO)
		return FATE_MERGED;
	return facts->last == FATE_ROLE_XMIT ? FATE_TRANSMITTED : FATE_CONSUMED;
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
