/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which packets are shown: what the command line and the screen's prompt ask
 * for. Everything given must hold (and). A packet that has matched once is
 * shown until it ends, also in its clones and whatever becomes of its headers.
 *
 * As text it is words "key=value", then a tcpdump expression:
 *
 *     if=eth0 netns=web inner='udp port 53' host 10.0.0.1 and tcp
 *
 * Values with blanks stand in '...' or "...". Keys: packet_filter_keys().
 */
#ifndef SKBSCOPE_MODEL_PACKET_FILTER_H
#define SKBSCOPE_MODEL_PACKET_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILTER_EXPR_MAX 1024 /* bytes with the end, as all below */
#define FILTER_NAME_MAX 128
#define FILTER_TEXT_MAX 4096 /* of packet_filter_format() at most */

struct packet_filter {
	char expr[FILTER_EXPR_MAX];   /* tcpdump expression on the packet; "" any */
	char inner[FILTER_EXPR_MAX];  /* the same on what a tunnel carries; "" any */
	char interface[16];	      /* its name in whatever netns; "" any */
	char netns[FILTER_NAME_MAX];  /* name, path, inode number or "pid:N"; "" any */
	char cgroup[FILTER_NAME_MAX]; /* path in the cgroup v2 tree ("/system.slice/x"); "" any */
	char comm[16];		      /* process name; "" any */
	uint32_t mark, mark_mask;     /* mark_mask 0: any mark */
	uint32_t pid;		      /* of the owner; 0 any */
	uint32_t uid;
	bool by_uid;
	uint32_t sample; /* 1 in so many packets of those that match; 0 and 1: all */
};

/* One row a key, ended by a NULL key: feeds the parser, the help and the manual. */
struct packet_filter_key {
	const char *key;   /* "if" */
	const char *value; /* what stands behind "=": "NAME", "V[/M]" */
	const char *help;
};
extern const struct packet_filter_key packet_filter_keys[];

/*
 * 0, or -EINVAL with a line in err that names the word. Does not look at the
 * tcpdump expressions themselves. Leaves *out alone on errors.
 *
 * Text is printable UTF-8 without controls, tab and newline among them. Words of
 * small letters and one "=" at the beginning are keys, known ones or errors; a
 * key stands once. Equal filters are equal bytes: what is not given is zero, also
 * behind the end of a name, and sample=1 is 0.
 */
int packet_filter_parse(struct packet_filter *out, const char *text, char *err, size_t size);

/* Sets one key, as an option of the command line does: the same checks. The last value counts. */
int packet_filter_set(struct packet_filter *f, const char *key, const char *value, char *err, size_t size);

/* The text that parses to the same; returns buf. "" when everything is shown. */
char *packet_filter_format(const struct packet_filter *f, char *buf, size_t size);

/* What over asks for takes the place of what f asks for there; the rest of f stays. */
void packet_filter_merge(struct packet_filter *f, const struct packet_filter *over);

bool packet_filter_is_empty(const struct packet_filter *f);

#endif
