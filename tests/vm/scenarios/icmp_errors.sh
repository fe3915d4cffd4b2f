# An ICMP error says which packet it is about: no port, no route, too many hops,
# over IPv4 and IPv6.
# run: long=6.1
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

lab_up
kernel_state >/run/state
# the answers of the kernel come at once then
sysctl -qw net.ipv4.icmp_ratelimit=0
for n in a r b; do
	ip netns exec $n sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
done
trace_start t -p 1
sent() { # ADDRESS PORT [TTL]
	echo x | $A socat -u - UDP-SENDTO:[$1]:$2,bind=:4000${3:+,$3} 2>/dev/null
	echo x | $A socat -u - UDP-SENDTO:$1:$2,bind=:4000${3:+,$3} 2>/dev/null
	true
}
sent 10.2.0.2 7
sent fd02::2 7
$A ping -q -n -c 1 -t 1 10.2.0.2 >/run/ttl
$A ping -q -n -c 1 -t 1 fd02::2 >/run/ttl6
settle t
trace_stop
jq_checks /run/t.json '
def line($name; $good; $seen): [$name, ($good | tostring), ($seen | tojson)] | join("\t");
[.[] | select(.about)] as $errors
| def about($type; $code; $dst): [$errors[] | select(.icmp_type == $type and .icmp_code == $code and .about.dst == $dst)];
about(3; 3; "10.2.0.2") as $port
| about(1; 4; "fd02::2") as $port6
| about(11; 0; "10.2.0.2") as $ttl
| about(3; 0; "fd02::2") as $ttl6
| line("no port: about the datagram, with its ports";
	([$port[].about | [.proto, .src, .sport, .dport]] | unique) == [["udp", "10.1.0.2", 4000, 7]]; [$port[0].about]),
line("the same over IPv6";
	([$port6[].about | [.proto, .src, .sport, .dport]] | unique) == [["udp", "fd01::2", 4000, 7]]; [$port6[0].about]),
line("too many hops: about the ping";
	([$ttl[].about | [.proto, .src, .icmp_type]] | unique) == [["icmp", "10.1.0.2", 8]]; [$ttl[0].about]),
line("the same over IPv6";
	([$ttl6[].about | [.proto, .src, .icmp_type]] | unique) == [["icmp6", "fd01::2", 128]]; [$ttl6[0].about]),
line("an error is a packet of its own, and one on its whole way";
	($port | length) > 10 and ([$port[].packet] | unique | length) == 1; [$port[].packet] | unique),
line("packets that are none say nothing"; ([.[] | select(.about and .proto != "icmp" and .proto != "icmp6")] | length) == 0; [])
'
check "nothing is left" kernel_clean
exit 0
