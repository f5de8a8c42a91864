#!/usr/bin/env bash
# Checks that gotorch compiles for macOS on arm64, on any machine: the shim, against the
# headers and the libraries of PyPI's wheel for macOS, and all Go packages with their C.
# zig, from PyPI, is the compiler. Nothing is run.
#
#   scripts/check_macos.sh
set -euo pipefail
cd "$(dirname "$0")/.."
go=${GO:-go} python=${PYTHON:-python3}
work=$PWD/build/macos
zig=ziglang==0.17.0
target=aarch64-macos.14.0

export ZIG_GLOBAL_CACHE_DIR=$work/zig-cache ZIG_LOCAL_CACHE_DIR=$work/zig-cache
if [[ $(cat "$work/ready" 2>/dev/null) != "$zig" ]]; then
  rm -rf "$work"
  "$python" -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --disable-pip-version-check "$zig"
  echo "$zig" >"$work/ready"
fi
compiler="$work/venv/bin/python -m ziglang"

echo "==> the shim, by $zig"
CXX="$compiler c++ -target $target" scripts/install_libtorch.sh --platform macos-arm64 --cpu --prefix "$work/libtorch"
echo "==> go vet"
# Prometheus' package takes a header of Apple's that zig lacks.
mkdir -p "$work/include/mach"
cat >"$work/include/mach/mach_vm.h" <<'END'
#include <mach/mach_types.h>
kern_return_t mach_vm_region(vm_map_read_t, mach_vm_address_t *, mach_vm_size_t *, vm_region_flavor_t, vm_region_info_t,
                             mach_msg_type_number_t *, mach_port_t *);
END
GOOS=darwin GOARCH=arm64 CGO_ENABLED=1 CC="$compiler cc -target $target -idirafter $work/include" $go vet ./...
echo "macOS arm64: the shim compiles and links against $(basename "$work"/libtorch/libtorch-*), and all packages and tests compile, with their C"
