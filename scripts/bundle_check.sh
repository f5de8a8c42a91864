#!/usr/bin/env bash
# Makes a bundle of a small example and runs it where there is nothing but the C and C++
# runtimes: in an empty folder that is the root of the file system, without /proc or any
# environment, and with nothing in /dev but urandom, which seeds are taken from. As root it calls chroot, else it makes a user namespace first.
#
#   bundle_check.sh FOLDER     works in FOLDER, which it makes and removes
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$1
[[ ! -e $work ]] || { echo "bundle_check: $work is there already" >&2; exit 1; }
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root"

go build -o "$work/xor" ./examples/xor
go run ./cmd/gotorch bundle -o "$work/root/app" -with README.md "$work/xor"
go run ./cmd/gotorch bundle -o "$work/app.tar.gz" "$work/xor" >/dev/null
echo "archive    $(du -h "$work/app.tar.gz" | cut -f 1)"

# The runtimes, where they are here: the loader of this machine looks for them there.
for library in $(ldd "$work/root/app/xor" "$work/root/app/libtorch/lib/libtorch_cpu.so" | grep -o '/[^ ]*' | sort -u); do
  case ${library##*/} in
  libc.so.6 | libm.so.6 | libdl.so.2 | libpthread.so.0 | librt.so.1 | libutil.so.1 | libstdc++.so.6 | libgcc_s.so.1 | ld-linux-*) ;;
  *) continue ;;
  esac
  mkdir -p "$work/root${library%/*}"
  cp -L "$library" "$work/root$library"
done
mkdir "$work/root/dev"
head -c 4096 /dev/urandom >"$work/root/dev/urandom"
echo "the root has $(find "$work/root" -name app -prune -o -type f -printf '%P ')"

PATH=$PATH:/usr/sbin:/sbin
enter=("$(command -v chroot)")
if ((EUID != 0)); then enter=("$(command -v unshare)" --map-root-user "${enter[@]}"); fi
echo "runs env -i ${enter[*]} ROOT /app/xor"
env -i "${enter[@]}" "$work/root" /app/xor | tee "$work/said"
grep -qF '[false true true false]' "$work/said" || { echo "bundle_check: the bundle does not say what XOR is" >&2; exit 1; }

mkdir "$work/unpacked"
tar -C "$work/unpacked" -xzf "$work/app.tar.gz"
diff -r -x README.md "$work/root/app" "$work/unpacked/app"
echo "the archive holds the same"
