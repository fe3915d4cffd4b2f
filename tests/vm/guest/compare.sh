# For scenarios with filters, after lib.sh: traffic seen by skbscope and by tcpdump.
# tcpdump writes all of a run, and reads it again with the expression.
# shellcheck shell=bash disable=SC2034,SC2086

# all COMMAND...: in a, at the same time.
all() {
	local pids=() command
	for command in "$@"; do
		$A $command >/run/all.out 2>&1 &
		pids+=($!)
	done
	for command in "$@"; do
		wait "${pids[0]}" || fail "$command: $(</run/all.out)"
		pids=("${pids[@]:1}")
	done
}
PINGS="ping -q -W 2 -i 0.01"
PING="$PINGS -c"

# run TRAFFIC OPTION...: the traffic, seen by skbscope with these options and by tcpdump.
run() {
	local traffic=$1
	shift
	$A tcpdump -Z root --immediate-mode -i va -Q out -w /run/va.pcap 2>/run/va.err &
	DUMPS=$!
	$B tcpdump -Z root --immediate-mode -i vb -Q in -w /run/vb.pcap 2>/run/vb.err &
	DUMPS="$DUMPS $!"
	trace_start f -p 0 "$@"
	wait_for 5 grep -q listening /run/va.err
	wait_for 5 grep -q listening /run/vb.err
	$traffic
	settle f
	trace_stop
	kill -TERM $DUMPS
	wait $DUMPS
	ev_read f
}
dumped() { # INTERFACE EXPRESSION
	local n rest
	read -r n rest < <(tcpdump -Z root -n --count -r "/run/$1.pcap" "$2" 2>/dev/null)
	echo "${n:-none}"
}
agree() { # SHOWN DUMPED LEAST
	echo "skbscope shows $1, tcpdump $2"
	[ "$1" = "$2" ] && [ "$1" -ge "$3" ]
}
leaves() { # NAME EXPRESSION [LEAST]
	local n
	n=$(dumped va "$2")
	check "$1: the $n packets that leave a" agree "$(copies_at f va dev_hard_start_xmit)" "$n" "${3:-1}"
}
reaches() { # NAME EXPRESSION [LEAST]
	local n
	n=$(dumped vb "($2) and (ip or ip6)")
	check "$1: the $n packets that reach b" agree "$(copies_at f vb 'ip6?_rcv_core')" "$n" "${3:-1}"
}
whole() {
	is stats.undecided -eq 0 && is stats.unfiltered -eq 0 && is stats.filtered_out -ge 1 &&
		test "$(ev stats.lost.ring)$(ev stats.lost.channel)$(ev stats.lost.identity)" = 000
}

# --- without tcpdump: what is sent is known ---------------------------------

# trace COMMANDS OPTION...: traced with these options.
trace() {
	local traffic=$1
	shift
	trace_start f -p 0 "$@"
	eval "$traffic" >/run/traffic.out 2>&1 || fail "$traffic: $(</run/traffic.out)"
	settle f
	trace_stop
}
quiet() { # nothing is shown
	grep '"type":"function"' /run/f.json | head -n 3
	not grep -q '"type":"function"' /run/f.json
}
# at DEVICE FUNCTION N [EVENT-REGEX]
at() {
	local n
	n=$(copies_at f "$1" "$2" "${4:-.}")
	echo "$n packets at $2 on $1"
	[ "$n" = "$3" ]
}
packets() { # N: and no other ones
	ev_read f
	is stats.packets -eq "$1" && is stats.filtered_out -ge "${2:-1}" && is stats.unfiltered -eq 0
}
