# An skb's memory is another packet's at once: floods of small datagrams from all
# sides, some of which nobody takes. Each id has one face and one length.
# run: long=none
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

N=5000
lab_up plain
$A labsend sink 7000 &
$B labsend sink 7000 7001 &
wait_for 5 listens a 7000 || fail "sink in a"
wait_for 5 listens b 7000 7001 || fail "sink in b"
trace_start t -p 0 --buffer 64M
$A labsend burst 10.2.0.2 7000 $N &
PIDS=$!
$A labsend burst 10.2.0.2 7999 $N & # nobody is there
PIDS="$PIDS $!"
$A labsend burst fd02::2 7001 $N &
PIDS="$PIDS $!"
$B labsend burst 10.1.0.2 7000 $N &
PIDS="$PIDS $!"
all_sent() {
	local pid
	for pid in $PIDS; do
		wait "$pid" || return 1
	done
}
check "four at a time" all_sent
settle t
check "when the packets are gone, so are their identities" wait_for 3 forgotten
trace_stop
check "the tracer ended well" test "$TRACER_RC" = 0

ev_read t
echo "# $(ev packets) packets in $(ev copies) skbs at $(ev addresses) addresses, $(ev function) events"
check "nothing was lost" nothing_lost
check "the memory was used again" test $((4 * $(ev addresses))) -lt "$(ev copies)"
check "one id is one packet, an skb one copy, and all of them end" whole_journeys
check "no id has two faces" is contradictions -eq 0
check "nor two lengths" is len_changed -eq 0
check "every datagram is a packet" is packets -ge $((4 * N))
check "a datagram is one skb" near "$(copies_at t va dev_hard_start_xmit '"proto":"udp"')" $((3 * N))
check "and so is what nobody takes" near "$(packets_at t va dev_hard_start_xmit '"dport":7999')" $N
