/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/filter/compile.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/names.h"
#include "model/packet_filter.h"
#include "trace/filter/steady.h"
#include "trace/filter/words.h"

#define SNAPLEN 65535	  /* what "ret" says for a match */
#define ADDRESSES_END 12u /* the two Ethernet addresses stand before it */
#define NESTED_MAX 64	  /* libpcap walks its tree recursively */

/* Expressions are someone else's: a message shows no control characters. */
__attribute__((format(printf, 3, 4))) static int refuse(char *err, size_t size, const char *fmt, ...)
{
	char line[PCAP_ERRBUF_SIZE + 64];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	printable(err, size, line, sizeof(line));
	return -EINVAL;
}

/* Refuses what libpcap might not survive; notices whether tags are named. */
static int look_at_words(const char *expr, bool *vlan, char *err, size_t size)
{
	int nested = 0, nots = 0, brackets = 0;
	struct word word;

	if (strlen(expr) >= FILTER_EXPR_MAX)
		return refuse(err, size, "the expression has %zu bytes, at most %d", strlen(expr),
			FILTER_EXPR_MAX - 1);
	for (word = word_at(expr); word.type != WORD_END; word = word_at(word.s + word.len)) {
		nots = word_is(&word, "!") || word_is(&word, "not") ? nots + 1 : 0;
		if (word.type == WORD_SIGN) {
			nested += strchr("([", *word.s) != NULL;
			nested -= strchr(")]", *word.s) != NULL;
			brackets += (*word.s == '[') - (*word.s == ']');
		}
		if (nested > NESTED_MAX)
			return refuse(
				err, size, "more than %d \"(\" and \"[\" inside each other", NESTED_MAX);
		if (nots > NESTED_MAX)
			return refuse(err, size, "more than %d times \"not\" in a row", NESTED_MAX);
		*vlan |= !brackets && word.type == WORD_KEYWORD && word_is(&word, "vlan");
	}
	return 0;
}

static bool looks_at_addresses(const struct filter_code *code)
{
	for (size_t i = 0; i < code->n; i++) {
		const struct cbpf_insn *insn = &code->v[i];

		/* "ether[ip[0]]" loads relative to X: it may look at them */
		if (BPF_CLASS(insn->code) == BPF_LD && insn->k < ADDRESSES_END &&
			(BPF_MODE(insn->code) == BPF_ABS || BPF_MODE(insn->code) == BPF_IND))
			return true;
	}
	return false;
}

static int take(const struct bpf_program *program, struct filter_code *out)
{
	out->v = calloc(program->bf_len, sizeof(*out->v));
	if (!out->v)
		return -ENOMEM;
	out->n = program->bf_len;
	for (size_t i = 0; i < out->n; i++) {
		const struct bpf_insn *insn = &program->bf_insns[i];

		out->v[i] = (struct cbpf_insn){ insn->code, insn->jt, insn->jf, insn->k };
	}
	return 0;
}

int filter_compile(const char *expr, struct filter_code *out, char *err, size_t size)
{
	struct filter_code code = { 0 };
	struct bpf_program program = { 0 };
	pcap_t *pcap = NULL;
	int ret = look_at_words(expr, &code.vlan, err, size);

	if (ret)
		return ret;
	pcap = pcap_open_dead(DLT_EN10MB, SNAPLEN);
	if (!pcap) {
		refuse(err, size, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	if (pcap_compile(pcap, &program, expr, 1, PCAP_NETMASK_UNKNOWN)) {
		ret = refuse(err, size, "%s", pcap_geterr(pcap));
		goto out;
	}
	ret = take(&program, &code);
	if (ret) {
		refuse(err, size, "%s", strerror(-ret));
		goto out;
	}
	code.mac = looks_at_addresses(&code);
	code.steady = filter_is_steady(&code);
	*out = code;
out:
	pcap_freecode(&program);
	pcap_close(pcap);
	return ret;
}

void filter_code_free(struct filter_code *code)
{
	free(code->v);
	memset(code, 0, sizeof(*code));
}

/* Behind these libpcap reads a name from tables and local files, or does not know names at all. */
static bool names_a_number(const struct word *word)
{
	static const char *const words[] = { "port", "portrange", "proto", "protochain", "type", "subtype",
		"dir", "direction", "on", "ifname", "rset", "ruleset", "reason", "action", "llc" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (word_is(word, words[i]))
			return true;
	}
	return false;
}

/*
 * A name is of the kind that the last keyword before it says ("port http or
 * ssh"); a closing parenthesis brings back what held before its opening one.
 */
bool filter_needs_names(const char *expr)
{
	bool number[NESTED_MAX + 1] = { false };
	int nested = 0, brackets = 0;
	struct word word;

	for (word = word_at(expr); word.type != WORD_END; word = word_at(word.s + word.len)) {
		if (word.type == WORD_SIGN) {
			brackets += (*word.s == '[') - (*word.s == ']');
			if (*word.s == '(' && nested < NESTED_MAX) {
				number[nested + 1] = number[nested];
				nested++;
			} else if (*word.s == ')' && nested) {
				nested--;
			}
		}
		if (brackets > 0)
			continue;
		if (word.type == WORD_KEYWORD && !word_is(&word, "and") && !word_is(&word, "or") &&
			!word_is(&word, "not"))
			number[nested] = names_a_number(&word);
		else if (word.type == WORD_NAME && !number[nested])
			return true;
	}
	return false;
}
