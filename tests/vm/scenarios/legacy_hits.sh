# Hits of legacy iptables' rules: as many as iptables has counted since the start,
# also when rules come, go and are replaced meanwhile.
# run: --timeout=180 long=none
# shellcheck shell=bash disable=SC2218,SC2086
. /lab/lib.sh

lab_up plain
modprobe -a ip_tables iptable_filter iptable_nat ip6_tables ip6table_filter
trap 'tmux kill-server 2>/dev/null; lab_finish' EXIT
I="$R iptables-legacy"
$R sysctl -qw net.ipv4.icmp_ratelimit=0
$I -P FORWARD DROP
$I -N inner
$I -A FORWARD -p udp -m udp --dport 9500 -j DROP
$I -A FORWARD -p udp -m udp --dport 9501 -j REJECT --reject-with icmp-port-unreachable
$I -A FORWARD -p udp -m udp --dport 9502
$I -A FORWARD -p udp -m udp --dport 9502 -j ACCEPT
$I -A FORWARD -p udp -m udp --dport 9503 -j inner
$I -A FORWARD -p udp -m udp --dport 9504 -g inner
$I -A FORWARD -p udp -m udp --dport 9999 -j ACCEPT
$I -A FORWARD -p icmp -j ACCEPT
$I -A inner -p udp -m udp --dport 9503 -j DROP
$I -A inner -j RETURN
$I -t nat -A POSTROUTING -p udp -m udp --dport 9502 -j ACCEPT
$R ip6tables-legacy -A FORWARD -p ipv6-icmp -j ACCEPT

traffic() {
	$A labsend alternate 9500 30 10.2.0.2 10.2.0.2 10.2.0.2 10.2.0.2 10.2.0.2 10.2.0.2
	$A ping -q -i 0.01 -c 3 10.2.0.2
	$A ping -q -i 0.01 -c 2 fd02::2
}
# Those that have counted: "FAMILY TABLE CHAIN RULE|PACKETS"
counted() {
	for f in ip ip6; do
		$R ${f}tables-legacy-save -c | awk -v f=$f '/^\*/ { t = substr($1, 2) }
			/^\[.* -A / { n = substr($1, 2) + 0; chain = $3; sub(/^[^ ]* -A [^ ]* /, ""); print f " " t " " chain " " $0 "|" n }'
	done
}
# since FILE: what was counted since it was written
since() {
	counted | awk -F'|' 'NR == FNR { was[$1] = $2; next } $2 > was[$1] { print $1 "|" $2 - was[$1] }' "$1" - | sort
}
# hits NAME: the same, of the last line
hits() {
	tail -n 1 "/run/$1.json" | jq -r --argjson ns "$(stat -L -c %i /run/netns/r)" \
		'.rules[] | select(.netns == $ns) | "\(.family) \(.table) \(.chain) \(.rule)|\(.hits)"' | sort
}
equal() { # FILE NAME
	since "$1" >/run/counted
	hits "$2" >/run/hits
	cat /run/hits
	diff /run/counted /run/hits
}

# The counters are read once more: the thread that does it looks for modules before, every second.
# It has read them when it begins to look again: bursts of what it reads, with a pause between.
reading() {
	local f
	for f in /proc/"$TRACER"/task/*; do
		[ "$(<"$f/comm")" != skbscope-read ] || sed -n 's/^rchar: //p' "$f/io"
	done
}
bursts_two() {
	local now
	now=$(reading)
	if [ "$now" = "$READ" ]; then
		PAUSED=1
	elif [ $PAUSED = 1 ]; then
		PAUSED=0
		BURSTS=$((BURSTS + 1))
	fi
	READ=$now
	[ $BURSTS -ge 2 ]
}
read_again() {
	READ=$(reading) PAUSED=1 BURSTS=0
	[ -n "$READ" ] && wait_for 20 bursts_two
}

traffic >/run/traffic.out || fail "traffic"
counted >/run/before
check "iptables has counted before the start" grep -q '9500 -j DROP|[1-9]' /run/before
trace_start first -l Netfilter
traffic >/run/traffic.out
trace_stop
check "hits since the start are those of iptables" equal /run/before first
check "all kinds of rules were hit" test "$(wc -l </run/hits)" -ge 10

counted >/run/before
trace_start second -l Netfilter
traffic >/run/traffic.out
$I -I FORWARD 1 -p icmp -m icmp --icmp-type 8
$I -I FORWARD 1 -p udp -m udp --dport 9505
traffic >/run/traffic.out
$I -N ahead
$I -A ahead -p udp -m udp --dport 9505 -j DROP
$I -I FORWARD 2 -p udp -m udp --dport 9505 -j ahead
read_again || fail "the counters were not read"
$I -D FORWARD -p udp -m udp --dport 9500 -j DROP
traffic >/run/traffic.out
$R iptables-legacy-save -c >/run/save
$R iptables-legacy-restore -c </run/save
traffic >/run/traffic.out
trace_stop
# the rule that went, as long as it was there
hits second >/run/hits.all
check "a rule that went is told with what it had" test "$(grep -c '^ip filter FORWARD .*9500 -j DROP|10$' /run/hits.all)" = 1
check "once" test "$(grep -c '9500 -j DROP' /run/hits.all)" = 1
# our text of icmp's own conditions is short: without that rule
sed -i '/icmp-type 8/d' /run/before
counted() {
	$R iptables-legacy-save -c >/run/all
	for f in ip ip6; do
		$R ${f}tables-legacy-save -c | awk -v f=$f '/^\*/ { t = substr($1, 2) }
			/^\[.* -A / && !/icmp-type/ { n = substr($1, 2) + 0; chain = $3; sub(/^[^ ]* -A [^ ]* /, ""); print f " " t " " chain " " $0 "|" n }'
	done
}
sed -i '/-m icmp/d; /9500 -j DROP/d' /run/hits.all
hits() {
	cat /run/hits.all
}
check "and while rules come and go and are replaced" equal /run/before second
check "a rule that came is counted from its begin" grep -q '^ip filter ahead .*9505 -j DROP|[1-9]' /run/hits.all

# The screen.
term_start 120 40
keys "clear; skbscope -p 1 --ready-file /run/ready 2>/run/screen.err; echo ba''ck" Enter
wait_for 40 test -e /run/ready || fail "the screen does not start: $(tmux capture-pane -p -t t)"
keys R
check "the rules of legacy iptables" wait_for 15 term_has 'ip filter .*legacy iptables'
check "none was hit since the start" term_has 'never .*-p udp -m udp --dport 9501 -j REJECT'
$A labsend alternate 9501 7 10.2.0.2
check "hits appear" wait_for 5 term_has '✗ +7 .*#[0-9]+ +-p udp -m udp --dport 9501 -j REJECT'
check "who hit a rule was in its chain" term_has ' met .*FORWARD  hook forward priority 0; policy drop'
$A labsend alternate 9600 5 10.2.0.2
check "what the policy decided" wait_for 5 term_has '✗ +met +policy drop 5 .*FORWARD '
$I -D FORWARD 1
check "a rule goes" wait_for 5 term_lacks 'dport 9505  *$'
check "hits go with their rule when its place is another" term_has '✗ +7 .*-p udp -m udp --dport 9501 -j REJECT'
once() {
	[ "$(tmux capture-pane -p -t t | grep -c -- '--dport 9501')" = 1 ]
}
check "and it stands there once" wait_for 5 once
keys q
wait_for 5 term_has 'F2 Layers'
keys q
check "it ends" wait_for 10 term_has '^back'
check "and had nothing to say" test ! -s /run/screen.err
