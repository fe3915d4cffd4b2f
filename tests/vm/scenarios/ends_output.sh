# run: long=6.12 --single
# An output that takes no more ends the tracer, and nothing of it is left. Under
# traffic, or there would be no output: one emulated thread (lab.md).
# shellcheck shell=bash disable=SC2086,SC2034
. /lab/lib.sh

lab_up plain
kernel_state >/run/state
$A ping -q -i 0.02 10.2.0.2 >/dev/null &
PING=$!
trap 'kill $PING; lab_finish' EXIT
# This emulator is half as fast.
CLEAN_LIMIT=3000

status() {
	[ "$TRACER_RC" = "$1" ] && return 0
	echo "exit status $TRACER_RC"
	cat /run/t.err
	return 1
}
clean() {
	check "$1: nothing of it is left" kernel_clean
	echo "# $1: gone after $CLEAN_MS ms"
}
skbscope trace --json -p 1 2>/run/t.err | head -n 1 >/run/line
TRACER_RC=${PIPESTATUS[0]}
clean "closed pipe"
check "closed pipe: that is no error" status 0
check "closed pipe: and nothing to say" test ! -s /run/t.err

# A pipe that is open and that nobody reads. The reader ends with its file.
mkfifo /run/fifo
unread() { # NAME OPTION...
	local name=$1 reader
	shift
	# shellcheck disable=SC2217 # a reader that does not read is what is wanted
	sleep 1000 </run/fifo &
	reader=$!
	skbscope trace --json -p 1 --ready-file /run/ready "$@" >/run/fifo 2>/run/t.err &
	TRACER=$!
	wait_for 20 test -e /run/ready || fail "$name: never ready"
	wait_for 10 blocked || fail "$name: the pipe was never full"
	kill -TERM $TRACER
	TRACER_RC=0
	check "$name: SIGTERM ends it" wait_for 2 is_gone $TRACER
	wait $TRACER || TRACER_RC=$?
	clean "$name"
	check "$name: exit status 1" status 1
	check "$name: one line says why" grep -q 'takes nothing' /run/t.err
	rm -f /run/ready
	kill $reader
}
# Next to nothing was written for a while, though packets come (its own wake-ups
# count as well). A pipe holds 16 pages, not all of them full.
blocked() {
	local a b
	a=$(sed -n 's/^wchar: //p' /proc/$TRACER/io)
	sleep 0.3
	b=$(sed -n 's/^wchar: //p' /proc/$TRACER/io)
	[ "$a" -ge 30000 ] && [ $((b - a)) -lt 4000 ]
}
is_gone() { ! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' /proc/$1/status; }
unread "unread pipe"

# Enough packets before everything is attached: whoever waits for it is told.
rm -f /run/ready
timeout 60 skbscope trace --json -p 3 --count 1 --ready-file /run/ready >/run/t.json 2>/run/t.err
clean "early --count"
check "early --count: the ready file is there" test -e /run/ready

mkdir -p /run/small
mount -t tmpfs -o size=256k none /run/small
TRACER_RC=0
timeout 20 skbscope trace --json -p 1 >/run/small/t.json 2>/run/t.err || TRACER_RC=$?
clean "full disk"
check "full disk: exit status 1" status 1
check "full disk: one line says why" test "$(grep -c 'No space' /run/t.err) $(wc -l </run/t.err)" = "1 1"
umount /run/small
