# The screen on terminals that are small or strange.
# run: long=none
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

kernel_state >/run/state

screen() { # NAME COLUMNS ROWS COMMAND REGEX
	term_start $2 $3
	rm -f /run/rc /run/ready
	keys "clear; $4 -p 0 --ready-file /run/ready; echo \$? >/run/rc" Enter
	wait_for 15 test -e /run/ready
	check "$1: it shows" wait_for 5 term_has "$5"
	keys q
	wait_for 5 test -e /run/rc
	check "$1: q ends it" grep -qx 0 /run/rc
	check "$1: the shell is back" wait_for 2 term_has '^lab>'
}
screen 40x10 40 10 skbscope 'LIVE'
screen 20x5 20 5 skbscope 'skbscope|small'
screen "TERM=unknown, NO_COLOR, --ascii" 80 24 'env TERM=unknown NO_COLOR=1 skbscope --ascii' 'LIVE'
# A terminal that cannot place its cursor: one line says so, and what to do.
term_start 80 24
rm -f /run/rc
keys "clear; env TERM=dumb skbscope -p 0 2>/run/err; echo \$? >/run/rc" Enter
check "TERM=dumb: it ends" wait_for 5 test -s /run/rc
check "TERM=dumb: exit status 1" grep -qx 1 /run/rc
check "TERM=dumb: one line" test "$(wc -l </run/err)" = 1
check "TERM=dumb: it says what to do" grep -q 'skbscope trace' /run/err
tmux kill-server
check "nothing of all that is left" kernel_clean
