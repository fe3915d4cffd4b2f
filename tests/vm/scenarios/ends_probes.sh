# Where trampolines cannot be attached, the ends of packets are seen by probes.
# run: long=6.12
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

PINGS=2000
lab_up plain
kernel_state >/run/state
sysctl -qw kernel.ftrace_enabled=0
trace_start t -p 1 --backend kprobe
check "pings" $A labsend ping 10.2.0.2 $PINGS
settle t
forgotten() {
	bpftool -j map dump name identities >/run/identities && [ "$(</run/identities)" = "[]" ]
}
check "when the packets are gone, so are their identities" wait_for 3 forgotten
trace_stop
check "the tracer ended well" test "$TRACER_RC" = 0
check "and said how it sees the ends" grep -q "ends of packets are seen by probes" /run/t.err
ev_read t --truth icmp:dport:36
echo "# $(ev packets) packets, $(ev function) events, recursion $(ev stats.lost.recursion)"
check "every ping, there and back, is a packet of its own" is func.icmp_rcv -eq $((2 * PINGS))
check "no id has two faces" is contradictions -eq 0
check "lengths were compared" is true_len -ge $((2 * PINGS * 8))
check "every length is that of the packet" is wrong_len -eq 0
check "no packet ended twice" is ended_twice -eq 0
check "no event after its packet's end" is after_end -eq 0
sysctl -qw kernel.ftrace_enabled=1
check "nothing is left" kernel_clean
exit 0
