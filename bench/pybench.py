"""Does one benchmark of the bench suite in Python and prints its result as one line of JSON."""

import argparse
import json
import pathlib
import resource
import sys
import time

import torch

sys.dont_write_bytecode = True  # models.py is among the sources

CALLS = 50_000
FLOATS = 1_000_000
EXAMPLES, FEATURES, BATCH = 60_000, 28 * 28, 64


def per_call(quick, n, f):
    """Seconds of one of the n calls that f makes: the median of several runs after one that does not count."""
    runs = 9
    if quick:
        runs, n = 3, max(n // 10, 1)
    f(n)
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        f(n)
        times.append((time.perf_counter() - start) / n)
    return sorted(times)[runs // 2]


def startup(quick):
    return 0, torch.ones(1).item()


def add(quick):
    a, b = torch.ones(4, 4), torch.ones(4, 4)

    def run(n):
        for _ in range(n):
            a + b

    return per_call(quick, CALLS, run), (a + b).sum().item()


def linear(quick):
    layer = torch.nn.Linear(16, 16)
    x = torch.ones(1, 16)

    def run(n):
        for _ in range(n):
            layer(x)

    with torch.no_grad():
        return per_call(quick, CALLS, run), layer(x).sum().item()


class Net(torch.nn.Module):
    def __init__(self, inputs, hidden, outputs):
        super().__init__()
        self.fc1 = torch.nn.Linear(inputs, hidden)
        self.fc2 = torch.nn.Linear(hidden, outputs)

    def forward(self, x):
        x = torch.flatten(x, 1)
        x = torch.relu(self.fc1(x))
        return self.fc2(x)


def smallnet(quick):
    net = Net(16, 32, 4)
    criterion = torch.nn.CrossEntropyLoss()
    x = torch.randn(8, 16)
    y = torch.randint(0, 4, (8,))

    def run(n):
        for _ in range(n):
            net.zero_grad()
            criterion(net(x), y).backward()

    return per_call(quick, CALLS // 25, run), criterion(net(x), y).item()


def training():
    data = torch.randn(EXAMPLES, FEATURES)
    labels = torch.randint(0, 10, (EXAMPLES,))
    net = Net(FEATURES, 128, 10)
    return data, labels, net, torch.nn.CrossEntropyLoss(), torch.optim.SGD(net.parameters(), lr=0.01)


def fullbatch(quick):
    data, labels, net, criterion, optimizer = training()
    start = time.perf_counter()
    for _ in range(2 if quick else 10):
        optimizer.zero_grad()
        outputs = net(data)
        loss = criterion(outputs, labels)
        loss.backward()
        optimizer.step()
        last = loss.item()
    return time.perf_counter() - start, last


def epoch(quick):
    data, labels, net, criterion, optimizer = training()
    n = EXAMPLES // 4 if quick else EXAMPLES
    start = time.perf_counter()
    order = torch.randperm(EXAMPLES)
    for i in range(0, n, BATCH):
        batch = order[i : i + BATCH]
        optimizer.zero_grad()
        outputs = net(data.index_select(0, batch))
        loss = criterion(outputs, labels.index_select(0, batch))
        loss.backward()
        optimizer.step()
    last = loss.item()
    return time.perf_counter() - start, last


def epoch_loader(quick):
    data, labels, net, criterion, optimizer = training()
    if quick:
        data, labels = data[: EXAMPLES // 4], labels[: EXAMPLES // 4]
    dataset = torch.utils.data.TensorDataset(data, labels)
    loader = torch.utils.data.DataLoader(dataset, batch_size=BATCH, shuffle=True)
    start = time.perf_counter()
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(net(inputs), targets)
        loss.backward()
        optimizer.step()
    last = loss.item()
    return time.perf_counter() - start, last


def numbers():
    import numpy

    return (numpy.arange(FLOATS) % 1000).astype(numpy.float32)


def from_slice(quick):
    data = numbers()

    def run(n):
        for _ in range(n):
            torch.from_numpy(data).clone()

    return per_call(quick, 100, run), torch.from_numpy(data).mean().item()


def to_slice(quick):
    x = torch.from_numpy(numbers())

    def run(n):
        for _ in range(n):
            x.numpy().copy()

    return per_call(quick, 100, run), float(x.numpy().copy()[-1])


def gpt(quick):
    import models

    model = models.draw(models.GPT())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    rows = torch.randint(0, models.VOCABULARY, (16, models.LENGTH + 1))
    x, y = rows[:, :-1], rows[:, 1:]

    def step():
        nonlocal last
        loss = torch.nn.functional.cross_entropy(model(x).flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        last = loss.item()

    def run(n):
        for _ in range(n):
            step()

    last = None
    step()  # as capturing does
    return per_call(quick, 3, run), last


def inference(quick, n, model, x):
    """Times a forward pass without gradients."""

    def run(n):
        for _ in range(n):
            model(x)

    with torch.no_grad():
        return per_call(quick, n, run), model(x).abs().sum().item()


def resnet18(quick):
    import models

    model = models.draw(models.resnet18()).eval()
    return inference(quick, 3, model, torch.randn(1, 3, 224, 224))


def encoder(quick):
    import models

    model = models.draw(models.encoder()).eval()
    return inference(quick, 50, model, torch.randn(1, 64, 256))


def exported(name):
    """The benchmark of a program that was exported."""

    def benchmark(quick):
        import models

        _, shape, n = models.EXPORTED[name]
        x = torch.randn(shape)
        return inference(quick, n, torch.export.load(pathlib.Path(args.exports, name + ".pt2")).module(), x)

    return benchmark


BENCHMARKS = {
    "startup": startup,
    "add": add,
    "linear": linear,
    "smallnet": smallnet,
    "fullbatch": fullbatch,
    "epoch": epoch,
    "epoch-loader": epoch_loader,
    "from-slice": from_slice,
    "to-slice": to_slice,
    "gpt": gpt,
    "resnet18": resnet18,
    "encoder": encoder,
    **{"pt2-" + name: exported(name) for name in ("mlp", "cnn", "gru", "resnet18", "vit")},
}


def main():
    global args
    parser = argparse.ArgumentParser()
    parser.add_argument("-name", choices=sorted(BENCHMARKS))
    parser.add_argument("-threads", type=int, default=1)
    parser.add_argument("-quick", action="store_true")
    parser.add_argument("-exports", help="the folder of the .pt2 files")
    parser.add_argument("-export", action="store_true", help="write these files and do nothing else")
    args = parser.parse_args()
    if args.export:
        import models

        models.export(args.exports)
        return
    if args.name != "startup":
        torch.set_num_threads(args.threads)
        torch.manual_seed(0)
    seconds, check = BENCHMARKS[args.name](args.quick)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    print(
        json.dumps(
            {
                "name": args.name,
                "seconds": seconds,
                "peak_rss_mb": peak,
                "torch": torch.__version__,
                "threads": torch.get_num_threads(),
                "check": check,
            }
        )
    )


if __name__ == "__main__":
    main()
