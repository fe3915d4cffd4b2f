# What arrives is what the kernel counted: by layer, by function, and against
# numbers that have nothing to do with skbscope.
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

N=200
lab_up
echo 0 >/proc/sys/net/ipv4/icmp_ratelimit

ping_all() {
	$A ping -q -i 0.002 -c $N 10.2.0.2
}

# Functions that run on an skb whose life is over (skb_release_data,
# kfree_skbmem ...) are counted there and have no packet to tell of: the stats
# say how many hits these were. All of them are of the layer Device.
layers_agree() {
	local after=${EV[stats.after_free]:-0}
	[ "$after" = 0 ] || EV["layer.Device"]=$(($(ev layer.Device) + after))
	local key differ=0
	for key in "${!EV[@]}"; do
		case $key in
		stats.layers.*) [ "${EV[$key]}" = "${EV[layer.${key#stats.layers.}]:-0}" ] || differ=1 ;;
		layer.*) [ "${EV[$key]}" = "${EV[stats.layers.${key#layer.}]:-0}" ] || differ=1 ;;
		esac
	done
	cat /run/*.why
	return $differ
}

agree() {
	check "$1: the tracer ended well" test "$TRACER_RC" = 0
	check "$1: one stats line, every line is whole" is stats -eq 1
	check "$1: no bad line" is bad -eq 0
	check "$1: nothing was lost in the ring" is stats.lost.ring -eq 0
	check "$1: nothing was lost in the channel" is stats.lost.channel -eq 0
	check "$1: no packet was left without identity" is stats.lost.identity -eq 0
	echo "# $1: $(ev function) functions' events, $(ev end) ends, $(ev drop) drops, $(ev socket) sockets, recursion $(ev stats.lost.recursion)"
	check "$1: the events of each layer are the hits the kernel counted" layers_agree
	check "$1: so are those of the top functions" is functions_differ -eq 0
	check "$1: events counted are lines written" is stats.events -eq events
	check "$1: packets counted are packets seen" is stats.packets -eq packets
}

# The numbers that the pings themselves imply. A hit that the kernel skipped
# because a probe was running on that CPU (recursion) would be missing: none.
truth() {
	check "$1: every ping was answered" test "$PINGED" = 0
	check "$1: icmp_rcv was called twice a ping" is func.icmp_rcv -eq $((2 * N))
	check "$1: ip_forward was called twice a ping" is func.ip_forward -eq $((2 * N))
}

trace_start p1 -p 1
ping_all
PINGED=$?
trace_stop
ev_read p1
agree "-p 1"
truth "-p 1"

case $(uname -r) in
6.1.*) everything=(-p 3 -l "IPv4,ICMP") ;;
*) everything=(-p 3) ;;
esac
trace_start p3 "${everything[@]}"
ping_all
PINGED=$?
settle p3
# What the kernel itself says of our probes, where it keeps such a count: the
# sum over all probes of hits and of those it skipped.
profile=$(awk '{ hits += $2; missed += $3 } END { print hits + 0, missed + 0 }' /sys/kernel/tracing/kprobe_profile)
trace_stop
ev_read p3
agree "${everything[*]}"
truth "${everything[*]}"
check "${everything[*]}: hits are functions' events and those after an end" test "$(ev stats.hits)" = $(($(ev function) + $(ev stats.after_free)))
if [ "$(ev stats.backend)" = kprobe ]; then
	echo "# kprobe_profile: $profile; hits $(ev stats.hits), NULL skb $(ev stats.null_skb), recursion $(ev stats.lost.recursion)"
	# Functions at which copies and sockets are seen are attached in any case, and
	# not counted: each reply is cloned for its socket, and handed to it.
	profile_agrees() {
		local more=$((${profile% *} - $(ev stats.hits) - $(ev stats.null_skb) - $(ev stats.lost.recursion)))
		echo "$more hits are of functions that are not shown, $((2 * N)) must be"
		[ $more -ge $((2 * N)) ] && [ $more -le $((2 * N + 20)) ]
	}
	check "hits are those of kprobe_profile" profile_agrees
fi
