# The screen on rulesets of the kernel: hits and text of rules, drops by rule, the
# rule in a journey, the stack in the detail; and the keys that lead there.
# run: --timeout=180 long=6.12
# shellcheck shell=bash disable=SC2086
. /lab/lib.sh

lab_up plain
modprobe nf_tables
trap 'tmux kill-server; lab_finish' EXIT
$R nft -f - <<-'END' || fail "the ruleset of r"
	table inet lab {
		chain services {
			udp dport 7 counter accept
		}
		chain forwarding {
			type filter hook forward priority 0; policy accept;
			ip saddr 10.1.0.2 udp dport 9999 counter drop comment "nobody"
			meta l4proto udp jump services
			tcp dport 22 counter accept
		}
	}
END
send() { # PORT
	$A bash -c "echo hello >/dev/udp/10.2.0.2/$1"
}
term_start 120 40
keys "clear; skbscope -p 1 --ready-file /run/ready 2>/run/screen.err; echo ba''ck" Enter
wait_for 40 test -e /run/ready || fail "the screen does not start: $(tmux capture-pane -p -t t)"
wait_for 5 term_has LIVE || fail "the screen does not show"
keys R
check "the rules' pane" wait_for 5 term_has '─ Rules'
for _ in 1 2 3 4; do
	send 9999
done
send 7
check "the rule with its text and its hits" wait_for 15 term_has '✗ +4 .*#[0-9]+ +ip saddr 10.1.0.2 udp dport 9999 counter.*drop'
check "its comment" term_has 'nobody'
check "a rule that nothing has hit says so" term_has 'never .*tcp dport 22'
check "the chain with its hook and policy" term_has 'forwarding  hook forward priority 0; policy accept'
check "the rule that led to a chain, and that chain's" wait_for 5 term_has '^ +1 .*#[0-9]+ +udp dport 7'

keys d
check "drops: reason and rule" wait_for 5 term_has ' 4 .*NETFILTER_DROP.*inet lab forwarding #[0-9]+'
keys '/inet lab' Enter
keys Enter
check "the packets of those drops" wait_for 5 term_has 'DROPPED NETFILTER_DROP.*udp 10.1.0.2:'
keys Enter
keys z
check "the chain below its hook" wait_for 5 term_has 'forward → inet lab forwarding'
check "the rule with its verdict" term_has '#[0-9]+  ip saddr 10.1.0.2 udp dport 9999 counter.*✗ drop'
check "the drop says which rule" term_has 'DROPPED NETFILTER_DROP .*by .*#[0-9]+'
keys G
keys Enter
check "the detail of the drop has the stack, from what dropped it on" wait_for 5 term_has 'stack +(nft_do_chain|nf_hook_slow)\+0x'
check "and nothing of what watches" term_lacks 'bpf_(prog|trampoline)'
keys q
check "it ends" wait_for 10 term_has '^back'
check "and had nothing to say" test ! -s /run/screen.err
