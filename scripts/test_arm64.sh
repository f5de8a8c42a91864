#!/usr/bin/env bash
# Runs tests on Linux arm64, which qemu emulates on this machine, and ends with a table.
# Test binaries and the shim are cross-compiled; libtorch is PyPI's for arm64. What
# arm64_left_out.txt lists, with the reason, does not run.
#
#   scripts/test_arm64.sh PACKAGE...
#
# It works in build/arm64, where the logs are left. Compilers and qemu come from apt.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/test_table.sh
go=${GO:-go}
triple=aarch64-linux-gnu
left_out=scripts/arm64_left_out.txt
work=$PWD/build/arm64
mkdir -p "$work"

install=(apt-get install -y --no-install-recommends "g++-$triple" libc6-dev-arm64-cross qemu-user-static)
if ! command -v "$triple-g++" >/dev/null || ! command -v qemu-aarch64-static >/dev/null; then
  if ((EUID != 0)); then
    echo "test_arm64: it takes a cross compiler and qemu; run: sudo ${install[*]}" >&2
    exit 1
  fi
  if ! "${install[@]}" >"$work/apt.log" 2>&1; then
    tail -n 5 "$work/apt.log" >&2
    echo "test_arm64: apt has no cross compiler or no qemu; run apt-get update, and this again" >&2
    exit 1
  fi
fi
install=(scripts/install_libtorch.sh --platform linux-aarch64 --cpu --prefix "$work/cache")
CXX=$triple-g++ "${install[@]}"
GOTORCH_LIBTORCH=$("${install[@]}" --print)
version=$(sed -n 's/^ *"version": "\(.*\)",/\1/p' "$GOTORCH_LIBTORCH/libtorch.json")
export GOTORCH_LIBTORCH GOOS=linux GOARCH=arm64 CGO_ENABLED=1 CC=$triple-gcc

# What programs see as the root: the libraries of arm64, and a processor of servers without SVE,
# whose vectors qemu would make of any length. qemu shows what is not there of this machine, and
# libraries that choose kernels by the maker crash on an x86 one.
root=$work/root
mkdir -p "$root/proc"
ln -sfn "/usr/$triple/lib" "$root/lib"
: >"$root/proc/cpuinfo"
for ((i = 0; i < $(getconf _NPROCESSORS_CONF); i++)); do
  mkdir -p "$root/sys/devices/system/cpu/cpu$i/regs/identification"
  echo 0x00000000413fd0c1 >"$root/sys/devices/system/cpu/cpu$i/regs/identification/midr_el1"
  cat >>"$root/proc/cpuinfo" <<END
processor	: $i
BogoMIPS	: 243.75
Features	: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp ssbs
CPU implementer	: 0x41
CPU architecture: 8
CPU variant	: 0x3
CPU part	: 0xd0c
CPU revision	: 1

END
done
qemu="qemu-aarch64-static -cpu neoverse-n1 -L $root"

# Tests that call a compiler want one for arm64.
mkdir -p "$work/bin"
for name in cc=gcc gcc=gcc c++=g++ g++=g++; do ln -sf "$(command -v "$triple-${name#*=}")" "$work/bin/${name%=*}"; done

# skipped PACKAGE prints an expression for the tests of it that are left out, or nothing.
skipped() { awk -F '\t' -v p="$1" '$1 == p { printf "%s%s", bar, $2; bar = "|" }' "$left_out"; }

begin=$SECONDS
while read -r package folder; do
  binary=$work/${package//\//-}.test log=$work/${package//\//-}.log skip=$(skipped "$package")
  [[ $skip != . ]] || continue
  rm -f "$binary"
  $go test -c -vet=off -o "$binary" "./$package"
  [[ -e $binary ]] || continue # it has no tests
  # Tests that start themselves start this, since the kernel knows nothing of qemu.
  # shellcheck disable=SC2016 # of the file's shell
  printf '#!/bin/sh\nexec %s -0 "$0" "%s" "$@"\n' "$qemu" "$binary" >"$binary.sh"
  chmod +x "$binary.sh"
  echo "==> $package"
  start=$SECONDS verdict=ok
  (cd "$folder" && PATH=$work/bin:$PATH "$binary.sh" -test.v -test.timeout 30m ${skip:+-test.skip "$skip"} </dev/null >"$log" 2>&1) || verdict=FAIL
  tested "$version" "$package" "$log" "$verdict" $((SECONDS - start))
done < <($go list -f '{{.ImportPath}} {{.Dir}}' "$@" | sed "s|^$($go list -m)/||")

echo
echo "Linux arm64, by $(qemu-aarch64-static --version | head -n 1), $(date -u +%F), $((SECONDS - begin)) s"
echo "left out:"
awk -F '\t' '!/^#/ { printf "  %s %s: %s\n", $1, ($2 == "." ? "(all)" : $2), $3 }' "$left_out"
print_table
