# Paths and helpers shared by the host side of the lab. Sourced by bash.
# shellcheck shell=bash

VM=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(cd "$VM/../.." && pwd)
OUT=$TOP/build/vm
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL=C.UTF-8

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 2
}

# The name under build/vm of a kernel given as a version or as a directory.
kernel_key() {
	case $1 in
	*/*) basename "$(readlink -f "$1")" ;;
	*) printf '%s\n' "$1" ;;
	esac
}

# Lines of a list file without comments.
list_file() {
	sed 's/#.*//; /^[[:space:]]*$/d' "$1"
}

# The place of a path below a root whose /bin, /sbin, /lib and /lib64 are
# links into /usr. An archive that held them as directories would replace the
# links when the kernel unpacks it.
guest_path() {
	case $1 in
	/bin/* | /sbin/* | /lib/* | /lib64/*) printf '/usr%s\n' "$1" ;;
	*) printf '%s\n' "$1" ;;
	esac
}

# put ROOT FILE [PATH]: copy a file into a root, following links.
put() {
	local to
	to=$1$(guest_path "${3:-$2}")
	mkdir -p "${to%/*}"
	cp -L --preserve=mode,timestamps "$2" "$to"
}

# Is the file a dynamically linked program or library?
is_elf() {
	[ "$(head -c 4 "$1" | od -An -tx1 | tr -d ' ')" = 7f454c46 ]
}

# put_libs ROOT FILE...: copy the libraries of programs, each to its own path.
# Libraries found below $GUEST_LIBS (unpacked, not installed) go to the
# ordinary library directory.
put_libs() {
	local root=$1 line name path to f
	shift
	for f in "$@"; do
		is_elf "$f" || continue
		while read -r line; do
			case $line in
			*"not found"*) die "$f needs a library the host lacks: $line" ;;
			*'=>'*) path=${line#*=> } ;;
			/*) path=$line ;;
			*) continue ;;
			esac
			path=${path%% (*}
			name=${path##*/}
			case $path in
			"$OUT"/*) to=/usr/lib/x86_64-linux-gnu/$name ;;
			*) to=$path ;;
			esac
			[ -e "$root$(guest_path "$to")" ] || put "$root" "$path" "$to"
		done < <(LD_LIBRARY_PATH=${GUEST_LIBS:-} ldd "$f" 2>/dev/null || true)
	done
}

# pack ROOT ARCHIVE: a cpio archive as the kernel unpacks it.
pack() {
	(cd "$1" && find . -mindepth 1 | LC_ALL=C sort |
		cpio --quiet -o -H newc -R 0:0) >"$2"
}
