/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets that something happens to: NAT, copies of which some die, a
 * retransmission, a tunnel, a queue, lost records. Each is a script of records.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "demo_private.h"

enum record {
	AT,   /* a function */
	AS,   /* a function, and the packet looks like tuple `arg` from here on */
	OF,   /* the first function of a copy of copy `arg` */
	LOSE, /* arg records */
	TAKE, /* socket `arg` */
	DROP, /* reason `arg`, and the end */
	END,
};

enum { A_VA, R_RA, R_RB, B_VB, R_WAN, W_ETH0, H_P0, H_BR0, H_V1, H_V2, H_V3, W_VX0 };

struct act {
	unsigned char record, copy, device, arg;
	short len;
	unsigned int ns100; /* tenths of a microsecond since the record before */
	const char *func;
};

struct look {
	unsigned char family, proto;
	unsigned short sport, dport;
	const char *src, *dst;
};

static const struct {
	unsigned int inode, pid, uid;
	const char *comm;
} sockets[] = {
	{ 0, 0, 0, NULL },
	{ 51011, 3401, 33, "nginx" },
	{ 51012, 812, 108, "avahi-daemon" },
	{ 51013, 2207, 1000, "curl" },
	{ 51014, 900, 0, "dnsmasq" },
};

static const struct look looks[] = {
	{ 4, 6, 4000, 443, "10.1.0.2", "198.51.100.7" },
	{ 4, 6, 61001, 443, "192.0.2.1", "198.51.100.7" },
	{ 4, 17, 6000, 7000, "10.5.0.2", "10.5.0.255" },
	{ 4, 6, 45010, 80, "10.1.0.2", "10.2.0.2" },
	{ 4, 6, 5000, 80, "10.9.0.1", "10.9.0.2" },
	{ 4, 17, 45555, 4789, "10.1.0.2", "192.0.2.9" },
	{ 4, 1, 77, 3, "10.1.0.2", "10.2.0.9" },
	{ 4, 6, 443, 61001, "198.51.100.7", "192.0.2.1" },
	{ 4, 6, 443, 4000, "198.51.100.7", "10.1.0.2" },
};

#define SENT_BY_A                                                                                            \
	{ AT, 0, A_VA, 0, 0, 6, "nf_hook_slow" }, { AT, 0, A_VA, 0, 0, 9, "ip_output" },                     \
		{ AT, 0, A_VA, 0, 14, 15, "__dev_queue_xmit" },                                              \
		{ AT, 0, A_VA, 0, 14, 12, "dev_hard_start_xmit" },                                           \
	{                                                                                                    \
		AT, 0, A_VA, 0, 14, 5, "veth_xmit"                                                           \
	}
#define INTO_R                                                                                               \
	{ AT, 0, R_RA, 0, 14, 8, "enqueue_to_backlog" },                                                     \
		{ AT, 0, R_RA, 0, 0, 214, "__netif_receive_skb_core" }, { AT, 0, R_RA, 0, 0, 8, "ip_rcv" },  \
		{ AT, 0, R_RA, 0, 0, 11, "nf_conntrack_in" },                                                \
		{ AT, 0, R_RA, 0, 0, 14, "ip_route_input_noref" }, { AT, 0, R_RA, 0, 0, 9, "ip_forward" },   \
	{                                                                                                    \
		AT, 0, R_RA, 0, 0, 6, "nf_hook_slow"                                                         \
	}

static const struct act natted[] = {
	{ AS, 0, A_VA, 0, 0, 0, "__ip_local_out" },
	SENT_BY_A,
	INTO_R,
	{ AT, 0, R_WAN, 0, 0, 16, "ip_forward_finish" },
	{ AT, 0, R_WAN, 0, 0, 5, "ip_output" },
	{ AT, 0, R_WAN, 0, 0, 4, "nf_hook_slow" },
	{ AS, 0, R_WAN, 1, 0, 21, "ip_finish_output2" },
	{ AT, 0, R_WAN, 0, 14, 7, "__dev_queue_xmit" },
	{ AT, 0, R_WAN, 0, 14, 4, "dev_qdisc_enqueue" },
	{ AT, 0, R_WAN, 0, 14, 12040, "sch_direct_xmit" },
	{ AT, 0, R_WAN, 0, 14, 6, "dev_hard_start_xmit" },
	{ AT, 0, W_ETH0, 0, 0, 61, "__netif_receive_skb_core" },
	{ AT, 0, W_ETH0, 0, 0, 7, "ip_rcv" },
	{ AT, 0, W_ETH0, 0, 0, 9, "ip_local_deliver" },
	{ AT, 0, W_ETH0, 0, -20, 9, "tcp_v4_rcv" },
	{ AT, 0, W_ETH0, 0, -20, 8, "tcp_rcv_established" },
	{ TAKE, 0, W_ETH0, 1, -52, 4, "tcp_rcv_established" },
	{ END, 0, W_ETH0, 0, -52, 90, "consume_skb" },
};

static const struct act natted_back[] = {
	{ AS, 0, W_ETH0, 7, 0, 0, "__ip_local_out" },
	{ AT, 0, W_ETH0, 0, 0, 9, "ip_output" },
	{ AT, 0, W_ETH0, 0, 14, 15, "dev_hard_start_xmit" },
	{ AT, 0, R_WAN, 0, 0, 58, "__netif_receive_skb_core" },
	{ AT, 0, R_WAN, 0, 0, 8, "ip_rcv" },
	{ AT, 0, R_WAN, 0, 0, 11, "nf_conntrack_in" },
	{ AS, 0, R_WAN, 8, 0, 19, "ip_route_input_noref" },
	{ AT, 0, R_WAN, 0, 0, 9, "ip_forward" },
	{ AT, 0, R_RA, 0, 0, 16, "ip_forward_finish" },
	{ AT, 0, R_RA, 0, 14, 9, "dev_hard_start_xmit" },
	{ AT, 0, A_VA, 0, 0, 61, "__netif_receive_skb_core" },
	{ AT, 0, A_VA, 0, 0, 7, "ip_rcv" },
	{ AT, 0, A_VA, 0, -20, 17, "tcp_v4_rcv" },
	{ TAKE, 0, A_VA, 3, -52, 4, "tcp_rcv_established" },
	{ END, 0, A_VA, 0, -52, 60, "consume_skb" },
};

/* A rare one of the same flow. */
static const struct act refused[] = {
	{ AS, 0, A_VA, 0, 0, 0, "__ip_local_out" },
	SENT_BY_A,
	INTO_R,
	{ DROP, 0, R_RA, 8, 0, 7, "kfree_skb_reason" },
};

/* A bridge floods: three copies go out, one of them dies, the packet itself goes up. */
static const struct act flooded[] = {
	{ AS, 0, H_P0, 2, 0, 0, "__netif_receive_skb_core" },
	{ AT, 0, H_P0, 0, 0, 8, "br_handle_frame_finish" },
	{ OF, 1, H_P0, 0, 0, 9, "skb_clone" },
	{ AT, 1, H_V1, 0, 0, 6, "br_forward" },
	{ AT, 1, H_V1, 0, 14, 7, "br_dev_queue_push_xmit" },
	{ AT, 1, H_V1, 0, 14, 4, "dev_hard_start_xmit" },
	{ END, 1, H_V1, 0, 14, 5, "consume_skb" },
	{ OF, 2, H_P0, 0, 0, 3, "skb_clone" },
	{ AT, 2, H_V2, 0, 0, 5, "br_forward" },
	{ AT, 2, H_V2, 0, 0, 4, "nf_hook_slow" },
	{ DROP, 2, H_V2, 8, 0, 6, "kfree_skb_reason" },
	{ OF, 3, H_P0, 0, 0, 3, "skb_clone" },
	{ AT, 3, H_V3, 0, 0, 5, "br_forward" },
	{ AT, 3, H_V3, 0, 14, 7, "br_dev_queue_push_xmit" },
	{ AT, 3, H_V3, 0, 14, 4, "dev_hard_start_xmit" },
	{ END, 3, H_V3, 0, 14, 5, "consume_skb" },
	{ AT, 0, H_BR0, 0, 0, 7, "br_pass_frame_up" },
	{ AT, 0, H_BR0, 0, 0, 8, "ip_rcv" },
	{ AT, 0, H_BR0, 0, 0, 9, "ip_local_deliver" },
	{ AT, 0, H_BR0, 0, -20, 9, "udp_rcv" },
	{ TAKE, 0, H_BR0, 2, -28, 6, "sock_queue_rcv_skb" },
	{ END, 0, H_BR0, 0, -28, 31000, "consume_skb" },
};

/* TCP sends clones of what it keeps; the first one does not arrive. */
static const struct act sent_again[] = {
	{ AS, 0, A_VA, 3, -52, 0, "__tcp_transmit_skb" },
	{ OF, 1, A_VA, 0, -20, 6, "__ip_local_out" },
	{ AT, 1, A_VA, 0, 0, 9, "ip_output" },
	{ AT, 1, A_VA, 0, 14, 12, "dev_hard_start_xmit" },
	{ AT, 1, R_RA, 0, 0, 55, "__netif_receive_skb_core" },
	{ AT, 1, R_RA, 0, 0, 9, "ip_forward" },
	{ DROP, 1, R_RA, 6, 0, 9, "kfree_skb_reason" },
	{ AT, 0, A_VA, 0, -52, 2031000, "__tcp_retransmit_skb" },
	{ OF, 2, A_VA, 0, -20, 14, "__ip_local_out" },
	{ AT, 2, A_VA, 0, 0, 9, "ip_output" },
	{ AT, 2, A_VA, 0, 14, 12, "dev_hard_start_xmit" },
	{ AT, 2, R_RA, 0, 0, 55, "__netif_receive_skb_core" },
	{ AT, 2, R_RA, 0, 0, 9, "ip_forward" },
	{ AT, 2, R_RB, 0, 14, 19, "dev_hard_start_xmit" },
	{ AT, 2, B_VB, 0, 0, 61, "__netif_receive_skb_core" },
	{ AT, 2, B_VB, 0, 0, 7, "ip_rcv" },
	{ AT, 2, B_VB, 0, -20, 9, "tcp_v4_rcv" },
	{ TAKE, 2, B_VB, 1, -52, 6, "tcp_rcv_established" },
	{ END, 2, B_VB, 0, -52, 40, "consume_skb" },
	{ END, 0, A_VA, 0, -52, 900, "consume_skb" },
};

static const struct act tunnelled[] = {
	{ AS, 0, A_VA, 4, 0, 0, "__ip_local_out" },
	{ AT, 0, W_VX0, 0, 14, 9, "dev_hard_start_xmit" },
	{ AT, 0, W_VX0, 0, 14, 11, "vxlan_xmit" },
	{ AS, 0, A_VA, 5, 50, 23, "ip_output" },
	{ AT, 0, A_VA, 0, 64, 12, "dev_hard_start_xmit" },
	{ AT, 0, W_ETH0, 0, 50, 66, "__netif_receive_skb_core" },
	{ AT, 0, W_ETH0, 0, 50, 7, "ip_rcv" },
	{ AT, 0, W_ETH0, 0, 30, 12, "udp_rcv" },
	{ AT, 0, W_ETH0, 0, 22, 5, "vxlan_rcv" },
	{ AS, 0, W_VX0, 4, 0, 17, "__netif_receive_skb_core" },
	{ AT, 0, W_VX0, 0, 0, 7, "ip_rcv" },
	{ AT, 0, W_VX0, 0, -20, 19, "tcp_v4_rcv" },
	{ TAKE, 0, W_VX0, 1, -52, 6, "tcp_rcv_established" },
	{ END, 0, W_VX0, 0, -52, 40, "consume_skb" },
};

static const struct act lossy[] = {
	{ LOSE, 0, A_VA, 2, 0, 0, NULL },
	{ AS, 0, A_VA, 6, 0, 0, "ip_output" },
	{ AT, 0, A_VA, 0, 14, 15, "dev_hard_start_xmit" },
	{ LOSE, 0, R_RA, 3, 0, 0, NULL },
	{ AT, 0, R_RA, 0, 0, 130, "ip_forward" },
	{ AT, 0, R_RB, 0, 0, 16, "ip_output" },
	{ AT, 0, R_RB, 0, 14, 12, "dev_hard_start_xmit" },
};

#define SCRIPT(s) (s), sizeof(s) / sizeof((s)[0])

static const struct script {
	const struct act *act;
	size_t n;
	unsigned short len, ms, every; /* every so many packets, the one after it in the table instead */
	unsigned int pid;
	const char *comm;
} scripts[] = {
	{ SCRIPT(natted), 60, 50, 64, 1433, "curl" },
	{ SCRIPT(refused), 60, 0, 0, 1433, "curl" },
	{ SCRIPT(natted_back), 60, 50, 0, 3401, "nginx" },
	{ SCRIPT(flooded), 92, 500, 0, 0, "swapper/2" },
	{ SCRIPT(sent_again), 412, 900, 0, 1444, "wget" },
	{ SCRIPT(tunnelled), 160, 250, 0, 1450, "curl" },
	{ SCRIPT(lossy), 84, 1000, 0, 1460, "ping" },
};

#define NSCRIPTS (sizeof(scripts) / sizeof(scripts[0]))

_Static_assert(NSCRIPTS <= DEMO_SCRIPTS, "struct demo has a time for each");

static void take_look(struct wire_tuple *t, const struct look *look)
{
	memset(t, 0, sizeof(*t));
	t->family = look->family;
	t->proto = look->proto;
	t->l2proto = look->family == 4 ? 0x0800 : 0x86dd;
	t->flags = TUPLE_IP | (look->proto == 1 ? TUPLE_ICMP | TUPLE_ICMP_ID : TUPLE_PORTS);
	t->sport = look->sport;
	t->dport = look->dport;
	t->tcp_flags = look->proto == 6 ? 0x18 : 0;
	t->icmp_type = look->proto == 1 ? 8 : 0;
	inet_pton(look->family == 4 ? AF_INET : AF_INET6, look->src, t->saddr);
	inet_pton(look->family == 4 ? AF_INET : AF_INET6, look->dst, t->daddr);
}

static void push_socket(struct demo *d, struct event_full *full, const struct act *act)
{
	struct event_socket socket = {
		.ev = full->ev, .inode = sockets[act->arg].inode, .uid = sockets[act->arg].uid
	};

	socket.ev.type = EVENT_SOCKET;
	demo_push(d, &socket, sizeof(socket));
}

static void push_drop(struct demo *d, struct event_full *full, const struct act *act)
{
	struct event_drop drop = { .ev = full->ev, .location = 0xffffffff81a2b3c4ull, .reason = act->arg };

	drop.ev.type = EVENT_DROP;
	demo_netfilter_drop(d, &drop);
	demo_push(d, &drop, sizeof(drop));
}

static void push_act(struct demo *d, struct event_full *full, const struct act *act, bool whole)
{
	switch ((enum record)act->record) {
	case TAKE:
		push_socket(d, full, act);
		break;
	case DROP:
		push_drop(d, full, act);
		full->ev.ts += 300;
		full->ev.seq++;
		/* fall through */
	case END:
		full->ev.type = EVENT_END;
		demo_push(d, &full->ev, sizeof(full->ev));
		break;
	default:
		full->ev.type = whole ? EVENT_FUNC_FULL : EVENT_FUNC;
		demo_push(d, full, whole ? sizeof(*full) : sizeof(full->ev));
		break;
	}
}

static void play(struct demo *d, const struct script *script)
{
	struct event_full full = { .ev = { .packet = ++d->packet, .pid = script->pid },
		.l3_len = script->len,
		.ct = 0xffff888105300002ull };
	unsigned short seq[4] = { 0 };
	uint64_t ts = d->now;
	int f;

	snprintf(full.comm, sizeof(full.comm), "%s", script->comm);
	for (const struct act *act = script->act; act < script->act + script->n; act++) {
		if (act->record == LOSE) {
			seq[act->copy] = (unsigned short)(seq[act->copy] + act->arg);
			continue;
		}
		f = probe_find(&d->table, act->func, NULL);
		if (f < 0)
			continue;
		ts += act->ns100 * 100ull + demo_random(d, act->ns100 > 3 ? 90 : 1);
		if (act->record == AS)
			take_look(&full.tuple, &looks[act->arg]);
		full.parent = act->record == OF ? act->arg : 0;
		full.ev.ts = ts;
		full.ev.func = (uint16_t)f;
		full.ev.cpu = (uint16_t)((d->packet + (act->device != A_VA)) % 4);
		full.ev.skb = 0xffff888100000000ull + d->packet % 64 * 4096 + act->copy * 256u;
		full.ev.copy = act->copy;
		full.ev.seq = seq[act->copy];
		full.ev.ifindex = demo_ifindex(act->device);
		full.ev.netns = demo_netns(act->device);
		full.ev.len = (uint32_t)(script->len + act->len);
		d->hits[f] += act->record < LOSE;
		d->totals.hits += act->record < LOSE;
		push_act(d, &full, act, act->record == AS || act->record == OF);
		full.ev.seq++;
		full.ev.ts = ts;
		demo_netfilter(d, &full.ev, &full.tuple, act->record == AT ? act->func : "",
			script->act[script->n - 1].record == DROP);
		seq[act->copy] = full.ev.seq;
		ts = full.ev.ts;
	}
}

void demo_journeys_owners(struct demo *d)
{
	for (size_t i = 1; i < sizeof(sockets) / sizeof(sockets[0]); i++) {
		struct event_owner owner = {
			.ev = { .ts = d->now, .type = EVENT_OWNER, .pid = sockets[i].pid },
			.inode = sockets[i].inode
		};

		snprintf(owner.comm, sizeof(owner.comm), "%s", sockets[i].comm);
		demo_push(d, &owner, sizeof(owner));
	}
}

void demo_journeys_advance(struct demo *d)
{
	const struct script *s;

	for (size_t i = 0; i < NSCRIPTS; i++) {
		s = &scripts[i];
		if (!s->ms || d->now < d->next_script[i])
			continue;
		d->next_script[i] = d->now + s->ms * MS;
		d->played[i]++;
		play(d, s->every && d->played[i] % s->every == 0 ? s + 1 : s);
	}
}
