# Helpers of scenarios: the topology and the checks. Sourced by bash.
# shellcheck shell=bash disable=SC2034,SC2086
#
#      a                     r                      b
#   va 10.1.0.2 ---- ra 10.1.0.1
#      fd01::2          fd01::1
#                    rb 10.2.0.1 ---- vb 10.2.0.2
#                       fd02::1          fd02::2

A="ip netns exec a"
R="ip netns exec r"
B="ip netns exec b"

# Everything that r does to packets; the rule that drops is the demo's.
LAB_RULES='
table inet lab {
	counter web { }
	chain forwarding {
		type filter hook forward priority filter; policy accept;
		ct state established,related counter accept
		ct state invalid counter drop
		ip saddr 10.1.0.2 tcp dport 9999 counter drop
		ip6 saddr fd01::2 tcp dport 9999 counter drop
		tcp dport 80 counter name web accept
		meta l4proto { icmp, icmpv6 } counter accept
		udp dport { 53, 5353 } counter accept
		counter comment "everything else"
	}
}'

# lab_end NETNS DEVICE MAC ADDRESS4 ADDRESS6 PEERMAC PEER4 PEER6 [GATEWAY]: one
# end of a link, in one process: starting one is what costs time here. nodad, or
# the IPv6 address could not be used for a second. The neighbour is known from
# the start, so that the first packet is no different from the others.
lab_end() {
	ip -n "$1" -b - <<-END
		link set lo up
		link set $2 address $3 up
		addr add $4/24 dev $2
		addr add $5/64 dev $2 nodad
		neigh replace $7 lladdr $6 dev $2 nud permanent
		neigh replace $8 lladdr $6 dev $2 nud permanent
		${9:+route add default via $7
		route add ::/0 via $8}
	END
}

# lab_up [plain]: build the topology; plain leaves out the ruleset of r.
lab_up() {
	local ra=02:00:00:00:01:01 va=02:00:00:00:01:02
	local rb=02:00:00:00:02:01 vb=02:00:00:00:02:02
	# New namespaces take these over: nothing but our own packets is sent.
	echo 1 >/proc/sys/net/core/devconf_inherit_init_net
	echo 0 >/proc/sys/net/ipv6/conf/all/router_solicitations
	echo 0 >/proc/sys/net/ipv6/conf/default/router_solicitations
	echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad
	ip -b - <<-END
		netns add a
		netns add r
		netns add b
		link add va netns a type veth peer name ra netns r
		link add vb netns b type veth peer name rb netns r
	END
	lab_end a va $va 10.1.0.2 fd01::2 $ra 10.1.0.1 fd01::1 gateway
	lab_end r ra $ra 10.1.0.1 fd01::1 $va 10.1.0.2 fd01::2
	lab_end r rb $rb 10.2.0.1 fd02::1 $vb 10.2.0.2 fd02::2
	lab_end b vb $vb 10.2.0.2 fd02::2 $rb 10.2.0.1 fd02::1 gateway
	$R sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	if [ "${1:-}" != plain ]; then
		printf '%s\n' "$LAB_RULES" | $R nft -f -
	fi
	lab_ready
}

# One packet each way: routes, neighbours and conntrack are warm after it.
lab_ready() {
	wait_for 5 $A ping -q -c 1 -W 1 10.2.0.2 || fail "no way from a to b"
	wait_for 5 $A ping -q -c 1 -W 1 fd02::2 || fail "no way from a to b over IPv6"
}

lab_down() {
	local n
	for n in a r b; do
		ip netns del "$n" 2>/dev/null || true
	done
}

LAB_OK=0
LAB_NOT=0

# check NAME COMMAND...: one test. The command runs in this shell, not in a
# child: it may set variables and wait for background processes.
check() {
	local name=$1
	shift
	if "$@" >/run/check 2>&1; then
		LAB_OK=$((LAB_OK + 1))
		printf 'ok %d - %s\n' $((LAB_OK + LAB_NOT)) "$name"
	else
		LAB_NOT=$((LAB_NOT + 1))
		printf 'not ok %d - %s\n' $((LAB_OK + LAB_NOT)) "$name"
		printf '# command: %s\n' "$*"
		tail -n 20 /run/check | sed 's/^/# /'
	fi
}

# The opposite of a command: check NAME not COMMAND...
not() {
	! "$@"
}

# End the scenario at once.
fail() {
	printf 'not ok %d - %s\n' $((LAB_OK + LAB_NOT + 1)) "$*"
	LAB_NOT=$((LAB_NOT + 1))
	exit 1
}

# The last line and the exit status of a scenario that made checks.
lab_finish() {
	local rc=$?
	if [ $((LAB_OK + LAB_NOT)) -gt 0 ]; then
		printf '%d passed, %d failed\n' "$LAB_OK" "$LAB_NOT"
		[ "$LAB_NOT" = 0 ] || rc=1
	fi
	exit "$rc"
}
trap lab_finish EXIT

# wait_for SECONDS COMMAND...: try until it succeeds.
wait_for() {
	local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "${EPOCHREALTIME/[.,]/}" -lt "$end" ] || return 1
		sleep 0.02
	done
}

# flood N [ADDRESS]: N pings as fast as they go from a to b; prints the
# milliseconds they took. Fails when an answer is missing.
flood() {
	local out
	out=$($A ping -f -q -c "$1" "${2:-10.2.0.2}" 2>&1) || {
		printf '%s\n' "$out" >&2
		return 1
	}
	sed -n 's/.*, time \([0-9]*\)ms.*/\1/p' <<<"$out"
	[[ $out = *" 0% packet loss"* ]] || return 1
}

# How many milliseconds a command takes; its output goes to standard error.
milliseconds() {
	local t=${EPOCHREALTIME/[.,]/} rc=0
	"$@" >&2 || rc=$?
	echo $(((${EPOCHREALTIME/[.,]/} - t) / 1000))
	return "$rc"
}

# --- skbscope -----------------------------------------------------------------

# trace_start NAME OPTION...: "skbscope trace --json" in the background, into
# /run/NAME.json and /run/NAME.err; returns when everything is attached.
# TRACER is its process.
trace_start() {
	local name=$1
	shift
	rm -f "/run/$name.ready"
	env --default-signal=INT skbscope trace --json --ready-file "/run/$name.ready" "$@" \
		>"/run/$name.json" 2>"/run/$name.err" &
	TRACER=$!
	ready_or_gone() {
		[ -e "/run/$name.ready" ] || ! kill -0 "$TRACER"
	}
	wait_for 60 ready_or_gone
	[ -e "/run/$name.ready" ] || fail "skbscope $* did not start: $(<"/run/$name.err")"
}

# Ends it; TRACER_RC is its exit status.
trace_stop() {
	kill -INT "$TRACER" 2>/dev/null
	TRACER_RC=0
	wait "$TRACER" || TRACER_RC=$?
}

# Events still on their way reach the file: nothing new for 0.2 s.
settle() {
	local before=-1 now
	while now=$(stat -c %s "/run/$1.json") && [ "$now" != "$before" ]; do
		before=$now
		sleep 0.2
	done
}

# ev_read NAME [OPTION...]: look at all events of /run/NAME.json (labevents.c);
# "ev PLACE" is what was found.
declare -gA EV
ev_read() {
	local key value name=$1
	shift
	EV=()
	while read -r key value; do
		EV[$key]=$value
	done < <(labevents "$@" "/run/$name.json" 2>"/run/$name.why")
	[ "${EV[lines]:-0}" -gt 0 ] || fail "no events in $name: $(<"/run/$name.err")"
}

ev() {
	echo "${EV[$1]:-0}"
}

# is PLACE OPERATOR NUMBER|PLACE: compare what was found, as in [ ].
is() {
	local a=${EV[$1]:-0} b=$3
	[[ $b =~ ^-?[0-9]+$ ]] || b=${EV[$b]:-0}
	echo "$1 is $a, $3 is $b"
	test "$a" "$2" "$b" && return 0
	grep -h "^$1:" /run/*.why | head -n 10
	return 1
}

# packets_at NAME DEVICE FUNCTION-REGEX [EVENT-REGEX]: how many packets /run/NAME.json
# shows there; copies_at: how many of their skbs, each fragment and retransmission.
packets_at() {
	different_at '"packet":[0-9]*' "$@"
}

copies_at() {
	different_at '"packet":[0-9]*,"copy":[0-9]*' "$@"
}

different_at() {
	awk -v what="$1" -v func_is="^($4)\$" -v dev="\"ifname\":\"$3\"" -v event_is="${5:-.}" '
	index($0, dev) && match($0, /"func":"[^"]*/) && substr($0, RSTART + 8, RLENGTH - 8) ~ func_is && $0 ~ event_is {
		match($0, what)
		seen[substr($0, RSTART, RLENGTH)] = 1
	}
	END {
		n = 0
		for (p in seen)
			n++
		print n
	}' "/run/$2.json"
}

# names_known NAME: names of namespaces are looked up when they are first met; a
# ping goes through all three until they are there. Its length is that which
# labsend gives to the first.
names_known() {
	local n
	$A ping -q -s 9 -c 1 -W 1 10.2.0.2
	for n in a r b; do
		grep -q "\"netns_name\":\"$n\"" "/run/$1.json" || return 1
	done
}

# forgotten: nobody is under way, so no identity is remembered. A CPU keeps skbs
# that another one freed for it until it receives something (skb_attempt_defer_free).
forgotten() {
	local cpu
	for ((cpu = 0; cpu < $(nproc); cpu++)); do
		$A taskset -c "$cpu" ping -q -s 9 -c 1 -W 1 10.2.0.2
	done
	bpftool -j map dump name identities >/run/identities && {
		head -c 1000 /run/identities
		[ "$(</run/identities)" = "[]" ]
	}
}

# listens NETNS PORT...: somebody receives there.
listens() {
	local netns=$1
	shift
	[ "$(ip netns exec "$netns" ss -Hltun | grep -c -E ":($(IFS='|' && echo "$*")) ")" -ge $# ]
}

# whole_journeys: what is true of every trace in which nothing is filtered or cut
# off. Needs ev_read.
whole_journeys() {
	local what rc=0
	is ended -eq packets || rc=1
	is copies_ended -eq copies || rc=1
	for what in bad after_end ended_twice backwards copy_order parent_unknown parent_changed skb_changed \
		skb_taken fate_missing fate_wrong; do
		is $what -eq 0 >/run/is || {
			cat /run/is
			rc=1
		}
	done
	return $rc
}

# Behind a breakpoint (6.1) the ring only tries its lock; an emulated processor
# that is stopped while it holds it makes all tries fail: one record in 2,000 may
# be lost then. It is counted.
nothing_lost() {
	local ring=0
	[[ $(uname -r) != 6.1.* ]] || ring=$((3 + $(ev function) / 2000))
	is stats.lost.ring -le $ring && is stats.lost.channel -eq 0 && is stats.lost.identity -eq 0
}

# near COUNT WANTED: a call that interrupts a probe's handler is not handed over by
# the kernel, which counts those. Without any, and without lost records, it is just
# the number; and never is one in ten missing.
near() {
	local miss=$(($(ev stats.lost.recursion) + $(ev stats.lost.ring))) off=$(($1 - $2))
	echo "$1, wanted $2; $miss calls were not handed over"
	[ ${off#-} -le "$miss" ] && [ $((10 * ${off#-})) -le "$2" ]
}

# kernel_state: everything of ours that a run could leave behind, as text.
# Processes come first: a guard that still works is not a left-over yet.
kernel_state() {
	local f name line n=0
	for f in /proc/[0-9]*/comm; do
		read -r name <"$f" || continue
		case $name in
		skbs*) echo "process $name ${f//[!0-9]/}" ;;
		esac
	done 2>/dev/null
	while read -r line; do
		n=$((n + 1))
	done </sys/kernel/tracing/enabled_functions
	echo "enabled functions $n"
	n=0
	while read -r line; do
		[[ $line != *skbscope* ]] || n=$((n + 1))
	done </sys/kernel/tracing/kprobe_events
	echo "kprobe events $n"
	for f in /sys/kernel/rcu_expedited /proc/sys/debug/kprobes-optimization; do
		read -r line <"$f"
		echo "$f $line"
	done
	bpftool prog show | awk '/name (function_|end_(release|stateless|stolen)|drop_)/ { print "program", $4 }'
}

# allowed MS: that time on a machine that is not busy with other things, where
# starting a program takes 20-30 ms; more on one that is.
allowed() {
	local t=${EPOCHREALTIME/[.,]/} i
	for i in 1 2 3 4 5; do
		/usr/bin/true
	done
	t=$((${EPOCHREALTIME/[.,]/} - t))
	[ "$t" -gt 150000 ] || t=150000
	echo $(($1 * t / 150000))
}

# kernel_clean: the kernel is as kernel_state found it when the scenario began,
# in /run/state. It takes at most CLEAN_LIMIT milliseconds; CLEAN_MS is how long
# it took.
CLEAN_LIMIT=3000
kernel_clean() {
	local start=${EPOCHREALTIME/[.,]/} limit
	while :; do
		CLEAN_MS=$(((${EPOCHREALTIME/[.,]/} - start) / 1000))
		kernel_state >/run/state.now
		! cmp -s /run/state /run/state.now || break
		if [ "$CLEAN_MS" -gt $((5 * CLEAN_LIMIT)) ]; then
			diff /run/state /run/state.now
			return 1
		fi
	done
	[ "$CLEAN_MS" -gt "$CLEAN_LIMIT" ] || return 0
	limit=$(allowed "$CLEAN_LIMIT")
	echo "it took $CLEAN_MS ms; on this machine now $limit ms are allowed"
	[ "$CLEAN_MS" -le "$limit" ]
}

# jq_checks FILE PROGRAM [OPTION...]: one check for each line "name TAB true|false
# TAB what was seen" that jq prints for the whole file as one array.
jq_checks() {
	local file=$1 program=$2 name good why n=0
	shift 2
	claim() {
		echo "$2"
		[ "$1" = true ]
	}
	while IFS=$'\t' read -r name good why; do
		n=$((n + 1))
		check "$name" claim "$good" "$why"
	done < <(jq -rs "$@" "$program" "$file" 2>&1 || printf 'jq understands %s\tfalse\t%s\n' "$file" "see above")
	[ "$n" -gt 0 ] || check "jq found something in $file" false
}

# --- a terminal -----------------------------------------------------------------

# term_start COLUMNS ROWS: a terminal with a shell in it.
term_start() {
	# one server for all of them: it does not always survive the next start
	tmux -f /dev/null start-server \; set -g exit-empty off \; set -g status off
	tmux kill-session -t t 2>/dev/null
	tmux new-session -d -s t -x "$1" -y "$2" 'env PS1="lab> " bash --norc --noprofile'
	wait_for 5 term_has '^lab> '
}

keys() {
	tmux send-keys -t t "$@"
}

# term_has REGEX, term_lacks REGEX: what stands in the terminal now.
term_has() {
	tmux capture-pane -p -t t 2>/dev/null | tee /run/pane | grep -qE -- "$1" || {
		cat /run/pane
		return 1
	}
}

term_lacks() {
	! term_has "$1" >/dev/null
}
