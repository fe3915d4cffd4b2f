# run: --timeout=300 long=none
# The rulesets of the network namespaces: read as they are, noticed when they
# change, and neither a module nor a namespace is there because of the reader.
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

trap '[ -z "$READER" ] || kill $READER; lab_finish' EXIT
modules() {
	cut -d' ' -f1 /proc/modules | sort
}
inode() {
	stat -L -c %i "/run/netns/$1"
}
# The newest ruleset of a namespace: newest NETNS
newest() {
	awk -v ns="$(inode "$1")" '$1 == "begin" { mine = $2 == ns; if (mine) text = "" }
		mine && $1 ~ /^(table|chain|rule)$/ { text = text $0 "\n" } END { printf "%s", text }' /run/rules
}
# has NETNS LINE: a regular expression
has() {
	newest "$1" | grep -qxE -- "$2"
}
now_has() {
	wait_for 6 has "$@"
}
count() {
	[ "$(newest "$1" | grep -c '^rule')" = "$2" ]
}

lab_up plain
modules >/run/before
rulelist >/run/rules 2>&1 &
READER=$!
check "ready without nf_tables" wait_for 5 grep -q '^ready' /run/rules
check "nothing is in use" grep -qx 'any 0 0' /run/rules
sleep 2.5 # it looks for modules once a second: two of these looks
modules >/run/after
check "no module was loaded by it" cmp /run/before /run/after

# The same table, chain and handles in two namespaces.
$R nft 'table inet t { chain c { type filter hook forward priority -5; policy drop; tcp dport 1 counter drop; }; }'
$B nft 'table inet t { chain c { tcp dport 2 counter accept comment "of b"; }; }'
check "nf_tables that came is noticed" now_has r "rule 1 1 1 2 tcp dport 1 counter drop"
check "a chain at a hook" has r "chain 1 1 1 2 -5 2 4 c"
check "the same handle elsewhere is another rule" now_has b "rule 1 1 1 2 tcp dport 2 counter accept / of b"
check "a chain at no hook" has b "chain 1 1 1 255 0 0 0 c"
check "what is in use" wait_for 2 grep -qx 'statements counter' /run/rules
check "chains of nftables" grep -qx 'any 1 0' /run/rules

$R nft add rule inet t c meta mark set 4
check "a new rule" now_has r "rule 1 1 1 3 meta mark set 0x00000004"
check "its statement" wait_for 2 grep -qx 'statements counter,meta set' /run/rules
$R nft delete rule inet t c handle 3
check "a rule that was deleted" wait_for 6 count r 1
check "its statement is in use no more" wait_for 2 sh -c "tail -n 1 /run/rules | grep -qx 'statements counter'"

# Counters are no change, neither is a new element of a set.
$R nft add set inet t s '{ type inet_service; }'
$R nft add rule inet t c tcp dport @s log
check "a named set" now_has r "rule .* tcp dport @s log"
before=$(grep -c '^begin' /run/rules)
$R nft add element inet t s '{ 5, 6 }'
$A ping -q -c 1 10.2.0.2 >/dev/null
sleep 1.5 # longer than two readings are apart here
check "elements and counters are no other ruleset" test "$(grep -c '^begin' /run/rules)" = "$before"

# All kinds of rules.
$A nft -f - <<-'END'
	table inet every {
		map m { type inet_service : verdict; elements = { 10 : accept, 11 : goto b }; }
		set d { type ipv4_addr; flags dynamic; }
		chain b {
			reset tcp option sack-perm
			tcp option maxseg size set 1300
			ct mark set 7
			ip ttl set 3
			update @d { ip saddr limit rate 10/second }
		}
		chain a {
			comment "of the chain"
			type filter hook input priority 0
			tcp dport vmap @m
			tcp dport { 1, 2 } reject with tcp reset
			limit rate 4/second burst 5 packets log prefix "a b" queue to 4
			ip saddr 1.2.3.4 jump { counter; accept; }
			counter comment "after an inner chain"
		}
		chain n {
			type nat hook postrouting priority 100
			masquerade
			snat ip to 10.0.0.1
		}
		chain p {
			type nat hook prerouting priority -100
			tcp dport 81 redirect to :80
		}
	}
END
check "a verdict map" now_has a "rule .* tcp dport vmap @m"
check "behind an anonymous set" has a 'rule .* tcp dport \{ 1, 2 \} reject with tcp reset'
newest a >/run/all
sed 's/^/# /' /run/all
check "a chain's comment" grep -q '^chain .* a / of the chain$' /run/all
check "a rule with an inner chain" grep -q '^rule .* ip saddr 1.2.3.4 jump { ... }$' /run/all
check "the rule behind it" grep -q '^rule .* counter / after an inner chain$' /run/all
grep '^statements' /run/rules | tail -n 1 >/run/in-use
sed 's/^/# /' /run/in-use
for s in counter log limit 'meta set' 'ct set' 'payload set' 'exthdr set' 'exthdr strip' dynset vmap nat masquerade redirect reject queue; do
	[ "$s" = 'meta set' ] || check "in use: $s" grep -Eq "[ ,]$s(,|$)" /run/in-use
done
check "not in use: meta set" not grep -q 'meta set' /run/in-use
$A nft flush ruleset
check "an empty ruleset" wait_for 6 count a 0

# Text that looks like rules. nft takes a newline in a quoted string as it is.
$A nft add table ip h
$A nft add chain ip h x
$A nft add rule ip h x tcp dport 1 accept
$A nft add rule ip h x tcp dport 2 drop comment "\"a # handle 2
		tcp dport 99 accept # handle 3
		b\""
$A nft add rule ip h x tcp dport 3 drop
check "a comment with handles and newlines is one comment" \
	now_has a 'rule .* 3 tcp dport 2 drop / a # handle 2.x0a.x09.x09tcp dport 99 accept # handle 3.x0a.x09.x09b'
check "the rule before it" has a "rule .* 2 tcp dport 1 accept"
check "the rule behind it" has a "rule .* 4 tcp dport 3 drop"
newest a | sed 's/^/# /'
$A nft add rule ip h x log prefix "\"a # handle 4
		drop # handle 6
 # handle 5
		b\""
$A nft add rule ip h x tcp dport 7 drop
check "a prefix like that: it is another rule's text nowhere" wait_for 6 count a 5
check "the rules before it keep theirs" has a "rule .* 3 tcp dport 2 drop / .*"
newest a | sed 's/^/# /'
check "no rule has a text that another says it has" not sh -c "grep -E '^rule 2 .* (drop #|b\"|tcp dport 99)' /run/rules | grep -v 'tcp dport 2 drop /'"
$A nft flush ruleset

# iptables of both kinds.
$A iptables-nft -A INPUT -p tcp --dport 5 -m comment --comment "from iptables" -j REJECT
check "iptables-nft, its comment" now_has a "rule 2 .* tcp dport 5  counter reject / from iptables"
check "no legacy yet" not grep -q '^any . 1' /run/rules
$B iptables-legacy -N mine
$B iptables-legacy -A INPUT -s 10.1.0.0/16 -i vb -p tcp --dport 80 -m conntrack --ctstate NEW,ESTABLISHED -m comment --comment "web # handle 1" -j mine
$B iptables-legacy -A INPUT '!' -d 10.2.0.2 -m limit --limit 5/min -j LOG --log-prefix "lab: "
$B iptables-legacy -A mine -p udp -m multiport --dports 53,60:62 -j REJECT --reject-with icmp-host-prohibited
$B iptables-legacy -A mine -g mine2 2>/dev/null
$B iptables-legacy -P FORWARD DROP
$B iptables-legacy -t nat -A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination 10.1.0.2:80
$B ip6tables-legacy -A OUTPUT -d fd01::/64 -p tcp --sport 22 -j MARK --set-mark 5
# family, handle, text: the offset of a rule is what the kernel says
legacy() {
	newest b | cut -d' ' -f1,2,5- | grep -qxF -- "$1"
}
check "iptables-legacy" wait_for 16 legacy 'rule 2 1 -s 10.1.0.0/16 -i vb -p tcp -m tcp --dport 80 -m conntrack --ctstate NEW,ESTABLISHED -j mine / web # handle 1'
check "ip6tables-legacy" wait_for 8 legacy 'rule 10 417 -d fd01::/64 -p tcp -m tcp --sport 22 -j MARK --set-xmark 0x5/0xffffffff'
newest b | sed 's/^/# /'
newest b | grep '^rule' | cut -d' ' -f5- >/run/legacy
check "a log rule" grep -qE '^[0-9]+ ! -d 10.2.0.2/32 -m limit --limit 5/min -j LOG --log-prefix "lab: "$' /run/legacy
check "a chain of the user" grep -qE '^[0-9]+ -p udp -m multiport --dports 53,60:62 -j REJECT --reject-with icmp-host-prohibited$' /run/legacy
check "nat" wait_for 8 legacy 'rule 2 1 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.1.0.2:80'
check "the policy of a legacy chain" grep -qE '^chain 2 [0-9a-f]+ 18 2 0 2 6 FORWARD$' /run/rules
check "rules of nftables in the same namespace" has b "rule 1 1 1 2 tcp dport 2 counter accept / of b"
check "there is legacy" grep -qx 'any 1 1' /run/rules
ip netns exec r cat /proc/net/ip_tables_names >/run/names
check "no legacy table was made by looking" test ! -s /run/names
# as many rules as iptables-save says, in all tables
check "as many as iptables-save says" test "$(newest b | grep -c '^rule \(2\|10\) [89a-f]')" = \
	"$( ($B iptables-legacy-save; $B ip6tables-legacy-save) | grep -c '^-A')"

# 10,000 rules: compared with nft itself on the same ruleset.
{
	echo 'table ip big { chain c { type filter hook output priority 0;'
	for i in $(seq 10000); do echo "ip daddr 10.9.$((i / 256)).$((i % 256)) counter accept"; done
	echo '} ; }'
} >/run/big
$A nft -f /run/big
check "10,000 rules" wait_for 30 count a 10001
check "with their text" test "$(newest a | grep -c 'ip daddr 10.9')" = 10000
nft_ms=$(milliseconds $A sh -c 'nft -s -t -a list ruleset >/dev/null')
grep -v ' 10.9.' /run/rules | grep '^end' | tail -n 1 | sed 's/^/# /'
kill -TERM $READER
wait $READER
$B iptables-legacy -F
rulelist >/run/again 2>&1 &
READER=$!
check "ready with 10,000 rules" wait_for 30 grep -q '^ready' /run/again
ready=$(awk '$1 == "ready" { print $2 }' /run/again)
echo "# nft lists them in $nft_ms ms, the reader is ready after $ready ms"
check "not more than three times what nft takes" test "$ready" -le $((nft_ms * 3 + 500))

# A namespace is gone when its owner says so.
ip netns add short
ip -n short link add keeps type dummy
ip netns exec short nft add table ip t
check "a new namespace by its name" wait_for 6 grep -q "^begin $(inode short) " /run/again
ip netns exec short nft add rule ip t nothing 2>/dev/null
ip link add here type veth peer name there netns short
ip netns del short
gone() {
	! ip link show here
}
check "a namespace that was deleted is not kept" wait_for 2 gone
check "nobody complained" not grep -q '^say' /run/rules /run/again
kill -TERM $READER
check "it ends" wait $READER
READER=
