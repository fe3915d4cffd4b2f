# A frame that a bridge floods is one packet in as many skbs as it has ways to go;
# one in a tunnel is one packet, whatever headers are put around it.
# run: long=none
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

lab_up plain
modprobe -a bridge vxlan ip_gre ipip || fail "modules"
# s: a bridge that has an address; c, d and e are at its ports. Nobody sends but us.
ip -b - <<-END
	netns add s
	netns add c
	netns add d
	netns add e
END
for n in a r b s c d e; do
	ip netns exec $n sysctl -qw net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1
done
ip -n s -b - <<-END
	link add br0 type bridge
	link add s1 type veth peer name vc netns c
	link add s2 type veth peer name vd netns d
	link add s3 type veth peer name ve netns e
	link set s1 master br0 up
	link set s2 master br0 up
	link set s3 master br0 up
	link set br0 up
	addr add 10.7.0.1/24 brd + dev br0
END
i=2
for n in c d e; do
	ip -n $n -b - <<-END
		link set v$n address 02:00:00:00:07:0$i up
		addr add 10.7.0.$i/24 brd + dev v$n
		neigh replace 10.7.0.99 lladdr 02:00:00:00:07:99 dev v$n nud permanent
	END
	i=$((i + 1))
done
tunnel() { # NETNS HERE THERE N
	ip -n $1 -b - <<-END
		link add vx type vxlan id 42 local $2 remote $3 dstport 4789
		link set vx address 02:00:00:00:09:0$4 up
		link add gre type gre local $2 remote $3
		link add ipip type ipip local $2 remote $3
		link set gre up
		link set ipip up
		addr add 10.9.1.$4/24 dev vx
		addr add 10.9.2.$4/24 dev gre
		addr add 10.9.3.$4/24 dev ipip
		neigh replace 10.9.1.$((3 - $4)) lladdr 02:00:00:00:09:0$((3 - $4)) dev vx nud permanent
	END
}
tunnel a 10.1.0.2 10.2.0.2 1
tunnel b 10.2.0.2 10.1.0.2 2
ip netns exec d labsend sink 7000 &
ip netns exec e labsend sink 7000 &
wait_for 5 listens d 7000 || fail "sink in d"
wait_for 5 listens e 7000 || fail "sink in e"
learnt() { # the ports forward, and the bridge knows where c is
	ip netns exec c ping -q -c 1 -W 1 10.7.0.3 && ip netns exec c ping -q -c 1 -W 1 10.7.0.4
}
wait_for 5 learnt || fail "no way over the bridge"

trace_start t -p 1
echo hello | ip netns exec c socat -u - UDP4-DATAGRAM:10.7.0.255:7000,broadcast,bind=:5001
echo hello | ip netns exec c socat -u - UDP4-DATAGRAM:10.7.0.99:7000,bind=:5002
for i in 1 2 3; do
	$A ping -q -c 1 -W 1 10.9.$i.2 >/dev/null &
	PING[i]=$!
	wait $! || fail "ping in tunnel $i"
done
settle t
check "when the packets are gone, so are their identities" wait_for 5 forgotten
trace_stop
check "the tracer ended well" test "$TRACER_RC" = 0
ev_read t
check "nothing was lost" nothing_lost
check "one id is one packet, an skb one copy, and all of them end" whole_journeys

jq_checks /run/t.json '
def line($name; $good; $seen): [$name, ($good | tostring), ($seen | tojson | .[:700])] | join("\t");
map(select(.packet)) as $events
| ($events | group_by(.packet)) as $packets
| def of($sport): [$packets[] | select(any(.[]; .sport == $sport and .proto == "udp"))];
def copies: [group_by(.copy)[] | {copy: .[0].copy, parent: .[0].parent, end: map(select(.type == "end").fate),
	at: [.[] | select(.func) | "\(.netns_name // .netns) \(.func)"]}];
def place($where; $func): [.[] | select(.at | any(test("^\($where) \($func)$")))];
(of(5001)) as $p | ($p[0] // [] | copies) as $c
| line("a broadcast is one packet"; ($p | length) == 1; $p | map(.[0].packet)),
line("in four skbs: the bridge clones it for two ports, and the sender for itself"; ($c | map(.copy)) == [0, 1, 2, 3]; $c),
line("the broadcast: each is made from the first"; [$c[1:][].parent] == [0, 0, 0] and $c[0].parent == null; $c),
line("the broadcast: each ends once"; [$c[].end | length] == [1, 1, 1, 1]; $c),
line("the broadcast: it is flooded once"; [$events[] | select(.func == "br_flood" and .sport == 5001)] | length == 1; $c),
line("the broadcast: d and e have one each"; [("d", "e") as $h | $c | place($h; "udp_rcv") | length] == [1, 1]; $c),
line("the broadcast: they are different ones"; ([("d", "e") as $h | $c | place($h; "udp_rcv")[].copy] | unique | length) == 2; $c),
line("the broadcast: two sockets have it"; ([$p[][] | select(.type == "socket") | .copy] | unique | length) == 2; [$p[][] | select(.type == "socket")]),
line("the broadcast: two are delivered, the others are not";
	[$c[] | select(.end == ["delivered"])] | length == 2; $c)
'
jq_checks /run/t.json '
def line($name; $good; $seen): [$name, ($good | tostring), ($seen | tojson | .[:700])] | join("\t");
map(select(.packet)) as $events
| ($events | group_by(.packet)) as $packets
| def of($sport): [$packets[] | select(any(.[]; .sport == $sport and .proto == "udp"))];
def copies: [group_by(.copy)[] | {copy: .[0].copy, parent: .[0].parent, end: map(select(.type == "end").fate),
	at: [.[] | select(.func) | "\(.netns_name // .netns) \(.func)"]}];
def place($where; $func): [.[] | select(.at | any(test("^\($where) \($func)$")))];
(of(5002)) as $p | ($p[0] // [] | copies) as $c
| line("for an unknown address it is flooded, too: one packet"; ($p | length) == 1; $p | map(.[0].packet)),
line("in two skbs, for two ports"; [$c[] | [.copy, .parent]] == [[0, null], [1, 0]]; $c),
line("d and e have one each, another one"; ([("d", "e") as $h | $c | place($h; "ip_rcv_core")[].copy] | sort) == [0, 1]; $c),
line("it is for neither: both are dropped"; [$c[].end] == [["dropped"], ["dropped"]]; $c)
'
jq_checks /run/t.json '
def line($name; $good; $seen): [$name, ($good | tostring), ($seen | tojson | .[:900])] | join("\t");
# the hops of $want, in order, among those seen
def in_order($seen; $want):
	reduce $seen[] as $hop (0; if . < ($want | length) and $hop == $want[.] then . + 1 else . end) == ($want | length);
map(select(.packet)) as $events
| ($events | group_by(.packet)) as $packets
| def of($id; $type): [$packets[] | select(any(.[]; .sport == $id and .icmp_type == $type))];
def way($a; $va; $in; $out; $b; $vb; $dev; $encap; $decap): [[$a, null, "__ip_local_out"]] + $encap + [
	[$a, $va, "dev_hard_start_xmit"], ["r", $in, "ip_forward"], ["r", $out, "dev_hard_start_xmit"],
	[$b, $vb, "ip_rcv"]] + $decap + [[$b, $dev, "ip_rcv_core"], [$b, $dev, "icmp_rcv"]];
def tunnel($a; $b; $dev): if $dev == "vx" then
		{encap: [[$a, "vx", "vxlan_xmit"]], decap: [[$b, "vb", "udp_rcv"], [$b, "vb", "vxlan_rcv"]]}
	elif $dev == "gre" then
		{encap: [[$a, "gre", "ip_tunnel_xmit"]], decap: [[$b, "vb", "ip_protocol_deliver_rcu"], [$b, "vb", "gre_rcv"]]}
	else
		{encap: [[$a, "ipip", "ip_tunnel_xmit"]], decap: [[$b, "vb", "ip_protocol_deliver_rcu"], [$b, "vb", "ip_tunnel_rcv"]]}
	end;
["vx", $vx], ["gre", $gre], ["ipip", $ipip] | . as [$dev, $id]
| ["request", 8, "a", "va", "ra", "rb", "b", "vb", 0], ["reply", 0, "b", "vb", "rb", "ra", "a", "va", 1]
| . as [$name, $type, $a, $va, $in, $out, $b, $vb, $clones]
| of($id; $type) as $p
| [$p[0][]? | select(.type == "function" and .copy == 0)] as $f
| tunnel($a; $b; $dev) as $t
| line("\($dev): the \($name) is one packet"; ($p | length) == 1; $p | map(.[0].packet)),
line("\($dev): the \($name) goes into the tunnel, over the wire, out of it";
	in_order([$f[] | [.netns_name, .ifname, .func]]; way($a; $va; $in; $out; $b; $vb; $dev; $t.encap;
		[$t.decap[] | .[1] = $vb])); [$f[] | [.netns_name, .ifname, .func]]),
line("\($dev): the \($name), with the headers of both";
	([$f[] | select(.func == "ip_forward") | .src] == [if $a == "a" then "10.1.0.2" else "10.2.0.2" end]) and
	([$f[] | select(.func == "icmp_rcv") | .src | test("^10[.]9[.]")] == [true]); [$f[] | [.func, .src, .dst]]),
line("\($dev): the \($name) is in \($clones + 1) skbs"; ([$p[0][]?.copy] | unique | length) == $clones + 1;
	[$p[0][]? | [.copy, .type, .func]])
' --argjson vx $((PING[1] & 65535)) --argjson gre $((PING[2] & 65535)) --argjson ipip $((PING[3] & 65535))
