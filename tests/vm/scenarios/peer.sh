# Does pwru run in the guest and trace? Needs --add "$(tests/vm/peer):/peer".
# run: manual
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

PWRU=/peer/pwru
[ -x "$PWRU" ] || fail "no $PWRU: use --add \"\$(tests/vm/peer):/peer\""
lab_up

check "pwru --help" $PWRU --help

traced() {
	grep -q "$1" /results/trace
}
$PWRU --output-tuple --filter-func '^(ip_rcv|ip_forward|ip_output|nf_hook_slow|kfree_skb_reason|sk_skb_reason_drop)$' \
	'icmp and host 10.2.0.2' >/results/trace 2>/results/pwru.log &
pwru=$!
wait_for 60 grep -q 'Listening for events' /results/pwru.log || {
	cat /results/pwru.log
	fail "pwru does not start"
}
$A ping -q -c 3 -i 0.1 10.2.0.2 >/dev/null
check "the trace shows ip_rcv" wait_for 5 traced ip_rcv
check "the trace shows ip_forward" wait_for 5 traced ip_forward
kill -TERM $pwru
check "pwru ends" wait $pwru
head -n 4 /results/trace
