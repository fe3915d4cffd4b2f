# A packet keeps its id through three hosts, though r gives it another source,
# destination and port, and tcpdump takes clones of it. The truth does not pass
# through NAT: an echo's length follows from its sequence number, and no two
# datagrams under way at a time have the same length.
# run: long=6.1
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

PINGS=1000
UDP=1000
lab_up plain
$R nft -f - <<-END
	table ip nat {
		chain in {
			type nat hook prerouting priority dstnat; policy accept;
			ip daddr 10.2.0.100 udp dport 7000 dnat to 10.2.0.2:7001
			ip daddr 10.2.0.100 dnat to 10.2.0.2
		}
		chain out {
			type nat hook postrouting priority srcnat; policy accept;
			oifname "rb" meta l4proto udp snat to 10.2.0.1:40000-49999
			oifname "rb" snat to 10.2.0.1
		}
	}
END
$B labsend sink 7001 &
wait_for 5 listens b 7001 || fail "sink"
taps() {
	[ "$(cat /run/tap.* | grep -c listening)" = 4 ]
}
$A tcpdump -Z root --immediate-mode -i va -w /dev/null 2>/run/tap.va &
$R tcpdump -Z root --immediate-mode -i ra -w /dev/null 2>/run/tap.ra &
$R tcpdump -Z root --immediate-mode -i rb -w /dev/null 2>/run/tap.rb &
$B tcpdump -Z root --immediate-mode -i vb -w /dev/null 2>/run/tap.vb &
wait_for 10 taps || fail "tcpdump"
trace_start t -p 1
wait_for 5 names_known t || fail "no names"
check "pings through NAT" $A labsend ping 10.2.0.100 $PINGS
check "datagrams through NAT" $A labsend numbered 10.2.0.100 7000 $UDP 4
settle t
check "when the packets are gone, so are their identities" wait_for 3 forgotten
trace_stop
check "the tracer ended well" test "$TRACER_RC" = 0

ev_read t --truth icmp:dport:36 --path udp:netns_name,src,dst,dport \
	--path icmp:netns_name,src,dst
echo "# $(ev packets) packets in $(ev copies) skbs, $(ev function) events, $(ev true_len) lengths," \
	"$(ev stats.lost.recursion) calls not handed over"
check "nothing was lost" nothing_lost
check "one id is one packet, an skb one copy, and all of them end" whole_journeys
check "lengths were compared" is true_len -ge $((2 * PINGS * 8))
check "every echo has the length of its number" is wrong_len -eq 0
check "no datagram becomes longer or shorter" is len_changed -eq 0

# Where NAT does its work is a step of its own: r has each packet as it came, with
# the new destination, and with the new source.
way() { # NAME COPIES N STEP...
	local name=$1 copies=$2 n=$3 path
	shift 3
	path=$(IFS='>' && echo "$*")
	check "each $name is one packet, before and after NAT" near "$(ev "path.$path")" "$n"
	check "and $copies skbs" near "$(ev "path_copies.$path")" $((copies * n))
}
# itself, and what tcpdump has where it goes out
way datagram 3 $UDP udp:a,10.1.0.2,10.2.0.100,7000 r,10.1.0.2,10.2.0.100,7000 r,10.1.0.2,10.2.0.2,7001 \
	r,10.2.0.1,10.2.0.2,7001 b,10.2.0.1,10.2.0.2,7001
way request 3 $PINGS icmp:a,10.1.0.2,10.2.0.100 r,10.1.0.2,10.2.0.100 r,10.1.0.2,10.2.0.2 r,10.2.0.1,10.2.0.2 \
	b,10.2.0.1,10.2.0.2
# the socket of ping takes a clone, too
way reply 4 $PINGS icmp:b,10.2.0.2,10.2.0.1 r,10.2.0.2,10.2.0.1 r,10.2.0.2,10.1.0.2 r,10.2.0.100,10.1.0.2 \
	a,10.2.0.100,10.1.0.2
