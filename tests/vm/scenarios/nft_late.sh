# nf_tables comes when it is first used, after the trace has begun; and goes.
# run: --single --timeout=180 long=6.12
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

lab_up plain
gone() {
	! grep -q '^nf_tables ' /proc/modules
}
modprobe -r nf_tables 2>/dev/null
gone || fail "nf_tables is there already: $(grep nf_tables /proc/modules)"
kernel_state >/run/state
trace_start t -l Netfilter -v
check "nothing is said of it while it is not there" not grep -q '"type":"rule"' /run/t.json
ruleset() {
	$R nft -f - <<-'END'
		table inet lab {
			chain forward {
				type filter hook forward priority 0; policy accept;
				icmp type echo-request counter comment "late"
			}
		}
	END
}
check "a table brings it" ruleset
seen() {
	$A ping -q -c 1 -W 1 10.2.0.2
	grep -q '"type":"rule".*late' /run/t.json
}
check "its rules are told, with their text" wait_for 10 seen
settle t
counted() {
	$R nft -j list chain inet lab forward | jq '.nftables[].rule.expr[]?.counter?.packets | values'
}
before=$(counted)
lines=$(grep -c '"type":"rule".*"table":"lab"' /run/t.json)
$A ping -q -i 0.01 -c 20 10.2.0.2 >/run/ping
settle t
now=$(grep -c '"type":"rule".*"table":"lab"' /run/t.json)
check "from then on each one: as many as the rule counts" test $((now - lines)) = $(($(counted) - before))
check "the table goes" $R nft delete table inet lab
$A ping -q -i 0.01 -c 5 10.2.0.2 >/run/ping
check "and comes again" ruleset
lines=$now
more() {
	$A ping -q -c 1 -W 1 10.2.0.2
	[ "$(grep -c '"type":"rule".*late' /run/t.json)" -gt "$lines" ]
}
check "it is told again" wait_for 10 more
$R nft delete table inet lab
trace_stop
check "exit status 0" test $TRACER_RC = 0
errors() {
	grep -iE 'error|fail|invalid|cannot' /run/t.err
}
check "no error was said" not errors
check "nothing is left" kernel_clean
unloaded() {
	modprobe -r nft_ct nft_compat nf_tables 2>/dev/null
	gone
}
check "the module can be unloaded: nothing of ours holds it" wait_for 5 unloaded
check "without it a trace starts as before" trace_start u -l Netfilter
trace_stop
check "and ends" test $TRACER_RC = 0
exit 0
