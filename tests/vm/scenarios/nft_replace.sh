# Chains that are replaced 120 times under load: no call is told with another
# rule than the kernel's own trace says; and a rule's text is that of its handle.
# run: --timeout=180 long=6.12
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh
. /lab/rules.sh

TIMES=120
lab_up plain
kernel_state >/run/state

# One transaction: other rules, in other numbers, at other addresses.
ruleset() { # ROUND
	local i
	echo "flush chain inet lab forward"
	echo "flush chain inet lab inner"
	for ((i = 0; i < $1 % 5; i++)); do
		echo "add rule inet lab forward counter comment \"$1 filler $i\""
	done
	echo "add rule inet lab forward udp dport 9000 counter drop comment \"$1 drop\""
	echo "add rule inet lab forward udp dport 9001 counter jump inner comment \"$1 jump\""
	echo "add rule inet lab forward udp dport vmap { 9002 : drop, 9003 : goto inner, 9004 : accept } comment \"$1 map\""
	for ((i = 0; i < $1 % 3; i++)); do
		echo "add rule inet lab inner meta mark set $i comment \"$1 mark $i\""
	done
	echo "add rule inet lab inner udp dport 9003 counter $([ $(($1 % 2)) = 0 ] && echo accept || echo drop) comment \"$1 last\""
}
# What kinds of statements there are is known from the start: one that comes with a
# ruleset is followed only some time later.
{
	cat <<-'END'
		table inet truth {
			chain arrived {
				type filter hook prerouting priority -500;
				meta nftrace set 1
			}
		}
		table inet lab {
			chain forward {
				type filter hook forward priority 0; policy accept;
			}
			chain inner {
			}
		}
	END
	ruleset 1
} | $R nft -e -a -f - >/run/echo || fail "the ruleset"

# The handles that the kernel gave, with their comments, into /run/given.
replace() {
	local k
	for ((k = 2; k <= TIMES; k++)); do
		ruleset $k | $R nft -e -a -f - >>/run/echo || return 1
	done
	sed -n 's/.* comment "\([^"]*\)" # handle \([0-9]*\)$/\2\t\1/p' /run/echo | sort -u >/run/given
}
# From one processor: the packets of a flow stay in their order.
load() {
	while [ ! -e /run/load.end ]; do
		$A taskset -c 1 labsend alternate 9000 48 10.2.0.2 10.2.0.2 10.2.0.2 10.2.0.2 10.2.0.2 10.2.0.2
	done
}

truth_start r
trace_start t -l Netfilter
load &
LOAD=$!
check "the chains are replaced: $TIMES rulesets" replace
touch /run/load.end
wait $LOAD
settle t
trace_stop
check "the kernel's trace is complete" truth_stop

rules_read t
echo "# $(ev truth.calls) calls, $(ev equal) equal, $(ev different) different"
check "there were calls with each of the rulesets" test "$(cut -f2 /run/given | cut -d' ' -f1 | sort -u | wc -l)" = $TIMES
check "each call is told as the kernel traced it" rules_equal t
rules_read t --shift 1
check "with the handles shifted each call that met a rule differs" is different -ge calls.rule
# handle, comment of what was said
texts_right() {
	jq -r 'select(.type == "rule" and .table == "lab" and .comment) | "\(.handle)\t\(.comment)"' \
		/run/t.json | sort -u >/run/texts
	echo "$(wc -l </run/texts) different rules were told with their text; wrong ones:"
	comm -23 /run/texts /run/given
	[ "$(wc -l </run/texts)" -ge 10 ] && [ -z "$(comm -23 /run/texts /run/given)" ]
}
check "a rule's text is never that of another" texts_right
check "nothing is left" kernel_clean
exit 0
