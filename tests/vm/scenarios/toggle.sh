# run: long=none --single
# Layers switched on the screen while packets pass: what is off
# stands still, everything else goes on, and the attachment follows. The emulator
# does not always survive code patched under another CPU: one thread (lab.md).
# shellcheck shell=bash disable=SC2086,SC2034
. /lab/lib.sh

lab_up plain
kernel_state >/run/state
trap 'kill $PINGS 2>/dev/null; tmux kill-server; lab_finish' EXIT

# row LAYER: mark, functions, hits, rate of a layer, as the pane shows them.
row() {
	tmux capture-pane -p -t t | awk -v name="$1" '{
		for (i = 1; i < NF; i++) if ($i == name && ($(i - 1) ~ /^(●|○|!|⟳)$/)) { print $(i - 1), $(i + 1), $(i + 2), $(i + 3); exit } }'
}
field() {
	row "$1" | cut -d' ' -f"$2"
}
row_is() { # LAYER REGEX
	row "$1"
	[[ $(row "$1") =~ $2 ]]
}
# What the kernel has of ours.
attached() {
	kernel_state | awk '/^enabled functions/ { n = $3 } /^kprobe events/ { k = $3 } END { print k ? k : n }'
}
attached_is() {
	echo "$(attached), expected $1"
	[ "$(attached)" -ge $(($1 - 1)) ] && [ "$(attached)" -le $(($1 + 12)) ]
}
# The cursor of the Layers pane to a layer: by search, which every pane has.
choose() {
	keys F2
	keys g
	local n=0
	until tmux capture-pane -p -t t | grep -Eq "▸ (●|○|!|⟳) $1 "; do
		keys Down
		n=$((n + 1))
		[ $n -lt 30 ] || return 1
		sleep 0.1
	done
}
ping_n() {
	$A ping -q -i 0.002 -c "$1" 10.2.0.2 >/dev/null
}

# --- exact: five functions and so few pings that the pane shows every digit ---
cat >/run/few.json <<-END
	{ "version": 1, "functions": [
	  { "name": "ip_rcv", "layer": "IPv4", "priority": 0 }, { "name": "ip_forward", "layer": "IPv4", "priority": 0 },
	  { "name": "icmp_rcv", "layer": "ICMP", "priority": 0 }, { "name": "icmp_reply", "layer": "ICMP", "priority": 3 },
	  { "name": "__netif_receive_skb_one_core", "layer": "Device", "priority": 1 } ] }
END
term_start 80 24
rm -f /run/ready
keys "clear; skbscope --config /run/few.json --ready-file /run/ready" Enter
wait_for 20 test -e /run/ready || fail "the screen does not start"
choose ICMP || fail "the layer ICMP is not in the pane"
ping_n 50
check "50 pings: IPv4 300" wait_for 3 row_is IPv4 ' 300 '
check "50 pings: ICMP 150" wait_for 3 row_is ICMP ' 150 '
keys Space
check "ICMP off: its sign" wait_for 3 row_is ICMP '^○ '
ping_n 50
check "ICMP off: the others go on" wait_for 3 row_is IPv4 ' 600 '
check "ICMP off: no hit is lost elsewhere" row_is Device ' 400 '
check "ICMP off: it counts no more" row_is ICMP '^○ [0-9]+ 150 '
keys Space
check "ICMP on again: its sign" wait_for 5 row_is ICMP '^● '
ping_n 50
check "ICMP on again: it counts" wait_for 3 row_is ICMP ' 300 '
check "ICMP on again: the others did not miss a hit" wait_for 3 row_is IPv4 ' 900 '
keys q
check "the screen is gone, and all of it" kernel_clean

# --- under a flood -------------------------------------------------------------
term_start 80 24
rm -f /run/ready
keys "clear; skbscope -p 1 --ready-file /run/ready" Enter
wait_for 20 test -e /run/ready || fail "the screen does not start"
choose IPv4 || fail "the layer IPv4 is not in the pane"
$A ping -q -f 10.2.0.2 >/dev/null &
PINGS=$!
all=$(attached)
echo "# attached: $all; IPv4: $(row IPv4)"
functions=$(field IPv4 2)
functions=${functions%/*}
moves() { # LAYER: its hits grow
	local before
	before=$(field "$1" 3)
	changed() {
		[ "$(field "$1" 3)" != "$before" ]
	}
	wait_for 5 changed "$1"
}
for round in 1 2; do
	keys Space
	check "round $round: IPv4 off" wait_for 5 row_is IPv4 '^○ .* off$'
	check "round $round: its probes go" wait_for 5 attached_is $((all - functions))
	hits=$(field IPv4 3)
	check "round $round: ICMP goes on" moves ICMP
	check "round $round: Xmit goes on" moves Xmit
	check "round $round: IPv4 stands still" row_is IPv4 "^○ [0-9]+ $hits off"
	keys Space
	check "round $round: IPv4 on" wait_for 5 row_is IPv4 "^● $functions/$functions "
	check "round $round: its probes are back" wait_for 5 attached_is $all
	check "round $round: IPv4 counts" moves IPv4
done
keys q
kill $PINGS
CLEAN_LIMIT=3000
check "the screen is gone, and all of it" kernel_clean
