#!/usr/bin/env bash
# Prints the notes of a release: its section of CHANGELOG.md, and what it was tested with.
#
#   scripts/release_notes.sh VERSION     such as v0.1.0, or Unreleased
set -euo pipefail
cd "$(dirname "$0")/.."
version=${1-}
[[ -n $version ]] || { echo "release_notes: name a version: make release-notes VERSION=v0.1.0" >&2; exit 2; }

changes=$(awk -v v="$version" '$1 == "##" { wanted = $2 == v; next } wanted' CHANGELOG.md)
if [[ -z $changes ]]; then
  echo "release_notes: CHANGELOG.md has no section \"## $version\"; a release renames \"## Unreleased\"" >&2
  exit 1
fi
installer() { sed -n "s/^\(.* \)\{0,1\}$1=\([0-9.]*\).*/\2/p" scripts/install_libtorch.sh | head -n 1; }

echo "# gotorch $version"
printf '%s\n' "$changes" | cat -s
echo
echo "## Versions"
echo
echo "Go $(awk '$1 == "go" { print $2 }' go.mod) or newer. \`gotorch install\` takes libtorch $(installer default_version); $(installer oldest) to $(installer newest) are tested."
echo
sed -n '/^| platform | state |$/,/^$/p' README.md
