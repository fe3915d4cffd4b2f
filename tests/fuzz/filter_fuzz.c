/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Input: a byte; then either an expression, a zero byte and a frame, or classic
 * instructions of 8 bytes and a frame. What libpcap says is what the generated
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
	classic = calloc(code->n, sizeof(*classic));
	if (!classic)
		abort();
	for (size_t i = 0; i < code->n; i++)
		classic[i] = (struct bpf_insn){ code->v[i].code, code->v[i].jt, code->v[i].jf, code->v[i].k };
	put_frame(&work, data, size);
	want = classic_run(code, &work);
	pcap = bpf_filter(classic, work.frame, work.wirelen, work.caplen);
	if (machine_check(&m, insns, n) || machine_run(&m, insns, n))
		fail("fault", m.fault);
	if (!m.resumed || work.result != want || (pcap != 0) != (want == FILTER_YES))
		fail("different", m.fault);
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

static void try_expression(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, 0, size);
	size_t len = end ? (size_t)(end - data) : size;
	struct filter_code code = { 0 };
	char *expr = malloc(len + 1), err[256] = "";

	if (!expr)
		abort();
	memcpy(expr, data, len);
	expr[len] = '\0';
	may_ask = filter_needs_names(expr);
	if (filter_compile(expr, &code, err, sizeof(err)))
		check_message(err);
	else
		compare(&code, end ? end + 1 : data + len, end ? size - len - 1 : 0);
	filter_code_free(&code);
	free(expr);
}

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

/* M[] is zero at first: bpf_filter() has what the stack had. */
static void try_code(const uint8_t *data, size_t size)
{
	struct cbpf_insn v[M_WORDS + INSNS_MAX + 1] = { 0 };
	struct bpf_insn classic[M_WORDS + INSNS_MAX + 1];
	struct filter_code code = { .v = v };
	size_t n = size ? *data % INSNS_MAX : 0;

	if (size < 1 + n * 8)
		n = size ? (size - 1) / 8 : 0;
	for (size_t i = 0; i < M_WORDS; i++)
		v[code.n++] = (struct cbpf_insn){ .code = 0x02, .k = (uint32_t)i };
	for (size_t i = 0; i < n; i++)
		v[code.n++] = make_insn(data + 1 + i * 8, n - i);
	v[code.n++] = (struct cbpf_insn){ .code = 0x16 };
	for (size_t i = 0; i < code.n; i++)
		classic[i] = (struct bpf_insn){ v[i].code, v[i].jt, v[i].jf, v[i].k };
	for (size_t i = 0; i < code.n; i++) {
		if (v[i].code == 5 && (int32_t)v[i].k < 0) /* bpf_filter() might never end */
			return;
	}
	if (!bpf_validate(classic, (int)code.n))
		return;
	if (size)
		compare(&code, data + 1 + n * 8, size - 1 - n * 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (data[0] & 1)
		try_code(data + 1, size - 1);
	else
		try_expression(data + 1, size - 1);
	return 0;
}
