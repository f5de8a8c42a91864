#!/usr/bin/env bash
# Runs every fuzzer for FUZZTIME, 20 seconds by default, one after the other, and
# fails if one found anything. What it found is then in testdata/fuzz beside the test,
# and belongs into the repository with the fix.
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

log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
while read -r package fuzzer; do
	echo "== $package $fuzzer"
	# Minimizing each input that is new would take most of the time.
	if "$go" test -run '^$' -fuzz "^$fuzzer\$" -fuzztime "${FUZZTIME:-20s}" -fuzzminimizetime 20x -parallel 1 "$package" </dev/null 2>&1 | tee "$log"; then
		continue
	fi
	# On a busy machine Go may take the end of its time for an error; an input that fails
	# is written to a file, and said so.
	if grep -q '^ *context deadline exceeded$' "$log" && ! grep -q 'Failing input written' "$log"; then
		echo "== the time was up: $package $fuzzer"
		continue
	fi
	echo "== FAILED: $package $fuzzer" >&2
	status=1
done <<<"$fuzzers"
exit $status
