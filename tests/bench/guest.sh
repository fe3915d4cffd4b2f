# What must be reached, measured in one boot. Prints "name value" lines; the
# host makes the table. Arguments: what to measure (flood filter record rules start screen).
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

rounds=${ROUNDS:-3}
# whatever traces must not be measured by what it writes to a terminal
PINGS=5000
WARM=1000
ping_flood() {
	$A ping -f -q -c ${1:-$PINGS} 10.2.0.2 | sed -n 's/.*time \([0-9]*\)ms.*/\1/p'
}

# What is measured next is not to meet what is being detached; nor does the emulator survive that.
is_gone() {
	[ ! -s /sys/kernel/tracing/enabled_functions ]
}
ended() {
	kill -TERM $1
	wait $1 || true
	wait_for 20 is_gone
}

# traced NAME TRACER...: flood time while it traces. Some pings go before, as
# before the untraced ones: code that was just patched and just loaded is slow
# the first time, in an emulated machine (30 ms at -p 0) as in its caches.
traced() {
	local name=$1
	shift
	rm -f /tmp/ready
	"$@" >/tmp/out 2>/tmp/err &
	local pid=$!
	wait_for 60 test -e /tmp/ready
	ping_flood $WARM >/dev/null
	echo "flood.$name $(ping_flood)"
	ended $pid
}

flood() {
	ping_flood >/dev/null
	for _ in $(seq "$rounds"); do
		echo "flood.untraced $(ping_flood)"
		# what makes one packet of many skbs, alone; and one function, so that all are known
		traced hooks skbscope trace --json -F inet6_csk_xmit --ready-file /tmp/ready
		traced known skbscope trace --json -F __ip_local_out --ready-file /tmp/ready
		for p in 0 1 3; do
			traced p$p skbscope trace --json -p $p --ready-file /tmp/ready
			echo "events.p$p $(($(wc -l </tmp/out) - 1))"
			tail -n 1 /tmp/out | jq -r --arg p p$p --argjson n $PINGS --argjson all $((PINGS + WARM)) \
				'"sent.\($p) \(.events)", "hits.\($p) \(.hits * $n / $all | floor)", "lost.\($p) \(.lost.ring + .lost.channel + .lost.identity)", "recursion.\($p) \(.lost.recursion)"'
		done
		if [ -x /peer/pwru ]; then
			traced pwru /peer/pwru --ready-file /tmp/ready --output-tuple
			echo "events.pwru $(wc -l </tmp/out)"
		fi
	done
}

start() {
	for _ in $(seq "$rounds"); do
		local t=${EPOCHREALTIME/[.,]/}
		skbscope list >/tmp/out
		echo "start.list $(((${EPOCHREALTIME/[.,]/} - t) / 1000))"
	done
	for _ in $(seq "$rounds"); do
		for p in 1 3; do
			stopwatch /tmp/ready 15 -- bash -c "exec skbscope trace --json -p $p --ready-file /tmp/ready >/tmp/out" |
				sed "s/^/start.p$p./"
		done
	done
	if [ -x /peer/pwru ]; then
		stopwatch /tmp/ready 15 -- bash -c 'exec /peer/pwru --ready-file /tmp/ready >/tmp/out' | sed 's/^/start.pwru./'
	fi
}

# A filter that shows nothing, and one that shows all of the flood.
filter() {
	refusal "$rounds" 3 'udp port 9' -- \
		"$A ping -f -q -c 5000 10.2.0.2 | sed -n 's/.*time \([0-9]*\)ms.*/\1/p'" | sed 's/^/filter./'
	for _ in $(seq "$rounds"); do
		traced icmp skbscope trace --json -p 3 --ready-file /tmp/ready icmp
		echo "events.icmp $(($(wc -l </tmp/out) - 1))"
		tail -n 1 /tmp/out | jq -r '"sent.icmp \(.events)", "lost.icmp \(.lost.ring + .lost.channel + .lost.identity)"'
		if [ -x /peer/pwru ]; then
			traced pwru_icmp /peer/pwru --ready-file /tmp/ready --output-tuple icmp
			echo "events.pwru_icmp $(wc -l </tmp/out)"
		fi
	done
}

# Tracing that writes nothing, and a recording of the same.
record() {
	for _ in $(seq "$rounds"); do
		traced counted skbscope trace --stats --json -p 1 --ready-file /tmp/ready
		traced record skbscope record --stats --json -p 1 -o /tmp/flood.skb --ready-file /tmp/ready
		echo "record.bytes $(stat -c %s /tmp/flood.skb)"
		jq -r '"record.events \(.events)", "record.lost \(.lost.ring + .lost.channel)"' /tmp/out
		echo "record.missed $(grep -c missed /tmp/err)"
	done
}

# 20,000 datagrams that are compared with 1,000 rules each; and what drops alone cost.
ruleset() {
	echo "table inet bench {"
	echo "	chain forward {"
	echo "		type filter hook forward priority 0; policy accept;"
	for ((i = 0; i < 1000; i++)); do
		echo "		udp dport $((10000 + i)) counter drop"
	done
	echo "		udp dport 9 counter accept"
	echo "	}"
	echo "}"
}
# Sender and receiver keep their processors: where the scheduler puts them is worth more than what is measured.
udp_burst() {
	milliseconds taskset -c 0 $A labsend burst 10.2.0.2 9 ${1:-20000}
}
sink_is_idle() {
	[ "$($B ss -Hlun 'sport = :9' | awk '{ print $2; exit }')" = 0 ]
}
# burst NAME TRACER...: the time of the datagrams while it traces.
burst() {
	local name=$1
	shift
	rm -f /tmp/ready
	"$@" >/tmp/out 2>/tmp/err &
	local pid=$!
	wait_for 60 test -e /tmp/ready
	udp_burst 2000 >/dev/null
	echo "rules.$name $(udp_burst)"
	wait_for 10 sink_is_idle
	ended $pid
}
rules() {
	ruleset | $R nft -f -
	taskset -c 1 $B labsend sink 9 &
	local sink=$! i
	wait_for 5 listens b 9
	udp_burst >/dev/null
	for _ in $(seq "$rounds"); do
		echo "rules.untraced $(udp_burst)"
		burst traced skbscope trace --json -l Netfilter --ready-file /tmp/ready
		tail -n 1 /tmp/out | jq -r '"rules.lost \(.lost.ring + .lost.channel)"'
		grep -c '"type":"rule"' /tmp/out | sed 's/^/rules.seen /'
		burst drops skbscope trace --json --drops --ready-file /tmp/ready
	done
	for _ in $(seq "$rounds"); do
		stopwatch /tmp/ready 15 -- bash -c "exec skbscope trace --json -l Netfilter --ready-file /tmp/ready >/tmp/out" |
			sed "s/^/start.rules./"
	done
	kill $sink
	$R nft flush ruleset
}

screen() {
	keylag "ip netns exec a ping -f -q -c 15000 10.2.0.2 >/dev/null" skbscope -p 3 | sed 's/^/screen./'
}

# Patches code under load, which the emulator does not survive with a thread for each processor.
toggle() {
	keylag -l Device "ip netns exec a ping -f -q -c 40000 10.2.0.2 >/dev/null" skbscope -p 1 | sed 's/^/toggle./'
}

lab_up plain
for what in "$@"; do
	$what
done
exit 0
