"""Reads numbers, with errors handled."""

import sys
import time

import torch


class DataError(Exception):
    pass


def parse_row(line):
    parts = line.split(",")
    if len(parts) != 3:
        raise DataError(f"want 3 columns, not {len(parts)}: {line!r}")
    try:
        return [float(p) for p in parts]
    except ValueError as e:
        raise DataError(f"not a number in {line!r}") from e


def read(lines):
    rows, bad = [], 0
    for number, line in enumerate(lines, start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        try:
            rows.append(parse_row(line))
        except DataError as error:
            bad += 1
            print(f"line {number}: {error}")
    return rows, bad


def mean_of(rows):
    if not rows:
        raise ValueError("no rows")
    return torch.tensor(rows).mean(dim=0)


def safe_divide(a, b):
    result = None
    try:
        if b == 0:
            raise ValueError("division by zero")
        result = a / b
    except ValueError as e:
        print(e)
    else:
        print("divided")
    finally:
        print("done with", a, b)
    return result


def main(argv):
    begin = time.time()
    lines = ["# x,y,z", "1,2,3", "4,5,6", "", "7,eight,9", "1,2", " 10,11,12 "]
    rows, bad = read(lines)
    print(len(rows), "rows,", bad, "bad")
    print("mean:", mean_of(rows).tolist())
    try:
        mean_of([])
    except ValueError as e:
        print("error:", e)
    print(safe_divide(1, 2), safe_divide(1, 0))
    limit = int(argv[1]) if len(argv) > 1 else 2
    for i, row in enumerate(rows):
        if i >= limit:
            break
        print(i, row)
    else:
        print("all rows were shown")
    elapsed = time.time() - begin
    if elapsed > 60:
        print("slow", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
