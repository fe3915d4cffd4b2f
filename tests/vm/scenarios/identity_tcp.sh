# What TCP sends again is the same packet in another skb. Each message has a
# segment of its own, and its length says which one it is.
# run: long=6.1
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

MESSAGES=250
FLOWS=4
OCTETS=$((MESSAGES * 200 + MESSAGES * (MESSAGES - 1) / 2))
lab_up plain
# Every 25th segment with data in it is lost, of either IP version, and every 25th
# acknowledgement: that is the packet itself, nothing waits in a queue for it.
$R nft -f - <<-END
	table inet loss {
		chain forwarding {
			type filter hook forward priority filter; policy accept;
			iifname "ra" tcp dport 8080 meta length > 200 numgen inc mod 25 0 counter drop
			iifname "rb" tcp sport 8080 tcp flags == ack meta length < 100 numgen inc mod 25 0 counter drop
		}
	}
END
# One segment an skb, or one retransmission would count as several.
ip -n a link set va gso_max_segs 1
$B labsend take 8080 >/run/taken &
wait_for 5 listens b 8080 || fail "no peer"
resent() {
	awk '/^Tcp:/ { if (n) print $n; for (i = 2; i <= NF; i++) if ($i == "RetransSegs") n = i }' \
		<($A cat /proc/net/snmp)
}
before=$(resent)
trace_start t -p 1
check "IPv4: messages arrive" $A timeout 60 labsend messages 10.2.0.2 8080 $MESSAGES $FLOWS
check "IPv6: messages arrive" $A timeout 60 labsend messages fd02::2 8080 $MESSAGES $FLOWS
RESENT=$(($(resent) - before))
read -r DROPPED ACKS <<<"$($R nft list table inet loss | sed -n 's/.*counter packets \([0-9]*\).*/\1/p' | tr '\n' ' ')"
# a connection lives on for a minute, but its packets do not
check "when all is taken, no packet is remembered" wait_for 5 forgotten
settle t
trace_stop
check "the tracer ended well" test "$TRACER_RC" = 0
taken() {
	cat /run/taken
	[ "$(sort -u /run/taken)" = "$OCTETS" ] && [ "$(wc -l </run/taken)" = $((2 * FLOWS)) ]
}
check "whole, in each connection" taken

ev_read t
echo "# $(ev packets) packets in $(ev copies) skbs, $(ev function) events; $RESENT sent again, $DROPPED dropped," \
	"and $ACKS acknowledgements"
check "nothing was lost" nothing_lost
check "one id is one packet, an skb one copy, and all of them end" whole_journeys
check "an id has one connection" is contradictions -eq 0
check "and one length, however often it is sent" is len_changed -eq 0
# headers of IPv4 are 52 octets long with timestamps, those of IPv6 72
data='"len":([3-9][0-9][0-9]|2[5-9][0-9]).*"dport":8080'
ALL=$((2 * FLOWS * MESSAGES))
PACKETS=$(packets_at t va dev_hard_start_xmit "$data")
COPIES=$(copies_at t va dev_hard_start_xmit "$data")
echo "# at va: $PACKETS packets with data in $COPIES skbs; $(ev stats.lost.recursion) calls were not handed over"
check "each message is a packet" near "$PACKETS" $ALL
check "each message that is sent again is another skb of its packet" near $((COPIES - PACKETS)) "$RESENT"
check "there were some" test "$RESENT" -ge "$DROPPED"
check "all of them arrive" near "$(packets_at t vb __netif_receive_skb_one_core "$data")" $ALL
drops() { # PORT
	grep '"type":"drop"' /run/t.json | grep '"netns_name":"r"' | grep -c "$1"
}
dropped() { # PORT
	grep '"type":"end"' /run/t.json | grep '"netns_name":"r"' | grep '"fate":"dropped"' | grep -c "$1"
}
check "what the first rule drops is a drop" near "$(drops '"dport":8080')" "$DROPPED"
check "and its packet's skb ends so" near "$(dropped '"dport":8080')" "$DROPPED"
check "as do acknowledgements" near "$(drops '"sport":8080')" "$ACKS"
check "and their only skb" near "$(dropped '"sport":8080')" "$ACKS"
check "data that was dropped does not leave r" near \
	$(($(copies_at t ra 'ip6?_rcv_core' "$data") - $(copies_at t rb dev_hard_start_xmit "$data"))) "$DROPPED"

# --- what the kernel itself cuts into segments (skb_segment), and merges again (GRO;
# veth does that to what a device without segmentation of its own sends)
$R nft delete table inet loss
ip -n a link set va gso_max_segs 65535
$A ethtool -K va tso off || fail "ethtool"
$R ethtool -K rb tso off || fail "ethtool"
$B ethtool -K vb gro on || fail "ethtool"
trace_start u -p 1
head -c 500000 /dev/zero | $A timeout 30 socat -u - TCP:10.2.0.2:8080 || fail "socat"
check "many octets arrive" wait_for 5 grep -qx 500000 /run/taken
settle u
check "and no packet is remembered" wait_for 5 forgotten
trace_stop
ev_read u
PACKETS=$(packets_at u va __dev_queue_xmit '"dport":8080')
COPIES=$(copies_at u va veth_xmit '"dport":8080')
echo "# $PACKETS packets are given to va, which sends $COPIES; fates: $(ev fate.delivered) delivered, $(ev fate.merged) merged"
check "segments: nothing was lost" nothing_lost
check "segments: one id is one packet, an skb one copy, and all of them end" whole_journeys
check "segments: an id has one connection" is contradictions -eq 0
check "more segments than packets are sent, and none is a packet of its own" test "$COPIES" -gt "$PACKETS"
check "the segments arrive" near "$(copies_at u rb veth_xmit '"dport":8080')" "$COPIES"
check "of no other packets" near "$(packets_at u rb veth_xmit '"dport":8080')" "$PACKETS"
parents() {
	grep '"func":"veth_xmit"' /run/u.json | grep '"ifname":"va"' | grep '"dport":8080' | grep -v '"copy":0' >/run/cut
	echo "$(wc -l </run/cut) segments, $(grep -c '"parent":' /run/cut) with a parent"
	[ "$(wc -l </run/cut)" -gt 0 ] && not grep -q -v '"parent":' /run/cut
}
check "each is made from one that was seen" parents
check "some are merged" is fate.merged -ge 1
