# Options: what they choose, and what is said when they cannot be had. Nothing
# is attached before all of them are known to be right.
# run: long=none
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

lab_up plain
kernel_state >/run/state

# wrong NAME STATUS COMMAND...: one line that says why, nothing attached.
one_line() {
	cat /run/err
	[ "$RC" = "$1" ] || {
		echo "exit status $RC"
		return 1
	}
	[ "$(wc -l </run/err)" = 1 ] && grep -q '^skbscope: ' /run/err && [ ! -s /run/out ]
}
wrong() {
	local name=$1 status=$2
	shift 2
	RC=0
	timeout 10 "$@" >/run/out 2>/run/err </dev/null || RC=$?
	check "$name: exit status $status and one line" one_line "$status"
}
wrong "-F without match" 2 skbscope trace -F 'no_such_*'
wrong "unknown layer" 2 skbscope trace -l IPv5
wrong "unknown category" 2 skbscope trace --category none
wrong "priority out of range" 2 skbscope trace -p 4
wrong "no such option" 2 skbscope trace --no-such-option
wrong "no such backend" 2 skbscope trace --backend magic
wrong "no such theme" 2 skbscope --theme none
wrong "no such configuration" 2 skbscope trace --config /run/none.json
echo '{ "functions": 5 }' >/run/bad.json
wrong "unreadable configuration" 2 skbscope trace --config /run/bad.json
wrong "ready file that cannot be made" 1 skbscope trace -p 0 --ready-file /run/none/ready
wrong "not root" 3 setpriv --reuid 65534 --regid 65534 --clear-groups skbscope trace
wrong "expression that is none" 2 skbscope trace host 10.0.0.1 and
wrong "unknown network namespace" 2 skbscope trace --netns nowhere
wrong "network namespace of no process" 2 skbscope trace --netns pid:4194303
wrong "unknown process" 2 skbscope trace --pid 4194303
wrong "unknown cgroup" 2 skbscope trace --cgroup /nowhere
wrong "unknown key" 2 skbscope trace foo=bar icmp
wrong "expression of 2,000 characters" 2 skbscope trace "$(printf '%02000d' 0)"
long=$(printf '%01000d' 0)
wrong "1,000 parentheses" 2 skbscope trace "${long//0/(} icmp"
wrong "sample of none" 2 skbscope trace --sample 0
wrong "empty mask" 2 skbscope trace --mark 1/0
unknown_name() {
	local ms rc=0
	ms=$(milliseconds timeout 10 skbscope trace host no.such.host 2>/run/err) || rc=$?
	cat /run/err
	echo "exit status $rc, $ms ms"
	[ "$rc" = 2 ] && [ "$ms" -lt 5000 ] && grep -q 'looking up the names' /run/err &&
		grep -q "unknown host 'no.such.host'" /run/err
}
check "unknown host name: said, and soon" unknown_name
case $(uname -r) in
6.1.*) wrong "kprobe-multi, which this kernel lacks" 2 skbscope trace --backend kprobe-multi ;;
esac
check "nothing of all that was attached" kernel_clean

# run NAME OPTION...: trace ten pings.
run() {
	trace_start "$@"
	$A ping -q -i 0.01 -c 10 10.2.0.2 >/dev/null || fail "ping"
	settle $1
	trace_stop
	ev_read $1
}
run glob -F 'ip_forward,icmp_r*'
check "-F: what it names" is func.ip_forward -eq 20
check "-F: what the glob names" is func.icmp_rcv -eq 20
check "-F: nothing else" test "$(ev stats.layers.IPv4) $(ev stats.layers.ICMP)" = "20 $(ev layer.ICMP)"
echo "# -F: $(ev stats.attached) attached"

run most --max-functions 5 -p 3
check "--max-functions" is stats.attached -eq 5

kinds() {
	local k
	for k in "${!EV[@]}"; do
		case $k in
		func.*) echo "$k ${EV[$k]}" ;;
		esac
	done | sort
}
# layers that only the pings pass: nothing else makes the two runs differ
run kprobe -p 1 -l IPv4,ICMP,Xmit,SoftIRQ --backend kprobe
check "--backend kprobe" test "$(ev stats.backend)" = kprobe
check "--backend kprobe: ip_forward" is func.ip_forward -eq 20
kinds >/run/kprobe.kinds
case $(uname -r) in
6.1.*) ;;
*)
	run multi -p 1 -l IPv4,ICMP,Xmit,SoftIRQ --backend kprobe-multi
	check "--backend kprobe-multi" test "$(ev stats.backend)" = kprobe-multi
	kinds >/run/multi.kinds
	check "both backends see the same of ten pings" diff /run/kprobe.kinds /run/multi.kinds
	;;
esac

# --count: three packets, whole; it ends by itself.
trace_start count -p 1 -l IPv4,ICMP,Xmit --count 3
$A ping -q -i 0.02 -c 20 10.2.0.2 >/dev/null
ended_itself() {
	! kill -0 $TRACER
}
check "--count ends by itself" wait_for 5 ended_itself
trace_stop
ev_read count
check "--count: three packets" is packets -eq 3
check "--count: each to its end" is ended -eq 3
check "--count: exit status 0" test $TRACER_RC = 0

duration() {
	local ms
	ms=$(milliseconds skbscope trace -p 0 --duration 0.5 2>&1 | tail -n 1)
	echo "$ms ms"
	[ "$ms" -ge 500 ] && [ "$ms" -lt 4000 ]
}
check "--duration" duration

# Without a terminal the screen is lines.
skbscope -p 1 --ready-file /run/lines.ready </dev/null >/run/lines 2>/run/lines.err &
TRACER=$!
wait_for 20 test -e /run/lines.ready
$A ping -q -c 1 10.2.0.2 >/dev/null
wait_for 3 grep -q icmp_rcv /run/lines
kill -TERM $TRACER
wait $TRACER
check "no terminal: lines, exit status 0" test $? = 0
check "no terminal: a ping can be read there" grep -Eq 'ip_forward.*10\.1\.0\.2' /run/lines
check "no terminal: no control characters" not grep -q $'[\x01-\x08\x0b-\x1f]' /run/lines
skbscope trace -p 0 --duration 0.3 <&- >/run/out 2>/run/err
check "stdin closed: exit status 0" test $? = 0
skbscope -p 0 --duration 0.3 <&- >/run/out 2>/run/err
check "stdin closed: the screen's lines, too" test $? = 0

check "nothing of all that is left" kernel_clean
