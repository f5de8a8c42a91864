"""What programs are made of, beside modules."""

import argparse
from collections import Counter, deque, namedtuple

import torch
import torch.nn as nn

LAYERS = {"relu": nn.ReLU, "tanh": nn.Tanh}
MAKERS = {
    "sgd": (0.1, lambda params, lr: torch.optim.SGD(params, lr=lr)),
    "adam": (0.001, lambda params, lr: torch.optim.Adam(params, lr=lr)),
}
Point = namedtuple("Point", "name x")


class InputError(Exception):
    pass


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--layer", choices=LAYERS, default="relu", help="which one")
    parser.add_argument("--rate", type=float)
    parser.add_argument("-q", "--quiet", action="store_true")
    parser.add_argument("--no-shuffle", dest="shuffle", action="store_false")
    return parser.parse_args()


def halves(n):
    """Yields n, its half, and so on."""
    while n > 0:
        yield n, f"{n}"
        n //= 2


def number(text):
    try:
        return float(text)
    except ValueError as e:
        raise InputError(f"no number: {text!r}") from e


def make(args, name="sgd"):
    layer = LAYERS[args.layer]()
    model = nn.Sequential(nn.Linear(2, 2), layer)
    rate, maker = MAKERS[name]
    return maker(model.parameters(), args.rate or rate)


def main():
    args = parse()
    optimizer = make(args)
    points = []
    last = deque(maxlen=2)
    for n, text in halves(9):
        points.append(Point(text, n / 2))
        last.append(n)
    for p in sorted(points, key=lambda p: (-p.x, p.name)):
        print(p.name, p.x, p.x > 1)
    best = max(points, key=lambda p: p.x)
    *rest, first = points
    print(f"{best.name!r:>6} {best.x:,.1f} {len(rest)} {first} {list(last)}")
    print(Counter("abracadabra").most_common(2), any(p.x > 4 for p in points), args.rate, sep="; ")
    try:
        print(number("1.5"), number("x"))
    except InputError as e:
        print("error:", e)
    if not args.quiet:
        print("%s has %d groups" % (args.folder, len(optimizer.param_groups)))


if __name__ == "__main__":
    main()
