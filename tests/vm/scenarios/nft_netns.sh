# Two namespaces with other rules of the same handles, and a table that is made
# again: nothing is told with the other's text. And names and comments that are
# meant for the terminal do not reach it.
# run: --timeout=180 long=6.12
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh
. /lab/rules.sh
trap 'kill -INT $TRACER 2>/dev/null; tmux kill-server 2>/dev/null; lab_finish' EXIT

lab_up plain
modprobe nf_tables
kernel_state >/run/state

# The rules of a datagram's port say whose they are; handles are the same everywhere.
ruleset() { # NETNS HOOK FIRST-PORT
	local i
	echo "table inet lab {"
	echo "	chain of_$1 {"
	echo "		type filter hook $2 priority 0; policy accept;"
	for i in 0 1 2 3; do
		echo "		udp dport $(($3 + i)) counter drop comment \"$1 $(($3 + i))\""
	done
	echo "	}"
	echo "}"
}
ruleset r forward 9000 | $R nft -f - || fail "the ruleset of r"
ruleset b input 9100 | $B nft -f - || fail "the ruleset of b"
traffic() { # FIRST-PORT...
	local port
	for port in "$@"; do
		$A labsend alternate $port 8 10.2.0.2 10.2.0.2 10.2.0.2 10.2.0.2
	done
}
handles() { # NETNS
	ip netns exec $1 nft -j list ruleset | jq -c '[.nftables[].rule | values | .handle]'
}
check "the handles are the same" test "$(handles r)" = "$(handles b)"
first=$(handles r)

trace_start t -l Netfilter
check "both are traced" traffic 9000 9100
# until the rules of the new table are told with their text; counted are all that were told
again() { # NETNS HOOK PORT
	ip netns exec $1 nft delete table inet lab
	ruleset $1 $2 $3 | ip netns exec $1 nft -f - || return 1
	told() {
		traffic $3
		grep -q "\"comment\":\"$1 $3\"" /run/t.json
	}
	wait_for 5 told $1 $2 $3
}
check "the table of r is made again: the new rules are told within 5 s" again r forward 9200
check "with the handles of those that were there" test "$(handles r)" = "$first"
check "that of b, too" again b input 9300
traffic 9100 9200 9300
settle t
trace_stop
# no rule may be named that has another port than the packet it dropped
jq_checks /run/t.json '
def line($name; $good; $seen): [$name, ($good | tostring), ($seen | tojson)] | join("\t");
[.[] | select(.type == "rule" and .table == "lab" and .verdict == "drop")] as $rules
| [$rules[] | select(.comment) | . + (.comment | capture("^(?<owner>[a-z]+) (?<port>[0-9]+)$"))] as $told
| line("rules are told with their text"; ($told | length) >= 24; [$told | length, ($rules | length)]),
line("in each namespace"; ([$told[].netns_name] | unique) == ["b", "r"]; [$told[].netns_name] | unique),
line("never with that of the other namespace"; ([$told[] | select(.owner != .netns_name)] | length) == 0;
	[$told[] | select(.owner != .netns_name)][0]),
line("nor of the table that was there before"; ([$told[] | select(.port != "\(.dport)")] | length) == 0;
	[$told[] | select(.port != "\(.dport)")][0]),
line("chains are not mixed up"; ([$rules[] | select(.chain != "of_" + .netns_name)] | length) == 0;
	[$rules[] | select(.chain != "of_" + .netns_name)][0])
'

# --- what must not reach the terminal: its title, its colours, a line of its own
title=$'\e]0;OWNED\a'
red=$'\e[31;1m'
c1=$'\u009b31m' # the same, as one character of ISO 8859
$R nft -f - <<-END || fail "the hostile ruleset"
	table inet hostile {
		chain forward {
			type filter hook forward priority 10; policy accept;
			udp dport 9400 counter comment "${title}one"
			udp dport 9400 counter comment "${red}two${c1}"
			udp dport 9400 log prefix "${red}log" counter comment "two
	lines"
			udp dport 9400 counter drop comment "last$(printf '\r\b\177')"
		}
	}
END
# the name of a chain: nft takes none like that, the kernel and iptables do
hostile_chain() {
	$R iptables-nft -N "${red}chain${title}"
	$R iptables-nft -A "${red}chain${title}" -p udp --dport 9401 -j DROP
	$R iptables-nft -A FORWARD -j "${red}chain${title}"
}
hostile_chain || fail "the hostile chain"
control=$'[\001-\010\013-\037\177]'
clean() { # FILE: no control characters but the ends of lines and tabs
	LC_ALL=C grep -anE "$control|"$'\xc2[\x80-\x9f]' "$1" | cat -A | cut -c1-300 | head -n 3
	! LC_ALL=C grep -aqE "$control|"$'\xc2[\x80-\x9f]' "$1"
}
for what in text json; do
	option=()
	[ $what = text ] || option=(--json)
	rm -f /run/h.ready
	env --default-signal=INT skbscope trace "${option[@]}" -l Netfilter --ready-file /run/h.ready >/run/h.$what 2>/run/h.err &
	TRACER=$!
	wait_for 30 test -e /run/h.ready || fail "no trace: $(</run/h.err)"
	named() {
		$A labsend alternate 9400 2 10.2.0.2 10.2.0.2
		grep -q 'two' /run/h.$what && grep -q 'OWNED' /run/h.$what
	}
	check "$what: hostile rules are told" wait_for 5 named
	trace_stop
	check "$what: without any control character" clean /run/h.$what
	check "$what: nor on standard error" clean /run/h.err
done
check "json: it is still that" jq -s length /run/h.json

term_start 160 40
tmux pipe-pane -t t 'cat >/run/raw'
rm -f /run/ready
keys "clear; skbscope -l Netfilter --ready-file /run/ready" Enter
wait_for 30 test -e /run/ready || fail "the screen does not start"
$A labsend alternate 9400 8 10.2.0.2 10.2.0.2
keys R
check "screen: the rules show a hostile rule" wait_for 5 term_has 'hostile'
check "and its text" wait_for 5 term_has 'udp dport 9400.*two'
keys d
check "screen: the drops" wait_for 5 term_has 'NETFILTER_DROP'
keys Enter
quits() {
	keys q
	term_has '^lab>'
}
check "screen: q ends it" wait_for 5 quits
raw_clean() {
	grep -acF "${title%?}" /run/raw
	! grep -aqF "${title%?}" /run/raw && ! grep -aqF "${red}two" /run/raw && ! grep -aqF "${c1}" /run/raw &&
		! grep -aqF "${red}chain" /run/raw && [ "$(tmux display -p -t t '#{pane_title}')" != OWNED ]
}
check "screen: nothing of that went to the terminal" raw_clean
check "the other way round it would be seen" grep -aq LIVE /run/raw
check "nothing is left" kernel_clean
exit 0
