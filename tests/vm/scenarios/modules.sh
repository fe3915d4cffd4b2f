# run: --single --timeout=180 long=none
# Modules that are loaded and unloaded while we trace: their functions come and
# go, and what is traced otherwise goes on. Probes are put into code that runs:
# one emulator thread (lab.md).
# shellcheck shell=bash disable=SC2086,SC2034
. /lab/lib.sh

lab_up plain
modprobe -a udp_tunnel ip6_udp_tunnel # what vxlan needs, so that it alone comes and goes
kernel_state >/run/state
trap 'kill -INT $TRACER 2>/dev/null; tmux kill-server 2>/dev/null; lab_finish' EXIT

# A tunnel from r to b, over the link that is there. The addresses are known, so
# that the first ping is no different from the others.
tunnel_up() {
	$R ip link add vx0 address 02:00:00:00:09:01 type vxlan id 9 remote 10.2.0.2 dstport 4789 dev rb &&
		$B ip link add vx0 address 02:00:00:00:09:02 type vxlan id 9 remote 10.2.0.1 dstport 4789 dev vb &&
		$R ip addr add 10.9.0.1/24 dev vx0 && $B ip addr add 10.9.0.2/24 dev vx0 &&
		$R ip link set vx0 up && $B ip link set vx0 up &&
		# or the neighbour is asked for again after 5 seconds, between the pings that are counted
		$R ip neigh add 10.9.0.2 lladdr 02:00:00:00:09:02 dev vx0 nud permanent &&
		$B ip neigh add 10.9.0.1 lladdr 02:00:00:00:09:01 dev vx0 nud permanent
}
tunnel_down() {
	$R ip link del vx0
	$B ip link del vx0
}
tunnel_ping() {
	$R ping -q -i 0.01 -c "$1" -W 2 10.9.0.2
}
# hits FUNCTION MODULE: lines of it so far.
hits() {
	grep -c "\"func\":\"$1\",\"module\":\"$2\"" /run/modules.json
}
# Pings until a hit of the function arrives that was not there before.
hit_again() {
	local before
	before=$(hits "$1" "$2")
	more() {
		tunnel_ping 1
		[ "$(hits "$1" "$2")" -gt "$before" ]
	}
	wait_for 3 more "$@"
}
is_loaded() {
	grep -q "^$1 " /proc/modules
}

check "vxlan is not there yet" not is_loaded vxlan
trace_start modules -p 3 -v
for round in 1 2; do
	modprobe vxlan || fail "no vxlan in this guest"
	check "round $round: the tunnel stands" tunnel_up
	check "round $round: functions of vxlan are hit within 3 s" hit_again vxlan_xmit vxlan
	check "round $round: those that receive, too" hit_again vxlan_rcv vxlan
	# exact from here on: nothing is attached or detached meanwhile
	settle modules
	before=$(hits vxlan_xmit vxlan)
	check "round $round: pings" tunnel_ping 20
	settle modules
	check "round $round: each ping is seen twice, request and answer" test $(($(hits vxlan_xmit vxlan) - before)) = 40
	tunnel_down
	check "round $round: vxlan can be unloaded" rmmod vxlan
	before=$(hits ip_rcv_core '.*')
	check "round $round: the others go on" $A ping -q -i 0.01 -c 5 10.2.0.2
	[ $round != 1 ] || sleep 1.5 # without: it comes back between two looks
done
check "a module that is unloaded with its devices" modprobe vxlan
check "its device" tunnel_up
awk '$4 == "[vxlan]" { print $3 }' /proc/kallsyms >/run/vxlan.names
check "its functions" hit_again vxlan_xmit vxlan
check "it is unloaded" rmmod vxlan
# The last function of a module's code: a plain kprobe there can make 6.12 read
# beyond the module and die (attach/tracefs.c).
modprobe xfrm_ipcomp
end_came() {
	grep -q 'module xfrm_ipcomp: ' /run/modules.err
}
check "the last function of a module does no harm" wait_for 5 end_came
modprobe -r xfrm_ipcomp
went() {
	[ "$(grep -c 'module vxlan went' /run/modules.err)" = 3 ]
}
check "it was noticed" wait_for 3 went
trace_stop
check "exit status 0" test $TRACER_RC = 0
check "all that was said is who came and went" test -z "$(grep -Ev '^skbscope: (module [a-z0-9_]+(: [0-9]+ functions? came| went: [0-9]+ functions? (is|are) gone)|.* ms .*|.*the kernel refuses a probe there.*)$' /run/modules.err)"
grep -v ' ms ' /run/modules.err | sed 's/^/# /' | head -20
ev_read modules
check "no event was lost" is stats.lost.ring -eq 0
# what was said to be a function of vxlan, and what the kernel says
grep -o '"func":"[^"]*","module":"vxlan"' /run/modules.json | cut -d'"' -f4 | sort -u >/run/vxlan.said
foreign() {
	grep -vxFf /run/vxlan.names /run/vxlan.said
}
echo "# $(wc -l </run/vxlan.said) functions of vxlan were hit"
check "several functions of vxlan were hit" test "$(wc -l </run/vxlan.said)" -ge 5
check "nothing but its own functions is said to be of vxlan" not foreign
check "gone functions are attached no more, nothing is left" kernel_clean

# A glob chooses of those that come later as of the others. Without -v: not a word.
cat >/run/config.json <<-END
	{ "version": 1, "functions": [ { "name": "ip_rcv_core" }, { "name": "vxlan_rcv", "module": "vxlan", "layer": "Other" } ] }
END
later() { # OPTION...: the functions of vxlan that are hit
	trace_start later "$@"
	modprobe vxlan
	tunnel_up
	some() {
		tunnel_ping 1
		grep -q '"module":"vxlan"' /run/later.json
	}
	wait_for 3 some
	tunnel_ping 5 >/dev/null
	settle later
	tunnel_down
	rmmod vxlan
	trace_stop
	grep -o '"func":"[^"]*","module":"vxlan","layer":"[A-Za-z]*"' /run/later.json | sort -u | tr -d '\n' >/run/later.said
}
said() {
	cat /run/later.said /run/later.err
	[ "$(cat /run/later.said)" = "$1" ] && [ "$TRACER_RC" = 0 ]
}
later -F 'ip_rcv_core,*_xmi?' # of vxlan one function matches
check "-F: of those that come only what it names" said '"func":"vxlan_xmit","module":"vxlan","layer":"Tunnel"'
check "without -v: not a word" test ! -s /run/later.err
later --config /run/config.json
check "--config: what it names, as it says" said '"func":"vxlan_rcv","module":"vxlan","layer":"Other"'
check "--config: one that is not there yet is said" test "$(wc -l </run/later.err)" = 1

# A name that no function has yet is refused as before.
RC=0
timeout 10 skbscope trace -F 'vxlan_*' >/run/out 2>&1 || RC=$?
check "-F vxlan_* without vxlan: refused" test $RC = 2
check "nothing is left of all that" kernel_clean

# The screen: what it counts, and what the messages say.
term_start 120 40
rm -f /run/ready
keys "clear; skbscope -p 1 --ready-file /run/ready" Enter
wait_for 20 test -e /run/ready || fail "the screen does not start"
tunnels() { # functions that the layer Tunnel has
	tmux capture-pane -p -t t | awk '{ for (i = 1; i < NF; i++) if ($i == "Tunnel") { sub(".*/", "", $(i + 1)); print $(i + 1); exit } }'
}
tunnels_now() {
	tunnels
	test "$(tunnels)" "$1" "$2"
}
before=$(tunnels)
modprobe vxlan
check "screen: the layer has more functions" wait_for 5 tunnels_now -gt "$before"
after=$(tunnels)
tunnel_up
tunnel_ping 5 >/dev/null
keys e
check "screen: a message says who came" wait_for 3 term_has 'module vxlan: [0-9]+ functions came'
keys e
tunnel_down
check "screen: vxlan can be unloaded" rmmod vxlan
check "screen: the layer has as many as before" wait_for 5 tunnels_now -eq "$before"
keys e
check "screen: a message says who went" wait_for 3 term_has 'module vxlan went: [0-9]+ functions are gone'
keys e
modprobe vxlan
check "screen: they come back" wait_for 5 tunnels_now -eq "$after"
keys q
check "the screen is gone, and all of it" kernel_clean
