#!/usr/bin/env bash
# Runs tests on several versions of libtorch, for the CPU, and ends with a table.
#
#   scripts/test_versions.sh "VERSION..." PACKAGE...
#
# Logs are left in build/versions. A libtorch that was not there before is removed after its
# tests, unless KEEP=yes. libtorch_pins.txt has the checksums; pin_libtorch.py prints those
# of a version that it lacks.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/test_table.sh
go=${GO:-go}
work=$PWD/build/versions
versions=$1
shift
mkdir -p "$work"

for version in $versions; do
  install=(scripts/install_libtorch.sh --version "$version" --cpu --source wheel --aside)
  folder=$("${install[@]}" --print)
  had=''
  [[ ! -e $folder/libtorch.json ]] || had=yes
  if ! "${install[@]}" >"$work/$version-install.log" 2>&1; then
    tested "$version" "(the shim)" "$work/$version-install.log" FAIL 0
    continue
  fi
  while read -r package; do
    log=$work/$version-${package//\//-}.log start=$SECONDS verdict=ok
    GOTORCH_LIBTORCH=$folder $go test -count=1 -v "./$package" </dev/null >"$log" 2>&1 || verdict=FAIL
    grep -q '\[no test files\]' "$log" || tested "$version" "$package" "$log" "$verdict" $((SECONDS - start))
  done < <($go list "$@" | sed "s|^$($go list -m)/||")
  [[ -n $had || ${KEEP-} == yes ]] || rm -rf "$folder"
done

echo
print_table
