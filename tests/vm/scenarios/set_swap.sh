# Layers are switched off and on 50 times while packets come as fast as they
# can: what is not among them is seen and counted all the time.
# run: --single --timeout=300 long=none
# (code is patched under load, which the emulator does not survive otherwise)
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

lab_up plain
kernel_state >/run/state
TIMES=50
PINGS=${1:-60000}
declare -A got
while :; do
	swapper set $TIMES icmp icmp ip_forward,icmp_rcv -- \
		$A ping -f -q -c $PINGS 10.2.0.2 >/run/swap 2>/run/swap.err || fail "swapper: $(</run/swap.err)"
	got=()
	while read -r key value more; do
		[ -z "$more" ] || key=$key.$value
		got[$key]=${more:-$value}
	done </run/swap
	sed 's/^/# /' /run/swap
	# a fast machine: the flood was over before
	if [ "${got[changes]}" = $TIMES ] || [ $PINGS -gt 1000000 ]; then
		break
	fi
	PINGS=$((PINGS * 3))
done
check "layers were switched $TIMES times" test "${got[changes]}" = $TIMES
check "no message" test ! -s /run/swap.err
all() {
	echo "$1 of $((2 * PINGS))"
	[ "$1" = $((2 * PINGS)) ]
}
check "every packet was forwarded in sight" all "${got[events.ip_forward]}"
check "every packet arrived in sight" all "${got[events.icmp_rcv]}"
check "ip_forward: its counter agrees" test "${got[hits.ip_forward]}" = "${got[events.ip_forward]}"
check "icmp_rcv: its counter agrees" test "${got[hits.icmp_rcv]}" = "${got[events.icmp_rcv]}"
check "nothing is lost" test "${got[lost]}${got[unfiltered]}" = 00
check "nothing is left" kernel_clean
exit 0
