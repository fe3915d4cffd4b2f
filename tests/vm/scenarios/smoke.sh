# The lab itself: topology, rules, and what the kernel must offer.
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

uname -r >/results/version
lab_up
check "a reaches b" $A ping -q -c 2 -i 0.1 -W 2 10.2.0.2
check "a reaches b over IPv6" $A ping -q -c 2 -i 0.1 -W 2 fd02::2
check "b reaches a" $B ping -q -c 2 -i 0.1 -W 2 10.1.0.2

$B socat TCP-LISTEN:9999,fork,reuseaddr EXEC:/bin/cat &
$B socat TCP-LISTEN:9998,fork,reuseaddr EXEC:/bin/cat &
listening() {
	$B ss -Hltn "sport = :$1" | grep -q .
}
wait_for 5 listening 9999
wait_for 5 listening 9998
echo_test() {
	[ "$(echo hello | $A timeout 3 socat -t 1 - "TCP:10.2.0.2:$1,connect-timeout=1")" = hello ]
}
check "an open port answers" echo_test 9998
check "the blocked port does not answer" not echo_test 9999
dropped() {
	$R nft list chain inet lab forwarding | grep -Eq 'dport 9999 counter packets [1-9][0-9]* bytes .* drop'
}
check "the rule counted the drops" dropped
tracked() {
	$R conntrack -L -p tcp 2>/dev/null | grep -q 'dport=9998'
}
check "conntrack knows the connection" tracked

flooded() {
	ms=$(flood 500)
	echo "# 500 pings took $ms ms" >>/results/version
	[ "$ms" -gt 0 ]
}
check "a flood loses nothing and takes a time" flooded

kallsyms() {
	awk '$3 == "kfree_skb_reason" || $3 == "sk_skb_reason_drop" { if ($1 !~ /^0+$/) found = 1 } END { exit !found }' /proc/kallsyms
}
check "kallsyms shows addresses" kallsyms
check "kernel BTF is there" test -s /sys/kernel/btf/vmlinux
check "module BTF is there" test -s /sys/kernel/btf/nf_tables
traceable() {
	[ "$(wc -l </sys/kernel/tracing/available_filter_functions)" -gt 10000 ]
}
check "functions can be traced" traceable
check "BPF file system is mounted" grep -q ' /sys/fs/bpf bpf ' /proc/mounts
check "BPF programs load" bpftool prog list
check "no lockdown" not grep -Eq '\[(integrity|confidentiality)\]' /sys/kernel/security/lockdown

check "terminfo is there" infocmp xterm-256color
