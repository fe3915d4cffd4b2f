/* SPDX-License-Identifier: GPL-2.0 */
/* tcpdump expression → classic BPF, by libpcap, for frames with an Ethernet header. */
#ifndef SKBSCOPE_TRACE_FILTER_COMPILE_H
#define SKBSCOPE_TRACE_FILTER_COMPILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* struct sock_filter; named apart because pcap's struct bpf_insn clashes with linux/bpf.h. */
struct cbpf_insn {
	uint16_t code;
	uint8_t jt, jf;
	uint32_t k;
};

struct filter_code {
	struct cbpf_insn *v;
	size_t n;
	bool vlan;   /* the expression names tags: a tag that the device took out must be put back */
	bool mac;    /* it looks at Ethernet addresses: wait until the packet has them */
	bool steady; /* filter_is_steady() */
};

/*
 * 0 with *out to be freed, or -EINVAL / -ENOMEM with one line in err and *out
 * left alone: libpcap's words, or ours about an expression that is too long or
 * too deep for it. Looks names up (files and DNS) and waits for the answers.
 * Any thread. "" gives code that takes everything.
 */
int filter_compile(const char *expr, struct filter_code *out, char *err, size_t size);
void filter_code_free(struct filter_code *code);

/*
 * Would filter_compile() have to ask for the address of a name? Then it may take
 * long. Asks nobody itself. Where an expression is wrong it may say yes, though
 * libpcap would stop before it asks. Names of ports and protocols do not count:
 * they stand in local files.
 */
bool filter_needs_names(const char *expr);

#endif
