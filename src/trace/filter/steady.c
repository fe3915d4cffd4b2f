/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Code from libpcap asks for the ethertype first and then looks at bytes whose
 * meaning depends on the answer: byte 22 is a TTL or part of an IPv6 address.
 * So what is known of the packet is carried along the jumps, which only lead
 * forward.
 */
#include "trace/filter/steady.h"

#include <linux/filter.h>
#include <stdlib.h>

#define NETWORK 14u /* the network header's place in the frame */
#define ETHERTYPE_AT 12u
#define ETHERTYPE_IPV4 0x0800u
#define ETHERTYPE_IPV6 0x86ddu

enum kind { KIND_IPV4 = 1, KIND_IPV6 = 2, KIND_OTHER = 4, KIND_ANY = 7 };

/* What is known where an instruction begins; on all ways that lead there. */
struct known {
	unsigned char kinds; /* that the packet can be of; 0: no way leads here */
	bool type_in_a;	     /* A holds the ethertype */
	bool header_in_x;    /* X holds the length of the IPv4 header */
};

static void join(struct known *at, const struct known *from)
{
	if (!at->kinds) {
		*at = *from;
		return;
	}
	at->kinds |= from->kinds;
	at->type_in_a &= from->type_in_a;
	at->header_in_x &= from->header_in_x;
}

/* Bytes of the IPv4 header that routers, or the stack, write: TOS, length, TTL, checksum. */
static bool is_kept_ipv4(unsigned int at)
{
	return at != 1 && at != 2 && at != 3 && at != 8 && at != 10 && at != 11;
}

/* Of the IPv6 header: class and flow label, length, hop limit. */
static bool is_kept_ipv6(unsigned int at)
{
	return at >= 6 && at != 7;
}

static bool is_kept(unsigned int at, unsigned int kinds)
{
	if (at < ETHERTYPE_AT)
		return false;
	if (at < NETWORK)
		return true;
	at -= NETWORK;
	return !(kinds & KIND_IPV4 && !is_kept_ipv4(at)) && !(kinds & KIND_IPV6 && !is_kept_ipv6(at));
}

static unsigned int size_of(unsigned int code)
{
	return BPF_SIZE(code) == BPF_W ? 4 : BPF_SIZE(code) == BPF_H ? 2 : 1;
}

static bool load_is_steady(const struct cbpf_insn *insn, const struct known *now)
{
	unsigned int mode = BPF_MODE(insn->code);

	switch (mode) {
	case BPF_IMM:
	case BPF_MEM:
		return true;
	case BPF_MSH:
		return insn->k == NETWORK;
	case BPF_IND: /* behind the IPv4 header */
		return now->header_in_x && insn->k >= NETWORK;
	case BPF_ABS:
		for (unsigned int i = 0; i < size_of(insn->code); i++) {
			if (!is_kept(insn->k + i, now->kinds))
				return false;
		}
		return true;
	}
	return false; /* the length */
}

/* What is known behind an instruction that does not jump. */
static void step(const struct cbpf_insn *insn, struct known *now)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
		now->type_in_a = insn->code == (BPF_LD | BPF_H | BPF_ABS) && insn->k == ETHERTYPE_AT;
		break;
	case BPF_ALU:
		now->type_in_a = false;
		break;
	case BPF_LDX:
		now->header_in_x = BPF_MODE(insn->code) == BPF_MSH && insn->k == NETWORK;
		break;
	case BPF_MISC:
		if (BPF_MISCOP(insn->code) == BPF_TAX)
			now->header_in_x = false;
		else
			now->type_in_a = false;
		break;
	}
}

/* Which kinds are left when a comparison of the ethertype holds, or does not. */
static unsigned char kinds_if(const struct cbpf_insn *insn, const struct known *now, bool holds)
{
	unsigned int kind = insn->k == ETHERTYPE_IPV4	? KIND_IPV4
			    : insn->k == ETHERTYPE_IPV6 ? KIND_IPV6
							: KIND_OTHER;

	if (!now->type_in_a || insn->code != (BPF_JMP | BPF_JEQ | BPF_K))
		return now->kinds;
	if (holds)
		return now->kinds & kind;
	return kind == KIND_OTHER ? now->kinds : now->kinds & ~kind;
}

static void jump(const struct filter_code *code, struct known *known, size_t i)
{
	const struct cbpf_insn *insn = &code->v[i];
	struct known then = known[i];

	if (BPF_OP(insn->code) == BPF_JA) {
		join(&known[i + 1 + insn->k], &then);
		return;
	}
	then.kinds = kinds_if(insn, &known[i], true);
	if (then.kinds)
		join(&known[i + 1 + insn->jt], &then);
	then.kinds = kinds_if(insn, &known[i], false);
	if (then.kinds)
		join(&known[i + 1 + insn->jf], &then);
}

static bool leads_out(const struct filter_code *code, size_t i)
{
	const struct cbpf_insn *insn = &code->v[i];
	size_t left = code->n - i - 1;

	if (BPF_CLASS(insn->code) != BPF_JMP)
		return !left && BPF_CLASS(insn->code) != BPF_RET;
	return BPF_OP(insn->code) == BPF_JA ? insn->k >= left : insn->jt >= left || insn->jf >= left;
}

bool filter_is_steady(const struct filter_code *code)
{
	struct known *known = calloc(code->n + 1, sizeof(*known));
	bool steady = known && !code->vlan;

	if (known)
		known[0].kinds = KIND_ANY;
	for (size_t i = 0; i < code->n && steady; i++) {
		const struct cbpf_insn *insn = &code->v[i];
		unsigned int class = BPF_CLASS(insn->code);
		struct known now = known[i];

		if (!now.kinds || class == BPF_RET)
			continue;
		if (leads_out(code, i)) {
			steady = false;
		} else if (class == BPF_JMP) {
			jump(code, known, i);
		} else {
			if (class == BPF_LD || class == BPF_LDX)
				steady = load_is_steady(insn, &now);
			step(insn, &now);
			join(&known[i + 1], &now);
		}
	}
	free(known);
	return steady;
}
