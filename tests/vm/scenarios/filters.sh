# Filter expressions against tcpdump: the same packets, counted where they leave
# a and where they reach b. tcpdump writes all of a run, and reads it again with
# the expression.
# run: --timeout=300 long=6.12
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh
. /lab/compare.sh

lab_up plain
kernel_state >/run/state
$B labsend sink 7001 7700 7800 7801 7802 &
$B socat TCP-LISTEN:8080,fork,reuseaddr EXEC:/bin/cat &
$B socat TCP6-LISTEN:8086,fork,reuseaddr EXEC:/bin/cat &
listening() {
	[ "$($B ss -Hltun | grep -c -E ':(7802|8080|8086) ')" -ge 3 ]
}
wait_for 5 listening

# Some of everything.
mixed() {
	all "$PING 2 10.2.0.2" "$PING 3 fd02::2" "$PING 1 -s 4000 10.2.0.2" "$PING 1 -s 4000 fd02::2" "$PING 4 10.1.0.1" \
		"socat -t 1 FILE:/etc/hosts TCP:10.2.0.2:8080" "socat -t 1 FILE:/etc/hosts TCP6:[fd02::2]:8086" \
		"labsend connected 10.2.0.2 7700 3" "labsend connected fd02::2 7001 4"
}
arps() {
	ip -n a neigh del 10.1.0.1 dev va
	all "$PING 2 10.2.0.2" "$PING 2 fd02::2"
	ip -n a neigh replace 10.1.0.1 lladdr 02:00:00:00:01:01 dev va nud permanent
}
fragments() {
	all "labsend big 10.2.0.2 7800 4000" "labsend big fd02::2 7801 4000" \
		"labsend fragments 10.1.0.2 10.2.0.2 6802 7802 3" "labsend connected 10.2.0.2 7700 2"
}
# both EXPRESSION LEAST [TRAFFIC]
both() {
	run "${3:-mixed}" "$1"
	leaves "$1" "$1" "$2"
	reaches "$1" "$1"
	check "$1: others were refused, nothing was lost" whole
}
both icmp 7
both 'tcp port 8080 and host 10.2.0.2' 5
both 'udp and ip6' 4
both 'src net 10.1.0.0/16 and dst net 10.2.0.0/24' 10
both 'ip and not icmp and not udp' 5
both 'tcp[tcpflags] & (tcp-syn|tcp-fin) != 0' 2
both 'udp and greater 750' 3
run mixed 'udp and greater 751'
check "greater 751: not one byte less" is stats.packets -eq 0
run mixed 'ether host 02:00:00:00:01:02 and ip'
leaves "ether host" 'ether host 02:00:00:00:01:02 and ip' 10
run arps arp
leaves arp arp

both 'ip[6:2] & 0x3fff != 0' 6 fragments
both 'ip6[6] == 44' 3 fragments
both 'ip[6:2] & 0x1fff == 0 and udp port 7802' 1 fragments
run fragments 'udp port 7800'
leaves "all fragments of a packet that matched" 'udp port 7800 or (ip[6:2] & 0x1fff != 0 and greater 100)' 3
reaches "all fragments of a packet that matched" 'udp port 7800 or (ip[6:2] & 0x1fff != 0 and greater 100)' 3
run fragments 'udp port 7801'
leaves "all IPv6 fragments of a packet that matched" 'ip6[6] == 44' 3
reaches "all IPv6 fragments of a packet that matched" 'ip6[6] == 44' 3

check "nothing of all that is left" kernel_clean
exit 0
