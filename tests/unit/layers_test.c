/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The classification against the functions that take an skb in two kernels, and
 * against names looked at by hand. Runs in the root of the repository.
 */
#include "model/layers.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#define KERNELS(_) _("tests/data/functions-6.1.txt") _("tests/data/functions-6.12.txt")

struct function {
	char name[96];
	char module[48];
	int position;
};

static struct function functions[4096];

/* "name module-or-dash position" a line; the number of functions */
static int read_functions(const char *path)
{
	int n = 0, fields;
	FILE *f = fopen(path, "r");

	if (!f)
		fail_msg("%s: %s (run in the root of the repository)", path, strerror(errno));
	do {
		struct function *fn = &functions[n];

		assert_true(n < (int)(sizeof(functions) / sizeof(functions[0])));
		fields = fscanf(f, "%95s %47s %d", fn->name, fn->module, &fn->position);
		if (fields == 3)
			n++;
	} while (fields == 3);
	assert_int_equal(fields, EOF);
	fclose(f);
	assert_true(n > 2000);
	return n;
}

static const char *module_of(const struct function *fn)
{
	return strcmp(fn->module, "-") ? fn->module : NULL;
}

/* A router with nftables and a bridge: what the limits of each priority are made for. */
static bool usual(const struct function *fn)
{
	static const char *const modules[] = { "-", "bridge", "nf_tables", "nf_conntrack", "nf_nat", "veth",
		"8021q" };

	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
		if (!strcmp(fn->module, modules[i]))
			return true;
	}
	return !strncmp(fn->module, "nft_", 4);
}

static void check_counts(const char *path)
{
	int total = 0, all = read_functions(path);
	int layers[LAYER_COUNT] = { 0 }, priorities[PRIORITY_MAX + 1] = { 0 };

	for (int i = 0; i < all; i++) {
		struct probe_class class;

		if (!usual(&functions[i]))
			continue;
		class = classify(functions[i].name, module_of(&functions[i]));
		assert_in_range(class.layer, 0, LAYER_COUNT - 1);
		assert_in_range(class.category, 0, CATEGORY_COUNT - 1);
		assert_in_range(class.priority, 0, PRIORITY_MAX);
		layers[class.layer]++;
		priorities[class.priority]++;
		total++;
	}
	print_message("%s: %d functions, priority 0-3: %d %d %d %d\n", path, total, priorities[0],
		priorities[1], priorities[2], priorities[3]);
	for (int i = 0; i < LAYER_COUNT; i++) {
		print_message("%s %d%s", layer_name(i), layers[i], i < LAYER_COUNT - 1 ? ", " : "\n");
		assert_true(layers[i] > 0);
	}
	assert_in_range(total, 1500, 2500);
	assert_in_range(priorities[0], 12, 18);
	assert_in_range(priorities[0] + priorities[1], 60, 100);
	assert_in_range(priorities[2], 250, 500);
	assert_true(layers[LAYER_OTHER] * 10 < total);
}

static void counts_fit_each_kernel(void **state)
{
#define _(path) check_counts(path);
	KERNELS(_)
#undef _
}

static bool is_critical(const char *name)
{
	for (const char *const *c = critical_functions; *c; c++) {
		if (!strcmp(*c, name))
			return true;
	}
	return false;
}

static void critical_list_is_priority_0(void **state)
{
	for (const char *const *c = critical_functions; *c; c++) {
		assert_int_equal(classify(*c, NULL).priority, 0);
		assert_in_range(guess_skb_arg(*c), 1, 5);
	}
#define _(path)                                                                                              \
	for (int i = read_functions(path) - 1; i >= 0; i--)                                                  \
		assert_int_equal(classify(functions[i].name, module_of(&functions[i])).priority == 0,        \
			is_critical(functions[i].name));
	KERNELS(_)
#undef _
}

/* One name of every kernel must be there for each of these. */
static bool found(int n, const char *name)
{
	for (int i = 0; i < n; i++) {
		if (!strcmp(functions[i].name, name))
			return true;
	}
	return false;
}

static void a_ping_is_told_by_default(void **state)
{
	static const char *const hops[] = { "__ip_local_out", "ip_output", "ip_rcv_core", "ip_forward",
		"ip_local_deliver", "icmp_rcv", "nf_hook_slow", "__dev_queue_xmit", "veth_xmit" };

#define _(path)                                                                                              \
	{                                                                                                    \
		int n = read_functions(path);                                                                \
		for (size_t i = 0; i < sizeof(hops) / sizeof(hops[0]); i++) {                                \
			assert_true(found(n, hops[i]));                                                      \
			assert_true(classify(hops[i], NULL).priority <= 1);                                  \
		}                                                                                            \
		assert_true(found(n, "kfree_skb_reason") || found(n, "sk_skb_reason_drop"));                 \
	}
	KERNELS(_)
#undef _
}

/* Whole families, on every function of both kernels: prefix, module, layer. */
static const struct family {
	const char *prefix;
	const char *module;
	int layer;
	int category;
} families[] = {
	{ "xfrm_", "-", LAYER_IPSEC, CATEGORY_IPSEC },
	{ "esp_", "esp4", LAYER_IPSEC, CATEGORY_IPSEC },
	{ "", "xfrm_user", LAYER_IPSEC, CATEGORY_IPSEC },
	{ "", "bridge", LAYER_BRIDGE, CATEGORY_BRIDGE },
	{ "br_", "bridge", LAYER_BRIDGE, CATEGORY_BRIDGE },
	{ "br_nf_", NULL, LAYER_NETFILTER, CATEGORY_NETFILTER },
	{ "", "br_netfilter", LAYER_NETFILTER, CATEGORY_NETFILTER },
	{ "", "nf_tables", LAYER_NETFILTER, CATEGORY_NFT },
	{ "nft_", "nf_tables", LAYER_NETFILTER, CATEGORY_NFT },
	{ "", "nf_nat", LAYER_NETFILTER, CATEGORY_NAT },
	{ "", "nf_conntrack_netlink", LAYER_CONNTRACK, CATEGORY_CONNTRACK },
	{ "nf_conntrack", NULL, LAYER_CONNTRACK, CATEGORY_CONNTRACK },
	{ "", "xt_conntrack", LAYER_NETFILTER, CATEGORY_NETFILTER },
	{ "fib", "-", LAYER_ROUTING, CATEGORY_ROUTING },
	{ "ip_route_input", "-", LAYER_ROUTING, CATEGORY_ROUTING },
	{ "", "sch_htb", LAYER_QDISC, CATEGORY_QDISC },
	{ "", "sch_gred", LAYER_QDISC, CATEGORY_QDISC },
	{ "tunnel_key_", "act_tunnel_key", LAYER_QDISC, CATEGORY_QDISC },
	{ "", "cls_flower", LAYER_QDISC, CATEGORY_QDISC },
	{ "", "wireguard", LAYER_TUNNEL, CATEGORY_TUNNEL },
	{ "", "udp_diag", LAYER_SOCKET, CATEGORY_SOCKET },
	{ "devlink_", "-", LAYER_SOCKET, CATEGORY_SOCKET },
	{ "tcp_v", "-", LAYER_TCP, CATEGORY_TCP },
	{ "icmp", "-", LAYER_ICMP, CATEGORY_ICMP },
};

static void check_family(const struct family *family, int n)
{
	int members = 0;

	for (int i = 0; i < n; i++) {
		const struct function *fn = &functions[i];
		struct probe_class c;

		if (strncmp(fn->name, family->prefix, strlen(family->prefix)))
			continue;
		if (family->module && strcmp(fn->module, family->module))
			continue;
		c = classify(fn->name, module_of(fn));
		if ((int)c.layer != family->layer || (int)c.category != family->category)
			fail_msg("%s in %s: %s, %s", fn->name, fn->module, layer_name(c.layer),
				category_name(c.category));
		members++;
	}
	if (!members)
		fail_msg("no %s* in %s", family->prefix, family->module ? family->module : "any module");
}

static void check_families(const char *path)
{
	int n = read_functions(path);

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		check_family(&families[i], n);
}

static void families_stay_together(void **state)
{
#define _(path) check_families(path);
	KERNELS(_)
#undef _
}

/* A netlink message is no packet: its handlers must not come with the optional functions. */
static void check_control_messages(const char *path)
{
	static const char *const ends[] = { "_doit", "_dumpit", "_fill_info", "_fill_reply", "_dump",
		"_nlattr" };
	int n = read_functions(path), seen = 0;

	for (int i = 0; i < n; i++) {
		const char *name = functions[i].name;

		for (size_t e = 0; e < sizeof(ends) / sizeof(ends[0]); e++) {
			size_t len = strlen(ends[e]), all = strlen(name);

			if (all < len || strcmp(name + all - len, ends[e]) || !strcmp(name, "skb_dump"))
				continue;
			if (classify(name, module_of(&functions[i])).priority != 3)
				fail_msg("%s in %s is not priority 3", name, functions[i].module);
			seen++;
		}
	}
	assert_true(seen > 200);
}

static void control_messages_are_priority_3(void **state)
{
#define _(path) check_control_messages(path);
	KERNELS(_)
#undef _
}

static void check_guesses(const char *path)
{
	int n = read_functions(path), guessed = 0;

	for (int i = 0; i < n; i++) {
		int position = guess_skb_arg(functions[i].name);

		if (!position)
			continue;
		if (position != functions[i].position)
			fail_msg("%s in %s: guessed %d, is %d", functions[i].name, functions[i].module,
				position, functions[i].position);
		guessed++;
	}
	print_message("%s: %d positions guessed, none wrong\n", path, guessed);
	assert_true(guessed > 150);
}

static void guesses_are_right(void **state)
{
#define _(path) check_guesses(path);
	KERNELS(_)
#undef _
	assert_int_equal(guess_skb_arg("nft_do_chain_ipv4"), 2);
	assert_int_equal(guess_skb_arg("__ip_local_out"), 3);
	assert_int_equal(guess_skb_arg("foo_start_xmit"), 1);
	assert_int_equal(guess_skb_arg("trace_raw_output_net_dev_start_xmit"), 0);
	assert_int_equal(guess_skb_arg("__traceiter_net_dev_start_xmit"), 0);
	assert_int_equal(guess_skb_arg("ip_rcv.isra.0"), 0);
	assert_int_equal(guess_skb_arg("nft_do_chain"), 0); /* pktinfo, no skb */
	assert_int_equal(guess_skb_arg("schedule"), 0);
	assert_int_equal(guess_skb_arg(""), 0);
}

static const struct known {
	const char *name, *module;
	int layer, category, priority;
} known[] = {
#define K(_name, _module, _layer, _category, _priority)                                                      \
	{                                                                                                    \
		_name, _module, LAYER_##_layer, CATEGORY_##_category, _priority                              \
	}
	K("__ip_local_out", NULL, IPV4, IP, 0),
	K("ip_output", NULL, IPV4, IP, 1),
	K("ip_forward", NULL, IPV4, IP, 0),
	K("icmp_rcv", NULL, ICMP, ICMP, 0),
	K("ip6_rcv_core", NULL, IPV6, IPV6, 0),
	K("ip6_rcv_core.isra.0", NULL, IPV6, IPV6, 0),
	K("kfree_skb", NULL, DEVICE, GENERAL, 0),
	K("kfree_skb_reason", NULL, DEVICE, GENERAL, 0),
	K("sk_skb_reason_drop", NULL, DEVICE, GENERAL, 0),
	K("dev_hard_start_xmit", NULL, XMIT, NETDEV, 0),
	K("__netif_receive_skb_core", NULL, DEVICE, NETDEV, 1),
	K("__netif_receive_skb_core.constprop.0", NULL, DEVICE, NETDEV, 1),
	K("ip_rcv", NULL, IPV4, IP, 1),
	K("ip_finish_output2", NULL, IPV4, IP, 1),
	K("arp_rcv", NULL, IPV4, IP, 1),
	K("ndisc_rcv", NULL, IPV6, IPV6, 1),
	K("tcp_v6_rcv", NULL, TCP, TCP, 0),
	K("__tcp_transmit_skb", NULL, TCP, TCP, 1),
	K("nft_do_chain_ipv4", "nf_tables", NETFILTER, NFT, 1),
	K("nft_nat_do_chain", "nft_chain_nat", NETFILTER, NAT, 1),
	K("nf_conntrack_in", "nf_conntrack", CONNTRACK, CONNTRACK, 1),
	K("nf_conntrack_in", NULL, CONNTRACK, CONNTRACK, 1),
	K("nf_nat_manip_pkt", "nf_nat", NETFILTER, NAT, 1),
	K("ipt_do_table", "ip_tables", NETFILTER, NETFILTER, 1),
	K("br_handle_frame_finish", "bridge", BRIDGE, BRIDGE, 1),
	K("veth_xmit", "veth", XMIT, NETDEV, 1),
	K("enqueue_to_backlog", NULL, SOFTIRQ, NETDEV, 1),
	K("napi_gro_receive", NULL, GRO, GRO, 1),
	K("vxlan_rcv", "vxlan", TUNNEL, TUNNEL, 1),
	K("xfrm_input", NULL, IPSEC, IPSEC, 1),
	K("ip_route_input_noref", NULL, ROUTING, ROUTING, 1),
	K("ip_rcv_finish", NULL, IPV4, IP, 2),
	K("ip_local_out", NULL, IPV4, IP, 2),
	K("ip_mc_output", NULL, IPV4, IP, 2),
	K("ip6_finish_output", NULL, IPV6, IPV6, 2),
	K("tcp_ack", NULL, TCP, TCP, 2),
	K("tcp_v4_do_rcv", NULL, TCP, TCP, 2),
	K("__udp4_lib_rcv", NULL, UDP, UDP, 2),
	K("icmp_unreach", NULL, ICMP, ICMP, 2),
	K("netif_rx", NULL, SOFTIRQ, NETDEV, 2),
	K("fq_codel_enqueue", NULL, QDISC, QDISC, 2),
	K("htb_enqueue", "sch_htb", QDISC, QDISC, 2),
	K("gred_enqueue", "sch_gred", QDISC, QDISC, 2),
	K("pneigh_enqueue", NULL, ROUTING, ROUTING, 2),
	K("esp_input", "esp4", IPSEC, IPSEC, 2),
	K("xfrm4_rcv", NULL, IPSEC, IPSEC, 2),
	K("skb_clone", NULL, DEVICE, GENERAL, 2),
	K("skb_copy_datagram_iter", NULL, SOCKET, SOCKET, 2),
	K("tcp4_gro_receive", NULL, GRO, GRO, 2),
	K("start_xmit", "virtio_net", XMIT, NETDEV, 2),
	K("macvlan_start_xmit", "macvlan", XMIT, NETDEV, 2),
	K("tunnel_key_act", "act_tunnel_key", QDISC, QDISC, 2),
	K("nf_ct_nat", "nf_nat", NETFILTER, NAT, 2),
	K("nf_ct_helper", "nf_conntrack", CONNTRACK, CONNTRACK, 2),
	K("skb_put", NULL, DEVICE, GENERAL, 3),
	K("help", "nf_conntrack_ftp", CONNTRACK, CONNTRACK, 3),
	K("help", "nf_nat_irc", NETFILTER, NAT, 3),
	K("send4", "wireguard", TUNNEL, TUNNEL, 3),
	K("tcp_new", "nf_conntrack", CONNTRACK, CONNTRACK, 3),
	K("tcp_mt", "xt_tcpudp", NETFILTER, NETFILTER, 3),
	K("udp_dump", "udp_diag", SOCKET, SOCKET, 3),
	K("nft_immediate_dump", "nf_tables", NETFILTER, NFT, 3),
	K("nf_tables_newrule", "nf_tables", NETFILTER, NFT, 3),
	K("inet_rtm_newroute", NULL, ROUTING, ROUTING, 3),
	K("br_fdb_dump", "bridge", BRIDGE, BRIDGE, 3),
	K("rtnl_getlink", NULL, SOCKET, SOCKET, 3),
	K("devlink_nl_get_doit", NULL, SOCKET, SOCKET, 3),
	K("nla_put", NULL, SOCKET, SOCKET, 3),
	K("rings_fill_reply", NULL, SOCKET, SOCKET, 3),
	K("xfrm_dump_sa", "xfrm_user", IPSEC, IPSEC, 3),
	K("tcp4_gso_segment", NULL, XMIT, NETDEV, 3),
	K("crypto_aead_report", NULL, OTHER, GENERAL, 3),
#undef K
};

static void known_names(void **state)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const struct known *k = &known[i];
		struct probe_class c = classify(k->name, k->module);

		if ((int)c.layer != k->layer || (int)c.category != k->category || c.priority != k->priority)
			fail_msg("%s: %s, %s, %d", k->name, layer_name(c.layer), category_name(c.category),
				c.priority);
	}
}

static void assert_unknown(const char *name, const char *module)
{
	struct probe_class c = classify(name, module);

	assert_int_equal(c.layer, LAYER_OTHER);
	assert_int_equal(c.category, CATEGORY_GENERAL);
	assert_int_equal(c.priority, 3);
}

static void unknown_names(void **state)
{
	static char longest[10000];

	assert_unknown("", NULL);
	assert_unknown("", "no_such_module");
	assert_unknown(".", NULL);
	assert_unknown(".isra.0", NULL);
	assert_unknown("q", NULL);
	assert_unknown("schedule", NULL);
	assert_unknown("IP_RCV", NULL); /* functions, unlike layers, are as written */
	/* a name is the whole name, in both directions */
	assert_unknown("sk", NULL);
	assert_true(classify("ip_forwards", NULL).priority > 0);
	assert_true(classify("xip_forward", NULL).priority > 0);
	/* rules of one module do not speak for others */
	assert_unknown("help", NULL);
	assert_unknown("help", "");
	assert_unknown("help", "ext4");
	assert_unknown("send4", "wireguards");
	memset(longest, 'q', sizeof(longest) - 1);
	assert_unknown(longest, longest);
	memset(longest, '_', sizeof(longest) - 1);
	assert_unknown(longest, longest);
	memcpy(longest, "tcp_", 4);
	assert_int_equal(classify(longest, NULL).layer, LAYER_TCP);
}

static void names_both_ways(void **state)
{
	for (int i = 0; i < LAYER_COUNT; i++) {
		const char *name = layer_name(i);

		assert_int_equal(layer_by_name(name, strlen(name)), i);
		assert_true(layer_letter(i) > ' ');
		for (int j = 0; j < i; j++)
			assert_true(layer_letter(i) != layer_letter(j));
	}
	for (int i = 0; i < CATEGORY_COUNT; i++) {
		const char *name = category_name(i);

		assert_int_equal(category_by_name(name, strlen(name)), i);
	}
	assert_string_equal(layer_name(LAYER_IPSEC), "IPsec");
	assert_int_equal(layer_letter(LAYER_IPV6), '6');
	assert_int_equal(layer_by_name("nEtFiLtEr", 9), LAYER_NETFILTER);
	assert_int_equal(layer_by_name("tcp,udp", 3), LAYER_TCP);
	assert_int_equal(layer_by_name("TCP", 2), -1);
	assert_int_equal(layer_by_name("TCPs", 4), -1);
	assert_int_equal(layer_by_name("", 0), -1);
	assert_int_equal(category_by_name("NFT", 3), CATEGORY_NFT);
	assert_int_equal(category_by_name("device", 6), -1);
	assert_int_equal(category_by_name("", 0), -1);
	assert_string_equal(layer_name((enum layer)LAYER_COUNT), "Other");
	assert_int_equal(layer_letter((enum layer)LAYER_COUNT), 'O');
	assert_string_equal(category_name((enum category)CATEGORY_COUNT), "general");
}

static void lists_of_names(void **state)
{
	assert_string_equal(layer_names(),
		"Device, GRO, IPv4, IPv6, TCP, UDP, ICMP, Netfilter, Conntrack, Routing, "
		"Bridge, QDisc, Xmit, SoftIRQ, Tunnel, IPsec, Socket, Other");
	assert_string_equal(category_names(),
		"nft, netfilter, conntrack, nat, ip, ipv6, tcp, udp, icmp, netdev, "
		"bridge, routing, ipsec, tunnel, qdisc, socket, gro, general");
}

/* Far above the 2 ms of a real machine: sanitizers and loaded hosts. Finds what is quadratic. */
static void a_kernel_is_classified_quickly(void **state)
{
	struct timespec begin, end;
	int n = read_functions("tests/data/functions-6.12.txt");
	double ms;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int i = 0; i < n; i++)
		classify(functions[i].name, module_of(&functions[i]));
	clock_gettime(CLOCK_MONOTONIC, &end);
	ms = (double)(end.tv_sec - begin.tv_sec) * 1e3 + (double)(end.tv_nsec - begin.tv_nsec) / 1e6;
	print_message("%d functions in %.1f ms\n", n, ms);
	assert_true(ms < 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_fit_each_kernel),
		cmocka_unit_test(critical_list_is_priority_0),
		cmocka_unit_test(a_ping_is_told_by_default),
		cmocka_unit_test(families_stay_together),
		cmocka_unit_test(control_messages_are_priority_3),
		cmocka_unit_test(guesses_are_right),
		cmocka_unit_test(known_names),
		cmocka_unit_test(unknown_names),
		cmocka_unit_test(names_both_ways),
		cmocka_unit_test(lists_of_names),
		cmocka_unit_test(a_kernel_is_classified_quickly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
