"""Golden cases for torch/utils/data and torch/vision/datasets:
torch/utils/data/testdata/data.json.

Orders are lists of indices. "after" is a number drawn from the generator in use at
the end: it is right only if as many random numbers were drawn before.
"""

import torch
from torch.utils.data import (BatchSampler, DataLoader, RandomSampler, SequentialSampler, SubsetRandomSampler,
                              TensorDataset, WeightedRandomSampler, random_split)
from torch.utils.data.distributed import DistributedSampler

from .tensors import encode

SEED = 5


def after(generator=None):
    return torch.randint(0, 1 << 40, (1,), generator=generator).item()


def order(sampler, epochs, generator=None):
    """Goes through a sampler, after the default generator was seeded."""
    torch.manual_seed(SEED)
    return {"orders": [list(sampler) for _ in range(epochs)], "len": len(sampler),
            "after": after(), "after_generator": None if generator is None else after(generator)}


def samplers():
    result = {}
    for own in [False, True]:
        for name, make in {
            "random": lambda g: RandomSampler(range(10), generator=g),
            "random 4": lambda g: RandomSampler(range(10), num_samples=4, generator=g),
            "random 25": lambda g: RandomSampler(range(10), num_samples=25, generator=g),
            "replacement": lambda g: RandomSampler(range(10), replacement=True, generator=g),
            "replacement 32": lambda g: RandomSampler(range(100), replacement=True, num_samples=32, generator=g),
            "replacement 70": lambda g: RandomSampler(range(100), replacement=True, num_samples=70, generator=g),
            "subset": lambda g: SubsetRandomSampler([3, 1, 4, 15, 9, 2, 6], generator=g),
            "weighted": lambda g: WeightedRandomSampler([0.1, 0.9, 0.4, 0.7, 3.0, 0.6], 9, generator=g),
            "weighted without replacement": lambda g: WeightedRandomSampler(
                [0.9, 0.4, 0.05, 0.2, 0.3, 0.1], 5, replacement=False, generator=g),
            "large": lambda g: RandomSampler(range(1000), num_samples=50, generator=g),
        }.items():
            generator = torch.Generator().manual_seed(7) if own else None
            result[name + (", own generator" if own else "")] = order(make(generator), 2, generator)
    result["batches"] = order(BatchSampler(SequentialSampler(range(10)), 4, False), 1)
    result["batches, drop last"] = order(BatchSampler(RandomSampler(range(10)), 4, True), 1)
    return result


def loaders():
    """A loader's batches of two tensors, in two epochs, and a number drawn in each body."""
    result = []
    x, y = torch.arange(30.).view(10, 3), torch.arange(10)
    for options in [{}, {"shuffle": True}, {"shuffle": True, "batch_size": 4},
                    {"shuffle": True, "batch_size": 4, "drop_last": True}, {"batch_size": 5}]:
        for own in [False, True]:
            for stop in [None, 2]:
                torch.manual_seed(SEED)
                generator = torch.Generator().manual_seed(7) if own else None
                loader = DataLoader(TensorDataset(x, y), generator=generator, **options)
                batches = []
                drawn = []
                for _ in range(2):
                    for i, (data, target) in enumerate(loader):
                        assert torch.equal(data, x[target])
                        batches.append(target.tolist())
                        drawn.append(after(generator))
                        if i + 1 == stop:
                            break
                result.append({"options": options, "own": own, "stop": stop or 0, "len": len(loader),
                               "batches": batches, "drawn": drawn, "after": after()})
    return result


def distributed():
    result = []
    for n, replicas in [(10, 2), (10, 3), (2, 5), (1, 4), (12, 4)]:
        for drop_last in [False, True]:
            for shuffle in [False, True]:
                orders = []
                for rank in range(replicas):
                    s = DistributedSampler(range(n), replicas, rank, shuffle=shuffle, seed=3, drop_last=drop_last)
                    s.set_epoch(2)
                    orders.append(list(s))
                    assert len(s) == len(orders[-1])
                result.append({"n": n, "replicas": replicas, "drop_last": drop_last, "shuffle": shuffle, "orders": orders})
    return result


def splits():
    result = []
    for n, lengths in [(10, [3, 7]), (10, [0, 10]), (30, [0.3, 0.3, 0.4]), (10, [0.15, 0.35, 0.5]),
                       (11, [0.7, 0.2, 0.1]), (7, [1.0]), (10, [0.33, 0.33, 0.34]), (1, [1, 0])]:
        for own in [False, True]:
            torch.manual_seed(SEED)
            generator = torch.Generator().manual_seed(7) if own else torch.default_generator
            parts = random_split(range(n), lengths, generator=generator)
            result.append({"n": n, "lengths": lengths, "own": own, "indices": [list(p.indices) for p in parts], "after": after()})
    return result


def fake():
    """torchvision's FakeData, without the way through PIL's images."""
    result = []
    for index, offset, size, classes in [(0, 0, (3, 4, 5), 10), (7, 100, (1, 2, 2), 3)]:
        generator = torch.Generator().manual_seed(index + offset)
        image = torch.randn(size, generator=generator)
        target = torch.randint(0, classes, (1,), generator=generator)[0]
        result.append({"index": index, "offset": offset, "size": size, "classes": classes,
                       "image": encode(image), "target": target.item()})
    return result


def cases():
    """Everything, as JSON's types."""
    return {"samplers": samplers(), "loaders": loaders(), "distributed": distributed(), "splits": splits(), "fake": fake()}
