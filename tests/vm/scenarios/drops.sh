# Drops: the kernel's reason, where it was, which rule; as many as the kernel
# itself has counted in /proc/net, its queues and its rules.
# run: --timeout=180 long=6.12
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

lab_up plain
modprobe -a nf_tables sch_tbf
kernel_state >/run/state
for n in a r b; do
	ip netns exec $n sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
done
$R sysctl -qw net.ipv4.conf.ra.rp_filter=1
$R nft -f - <<'END' || fail "the ruleset of r"
table netdev lab {
	chain early {
		type filter hook ingress device ra priority 0; policy accept;
		udp dport 9301 counter drop
	}
}
table inet lab {
	chain forward {
		type filter hook forward priority 0; policy accept;
		udp dport 9302 counter drop comment "not here"
		udp dport 9303 counter jump inner
		udp dport 9304 counter reject
	}
	chain inner {
		counter drop
	}
	chain input {
		type filter hook input priority 0; policy drop;
		udp dport 9305 counter
		meta l4proto { icmp, icmpv6 } accept
	}
}
END
# somebody who never reads, with room for a few datagrams
rmem=$(sysctl -n net.core.rmem_default)
sysctl -qw net.core.rmem_default=4096
$B labsend sink 9201 &
SINK=$!
wait_for 5 listens b 9201 || fail "sink"
sysctl -qw net.core.rmem_default="$rmem"
kill -STOP $SINK
$R tc qdisc add dev rb root tbf rate 200kbit burst 3000 limit 4000

# value NETNS FILE NAME...: a counter of /proc/net/FILE, as "Udp NoPorts" or Udp6NoPorts
value() {
	ip netns exec "$1" awk -v a="$3" -v b="${4:-}" '
	!b && $1 == a { print $2 }
	b && $1 == a ":" { if (!have) { have = split($0, names); next } for (i = 2; i <= have; i++) if (names[i] == b) print $i }' "/proc/net/$2"
}
queue_drops() {
	$R tc -j -s qdisc show dev rb | jq '[.[].drops] | add'
}
# All that is compared, as "name number".
kernel_counts() {
	echo "noport $(value b snmp Udp NoPorts)"
	echo "noport6 $(value b snmp6 Udp6NoPorts)"
	echo "ttl $(value r snmp Ip InHdrErrors)"
	echo "ttl6 $(value r snmp6 Ip6InHdrErrors)"
	echo "noroute $(value r netstat IpExt InNoRoutes)"
	echo "noroute6 $(value r snmp6 Ip6InNoRoutes)"
	echo "checksum $(value b snmp Udp InCsumErrors)"
	echo "rpfilter $(value r netstat TcpExt IPReversePathFilter)"
	echo "full $(value b snmp Udp RcvbufErrors)"
	echo "queue $(queue_drops)"
	$R nft -j list ruleset | jq -r '.nftables[].rule | values | select(.expr | any(has("counter")?))
		| "rule.\(.family).\(.table).\(.chain).\(.handle) \(.expr[] | .counter? | values | .packets)"'
}

traffic() {
	$A labsend alternate 9101 3 10.2.0.2
	$A labsend alternate 9101 3 fd02::2
	$A ping -q -n -c 4 -i 0.01 -t 1 -W 1 10.2.0.2
	$A ping -q -n -c 4 -i 0.01 -t 1 -W 1 fd02::2
	$A ping -q -n -c 5 -i 0.01 -W 1 10.99.0.1
	$A ping -q -n -c 5 -i 0.01 -W 1 fd99::1
	for _ in 1 2 3; do
		$A labsend fragments 10.1.0.2 10.2.0.2 4000 9102 1 1
		$A labsend fragments 10.77.0.1 10.2.0.2 4000 9103 1
	done
	$A labsend burst 10.2.0.2 9201 60
	$A labsend alternate 9301 20 10.2.0.2 10.2.0.2 10.2.0.2 10.2.0.2
	$A labsend alternate 9301 20 fd02::2 fd02::2 fd02::2 fd02::2
	$A labsend alternate 9305 4 10.1.0.1
	mapfile -t hosts < <(yes 10.2.0.2 | head -n 40)
	$A labsend alternate 9400 40 "${hosts[@]}"
}

# traced NAME OPTION...: what is dropped, and what the kernel counted meanwhile, in /run/NAME.counts
traced() {
	local name=$1
	shift
	trace_start $name -v "$@"
	# from then on no address is without its name, not even once
	wait_for 10 grep -q 'symbols read' /run/$name.err
	grep -E ' ms ' /run/$name.err
	kernel_counts >/run/before
	traffic >/run/traffic.out 2>&1
	settle $name
	trace_stop
	kernel_counts >/run/after
	awk 'NR == FNR { before[$1] = $2; next } { print $1, $2 - before[$1] }' /run/before /run/after >/run/$name.counts
	jq -c 'select(.type == "drop")' "/run/$name.json" >/run/$name.drops
}
counted() {
	awk -v name="$1" '$1 == name { print $2 }' /run/$NAME.counts
}
# drops COUNT NETNS REASON FUNCTION [CONDITION]: so many drops there with this reason; each
# was under this function.
drops() {
	jq -s --arg netns $2 --arg reason "$3" --arg func "$4" "[.[] | select((.netns_name | test(\$netns)) and (.reason | test(\"^(\" + \$reason + \")\$\")) and (${5:-true}))]
		| [length, ([.[] | select([.func // \"\", .stack[]?] | any(test(\"^(\" + \$func + \")([+ ]|\$)\")))] | length), .[0]]" \
		/run/$NAME.drops >/run/found || return 1
	echo "the kernel counted $1; drops, those under $4, the first:"
	cat /run/found
	[ "$1" -gt 0 ] && [ -s /run/found ] && jq -e --argjson n $1 '.[0] == $n and .[1] == $n' /run/found
}
# Of a rule: its handle, table and chain by the kernel's own list.
by_rule() { # CHAIN DPORT FAMILY
	local handle
	handle=$($R nft -j list ruleset | jq --arg c "$1" --argjson p "$2" '.nftables[].rule | values
		| select(.chain == $c and (.expr | any(.match?.right == $p or $p == 0))) | .handle')
	echo "handle $handle in $1"
	drops "$(counted "rule.$3.lab.$1.$handle")" r 'NETFILTER_DROP' '.*' \
		".handle == $handle and .chain == \"$1\" and .table == \"lab\" and .family == \"$3\""
}
# Who called whom, from the place of the drop on, all by name, and nobody who only watched.
stacks() {
	# what an interrupt came in on is beneath its entry (asm_...): there a tracing program may stand
	jq -c '[.func, .stack] | select(.[0] as $func | .[1]
		| ($func and (.[0] | startswith($func + "+")) and all(test("^[a-zA-Z_]")) and
			(.[:(map(test("^asm_")) | index(true)) // length]
			| any(test("^bpf_(prog|trampoline|trace)")) | not)) | not)' /run/$NAME.drops >/run/bad || return 1
	head -n 3 /run/bad
	jq -c .stack /run/$NAME.drops | head -n 1
	[ -s /run/$NAME.drops ] && [ ! -s /run/bad ]
}
all_checks() {
	NAME=$1
	check "$1: stacks begin where it was dropped" stacks
	check "$1: closed port" drops "$(counted noport)" b NO_SOCKET '__udp4_lib_rcv|udp_rcv' '.proto == "udp" and (.src | test(":") | not)'
	check "$1: closed port, IPv6" drops "$(counted noport6)" b NO_SOCKET '__udp6_lib_rcv|udpv6_rcv' '.proto == "udp" and (.src | test(":"))'
	check "$1: too many hops" drops "$(counted ttl)" r 'IP_INHDR' 'ip_forward' '.proto == "icmp"'
	check "$1: too many hops, IPv6" drops "$(counted ttl6)" r 'IP_INHDR|NOT_SPECIFIED' 'ip6_forward' '.proto == "icmp6"'
	check "$1: no route" drops "$(counted noroute)" r 'IP_INNOROUTES' 'ip_error' '.proto == "icmp"'
	check "$1: no route, IPv6" drops "$(counted noroute6)" r 'IP_INNOROUTES' 'ip6_pkt_drop' '.proto == "icmp6"'
	check "$1: bad checksum" drops "$(counted checksum)" b 'UDP_CSUM' '__udp4_lib_rcv'
	check "$1: reverse path" drops "$(counted rpfilter)" r 'IP_RPFILTER' 'ip_rcv_finish(_core.*)?|ip_sublist_rcv.*'
	# skb->dev is the socket's by then: the namespace is that of the last hop that was seen
	check "$1: full socket buffer" drops "$(counted full)" '[br]' 'SOCKET_RCVBUFF' 'udp_queue_rcv(_one)?_skb'
	check "$1: full queue" drops "$(counted queue)" r 'QDISC_DROP' '__dev_queue_xmit|__dev_xmit_skb.*'
	check "$1: a rule at ingress" by_rule early 9301 netdev
	check "$1: a rule of a base chain" by_rule forward 9302 inet
	check "$1: a rule in a chain that was jumped to" by_rule inner 0 inet
	check "$1: a rule that rejects" by_rule forward 9304 inet
	check "$1: the policy: no rule, the chain" drops 4 r NETFILTER_DROP '.*' '.chain == "input" and (.handle | not) and .dport == 9305'
	check "$1: with the rule's text" drops 10 r NETFILTER_DROP '.*' '(.rule // "") | test("udp dport 9302 counter.* drop")'
}

traced whole -p 1
all_checks whole
traced alone --drops
all_checks alone
check "--drops alone: no functions but those that free" test -z "$(
	jq -r 'select(.type == "function") | .func' /run/alone.json | sort -u | grep -vE '^(__)?(kfree|consume|napi_consume|skb_release|dev_kfree|sk_skb_reason|napi_skb)')"
kill -CONT $SINK
kill -TERM $SINK
wait $SINK
check "nothing is left" kernel_clean
exit 0
