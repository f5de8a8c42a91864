#!/usr/bin/env bash
# Makes a folder that checks gotorch on a machine with a GPU, which needs no network and no
# Go: test binaries, golden files, the shim's sources, and what builds and runs them there.
#
#   cuda_pack.sh FOLDER     makes FOLDER anew, of at most 60 MB
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=$1
go=${GO:-go}
# What is tested there, the quickest and most telling first.
packages=(cgotorch torch/cuda torch/accelerator internal/optest torch torch/nn/functional torch/nn torch/optim torch/backends torch/nn/attention)

rm -rf "$folder"
mkdir -p "$folder/tests" "$folder/shim"
cp scripts/cuda_check.sh scripts/cuda_bench.py scripts/install_libtorch.sh scripts/libtorch_pins.txt scripts/unpack_wheels.py "$folder"
cp cgotorch/shim/*.cc cgotorch/shim/*.h "$folder/shim"
for package in "${packages[@]}"; do
  echo "==> $package"
  mkdir -p "$folder/tests/$package"
  $go test -c -trimpath -ldflags="-s -w" -o "$folder/tests/$package/run.test" "./$package"
  [[ ! -d $package/testdata ]] || cp -r "$package/testdata" "$folder/tests/$package/"
  echo "$package" >>"$folder/packages.txt"
done
tar -C "$folder" -czf "$folder/tests.tar.gz" tests
rm -r "$folder/tests"
megabytes=$(du -sm "$folder" | cut -f 1)
echo "$folder: $megabytes MB; copy it to a machine with a GPU and run ./cuda_check.sh there"
((megabytes <= 60)) || { echo "cuda_pack: that is more than 60 MB" >&2; exit 1; }
