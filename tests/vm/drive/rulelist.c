/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Prints what the reader of rulesets hands over, until it gets SIGTERM:
 *
 *     rulelist [NETNS...]      inodes of namespaces that packets are said to be seen in
 *
 *     ready MS                 all was read once
 *     statements NAME,NAME...  the set is another one
 *     any NFTABLES LEGACY      1 or 0
 *     begin NETNS TEXTS ERROR
 *     table FAMILY HANDLE NAME
 *     chain FAMILY TABLE HANDLE HOOK PRIORITY POLICY FACTS NAME
 *     rule FAMILY TABLE CHAIN HANDLE TEXT [/ COMMENT]
 *     end NETNS MS
 *     hits TABLE HANDLE NETNS COUNT    of legacy iptables, all decisions together
 *     say TEXT
 *
 * Numbers of tables are hexadecimal; what is not printable stands as \xNN.
 */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "../../../bpf/event.h"
#include "base/clock.h"
#include "trace/netfilter/rulesets.h"
#include "trace/netfilter/statement.h"

struct list {
	int wake;
	uint64_t begin;
	struct rulesets *r;
};

static unsigned long long ms(const struct list *l)
{
	return (clock_now(NULL) - l->begin) / 1000000;
}

static void changed(void *ctx)
{
	const uint64_t one = 1;
	struct list *l = ctx;

	if (write(l->wake, &one, sizeof(one)) < 0)
		perror("rulelist");
}

static void say(void *ctx, bool error, const char *text)
{
	(void)ctx;
	printf("say %s%s\n", error ? "error: " : "", text);
}

static void bytes(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c < 32 || c >= 127)
			printf("\\x%02x", c);
		else
			putchar(c);
	}
}

static void print_text(const struct event_rule_text *t)
{
	const char *chain = t->names + t->table_len, *text = chain + t->chain_len;

	switch (t->kind) {
	case RULE_TEXT_TABLE:
		printf("table %u %llx ", t->family, t->table);
		bytes(t->names, t->table_len);
		break;
	case RULE_TEXT_CHAIN:
		printf("chain %u %llx %llu %u %d %u %u ", t->family, t->table, t->chain, t->hook, t->priority,
			t->policy, t->facts);
		bytes(chain, t->chain_len);
		break;
	default:
		printf("rule %u %llx %llu %llu ", t->family, t->table, t->chain, t->handle);
		bytes(text, t->text_len);
	}
	if (t->comment_len) {
		printf(" / ");
		bytes(text + t->text_len, t->comment_len);
	}
	putchar('\n');
}

static void print_hits(const struct event_rule_hits *h)
{
	unsigned long long sum = 0;

	for (int i = 0; i < NF_DECISIONS; i++)
		sum += h->n[i];
	printf("hits %llx %llu %u %llu\n", h->table, h->handle, h->ev.netns, sum);
}

static void put(void *ctx, const void *record, size_t size)
{
	const struct event_ruleset *r = record;
	const struct list *l = ctx;

	if (r->ev.type == EVENT_RULE_TEXT) {
		const struct event_rule_text *t = record;

		if (size != sizeof(*t) + t->table_len + t->chain_len + t->text_len + t->comment_len ||
			size > RULE_TEXT_MAX)
			printf("broken %zu\n", size);
		else
			print_text(t);
	} else if (r->ev.type == EVENT_RULE_HITS) {
		print_hits(record);
	} else if (r->what == RULESET_BEGIN) {
		printf("begin %u %u %d\n", r->ev.netns, r->texts, r->error);
	} else {
		printf("end %u %llu\n", r->ev.netns, ms(l));
	}
}

static void print_set(uint64_t set)
{
	const char *comma = "";

	printf("statements ");
	for (size_t i = 0; i < nstatements; i++) {
		if (set >> i & 1) {
			printf("%s%s", comma, statements[i].name);
			comma = ",";
		}
	}
	putchar('\n');
}

static void look(struct list *l)
{
	static uint64_t set;
	static int any = -1;
	static bool ready;
	int now = rulesets_any(l->r) * 2 + rulesets_any_legacy(l->r);

	rulesets_take(l->r, put, l);
	if (rulesets_statements(l->r) != set) {
		set = rulesets_statements(l->r);
		print_set(set);
	}
	if (now != any)
		printf("any %d %d\n", now / 2, now & 1);
	any = now;
	if (rulesets_ready(l->r) && !ready) {
		printf("ready %llu\n", ms(l));
		ready = true;
	}
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct list l = { .wake = eventfd(0, 0), .begin = clock_now(NULL) };
	const struct rulesets_ops ops = { .changed = changed, .waits = changed, .say = say, .ctx = &l };
	struct pollfd p[2] = { { .events = POLLIN }, { .fd = l.wake, .events = POLLIN } };
	uint64_t count;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	p[0].fd = signalfd(-1, &set, 0);
	l.r = rulesets_start(&ops, true);
	if (!l.r) {
		perror("rulelist");
		return 1;
	}
	for (int i = 1; i < argc; i++)
		rulesets_see(l.r, (uint32_t)strtoul(argv[i], NULL, 10));
	while (poll(p, 2, -1) >= 0 && !p[0].revents) {
		if (read(l.wake, &count, sizeof(count)) > 0)
			look(&l);
	}
	rulesets_stop(l.r);
	rulesets_take(l.r, put, &l);
	rulesets_free(l.r);
	return 0;
}
