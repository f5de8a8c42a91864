"""Numbers, lists, dicts and tensors in forms that Go has not."""

import torch

CONFIG = {"width": 8, "rate": 0.1, "name": "tiny"}


def grow(items, item, seen=[]):
    items.append(item)
    seen.append(item)
    return len(seen)


def cells(a: int, b: int):
    return a // b, a % b, a ** 2


def windows(values, size, start):
    total = 0
    for i in range(0, len(values), size):
        total += sum(values[i:i + size])
    return total, values[-2:], values[start:], values[start - 1]


def find(values, wanted):
    for i, v in enumerate(values):
        if v == wanted:
            break
    else:
        i = -1
    return i


def pairs(n):
    counts = {"a": 1}
    for key in "abca":
        counts[key] = counts.get(key, 0) + n
    for key, count in counts.items():
        print(key, count)
    for key in (counts | {"z": 2}).keys():
        print(key)
    while (n := n - 1) > 0:
        counts["a"] += n
    return counts["a"]


def tensors(x, i):
    x[..., :2] += 1
    x[i] += 1
    first, *rest = x.chunk(2)
    return first, rest[0], x.max(1).values, x.std(0, unbiased=False)


def width(c, n=None):
    n = n or c["width"] // 2
    return n * c["rate"]


if __name__ == "__main__":
    items = [1, 2]
    print(grow(items, 3), grow(items, -4), len(items))
    quotient, remainder, square = cells(-7, 2)
    print(quotient, remainder, square, round(2.675, 2), 7 % -3, 0.1 + 0.2)
    total, last, rest, one = windows(items, 2, -1)
    print(total, last, rest, one)
    print(find(items, 3), find(items, 9), -4 in {1, -4})
    print(pairs(3))
    left, right, most, spread = tensors(torch.arange(8.0).view(2, 4), torch.tensor([0, 0, 1]))
    print(left, right, most, spread)
    print(width(CONFIG), width(CONFIG, 3), CONFIG["name"])
