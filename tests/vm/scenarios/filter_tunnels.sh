# Filters, tags and tunnels: the packets that leave a, against tcpdump.
# run: --timeout=300 long=none
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh
. /lab/compare.sh

lab_up plain
kernel_state >/run/state
# nothing but our own packets on the devices to come
$A sysctl -qw net.ipv6.conf.default.disable_ipv6=1
$R sysctl -qw net.ipv6.conf.default.disable_ipv6=1
modprobe -a vxlan ip_gre ipip 8021q || fail "modules"
ip -n a -b - <<-END
	link add link va name va.5 type vlan id 5
	link set va.5 up
	addr add 10.5.0.2/24 dev va.5
	link add vx type vxlan id 42 remote 10.1.0.1 dstport 4789 dev va
	link add gre type gre local 10.1.0.2 remote 10.1.0.1
	link add ipip type ipip local 10.1.0.2 remote 10.1.0.1
	link set vx up
	link set gre up
	link set ipip up
	addr add 10.9.1.2/24 dev vx
	addr add 10.9.2.2/24 dev gre
	addr add 10.9.3.2/24 dev ipip
END
ip -n r -b - <<-END
	link add link ra name ra.5 type vlan id 5
	link set ra.5 up
	addr add 10.5.0.1/24 dev ra.5
	link add vx type vxlan id 42 remote 10.1.0.2 dstport 4789 dev ra
	link add gre type gre local 10.1.0.1 remote 10.1.0.2
	link add ipip type ipip local 10.1.0.1 remote 10.1.0.2
	link set vx up
	link set gre up
	link set ipip up
	addr add 10.9.1.1/24 dev vx
	addr add 10.9.2.1/24 dev gre
	addr add 10.9.3.1/24 dev ipip
END
$R labsend sink 7100 &
sink_listens() {
	$R ss -Hlun "sport = :7100" | grep -q .
}
wait_for 5 sink_listens
tagged() {
	all "$PING 3 10.5.0.1" "$PING 2 10.2.0.2" "labsend connected 10.5.0.1 7100 2"
}
tunnels() {
	all "$PING 2 10.9.1.1" "$PING 3 10.9.2.1" "$PING 4 10.9.3.1" "$PING 2 10.2.0.2" \
		"labsend connected 10.9.1.1 7100 2" "labsend connected 10.9.2.1 7100 2" "labsend connected 10.9.3.1 7100 2"
}

# Frames of the file have their tags in them.
tags() { # WHERE
	run tagged 'vlan 5 and icmp'
	leaves "a tag in the $1: vlan 5 and icmp" 'vlan 5 and icmp' 3
	run tagged vlan
	leaves "a tag in the $1: vlan" vlan 5
	run tagged icmp
	leaves "a tag in the $1: icmp" 'icmp or (vlan and icmp)' 5
}
tags skb
$A ethtool -K va tx-vlan-offload off >/dev/null
$R ethtool -K ra rx-vlan-offload off >/dev/null
tags frame

run tunnels 'udp port 4789'
leaves "VXLAN from outside" 'udp port 4789' 4
run tunnels --inner icmp
leaves "icmp in VXLAN, GRE and IPIP" '(udp dst port 4789 and udp[28:2] == 0x800 and udp[39] == 1) or
	(proto gre and ip[33] == 1) or (ip proto 4 and ip[29] == 1)' 9
run tunnels "inner='udp port 7100' proto gre"
leaves "inner and outer expression" 'proto gre and ip[33] == 17' 2
check "nothing of all that is left" kernel_clean
exit 0
