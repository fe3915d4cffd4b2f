# run: --single long=none
# Trampolines while packets come as fast as they can: the filter is changed 200
# times, then functions go and come back. None of the packets that every setting
# shows is missing. The emulator does not always survive code patched under
# another CPU: one thread (lab.md).
# shellcheck shell=bash disable=SC2086,SC2034
. /lab/lib.sh

lab_up plain
kernel_state >/run/state
declare -A got
swapped() { # what swapper printed, as got[KEY]
	local key value more
	got=()
	while read -r key value more; do
		[ -z "$more" ] || key=$key.$value
		got[$key]=${more:-$value}
	done </run/swap
	sed 's/^/# /' /run/swap
}
# What the kernel skipped is counted and may be missing: a program that an
# interrupt finds at work in the same function.
exact() { # FUNCTION PINGS
	local seen=${got[events.$1]} missed=${got[recursion]}
	[ $((seen + missed)) -ge $((2 * $2)) ] && [ "$seen" -le $((2 * $2)) ]
}
swapper -b fentry -p 0 filter 200 icmp 'icmp or tcp port 80' ip_forward,icmp_rcv -- \
	$A ping -f -q -c 20000 10.2.0.2 >/run/swap 2>/run/swap.err || fail "swapper: $(</run/swap.err)"
swapped
check "the filter was changed 200 times" test "${got[changes]}" = 200
check "filter: no message" test ! -s /run/swap.err
check "filter: every ping and every answer was forwarded in sight" exact ip_forward 20000
check "filter: every ping and every answer arrived in sight" exact icmp_rcv 20000
check "filter: counters agree" test "${got[hits.ip_forward]}" = "${got[events.ip_forward]}"
check "filter: nothing is lost" test "${got[lost]}" = 0
check "filter: it was always there" test "${got[unfiltered]}" = 0
check "a change takes less than 10 ms" test "${got[median]}" -lt 10000
CLEAN_LIMIT=6000 # a tenth of a second a function, and one thread for both processors
check "filter: nothing is left" kernel_clean

swapper -b fentry -p 0 set 12 icmp icmp ip_forward,icmp_rcv -- \
	$A ping -f -q -c 20000 10.2.0.2 >/run/swap 2>/run/swap.err || fail "swapper: $(</run/swap.err)"
swapped
check "set: no message" test ! -s /run/swap.err
check "set: it was changed" test "${got[changes]}" -gt 3
check "set: every ping and every answer was forwarded in sight" exact ip_forward 20000
check "set: every ping and every answer arrived in sight" exact icmp_rcv 20000
check "set: nothing is lost" test "${got[lost]}" = 0
check "set: nothing is left" kernel_clean
exit 0
