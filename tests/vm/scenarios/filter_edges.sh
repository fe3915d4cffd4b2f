# Filters at their edges: containers, the namespace of the host, Geneve, packets
# of nobody's socket, bytes that cannot be read.
# run: long=none
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh
. /lab/compare.sh

lab_up plain
kernel_state >/run/state
crossing="$A $PINGS -c 5 10.2.0.2; $A $PINGS -c 4 10.1.0.2"

# --- namespaces that have no name
ip link set lo up
trace "ping -q -i 0.01 -c 3 127.0.0.1; $crossing" --netns host
check "netns=host: three pings there and back" at lo dev_hard_start_xmit 6
check "netns=host: no others" packets 6
[ -e /sys/fs/cgroup/cgroup.procs ] || mount -t cgroup2 none /sys/fs/cgroup || fail "no cgroups"
mkdir -p /sys/fs/cgroup/lxc.payload.box/init.scope
# the group is written to from outside: a namespace's own /sys has none
inside() { # NETNS: a process of the container there
	ip netns exec $1 sleep 1000 &
	INSIDE="$INSIDE $!"
	echo $! >/sys/fs/cgroup/lxc.payload.box/init.scope/cgroup.procs
}
INSIDE=
inside r
trace "$crossing" --netns container:box
check "netns=container: forwarded there" at ra ip_forward 5
check "netns=container: ten packets" packets 10
refused() { # STATUS TEXT OPTION...
	local status=$1 text=$2
	shift 2
	skbscope trace --duration 1 "$@" >/run/out 2>/run/err
	echo "status $?, $(</run/err)" >/run/said
	cat /run/said
	grep -q "^status $status, skbscope: .*$text" /run/said && [ "$(wc -l </run/err)" = 1 ]
}
check "a container that is not there" refused 2 "netns container nosuch: no process" --netns container:nosuch
inside b
check "a container in two namespaces" refused 2 "netns container box: .*several" --netns container:box
kill $INSIDE

# --- packets without a socket: those of the process that runs
ip -n a neigh del 10.1.0.1 dev va
trace "$A $PINGS -c 3 10.2.0.2" --comm ping arp
check "a question for an address: who asked" at va dev_hard_start_xmit 1 '"matched_by":"current"'
check "and nothing but such questions" not grep -q '"proto":"icmp"' /run/f.json

# --- Geneve
modprobe geneve || fail "geneve"
ip -n a link add gv type geneve id 7 remote 10.2.0.2
ip -n b link add gv type geneve id 7 remote 10.1.0.2
ip -n a addr add 10.9.4.1/24 dev gv
ip -n b addr add 10.9.4.2/24 dev gv
ip -n a link set gv up
ip -n b link set gv up
trace "$A $PINGS -c 3 10.9.4.2; $A $PINGS -c 4 10.2.0.2" --inner icmp
check "Geneve, what is inside: leaves a" at va dev_hard_start_xmit 3
check "Geneve, what is inside: crosses r" at ra ip_forward 3
check "Geneve, what is inside: three pings there and back" packets 6
trace "$A $PINGS -c 3 10.9.4.2; $A $PINGS -c 4 10.2.0.2" 'udp port 6081 and ip[1] = 0'
check "Geneve, the outside: the three, and what asked for the address" at va dev_hard_start_xmit 3

# --- what cannot be read
trace "$A $PINGS -s 1000 -c 2 10.2.0.2" 'ether[700] = 1'
check "behind what is looked at: nothing is shown" quiet
ev_read f
check "and that is counted" is stats.undecided -ge 4
trace "$A $PINGS -s 100 -c 2 10.2.0.2" 'ether[700] = 1'
ev_read f
check "shorter packets do not fit" is stats.undecided -eq 0
ip -n a link set va mtu 9000
ip -n r link set ra mtu 9000
ip -n r route add blackhole 10.66.0.0/16 # or the answer to it would read its ports
paged="$A labsend paged va 02:00:00:00:01:01 10.1.0.2 10.66.0.1 7777 6000"
trace "$paged; $A $PINGS -c 2 10.2.0.2" 'udp[100] = 7'
ev_read f
check "data in pages, and no way on: nothing is shown" quiet
check "data in pages: counted" is stats.undecided -eq 1
trace "$paged; $A $PINGS -c 2 10.2.0.2" 'udp port 7777'
check "ports in pages: from where the kernel reads them on" packets 1
trace "$paged; $A $PINGS -c 2 10.2.0.2" 'dst host 10.66.0.1'
check "addresses in pages: not before they are read" at va dev_hard_start_xmit 0
ev_read f
check "addresses in pages: from there on" is stats.packets -ge 1
check "addresses in pages: decided" is stats.undecided -eq 0

check "nothing is left" kernel_clean
exit 0
