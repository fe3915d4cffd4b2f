# Steady, cheap traffic among the three hosts of the lab, for demonstrations.
# Sourced by bash after lib.sh; needs lab_up.
# shellcheck shell=bash disable=SC2086
#
#   web       a fetches some kB from 10.2.0.2:80
#   UDP       a asks 10.2.0.2:53 and [fd02::2]:5353, which answer
#   ping      over IPv4 and IPv6
#   blocked   a tries 10.2.0.2:9999, which r drops
#   lossy     pings to 10.2.0.3, a quarter of which r's queue to b loses

TRAFFIC_PIDS=()

# traffic_loop PAUSE COMMAND...: for ever, silently.
traffic_loop() {
	local pause=$1
	shift
	while :; do
		"$@" >/dev/null 2>&1
		sleep "$pause"
	done
}

# A DNS query for www.lab with the id 0x1234; the answer is an echo of it.
traffic_query() {
	printf '\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x03lab\x00\x00\x01\x00\x01' |
		$A timeout 2 socat -T 0.2 - "$1"
}

traffic_servers() {
	mkdir -p /run/www
	head -c 6000 /dev/zero | tr '\0' 'x' >/run/www/index.html
	$B busybox httpd -f -p 10.2.0.2:80 -h /run/www >/dev/null 2>&1 &
	TRAFFIC_PIDS+=($!)
	$B socat -T 1 UDP4-LISTEN:53,fork,reuseaddr PIPE >/dev/null 2>&1 &
	TRAFFIC_PIDS+=($!)
	$B socat -T 1 UDP6-LISTEN:5353,fork,reuseaddr PIPE >/dev/null 2>&1 &
	TRAFFIC_PIDS+=($!)
}

# 10.2.0.3 is a second address of b. What r sends to it goes through a queue
# that loses and delays; everything else takes the other band.
traffic_lossy_path() {
	ip -n b addr replace 10.2.0.3/24 dev vb
	ip -n r neigh replace 10.2.0.3 lladdr 02:00:00:00:02:02 dev rb nud permanent
	tc -n r qdisc replace dev rb root handle 1: prio bands 2 \
		priomap 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
	tc -n r qdisc replace dev rb parent 1:2 handle 20: netem loss 25% delay 20ms
	tc -n r filter replace dev rb parent 1: protocol ip prio 1 \
		u32 match ip dst 10.2.0.3/32 flowid 1:2
}

traffic_start() {
	traffic_lossy_path
	traffic_servers
	# Job control off: these die with traffic_stop or with the guest.
	$A ping -q -i 1 10.2.0.2 >/dev/null 2>&1 &
	TRAFFIC_PIDS+=($!)
	$A ping -q -i 1.3 fd02::2 >/dev/null 2>&1 &
	TRAFFIC_PIDS+=($!)
	$A ping -q -i 0.7 10.2.0.3 >/dev/null 2>&1 &
	TRAFFIC_PIDS+=($!)
	traffic_loop 2 $A busybox wget -q -O /dev/null http://10.2.0.2/ &
	TRAFFIC_PIDS+=($!)
	traffic_loop 1.5 traffic_query UDP4:10.2.0.2:53 &
	TRAFFIC_PIDS+=($!)
	traffic_loop 2.5 traffic_query 'UDP6:[fd02::2]:5353' &
	TRAFFIC_PIDS+=($!)
	# A SYN, one more after a second, then the next attempt.
	traffic_loop 1 $A timeout 2 socat -u OPEN:/dev/null TCP4:10.2.0.2:9999 &
	TRAFFIC_PIDS+=($!)
}

traffic_stop() {
	[ ${#TRAFFIC_PIDS[@]} -eq 0 ] || kill "${TRAFFIC_PIDS[@]}" 2>/dev/null
	wait "${TRAFFIC_PIDS[@]}" 2>/dev/null
	TRAFFIC_PIDS=()
}
