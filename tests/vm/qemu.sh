# Starting a guest: the overlay with what changes from run to run, and QEMU.
# Sourced by run and shell after common.sh.
# shellcheck shell=bash disable=SC2034

SMP=2
MEM=2048
THREAD=multi
CLOCK=() # a clock of its own: see --count in run
ADD=()   # HOSTPATH[:GUESTPATH]
QEMU=    # process id
TMP=     # of this run alone

# The base is looked at again when its inputs are newer, and once a day for a
# newer kernel in the archive.
ensure_base() {
	local stamp
	DIR=$OUT/$(kernel_key "$1")
	stamp=$DIR/stamp
	if [ ! -f "$stamp" ] || [ -n "$(find "$stamp" -mmin +1440)" ] ||
		[ "$VM/build" -nt "$stamp" ] || [ "$VM/common.sh" -nt "$stamp" ] ||
		[ "$VM/guest-packages" -nt "$stamp" ]; then
		"$VM/build" "$1" || { [ -f "$DIR/base.cpio" ] && echo "using the guest built before" >&2; }
	fi
	[ -f "$DIR/base.cpio" ] || die "no guest for $1"
	VERSION=$(cat "$DIR/version")
}

make_tmp() {
	mkdir -p "$OUT/tmp"
	# Left by scripts that were killed.
	find "$OUT/tmp" -mindepth 1 -maxdepth 1 -mmin +1440 -exec rm -rf {} +
	TMP=$(mktemp -d "$OUT/tmp/run.XXXXXX")
}

# add_path ROOT HOSTPATH [GUESTPATH]: a file with its libraries, or a folder.
add_path() {
	local to=${3:-} f
	[ -e "$2" ] || die "no such file: $2"
	if [ -d "$2" ]; then
		to=$(guest_path "${to:-/lab/${2##*/}}")
		mkdir -p "$1$to"
		cp -a "$2/." "$1$to/"
		return
	fi
	if [ -z "$to" ]; then
		to=/lab/${2##*/}
		is_elf "$2" && to=/usr/bin/${2##*/}
	fi
	f=$(readlink -f "$2")
	put "$1" "$f" "$to"
	put_libs "$1" "$f"
}

# make_initrd: base and overlay, one after the other. What the guest runs is
# expected in $TMP/root/lab already.
make_initrd() {
	local root=$TMP/root f a
	mkdir -p "$root/lab"
	cp -a "$VM/guest/." "$root/lab/"
	mv "$root/lab/init" "$root/init"
	if [ -x "$TOP/build/skbscope" ]; then
		put "$root" "$TOP/build/skbscope" /usr/bin/skbscope
		put_libs "$root" "$TOP/build/skbscope"
	fi
	for f in "$TOP"/build/tests/guest/*; do
		[ ! -f "$f" ] || add_path "$root" "$f" "/usr/bin/${f##*/}"
	done
	if [ -d "$TOP/themes" ]; then
		mkdir -p "$root/usr/share/skbscope"
		cp -a "$TOP/themes" "$root/usr/share/skbscope/"
	fi
	for a in ${ADD[@]+"${ADD[@]}"}; do
		case $a in
		*:*) add_path "$root" "${a%%:*}" "${a#*:}" ;;
		*) add_path "$root" "$a" ;;
		esac
	done
	pack "$root" "$TMP/overlay.cpio"
	cat "$DIR/base.cpio" "$TMP/overlay.cpio" >"$TMP/initrd"
}

# start_qemu LIMIT OPTION...: start the guest in the background. It dies with
# this script, even when the script is killed, and after LIMIT seconds (0: no
# limit).
#
# ioeventfd=off makes a write to a port reach its file before the guest goes
# on, so that nothing is lost when the guest ends. A guest whose processor hangs
# ends after half a minute, and not with LIMIT. The last words of the kernel
# command line save half a second of tests that mean nothing under emulation.
start_qemu() {
	local limit=$1 accel=tcg,thread=$THREAD
	shift
	[ "${SKBSCOPE_KVM:-0}" != 1 ] || accel=kvm
	rm -f "$TMP"/{console.log,status}
	: >"$TMP/console.log"
	: >"$TMP/status"
	setpriv --pdeathsig KILL timeout -k 1 "$limit" \
		setpriv --pdeathsig KILL qemu-system-x86_64 \
		-nodefaults -no-user-config -no-reboot -display none -monitor none \
		-machine q35 -accel "$accel" "${CLOCK[@]}" -cpu max -smp "$SMP" -m "$MEM" \
		-kernel "$DIR/vmlinuz" -initrd "$TMP/initrd" \
		-append "console=ttyS0 loglevel=5 panic=-1 oops=panic softlockup_panic=1 sysctl.kernel.panic_on_rcu_stall=1 random.trust_cpu=on mitigations=off tsc=reliable no_timer_check cryptomgr.notests rdinit=/init ${APPEND:-}" \
		-chardev "file,id=console,path=$TMP/console.log" -serial chardev:console \
		-device virtio-rng-pci \
		-device virtio-serial-pci,ioeventfd=off \
		-chardev "file,id=status,path=$TMP/status" \
		-device virtserialport,chardev=status,name=status \
		"$@" </dev/null >"$TMP/qemu.log" 2>&1 &
	QEMU=$!
}

running() {
	[ -n "$QEMU" ] && kill -0 "$QEMU" 2>/dev/null
}

stop_qemu() {
	! running || kill "$QEMU" 2>/dev/null || true
	[ -z "$QEMU" ] || wait "$QEMU" 2>/dev/null || true
	QEMU=
}

# Wait until our init has spoken, for 90 seconds at most.
wait_init() {
	local end=$((SECONDS + 90))
	while ! grep -q '^init' "$TMP/status"; do
		running || break
		[ "$SECONDS" -lt "$end" ] || break
		sleep 0.05
	done
	grep -q '^init' "$TMP/status"
}

# Complaints of the guest's kernel.
complaints() {
	grep -aE 'Oops|BUG:|general protection|Kernel panic|WARNING:|rcu: INFO' "$TMP/console.log"
}

# A processor did not go on, or came to a breakpoint that nobody had set.
stuck() {
	grep -aqE 'int3: 0000|soft lockup|rcu: INFO: .* stall' "$TMP/console.log"
}
