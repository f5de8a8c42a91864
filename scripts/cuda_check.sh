#!/usr/bin/env bash
# Checks gotorch on this machine's GPU, in the folder that cuda_pack.sh made. It needs no
# network and no Go: a Python with a CUDA torch, 2.11 or newer, and a C++20 compiler.
#
#   ./cuda_check.sh [--cpu] [PYTHON]     PYTHON is python3 if it is not given
#
# --cpu goes through the same steps on the CPU, to try the folder where there is no GPU. It
# ends with one table within 8 minutes; what did not fit into them is listed as left out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
here=$PWD
device=cuda
if [[ ${1-} == --cpu ]]; then
  device=cpu
  shift
fi
python=${1:-python3}
end=$(($(date +%s) + 470))
left() { echo $((end - $(date +%s))); }
die() {
  printf 'cuda_check: %s\n' "$@" >&2
  exit 1
}

about=$("$python" -c '
import torch
gpu = torch.cuda.is_available()
print(torch.__version__.split("+")[0], torch.version.cuda, torch.cuda.get_device_name(0) if gpu else "", sep="\t")') ||
  die "$python has no torch; name another Python: ./cuda_check.sh PYTHON"
IFS=$'\t' read -r version cuda card <<<"$about"

if [[ $device == cuda && -z $card ]]; then
  echo "There is no GPU here that torch $version of $python (CUDA $cuda) can use, so nothing was run. On a machine with one this runs:"
  echo "  - the build of the shim, and of the library of CUDA's own functions, for that torch"
  sed 's|^|  - tests, with golden values on the GPU: |' packages.txt
  echo "  - a benchmark of operators and a training step, in Go and in Python on the same card"
  echo "  - a soak of the GPU's memory: 500 tensors of 64 MB that nobody closes"
  echo "It ends with one table, within 8 minutes. --cpu goes through the same steps on the CPU."
  exit 3
fi

mkdir -p logs
rows=()
row() { rows+=("$(printf '%-34s %-8s %s' "$1" "$2" "$3")"); }

echo "==> building the shim for torch $version"
install=(./install_libtorch.sh --prefix "$here/cache" --source python --python "$python" --shim-src "$here/shim")
"${install[@]}" >logs/install.log 2>&1 || { tail -n 5 logs/install.log >&2; die "the shim could not be built; see logs/install.log"; }
GOTORCH_LIBTORCH=$("${install[@]}" --print)
export GOTORCH_LIBTORCH
row "build of the shim" ok "torch $version"
if compgen -G "$GOTORCH_LIBTORCH/shim/*-cuda.so" >/dev/null; then
  row "build of CUDA's own functions" ok ""
else
  row "build of CUDA's own functions" missing "see logs/install.log"
fi

rm -rf tests
tar -xzf tests.tar.gz
[[ $device == cpu ]] || export GOTORCH_TEST_DEVICE=$device
while read -r package; do
  if (($(left) < 90)); then
    row "tests of $package" "left out" "no time"
    continue
  fi
  echo "==> tests of $package"
  log=$here/logs/${package//\//-}.log status=0
  (cd "tests/$package" && timeout $(($(left) - 60)) ./run.test -test.v -test.timeout 0 >"$log" 2>&1) || status=$?
  passed=$(grep -c '^--- PASS' "$log" || true) failed=$(grep -c '^--- FAIL' "$log" || true)
  verdict=ok
  ((status == 0)) || verdict=FAIL
  ((status != 124)) || verdict="cut off"
  row "tests of $package" "$verdict" "$passed passed, $failed failed"
done <packages.txt

echo "==> benchmark and soak"
unset GOTORCH_TEST_DEVICE
export GOTORCH_CUDA_CHECK=$device
(cd tests/torch/cuda && timeout 60 ./run.test -test.run 'TestCheck' >"$here/logs/check.log" 2>&1) || row "benchmark or soak" FAIL "see logs/check.log"
timeout 60 "$python" cuda_bench.py "$device" >logs/python.log 2>&1 || row "Python's benchmark" FAIL "see logs/python.log"
while read -r _ name ours; do
  theirs=$(awk -v n="$name" '$1 == "row" && $2 == n { print $3 }' logs/python.log)
  row "bench $name" "$(awk -v a="$ours" -v b="${theirs:-0}" 'BEGIN { if (b > 0) printf "%.2f", a / b; else print "?" }')" \
    "Go $ours us, Python ${theirs:-?} us"
done < <(grep '^row ' logs/check.log || true)
row "soak" "$(grep -q '^soak ' logs/check.log && echo ok || echo FAIL)" "$(sed -n 's/^soak //p' logs/check.log)"

echo
echo "gotorch on ${card:-the CPU}, torch $version, CUDA $cuda, $(date -u +%F), $((470 - $(left))) s"
printf '%s\n' "${rows[@]}"
! printf '%s\n' "${rows[@]}" | grep -q ' FAIL '
