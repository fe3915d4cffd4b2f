# run: 6.12 long=none
# Every function and a flood: nothing is lost. With buffers that are too small
# something is, and then every loss is counted.
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

N=5000
lab_up
untraced=$(flood $N)
trace_start t -p 3
traced=$(flood $N)
check "the flood was answered" test $? = 0
settle t
trace_stop
check "the tracer ended well" test "$TRACER_RC" = 0
check "it said nothing" test ! -s /run/t.err
ev_read t
echo "# flood: $untraced ms untraced, $traced ms traced; $(ev lines) lines; recursion $(ev stats.lost.recursion)"
check "all functions were attached" is stats.attached -ge 1400
check "the ring lost nothing" is stats.lost.ring -eq 0
check "the channel lost nothing" is stats.lost.channel -eq 0
check "no packet was left without identity" is stats.lost.identity -eq 0
check "every event of the stats is a line" is stats.events -eq events
check "no line is damaged" is bad -eq 0
recursion() { # a hit that the kernel skipped is missing, and counted there
	is func.icmp_rcv -le $((2 * N)) && is func.icmp_rcv -ge $((2 * N - $(ev stats.lost.recursion)))
}
check "icmp_rcv: twice a ping, but for what the kernel skipped" recursion
check "events are hits" test "$(ev stats.hits)" = $(($(ev function) + $(ev stats.after_free)))
check "no id has two faces" is contradictions -eq 0
check "no event after its packet's end" is after_end -eq 0
rm -f /run/t.json
icmp=$(ev stats.layers.ICMP)
recursion=$(ev stats.lost.recursion)

# Too small on purpose.
trace_start small -p 3 --buffer 64K --memory 64M
flood $N >/dev/null
settle small
trace_stop
ev_read small
echo "# small: $(ev lines) lines, ring $(ev stats.lost.ring), channel $(ev stats.lost.channel)"
check "small buffers lose something" test $(($(ev stats.lost.ring) + $(ev stats.lost.channel))) -gt 0
# The channel's losses hold records of names as well, up to those of a whole stack (24) with each drop.
NAMES=$((25 * $(ev drop) + 1000))
arrived() {
	local sum=$(($(ev events) + $(ev stats.lost.channel)))
	echo "events $(ev stats.events), lines and the channel's losses $sum, names at most $NAMES"
	[ "$(ev stats.events)" -le "$sum" ] && [ "$sum" -le $(($(ev stats.events) + NAMES)) ]
}
check "what arrived and what the channel lost are the events" arrived
# A hit becomes a line or is lost; ends, drops and sockets that were lost are in the
# sum of the losses as well, hence at most.
accounted() {
	local all=$(($(ev function) + $(ev stats.lost.ring) + $(ev stats.lost.channel) + $(ev stats.after_free)))
	echo "hits $(ev stats.hits), lines and losses $all, ends, drops and sockets $(ev end) $(ev drop) $(ev socket)"
	[ "$(ev stats.hits)" -le $all ] && [ "$all" -le $(($(ev stats.hits) + 7 * N + NAMES)) ]
}
check "every hit is a line or a counted loss" accounted
# The counters do not care for losses: as in the run that lost nothing.
exact() {
	local d=$((icmp - $(ev stats.layers.ICMP))) skipped=$((recursion + $(ev stats.lost.recursion)))
	echo "ICMP: $icmp hits without losses, $(ev stats.layers.ICMP) with; recursion $skipped"
	[ "${d#-}" -le "$skipped" ]
}
check "hits were counted exactly in spite of the losses" exact
check "no line is damaged" is bad -eq 0
