# "name value" lines of the guests → a table with medians and what was asked for.
function median(kernel, name,    n, i, j, t, v) {
	n = split(values[kernel, name], v, " ")
	if (!n)
		return -1
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && v[j - 1] + 0 > v[j] + 0; j--) {
			t = v[j]; v[j] = v[j - 1]; v[j - 1] = t
		}
	return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}

# what, figure, unit, limit ("" none: for comparison), sense: at most / equal
function row(what, value, unit, limit, note,    verdict) {
	if (value < 0) {
		verdict = "-"
		value = "?"
	} else if (limit == "")
		verdict = ""
	else
		verdict = value <= limit ? "ok" : "MISSED"
	missed += verdict == "MISSED"
	printf "%-52s %10s %-8s %-12s %-7s%s\n", what, value == "?" ? value : sprintf(value == int(value) ? "%d" : "%.2f", value), unit,
		limit == "" ? "" : "at most " limit, verdict, note
}

# The limits of times were set on a machine where pwru took so long to be ready.
function slower(kernel, reference,    ms) {
	ms = median(kernel, "start.pwru.ready")
	return ms < 0 ? 1 : ms / reference
}

FNR == 1 { kernel = FILENAME; sub(/.*\//, "", kernel) }
$1 == "screen.key" || $1 == "toggle.key" {
	for (i = 2; i <= NF; i++)
		if ($i + 0 > worst)
			worst = $i + 0
	next
}
NF >= 2 { values[kernel, $1] = values[kernel, $1] " " $2 }

END {
	k = "6.12"
	base = median(k, "flood.untraced")
	row("flood of 5,000 pings, untraced", base, "ms", "", "")
	row("  hooks of packet identity alone, against untraced", median(k, "flood.hooks") / base, "x", 1.25, "")
	row("  the same and one function, so that each packet is known", median(k, "flood.known") / base, "x", "", "")
	row("  -p 0 traced against untraced", median(k, "flood.p0") / base, "x", 2, "")
	row("  -p 1 traced against untraced", median(k, "flood.p1") / base, "x", 4, "")
	row("  -p 3 traced against untraced", median(k, "flood.p3") / base, "x", "", "")
	row("  -p 3 events in the file", median(k, "events.p3"), "", "", "")
	row("  -p 3 events sent and not in the file", median(k, "sent.p3") - median(k, "events.p3"), "", 0, "")
	row("  -p 3 events lost", median(k, "lost.p3"), "", 0, "")
	row("  -p 3 calls that the kernel skipped (recursion)", median(k, "recursion.p3"), "", "", "")
	ours = median(k, "flood.p3") * 1000 / median(k, "hits.p3")
	row("  -p 3 flood time per event", ours, "us", "", "")
	if (median(k, "flood.pwru") > 0) {
		row("  pwru traced against untraced", median(k, "flood.pwru") / base, "x", "", "")
		row("  pwru lines in the file", median(k, "events.pwru"), "", "", "")
		row("  pwru flood time, -p 3 at most that", median(k, "flood.p3") / median(k, "flood.pwru"), "x", 1, "")
	}
	row("-p 3, filter that fits nothing, against idle probes", median(k, "filter.refused") / median(k, "filter.idle"), "x", "", "")
	row("  against counting only (no events)", median(k, "filter.refused") / median(k, "filter.counted"), "x", 1.15, "")
	row("-p 3, filter icmp: events in the file", median(k, "events.icmp"), "", "", "")
	row("  events sent and not in the file", median(k, "sent.icmp") - median(k, "events.icmp"), "", 0, "")
	row("  events lost", median(k, "lost.icmp"), "", 0, "")
	if (median(k, "flood.pwru_icmp") > 0) {
		row("  pwru with the same filter: lines in the file", median(k, "events.pwru_icmp"), "", "", "")
		row("  flood time against pwru", median(k, "flood.icmp") / median(k, "flood.pwru_icmp"), "x", 1, "")
	}
	row("recording the flood, -p 1, against tracing alone", median(k, "flood.record") / median(k, "flood.counted"), "x", 1.15, "")
	row("  events in the file", median(k, "record.events"), "", "", "")
	row("  bytes an event", median(k, "record.bytes") / median(k, "record.events"), "", 24, "")
	row("  events lost or missed", median(k, "record.lost") + median(k, "record.missed"), "", 0, "")
	row("replay --stats on this machine, events", median(k, "replay.events"), "", "", "")
	row("  for a million of them", median(k, "replay.ms") * 1e6 / median(k, "replay.events"), "ms", 2000, "")
	base = median(k, "rules.untraced")
	row("20,000 UDP through 1,000 rules, untraced", base, "ms", "", "")
	row("  -l Netfilter traced against untraced", median(k, "rules.traced") / base, "x", 1.3, "")
	row("  rules in the file (2,000 to warm up)", median(k, "rules.seen"), "", "", "")
	row("  events lost", median(k, "rules.lost"), "", 0, "")
	row("  --drops traced against untraced", median(k, "rules.drops") / base, "x", 1.1, "")
	s = slower(k, 3000)
	row("6.12 this machine, by the time pwru takes", s, "x", "", "")
	row("6.12 start to ready, -p 1", median(k, "start.p1.ready"), "ms", int(1000 * s), "")
	row("6.12 start to ready, -p 3", median(k, "start.p3.ready"), "ms", int(1200 * s), "")
	row("6.12 start to ready, -l Netfilter and its rules", median(k, "start.rules.ready"), "ms", int(1500 * s), "")
	row("6.12 start to ready, pwru", median(k, "start.pwru.ready"), "ms", "", "")
	row("6.12 prompt back after -p 3", median(k, "start.p3.quit"), "ms", 300, "")
	row("6.12 all probes gone after -p 3", median(k, "start.p3.gone"), "ms", int(1000 * s), "")
	row("6.12 all probes gone, pwru", median(k, "start.pwru.gone"), "ms", "", "")
	row("6.12 skbscope list, complete", median(k, "start.list"), "ms", 700, "")
	k = "6.1"
	s = slower(k, 17800)
	row("6.1 this machine, by the time pwru takes", s, "x", "", "")
	row("6.1 start to ready, -p 1", median(k, "start.p1.ready"), "ms", int(1000 * s), "")
	row("6.1 start to ready, -p 3", median(k, "start.p3.ready"), "ms", int(10000 * s), "")
	row("6.1 start to ready, pwru", median(k, "start.pwru.ready"), "ms", "", "")
	row("6.1 prompt back after -p 3", median(k, "start.p3.quit"), "ms", 300, "")
	row("6.1 all probes gone after -p 1", median(k, "start.p1.gone"), "ms", int(1000 * s), "")
	row("6.1 all probes gone after -p 3", median(k, "start.p3.gone"), "ms", int(1000 * s), "")
	row("6.1 all probes gone, pwru", median(k, "start.pwru.gone"), "ms", "", "")
	k = "6.12"
	row("screen under flood: slowest answer to a key", worst ? worst : -1, "ms", 100, "")
	row("screen under flood, -p 3: resident memory", median(k, "screen.rss") / 1024, "MiB", 64 + 256, "")
	row("layer toggled under flood: last hit after the key", median(k, "toggle.toggle"), "ms", 20, "")
	if (missed)
		print missed " missed"
	exit missed > 0
}
