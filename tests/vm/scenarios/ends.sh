# Nothing of ours stays in the kernel, however a tracer ends.
# shellcheck shell=bash disable=SC2086,SC2046
. /lab/lib.sh

lab_up plain
kernel_state >/run/state
sed 's/^/# before: /' /run/state

status() {
	[ "$TRACER_RC" = "$1" ] && return 0
	echo "exit status $TRACER_RC"
	cat /run/t.err
	return 1
}
last_is_stats() {
	tail -n 1 /run/t.json | grep -q '^{"type":"stats".*}$'
}
clean() {
	check "$1: nothing of it is left" kernel_clean
	echo "# $1: gone after ${CLEAN_MS} ms"
}
signal() { # SIGNAL STATUS OPTION...
	local sig=$1 rc=$2
	shift 2
	trace_start t "$@"
	TRACER_RC=0
	kill -$sig $TRACER
	{ wait $TRACER; } 2>/dev/null || TRACER_RC=$?
	clean "$sig"
	check "$sig: exit status $rc" status $rc
	[ $rc != 0 ] || check "$sig: the last line is the stats" last_is_stats
}

attached() {
	[ "$(kernel_state | grep -E 'enabled functions|kprobe events|program' | sort | uniq -c)" != \
		"$(grep -E 'enabled functions|kprobe events|program' /run/state | sort | uniq -c)" ]
}
trace_start t -p 1
check "the test sees what is attached" attached
trace_stop
clean "Ctrl-C"
signal TERM 0 -p 1
signal HUP 0 -p 1
signal KILL 137 -p 1

# The guard as well: what is in kprobe_events now stays until the next start.
guards() {
	local f name
	for f in /proc/[0-9]*/comm; do
		read -r name <"$f" && [ "$name" = skbs-guard ] && echo "${f//[!0-9]/}"
	done 2>/dev/null
}
trace_start t -p 1
kill -KILL $TRACER $(guards)
{ wait $TRACER; } 2>/dev/null
gone() {
	[ -z "$(guards)" ] && ! kill -0 $TRACER
}
# without the guard nobody hurries the kernel: each close waits for grace periods
check "tracer and guard killed: both are gone" wait_for 6 gone
probes_off() {
	[ ! -s /sys/kernel/tracing/enabled_functions ] || [ "$(wc -l </sys/kernel/tracing/enabled_functions)" = \
		"$(sed -n 's/^enabled functions //p' /run/state)" ]
}
check "tracer and guard killed: no function is patched" wait_for 2 probes_off
trace_start t -p 0
trace_stop
check "the next start works" status 0
clean "tracer and guard killed, after the next one"
