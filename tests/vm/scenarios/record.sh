# Recordings of real traffic: replayed by nobody, without the kernel's help, they tell
# what the live run told; killed, rotated, on a full disk; bytes of packets; from the screen.
# run: --single --timeout=300 long=6.12
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

lab_up
trap 'tmux kill-server 2>/dev/null; lab_finish' EXIT
$B labsend sink 53 &
SINK=$!
wait_for 5 listens b 53
mkdir /run/rec
chmod 755 /run/rec

# begin FILE OPTION...: a recording that is ready; PID
begin() {
	local file=$1
	shift
	rm -f /run/ready
	skbscope record -o "$file" --ready-file /run/ready "$@" >/run/out 2>/run/err &
	PID=$!
	wait_for 60 test -e /run/ready || fail "record does not start: $(cat /run/err)"
}
finish() {
	RC=0
	kill -${1:-TERM} $PID
	wait $PID || RC=$?
}
# Without root, without any privilege, without a tracing file system.
nobody() {
	setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all --inh-caps=-all "$@"
}
replay() {
	nobody skbscope replay "$@"
}
traffic() {
	$A ping -n -q -c 5 -i 0.1 10.2.0.2 >/dev/null
	$A ping -n -q -c 3 -i 0.1 fd02::2 >/dev/null
	$A labsend burst 10.2.0.2 53 200
	$A labsend burst 10.2.0.2 9 50
	for _ in 1 2 3; do
		$A timeout 1 bash -c "echo x >/dev/tcp/10.2.0.2/9999" 2>/dev/null
	done
}
is() { # JQ FILE
	jq -e "$1" "$2" >/dev/null || { head -c 2000 "$2" && return 1; }
}

any() { # JQ FILE: a line of it
	[ -n "$(jq -c "select($1)" "$2" | head -n 1)" ]
}

# --- the same as live ----------------------------------------------------------------------
begin /run/rec/a.skb --stats --json -p 1
traffic
finish
check "record ends with 0" test $RC = 0
check "nothing on stderr" test ! -s /run/err
check "only its owner reads it" test "$(stat -c %a /run/rec/a.skb)" = 600
chmod 644 /run/rec/a.skb
replay --stats --json /run/rec/a.skb >/run/again 2>/run/err
check "replay tells the same statistics" cmp /run/out /run/again
check "and nothing else" test ! -s /run/err
check "none was lost" is '[.lost[]] | add == 0' /run/out
check "pings, dropped ones and rules are in them" is '.dropped >= 53 and .packets > 260 and
	(.reasons.NO_SOCKET >= 50) and (.reasons.NETFILTER_DROP >= 3) and .fates.delivered >= 200 and
	([.rules[] | select(.rule | test("9999.*drop")) | .hits] | add) >= 3' /run/out
replay --json /run/rec/a.skb >/run/a.json
check "as many lines as the kernel sent records" test \
	"$(jq -c 'select(.packet)' /run/a.json | wc -l)" = "$(jq .events /run/out)"
check "its last line is that of --stats" cmp /run/again <(tail -n 1 /run/a.json)
check "rules with their text" any '.type == "rule" and .verdict == "drop" and .dport == 9999 and
	(.rule | test("ip saddr 10.1.0.2 tcp dport 9999"))' /run/a.json
check "names of namespaces and devices" any '.netns_name == "r" and .ifname == "rb"' /run/a.json
check "lines as text" test "$(replay --text /run/rec/a.skb | grep -c nf_hook_slow)" -ge 100
skbscope export --json -o /run/exported /run/rec/a.skb
check "export --json: the same lines" cmp /run/a.json /run/exported
check "folded stacks add up to the times of all copies" test \
	"$(skbscope export --folded -o - /run/rec/a.skb | awk '{ sum += $NF } END { printf "%d", sum }')" -gt 0

# --- bytes ----------------------------------------------------------------------------------
begin /run/rec/bytes.skb --stats --json -p 1 --snap 96 icmp
$A ping -n -q -c 7 -i 0.1 10.2.0.2 >/dev/null
finish
check "--snap: record ends with 0" test $RC = 0
skbscope export --pcapng -o /run/bytes.pcapng /run/rec/bytes.skb
tcpdump -Z root -nr /run/bytes.pcapng >/run/dump 2>/run/dump.err
echos() {
	cat /run/dump /run/dump.err
	[ "$(grep -c "ICMP echo $1, id [0-9]*, seq [1-7], length 64" /run/dump)" = 7 ]
}
check "tcpdump reads 7 requests with their sequence" echos request
check "and 7 replies" echos reply

# --- killed, full, rotated ------------------------------------------------------------------
begin /run/rec/killed.skb -p 1
traffic
wait_for 10 test "$(stat -c %s /run/rec/killed.skb)" -gt 4096
$A ping -n -q -c 20 -i 0.1 10.2.0.2 >/dev/null
finish KILL
chmod 644 /run/rec/killed.skb
replay --stats --json /run/rec/killed.skb >/run/again 2>/run/err
said() {
	cat /run/err
	grep -q "$1" /run/err
}
check "killed: replays up to the last block" is '.packets > 260' /run/again
check "killed: it is said" said 'ended\|not finished\|cut\|unfinished'

mkdir /run/small
mount -t tmpfs -o size=256k tmpfs /run/small
begin /run/small/f.skb -p 2
for _ in $(seq 10); do
	$A labsend burst 10.2.0.2 53 2000
	[ -d /proc/$PID ] || break
done
RC=0
wait_for 20 test ! -d /proc/$PID
kill $PID 2>/dev/null
wait $PID || RC=$?
one_line() {
	cat /run/err
	echo "exit status $RC"
	[ $RC = 1 ] && [ "$(grep -c 'No space left' /run/err)" = 1 ]
}
check "full disk: one line, exit status 1" one_line
check "full disk: what is there replays" is '.packets > 100' <(skbscope replay --stats --json /run/small/f.skb 2>/dev/null)
umount /run/small

begin /run/rec/r.skb --stats --json -p 1 --rotate 64K,100
for _ in 1 2 3; do
	$A labsend burst 10.2.0.2 53 2000
	sleep 1
done
finish
files=(/run/rec/r.skb*)
check "rotated: several files" test ${#files[@]} -ge 3
skbscope replay --stats --json "${files[@]}" >/run/again 2>/run/err
same_counts() {
	local what='{events, packets, dropped, delivered, fates, reasons, layers, flows}'
	diff <(jq -S "$what" /run/out) <(jq -S "$what" /run/again)
}
check "rotated: together they tell the same" same_counts
check "rotated: the last one by itself, with names" any '.netns_name == "r" and .dport == 53' <(
	skbscope replay --json /run/rec/r.skb 2>/dev/null)
kill $SINK

# --- the screen -----------------------------------------------------------------------------
term_start 120 40
keys "clear; cd /run/rec; skbscope -p 1 --ready-file /run/ready2 2>/run/screen.err; echo ba''ck" Enter
wait_for 40 test -e /run/ready2 || fail "the screen does not start: $(tmux capture-pane -p -t t)"
keys ':record /run/rec/s.skb' Enter
check "screen: it records" wait_for 5 term_has 'REC'
$A ping -n -q -c 5 -i 0.1 10.2.0.2 >/dev/null
keys r
wait_for 5 term_has 's.skb'
keys q
check "screen: the prompt is back" wait_for 5 term_has '^back'
check "screen: its recording replays" is '.packets >= 5' <(skbscope replay --stats --json /run/rec/s.skb)
keys "clear; skbscope replay --speed max /run/rec/a.skb 2>/run/screen.err; echo ba''ck" Enter
check "replay on the screen" wait_for 10 term_has 'REPLAY'
check "its flows" wait_for 5 term_has 'icmp +10.1.0.2'
keys d
check "its drops with the rule" wait_for 5 term_has 'NETFILTER_DROP.*inet lab forwarding'
keys q
keys q
check "and the prompt" wait_for 5 term_has '^back'
