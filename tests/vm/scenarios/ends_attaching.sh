# A tracer that is killed while it attaches, at any moment, leaves nothing.
# run: long=none
# shellcheck shell=bash disable=SC2086,SC2034
. /lab/lib.sh

lab_up plain
kernel_state >/run/state
sed 's/^/# before: /' /run/state

clean() {
	check "$1: nothing of it is left" kernel_clean
	echo "# $1: gone after $CLEAN_MS ms"
}

for ms in 050 120 200 290 380 470 560 650 780 900; do
	sig=KILL
	[ $((10#$ms / 10 % 3)) != 0 ] || sig=TERM
	skbscope trace --json -p 1 >/dev/null 2>&1 &
	TRACER=$!
	sleep 0.$ms
	kill -$sig $TRACER
	{ wait $TRACER; } 2>/dev/null
	clean "$sig after $ms ms"
done
CLEAN_LIMIT=3000
for ms in 0.7 1.5; do
	skbscope trace --json -p 3 >/dev/null 2>&1 &
	TRACER=$!
	sleep $ms
	kill -KILL $TRACER
	{ wait $TRACER; } 2>/dev/null
	clean "KILL after $ms s of -p 3"
done
