/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/attach/attach.h"

#include <string.h>

/*
 * Where it is noticed that a packet which the filter refused has changed: at
 * every function of priority 0, which are the stations of each way, and behind
 * what changes addresses: NAT and routing (net/ipv4, net/ipv6), devices, bridges.
 */
static const char *const look[] = {
	"__netif_receive_skb_core",
	"br_handle_frame_finish",
	"br_forward_finish",
	"ip_finish_output2",
	"ip_forward_finish",
	"ip_local_deliver_finish",
	"ip_rcv_finish",
	"ip_route_input_noref",
	"ip6_finish_output2",
	"ip6_forward_finish",
	"ip6_input_finish",
	"ip6_rcv_finish",
	"ip6_route_input",
	"tcf_classify",
	"xfrm_input",
	"xfrm_output",
};

static const struct attach_ops *const backends[] = { &attach_multi, &attach_tracefs, &attach_fentry };

/*
 * Functions that run on an skb after its head state was released, when its
 * identity is gone (net/core/skbuff.c, 5.10 to 6.18), and ends of the names of
 * those that zero-copy senders have called then (skb_zcopy_clear).
 */
static const char *const after_release[] = {
	"__consume_stateless_skb",
	"__napi_kfree_skb",
	"kfree_skbmem",
	"napi_skb_cache_put",
	"skb_free_head",
	"skb_pp_recycle",
	"skb_release_data",
	"skb_kfree_head",
	"skb_data_unref",
	"kfree_skb_napi_cache",
	"skb_attempt_defer_free",
	"napi_skb_free_stolen_head",
	"__kfree_skb_flush",
	/* destructors: where probes see the ends, they come behind it */
	"sock_wfree",
	"sock_rfree",
	"sock_efree",
	"sock_edemux",
	"__sock_wfree",
	"tcp_wfree",
};

static const char *const after_release_ends[] = { "zerocopy_callback", "zerocopy_complete", "ubuf_complete" };

/* net/core, net/ipv4, net/ipv6, 5.10 to 6.18; before 5.19 there is no sock_queue_rcv_skb_reason. */
static const struct {
	const char *name;
	enum watch watch;
} watched[] = {
	{ "__copy_skb_header", WATCH_COPY },
	{ "ip_copy_metadata", WATCH_PART },
	{ "ip6_copy_metadata", WATCH_PART },
	{ "__tcp_transmit_skb", WATCH_TCP },
	{ "__udp_enqueue_schedule_skb", WATCH_SOCKET },
	{ "sock_queue_rcv_skb_reason", WATCH_SOCKET },
	{ "tcp_rcv_established", WATCH_SOCKET },
	{ "tcp_rcv_state_process", WATCH_SOCKET },
	{ "skb_gro_receive", WATCH_MERGE },
	{ "skb_gro_receive_list", WATCH_MERGE },
	{ "skb_release_head_state", WATCH_END },
	{ "__consume_stateless_skb", WATCH_END },
	{ "napi_skb_free_stolen_head", WATCH_STOLEN },
};

enum watch attach_watch(const struct probe_table *table, const struct probe *p)
{
	for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++) {
		enum watch watch = watched[i].watch;

		if (!strcmp(p->name, watched[i].name))
			return watch < WATCH_END || table->ends_watched ? watch : WATCH_NONE;
	}
	return WATCH_NONE;
}

const struct attach_ops *attach_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof(backends) / sizeof(backends[0]); i++) {
		if (!strcmp(backends[i]->name, name))
			return backends[i];
	}
	return NULL;
}

const char *attach_names(void)
{
	return "auto, kprobe-multi, kprobe, fentry";
}

static bool looks(const struct probe_table *table, const struct probe *p)
{
	if (table->look_everywhere || !p->class.priority)
		return true;
	for (size_t i = 0; i < sizeof(look) / sizeof(look[0]); i++) {
		if (!strcmp(p->name, look[i]))
			return true;
	}
	return false;
}

uint64_t attach_cookie(const struct probe_table *table, size_t index, uint32_t generation)
{
	const struct probe *p = &table->v[index];
	uint8_t flags = (looks(table, p) ? FUNC_LOOK : 0) | FUNC_WATCH(attach_watch(table, p));

	for (size_t i = 0; i < sizeof(after_release) / sizeof(after_release[0]); i++) {
		if (!strcmp(p->name, after_release[i]))
			flags |= FUNC_NO_BIRTH;
	}
	for (size_t i = 0; i < sizeof(after_release_ends) / sizeof(after_release_ends[0]); i++) {
		size_t len = strlen(after_release_ends[i]), name_len = strlen(p->name);

		if (name_len >= len && !strcmp(p->name + name_len - len, after_release_ends[i]))
			flags |= FUNC_NO_BIRTH;
	}
	return COOKIE(index, p->arg, flags, generation);
}
