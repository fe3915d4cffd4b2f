/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Generated programs, and the interpreter of trampolines, against libpcap's
 * bpf_filter(), on frames of every kind, changed and cut off at random. SKBSCOPE_SEED repeats a run. pcap.h
 * has a struct bpf_insn of its own: the generated ones are only passed on here.
 */
#include <errno.h>
#include <pcap/pcap.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../bpf/classic.bpf.h"
#include "filter/machine.h"
#include "filter/packets.h"

#define M_WORDS 16
#define MUTATIONS 60 /* of each frame and expression */

static const char *const expressions[] = { "", "ip", "ip6", "arp", "rarp", "tcp", "udp", "icmp", "icmp6",
	"sctp", "esp", "ah", "pim", "vrrp", "igmp", "host 10.1.0.2", "src host 10.1.0.2", "dst host 10.2.0.2",
	"host 10.9.9.9", "net 10.1.0.0/16", "src net 10.0.0.0/8", "dst net 10.2.0.0 mask 255.255.0.0",
	"not net 10.2.0.0/24", "host fd01::2", "src fd01::2", "dst net fd02::/16", "net fd00::/8",
	"ip6 host fd03::1", "port 80", "src port 80", "dst port 53", "tcp port 22", "udp port 53",
	"tcp dst port 443", "udp src port 5353", "sctp port 80", "portrange 50-100", "tcp portrange 1-1023",
	"udp dst portrange 5000-6000", "src portrange 60000-65535", "ip proto 47", "ip proto \\tcp",
	"ip6 proto 17", "proto 6", "ip6 proto 58", "ether proto 0x0806", "ether host 02:00:00:00:0a:01",
	"ether src 02:00:00:00:0a:01", "ether dst 02:00:00:00:0a:02", "ether broadcast", "ether multicast",
	"ip multicast", "ip6 multicast", "not ether broadcast", "arp host 10.1.0.1", "arp src host 10.1.0.2",
	"arp[6:2] = 1", "arp[7] = 2", "vlan", "vlan 100", "vlan 100 and vlan 200", "vlan and tcp",
	"vlan 100 and udp port 53", "vlan and ip6", "not vlan", "mpls", "mpls 100", "mpls 100 and mpls 1024",
	"mpls and host 10.1.0.2", "mpls and tcp port 80", "pppoes", "pppoes 39", "pppoes and tcp",
	"pppoes and ip6 and udp port 53", "pppoed", "geneve", "geneve 42", "geneve and tcp port 80",
	"geneve or not tcp", "llc", "stp", "ipx", "greater 100", "less 60", "len > 200", "len <= 42",
	"len & 1 = 1", "tcp[tcpflags] & tcp-syn != 0",
	"tcp[tcpflags] & (tcp-syn|tcp-ack) == (tcp-syn|tcp-ack)", "tcp[tcpflags] == tcp-syn",
	"tcp[13] & 4 != 0 or tcp[13] & 1 != 0", "icmp[icmptype] = icmp-echo",
	"icmp[icmptype] != icmp-echoreply and icmp[icmpcode] = 3", "icmp6[icmp6type] = icmp6-echo",
	"ip6[40] = 135", "ip[6:2] & 0x1fff != 0", "ip[6:2] & 0x2000 = 0", "ip[0] & 0xf > 5", "ip[8] < 65",
	"ip[2:2] > 100", "ip[0] * 4 - 20 > 0", "ip[ip[0] & 0xf] = 17", "tcp[(tcp[12] & 0xf0) >> 2] > 10",
	"tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x0b30557a", "tcp[tcp[13]] > 1", "udp[4:2] > 20",
	"udp[8:4] & 0xff00 = 0", "ether[0] & 1 = 0", "ether[12:2] > 1500", "ether[ip[0]:4] > 7",
	"ether[60:4] = 0", "ether[508:4] > 0", "ether[509:4] > 0", "ether[511] > 0", "ether[512] > 0",
	"ether[600:2] > 0", "ether[700] > 5", "ether[len - 1] > 0", "ether[len] > 0", "ether[len - 700] = 0",
	"ip[len / 2] > 100", "ip[len % 61] > 50", "len / ip[8] > 1", "len % ip[9] = 3",
	"len / (ip[8] - 64) > 1", "1 << ip[8] > 5", "len << ip[0] > 500", "len >> ip[1] > 0",
	"len << 3 > 800", "-len < 100", "ip[16] ^ ip[17] = 8", "ip[12:4] + ip[16:4] > 0x14000000",
	"ip[12:4] * ip[16:4] > 5", "ip[12:4] - ip[16:4] > 5", "ip[ip[8] + ip[9]] > 0 and tcp[ip[1]] > 0",
	"ether[ether[14:4]] > 0", "ether[0xffffffff - ip[8]] > 0",
	"tcp and port 80 and not host 10.9.9.9 or udp and port 53",
	"(tcp or udp) and (port 53 or port 80 or port 443)", "ip and tcp or ip6 and udp", "not (tcp or udp)",
	"not tcp port 22 and not udp port 53", "host 10.1.0.2 and host 10.2.0.2 and tcp",
	"src 10.1.0.2 or src fd01::2", "tcp or icmp or icmp6 or arp", "icmp or vlan",
	"port 22 or vlan 100 and port 22 or mpls",
	"tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)" };

/* --- one comparison --------------------------------------------------------------- */

struct program {
	const char *expr;
	struct filter_code code;
	struct bpf_insn *classic; /* libpcap's form of code, M[] is cleared first */
	struct bpf_insn *insns;
	size_t n;
};

static const struct filter_target target = { .works_fd = 11, .slots_fd = 12 };
static uint64_t seed;

static uint32_t dice(uint32_t sides)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 32) % sides;
}

static void program_build(struct program *p)
{
	struct machine m = { .target = target };
	char err[256] = "";

	p->classic = calloc(M_WORDS + p->code.n, sizeof(*p->classic));
	assert_non_null(p->classic);
	/* Some of libpcap's code reads M[] before it is written, and bpf_filter() does not clear it. */
	for (size_t i = 0; i < M_WORDS; i++)
		p->classic[i] = (struct bpf_insn){ .code = BPF_ST, .k = (uint32_t)i };
	for (size_t i = 0; i < p->code.n; i++)
		p->classic[M_WORDS + i] = (struct bpf_insn){ p->code.v[i].code, p->code.v[i].jt,
			p->code.v[i].jf, p->code.v[i].k };
	if (filter_generate(&p->code, &target, &p->insns, &p->n, err, sizeof(err)))
		fail_msg("%s: %s", p->expr, err);
	if (machine_check(&m, p->insns, p->n))
		fail_msg("%s: %s", p->expr, m.fault);
}

static void program_free(struct program *p)
{
	filter_code_free(&p->code);
	free(p->classic);
	free(p->insns);
}

/* As classic_run_of() in bpf/fentry.bpf.h. */
static enum filter_result interpret(const struct filter_code *code, struct work *work)
{
	work->result = FILTER_UNKNOWN;
	memset(&work->classic, 0, sizeof(work->classic));
	for (size_t i = 0; i < code->n; i++) {
		const struct cbpf_insn *c = &code->v[work->classic.at++];
		const struct classic_insn insn = { c->code, c->jt, c->jf, c->k };

		assert_true(work->classic.at <= code->n);
		if (!classic_step(work, &insn))
			break;
	}
	return work->result;
}

static enum filter_result compare(const struct program *p, struct work *work, const char *what)
{
	struct machine m = { .target = target, .work = work };
	enum filter_result want = classic_run(&p->code, work);
	unsigned int pcap = bpf_filter(p->classic, work->frame, work->wirelen, work->caplen);

	work->result = FILTER_UNKNOWN;
	if (machine_run(&m, p->insns, p->n) || !m.resumed)
		fail_msg("%s on %s: %s", p->expr, what, m.resumed ? "did not resume" : m.fault);
	if (work->result != want || (pcap != 0) != (want == FILTER_YES))
		fail_msg("%s on %s (%u of %u bytes): %u, want %d, libpcap %u", p->expr, what, work->caplen,
			work->wirelen, work->result, want, pcap);
	if (interpret(&p->code, work) != want)
		fail_msg("%s on %s (%u of %u bytes): interpreted %u, want %d", p->expr, what, work->caplen,
			work->wirelen, work->result, want);
	return want;
}

/* Not a byte behind caplen may matter. */
static void put_frame(struct work *work, const uint8_t *bytes, size_t caplen, size_t wirelen)
{
	if (caplen > FILTER_FRAME)
		caplen = FILTER_FRAME;
	memset(work, 0xa5, sizeof(*work));
	if (caplen)
		memcpy(work->frame, bytes, caplen);
	work->caplen = (uint32_t)caplen;
	work->wirelen = (uint32_t)wirelen;
}

static void mutate(struct work *work, const struct frame *frame)
{
	uint8_t bytes[FRAME_MAX];
	size_t caplen = frame->len, wirelen = frame->len;

	memcpy(bytes, frame->bytes, sizeof(bytes));
	for (uint32_t n = dice(4); n && caplen; n--)
		bytes[dice((uint32_t)(caplen < 80 ? caplen : 80))] = (uint8_t)dice(256);
	switch (dice(3)) {
	case 0: /* the rest is elsewhere */
		caplen = dice((uint32_t)caplen + 1);
		break;
	case 1: /* there is no rest */
		caplen = wirelen = dice((uint32_t)caplen + 1);
		break;
	}
	if (!dice(8))
		wirelen += dice(2000);
	put_frame(work, bytes, caplen, wirelen);
}

static void same_as_libpcap(void **state)
{
	static struct frame frames[FRAMES_MAX];
	static struct work work;
	size_t n_frames = packets_make(frames), comparisons = 0, results[4] = { 0 };
	size_t n_expr = sizeof(expressions) / sizeof(expressions[0]);

	assert_true(n_frames <= FRAMES_MAX);
	for (size_t e = 0; e < n_expr; e++) {
		struct program p = { .expr = expressions[e] };
		char err[256] = "";

		if (filter_compile(p.expr, &p.code, err, sizeof(err)))
			fail_msg("%s: %s", p.expr, err);
		program_build(&p);
		for (size_t i = 0; i < n_frames; i++) {
			put_frame(&work, frames[i].bytes, frames[i].len, frames[i].len);
			results[compare(&p, &work, frames[i].name)]++;
			for (int m = 0; m < MUTATIONS; m++) {
				mutate(&work, &frames[i]);
				results[compare(&p, &work, frames[i].name)]++;
			}
			comparisons += 1 + MUTATIONS;
		}
		program_free(&p);
	}
	print_message(
		"%zu comparisons (%zu expressions, %zu frames), none different: no %zu, yes %zu, cut %zu\n",
		comparisons, n_expr, n_frames, results[FILTER_NO], results[FILTER_YES], results[FILTER_CUT]);
	assert_true(results[FILTER_CUT] > 1000 && results[FILTER_YES] > 1000);
}

/* --- by hand ------------------------------------------------------------------------- */

#define CODE(...) ((struct cbpf_insn[]){ __VA_ARGS__ })
#define RUN(...) run_code(CODE(__VA_ARGS__), sizeof(CODE(__VA_ARGS__)) / sizeof(struct cbpf_insn))
#define REFUSED(what, ...)                                                                                   \
	refused(CODE(__VA_ARGS__), sizeof(CODE(__VA_ARGS__)) / sizeof(struct cbpf_insn), what)

#define LD_W_ABS 0x20
#define LD_W_IND 0x40
#define LD_B_IND 0x50
#define LD_IMM 0x00
#define LD_MEM 0x60
#define LDX_IMM 0x01
#define LDX_MSH 0xb1
#define ST 0x02
#define JA 0x05
#define JEQ_K 0x15
#define JSET_K 0x45
#define LSH_K 0x64
#define LSH_X 0x6c
#define RSH_K 0x74
#define RSH_X 0x7c
#define RET_K 0x06
#define RET_A 0x16

/* On 40 bytes 0, 1, 2, ... of 60. */
static enum filter_result run_code(const struct cbpf_insn *v, size_t n)
{
	static struct work work;
	struct program p = { .expr = "code" };
	uint8_t bytes[60];
	enum filter_result result;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	p.code.v = calloc(n, sizeof(*v));
	p.code.n = n;
	assert_non_null(p.code.v);
	memcpy(p.code.v, v, n * sizeof(*v));
	program_build(&p);
	put_frame(&work, bytes, 40, 60);
	result = compare(&p, &work, "code");
	program_free(&p);
	return result;
}

static void refused(struct cbpf_insn *v, size_t n, const char *what)
{
	const struct filter_code code = { .v = v, .n = n };
	struct bpf_insn *insns = NULL;
	char err[256] = "";
	size_t count;

	assert_int_equal(filter_generate(&code, &target, &insns, &count, err, sizeof(err)), -EINVAL);
	assert_null(insns);
	if (!strstr(err, what) || strchr(err, '\n'))
		fail_msg("\"%s\" does not tell \"%s\"", err, what);
}

static void ends_of_frames(void **state)
{
	assert_int_equal(RUN({ LD_W_ABS, 0, 0, 36 }, { RET_A }), FILTER_YES);
	assert_int_equal(RUN({ LD_W_ABS, 0, 0, 37 }, { RET_A }), FILTER_CUT);
	assert_int_equal(RUN({ LD_W_ABS, 0, 0, 56 }, { RET_A }), FILTER_CUT);
	assert_int_equal(RUN({ LD_W_ABS, 0, 0, 57 }, { RET_A }), FILTER_NO);
	assert_int_equal(RUN({ LD_W_ABS, 0, 0, 0x7fffffff }, { RET_A }), FILTER_NO);
	assert_int_equal(RUN({ LDX_IMM, 0, 0, 30 }, { LD_B_IND, 0, 0, 9 }, { RET_A }), FILTER_YES);
	assert_int_equal(RUN({ LDX_IMM, 0, 0, 30 }, { LD_B_IND, 0, 0, 10 }, { RET_A }), FILTER_CUT);
	assert_int_equal(RUN({ LDX_IMM, 0, 0, 30 }, { LD_B_IND, 0, 0, 30 }, { RET_A }), FILTER_NO);
	/* the sum is 5 in 32 bits */
	assert_int_equal(RUN({ LDX_IMM, 0, 0, 0xffffffff }, { LD_B_IND, 0, 0, 6 }, { RET_A }), FILTER_NO);
	assert_int_equal(RUN({ LDX_IMM, 0, 0, 6 }, { LD_B_IND, 0, 0, 0xffffffff }, { RET_A }), FILTER_NO);
	assert_int_equal(RUN({ LDX_IMM, 0, 0, 5 }, { LD_B_IND, 0, 0, 0x10000 }, { RET_A }), FILTER_NO);
	assert_int_equal(RUN({ LDX_MSH, 0, 0, 39 }, { RET_K, 0, 0, 1 }), FILTER_YES);
	assert_int_equal(RUN({ LDX_MSH, 0, 0, 40 }, { RET_K, 0, 0, 1 }), FILTER_CUT);
	assert_int_equal(RUN({ LDX_MSH, 0, 0, 60 }, { RET_K, 0, 0, 1 }), FILTER_NO);
}

#define LD_IMM_1                                                                                             \
	{                                                                                                    \
		LD_IMM, 0, 0, 1                                                                              \
	}

static void large_shifts(void **state)
{
	/* A = 1 shifted by X, and back by a constant */
	assert_int_equal(RUN(LD_IMM_1, { LDX_IMM, 0, 0, 31 }, { LSH_X }, { RET_A }), FILTER_YES);
	assert_int_equal(RUN(LD_IMM_1, { LDX_IMM, 0, 0, 32 }, { LSH_X }, { RET_A }), FILTER_NO);
	assert_int_equal(RUN(LD_IMM_1, { LDX_IMM, 0, 0, 33 }, { LSH_X }, { RET_A }), FILTER_NO);
	assert_int_equal(RUN(LD_IMM_1, { LDX_IMM, 0, 0, 32 }, { RSH_X }, { RET_A }), FILTER_NO);
	assert_int_equal(RUN(LD_IMM_1, { LSH_K, 0, 0, 31 }, { RSH_K, 0, 0, 31 }, { RET_A }), FILTER_YES);
}

static void dead_code_is_left_out(void **state)
{
	assert_int_equal(RUN({ JA, 0, 0, 1 }, { LD_IMM, 0, 0, 5 }, { RET_K, 0, 0, 1 }), FILTER_YES);
	assert_int_equal(RUN({ RET_K, 0, 0, 7 }, { RET_K, 0, 0, 0 }), FILTER_YES);
	assert_int_equal(RUN({ JEQ_K, 1, 1, 0 }, { RET_K, 0, 0, 0 }, { RET_K, 0, 0, 1 }), FILTER_YES);
	assert_int_equal(RUN({ JSET_K, 0, 1, 1 }, { RET_K, 0, 0, 0 }, { RET_K, 0, 0, 1 }), FILTER_YES);
	assert_int_equal(RUN({ JA, 0, 0, 0 }, { RET_K, 0, 0, 1 }), FILTER_YES);
}

static void refused_by_name(void **state)
{
	const struct filter_code nothing = { 0 };
	struct bpf_insn *insns;
	char err[256];
	size_t n;

	assert_int_equal(filter_generate(&nothing, &target, &insns, &n, err, sizeof(err)), -EINVAL);
	REFUSED("jumps back", { JA, 0, 0, 0xffffffff }, { RET_K });
	REFUSED("jumps out", { JA, 0, 0, 5 }, { RET_K });
	REFUSED("jumps out", { JEQ_K, 0, 1, 5 }, { RET_K });
	REFUSED("does not end with a return", { LD_IMM, 0, 0, 5 });
	REFUSED("no M[16]", { ST, 0, 0, 16 }, { RET_K });
	REFUSED("no M[4000000000]", { LD_MEM, 0, 0, 4000000000 }, { RET_K });
	REFUSED("division by zero", { 0x34, 0, 0, 0 }, { RET_K });
	REFUSED("unknown", { 0xffff, 0, 0, 0 }, { RET_K });
	REFUSED("unknown load", { LD_W_ABS | 0x18, 0, 0, 0 }, { RET_K });
	REFUSED("unknown return", { 0x0e, 0, 0, 0 });
	REFUSED("inbound and outbound", { 0x28, 0, 0, 0xfffff004 }, { RET_K });
	REFUSED("ifindex", { LD_W_ABS, 0, 0, 0xfffff008 }, { RET_K });
	REFUSED("Linux extensions", { LD_W_ABS, 0, 0, 0xfff00000 }, { RET_K });
}

static void refused_expressions(void **state)
{
	static const char *const rows[][2] = { { "ip protochain 6", "protochain" },
		{ "ip6 protochain 17", "protochain" }, { "inbound", "inbound" },
		{ "outbound and tcp", "outbound" }, { "ifindex 3", "ifindex" } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct filter_code code;
		char err[256] = "";

		assert_int_equal(filter_compile(rows[i][0], &code, err, sizeof(err)), 0);
		refused(code.v, code.n, rows[i][1]);
		filter_code_free(&code);
	}
}

static void too_long(void **state)
{
	const size_t n = 5000;
	struct filter_code code = { .v = calloc(n, sizeof(*code.v)), .n = n };
	struct bpf_insn *insns;
	char err[256];
	size_t count;

	assert_non_null(code.v);
	for (size_t i = 0; i < n; i++)
		code.v[i] = (struct cbpf_insn){ LD_W_IND, 0, 0, 0 };
	assert_int_equal(filter_generate(&code, &target, &insns, &count, err, sizeof(err)), -E2BIG);
	assert_non_null(strstr(err, "5000 instructions, at most 4096"));
	code.n = 4096; /* the last of them is too far from the first for 16 bits */
	code.v[0] = (struct cbpf_insn){ JA, 0, 0, 4094 };
	code.v[4095] = (struct cbpf_insn){ RET_K, 0, 0, 1 };
	assert_int_equal(filter_generate(&code, &target, &insns, &count, err, sizeof(err)), 0);
	free(insns); /* nothing in between is reached */
	code.v[0] = (struct cbpf_insn){ LD_W_IND, 0, 0, 0 };
	assert_int_equal(filter_generate(&code, &target, &insns, &count, err, sizeof(err)), -E2BIG);
	assert_non_null(strstr(err, "at most 32767"));
	filter_code_free(&code);
}

static void without_work(void **state)
{
	struct program p = { .expr = "tcp" };
	struct machine m = { .target = target };
	char err[256];

	assert_int_equal(filter_compile(p.expr, &p.code, err, sizeof(err)), 0);
	program_build(&p);
	assert_int_equal(machine_run(&m, p.insns, p.n), 0);
	assert_false(m.resumed);
	program_free(&p);
}

int main(void)
{
	const char *given = getenv("SKBSCOPE_SEED");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_as_libpcap),
		cmocka_unit_test(ends_of_frames),
		cmocka_unit_test(large_shifts),
		cmocka_unit_test(dead_code_is_left_out),
		cmocka_unit_test(refused_by_name),
		cmocka_unit_test(refused_expressions),
		cmocka_unit_test(too_long),
		cmocka_unit_test(without_work),
	};

	seed = given ? strtoull(given, NULL, 0) : 0x736b6273636f7065;
	if (!seed)
		seed = 1;
	print_message("SKBSCOPE_SEED=0x%llx\n", (unsigned long long)seed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
