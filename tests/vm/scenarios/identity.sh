# An id belongs to one packet and ends with it. The packets tell the truth: their
# length follows from their sequence number or port, so that an id that outlived
# its packet shows as a wrong length, or as another address or number.
# run: long=6.12
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

PINGS=5000
UDP=2000
lab_up
$B labsend sink 7000 &
$R tcpdump -i any -n -w /dev/null 2>/run/tcpdump &
wait_for 5 grep -q listening /run/tcpdump
listening() {
	$B ss -Hlun "sport = :7000" | grep -q .
}
wait_for 5 listening
trace_start t -p 1
check "pings with a tracer and tcpdump" $A labsend ping 10.2.0.2 $PINGS
check "datagrams from many ports" $A labsend udp 10.2.0.2 7000 $UDP
settle t

# Nobody is under way: nothing is remembered.
forgotten() {
	bpftool -j map dump name identities >/run/identities && [ "$(</run/identities)" = "[]" ]
}
check "when the packets are gone, so are their identities" wait_for 3 forgotten
head -c 2000 /run/identities | sed 's/^/# /'
trace_stop
check "the tracer ended well" test "$TRACER_RC" = 0

ev_read t --truth icmp:dport:36 --truth udp:sport:36
echo "# $(ev packets) packets, $(ev function) events, $(ev true_len) of them with a length to compare"
check "nothing was lost" test "$(ev stats.lost.ring)$(ev stats.lost.channel)$(ev stats.lost.identity)" = 000
check "every ping, there and back, is a packet of its own" is func.icmp_rcv -eq $((2 * PINGS))
check "as are the datagrams" is func.udp_rcv -ge $UDP
check "packets: two a ping and one a datagram at least" is packets -ge $((2 * PINGS + UDP))
check "no id has two faces" is contradictions -eq 0
check "lengths were compared" is true_len -ge $((2 * PINGS * 8))
check "every length is that of the packet" is wrong_len -eq 0
check "no packet ended twice" is ended_twice -eq 0
check "no event after its packet's end" is after_end -eq 0
check "every packet ended" is ended -eq packets
