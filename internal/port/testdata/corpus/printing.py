"""What Python prints for values of all kinds."""

import math
import sys

import torch

flag = True
count = 3
rate = 2.0
tiny = 1e-05
big = 1e16
name = "net"
nothing = None
numbers = [1, 2, 3]
floats = [0.5, 1.0, 2.5e-7]
words = ["a", "it's", 'say "x"', "tab\t"]
pair = (1, 2)
single = (7,)
mixed = ("x", 1, 2.5, True, None)
nested = [[1, 2], [3, 4]]
flags = [True, False]
table = {"lr": 0.1, "momentum": 1.0, "decay": 1e-05}
x = torch.arange(6, dtype=torch.float32).view(2, 3)

print(flag, count, rate, tiny, big, name, nothing)
print(numbers, floats, words)
print(pair, single, mixed)
print(nested, flags)
print(table)
print(x.shape, x.dtype, x.device, tuple(x.shape), list(x.shape), x.size(0))
print(f"{flag} {rate} {numbers} {pair} {x.shape}")
print(f"{flag!r} {name!r} {words[1]!r}")
print(f"{count=} {rate=} {name=}")
print(f"{x.mean():.4f} {x.sum().item()} {x.max().item():.1f}")
print(f"{1234567:,} {1234567.891:,.2f} {count:05d} {rate:8.3f}| {name:>8}|{name:<8}|{name:^8}|{name:*^9}")
print(f"{0.5:.1%} {255:x} {255:#x} {5:b} {12345.678:.3e} {0.0001:g} {100000.0:g}")
print("%d %5.2f %s %r %-5s|%5s|%05d %%" % (count, rate, name, name, name, name, count))
print("{} {:.2f} {!r} {0}".format(1, 2, "x") if False else "{0} {1:.2f} {2!r} {0}".format(1, 2, "x"))
print("a", "b", sep=", ", end="!\n")
print(1, 2, 3, sep="")
print("to stderr", file=sys.stderr)
print("flushed", flush=True)
print()
print(*numbers)
print(*words, sep="|")
print(math.inf, -math.inf, math.nan, -0.0)
print(1 / 3, 10 / 2, 7 // 2, 7 % 3, 2 ** 10, 2 ** 0.5)
print(str(rate) + " " + str(flag) + " " + str(numbers))
print("=" * 20)
print("{:<10}|{:>10}|{:^10}|".format("left", "right", "mid"))
print("{:>6.2f}".format(math.pi), "{:+d}".format(5), "{:e}".format(12345.0))
print(f"{'nested ' + name}: {max(numbers)} {sum(floats):.3f} {len(words)}")
print(x)
print("mean", x.mean())
print("list of tensors", [x[0], x[1]])
print((x[0], 1))
width = 12
print(f"{name:{width}}|{rate:{width}.2f}|{count:>{width}}")
print(min(3, 2), max(1.5, 2.0), abs(-3), round(2.567, 2), round(2.5), divmod(7, 3))
print(flag and count > 2, not flag, count == 3)
print(type(x).__name__, isinstance(count, int))
