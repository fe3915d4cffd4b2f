# How a packet ended: delivered, and to whose socket (by the socket, not by who
# happens to run); transmitted by a device; dropped; merged into another by GRO.
# run: long=6.12
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

lab_up
kernel_state >/run/state
$B setpriv --reuid 1234 --clear-groups labsend sink 7000 &
SINK=$!
listening() {
	$B ss -Hlun "sport = :7000" | grep -q .
}
wait_for 5 listening
trace_start t -p 0
known() {
	$A labsend udp 10.2.0.2 7000 1 && grep -q '"owner"' /run/t.json
}
check "the owner is known within two seconds" wait_for 3 known
$A labsend udp 10.2.0.2 7000 5
ip -n a link add away type dummy
ip -n a addr add 10.8.0.1/24 dev away
ip -n a link set away arp off up
$A ping -q -n -c 3 -i 0.01 -W 0.1 10.8.0.2 >/run/away
echo closed | $A socat -u - UDP-SENDTO:10.2.0.2:9
settle t
trace_stop
inode=$(readlink /proc/$SINK/fd/* | sed -n 's/socket:\[\(.*\)\]/\1/p')
jq_checks /run/t.json '
def line($name; $good; $seen): [$name, ($good | tostring), ($seen | tojson)] | join("\t");
[.[] | select(.type == "socket" and .dport == 7000)] as $got
| line("every datagram is given to the socket"; ($got | length) >= 6 and ([$got[].inode] | unique) == [$inode]; $got[0]),
line("with its user"; ([$got[].uid] | unique) == [1234]; $got[0]),
line("and its process"; $got[-1].owner == {"pid": $pid, "comm": "labsend"}; $got[-1]),
line("and ends as delivered";
	([.[] | select(.type == "end" and .dport == 7000) | .fate] | unique) == ["delivered"];
	[.[] | select(.type == "end" and .dport == 7000) | .fate]),
line("one that nobody waits for is not";
	([.[] | select(.type == "end" and .proto == "udp" and .dport == 9) | .fate] | unique) == ["dropped"];
	[.[] | select(.type == "end" and .dport == 9) | .fate]),
line("what a device has sent is transmitted";
	([.[] | select(.type == "end" and .ifname == "away" and .dst == "10.8.0.2") | .fate])
		== ["transmitted", "transmitted", "transmitted"];
	[.[] | select(.type == "end" and .ifname == "away")])
' --argjson inode "$inode" --argjson pid $SINK
kill $SINK
wait $SINK

# --- GRO: veth polls when it is told to, and looks at what a device without
# segmentation of its own sends (veth_skb_is_eligible_for_gro)
$R ethtool -K rb tso off || fail "ethtool"
$A ethtool -K va tso off gso off || fail "ethtool"
$B ethtool -K vb gro on || fail "ethtool"
$B socat -u TCP-LISTEN:8000,reuseaddr /dev/null &
SINK=$!
tcp_listening() {
	$B ss -Hltn "sport = :8000" | grep -q .
}
wait_for 5 tcp_listening
trace_start g -p 1
head -c 2000000 /dev/zero | $A socat -u - TCP:10.2.0.2:8000
wait $SINK
settle g
trace_stop
merged() {
	jq -c 'select(.type == "end") | .fate' /run/g.json | sort | uniq -c
	grep -q '"fate":"merged"' /run/g.json
}
check "segments that GRO put together are merged" merged
# each into one of the same connection that was there before it, and came further
into() {
	jq -s -c '(map(select(.type == "function" and .func == "tcp_v4_rcv" and .netns_name == "b") | {key: "\(.packet)", value: .sport}) | from_entries) as $arrived
		| [.[] | select(.type == "end" and .fate == "merged")]
		| [length, ([.[] | select(.into and $arrived["\(.into)"] == .sport)] | length)]' /run/g.json >/run/into
	cat /run/into
	jq -e '.[0] > 10 and .[0] == .[1]' /run/into
}
check "and it is told into which packet" into
check "nothing is left" kernel_clean
exit 0
