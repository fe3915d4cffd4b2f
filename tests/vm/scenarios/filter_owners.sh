# Filters by the owner of a packet, and samples.
# run: --timeout=300 long=none
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh
. /lab/compare.sh

lab_up plain
kernel_state >/run/state
# --- whose packet: five are theirs (84 bytes), six another's (128 bytes)
[ -e /sys/fs/cgroup/cgroup.procs ] || mount -t cgroup2 none /sys/fs/cgroup || fail "no cgroups"
mkdir /sys/fs/cgroup/lab /sys/fs/cgroup/lab/below
cp /usr/bin/ping /run/pong
$A sysctl -qw net.ipv4.ping_group_range="0 65535"
other="$A $PINGS -s 100 -c 6 10.2.0.2"
theirs() { # NAME
	check "$1: theirs" at va dev_hard_start_xmit 5 '"len":98,'
	check "$1: no others" packets 5
	check "$1: by the owner of the socket" at va dev_hard_start_xmit 5 '"matched_by":"socket"'
}
mkfifo /run/go
$A bash -c "read </run/go; exec $PINGS -c 5 10.2.0.2" >/dev/null &
waiting=$!
trace "echo >/run/go; $other; wait $waiting" --pid $waiting
theirs pid
trace "$A /run/pong -q -i 0.01 -c 5 10.2.0.2; $other" --comm pong
theirs comm
trace "$A setpriv --reuid 65534 --regid 65534 --clear-groups $PINGS -i 0.2 -c 5 10.2.0.2; $other" --uid 65534
theirs uid
# a namespace's own /sys has no cgroups: into the group first
for group in /lab/below /lab /sys/fs/cgroup/lab; do
	trace "bash -c 'echo \$\$ >/sys/fs/cgroup/lab/below/cgroup.procs && exec $A $PINGS -c 5 10.2.0.2'; $other" --cgroup $group
	theirs "cgroup $group"
done
$A ping -q -i 0.05 10.2.0.2 >/dev/null &
waiting=$!
trace_start f -p 0 --pid $waiting
seen() {
	grep -q '"len":98,' /run/f.json
}
check "pid of one that runs: its packets" wait_for 3 seen
kill $waiting
said() {
	grep -q "^skbscope: .*process $waiting has ended" /run/f.err
}
check "it ends: that is said" wait_for 3 said
sleep 0.6
check "and said once" test "$(wc -l </run/f.err)" = 1
check "and tracing goes on" kill -0 "$TRACER"
trace_stop
check "to a good end" test "$TRACER_RC" = 0

# --- samples: each packet of them whole
journeys() { # NAME: the ways that its packets went
	awk 'match($0, /"packet":[0-9]*/) {
		id = substr($0, RSTART + 9, RLENGTH - 9)
		if (match($0, /"func":"[^"]*/))
			way[id] = way[id] " " substr($0, RSTART + 8, RLENGTH - 8)
		else
			way[id] = way[id] " end"
	}
	END { for (id in way) print way[id] }' "/run/$1.json"
}
hits() {
	local k
	for k in "${!EV[@]}"; do
		case $k in
		stats.layers.*) echo "$k ${EV[$k]}" ;;
		esac
	done | sort
}
for sample in 1 4; do
	trace_start s$sample -p 1 -l IPv4,ICMP,Xmit --sample $sample icmp
	flood 400 >/dev/null || fail "flood"
	settle s$sample
	trace_stop
	ev_read s$sample
	journeys s$sample | sort | uniq -c >/run/ways.$sample
	hits >/run/hits.$sample
	[ $sample = 4 ] || check "all of 400 pings" is stats.packets -eq 800
done
sed 's/^/# /' /run/ways.1
check "shown and left out are all" test $(($(ev stats.packets) + $(ev stats.sampled_out))) = 800
echo "# $(ev stats.packets) of 800 in the sample"
check "about a fourth" test "$(ev stats.packets)" -ge 140 -a "$(ev stats.packets)" -le 260
check "hits are counted all the same" diff /run/hits.1 /run/hits.4
whole_ways() {
	awk 'NR == FNR { $1 = ""; known[$0] = 1; next } { $1 = "" } !known[$0] { print; bad = 1 } END { exit bad }' \
		/run/ways.1 /run/ways.4
}
check "each with its whole journey" whole_ways
check "every one of them ends" is ended -eq stats.packets
check "nothing of all that is left" kernel_clean
exit 0
