#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# For the tests beside this file. They run from the top of the source, need no
# kernel that can be traced and no rights, and print "ok NAME" for what holds.
#   SKBSCOPE=PATH   the program to test (build/skbscope)
set -uo pipefail
skbscope=${SKBSCOPE:-build/skbscope}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failures=0
# neither the user's themes nor the user's language may decide
export XDG_CONFIG_HOME=$tmp/xdg LC_ALL=C.UTF-8
unset MAKEFLAGS MFLAGS MAKELEVEL NO_COLOR

[ -x "$skbscope" ] || { echo "$skbscope: not there: run make first"; exit 1; }

ok() {
	echo "ok $1"
}

# not_ok NAME: with what the last run printed
not_ok() {
	failures=$((failures + 1))
	echo "not ok $1 (status ${status:-none})"
	head -n 5 "$tmp/out" "$tmp/err" 2>/dev/null | cut -c 1-300 | sed 's/^/  | /'
}

# check NAME COMMAND...
check() {
	local check_name=$1
	shift
	if "$@"; then ok "$check_name"; else not_ok "$check_name"; fi
}

not() {
	! "$@"
}

# skip NAME REASON: not counted as passed
skip() {
	echo "skip $1: $2"
}

# run COMMAND...: its output in $tmp/out and $tmp/err, its status in $status
run() {
	timeout 60 "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
}

# The last run: status 0, output, nothing on stderr
went_well() {
	[ "$status" = 0 ] && [ -s "$tmp/out" ] && [ ! -s "$tmp/err" ]
}

# has WORD FILE...: every one of the files has it
has() {
	local word=$1 file
	shift
	for file; do
		grep -qw -e "$word" "$file" || return 1
	done
}

# Exactly one line, "skbscope: ...", without control characters.
one_line() {
	[ "$(wc -l <"$tmp/err")" = 1 ] && grep -q '^skbscope: .' "$tmp/err" &&
		! grep -q $'[\001-\010\013-\037]' "$tmp/err"
}

# refused STATUS PATTERN ARGUMENT...: one line that matches, nothing on stdout
refused() {
	local want=$1 pattern=$2
	shift 2
	run "$skbscope" "$@"
	if [ "$status" = "$want" ] && [ ! -s "$tmp/out" ] && one_line &&
		grep -qE -e "$pattern" "$tmp/err"; then
		ok "refused: $(printf '%q ' "$@")"
	else
		not_ok "refused with $want, \"$pattern\": $(printf '%q ' "$@")"
	fi
}

finish() {
	[ "$failures" = 0 ]
	exit
}

# Long names of all options that are no secret, from the table itself.
option_names() {
	sed -nE "s/^\t\{ \"([a-z-]+)\", ('.'|0), .*/\1/p" src/options_table.c | grep -vx dump-docs
}

layer_names() {
	sed -nE "s/^\t_\([A-Z0-9]+, \"([A-Za-z0-9]+)\", '.'\).*/\1/p" src/model/layers.h
}

category_names() {
	sed -nE 's/^\t_\([A-Z0-9]+, "([a-z0-9]+)"\).*/\1/p' src/model/layers.h
}
