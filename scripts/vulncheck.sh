#!/usr/bin/env bash
# Looks for known weaknesses in the code of others that gotorch calls.
#
#   scripts/vulncheck.sh
#
# $VULNDB names another database than Go's own: an address, or a folder as file:///path.
set -euo pipefail
cd "$(dirname "$0")/.."
vulncheck=("${GO:-go}" run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ${VULNDB:+-db="$VULNDB"})

# It says when the database was changed, if it can read it.
about=$("${vulncheck[@]}" -version)
if ! grep -q '^DB updated' <<<"$about"; then
  echo "vulncheck: nothing was checked, as the database of weaknesses cannot be read: $(sed -n 's/^DB: //p' <<<"$about")" >&2
  echo "  run this where the network reaches it, or name a copy: make vulncheck VULNDB=file:///path/to/it" >&2
  exit 1
fi
exec "${vulncheck[@]}" ./...
