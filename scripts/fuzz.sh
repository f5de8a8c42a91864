#!/usr/bin/env bash
# Runs every fuzzer for FUZZTIME, 20 seconds by default, as many at a time as there are
# processors, and fails if one found anything. What it found is then in testdata/fuzz
# beside the test, and belongs into the repository with the fix.
#
#   scripts/fuzz.sh                          all of them
#   FUZZTIME=10m scripts/fuzz.sh ./torch     those of a package
set -euo pipefail
cd "$(dirname "$0")/.."
go=${GO:-go}

if [ $# -eq 0 ]; then
	# shellcheck disable=SC2046 # a folder for each word
	set -- $(git grep -l '^func Fuzz' -- '*_test.go' | xargs -n1 dirname | sort -u | sed 's|^|./|')
fi

# A line for each fuzzer: its package and its name.
fuzzers=$("$go" test -list '^Fuzz' "$@" |
	awk '/^Fuzz/ {names[n++] = $1} $1 == "ok" {for (i = 0; i < n; i++) print $2, names[i]; n = 0}')

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# fuzz PACKAGE FUZZER runs one, and then says what it said.
fuzz() {
	local log=$logs/${1//\//.}.$2 status=0
	# Minimizing each input that is new would take most of the time.
	"$go" test -run '^$' -fuzz "^$2\$" -fuzztime "${FUZZTIME:-20s}" -fuzzminimizetime 20x -parallel 1 "$1" </dev/null >"$log" 2>&1 || status=1
	echo "== $1 $2"
	cat "$log"
	[[ $status != 0 ]] || return 0
	# On a busy machine Go may take the end of its time for an error; an input that fails
	# is written to a file, and said so.
	if grep -q '^ *context deadline exceeded$' "$log" && ! grep -q 'Failing input written' "$log"; then
		echo "== the time was up: $1 $2"
		return 0
	fi
	echo "== FAILED: $1 $2" >&2
	return 1
}
export -f fuzz
export go logs

# One for each processor at a time.
xargs -r -n 2 -P "$(getconf _NPROCESSORS_ONLN)" bash -c 'fuzz "$@"' fuzz <<<"$fuzzers"
