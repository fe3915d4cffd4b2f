# Every call of a chain: the same rules with the same verdicts as in the kernel's
# own trace, for each family and each kind of statement; and the same counts as
# the rules' counters.
# run: --timeout=180
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh
. /lab/rules.sh

lab_up plain
modprobe -a nf_tables nfnetlink_queue bridge nf_conntrack_bridge 2>/dev/null
kernel_state >/run/state
for n in a r b; do
	ip netns exec $n sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
done
sysctl -qw net.ipv4.icmp_msgs_per_sec=100000 net.ipv4.icmp_msgs_burst=100000

# s is a bridge with c and d at its ports; they ask for each other's address.
ip -b - <<-END
	netns add s
	netns add c
	netns add d
END
ip -n s -b - <<-END
	link add br0 type bridge
	link add s1 type veth peer name vc netns c
	link add s2 type veth peer name vd netns d
	link set s1 master br0 up
	link set s2 master br0 up
	link set br0 up
	addr add 10.7.0.1/24 dev br0
END
ip -n c -b - <<-END
	link set vc up
	addr add 10.7.0.2/24 dev vc
END
ip -n d -b - <<-END
	link set vd up
	addr add 10.7.0.3/24 dev vd
END
# who has which address is asked once, and only when we want it
for n in s:br0 c:vc d:vd; do
	ip netns exec ${n%:*} sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv4.neigh.${n#*:}.mcast_solicit=1 \
		net.ipv4.neigh.${n#*:}.delay_first_probe_time=1000
done
wait_for 5 ip netns exec c ping -q -c 1 -W 1 10.7.0.3 || fail "no way over the bridge"

$R nft -f - <<'END' || fail "the ruleset of r"
table netdev truth {
	chain arrived {
		type filter hook ingress devices = { ra, rb } priority -500;
		meta nftrace set 1
	}
}
table inet truth {
	chain made {
		type filter hook output priority -500;
		meta nftrace set 1
	}
}
table netdev early {
	set blocked {
		type inet_service
		elements = { 9001 }
	}
	chain ingress {
		type filter hook ingress device "ra" priority 0; policy accept;
		udp dport @blocked counter drop
		udp dport 9002 counter dup to "rb"
		udp dport 9003 counter goto marked
		udp dport vmap { 9004 : drop, 9005 : jump counted, 9006 : accept }
		counter
	}
	chain marked {
		counter meta mark set 0x7 accept
	}
	chain counted {
		counter
	}
	chain egress {
		type filter hook egress device "rb" priority 0; policy accept;
		udp dport 9007 counter drop
		udp dport 9006 counter
	}
}
table inet unseen {
	chain prerouting {
		type filter hook prerouting priority raw; policy accept;
		udp dport 9010 counter notrack
		counter
	}
}
table inet lab {
	counter web { }
	quota enough { over 3000 bytes }
	limit slow { rate 2/hour burst 2 packets }
	set ports {
		type inet_service
		elements = { 9011, 9012 }
	}
	set met {
		type inet_service
		size 64
		flags dynamic
	}
	map verdicts {
		type inet_service : verdict
		elements = { 9013 : drop, 9014 : jump one, 9015 : goto two, 9016 : accept }
	}
	map marks {
		type inet_service : mark
		elements = { 9049 : 0x49 }
	}
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state invalid counter drop
		udp dport 9020 counter accept
		udp dport 9021 counter drop
		udp dport 9022 counter reject with icmpx port-unreachable
		tcp dport 9023 counter reject with tcp reset
		udp dport 9024 counter reject with icmpx admin-prohibited
		udp dport @ports counter accept
		udp dport { 9025, 9026-9028 } counter drop
		udp dport 9029 counter jump one
		udp dport 9030 counter goto two
		udp dport vmap @verdicts
		udp dport vmap { 9031 : jump nested, 9032 : drop, 9033 : goto two }
		udp dport 9034 counter name web accept
		udp dport 9035 counter limit rate 2/hour burst 3 packets accept
		udp dport 9035 counter drop
		udp dport 9036 limit name slow counter accept
		udp dport 9037 quota until 300 bytes counter accept
		udp dport 9038 quota name enough drop
		udp dport 9039 log prefix "lab " counter accept
		udp dport 9040 log group 3 accept
		udp dport 9041 counter meta mark set 0x11 ct mark set 0x22 accept
		udp dport 9042 counter queue num 5
		udp dport 9043 counter queue flags bypass to 6
		udp dport 9044 counter queue num 7
		udp dport 9045 add @met { udp dport } counter accept
		udp dport 9046 counter ip dscp set cs1
		udp dport 9047 counter name udp dport map { 9047 : "web" }
		udp dport 9048 return
		udp dport 9049 counter meta mark set udp dport map @marks accept
		udp dport { 9005, 9006, 9007, 9072, 9073 } accept
		ct state untracked counter accept
		ct state established,related counter accept
		meta l4proto { tcp, icmp, icmpv6 } counter accept
		counter
	}
	chain one {
		counter
		udp dport { 9014, 9029 } counter return
		counter
	}
	chain two {
		counter accept
	}
	chain nested {
		counter jump one
		counter goto two
	}
	chain input {
		type filter hook input priority filter; policy accept;
		udp dport 9060 counter reject
		counter
	}
	chain output {
		type filter hook output priority filter; policy accept;
		tcp flags rst counter
		counter
	}
	chain mangle {
		type filter hook postrouting priority mangle; policy accept;
		tcp flags syn tcp option maxseg size set 1200 counter
	}
}
table ip lab {
	chain forward {
		type filter hook forward priority -10; policy accept;
		udp dport 9080 counter drop
		ip saddr . udp dport vmap { 10.1.0.2 . 9079 : drop, 10.1.0.2 . 9078 : jump one }
	}
	chain one {
		counter return
	}
	chain prerouting {
		type nat hook prerouting priority dstnat; policy accept;
		udp dport 9070 counter dnat to 10.2.0.2:9020
		udp dport 9071 counter redirect to :9061
	}
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		udp dport 9072 counter snat to 10.2.0.1:61000-61100
		udp dport 9073 counter masquerade
	}
}
table ip6 lab {
	chain forward {
		type filter hook forward priority -10; policy accept;
		udp dport 9080 counter drop
		udp dport 9079 counter jump one
	}
	chain one {
		ip6 saddr fd01::2 counter return
	}
	chain prerouting {
		type nat hook prerouting priority dstnat; policy accept;
		udp dport 9070 counter dnat to [fd02::2]:9020
		udp dport 9071 counter redirect to :9061
	}
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		udp dport 9072 counter snat to [fd02::1]:61000-61100
		udp dport 9073 counter masquerade
	}
}
END
ip netns exec s nft -f - <<'END' || fail "the ruleset of the bridge"
table bridge truth {
	chain arrived {
		type filter hook prerouting priority -500;
		meta nftrace set 1
	}
	chain made {
		type filter hook output priority -500;
		meta nftrace set 1
	}
}
table bridge lab {
	chain prerouting {
		type filter hook prerouting priority 0; policy accept;
		udp dport 9002 counter reject
		ether type arp counter
	}
	chain forward {
		type filter hook forward priority 0; policy accept;
		udp dport 9001 counter drop
		udp dport vmap { 9003 : drop, 9004 : jump back }
		iifname "s1" udp dport 9005 counter meta mark set 0x5 accept
		counter
	}
	chain back {
		counter return
	}
	chain input {
		type filter hook input priority 0; policy accept;
		counter
	}
	chain output {
		type filter hook output priority 0; policy accept;
		counter
	}
}
END
ip netns exec c nft -f - <<'END' || fail "the ruleset of c"
table arp truth {
	chain in {
		type filter hook input priority -500;
		meta nftrace set 1
	}
	chain out {
		type filter hook output priority -500;
		meta nftrace set 1
	}
}
table arp lab {
	chain in {
		type filter hook input priority 0; policy accept;
		arp operation reply counter accept
		arp operation vmap { request : jump asked }
		counter
	}
	chain out {
		type filter hook output priority 0; policy drop;
		arp daddr ip 10.7.0.99 counter drop
		arp operation request counter accept
		arp daddr ip 10.7.0.3 counter accept
	}
	chain asked {
		counter
	}
}
END

$R labrules queue 7 /run/queue.ready >/run/queue.n &
QUEUE=$!
$B labsend take 80 >/run/take &
TAKE=$!
wait_for 5 listens b 80 || fail "nobody listens"
wait_for 5 test -e /run/queue.ready || fail "no queue"
truth_start r s c
trace_start t -l Netfilter

mapfile -t hosts < <(yes 10.2.0.2 | head -n 80)
mapfile -t hosts6 < <(yes fd02::2 | head -n 80)
$A labsend alternate 9001 $((80 * 4)) "${hosts[@]}"
$A labsend alternate 9001 $((80 * 4)) "${hosts6[@]}"
$A labsend alternate 9060 4 10.1.0.1 10.1.0.1
$A labsend alternate 9060 4 fd01::1 fd01::1
for dst in 10.2.0.2 fd02::2; do
	echo | $A timeout 2 socat -u - TCP:[$dst]:9023 2>/dev/null && fail "9023 is open"
	$A labsend messages $dst 80 10 1 || fail "TCP to $dst"
done
$A ping -q -i 0.01 -c 5 10.2.0.2 >/run/ping
$A ping -q -i 0.01 -c 5 fd02::2 >/run/ping
ip -n c neigh flush all
ip netns exec c labsend alternate 9001 20 10.7.0.3 10.7.0.3 10.7.0.3 10.7.0.3 10.7.0.3
ip netns exec c ping -q -c 2 -i 0.01 10.7.0.1 >/run/ping
ip netns exec c ping -q -c 1 -W 0.1 10.7.0.99 >/run/ping
ip -n d neigh flush all
ip netns exec d ping -q -c 2 -i 0.01 10.7.0.2 >/run/ping

settle t
trace_stop
check "the kernel's trace is complete" truth_stop
kill -TERM $QUEUE $TAKE
wait $QUEUE

# The comparer: what tells the truth is equal, and one wrong handle is not.
labrules pretend "$(inode r)=/run/truth.r" >/run/same.json
TRUTHS=r rules_read same
check "the truth is equal to itself" rules_equal same
TRUTHS=r rules_read same --shift 1
check "with the handles shifted every call with a rule differs" is different -eq calls.rule

rules_read t
for kind in accept drop continue jump goto return queue policy_accept policy_drop; do
	check "there were calls with $kind" is calls.$kind -gt 0
done
check "each call is told as the kernel traced it" rules_equal t
for n in r s c; do
	check "rules of $n were hit as often as they have counted" counters_equal t $n
done
check "nothing was lost" is seen.bad -eq 0
check "nothing is left" kernel_clean
exit 0
