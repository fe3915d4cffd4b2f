# For scenarios about nftables, after lib.sh: the kernel's own trace beside that of
# skbscope. A ruleset turns it on itself: "meta nftrace set 1" in chains before all
# others, for what arrives and for what is made here.
# shellcheck shell=bash disable=SC2034,SC2086

declare -gA EV

inode() { # NETNS
	stat -L -c %i "/run/netns/$1"
}

# truth_start NETNS...: the kernel's trace into /run/truth.NETNS
truth_start() {
	local n
	TRUTHS=$*
	TRUTH_PIDS=()
	for n in "$@"; do
		rm -f "/run/truth.$n.ready"
		ip netns exec "$n" labrules truth "/run/truth.$n" "/run/truth.$n.ready" 2>"/run/truth.$n.err" &
		TRUTH_PIDS+=($!)
	done
	for n in "$@"; do
		wait_for 5 test -e "/run/truth.$n.ready" || fail "no trace of the kernel: $(<"/run/truth.$n.err")"
	done
}

# truth_stop: fails when the kernel could not hand over all.
truth_stop() {
	local pid rc=0
	kill -TERM "${TRUTH_PIDS[@]}"
	for pid in "${TRUTH_PIDS[@]}"; do
		wait "$pid" || rc=1
	done
	cat /run/truth.*.err
	return $rc
}

# rules_read NAME [OPTION...]: compare /run/NAME.json with the truth; "ev" and "is" know the result.
rules_read() {
	local key value name=$1 n files=()
	shift
	for n in $TRUTHS; do
		files+=("$(inode "$n")=/run/truth.$n")
	done
	EV=()
	while read -r key value; do
		EV[$key]=$value
	done < <(labrules compare "$@" "${files[@]}" "/run/$name.json" 2>"/run/$name.why")
	[ "${EV[truth.calls]:-0}" -gt 0 ] || fail "the kernel traced nothing: $(head -n 5 "/run/$name.why")"
}

# Every call that the kernel traced is seen, and the same; and none besides.
rules_equal() {
	local what rc=0
	echo "$(ev truth.calls) calls, $(ev equal) are equal"
	for what in different missing extra truth.bad truth.open seen.bad seen.open; do
		[ "$(ev $what)" = 0 ] || {
			echo "$what: $(ev $what)"
			rc=1
		}
	done
	[ $rc = 0 ] || head -n 60 "/run/$1.why"
	[ $rc = 0 ] && [ "$(ev equal)" = "$(ev truth.calls)" ]
}

# Whether rules that count did it as often as they are in the trace: "family table
# handle count" of each. A rule with a limit or quota before its counter may act
# without counting.
counters() { # NETNS
	ip netns exec "$1" nft -j list ruleset | jq -r '.nftables[].rule | values
		| [.expr[] | if type == "object" then keys[0] else . end] as $kinds
		| ($kinds | index("counter")) as $at | select($at != null)
		| .expr[$at].counter as $counter | select($counter | type == "object")
		| select($kinds[:$at] | any(. == "limit" or . == "quota") | not)
		| select($counter.packets > 0) | "\(.family) \(.table) \(.handle) \($counter.packets)"' | sort
}
hits() { # NAME NETNS
	awk -v netns="\"netns\":$(inode "$2")," '
	function value(key,    s) {
		if (!match($0, "\"" key "\":[^,}]*"))
			return ""
		s = substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3)
		gsub("\"", "", s)
		return s
	}
	/^{"type":"rule"/ && index($0, netns) { n[value("family") " " value("table") " " value("handle")]++ }
	END { for (i in n) print i, n[i] }' "/run/$1.json" | sort
}
counters_equal() { # NAME NETNS
	counters "$2" >/run/counters
	hits "$1" "$2" >/run/hits
	awk 'NR == FNR { seen[$1, $2, $3] = $4; next }
	{ n++ }
	seen[$1, $2, $3] + 0 != $4 { print "the rule", $1, $2, $3, "counted", $4 ", in the trace:", seen[$1, $2, $3] + 0; bad = 1 }
	END { print n, "rules have counted"; exit bad || !n }' /run/hits /run/counters
}
