/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/netfilter/libnftables.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of nftables/libnftables.h, whose package is not needed to build. */
enum {
	NFT_CTX_DEFAULT = 0,
	NFT_CTX_OUTPUT_STATELESS = 1 << 2,
	NFT_CTX_OUTPUT_HANDLE = 1 << 3,
	NFT_CTX_OUTPUT_TERSE = 1 << 11,
};

struct nft_ctx;

struct libnftables {
	void *so;
	struct nft_ctx *(*ctx_new)(uint32_t flags);
	void (*ctx_free)(struct nft_ctx *);
	void (*output_set_flags)(struct nft_ctx *, unsigned int flags);
	int (*buffer_output)(struct nft_ctx *);
	int (*buffer_error)(struct nft_ctx *);
	const char *(*get_output)(struct nft_ctx *);
	int (*run)(struct nft_ctx *, const char *commands);
};

static void *find(struct libnftables *lib, const char *name, bool *missing)
{
	void *f = dlsym(lib->so, name);

	*missing |= !f;
	return f;
}

struct libnftables *libnftables_load(char *why, size_t size)
{
	struct libnftables *lib = calloc(1, sizeof(*lib));
	bool missing = false;

	if (!lib) {
		snprintf(why, size, "%s", strerror(ENOMEM));
		return NULL;
	}
	lib->so = dlopen("libnftables.so.1", RTLD_NOW | RTLD_LOCAL);
	if (!lib->so) {
		snprintf(why, size, "%s", dlerror());
		free(lib);
		return NULL;
	}
	*(void **)&lib->ctx_new = find(lib, "nft_ctx_new", &missing);
	*(void **)&lib->ctx_free = find(lib, "nft_ctx_free", &missing);
	*(void **)&lib->output_set_flags = find(lib, "nft_ctx_output_set_flags", &missing);
	*(void **)&lib->buffer_output = find(lib, "nft_ctx_buffer_output", &missing);
	*(void **)&lib->buffer_error = find(lib, "nft_ctx_buffer_error", &missing);
	*(void **)&lib->get_output = find(lib, "nft_ctx_get_output_buffer", &missing);
	*(void **)&lib->run = find(lib, "nft_run_cmd_from_buffer", &missing);
	if (!missing)
		return lib;
	snprintf(why, size, "libnftables.so.1 has not all that is needed");
	libnftables_free(lib);
	return NULL;
}

void libnftables_free(struct libnftables *lib)
{
	if (!lib)
		return;
	dlclose(lib->so);
	free(lib);
}

/* A context for each: it has a socket, and that belongs to a namespace. */
int libnftables_list(struct libnftables *lib, char **text, size_t *len)
{
	struct nft_ctx *ctx = lib->ctx_new(NFT_CTX_DEFAULT);
	const char *out = NULL;

	*text = NULL;
	if (!ctx)
		return -ENOMEM;
	lib->output_set_flags(ctx, NFT_CTX_OUTPUT_HANDLE | NFT_CTX_OUTPUT_STATELESS | NFT_CTX_OUTPUT_TERSE);
	if (!lib->buffer_output(ctx) && !lib->buffer_error(ctx) && !lib->run(ctx, "list ruleset"))
		out = lib->get_output(ctx);
	if (out) {
		*len = strlen(out);
		*text = strdup(out);
	}
	lib->ctx_free(ctx);
	if (!out)
		return -EIO;
	return *text ? 0 : -ENOMEM;
}
