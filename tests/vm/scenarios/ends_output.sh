# run: --single
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
CLEAN_LIMIT=2000

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

mkdir -p /run/small
mount -t tmpfs -o size=256k none /run/small
TRACER_RC=0
timeout 20 skbscope trace --json -p 1 >/run/small/t.json 2>/run/t.err || TRACER_RC=$?
clean "full disk"
check "full disk: exit status 1" status 1
check "full disk: one line says why" test "$(grep -c 'No space' /run/t.err) $(wc -l </run/t.err)" = "1 1"
umount /run/small
