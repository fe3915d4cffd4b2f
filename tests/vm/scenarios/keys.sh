# The keys 0 to 3: how many functions are attached follows, both ways.
# run: long=none
# shellcheck shell=bash disable=SC2086,SC2034
. /lab/lib.sh

lab_up plain
kernel_state >/run/state
trap 'tmux kill-server; lab_finish' EXIT
# What the kernel has of ours; the hooks at the end of packets (8) and the functions that are watched for a packet's
# copies, sockets and merges (10) come on top, whatever the key.
attached() {
	kernel_state | awk '/^enabled functions/ { n = $3 } /^kprobe events/ { k = $3 } END { print k ? k : n }'
}
attached_is() {
	local n
	n=$(attached)
	echo "$n, expected $1"
	[ "$n" -ge $(($1 - 4)) ] && [ "$n" -le $(($1 + 20)) ]
}
declare -a EXPECT
skbscope list --json >/run/list
for p in 0 1 2 3; do
	EXPECT[p]=$(awk -v p=$p '/"attachable": true/ && match($0, /"priority": [0-3]/) {
		n += substr($0, RSTART + 12, 1) <= p } END { print n }' /run/list)
done
echo "# attachable by priority: ${EXPECT[*]}"

term_start 80 24
rm -f /run/ready
keys "clear; skbscope --ready-file /run/ready" Enter
wait_for 20 test -e /run/ready || fail "the screen does not start"
check "at first -p 1: ${EXPECT[1]} functions" wait_for 5 attached_is ${EXPECT[1]}
for p in 0 2 3 0 1; do
	t=${EPOCHREALTIME/[.,]/}
	keys $p
	check "key $p: the status line says so" wait_for 3 term_has "-p $p "
	check "key $p: ${EXPECT[p]} functions" wait_for 30 attached_is ${EXPECT[p]}
	echo "# key $p: $(((${EPOCHREALTIME/[.,]/} - t) / 1000)) ms"
done
keys q
CLEAN_LIMIT=3000 # how fast is the matter of ends_screen
check "the screen is gone, and all of it" kernel_clean
