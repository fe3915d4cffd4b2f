# run: long=none
# Trampolines: exact like the other backends, in order, filtered, and gone afterwards.
# shellcheck shell=bash disable=SC2086,SC2046,SC2034
. /lab/lib.sh

SET='ip_rcv*,ip_forward*,icmp_rcv,__ip_local_out,udp_rcv,udpv6_rcv,tcp_v4_rcv,dev_hard_start_xmit'
N=200
CLEAN_LIMIT=4000 # detaching takes a tenth of a second a function
lab_up plain
kernel_state >/run/state
echo 0 >/proc/sys/net/ipv4/icmp_ratelimit

ping_all() {
	$A ping -q -i 0.002 -c $N 10.2.0.2
}
hits() { # FUNCTION: as counted in the kernel
	jq -r --arg f "$1" '.top_functions[] | select(.func == $f) | .hits' <(tail -n 1 /run/$2.json)
}
same() { # NAME OTHER: the counters of functions that nothing but the pings calls (ARP is sent, too)
	local f differ=0
	for f in ip_rcv ip_rcv_core ip_rcv_finish ip_forward ip_forward_finish icmp_rcv __ip_local_out; do
		[ "$(hits $f $1)" = "$(hits $f $2)" ] || {
			echo "$f: $(hits $f $1) and $(hits $f $2)"
			differ=1
		}
	done
	return $differ
}

# --- counts: those of the other backend and of the pings themselves ------------------
for backend in auto fentry; do
	trace_start $backend -F "$SET" --backend $backend
	ping_all
	check "$backend: every ping was answered" test $? = 0
	settle $backend
	trace_stop
	check "$backend: it ended well" test "$TRACER_RC" = 0
	ev_read $backend
	echo "# $backend: $(ev function) events of $(ev stats.attached) functions, recursion $(ev stats.lost.recursion)"
	check "$backend: its name is in the stats" test "$(ev stats.backend)" != "" -a \
		\( $backend = auto -o "$(ev stats.backend)" = fentry \)
	check "$backend: nothing was lost" test \
		"$(ev stats.lost.ring)$(ev stats.lost.channel)$(ev stats.lost.identity)$(ev stats.lost.recursion)" = 0000
	check "$backend: every hit is an event" is function -eq stats.hits
	check "$backend: icmp_rcv was called twice a ping" is func.icmp_rcv -eq $((2 * N))
	check "$backend: ip_forward was called twice a ping" is func.ip_forward -eq $((2 * N))
	check "$backend: no id has two faces" is contradictions -eq 0
	check "$backend: no event after its packet's end" is after_end -eq 0
	check "$backend: every packet ended" is ended -eq packets
	check "$backend: nothing of it is left" kernel_clean
	echo "# $backend: gone after $CLEAN_MS ms"
done
check "both counted the same" same auto fentry

# --- one ping's way, in order ----------------------------------------------------------
way() { # NAME: the functions that its first echo request passed
	jq -rs '[.[] | select(.type == "function")] | (map(select(.func == "__ip_local_out"))[0].packet) as $p |
		map(select(.packet == $p) | .func) | join(" ")' /run/$1.json
}
echo "# $(way fentry)"
check "a packet passes the functions in the same order" test "$(way auto)" = "$(way fentry)"
check "and that is the order of the kernel" test -n "$(way fentry | grep -E \
	'^__ip_local_out .*dev_hard_start_xmit .*ip_rcv.* ip_forward .*dev_hard_start_xmit .*ip_rcv.* icmp_rcv')"

# --- filters -----------------------------------------------------------------------------
traffic() {
	ping_all >/dev/null
	$A labsend udp 10.2.0.2 7000 $N >/dev/null
}
filtered() { # NAME FILTER...: what is seen of pings and datagrams
	local name=$1
	shift
	trace_start $name -F "$SET" --backend fentry "$@"
	traffic
	settle $name
	trace_stop
	ev_read $name
	check "$*: nothing was lost" test \
		"$(ev stats.lost.ring)$(ev stats.lost.channel)$(ev stats.lost.identity)$(ev stats.lost.recursion)" = 0000
	check "$*: the filter was there all the time" is stats.unfiltered -eq 0
}
$B labsend sink 7000 &
SINK=$!
filtered icmp 'icmp and src host 10.1.0.2'
check "icmp from a: each ping once where it arrives" is func.icmp_rcv -eq $N
check "icmp from a: its way, and no answer's" is func.ip_forward -eq $N
check "icmp from a: no datagram" is func.udp_rcv -eq 0
filtered udp udp
check "udp: each datagram where it arrives" is func.udp_rcv -ge $N
check "udp: no ping" is func.icmp_rcv -eq 0
filtered netns --netns b
check "netns b: pings and answers there" is func.icmp_rcv -ge $N
check "netns b: a packet is shown from there on" is func.ip_forward -le $N
filtered sample --sample 4
check "1 in 4: about a quarter of the packets" test $(($(ev packets) * 4)) -gt $N
check "1 in 4: not most of them" is func.ip_forward -lt $((2 * N))
kill $SINK

# --- every end ---------------------------------------------------------------------------
for signal in TERM KILL; do
	trace_start t -F "$SET" --backend fentry
	kill -$signal $TRACER
	{ wait $TRACER; } 2>/dev/null
	check "$signal: nothing of it is left" kernel_clean
	echo "# $signal: gone after $CLEAN_MS ms"
done

# --- what is not possible ------------------------------------------------------------------
check "more functions than it takes are refused" not skbscope trace --backend fentry -p 3 --duration 1
says() {
	skbscope trace --backend fentry -p 3 --duration 1 2>&1 | tee /run/said | grep -c .
	cat /run/said
	grep -q 'functions are wanted, it takes at most' /run/said && [ "$(wc -l </run/said)" = 1 ]
}
check "in one line that names both numbers" says
exit 0
