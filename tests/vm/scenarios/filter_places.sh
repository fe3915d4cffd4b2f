# Filters and the way of a packet: devices and namespaces that it passes, marks
# and addresses that it gets underway.
# run: --timeout=300 long=none
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh
. /lab/compare.sh

lab_up plain
kernel_state >/run/state
$B labsend sink 7001 &
sink_listens() {
	$B ss -Hlun "sport = :7001" | grep -q .
}
wait_for 5 sink_listens
# --- devices and namespaces: five pings from a to b, four that stay in a
crossing="$A $PINGS -c 5 10.2.0.2; $A $PINGS -c 4 10.1.0.2"
trace "$crossing" -i vb
check "device: where it is" at vb ip_rcv_core 5
check "device: not where it has not been yet" at va dev_hard_start_xmit 0
check "device: replies, from there on" at va ip_rcv_core 5
check "device: ten packets" packets 10
trace "$crossing" if=rb icmp and src host 10.1.0.2
check "device that it leaves by" at rb dev_hard_start_xmit 5
check "device and expression: five packets" packets 5
trace "$crossing" -i nosuch0
check "device that is not there: nothing" quiet
$R sleep 1000 &
inside=$!
for ns in r /run/netns/r "$(stat -L -c %i /run/netns/r)" "pid:$inside"; do
	trace "$crossing" --netns "$ns"
	check "netns=$ns: forwarded there" at ra ip_forward 5
	check "netns=$ns: and back" at rb ip_forward 5
	check "netns=$ns: ten packets" packets 10
	check "netns=$ns: nothing before it came there" at va dev_hard_start_xmit 0
done
kill $inside

# --- marks
trace "$A $PINGS -m 5 -c 3 10.2.0.2; $A $PINGS -c 4 10.2.0.2" --mark 5
check "mark of a socket" at va dev_hard_start_xmit 3
check "mark: to the end, where it has been taken off" at vb ip_rcv_core 3
check "mark: three packets" packets 3
trace "$A $PINGS -m 21 -c 3 10.2.0.2; $A $PINGS -m 37 -c 4 10.2.0.2" --mark 0x10/0xf0
check "mark under a mask" packets 3
$R nft -f - <<-END
	table ip marks {
		chain c {
			type filter hook prerouting priority mangle; policy accept;
			ip saddr 10.1.0.2 meta mark set 0x30
		}
	}
END
trace "$A $PINGS -c 3 10.2.0.2" mark=48
check "mark of a rule: before it nothing" at va dev_hard_start_xmit 0
check "mark of a rule: from there on" at ra ip_forward 3
check "mark of a rule: three packets" packets 3
$R nft delete table ip marks

# --- NAT
$R nft -f - <<-END
	table ip nat {
		chain in {
			type nat hook prerouting priority dstnat; policy accept;
			ip daddr 10.2.0.100 dnat to 10.2.0.2
		}
		chain out {
			type nat hook postrouting priority srcnat; policy accept;
			oifname "rb" masquerade
		}
	}
END
translated="$A $PINGS -c 5 10.2.0.2; $A labsend connected 10.2.0.100 7001 6"
trace "$translated" icmp and src host 10.2.0.1
check "source after NAT: not before it" at va dev_hard_start_xmit 0
check "source after NAT: from there on" at vb ip_rcv_core 5 '"src":"10.2.0.1"'
check "source after NAT: five packets" packets 5
trace "$translated" icmp and src host 10.1.0.2
check "source before NAT: where it is so" at va dev_hard_start_xmit 5 '"src":"10.1.0.2"'
check "source before NAT: behind it, too" at vb ip_rcv_core 5 '"src":"10.2.0.1"'
trace "$translated" udp and dst host 10.2.0.2
check "destination after NAT: not before it" at va dev_hard_start_xmit 0
check "destination after NAT: from there on" at vb ip_rcv_core 6 '"dst":"10.2.0.2"'
trace "$translated" udp and dst host 10.2.0.100
check "destination before NAT: behind it, too" at vb ip_rcv_core 6 '"dst":"10.2.0.2"'
check "destination before NAT: six packets" packets 6
$R nft delete table ip nat

check "nothing of all that is left" kernel_clean
exit 0
