/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Statements of nftables rules: by which functions of the kernel they are
 * evaluated. All have the arguments (expr, regs, pkt). Which of them are in use
 * is what a ruleset tells; the names are those of the kernel's expression types
 * (net/netfilter/nft_*.c, 5.17 to 6.18). The statement "immediate" stands in
 * every ruleset and is not in the table. Some functions of a statement call
 * another of it (masquerade, nat and redirect of inet, meta of bridge): with both
 * attached one expression is met twice.
 */
#ifndef SKBSCOPE_TRACE_NETFILTER_STATEMENT_H
#define SKBSCOPE_TRACE_NETFILTER_STATEMENT_H

#include <stddef.h>
#include <stdint.h>

#define STATEMENT_FUNCS 6
#define STATEMENTS_MAX 64 /* a set of them is a mask */

struct statement {
	const char *name;		    /* for messages: "counter", "vmap", "payload set" ... */
	const char *types[STATEMENT_FUNCS]; /* NFTA_EXPR_NAME of it; NULL behind the last */
	/*
	 * Which of the expressions of that type: enum expression_fact that all must be
	 * there, and none. Those that write or decide, not those that only read.
	 */
	unsigned int with, without;
	const char *functions[STATEMENT_FUNCS]; /* those that the kernel has are attached */
};

enum expression_fact {
	EXPRESSION_SREG = 1 << 0,    /* it has a source register: its data come from there */
	EXPRESSION_DREG = 1 << 1,    /* it has a destination register */
	EXPRESSION_VERDICT = 1 << 2, /* which is the verdict's */
	EXPRESSION_BYTES = 1 << 3,   /* a limit of bytes */
	EXPRESSION_ZONE = 1 << 4,    /* of a conntrack zone */
};

extern const struct statement statements[];
extern const size_t nstatements; /* at most STATEMENTS_MAX */

/* The statements that such an expression is: bits by the table, 0 when it only reads. facts: enum
 * expression_fact. */
uint64_t statements_of(const char *type, unsigned int facts);

#endif
