# A filter that is changed 200 times while packets come as fast as they can:
# none of those that both filters show is missing, and each change is quick.
# run: long=none
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

lab_up plain
kernel_state >/run/state
PINGS=30000
declare -A got
swapped() { # NAME: what swapper printed, as got[KEY]
	local key value more
	got=()
	while read -r key value more; do
		[ -z "$more" ] || key=$key.$value
		got[$key]=${more:-$value}
	done </run/swap
	sed 's/^/# /' /run/swap
}
ms=$(flood 2000)
echo "# 2,000 pings untraced: $ms ms"
swapper filter 200 icmp 'icmp or tcp port 80' ip_forward,icmp_rcv,icmp_echo -- \
	$A ping -f -q -c $PINGS 10.2.0.2 >/run/swap 2>/run/swap.err || fail "swapper: $(</run/swap.err)"
swapped
check "the filter was changed 200 times" test "${got[changes]}" = 200
check "no message" test ! -s /run/swap.err
check "every ping and every answer was forwarded in sight" test "${got[events.ip_forward]}" = $((2 * PINGS))
check "every ping and every answer arrived in sight" test "${got[events.icmp_rcv]}" = $((2 * PINGS))
check "counters agree" test "${got[hits.ip_forward]}" = $((2 * PINGS))
check "nothing is lost" test "${got[lost]}" = 0
check "the program of the filter was always there" test "${got[unfiltered]}" = 0
# 6.1: those of the first half second wait for the kernel's optimizer of fresh
# kprobes, which holds the lock that a program's load needs, too
case $(uname -r) in
6.1.*) late=5 ;;
*) late=2 ;;
esac
check "a change takes less than 10 ms, but for $late of 200" test "${got[late]}" -le $late
check "95 of 100 do in any case" test "${got[p95]}" -lt 10000
check "nothing is left" kernel_clean
exit 0
