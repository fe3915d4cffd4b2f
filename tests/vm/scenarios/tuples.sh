# Addresses, ports and what else a packet says of itself, against what was sent.
# Without the ruleset: connection tracking would put fragments together in r.
# run: long=6.12
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

case $(uname -r) in
6.1.*) everything=(-p 3 -l "IPv4,IPv6,UDP,Socket") ;; # attaching all takes 10 s
*) everything=(-p 3) ;;
esac
lab_up plain
ip -n b -b - <<-END
	addr add 10.2.0.3/24 dev vb
	addr add 10.2.0.4/24 dev vb
	addr add fd02::3/64 dev vb nodad
END
ip -n a link add link va name va.5 type vlan id 5
ip -n a -b - <<-END
	link set va.5 up
	addr add 10.5.0.2/24 dev va.5
END
ip -n r link add link ra name ra.5 type vlan id 5
ip -n r -b - <<-END
	link set ra.5 up
	addr add 10.5.0.1/24 dev ra.5
END
$B labsend sink 7001 7002 7003 7004 7100 7101 7102 7110 7111 7200 &
$B socat TCP-LISTEN:8080,fork,reuseaddr EXEC:/bin/cat &
$B socat TCP6-LISTEN:8086,fork,reuseaddr EXEC:/bin/cat &
listening() {
	[ "$($B ss -Hltun | grep -c -E ':(7200|8080|8086) ')" -ge 3 ]
}
wait_for 5 listening

# ping_id ARG...: a ping whose ICMP id is known.
ping_id() {
	$A ping -q -c 1 -W 2 "$@" >/dev/null &
	ID=$!
	wait "$ID" || fail "ping $*: no answer"
	ID=$((ID & 65535))
}

hello() {
	[ "$(echo hello | $A timeout 3 socat -t 0.3 - "$1")" = hello ] || fail "$1 does not answer"
}

trace_start t -p 1
ping_id 10.2.0.2 && plain=$ID
ping_id fd02::2 && plain6=$ID
ping_id -s 4000 10.2.0.2 && big=$ID
ping_id -s 4000 fd02::2 && big6=$ID
ping_id 10.5.0.1 && tagged=$ID
$A ethtool -K va tx-vlan-offload off >/dev/null
$R ethtool -K ra rx-vlan-offload off >/dev/null
ping_id 10.5.0.1 && framed=$ID
hello TCP:10.2.0.2:8080,sourceport=5555
hello 'TCP6:[fd02::2]:8086,sourceport=5556'
i=1
for kind in n h d hD; do
	$A labsend ext fd02::2 600$i 700$i $kind || fail "extension headers $kind"
	i=$((i + 1))
done
$A labsend sctp 10.1.0.2 10.2.0.2 6005 7005 || fail "sctp"
settle t
trace_stop
check "the tracer ended well" test "$TRACER_RC" = 0

jq_checks /run/t.json '
def line($name; $good; $seen): [$name, ($good | tostring), ($seen | tojson | .[:700])] | join("\t");
def tuple: [.proto, .src, .dst, .sport, .dport];
# what is seen of packets at a function is just this
def just($name; $seen; $want): line($name; ($seen | unique) == ([$want[]] | unique); $seen | unique);
map(select(.type == "function")) as $f
| def at($func): [$f[] | select(.func == $func)];
just("IPv4 ping: id and number everywhere"; [$f[] | select(.sport == $plain and .icmp_type == 8) | tuple];
	[["icmp", "10.1.0.2", "10.2.0.2", $plain, 1]]),
just("IPv4 pong: the same, the other way"; [$f[] | select(.sport == $plain and .icmp_type == 0) | tuple];
	[["icmp", "10.2.0.2", "10.1.0.2", $plain, 1]]),
just("IPv6 ping"; [at("ip6_forward")[] | select(.sport == $plain6) | tuple + [.icmp_type]];
	[["icmp6", "fd01::2", "fd02::2", $plain6, 1, 128], ["icmp6", "fd02::2", "fd01::2", $plain6, 1, 129]]),
just("no vlan where there is none"; [$f[] | select(.sport == $plain) | .vlan]; [null]),
line("IPv4 fragments: offsets, ports only in the first";
	([at("ip_forward")[] | select(.src == "10.1.0.2" and .fragment) | [.frag_off, .sport, .dport, .proto]] | sort) ==
	([[0, $big, 1, "icmp"], [1480, null, null, "icmp"], [2960, null, null, "icmp"]] | sort);
	[at("ip_forward")[] | select(.src == "10.1.0.2" and .fragment) | [.frag_off, .sport, .dport, .proto]]),
line("IPv6 fragments: offsets, ports only in the first";
	([at("ip6_forward")[] | select(.src == "fd01::2" and .fragment) | [.frag_off, .sport, .dport, .proto]] | sort) ==
	([[0, $big6, 1, "icmp6"], [1448, null, null, "icmp6"], [2896, null, null, "icmp6"]] | sort);
	[at("ip6_forward")[] | select(.src == "fd01::2" and .fragment) | [.frag_off, .sport, .dport, .proto]]),
just("put together again it is no fragment"; [at("icmp_rcv")[] | select(.dst == "10.2.0.2" and .sport == $big) | [.fragment, .len, .dport]];
	[[null, 4008, 1]]),
(["a tag in the skb", $tagged], ["a tag in the frame", $framed]) as [$name, $id]
| ([$f[] | select(.sport == $id and .src == "10.5.0.2")] | (if length == 0 then [{}] else . end)) as $v
| just("\($name): the ping in it"; [$v[] | tuple]; [["icmp", "10.5.0.2", "10.5.0.1", $id, 1]]),
just("\($name): seen where a goes out"; [$v[] | select(.ifname == "va" and .func == "dev_hard_start_xmit") | .vlan]; [5]),
just("\($name): seen where r takes it in"; [$v[] | select(.ifname == "ra" and .func == "__netif_receive_skb_one_core") | .vlan]; [5]),
just("\($name): the device below the tag"; [$v[] | select(.func == "ip_rcv") | .ifname]; ["ra.5"])
' --argjson plain $plain --argjson plain6 $plain6 --argjson big $big --argjson big6 $big6 --argjson tagged $tagged \
	--argjson framed $framed

jq_checks /run/t.json '
def line($name; $good; $seen): [$name, ($good | tostring), ($seen | tojson | .[:700])] | join("\t");
map(select(.type == "function")) as $f
| (["IPv4", 5555, 8080, "10.1.0.2", "10.2.0.2", "ip_forward"], ["IPv6", 5556, 8086, "fd01::2", "fd02::2", "ip6_forward"])
	as [$name, $sport, $dport, $src, $dst, $func]
| [$f[] | select(.func == $func and .proto == "tcp" and (.sport == $sport or .dport == $sport))] as $t
| line("\($name) TCP: the handshake by its flags"; [$t[:3][].tcp_flags] == ["SYN", "SYN,ACK", "ACK"]; [$t[].tcp_flags]),
line("\($name) TCP: both ends say goodbye"; [$t[] | select(.tcp_flags // "" | test("FIN")) | .src] | unique == ([$src, $dst] | sort); [$t[].tcp_flags]),
line("\($name) TCP: two directions, nothing else"; ([$t[] | [.src, .dst, .sport, .dport]] | unique) ==
	([[$src, $dst, $sport, $dport], [$dst, $src, $dport, $sport]] | sort); [$t[] | [.src, .dst, .sport, .dport]] | unique)
'
jq_checks /run/t.json '
def line($name; $good; $seen): [$name, ($good | tostring), ($seen | tojson | .[:700])] | join("\t");
map(select(.type == "function")) as $f
| (["without extension headers", 1], ["behind hop-by-hop options", 2], ["behind destination options", 3],
	["behind both, long ones", 4]) as [$name, $i]
| [$f[] | select(.dport == 7000 + $i)] as $u
| line("IPv6 UDP \($name): the same everywhere";
	([$u[] | [.proto, .src, .dst, .sport]] | unique) == [["udp", "fd01::2", "fd02::2", 6000 + $i]];
	[$u[] | [.proto, .src, .dst, .sport]] | unique),
line("IPv6 UDP \($name): all the way"; (["ip6_forward", "ipv6_rcv"] - [$u[].func]) == []; [$u[].func])
'
sctp() {
	grep '"proto":"sctp"' /run/t.json | grep '"func":"ip_forward"' | grep -q '"src":"10.1.0.2","dst":"10.2.0.2","sport":6005,"dport":7005'
}
check "SCTP has ports" sctp
ev_read t
check "no id has two faces" is contradictions -eq 0

# Every function, also those before the headers are there: what the memory held
# before must not show.
trace_start u "${everything[@]}"
$A labsend alternate 7100 60 10.2.0.2 10.2.0.3 10.2.0.4 || fail "alternate"
$A labsend alternate 7110 40 fd02::2 fd02::3 || fail "alternate over IPv6"
$A labsend connected 10.2.0.2 7200 20 || fail "connected"
hello TCP:10.2.0.2:8080,sourceport=5557
settle u
trace_stop
ev_read u --truth udp:dport:36
echo "# unconnected: $(ev function) events, $(ev true_len) lengths compared"
# Behind a breakpoint (6.1) the ring only tries its lock; an emulated processor
# that is stopped while it holds it makes all tries fail.
few() { [ "$(ev stats.lost.ring)" -le "$RING" ] && [ "$(ev stats.lost.channel)$(ev stats.lost.identity)" = 00 ]; }
case $(uname -r) in
6.1.*) RING=3 ;;
*) RING=0 ;;
esac
check "nothing was lost ($RING records may be)" few
check "no id has two faces, from its first function on" is contradictions -eq 0
check "lengths were compared" is true_len -ge $((8 * 120))
check "every length is that of the packet" is wrong_len -eq 0
awk '/"proto":"udp"/ && match($0, /"dst":"[^"]*"/) {
	dst = substr($0, RSTART + 7, RLENGTH - 8)
	port = match($0, /"dport":[0-9]*/) ? substr($0, RSTART + 8, RLENGTH - 8) : "-"
	if (port != "-") print dst, port
}' /run/u.json | sort | uniq -c >/run/pairs
sed 's/^/# /' /run/pairs
pairs() {
	[ "$(awk '{ print $2, $3 }' /run/pairs | grep -E ' 7(100|101|102|110|111|200)$')" = "$(sort <<-END
		10.2.0.2 7100
		10.2.0.2 7200
		10.2.0.3 7101
		10.2.0.4 7102
		fd02::2 7110
		fd02::3 7111
	END
	)" ]
}
check "every port goes with its own address" pairs
many() {
	[ "$(awk '$3 == 7101 { print $1 }' /run/pairs)" -ge 100 ]
}
check "and it is many events" many

# What has no addresses.
trace_start n -F 'netlink_*,arp_*'
$A ip link show >/dev/null
ip -n a neigh del 10.1.0.1 dev va
$A ping -q -c 1 10.1.0.1 >/dev/null
settle n
trace_stop
jq_checks /run/n.json '
def line($name; $good; $seen): [$name, ($good | tostring), ($seen | tojson | .[:700])] | join("\t");
map(select(.type == "function")) as $f
| [$f[] | select(.func == "arp_rcv")] as $arp | [$f[] | select(.func | startswith("netlink_"))] as $nl
| line("ARP: by name, without addresses and ports";
	($arp | length) >= 2 and ([$arp[] | [.proto, .src, .dst, .sport, .dport]] | unique) == [["arp", null, null, null, null]];
	[$arp[] | [.proto, .src, .dst, .sport, .dport]]),
line("netlink: no addresses and ports";
	($nl | length) >= 2 and ([$nl[] | [.src, .dst, .sport, .dport]] | unique) == [[null, null, null, null]];
	[$nl[] | [.func, .proto, .src, .dst, .sport, .dport]] | unique)
'
