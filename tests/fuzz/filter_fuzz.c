/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Input: a byte; then an expression, a zero byte and a frame; or classic
 * instructions of 8 bytes and a frame; or numbers that make a correct expression
 * (libpcap does not tell the fuzzer how far it came) and a frame. What libpcap says is what the generated
 * program must say, without a fault. Nothing here asks a resolver, and
 * filter_needs_names() must have known that libpcap would.
 */
#include <netdb.h>
#include <netinet/ether.h>
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "filter/machine.h"
#include "model/packet_filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INSNS_MAX 64
#define M_WORDS 16

static void fail(const char *what, const char *text)
{
	fprintf(stderr, "%s: %s\n", what, text);
	abort();
}

/* --- in place of the resolver --------------------------------------------------------- */

static bool may_ask;

static int question(const char *name)
{
	if (!may_ask)
		fail("filter_needs_names() did not tell of", name);
	return -1;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
	static const unsigned char zero[16];
	static struct sockaddr_in6 address;
	static struct addrinfo literal;

	/* of the scanner, and of what it has found to be an address */
	if (node && strchr(node, ':')) {
		memcpy(&address.sin6_addr, zero, sizeof(zero));
		address.sin6_family = AF_INET6;
		literal.ai_family = AF_INET6;
		literal.ai_addrlen = sizeof(address);
		literal.ai_addr = (struct sockaddr *)&address;
		*out = &literal;
		return 0;
	}
	if (node)
		question(node);
	return EAI_NONAME;
}

void freeaddrinfo(struct addrinfo *list)
{
}

struct netent *getnetbyname(const char *name)
{
	question(name);
	return NULL;
}

int ether_hostton(const char *name, struct ether_addr *out)
{
	return question(name);
}

/* --- comparison ------------------------------------------------------------------------ */

static void put_frame(struct work *work, const uint8_t *data, size_t size)
{
	size_t caplen = size < FILTER_FRAME ? size : FILTER_FRAME;

	memset(work, 0xa5, sizeof(*work));
	memcpy(work->frame, data, caplen);
	work->caplen = (uint32_t)caplen;
	work->wirelen = (uint32_t)size;
	if (caplen > 14 && data[caplen - 1] & 1) /* a part is elsewhere */
		work->wirelen += data[caplen - 1];
}

static void compare(const struct filter_code *code, const uint8_t *data, size_t size)
{
	static struct work work;
	struct machine m = { .target = { 11, 12 }, .work = &work };
	struct bpf_insn *classic, *insns = NULL;
	enum filter_result want;
	unsigned int pcap;
	char err[256] = "";
	size_t n;

	if (filter_generate(code, &m.target, &insns, &n, err, sizeof(err))) {
		if (!err[0] || insns)
			fail("refused", err);
		return;
	}
	/* libpcap reads M[] before it is written ("geneve or not tcp") and bpf_filter() does not clear it */
	classic = calloc(M_WORDS + code->n, sizeof(*classic));
	if (!classic)
		abort();
	for (size_t i = 0; i < M_WORDS; i++)
		classic[i] = (struct bpf_insn){ .code = BPF_ST, .k = (uint32_t)i };
	for (size_t i = 0; i < code->n; i++)
		classic[M_WORDS + i] =
			(struct bpf_insn){ code->v[i].code, code->v[i].jt, code->v[i].jf, code->v[i].k };
	put_frame(&work, data, size);
	want = classic_run(code, &work);
	pcap = bpf_filter(classic, work.frame, work.wirelen, work.caplen);
	if (machine_check(&m, insns, n) || machine_run(&m, insns, n))
		fail("fault", m.fault);
	if (!m.resumed || work.result != want || (pcap != 0) != (want == FILTER_YES)) {
		fprintf(stderr, "result %u, want %d, libpcap %u, %u of %u bytes\n", work.result, want, pcap,
			work.caplen, work.wirelen);
		for (size_t i = 0; i < code->n; i++)
			fprintf(stderr, "%3zu: 0x%02x jt %u jf %u k 0x%x\n", i, code->v[i].code,
				code->v[i].jt, code->v[i].jf, code->v[i].k);
		fail("different", m.fault);
	}
	free(classic);
	free(insns);
}

static void check_message(const char *err)
{
	size_t len = strlen(err), n;
	uint32_t cp;

	if (!len)
		fail("no message", err);
	for (; len; err += n, len -= n) {
		n = utf8_decode(err, len, &cp);
		if (!n || !utf8_printable(cp))
			fail("a message with controls", err);
	}
}

static void try_text(const char *expr, const uint8_t *frame, size_t size)
{
	struct filter_code code = { 0 };
	char err[256] = "";

	may_ask = filter_needs_names(expr);
	if (filter_compile(expr, &code, err, sizeof(err)))
		check_message(err);
	else
		compare(&code, frame, size);
	filter_code_free(&code);
}

static void try_expression(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, 0, size);
	size_t len = end ? (size_t)(end - data) : size;
	char *expr = malloc(len + 1);

	if (!expr)
		abort();
	memcpy(expr, data, len);
	expr[len] = '\0';
	try_text(expr, end ? end + 1 : data + len, end ? size - len - 1 : 0);
	free(expr);
}

/* --- correct expressions ---------------------------------------------------------------- */

/* Each with up to three numbers. */
static const char *const terms[] = { "tcp", "udp", "icmp", "ip", "ip6", "arp", "sctp", "vlan", "vlan %u",
	"mpls", "mpls %u", "pppoes", "pppoes %u", "geneve", "geneve %u", "port %u", "src port %u",
	"tcp dst port %u", "udp port %u", "portrange %u-%u", "host 10.1.0.%u", "src host 10.%u.0.2",
	"net 10.%u.0.0/16", "dst net 10.2.%u.0/24", "host fd01::%u", "net fd02::/%u", "ip proto %u",
	"ip6 proto %u", "proto %u", "ether proto %u", "ether host 02:00:00:00:0a:01", "ether broadcast",
	"ip multicast", "len > %u", "less %u", "greater %u", "ip[%u] & %u != %u", "ip[%u:2] > %u",
	"ip[%u:4] = %u", "tcp[%u] & %u = %u", "tcp[(tcp[12] & 0xf0) >> 2] = %u", "udp[%u:2] < %u",
	"ether[%u:4] >= %u", "ether[%u] * %u > %u", "ether[len - %u] = %u", "ip[ip[%u]] = %u",
	"ether[ether[%u] + %u] > %u", "len / ip[%u] > %u", "len %% ether[%u] = %u", "1 << ip[%u] > %u",
	"ether[%u:2] >> ip[%u] = %u", "ip6[%u] = %u", "icmp[icmptype] = %u", "arp[%u:2] = %u",
	"icmp6[%u] != %u", "ether[%u:4] ^ ether[%u:4] < %u", "- ether[%u] + %u > %u",
	"tcp[tcp[%u]] | %u = %u" };
static const char *const joins[] = { " and ", " or ", " and not ", " or not ", " and (", " or (", ") and ",
	") or " };

/* Up to 16 terms; frame and size: what is left of the input. */
static void try_built(const uint8_t *data, size_t size)
{
	char expr[FILTER_EXPR_MAX * 2];
	int n = 0, open = 0, count = size ? *data % 16 + 1 : 0;
	size_t at = 1;

	while (count-- && at + 5 < size) {
		unsigned int join = data[at] % 8, v[3] = { data[at + 2], data[at + 3], data[at + 4] };

		if (data[at + 1] & 128) /* beyond what a byte can say */
			v[0] = v[0] << 8 | v[1];
		if (join >= 6 && !open)
			join -= 6;
		open += join == 4 || join == 5 ? 1 : join >= 6 ? -1 : 0;
		n += snprintf(expr + n, sizeof(expr) - (size_t)n, "%s",
			n			 ? joins[join]
			: join == 4 || join == 5 ? "("
						 : "");
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wformat-nonliteral"
		n += snprintf(expr + n, sizeof(expr) - (size_t)n,
			terms[data[at + 1] % (sizeof(terms) / sizeof(terms[0]))], v[0], v[1], v[2]);
#pragma clang diagnostic pop
		at += 5;
	}
	while (open--)
		n += snprintf(expr + n, sizeof(expr) - (size_t)n, ")");
	if (n)
		try_text(expr, data + at, size - at);
}

/* --- code ------------------------------------------------------------------------------------ */

/* Every operation there is, so that most programs are valid. */
static const uint8_t codes[] = { 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x0c, 0x14, 0x15, 0x16, 0x1c,
	0x1d, 0x20, 0x24, 0x25, 0x28, 0x2c, 0x2d, 0x30, 0x34, 0x35, 0x3c, 0x3d, 0x40, 0x44, 0x45, 0x48, 0x4c,
	0x4d, 0x50, 0x54, 0x5c, 0x60, 0x61, 0x64, 0x6c, 0x74, 0x7c, 0x80, 0x81, 0x84, 0x87, 0x94, 0x9c, 0xa4,
	0xac, 0xb1 };

static struct cbpf_insn make_insn(const uint8_t *raw, size_t left)
{
	struct cbpf_insn insn = { .code = codes[raw[0] % sizeof(codes)], .jt = raw[1], .jf = raw[2] };

	memcpy(&insn.k, raw + 4, 4);
	if (raw[3] & 1) /* a number that is likely to matter */
		insn.k &= 0x3f;
	if (raw[3] & 2) { /* a jump that is inside */
		insn.jt %= left;
		insn.jf %= left;
		if (insn.code == 5)
			insn.k %= left;
	}
	if ((insn.code & 7) == 2 || (insn.code & 7) == 3 || (insn.code & 0xe0) == 0x60)
		insn.k = (insn.code & 7) < 4 ? insn.k % M_WORDS : insn.k;
	if (insn.code == 0x64 || insn.code == 0x74) /* 32 and more is undefined in bpf_filter() */
		insn.k &= 31;
	return insn;
}

static void try_code(const uint8_t *data, size_t size)
{
	struct cbpf_insn v[INSNS_MAX + 1] = { 0 };
	struct bpf_insn classic[INSNS_MAX + 1];
	struct filter_code code = { .v = v };
	size_t n = size ? *data % INSNS_MAX : 0;

	if (!size)
		return;
	if (size < 1 + n * 8)
		n = (size - 1) / 8;
	for (size_t i = 0; i < n; i++)
		v[code.n++] = make_insn(data + 1 + i * 8, n - i);
	v[code.n++] = (struct cbpf_insn){ .code = BPF_RET | BPF_A };
	for (size_t i = 0; i < code.n; i++) {
		classic[i] = (struct bpf_insn){ v[i].code, v[i].jt, v[i].jf, v[i].k };
		if (v[i].code == (BPF_JMP | BPF_JA) && (int32_t)v[i].k < 0) /* bpf_filter() might never end */
			return;
	}
	if (bpf_validate(classic, (int)code.n))
		compare(&code, data + 1 + n * 8, size - 1 - n * 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	switch (data[0] % 3) {
	case 0:
		try_expression(data + 1, size - 1);
		break;
	case 1:
		try_code(data + 1, size - 1);
		break;
	default:
		try_built(data + 1, size - 1);
	}
	return 0;
}
