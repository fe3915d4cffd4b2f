# An interactive session: the lab with its traffic, and one command on the
# user's terminal. Sourced by init.
# shellcheck shell=bash

# Sizes of the user's terminal come as lines "rows columns". stty signals the
# program by itself.
sizes() {
	local rows cols
	while read -r rows cols; do
		stty -F /run/terminal rows "$rows" cols "$cols" 2>/dev/null
	done
}

session() {
	local i
	port terminal && port size || return 98
	(
		. /lab/lib.sh
		trap - EXIT
		. /lab/traffic.sh
		lab_up
		cd /root || exit
		traffic_start
	) </dev/null >/run/lab.log 2>&1 5>&-

	# A pty and not a virtio console: a console loses output when the user's
	# terminal is slow.
	(
		for ((i = 0; i < 500; i++)); do
			[ ! -e /run/terminal ] || break
			sleep 0.01
		done
		sizes </dev/virtio-ports/size
	) 5>&- &
	echo ready >&5
	# Without -t it would linger for half a second when the command ends.
	socat -t 0.05 OPEN:/dev/virtio-ports/terminal,rdwr \
		EXEC:/lab/session-command,pty,setsid,ctty,stderr,sane \
		</dev/null >/run/socat.log 2>&1 5>&-
	cat /run/lab.log /run/socat.log >/dev/ttyS0
	[ ! -s /run/rc ] || return "$(</run/rc)"
	return 98
}
