# A ping's way through the three hosts, hop by hop, as one packet; the answer as
# another one, of which the socket gets a clone; and each skb ends once.
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

lab_up
trace_start t -p 1
# Names of namespaces are looked up when they are first met.
named() {
	$A ping -q -c 1 10.2.0.2 && grep -q '"netns_name":"a"' /run/t.json && grep -q '"netns_name":"r"' /run/t.json &&
		grep -q '"netns_name":"b"' /run/t.json
}
check "names of the namespaces arrive" wait_for 5 named
$A ping -q -i 0.05 -c 3 10.2.0.2 &
id=$!
wait "$id"
check "all three are answered" test $? = 0
settle t
trace_stop
check "the tracer ended well" test "$TRACER_RC" = 0

jq_checks /run/t.json '
def line($name; $good; $seen): [$name, ($good | tostring), ($seen | tojson)] | join("\t");
# the hops of $want, in order, among those seen
def in_order($seen; $want):
	reduce $seen[] as $hop (0; if . < ($want | length) and $hop == $want[.] then . + 1 else . end) == ($want | length);
def way($end1; $dev1; $in; $out; $end2; $dev2): [
	[$end1, null, "__ip_local_out"], [$end1, null, "ip_output"], [$end1, $dev1, "dev_hard_start_xmit"],
	["r", $in, "ip_forward"], ["r", $in, "ip_output"], ["r", $out, "dev_hard_start_xmit"],
	[$end2, $dev2, "ip_rcv"], [$end2, $dev2, "icmp_rcv"]];
map(select(.packet)) as $events
| ($events | group_by(.packet)) as $packets
| def of($type; $seq): [$packets[] | select(any(.[]; .sport == $id and .dport == $seq and .icmp_type == $type))];
def one($what; $seq; $p; $src; $dst; $copies; $way):
	line("\($what) \($seq) is one packet"; ($p | length) == 1; $p | map(.[0].packet)),
	(($p[0] // []) as $e
	| [$e[] | select(.type == "function" and .copy == 0)] as $f
	| ($e | group_by(.copy)) as $copy
	| line("\($what) \($seq) goes its way, in order, with names of hosts and devices";
		in_order([$f[] | [.netns_name, .ifname, .func]]; $way); [$f[] | [.netns_name, .ifname, .func]]),
	line("\($what) \($seq) never goes back in time"; [$f[].ts] == ([$f[].ts] | sort); [$f[].ts]),
	line("\($what) \($seq) has the same addresses everywhere";
		([$f[] | [.proto, .src, .dst, .sport, .dport]] | unique) == [["icmp", $src, $dst, $id, $seq]];
		[$f[] | [.proto, .src, .dst, .sport, .dport]] | unique),
	line("\($what) \($seq) is in \($copies) skbs"; ($copy | map([.[0].copy, .[0].parent])) ==
		([[0, null], [1, 0]][:$copies]); $copy | map([.[0].copy, .[0].parent])),
	line("\($what) \($seq): each ends once, and nothing comes after";
		[$copy[] | [.[].type] | index("end") == length - 1] | all; $copy | map(map(.type))));
(1, 2, 3) as $seq
| of(8; $seq) as $request | of(0; $seq) as $reply
| one("request"; $seq; $request; "10.1.0.2"; "10.2.0.2"; 1; way("a"; "va"; "ra"; "rb"; "b"; "vb")),
one("reply"; $seq; $reply; "10.2.0.2"; "10.1.0.2"; 2; way("b"; "vb"; "rb"; "ra"; "a"; "va")),
line("reply \($seq) is another packet"; ($request[0][0].packet // 0) != ($reply[0][0].packet // 0);
	[$request[0][0].packet, $reply[0][0].packet])
' --argjson id $((id & 65535))

ev_read t
check "one id is one packet, an skb one copy, and all of them end" whole_journeys
