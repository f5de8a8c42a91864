# shellcheck shell=bash
# For scripts that test packages one after the other: keeps what each gave, for a table.

table=() failed=''

# tested LIBTORCH PACKAGE LOG VERDICT SECONDS keeps a row, from the log of go test -v, and
# prints what failed.
tested() {
  local verdict=$4
  table+=("$(printf '%-10s %-34s %-7s %6s %6s %7s  %s s' "$1" "$2" "$verdict" \
    "$(grep -c '^--- PASS' "$3" || true)" "$(grep -c '^--- FAIL' "$3" || true)" "$(grep -c '^--- SKIP' "$3" || true)" "$5")")
  [[ $verdict != ok ]] || return 0
  failed=yes
  grep -E -m 20 '^ *--- FAIL|^panic:|^fatal error:|^qemu' "$3" | cut -c 1-200 >&2 || tail -n 5 "$3" >&2
}

# print_table prints all rows, and fails if a verdict is not ok.
print_table() {
  printf '%-10s %-34s %-7s %6s %6s %7s  %s\n' libtorch package verdict passed failed skipped time
  printf '%s\n' "${table[@]}"
  [[ -z $failed ]]
}
