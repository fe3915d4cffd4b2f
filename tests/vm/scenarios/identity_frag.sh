# Fragments are skbs of one packet, wherever it is cut and put together: by its
# sender, on the way, around a tunnel, by connection tracking.
# run: long=6.12
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

lab_up plain
# known before the trace, so that none of their functions comes during it
modprobe -a vxlan nf_tables nf_conntrack nf_defrag_ipv4 nf_defrag_ipv6 nft_ct || fail "modules"
# what is too long for a link is cut there, not refused
$A sysctl -qw net.ipv4.ip_no_pmtu_disc=1
tunnel() { # NETNS HERE THERE N
	ip -n $1 -b - <<-END
		link add vx type vxlan id 42 local $2 remote $3 dstport 4789
		link set vx address 02:00:00:00:09:0$4 mtu 1500 up
		addr add 10.9.1.$4/24 dev vx
		neigh replace 10.9.1.$((3 - $4)) lladdr 02:00:00:00:09:0$((3 - $4)) dev vx nud permanent
	END
}
for n in a b; do
	ip netns exec $n sysctl -qw net.ipv6.conf.default.disable_ipv6=1
done
tunnel a 10.1.0.2 10.2.0.2 1
tunnel b 10.2.0.2 10.1.0.2 2
$B labsend sink 7801 7802 7803 7804 7805 7806 7807 7808 7809 &
wait_for 5 listens b 7801 7802 7803 7804 7805 7806 7807 7808 7809 || fail "sink"
PINGS=
ping_id() { # ARG...
	$A ping -q -c 1 -W 2 "$@" >/dev/null &
	PINGS="$PINGS $!"
	wait $! || fail "ping $*: no answer"
}
big() {
	$A labsend big "$@" || fail "big $*"
}

trace_start t -p 1
wait_for 5 names_known t || fail "no names"
big 10.2.0.2 7801 4000
big fd02::2 7802 4000
ping_id -s 4000 10.2.0.2
ping_id -s 4000 fd02::2
ping_id -s 1472 10.9.1.2
# one skb that has become too long for its device when it goes
coproc CORKED { $A labsend corked fd02::2 7809 1400; }
CORKED_ID=$!
read -r _ <&"${CORKED[0]}"
ip -n a link set va mtu 1300
echo >&"${CORKED[1]}"
wait $CORKED_ID || fail "corked"
ip -n a link set va mtu 1500
# a smaller link behind r
ip -n r link set rb mtu 1300
ip -n b link set vb mtu 1300
big 10.2.0.2 7803 1400
big 10.2.0.2 7804 4000
big fd02::2 7805 1400 # IPv6: only its sender may cut it
settle t
learnt() {
	ip -n a -6 route get fd02::2 | grep -q 'mtu 1300'
}
check "r said how long an IPv6 packet may be" wait_for 3 learnt
big fd02::2 7806 1400
ip -n r link set rb mtu 1500
ip -n b link set vb mtu 1500
ip -n a -6 route flush cache
# r puts them together, and cuts them again
$R nft -f - <<-END
	table inet track {
		chain forwarding {
			type filter hook forward priority filter; policy accept;
			ct state new counter accept
		}
	}
END
big 10.2.0.2 7807 4000
big fd02::2 7808 4000
settle t
check "when the packets are gone, so are their identities" wait_for 5 forgotten
trace_stop
check "the tracer ended well" test "$TRACER_RC" = 0
ev_read t
check "nothing was lost" nothing_lost
check "one id is one packet, an skb one copy, and all of them end" whole_journeys

read -r ping4 ping6 vx <<<"$PINGS"
jq_checks /run/t.json '
def line($name; $good; $seen): [$name, ($good | tostring), ($seen | tojson | .[:700])] | join("\t");
map(select(.packet)) | group_by(.packet) as $packets
| def udp($port): [$packets[] | select(any(.[]; .proto == "udp" and .dport == $port))];
def echo($id; $type): [$packets[] | select(any(.[]; .sport == $id and .icmp_type == $type))];
def at($dev; $func): [.[] | select(.ifname == $dev and .type == "function" and (.func | test("^(\($func))$")))];
def skbs: unique_by(.copy) | length;
def cut($name; $p; $in; $out; $dev; $forwarded; $sent; $func; $delivered):
	($p[0] // []) as $e
	| ($e | at($out; "dev_hard_start_xmit")) as $left
	| ($e | at($dev; "ip6?_rcv_core")) as $arrived
	| [$e[] | select(.type == "function" and .func == $func)] as $whole
	| line("\($name): one packet"; ($p | length) == 1; [$p[] | .[0].packet]),
	line("\($name): r forwards \($forwarded), sends \($sent), and all arrive";
		[$e | at($in; "ip6?_forward") | skbs] + [$left, $arrived | skbs] == [$forwarded, $sent, $sent];
		[$e[] | [.copy, .ifname, .func]]),
	line("\($name): they become one, in the skb of one of them";
		($whole | length) == 1 and [$whole[].skb] - [$arrived[].skb] == []; [$e[] | [.copy, .skb, .func]]),
	line("\($name): each but the first is made from another";
		all($left[]; (.copy == 0) == (.parent == null)); [$e[] | [.copy, .parent]] | unique),
	line("\($name): sockets take \($delivered)";
		([$e[] | select(.fate == "delivered")] | length) == $delivered; [$e[] | select(.fate) | .fate]);
cut("IPv4, cut by its sender"; udp(7801); "ra"; "rb"; "vb"; 3; 3; "udp_rcv"; 1),
cut("IPv6, cut by its sender"; udp(7802); "ra"; "rb"; "vb"; 3; 3; "udpv6_rcv"; 1),
cut("IPv4 ping"; echo($ping4; 8); "ra"; "rb"; "vb"; 3; 3; "icmp_rcv"; 0),
cut("IPv4 reply"; echo($ping4; 0); "rb"; "ra"; "va"; 3; 3; "icmp_rcv"; 1),
cut("IPv6 ping"; echo($ping6; 128); "ra"; "rb"; "vb"; 3; 3; "icmpv6_rcv"; 0),
cut("IPv6 reply"; echo($ping6; 129); "rb"; "ra"; "va"; 3; 3; "icmpv6_rcv"; 1),
cut("around a tunnel"; echo($vx; 8); "ra"; "rb"; "vb"; 2; 2; "icmp_rcv"; 0),
cut("IPv6, its device has become smaller"; udp(7809); "ra"; "rb"; "vb"; 2; 2; "udpv6_rcv"; 1),
cut("cut on the way"; udp(7803); "ra"; "rb"; "vb"; 1; 2; "udp_rcv"; 1),
cut("fragments cut on the way"; udp(7804); "ra"; "rb"; "vb"; 3; 5; "udp_rcv"; 1),
cut("IPv6, cut as r said"; udp(7806); "ra"; "rb"; "vb"; 2; 2; "udpv6_rcv"; 1),
cut("IPv4, whole in r"; udp(7807); "ra"; "rb"; "vb"; 1; 3; "udp_rcv"; 1),
cut("IPv6, whole in r"; udp(7808); "ra"; "rb"; "vb"; 1; 3; "udpv6_rcv"; 1),
(udp(7805) as $p | line("IPv6, too long for r: one packet, dropped there";
	($p | length) == 1 and ([$p[0][] | select(.type == "end") | [.netns_name, .fate]] == [["r", "dropped"]]);
	[$p[][] | [.netns_name, .type, .func, .fate]]))
' --argjson ping4 $((ping4 & 65535)) --argjson ping6 $((ping6 & 65535)) --argjson vx $((vx & 65535))
