# However the screen ends: nothing of it is left in the kernel, and the terminal
# is as it was.
# run: long=none
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

lab_up plain
kernel_state >/run/state
trap 'tmux kill-server; lab_finish' EXIT
term_start 80 24

# The screen, up and attached; SCREEN is its process.
screen() {
	rm -f /run/ready /run/rc /run/after
	keys "clear; stty -a >/run/before; skbscope -p 1 --ready-file /run/ready 2>/run/screen.err; echo \$? >/run/rc; stty -a >/run/after; echo ba''ck" Enter
	wait_for 20 test -e /run/ready || fail "the screen does not start: $(tmux capture-pane -p -t t)"
	wait_for 5 term_has LIVE || fail "the screen does not show"
	SCREEN=$(pgrep -x -o skbscope)
}
terminal_as_before() {
	wait_for 3 test -s /run/after || return 1
	diff /run/before /run/after || return 1
	[ "$(tmux display -p -t t '#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{keypad_flag}')" = "0 1 0 0" ] || {
		tmux display -p -t t 'alternate #{alternate_on} cursor #{cursor_flag} mouse #{mouse_any_flag} keypad #{keypad_flag}'
		return 1
	}
	wait_for 2 term_has '^back' && term_has '^lab> *$' && term_lacks 'Layers|F2'
}
ended() { # NAME STATUS
	check "$1: nothing of it is left" kernel_clean
	echo "# $1: gone after ${CLEAN_MS} ms"
	check "$1: the terminal is as before" terminal_as_before
	check "$1: exit status $2" grep -qx "$2" /run/rc
	check "$1: nothing to say" test ! -s /run/screen.err
}

screen
check "80x24: the status line and a pane" term_has 'skbscope.*LIVE'
keys q
ended q 0
screen
keys C-c
ended Ctrl-C 0
for sig in TERM HUP; do
	screen
	kill -$sig $SCREEN
	ended $sig 0
done

# Suspended: the shell has the terminal, tracing goes on; fg brings it back.
screen
keys C-z
check "Ctrl-Z: the shell has the terminal" wait_for 3 term_has 'Stopped'
check "Ctrl-Z: no screen is left there" term_lacks 'F2 Layers'
check "Ctrl-Z: cursor and screen are normal" test "$(tmux display -p -t t '#{alternate_on} #{cursor_flag}')" = "0 1"
keys fg Enter
check "fg: the screen is back" wait_for 3 term_has 'skbscope.*LIVE'
keys q
wait_for 3 test -e /run/rc
check "Ctrl-Z, fg, q: nothing of it is left" kernel_clean

screen
kill -SEGV $SCREEN
check "a crash: nothing of it is left" kernel_clean
check "a crash: the terminal is as before" terminal_as_before

term_start 80 24
screen
tmux kill-pane -t t
check "terminal closed: nothing of it is left" kernel_clean

# q in the middle of attaching
term_start 80 24
for ms in 0.2 0.6; do
	keys "clear; rm -f /run/rc; skbscope -p 2; echo \$? >/run/rc" Enter
	wait_for 3 pgrep -x skbscope
	sleep $ms
	keys q
	check "q after $ms s: the prompt is back" wait_for 4 test -e /run/rc
	check "q after $ms s: nothing of it is left" kernel_clean
	wait_for 2 term_has '^lab> *$'
done
