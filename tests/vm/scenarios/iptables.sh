# iptables, of both kinds: the nft variant is nftables with its rules; the legacy
# one tells table, hook and verdict of its chains. As many as iptables has counted.
# run: --timeout=180 long=6.12
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh
. /lab/rules.sh

lab_up plain
modprobe -a nf_tables nft_compat ip_tables iptable_filter iptable_nat iptable_mangle xt_LOG xt_nat xt_MASQUERADE xt_HL ipt_REJECT
kernel_state >/run/state
$R sysctl -qw net.ipv4.icmp_ratelimit=0

# rules COMMAND: the same for both
rules() {
	$R $1 -P FORWARD DROP &&
		$R $1 -N inner &&
		$R $1 -A FORWARD -p udp --dport 9500 -j DROP &&
		$R $1 -A FORWARD -p udp --dport 9501 -j REJECT &&
		$R $1 -A FORWARD -p udp --dport 9502 -j LOG --log-prefix "lab " &&
		$R $1 -A FORWARD -p udp --dport 9502 -m comment --comment "logged" -j ACCEPT &&
		$R $1 -A FORWARD -p udp --dport 9503 -j inner &&
		$R $1 -A FORWARD -p udp --dport 9510:9513 -j ACCEPT &&
		$R $1 -A FORWARD -p icmp -j ACCEPT &&
		$R $1 -A inner -j DROP &&
		$R $1 -t mangle -A PREROUTING -p udp --dport 9500 -j TTL --ttl-set 60 &&
		$R $1 -t nat -A PREROUTING -p udp --dport 9504 -j DNAT --to-destination 10.2.0.2:9510 &&
		$R $1 -t nat -A POSTROUTING -p udp --dport 9511 -j MASQUERADE
}
traffic() {
	$A labsend alternate 9500 30 10.2.0.2 10.2.0.2 10.2.0.2 10.2.0.2 10.2.0.2 10.2.0.2
	$A labsend alternate 9510 9 10.2.0.2 10.2.0.2 10.2.0.2
	$A ping -q -i 0.01 -c 3 10.2.0.2
}
traced() { # NAME
	trace_start $1 -l Netfilter
	traffic >/run/traffic.out || fail "traffic"
	settle $1
	trace_stop
	jq -c 'select(.type == "chain" or .type == "rule" or .type == "drop")' /run/$1.json >/run/$1.lines
}
# packets COMMAND TABLE CHAIN TARGET [WORD]: what iptables has counted; the policy: TARGET policy
packets() {
	if [ "$4" = policy ]; then
		$R $1 -t $2 -nvxL $3 | sed -n '1s/.*policy [A-Z]* \([0-9]*\) packets.*/\1/p'
	else
		$R $1 -t $2 -nvxL $3 | awk -v target=$4 -v word="${5:-}" 'NR > 2 && $3 == target && index($0, word) { n += $1 } END { print n + 0 }'
	fi
}
# told COUNT NAME CONDITION
told() {
	local n
	n=$(jq -s "[.[] | select(.netns_name == \"r\" and ($3))] | length" /run/$2.lines)
	echo "iptables counted $1, lines: $n"
	jq -c "select(.netns_name == \"r\" and ($3))" /run/$2.lines | head -n 1
	[ "$1" -gt 0 ] && [ "$n" = "$1" ]
}

rules iptables-nft || fail "iptables-nft"
traced nft
check "nft: rules were hit as often as they have counted" counters_equal nft r
I=iptables-nft
for rule in "FORWARD DROP drop 9500" "FORWARD REJECT drop 9501" "FORWARD LOG continue 9502" "FORWARD ACCEPT accept 9502" \
	"FORWARD inner jump 9503"; do
	read -r chain target verdict port <<<"$rule"
	check "nft: $target, with its text" told "$(packets $I filter $chain $target dpt:$port)" nft \
		".type == \"rule\" and .table == \"filter\" and .chain == \"$chain\" and .verdict == \"$verdict\" and .dport == $port and ((.rule // \"\") | test(\"$port\"))"
done
check "nft: a chain of the user" told "$(packets $I filter inner DROP)" nft '.type == "rule" and .chain == "inner" and .verdict == "drop"'
check "nft: a target of iptables that nftables does not have" told "$(packets $I mangle PREROUTING TTL)" nft \
	'.type == "rule" and .table == "mangle" and .chain == "PREROUTING" and .verdict == "continue"'
check "nft: DNAT" told "$(packets $I nat PREROUTING DNAT)" nft '.type == "rule" and .table == "nat" and .chain == "PREROUTING"'
check "nft: MASQUERADE" told "$(packets $I nat POSTROUTING MASQUERADE)" nft '.type == "rule" and .table == "nat" and .chain == "POSTROUTING"'
check "nft: the policy" told "$(packets $I filter FORWARD policy)" nft \
	'.type == "chain" and .event == "leave" and .depth == 0 and .chain == "FORWARD" and .table == "filter" and .policy and .verdict == "drop"'
check "nft: drops name the rule" told "$(packets $I filter FORWARD DROP dpt:9500)" nft \
	'.type == "drop" and .dport == 9500 and .chain == "FORWARD" and .table == "filter" and .handle'
$R nft flush ruleset

rules iptables-legacy || fail "iptables-legacy"
traced legacy
I=iptables-legacy
LEAVE='.type == "chain" and .event == "leave" and .depth == 0 and .table == "filter" and .family == "ip" and .chain == "FORWARD"'
check "legacy: dropped by FORWARD" told \
	$(($(packets $I filter FORWARD DROP) + $(packets $I filter FORWARD REJECT) + $(packets $I filter inner DROP) + $(packets $I filter FORWARD policy))) \
	legacy "$LEAVE and .verdict == \"drop\""
check "legacy: accepted by FORWARD" told $(($(packets $I filter FORWARD ACCEPT))) legacy "$LEAVE and .verdict == \"accept\""
check "legacy: nat is told, too" told "$(packets $I nat PREROUTING DNAT)" legacy \
	'.type == "chain" and .event == "leave" and .table == "nat" and .chain == "PREROUTING" and .dport == 9504'
check "legacy: drops name table and chain" told "$(packets $I filter FORWARD DROP dpt:9500)" legacy \
	'.type == "drop" and .dport == 9500 and .chain == "FORWARD" and .table == "filter"'
# where a rule is told, it is the right one
if grep -q '"type":"rule"' /run/legacy.lines; then
	check "legacy: a rule that drops" told "$(packets $I filter FORWARD DROP dpt:9500)" legacy \
		'.type == "rule" and .table == "filter" and .verdict == "drop" and .dport == 9500'
	check "legacy: never with the text of another" not told \
		"$(jq -s '[.[] | select(.type == "rule" and .rule and .dport >= 9500 and .dport < 9504 and (.dport as $p | .rule | test("dport \($p)") | not) and .chain == "FORWARD")] | length' /run/legacy.lines)" \
		legacy 'true'
fi
check "nothing is left" kernel_clean
exit 0
