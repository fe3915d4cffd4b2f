# A filter with a host's name: asked where names are asked, a wait is shown
# and can be ended.
# run: long=6.1
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

lab_up plain
kernel_state >/run/state
# names of the guest: files first, then a server in r that says nothing
printf 'hosts: files dns\n' >/etc/nsswitch.conf
printf '127.0.0.1 localhost\n10.2.0.2 there\n' >/etc/hosts
printf 'nameserver 10.1.0.1\noptions timeout:30 attempts:1\n' >/etc/resolv.conf
ip netns exec r nft -f - <<'N' || fail "nft"
table inet silent {
	chain in {
		type filter hook input priority 0
		udp dport 53 drop
	}
}
N
said() { grep -q "$1" /run/err; }
start() { # EXPR
	: >/run/err
	nsenter --net=/run/netns/a skbscope trace -p 0 --duration 30 --ready-file /run/ready "$@" >/run/out 2>/run/err &
	TRACER=$!
}
# the network of a, but tracefs as here; both take the place of this shell, and
# what a script starts in the background does not hear SIGINT
start 'host nosuch.example'
wait_for 10 said 'looking up the names' || fail "the wait is not said: $(</run/err)"
check "nothing is traced meanwhile" test ! -e /run/ready
kill -TERM $TRACER
ms=$(milliseconds wait_for 10 not kill -0 $TRACER)
wait $TRACER
status=$?
sed 's/^/# /' /run/err
check "SIGTERM ends the wait at once ($ms ms)" test "$ms" -lt 1000
check "as a signal does: 143" test $status = 143

start 'host there'
wait_for 20 test -e /run/ready || fail "not ready: $(</run/err)"
$A ping -n -q -c 3 -i 0.01 10.2.0.2 >/run/ping
kill -TERM $TRACER
wait $TRACER
check "a name in /etc/hosts is not asked for elsewhere" grep -q icmp /run/out

check "nothing is left" kernel_clean
exit 0
