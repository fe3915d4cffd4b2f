/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/attach/attach.h"

#include <string.h>

#define LOOK_PRIORITY 1 /* functions up to this one notice that a refused packet has changed */

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
};

static const char *const after_release_ends[] = { "zerocopy_callback", "zerocopy_complete", "ubuf_complete" };

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

uint64_t attach_cookie(const struct probe_table *table, size_t index, uint32_t generation)
{
	const struct probe *p = &table->v[index];
	uint8_t flags = table->look_everywhere || p->class.priority <= LOOK_PRIORITY ? FUNC_LOOK : 0;

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
